//! [`SingleBuffer`]: the algorithm of [`SeqLock`](crate::SeqLock). One payload, one sequence word, one claim.

use super::{Algorithm, Buffered, Claim, Claimed, Payload, Protocol, Version};
use crate::primitive::const_fn;
use crate::seq_count::{Parity, ReadError, SeqCode, SeqCount, Successor, Wide, WideWord};

/// The payload comes first, so that a large one is as well aligned as its lock: where that begins on a cache line, a write of 4 KiB
/// takes 37 ns on a Zen 4, and 50 if the payload begins 16 bytes later. A small one shares a line with its word either way.
#[derive(Debug)]
#[repr(C)]
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub struct SingleBuffer<P, C: Successor = Parity<Wide>> {
    /// Stored to by `publish` only.
    pub(super) payload: P,
    /// Odd only while the holder of the claim copies a value in (I5 one-writer).
    pub(super) count: SeqCount<C>,
    pub(super) claim: Claim,
}

impl<P> SingleBuffer<P> {
    const_fn! {
        /// Writes what follows the payload, and returns the place of that: a large one is made there, and not moved through the
        /// frames of several functions.
        ///
        /// # Safety
        /// `place` is aligned and writable for a lock, by this thread alone.
        pub(crate) const unsafe fn init(place: *mut Self) -> *mut P {
            // SAFETY: a field of it (P10 raw-place).
            let count = unsafe { &raw mut (*place).count };
            // SAFETY: in the place, which is writable by this function's contract (I4 private).
            unsafe { count.write(SeqCount::new(<Parity<Wide> as SeqCode>::INITIAL)) };
            // SAFETY: a field of it (P10 raw-place).
            let claim = unsafe { &raw mut (*place).claim };
            // SAFETY: in the place, too (I4 private).
            unsafe { claim.write(Claim::new()) };
            // SAFETY: a field of it (P10 raw-place).
            unsafe { &raw mut (*place).payload }
        }
    }
}

#[cfg(any(test, feature = "alloc"))]
#[allow(dead_code)] // without compare-and-swap
impl<P> SingleBuffer<P> {
    pub(crate) fn new(payload: P) -> Self {
        let count = SeqCount::new(<Parity<Wide> as SeqCode>::INITIAL);
        SingleBuffer { payload, count, claim: Claim::new() }
    }
}

/// One attempt at a read.
#[inline(always)]
pub(super) fn attempt<C: Successor<Word: WideWord>>(
    count: &SeqCount<C>,
    load: impl FnOnce(),
) -> Result<Version, ReadError> {
    #[allow(clippy::question_mark)] // which is a few calls in unoptimised code
    let token = match count.read_begin_owned() {
        Ok(token) => token,
        Err(error) => return Err(error),
    };
    load();
    if count.read_end(token) { Ok(Version::of(token.word().number() >> 1)) } else { Err(ReadError::Torn) }
}

// SAFETY: its own (R2 one-protocol).
unsafe impl<P, C: Successor> Algorithm for SingleBuffer<P, C> {
    /// Yields between attempts: the writer may have been preempted in the middle of a copy.
    const SPINS: bool = false;

    #[inline(always)]
    fn claim(&self) -> &Claim {
        &self.claim
    }
}

// SAFETY: P21 snapshot. The count only accepts a read if all loads saw the stores of the writes up to one, and of none after it
// (I7 checked).
unsafe impl<P, C: Successor<Word: WideWord>> Buffered for SingleBuffer<P, C> {
    type Buffer = P;

    const IN_PLACE: bool = true;

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        attempt(&self.count, || load(&self.payload))
    }

    #[inline]
    fn latest_version(&self) -> Version {
        // An odd word still has the previous version.
        Version::of(self.count.load().number() >> 1)
    }

    #[inline(always)]
    fn newest(&self) -> &P {
        &self.payload
    }

    #[inline(always)]
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&P)) {
        // SAFETY: claimed (R2 one-protocol, I5 one-writer).
        unsafe { lock.count.write(|| store(&lock.payload)) };
    }
}

// SAFETY: `attempt_with` only accepts loads of one write, so `buf` then holds that value whole (P21 snapshot, I7 checked).
unsafe impl<T, P: Payload<T>, C: Successor<Word: WideWord>> Protocol<T> for SingleBuffer<P, C> {}
