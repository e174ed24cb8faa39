//! What mutants do in place of the steps of claims, locks and guards. Names as in `docs/mutations.md`.

use core::mem::MaybeUninit;

use super::claim::{FREE, Hold};
use super::{Claim, Held, Protocol, Version, peek, update_held};
use crate::mutation::{chosen, ran};
use crate::primitive::{Acquire, AtomicU8, Ordering, Relaxed, Release};
use crate::seq_count::SeqCount;
use crate::seq_count::wide::WideWord;
use crate::{Aligned8, ReadError, SeqCopy, SeqLock, Successor};

/// The compare-and-swap of the claim.
pub(crate) fn try_take_byte(claim: &AtomicU8, hold: Hold) -> Option<Result<u8, u8>> {
    let hold = hold as u8;
    Some(match chosen() {
        "mw01" => claim.compare_exchange(FREE, hold, Relaxed, Relaxed),
        "mw03" => match claim.load(Acquire) {
            FREE => {
                claim.store(hold, Relaxed);
                Ok(FREE)
            }
            found => Err(found),
        },
        "mw05" => Ok(claim.swap(hold, Acquire)),
        "mw14" => claim.compare_exchange(FREE, hold, Ordering::AcqRel, Relaxed),
        "cl01" => match claim.compare_exchange(FREE, hold, Acquire, Relaxed) {
            Err(found) if found == hold && hold == Hold::Held as u8 => Ok(found),
            result => result,
        },
        _ => return None,
    })
}

/// An attempt that failed.
pub(crate) fn try_take(claim: &AtomicU8) -> Option<Option<Held<'_>>> {
    match chosen() {
        // What `then_some(Held(self))` does when there is nothing to hold.
        "cl05" if claim.load(Relaxed) != FREE => {
            claim.store(FREE, Release);
            Some(None)
        }
        _ => None,
    }
}

/// The claim's way back.
pub(crate) fn release(claim: &AtomicU8) -> Option<()> {
    match chosen() {
        "mw04" => claim.store(FREE, Relaxed),
        "cl02" => {}
        "cl03" if std::thread::panicking() => {}
        _ => return None,
    }
    Some(())
}

pub(crate) fn write<T, L: Protocol<T>>(lock: &L, value: &T) -> Option<()> {
    match chosen() {
        // SAFETY: none, the claim is not held: that is the mutation (I5).
        "up01" => unsafe { lock.publish(value) },
        _ => return None,
    }
    Some(())
}

pub(crate) fn try_write<T, L: Protocol<T>>(lock: &L, value: T) -> Result<Result<(), T>, T> {
    match chosen() {
        // SAFETY: none, the claim is not held: that is the mutation (I5).
        "up02" => unsafe { lock.publish(&value) },
        _ => return Err(value),
    }
    Ok(Ok(()))
}

pub(crate) fn update<T, R, F: FnOnce(&mut T) -> R, L: Protocol<T>>(lock: &L, change: F) -> Result<R, F> {
    /// Publishes what a closure left behind when it panicked.
    struct OnUnwind<'a, T, L: Protocol<T>>(&'a L, T);

    impl<T, L: Protocol<T>> Drop for OnUnwind<'_, T, L> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                // SAFETY: the claim is held meanwhile (I5).
                unsafe { self.0.publish(&self.1) };
            }
        }
    }

    match chosen() {
        "mw06" => {
            // SAFETY: none, the claim is not held: that is the mutation (I5).
            let mut value = unsafe { peek(lock) };
            let hold = lock.claim().take(Hold::Turn);
            let result = change(&mut value);
            // SAFETY: the claim is held (I5).
            unsafe { lock.publish(&value) };
            drop(hold);
            Ok(result)
        }
        "mw09" => {
            let hold = lock.claim().take(Hold::Turn);
            // SAFETY: the claim is held (I5).
            let mut guard = OnUnwind(lock, unsafe { peek(lock) });
            let result = change(&mut guard.1);
            // SAFETY: the claim is held (I5).
            unsafe { lock.publish(&guard.1) };
            drop(guard);
            drop(hold);
            Ok(result)
        }
        // SAFETY: none, the claim is not held: that is the mutation (I5).
        "up03" => Ok(unsafe { update_held(lock, change) }),
        "up04" => {
            let hold = lock.claim().take(Hold::Turn);
            // SAFETY: the claim is held (I5).
            let mut value = unsafe { peek(lock) };
            let result = change(&mut value);
            drop(hold);
            // SAFETY: none, the claim is not held any more: that is the mutation (I5).
            unsafe { lock.publish(&value) };
            Ok(result)
        }
        _ => Err(change),
    }
}

/// What becomes of a failed attempt.
pub(crate) fn try_read<T, L: Protocol<T>>(lock: &L) -> Option<Result<(T, Version), ReadError>> {
    match chosen() {
        "rd01" => {
            let mut room = MaybeUninit::uninit();
            let version = lock.try_read_into(&mut room).unwrap_or(lock.version());
            // SAFETY: none, the attempt may have failed: that is the mutation (I7).
            Some(Ok((unsafe { room.assume_init() }, version)))
        }
        _ => None,
    }
}

pub(crate) fn read_if_changed<T, L: Protocol<T>>(lock: &L, known: &mut Version) -> Option<Option<T>> {
    match chosen() {
        "rd02" if lock.version() != *known => {
            let value = super::read(lock);
            *known = lock.version();
            Some(Some(value))
        }
        _ => None,
    }
}

/// The word belongs to the version before as long as it is odd.
pub(crate) fn version<C: Successor<Word: WideWord>>(count: &SeqCount<C>) -> Option<Version> {
    match chosen() {
        "ve01" => Some(Version::of(count.load().number().wrapping_add(1) >> 1)),
        _ => None,
    }
}

/// When the word turns odd: not while user code runs.
pub(crate) fn peek_into<C: Successor>(count: &SeqCount<C>) -> Option<()> {
    if chosen() == "mw08" {
        ran();
        // SAFETY: the claim is held by the caller (I5).
        core::mem::forget(unsafe { count.write_begin() });
    }
    None
}

/// The end of a guard.
pub(crate) fn drop_guard<T, L: Protocol<T>>(lock: &L, claim: Option<&Claim>, value: &T, changed: bool) -> Option<()> {
    match chosen() {
        "gd01" => {
            claim.inspect(|claim| claim.release());
            if changed {
                // SAFETY: none, the claim is not held any more: that is the mutation (I5).
                unsafe { lock.publish(value) };
            }
        }
        "gd02" => {
            // SAFETY: the claim is held by the guard (I5).
            unsafe { lock.publish(value) };
            claim.inspect(|claim| claim.release());
        }
        "gd03" => {
            if changed && !std::thread::panicking() {
                // SAFETY: the claim is held by the guard (I5).
                unsafe { lock.publish(value) };
            }
            claim.inspect(|claim| claim.release());
        }
        _ => return None,
    }
    Some(())
}

/// What a guard lends.
#[allow(clippy::mut_from_ref)] // that is the mutation
pub(crate) fn deref_mut<T: SeqCopy>(lock: &SeqLock<T>) -> Option<&mut T> {
    if chosen() != "gd04" {
        return None;
    }
    let payload = size_of::<SeqLock<T>>() - size_of::<Aligned8<T>>();
    // SAFETY: none, the storage is shared: that is the mutation (R1). It lies at the end of the lock.
    Some(unsafe { &mut *core::ptr::from_ref(lock).byte_add(payload).cast_mut().cast::<T>() })
}

/// Whether a writer gives back a claim that it never took.
pub(crate) fn drop_writer(claim: &Claim, claimed: bool) -> Option<()> {
    if chosen() == "cl04" && !claimed {
        ran();
        claim.release();
    }
    None
}
