//! [`Mapped`]: reads of a mapping: where the bits go, and what happens after an attempt that failed.
//!
//! Small values stay in registers, large ones are read to where they will be in the result ([`in_place`]). Without optimisation neither
//! comes off: then there is one buffer and nothing else, since all the rest would only make the frame larger, by several values.

use core::convert::Infallible;
use core::mem::MaybeUninit;
use core::ops::Range;
use std::os::fd::OwnedFd;

use super::super::attempts::Attempts;
use super::super::buffers::Buffers;
use super::super::checks::{validated, validated_mut};
use super::super::inspect::Inspected;
use super::super::mapping::Mapping;
use super::super::process::Identity;
use super::super::slice::{NoElements, SliceLayout, Wanted};
use super::super::{Error, ReadValueError};
use super::{Access, Source};
use seqcopy::in_place::{self, Apart, LONG};
use seqcopy::{ReadError, Validate, Version};

/// The [`Source`] of regions that are mapped, read-only. See there.
///
/// ```
/// use seqcopy_shm::{Mapped, Reader};
///
/// // The default: this is a `Reader<u64, Mapped>`.
/// fn latest(reader: &Reader<u64>) -> Option<u64> {
///     reader.read().ok()
/// }
/// # let _: fn(&Reader<u64, Mapped>) -> Option<u64> = latest;
/// ```
#[derive(Debug)]
pub struct Mapped {
    pub(crate) mapping: Mapping,
    file: OwnedFd,
}

impl Source for Mapped {
    type Answer<R> = R;

    #[inline(always)]
    fn answer<R>(result: Result<R, Infallible>) -> R {
        let Ok(answer) = result;
        answer
    }
}

/// Whether a value is read to its place in the result.
const fn is_in_place<T>() -> bool {
    size_of::<T>() >= LONG && !cfg!(debug_assertions)
}

impl Mapped {
    /// Waits before the next attempt, or fails if retrying can't help or the bound is reached.
    ///
    /// Inlined, so that the counter is passed by value and its address does not leave the caller.
    #[inline(always)]
    pub(crate) fn again(&self, attempts: &mut Attempts, miss: ReadError) -> Result<(), ReadValueError> {
        *attempts = self.wait_or_give_up(*attempts, miss)?;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn wait_or_give_up(&self, attempts: Attempts, miss: ReadError) -> Result<Attempts, ReadValueError> {
        match miss {
            ReadError::Busy | ReadError::Torn => attempts.again(miss, || Ok(self.mapping.is_left_open(&self.file))),
            _ => Err(self.mapping.explain(miss)),
        }
    }

    /// The attempts after the first. Not inlined, because in the caller's loop they would take registers from the first.
    ///
    /// # Safety
    /// The region's schema is that of `T`.
    #[cold]
    unsafe fn load_with_retries<T: Validate>(
        &self,
        buf: &mut MaybeUninit<T>,
        mut miss: ReadError,
    ) -> Result<Version, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            self.again(&mut attempts, miss)?;
            // SAFETY: `self` keeps the map (I8 mapping); the rest is this function's contract.
            match unsafe { self.mapping.buffers.load(buf) } {
                Ok(version) => return Ok(Version::from_bits(version)),
                Err(next) => miss = next,
            }
        }
    }
}

impl Access for Mapped {
    type Failure = Infallible;
    type Miss = ReadError;
    /// A copy of the mapping's. Neither it nor the reader is passed by reference to a function that is not inlined, so it can stay in
    /// registers while values are read in a loop.
    type Near = Buffers;

    fn of(file: OwnedFd, inspected: Inspected) -> Result<Self, Error> {
        Ok(Mapped { mapping: Mapping::new(&file, inspected, false)?, file })
    }

    fn file(&self) -> &OwnedFd {
        &self.file
    }

    fn inspected(&self) -> &Inspected {
        &self.mapping.inspected
    }

    #[inline]
    fn version(&self) -> Result<Version, Infallible> {
        Ok(Version::from_bits(self.mapping.version()))
    }

    fn is_closed(&self) -> Result<bool, Infallible> {
        Ok(self.mapping.is_closed())
    }

    fn writer(&self) -> Result<(Identity, u64), Infallible> {
        Ok(self.mapping.map.writer())
    }

    fn read_bytes(&self) -> Result<(Vec<u8>, Version), ReadValueError> {
        let layout = self.inspected().schema.layout();
        let region = &self.inspected().header.layout;
        let mut bytes = vec![0; layout.size()];
        let mut attempts = Attempts::default();
        loop {
            // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), its memory initialised (P4 uninit);
            // regions have no pointers (`Schema::decode`). The vector is as long.
            let copy =
                |buffer: *const u8| unsafe { seqcopy::raw::load_by(layout, region.base(), buffer, bytes.as_mut_ptr()) };
            // SAFETY: `self` keeps the map (I8 mapping), and the buffer layout is its own.
            match unsafe { self.mapping.buffers.try_read(region.buffer_layout, copy) } {
                Ok(version) => return Ok((bytes, Version::from_bits(version))),
                Err(miss) => self.again(&mut attempts, miss)?,
            }
        }
    }

    fn near(&self) -> Buffers {
        self.mapping.buffers
    }

    #[inline(always)]
    unsafe fn attempt<'s, T: Validate>(
        source: impl Fn() -> &'s Self,
        near: Buffers,
        buf: &mut MaybeUninit<T>,
    ) -> Result<Version, ReadValueError> {
        // SAFETY: the source keeps the map (I8 mapping); the rest is this function's contract.
        match unsafe { near.load(buf) } {
            Ok(version) => Ok(Version::from_bits(version)),
            Err(miss) => Err(source().mapping.explain(miss)),
        }
    }

    #[inline(always)]
    unsafe fn load<T: Validate>(&self, near: Buffers, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError> {
        // SAFETY: as in `attempt` (I8 mapping).
        match unsafe { near.load(buf) } {
            Ok(version) => Ok(Version::from_bits(version)),
            // SAFETY: the same contract.
            Err(miss) => unsafe { self.load_with_retries(buf, miss) },
        }
    }

    #[inline(always)]
    unsafe fn try_once<'s, T: Validate>(source: impl Fn() -> &'s Self, near: Buffers) -> Result<T, ReadValueError> {
        if is_in_place::<T>() {
            let source = source();
            let fill = move |buf: &mut MaybeUninit<T>| {
                // SAFETY: the same contract.
                unsafe { Self::attempt(|| source, near, buf) }?;
                // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
                unsafe { validated_mut(buf) }.map(drop)
            };
            // SAFETY: it was validated (P24 safety).
            return unsafe { in_place::read(fill, |value, ()| Ok(value), Err) };
        }
        let mut buf = MaybeUninit::uninit();
        // SAFETY: the same contract.
        unsafe { Self::attempt(source, near, &mut buf) }?;
        // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
        unsafe { validated(buf) }
    }

    #[inline]
    unsafe fn until<T: Validate, B>(
        &self,
        near: Buffers,
        mut stops: impl FnMut(ReadError) -> Option<B>,
    ) -> Result<Result<T, ReadValueError>, B> {
        let mut fill = move |buf: &mut MaybeUninit<T>| loop {
            // SAFETY: as in `attempt` (I8 mapping).
            match unsafe { near.load(buf) } {
                Ok(_) => return Ok(()),
                Err(miss) => {
                    if let Some(value) = stops(miss) {
                        return Err(value);
                    }
                }
            }
        };
        if is_in_place::<T>() {
            let fill = move |buf: &mut MaybeUninit<T>| {
                fill(buf).map_err(Err)?;
                // SAFETY: an attempt wrote every data byte (I6 maybe-invalid).
                unsafe { validated_mut(buf) }.map(drop).map_err(Ok)
            };
            // SAFETY: it was validated (P24 safety).
            return unsafe { in_place::read(fill, |value, ()| Ok(Ok(value)), |end| end.map(Err)) };
        }
        let mut buf = MaybeUninit::uninit();
        fill(&mut buf)?;
        // SAFETY: an attempt wrote every data byte (I6 maybe-invalid).
        Ok(unsafe { validated(buf) })
    }

    #[inline(always)]
    unsafe fn read_and<'s, T: Validate, R>(
        source: impl Fn() -> &'s Self,
        near: Buffers,
        make: impl FnOnce(T, Version) -> R,
    ) -> Result<R, ReadValueError> {
        if cfg!(debug_assertions) {
            let mut buf = MaybeUninit::uninit();
            // SAFETY: the same contract.
            let version = unsafe { source().load(near, &mut buf) }?;
            // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
            return Ok(make(unsafe { validated(buf) }?, version));
        }
        if is_in_place::<T>() {
            let source = source();
            let fill = move |buf: &mut MaybeUninit<T>| {
                // SAFETY: the same contract.
                let version = unsafe { source.load(near, buf) }?;
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
        match unsafe { near.load(&mut buf) } {
            // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
            Ok(version) => Ok(make(unsafe { validated(buf) }?, Version::from_bits(version))),
            Err(miss) => {
                let mut apart = Apart::uninit();
                // SAFETY: the same contract.
                let version = unsafe { source().load_with_retries(&mut apart.buf, miss) }?;
                // SAFETY: an attempt wrote every data byte (I6 maybe-invalid).
                Ok(make(unsafe { validated(apart.buf) }?, version))
            }
        }
    }

    #[inline(always)]
    unsafe fn attempt_elements<T: Validate>(
        &self,
        near: Buffers,
        slice: &SliceLayout<T>,
        wanted: impl FnOnce(usize) -> Wanted<T>,
    ) -> Result<(Range<usize>, Version), NoElements<ReadError>> {
        let mut range = Ok(0..0);
        // SAFETY: a buffer of the region of `slice`; `wanted` returns what this function's contract demands.
        let copy = |buffer: *const u8| range = unsafe { slice.load(buffer, wanted) };
        // SAFETY: the source keeps the map (I8 mapping), and the buffer layout is its own.
        match unsafe { near.try_read(slice.buffer_layout, copy) } {
            Ok(version) => Ok((range.map_err(NoElements::Length)?, Version::from_bits(version))),
            Err(miss) => Err(NoElements::Miss(miss)),
        }
    }

    fn explain(&self, miss: ReadError) -> ReadValueError {
        self.mapping.explain(miss)
    }

    fn pause(&self, attempts: &mut Attempts, miss: ReadError) -> Result<(), ReadValueError> {
        self.again(attempts, miss)
    }
}
