//! Readers of regions whose type has other fields as well, or the same in other places.

use core::mem::MaybeUninit;
use std::path::Path;

use super::Reader;
use crate::error::{Error, ReadValueError};
use crate::life::OpenPolicy;
use crate::value::{Attempts, Payload, Plan, ValueOrSlice, storage_of, validated};
use seqcopy::{Aligned8, MaybeInvalid, ReadError, Validate, ValidateParts, Version};

impl<T: ValueOrSlice + ?Sized> Reader<T> {
    /// Opens a region whose type has every field of `T`, by name and with the same type, wherever it lies. So a program goes on when a field is
    /// added to the type of a region, or moved.
    ///
    /// * The fields of structs inside of `T` are found in the same way, and those of tuples by their position. Fields that `T` does not have are
    ///   ignored, and names of types are not compared. Arrays must be of the same length.
    /// * The variants of enums have the same tags by the same names, and their fields are found by name. A value of a variant that `T` does not
    ///   have is an [`InvalidValue`](seqcopy::InvalidValue) when it is read, which names the tag.
    /// * A field of `T` that the region does not have is an error, unless it has a default: `#[seqcopy(default)]` on the field for the
    ///   `Default` of its type, or `#[seqcopy(default = path)]` for what that function returns. So a program goes on that is newer than the
    ///   writer. The function is called when the region is opened.
    ///
    /// Every value is validated as a `T`. If the region's type is that of `T`, reads are those of [`open`](Self::open). Else a read
    /// copies field by field, as one attempt, and allocates for an enum whose variants have their fields in other places;
    /// [`read_part`](Self::read_part) copies the whole `T` then. [`reopen_if_removed`](Self::reopen_if_removed) follows to a region whose type
    /// has the fields, too.
    ///
    /// # Errors
    /// The first field of `T` that the region does not have, or has with another type. Otherwise as for [`open`](Self::open).
    ///
    /// ```
    /// use seqcopy::{SeqCopy, Validate};
    /// use seqcopy_shm::{self as shm, Reader, Writer};
    ///
    /// mod new {
    ///     #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
    ///     #[repr(C)]
    ///     pub struct Pose { pub frame: u32, pub at: [f64; 2], pub speed: f32 }
    /// }
    ///
    /// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct Pose { at: [f64; 2], #[seqcopy(default)] heading: f32 }
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-by-fields-{}", std::process::id()));
    /// let mut writer = Writer::<new::Pose>::create(&path)?;
    /// writer.write(new::Pose { frame: 7, at: [1.0, 2.0], speed: 0.5 }).unwrap();
    ///
    /// assert!(Reader::<Pose>::open(&path).is_err());
    /// let reader = Reader::<Pose>::open_by_fields(&path)?;
    /// assert_eq!(reader.read(), Ok(Pose { at: [1.0, 2.0], heading: 0.0 }));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_by_fields(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::open_by(path.as_ref(), OpenPolicy::default(), true)
    }
}

impl<T: Validate + 'static> Reader<T> {
    /// One attempt. If it succeeds, every data byte of `buf` is written.
    ///
    /// # Safety
    /// `plan` is this reader's.
    #[inline(always)]
    unsafe fn attempt_by(&self, plan: &Plan, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        // SAFETY: the plan was made for this region (`Matching::by_fields`), which keeps its map (I8 mapping), and for values of `T`, one of
        // which has space in the buffer (I4 private).
        unsafe { plan.try_read(&self.buffers, buf.as_mut_ptr().cast()) }.map(Version::from_bits)
    }

    /// Attempts until one succeeds or the bound is reached. Every data byte of `buf` is written then.
    ///
    /// # Safety
    /// The contract of [`attempt_by`](Self::attempt_by).
    #[inline]
    pub(super) unsafe fn load_by(&self, plan: &Plan, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError> {
        // SAFETY: the same contract.
        match unsafe { self.attempt_by(plan, buf) } {
            Ok(version) => Ok(version),
            // SAFETY: the same contract.
            Err(miss) => unsafe { self.load_again_by(plan, buf, miss) },
        }
    }

    /// The attempts after the first.
    ///
    /// # Safety
    /// The contract of [`attempt_by`](Self::attempt_by).
    #[cold]
    unsafe fn load_again_by(
        &self,
        plan: &Plan,
        buf: &mut MaybeUninit<T>,
        mut miss: ReadError,
    ) -> Result<Version, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            self.source().retry(&mut attempts, miss)?;
            // SAFETY: the same contract.
            match unsafe { self.attempt_by(plan, buf) } {
                Ok(version) => return Ok(version),
                Err(next) => miss = next,
            }
        }
    }

    /// One attempt. Every data byte of `buf` is written then.
    ///
    /// # Safety
    /// The contract of [`attempt_by`](Self::attempt_by).
    #[inline(never)]
    pub(super) unsafe fn try_load_by(&self, plan: &Plan, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError> {
        // SAFETY: the same contract (I8 mapping).
        unsafe { self.attempt_by(plan, buf) }.map_err(|miss| self.source().mapping.explain(miss))
    }

    /// What is made of a value and its version: here, so that a large value is not moved again.
    ///
    /// # Safety
    /// The contract of [`attempt_by`](Self::attempt_by).
    #[inline(never)]
    pub(super) unsafe fn read_by<R>(
        &self,
        plan: &Plan,
        make: impl FnOnce(T, Version) -> R,
    ) -> Result<R, ReadValueError> {
        let mut buf = MaybeUninit::uninit();
        // SAFETY: the same contract.
        let version = unsafe { self.load_by(plan, &mut buf) }?;
        // SAFETY: every data byte is written (I6 maybe-invalid).
        Ok(make(unsafe { validated(buf) }?, version))
    }

    /// One attempt at a value.
    ///
    /// # Safety
    /// The contract of [`attempt_by`](Self::attempt_by).
    #[inline(never)]
    pub(super) unsafe fn try_read_by(&self, plan: &Plan) -> Result<T, ReadValueError> {
        let mut buf = MaybeUninit::uninit();
        // SAFETY: the same contract (I8 mapping).
        unsafe { self.try_load_by(plan, &mut buf) }?;
        // SAFETY: every data byte is written (I6 maybe-invalid).
        unsafe { validated(buf) }
    }

    /// Attempts until one succeeds, or `stops` returns a value, or says why no value will come.
    ///
    /// # Safety
    /// The contract of [`attempt_by`](Self::attempt_by).
    #[inline(never)]
    pub(super) unsafe fn read_until_by<B>(
        &self,
        plan: &Plan,
        mut stops: impl FnMut(ReadError) -> Option<Result<ReadValueError, B>>,
    ) -> Result<Result<T, ReadValueError>, B> {
        let mut buf = MaybeUninit::uninit();
        loop {
            // SAFETY: the same contract (I8 mapping).
            match unsafe { self.attempt_by(plan, &mut buf) } {
                // SAFETY: every data byte is written (I6 maybe-invalid).
                Ok(_) => return Ok(unsafe { validated(buf) }),
                Err(miss) => {
                    if let Some(end) = stops(miss) {
                        return end.map(Err);
                    }
                }
            }
        }
    }

    /// One attempt at parts, of a copy of the whole value.
    ///
    /// # Safety
    /// The contract of [`attempt_by`](Self::attempt_by).
    #[inline(never)]
    pub(super) unsafe fn attempt_parts_by<P: ValidateParts<T>>(
        &self,
        plan: &Plan,
        parts: P,
    ) -> Result<P::Bits, ReadError> {
        // In the form that parts are loaded from. On the heap, since values may be too large for the stack.
        let mut copy = Box::<Aligned8<T>>::new_uninit();
        // SAFETY: its value lies at its start (P9 layout); borrowed exclusively (I4 private).
        let value = unsafe { &mut *copy.as_mut_ptr().cast::<MaybeUninit<T>>() };
        // SAFETY: the same contract (I8 mapping).
        unsafe { self.attempt_by(plan, value) }?;
        // SAFETY: every data byte is written (I6 maybe-invalid).
        let storage = storage_of(unsafe { MaybeInvalid::assume_written_ref(&copy) });
        let mut bits = parts.zeroed();
        parts.load_bits(&storage, &mut bits);
        Ok(bits)
    }
}
