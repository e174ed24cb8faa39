//! The attempts of a [`Reader`]: where the bits go, and what happens after one that failed.
//!
//! Small values stay in registers, large ones are read to where they will be in the result ([`in_place`]). Without optimisation neither
//! comes off: then there is one buffer and nothing else, since all the rest would only make the frame larger, by several values.

use core::mem::MaybeUninit;

use super::super::attempts::Attempts;
use super::super::buffers::Buffers;
use super::super::checks::{validated, validated_mut};
use super::{ReadValueError, Reader, Region};
use seqcopy::in_place::{self, Apart, LONG};
use seqcopy::{ReadError, Validate, Version};

/// Whether a value is read to its place in the result.
const fn is_in_place<T>() -> bool {
    size_of::<T>() >= LONG && !cfg!(debug_assertions)
}

impl<T: Validate + 'static> Reader<T> {
    /// One attempt at the bits.
    #[inline(always)]
    pub(super) fn attempt(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        // SAFETY: the region keeps the map (I8 mapping), and its schema is that of `T`: checked before `over`.
        unsafe { self.buffers.load(buf) }.map(Version::from_bits)
    }

    /// Attempts until one succeeds or the bound is reached.
    #[inline]
    pub(super) fn load(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError> {
        // SAFETY: the region keeps the map (I8 mapping), and its schema is that of `T`, as in `attempt`.
        unsafe { load(self.buffers, &self.region, buf) }
    }

    /// One attempt at a value.
    #[inline(always)]
    pub(super) fn try_once(&self) -> Result<T, ReadValueError> {
        if is_in_place::<T>() {
            let (buffers, region) = (self.buffers, &*self.region);
            let fill = move |buf: &mut MaybeUninit<T>| {
                // SAFETY: the region keeps the map (I8 mapping), and its schema is that of `T`, as in `attempt`.
                unsafe { buffers.load(buf) }.map_err(|miss| region.mapped.explain(miss))?;
                // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
                unsafe { validated_mut(buf) }.map(drop)
            };
            // SAFETY: it was validated (P24 safety).
            return unsafe { in_place::read(fill, |value, ()| Ok(value), Err) };
        }
        let mut buf = MaybeUninit::uninit();
        match self.attempt(&mut buf) {
            // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
            Ok(_) => unsafe { validated(buf) },
            Err(miss) => Err(self.region.mapped.explain(miss)),
        }
    }

    /// Attempts until one succeeds, or `stops` returns a value.
    #[inline]
    pub(super) fn until<B>(
        &self,
        mut stops: impl FnMut(ReadError) -> Option<B>,
    ) -> Result<Result<T, ReadValueError>, B> {
        let buffers = self.buffers;
        let mut fill = move |buf: &mut MaybeUninit<T>| loop {
            // SAFETY: the region keeps the map (I8 mapping), and its schema is that of `T`, as in `attempt`.
            match unsafe { buffers.load(buf) } {
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

    /// What is made of the value and its version.
    #[inline(always)]
    pub(super) fn read_and<R>(&self, make: impl FnOnce(T, Version) -> R) -> Result<R, ReadValueError> {
        if cfg!(debug_assertions) {
            let mut buf = MaybeUninit::uninit();
            let version = self.load(&mut buf)?;
            // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
            return Ok(make(unsafe { validated(buf) }?, version));
        }
        if is_in_place::<T>() {
            let (buffers, region) = (self.buffers, &*self.region);
            let fill = move |buf: &mut MaybeUninit<T>| {
                // SAFETY: the region keeps the map (I8 mapping), and its schema is that of `T`, as in `attempt`.
                let version = unsafe { load(buffers, region, buf) }?;
                // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
                unsafe { validated_mut(buf) }?;
                Ok(version)
            };
            // SAFETY: it was validated (P24 safety).
            return unsafe { in_place::read(fill, |value, version| Ok(make(value, version)), Err) };
        }
        // The address of `buf` does not leave this function, so that the compiler can keep it in registers.
        let mut buf = MaybeUninit::uninit();
        match self.attempt(&mut buf) {
            // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
            Ok(version) => Ok(make(unsafe { validated(buf) }?, version)),
            Err(miss) => {
                let mut apart = Apart::uninit();
                // SAFETY: the region's schema is that of `T`, as in `attempt` (I8 mapping).
                let version = unsafe { load_with_retries(&self.region, &mut apart.buf, miss) }?;
                // SAFETY: an attempt wrote every data byte (I6 maybe-invalid).
                Ok(make(unsafe { validated(apart.buf) }?, version))
            }
        }
    }
}

/// As [`Reader::load`].
///
/// # Safety
/// The buffers are those of the region, whose schema is that of `T`.
#[inline(always)]
unsafe fn load<T: Validate>(
    buffers: Buffers,
    region: &Region,
    buf: &mut MaybeUninit<T>,
) -> Result<Version, ReadValueError> {
    // SAFETY: the region keeps the map (I8 mapping); the rest is this function's contract.
    match unsafe { buffers.load(buf) } {
        Ok(version) => Ok(Version::from_bits(version)),
        // SAFETY: the same contract.
        Err(miss) => unsafe { load_with_retries(region, buf, miss) },
    }
}

/// The attempts after the first. Not inlined, because in the caller's loop they would take registers from the first.
///
/// # Safety
/// The region's schema is that of `T`.
#[cold]
unsafe fn load_with_retries<T: Validate>(
    region: &Region,
    buf: &mut MaybeUninit<T>,
    mut miss: ReadError,
) -> Result<Version, ReadValueError> {
    let mut attempts = Attempts::default();
    loop {
        region.again(&mut attempts, miss)?;
        // SAFETY: the region keeps the map (I8 mapping); the rest is this function's contract.
        match unsafe { region.mapped.buffers.load(buf) } {
            Ok(version) => return Ok(Version::from_bits(version)),
            Err(next) => miss = next,
        }
    }
}
