//! [`Mapped`] reads a mapped region. This file decides where the bits are copied to, and what happens after a failed
//! attempt.
//!
//! Small values stay in registers, and large ones are read straight to their place in the result ([`in_place`]).
//! Without optimisation neither works. Then there is one buffer and nothing else, since everything more would only make
//! the stack frame larger, by several values.

use core::convert::Infallible;
use core::mem::MaybeUninit;
use std::sync::Arc;

use crate::error::{Error, ReadValueError};
use crate::life::{Inspected, MappedRegion};
use crate::mapping::{BufferLayout, Buffers};
use crate::sys::Handle;
use crate::sys::process::Identity;
use crate::value::by_fields::{Plan, storage_of};
use crate::value::checks::{validated, validated_mut};
use crate::value::source::{Access, Attempts, Source};
use seqcopy::raw::__shm::in_place::{self, LONG, SeparateBuf};
use seqcopy::{Aligned8, AtomicPerByte, MaybeInvalid, ReadError, Validate, ValidateParts, Version};

/// The [`Source`] of regions that are mapped: read-only, but for that of a writer. See there.
///
/// ```
/// use seqcopy_shm::{Mapped, Region};
///
/// // The default: this is a `Region<Mapped>`.
/// fn bytes(region: &Region) -> Option<Vec<u8>> {
///     region.read_bytes().ok().map(|(bytes, _)| bytes)
/// }
/// # let _: fn(&Region<Mapped>) -> Option<Vec<u8>> = bytes;
/// ```
#[derive(Debug)]
pub struct Mapped {
    pub(crate) mapping: MappedRegion,
    pub(crate) file: Arc<Handle>,
    /// Whether this is the region of a writer, whose lock the file has. The system would answer such a file that there
    /// is no lock.
    pub(crate) is_held: bool,
}

impl Source for Mapped {
    type Answer<R> = R;

    #[inline(always)]
    fn answer<R>(result: Result<R, Infallible>) -> R {
        let Ok(answer) = result;
        answer
    }
}

/// How an attempt loads the bits of a value.
pub(crate) trait How<T>: Copy {
    /// Whether it is a single copy. Then a small value can stay in registers, and a large one is read straight to its
    /// destination.
    const IS_ONE_COPY: bool;

    /// Attempts one read. If it succeeds, every data byte of `buf` is written, and the count is returned.
    ///
    /// # Safety
    /// The buffers belong to a region that is read in this way, and their mapping is kept (I8 mapping).
    unsafe fn attempt(self, buffers: &Buffers, buf: &mut MaybeUninit<T>) -> Result<u64, ReadError>;

    /// Attempts once to load the bits of parts.
    ///
    /// # Safety
    /// The contract of [`attempt`](Self::attempt).
    unsafe fn load_parts<P: ValidateParts<T>>(self, buffers: &Buffers, parts: P) -> Result<P::Bits, ReadError>
    where
        T: Validate;
}

/// The region's schema is that of the type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own;

impl<T: Validate> How<T> for Own {
    const IS_ONE_COPY: bool = true;

    #[inline(always)]
    unsafe fn attempt(self, buffers: &Buffers, buf: &mut MaybeUninit<T>) -> Result<u64, ReadError> {
        same_contract!(buffers.attempt_into(buf))
    }

    #[inline(always)]
    unsafe fn load_parts<P: ValidateParts<T>>(self, buffers: &Buffers, parts: P) -> Result<P::Bits, ReadError> {
        let mut bits = parts.zeroed();
        let load = |at: *const u8| {
            // SAFETY: a buffer is aligned and as long as an `Aligned8<T>`, since the schema is that of `T`; it is the
            // system's initialised memory (I2 init, P4 uninit). Other processes access it by the same partition (I1
            // partition), because the schema is the same (P23 one-process).
            let buffer = unsafe { AtomicPerByte::<Aligned8<T>>::from_ptr(at.cast_mut().cast()) };
            parts.load_bits(buffer, &mut bits);
        };
        // The layout follows from the size and the alignment, which the schema determines.
        buffers.try_read(const { BufferLayout::for_type::<T>() }, load)?;
        Ok(bits)
    }
}

/// The plan converts from the region's type to this type.
impl<T> How<T> for &Plan {
    const IS_ONE_COPY: bool = false;

    #[inline(always)]
    unsafe fn attempt(self, buffers: &Buffers, buf: &mut MaybeUninit<T>) -> Result<u64, ReadError> {
        // SAFETY: this function's contract (I8 mapping); space for a value of the plan's own type (I4 private).
        unsafe { self.try_read(buffers, buf.as_mut_ptr().cast()) }
    }

    unsafe fn load_parts<P: ValidateParts<T>>(self, buffers: &Buffers, parts: P) -> Result<P::Bits, ReadError>
    where
        T: Validate,
    {
        // The storage from which parts are loaded. It is on the heap, since values may be too large for the stack.
        let mut copy = Box::<Aligned8<T>>::new_uninit();
        // SAFETY: its value lies at its start (P9 layout); borrowed exclusively (I4 private).
        let value = unsafe { &mut *copy.as_mut_ptr().cast::<MaybeUninit<T>>() };
        same_contract!(How::attempt(self, buffers, value))?;
        // SAFETY: every data byte is written (I6 maybe-invalid).
        let storage = storage_of(unsafe { MaybeInvalid::assume_written_ref(&copy) });
        let mut bits = parts.zeroed();
        parts.load_bits(&storage, &mut bits);
        Ok(bits)
    }
}

/// Whether a value is read straight to its place in the result.
const fn is_in_place<T, H: How<T>>(_: &H) -> bool {
    H::IS_ONE_COPY && size_of::<T>() >= LONG && !cfg!(debug_assertions)
}

impl Mapped {
    /// Makes further attempts after a first one has failed.
    #[cold]
    pub(crate) fn further_attempts<R>(
        &self,
        mut miss: ReadError,
        mut attempt: impl FnMut() -> Result<R, ReadValueError>,
    ) -> Result<R, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            self.retry(&mut attempts, miss)?;
            match attempt() {
                Err(ReadValueError::NoValue(again @ (ReadError::Busy | ReadError::Torn))) => miss = again,
                result => return result,
            }
        }
    }

    /// Waits before the next attempt. Fails if retrying can't help, or if the limit is reached.
    ///
    /// Inlined, so that the counter is passed by value and its address does not leave the caller.
    #[inline(always)]
    pub(crate) fn retry(&self, attempts: &mut Attempts, miss: ReadError) -> Result<(), ReadValueError> {
        *attempts = self.wait_or_give_up(*attempts, miss)?;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn wait_or_give_up(&self, attempts: Attempts, miss: ReadError) -> Result<Attempts, ReadValueError> {
        match miss {
            ReadError::Busy | ReadError::Torn => attempts.retry(miss, || Ok(self.mapping.is_left_open(&self.file))),
            _ => Err(self.mapping.explain(miss)),
        }
    }

    /// Makes the attempts after the first one. Not inlined, because in the caller's loop they would take registers from
    /// the first attempt.
    /// # Safety
    /// This region is read in this way.
    #[cold]
    unsafe fn load_with_retries<T: Validate>(
        &self,
        how: impl How<T>,
        buf: &mut MaybeUninit<T>,
        mut miss: ReadError,
    ) -> Result<Version, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            self.retry(&mut attempts, miss)?;
            // SAFETY: `self` keeps the map (I8 mapping); the rest is this function's contract.
            match unsafe { how.attempt(&self.mapping.buffers, buf) } {
                Ok(version) => return Ok(Version::from_bits(version)),
                Err(next) => miss = next,
            }
        }
    }
}

impl Access for Mapped {
    type Failure = Infallible;
    const IS_MAPPED: bool = true;

    fn from_file(file: Handle, inspected: Inspected) -> Result<Self, Error> {
        let mapping = MappedRegion::new(&file, inspected, false)?;
        Ok(Mapped { mapping, file: Arc::new(file), is_held: false })
    }

    fn file(&self) -> &Handle {
        &self.file
    }

    fn inspected(&self) -> &Inspected {
        &self.mapping.inspected
    }

    #[inline]
    fn version(&self) -> Result<Version, Infallible> {
        Ok(Version::from_bits(self.mapping.version()))
    }

    fn is_held(&self) -> bool {
        self.is_held
    }

    fn is_closed(&self) -> Result<bool, Infallible> {
        Ok(self.mapping.is_closed())
    }

    fn writer(&self) -> Result<(Identity, u64), Infallible> {
        let (identity, count) = self.mapping.map.writer();
        // If the pages of the region are lost, the record of its writers is lost, too. There was a writer.
        Ok((identity, if self.mapping.map.is_truncated() { 1 } else { count }))
    }

    fn read_bytes(&self) -> Result<(Vec<u8>, Version), ReadValueError> {
        let layout = self.inspected().schema.layout();
        let region = &self.inspected().header.layout;
        let mut bytes = vec![0; layout.size()];
        let mut attempts = Attempts::default();
        loop {
            // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), its memory initialised
            // (P4 uninit); regions have no pointers (`Schema::decode`). The vector is as long.
            let copy =
                |buffer: *const u8| unsafe { seqcopy::raw::load_by(layout, region.base(), buffer, bytes.as_mut_ptr()) };
            match self.mapping.buffers.try_read(region.buffer_layout, copy) {
                Ok(version) => return Ok((bytes, Version::from_bits(version))),
                Err(miss) => self.retry(&mut attempts, miss)?,
            }
        }
    }
}

/// Reads of a type. Some functions receive a closure that finds the mapping instead of a reference. Only failed
/// attempts call it, so other reads need not load the address.
impl Mapped {
    /// Attempts once to load the bits. If it succeeds, every data byte of `buf` is written.
    ///
    /// # Safety
    /// The region is read in this way, and `buffers` are the buffers of this mapping.
    #[inline(always)]
    pub(crate) unsafe fn attempt<'s, T: Validate>(
        source: impl Fn() -> &'s Self,
        buffers: Buffers,
        how: impl How<T>,
        buf: &mut MaybeUninit<T>,
    ) -> Result<Version, ReadValueError> {
        // SAFETY: the source keeps the map (I8 mapping); the rest is this function's contract.
        match unsafe { how.attempt(&buffers, buf) } {
            Ok(version) => Ok(Version::from_bits(version)),
            Err(miss) => Err(source().mapping.explain(miss)),
        }
    }

    /// Attempts to load the bits until an attempt succeeds or the limit is reached.
    ///
    /// # Safety
    /// The contract of [`attempt`](Self::attempt).
    #[inline(always)]
    pub(crate) unsafe fn read_bits<T: Validate>(
        &self,
        buffers: Buffers,
        how: impl How<T>,
        buf: &mut MaybeUninit<T>,
    ) -> Result<Version, ReadValueError> {
        // SAFETY: as in `attempt` (I8 mapping).
        match unsafe { how.attempt(&buffers, buf) } {
            Ok(version) => Ok(Version::from_bits(version)),
            Err(miss) => same_contract!(self.load_with_retries(how, buf, miss)),
        }
    }

    /// Attempts once to read a value.
    ///
    /// # Safety
    /// The contract of [`attempt`](Self::attempt).
    #[inline(always)]
    pub(crate) unsafe fn try_once<'s, T: Validate>(
        source: impl Fn() -> &'s Self,
        buffers: Buffers,
        how: impl How<T>,
    ) -> Result<T, ReadValueError> {
        if is_in_place(&how) {
            let source = source();
            let fill = move |buf: &mut MaybeUninit<T>| {
                same_contract!(Self::attempt(|| source, buffers, how, buf))?;
                // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
                unsafe { validated_mut(buf) }.map(drop)
            };
            // SAFETY: it was validated (P24 safety).
            return unsafe { in_place::read(fill, |value, ()| Ok(value), Err) };
        }
        let mut buf = MaybeUninit::uninit();
        same_contract!(Self::attempt(source, buffers, how, &mut buf))?;
        // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
        unsafe { validated(buf) }
    }

    /// Attempts reads until one succeeds, or `stops` returns a value, or there will be no value.
    ///
    /// # Safety
    /// The contract of [`attempt`](Self::attempt).
    #[inline]
    pub(crate) unsafe fn until<T: Validate, B>(
        buffers: Buffers,
        how: impl How<T>,
        mut stops: impl FnMut(ReadError) -> Option<Result<ReadValueError, B>>,
    ) -> Result<Result<T, ReadValueError>, B> {
        let mut fill = move |buf: &mut MaybeUninit<T>| loop {
            // SAFETY: as in `attempt` (I8 mapping).
            match unsafe { how.attempt(&buffers, buf) } {
                Ok(_) => return Ok(()),
                Err(miss) => {
                    if let Some(end) = stops(miss) {
                        return Err(end);
                    }
                }
            }
        };
        if is_in_place(&how) {
            let fill = move |buf: &mut MaybeUninit<T>| {
                fill(buf)?;
                // SAFETY: an attempt wrote every data byte (I6 maybe-invalid).
                unsafe { validated_mut(buf) }.map(drop).map_err(Ok)
            };
            // SAFETY: it was validated (P24 safety).
            return unsafe { in_place::read(fill, |value, ()| Ok(Ok(value)), |end| end.map(Err)) };
        }
        let mut buf = MaybeUninit::uninit();
        if let Err(end) = fill(&mut buf) {
            return end.map(Err);
        }
        // SAFETY: an attempt wrote every data byte (I6 maybe-invalid).
        Ok(unsafe { validated(buf) })
    }

    /// Reads a value, and calls `make` with it and its version.
    ///
    /// # Safety
    /// The contract of [`attempt`](Self::attempt).
    #[inline(always)]
    pub(crate) unsafe fn read_and<'s, T: Validate, R, H: How<T>>(
        source: impl Fn() -> &'s Self,
        buffers: Buffers,
        how: H,
        make: impl FnOnce(T, Version) -> R,
    ) -> Result<R, ReadValueError> {
        if cfg!(debug_assertions) || !H::IS_ONE_COPY {
            let mut buf = MaybeUninit::uninit();
            let version = same_contract!(source().read_bits(buffers, how, &mut buf))?;
            // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
            return Ok(make(unsafe { validated(buf) }?, version));
        }
        if is_in_place(&how) {
            let source = source();
            let fill = move |buf: &mut MaybeUninit<T>| {
                let version = same_contract!(source.read_bits(buffers, how, buf))?;
                // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
                unsafe { validated_mut(buf) }?;
                Ok(version)
            };
            // SAFETY: it was validated (P24 safety).
            return unsafe { in_place::read(fill, |value, version| Ok(make(value, version)), Err) };
        }
        // The address of `buf` does not leave this function, so that the compiler can keep it in registers.
        let mut buf = MaybeUninit::uninit();
        // SAFETY: as in `attempt` (I8 mapping).
        match unsafe { how.attempt(&buffers, &mut buf) } {
            // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
            Ok(version) => Ok(make(unsafe { validated(buf) }?, Version::from_bits(version))),
            Err(miss) => {
                let mut separate = SeparateBuf::uninit();
                let version = same_contract!(source().load_with_retries(how, &mut separate.buf, miss))?;
                // SAFETY: an attempt wrote every data byte (I6 maybe-invalid).
                Ok(make(unsafe { validated(separate.buf) }?, version))
            }
        }
    }
}
