//! The word of a latch and its protocol: [`LatchCount`] for users, [`LatchWord`] for the locks. The other place where a
//! protocol's orderings stand.
//!
//! ```text
//! writer                                      reader
//!     k = count + 1         Relaxed           m1  before = count          Acquire
//! l1  fence                 Release           m2  loads of buffer[before] Relaxed
//! l2  stores to buffer[k]   Relaxed           m3  fence                   Acquire
//! l3  count = k             Release           m4  after = count           Relaxed
//!                                                 accept if after - before <= BUFFERS - 2
//! ```
//!
//! Buffers are numbered by the count modulo their number. The buffer of `before` is written next by write `before + BUFFERS`,
//! which begins after write `before + BUFFERS - 1` was published. If a load of m2 saw a store of it, then l1 pairs with m3, so m4 sees
//! at least `before + BUFFERS - 1`: the window refuses. l3 pairs with m1: nothing older is seen either. No step of the writer
//! makes a reader fail, only writes that are *finished* do. This is Linux's `seqcount_latch_t` with one copy per write instead
//! of two, and any number of buffers.

use super::code::{AtomicWord, SeqWord, WideWord, atomic};
use crate::primitive::{Acquire, Ordering, Relaxed, Release, const_fn, fence};

/// How many values were published so far.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct LatchWord<W: SeqWord>(W::Atomic);

impl<W: WideWord> LatchWord<W> {
    const_fn! {
        pub(crate) const fn new(count: W) -> Self {
            LatchWord(atomic(count))
        }
    }

    /// For models of a writer that dies between two steps of its own.
    #[cfg(all(test, loom))]
    pub(crate) fn atomic(&self) -> &W::Atomic {
        &self.0
    }

    #[inline(always)]
    pub(super) fn get(&self, ordering: Ordering) -> u64 {
        self.0.load(ordering).number()
    }

    #[inline(always)]
    pub(super) fn set(&self, count: u64, ordering: Ordering) {
        self.0.store(W::of(count), ordering);
    }

    /// [`read_begin`](Self::read_begin) on memory that may be read-only, where an acquire load is not allowed (P13).
    #[cfg(target_has_atomic = "64")]
    #[inline]
    pub(crate) fn read_begin_mapped(&self) -> u64 {
        // m1: pairs with l3.
        let before = self.get(Relaxed);
        fence(Acquire);
        before
    }

    /// The count; what its writer did before publishing it happens-before this call.
    #[inline]
    pub(crate) fn load(&self) -> u64 {
        self.get(Acquire)
    }

    /// Begins a read of the buffer of the count that it returns.
    #[inline]
    pub(crate) fn read_begin(&self) -> u64 {
        // m1: pairs with l3.
        self.get(Acquire)
    }

    /// Ends a read: whether the buffer was left alone. `window` is how many writes may end meanwhile ([`window`]).
    #[inline]
    pub(crate) fn read_end(&self, before: u64, window: u64) -> bool {
        // m3: pairs with l1 of a write whose stores were seen. m4 behind it.
        fence(Acquire);
        is_within(before, self.get(Relaxed), window)
    }

    /// Publishes what `payload` stores to the buffer of the count that it is given.
    ///
    /// A writer that stopped in the middle has published nothing; the next one stores to the same buffer again.
    ///
    /// # Safety
    /// There is no other writer meanwhile, and the end of the one before happens-before this call (I5). `payload` stores a
    /// whole value.
    #[inline]
    pub(crate) unsafe fn write(&self, payload: impl FnOnce(u64)) {
        // SAFETY: the same contract.
        let next = unsafe { self.write_begin() };
        payload(next);
        // SAFETY: the same contract; `next` is what `write_begin` gave.
        unsafe { self.write_end(next) };
    }

    /// The count of the next value; for the only writer.
    #[inline(always)]
    pub(crate) fn next(&self) -> u64 {
        self.get(Relaxed).wrapping_add(1)
    }

    /// Begins a write: to the buffer of the count that it returns.
    ///
    /// # Safety
    /// As for [`write`](Self::write).
    #[inline(always)]
    pub(crate) unsafe fn write_begin(&self) -> u64 {
        let next = self.next();
        // l1: pairs with m3. In front of the stores: what they overwrite was published long ago, and that must be known to
        // every thread that sees them.
        fence(Release);
        next
    }

    /// Publishes the buffer of the count `next`.
    ///
    /// # Safety
    /// As for [`write`](Self::write); `next` is what [`write_begin`](Self::write_begin) gave, and the value is stored.
    #[inline(always)]
    pub(crate) unsafe fn write_end(&self, next: u64) {
        // l3: pairs with m1.
        self.set(next, Release);
    }
}

/// How many writes may be published during a read: of `buffers` buffers all but two, of one none. A reader that finds more has
/// been lapped.
#[inline(always)]
pub(crate) const fn window(buffers: u64) -> u64 {
    buffers.saturating_sub(2)
}

/// The rule by which every reader accepts what it copied: whether a read that found `before` at its beginning and `after` at its
/// end, in a word that all writers of `buffers` buffers go by, got one whole value. For protocols of your own, such as readers
/// that don't map the memory: the loads' orderings are theirs ([`SeqCount`](crate::SeqCount), `LatchCount`).
///
/// Of one buffer the word must be the same, and must not have been busy. Of more, up to `buffers` - 2
/// writes leave the reader's buffer alone, also where the word wraps.
///
/// ```
/// use seqcopy::seq_count::accepts;
///
/// assert!(accepts(4, 4, 1) && !accepts(4, 6, 1));
/// assert!(!accepts(4, 5, 2));
/// assert!(accepts(u64::MAX, 1, 4) && !accepts(u64::MAX, 2, 4));
/// ```
#[inline(always)]
#[must_use]
pub const fn accepts(before: u64, after: u64, buffers: u64) -> bool {
    is_within(before, after, window(buffers))
}

#[inline(always)]
const fn is_within(before: u64, after: u64, window: u64) -> bool {
    after.wrapping_sub(before) <= window
}
