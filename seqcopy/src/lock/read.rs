//! How a lock is read: attempts, and the wait between two of them. The functions are generic over [`Protocol`], so they
//! serve both locks.
//!
//! A read makes one attempt in the caller's code. If that fails, the loop with further attempts is in a function of its
//! own, marked cold. Values from [`LARGE`] bytes on are read by a function that is never inlined, straight to the place
//! of the caller's result.

use core::mem::MaybeUninit;
use core::ops::ControlFlow;

use super::{Algorithm, Lock, Protocol, Version};
use crate::copy::in_place::{self, SeparateBuf};
use crate::copy::{BY_TABLE, LARGE};
use crate::primitive::{Backoff, spin_loop};
use crate::seq_count::ReadError;

/// A failed attempt at a read, passed to the retry policy of `read_with`.
///
/// ```
/// use core::ops::ControlFlow;
/// use seqcopy::{Attempt, SeqLock};
///
/// let lock = SeqLock::new(1);
/// let limit = |attempt: Attempt| if attempt.number < 100 { ControlFlow::Continue(()) } else { ControlFlow::Break(attempt.error) };
/// assert_eq!(lock.read_with(limit), Ok(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The number of failed attempts so far: 1 after the first.
    pub number: u32,
    /// Why this attempt failed.
    pub error: ReadError,
}

impl Attempt {
    /// An attempt with this number, for your own protocols that accept such policies.
    ///
    /// ```
    /// # use seqcopy::{Attempt, ReadError};
    /// assert_eq!(Attempt::new(1, ReadError::Torn).number, 1);
    /// ```
    #[must_use]
    pub const fn new(number: u32, error: ReadError) -> Self {
        Attempt { number, error }
    }
}

/// Waits between two attempts at a read.
#[inline(always)]
pub(super) fn back_off<L: Lock>(backoff: &mut Backoff) {
    if L::Algorithm::SPINS { spin_loop() } else { backoff.snooze() }
}

/// Reads until an attempt succeeds. Usually the first one does, so the loop with further attempts is out of line.
#[inline]
pub(crate) fn read_into<'a, T, L: Protocol<T>>(lock: &L, buf: &'a mut MaybeUninit<T>) -> (&'a mut T, Version) {
    let version = fill(lock, buf);
    // SAFETY: an attempt succeeded (I7 checked).
    (unsafe { buf.assume_init_mut() }, version)
}

#[inline(always)]
fn fill<T, L: Protocol<T>>(lock: &L, buf: &mut MaybeUninit<T>) -> Version {
    match lock.attempt_into(buf) {
        Ok(version) => version,
        Err(_) => read_contended(lock, buf),
    }
}

#[cold]
fn read_contended<T, L: Protocol<T>>(lock: &L, buf: &mut MaybeUninit<T>) -> Version {
    let mut backoff = Backoff::default();
    loop {
        back_off::<L>(&mut backoff);
        if let Ok(version) = lock.attempt_into(buf) {
            return version;
        }
    }
}

/// Reads a value and returns it. The buffer of a small value is only passed to inlined functions, so the compiler can
/// keep the value in registers, or write it straight to its destination. Further attempts are out of line, with a
/// buffer of their own ([`SeparateBuf`]).
#[inline]
pub(crate) fn read<T, L: Protocol<T>>(lock: &L) -> T {
    if BY_TABLE {
        // Without optimisation there is nothing to keep in registers, and this is the least code.
        let mut buf = MaybeUninit::uninit();
        fill(lock, &mut buf);
        // SAFETY: an attempt succeeded (I7 checked).
        return unsafe { buf.assume_init() };
    }
    if size_of::<T>() >= LARGE {
        let mut buf = MaybeUninit::uninit();
        read_large(lock, &mut buf);
        // SAFETY: it returned, so an attempt succeeded (I7 checked).
        return unsafe { buf.assume_init() };
    }
    let mut buf = MaybeUninit::uninit();
    if lock.attempt_by_value(&mut buf).is_ok() {
        // SAFETY: the attempt succeeded (I7 checked).
        return unsafe { buf.assume_init() };
    }
    let mut separate = SeparateBuf::uninit();
    read_contended(lock, &mut separate.buf);
    // SAFETY: it returned, so an attempt succeeded (I7 checked).
    unsafe { separate.buf.assume_init() }
}

/// Reads a large value until an attempt succeeds. The caller returns `buf` as its result.
///
/// This function is never inlined, and nothing else touches the buffer before it holds the value. So the compiler
/// passes the place of the caller's result, and no copy is made (LLVM calls this call slot optimisation). `ci/asm.sh`
/// checks it.
#[inline(never)]
fn read_large<T, L: Protocol<T>>(lock: &L, buf: &mut MaybeUninit<T>) -> Version {
    let mut backoff = Backoff::default();
    loop {
        if let Ok(version) = lock.attempt_into(buf) {
            return version;
        }
        back_off::<L>(&mut backoff);
    }
}

/// Reads over an existing value. Nothing here unwinds: an attempt has no known panic, and a panic in one would end the
/// process.
#[inline]
pub(crate) fn read_to<T, L: Protocol<T>>(lock: &L, dst: &mut T) {
    // SAFETY: `fill` returns when an attempt has succeeded (I7 checked).
    unsafe { in_place::over(dst, |buf| fill(lock, buf)) };
}

/// Reads a value and its version. [`read`] does not call it, because moving a large value out of a tuple would copy it
/// again.
#[inline]
pub(crate) fn read_versioned<T, L: Protocol<T>>(lock: &L) -> (T, Version) {
    if BY_TABLE {
        let mut buf = MaybeUninit::uninit();
        let version = fill(lock, &mut buf);
        // SAFETY: an attempt succeeded (I7 checked).
        return (unsafe { buf.assume_init() }, version);
    }
    if size_of::<T>() >= LARGE {
        let mut buf = MaybeUninit::uninit();
        let version = read_large(lock, &mut buf);
        // SAFETY: it returned, so an attempt succeeded (I7 checked).
        return (unsafe { buf.assume_init() }, version);
    }
    // The first attempt by value: see `read`.
    let mut buf = MaybeUninit::uninit();
    if let Ok(version) = lock.attempt_by_value(&mut buf) {
        // SAFETY: the attempt succeeded (I7 checked).
        return (unsafe { buf.assume_init() }, version);
    }
    let mut separate = SeparateBuf::uninit();
    let version = read_contended(lock, &mut separate.buf);
    // SAFETY: it returned, so an attempt succeeded (I7 checked).
    (unsafe { separate.buf.assume_init() }, version)
}

/// Attempts one read of a large value.
#[inline]
fn attempt_large<T, R, L: Protocol<T>>(lock: &L, make: impl FnOnce(T, Version) -> R) -> Result<R, ReadError> {
    // SAFETY: `Ok` if the attempt succeeded (I7 checked).
    unsafe { in_place::read(|buf| lock.attempt_into(buf), |value, version| Ok(make(value, version)), Err) }
}

#[inline]
pub(crate) fn try_read_value<T, L: Protocol<T>>(lock: &L) -> Result<T, ReadError> {
    if size_of::<T>() >= LARGE {
        return attempt_large(lock, |value, _| value);
    }
    try_read(lock).map(|(value, _)| value)
}

#[inline]
pub(crate) fn try_read<T, L: Protocol<T>>(lock: &L) -> Result<(T, Version), ReadError> {
    if size_of::<T>() >= LARGE {
        return attempt_large(lock, |value, version| (value, version));
    }
    let mut buf = MaybeUninit::uninit();
    let version = lock.attempt_by_value(&mut buf)?;
    // SAFETY: the attempt succeeded (I7 checked).
    Ok((unsafe { buf.assume_init() }, version))
}

#[inline]
pub(crate) fn try_read_into<'a, T, L: Protocol<T>>(
    lock: &L,
    buf: &'a mut MaybeUninit<T>,
) -> Result<&'a mut T, ReadError> {
    lock.attempt_into(buf)?;
    // SAFETY: the attempt succeeded (I7 checked).
    Ok(unsafe { buf.assume_init_mut() })
}

#[inline]
pub(crate) fn read_with<T, B, L: Protocol<T>>(
    lock: &L,
    mut policy: impl FnMut(Attempt) -> ControlFlow<B>,
) -> Result<T, B> {
    let mut number = 0u32;
    let mut stops = move |error| {
        number = number.saturating_add(1);
        policy(Attempt { number, error }).break_value()
    };
    if size_of::<T>() >= LARGE {
        let fill = move |buf: &mut MaybeUninit<T>| {
            while let Err(error) = lock.attempt_into(buf) {
                if let Some(value) = stops(error) {
                    return Err(value);
                }
            }
            Ok(())
        };
        // SAFETY: `Ok` if an attempt succeeded (I7 checked).
        return unsafe { in_place::read(fill, |value, ()| Ok(value), Err) };
    }
    loop {
        match try_read(lock) {
            Ok((value, _)) => return Ok(value),
            Err(error) => {
                if let Some(value) = stops(error) {
                    return Err(value);
                }
            }
        }
    }
}

#[inline]
pub(crate) fn read_if_changed<T, L: Protocol<T>>(lock: &L, known: &mut Version) -> Option<T> {
    if lock.algorithm().latest_version() == *known {
        return None;
    }
    if size_of::<T>() >= LARGE {
        let mut buf = MaybeUninit::uninit();
        let version = read_large(lock, &mut buf);
        // SAFETY: it returned, so an attempt succeeded (I7 checked).
        let changed = Some(unsafe { buf.assume_init() });
        *known = version;
        return changed;
    }
    let (value, version) = read_versioned(lock);
    *known = version;
    Some(value)
}

/// Does the same as [`read_if_changed`], with a single attempt. An error leaves `known` unchanged.
#[inline]
pub(crate) fn try_read_if_changed<T, L: Protocol<T>>(lock: &L, known: &mut Version) -> Result<Option<T>, ReadError> {
    if lock.algorithm().latest_version() == *known {
        return Ok(None);
    }
    if size_of::<T>() >= LARGE {
        return attempt_large(lock, |value, version| {
            *known = version;
            Some(value)
        });
    }
    let (value, version) = try_read(lock)?;
    *known = version;
    Ok(Some(value))
}
