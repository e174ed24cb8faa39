//! [`LatchCount`]: the word of a latch and its protocol. The other place where a protocol's orderings stand.
//!
//! ```text
//! writer                                      reader
//!     k = count + 1         Relaxed           m1  before = count          Acquire
//! l1  fence                 Release           m2  loads of cell[before]   Relaxed
//! l2  stores to cell[k]     Relaxed           m3  fence                   Acquire
//! l3  count = k             Release           m4  after = count           Relaxed
//!                                                 accept if after - before <= CELLS - 2
//! ```
//!
//! Cells are numbered by the count modulo their number. The cell of `before` is written next by write `before + CELLS`, which
//! begins after write `before + CELLS - 1` was published. If a load of m2 saw a store of it, then l1 pairs with m3, so m4 sees
//! at least `before + CELLS - 1`: the window refuses. l3 pairs with m1: nothing older is seen either. No step of the writer
//! makes a reader fail, only writes that are *finished* do. This is Linux's `seqcount_latch_t` with one copy per write instead
//! of two, and any number of cells.

use super::code::{AtomicWord, SeqWord};
use super::wide::{Mapped, WideWord};
use crate::mutation::mutant;
use crate::primitive::{Acquire, Ordering, Relaxed, Release, atomic, const_fn, fence};

/// How many values were published so far.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct LatchCount<W: SeqWord = Mapped>(W::Atomic);

impl<W: WideWord> LatchCount<W> {
    const_fn! {
        pub(crate) const fn new(count: W) -> Self {
            LatchCount(atomic(count))
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
    #[cfg(all(feature = "shm", unix, target_pointer_width = "64", not(loom)))]
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
        mutant!(latch_load(self));
        self.get(Acquire)
    }

    /// Begins a read of the cell of the count that it returns.
    #[inline]
    pub(crate) fn read_begin(&self) -> u64 {
        mutant!(latch_read_begin(self));
        // m1: pairs with l3.
        self.get(Acquire)
    }

    /// Ends a read: whether the cell was left alone. `window` is how many writes may end meanwhile: `CELLS - 2`.
    #[inline]
    pub(crate) fn read_end(&self, before: u64, window: u64) -> bool {
        mutant!(latch_read_end(self, before, window));
        // m3: pairs with l1 of a write whose stores were seen. m4 behind it.
        fence(Acquire);
        self.get(Relaxed).wrapping_sub(before) <= window
    }

    /// Publishes what `payload` stores to the cell of the count that it is given.
    ///
    /// A writer that stopped in the middle has published nothing; the next one stores to the same cell again.
    ///
    /// # Safety
    /// There is no other writer meanwhile, and the end of the one before happens-before this call (I5). `payload` stores a
    /// whole value.
    #[inline]
    pub(crate) unsafe fn write(&self, payload: impl FnOnce(u64)) {
        mutant!(latch_write(self), returning payload);
        let next = self.get(Relaxed).wrapping_add(1);
        // l1: pairs with m3. In front of the stores: what they overwrite was published long ago, and that must be known to
        // whoever sees them.
        fence(Release);
        payload(next);
        // l3: pairs with m1.
        self.set(next, Release);
    }
}

#[cfg(all(feature = "shm", unix, target_pointer_width = "64", not(loom)))]
impl LatchCount<u64> {
    /// The count at an address.
    ///
    /// # Safety
    /// As for [`SeqCount::from_ptr`](crate::SeqCount::from_ptr).
    pub(crate) const unsafe fn from_ptr<'a>(pointer: *const u64) -> &'a Self {
        // SAFETY: aligned and valid by this function's contract; same size (P7).
        unsafe { &*pointer.cast::<Self>() }
    }
}
