//! The word of a latch and its protocol. Users have [`LatchCount`](super::LatchCount), the locks have [`LatchWord`],
//! and [`BufferCount`] limits the number of buffers. All memory orderings of the protocol are in this file:
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
//! Count *k* belongs to buffer *k* modulo `BUFFERS`. The buffer of `before` is written again by write `before +
//! BUFFERS`, which begins after write `before + BUFFERS - 1` was published. If a load of m2 saw a store of that write,
//! then l1 pairs with m3, so m4 sees at least `before + BUFFERS - 1`, and the read is rejected. l3 pairs with m1, so
//! nothing older is seen either. A write in progress never makes a reader fail, only *finished* writes do. This is
//! Linux's `seqcount_latch_t` with one copy per write instead of two, and any number of buffers.

use super::code::{AtomicWord, SeqWord, WideWord, atomic};
use crate::primitive::{Acquire, Ordering, Relaxed, Release, const_fn, fence};

/// The number of values published so far. Public for seqcopy-shm, which alone knows how many buffers its regions have.
#[derive(Debug)]
#[repr(transparent)]
pub struct LatchWord<W: SeqWord>(W::Atomic);

#[cfg(target_has_atomic = "64")]
impl LatchWord<u64> {
    /// A latch's word at a given address. A word of a single buffer may be one, too, for its readers: see
    /// [`read_end`](Self::read_end).
    ///
    /// # Safety
    /// The contract of [`LatchCount::from_ptr`](super::LatchCount::from_ptr).
    #[must_use]
    #[inline]
    #[allow(clippy::cast_ptr_alignment)] // aligned by contract
    pub const unsafe fn from_ptr<'a>(pointer: *const u64) -> &'a Self {
        // SAFETY: aligned and valid by this function's contract; same size (P7 from_ptr).
        unsafe { &*pointer.cast::<Self>() }
    }

    /// The number of values published, by a load that is allowed on read-only memory. Whatever the writer of the last
    /// one did before publishing it happens-before the return.
    #[inline]
    pub fn count(&self) -> u64 {
        self.read_begin_mapped()
    }
}

impl<W: WideWord> LatchWord<W> {
    const_fn! {
        pub(crate) const fn new(count: W) -> Self {
            LatchWord(atomic(count))
        }
    }

    /// For models of a writer that dies between two steps of a write.
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
        self.0.store(W::from_number(count), ordering);
    }

    /// Begins a read like [`read_begin`](Self::read_begin), on memory that may be read-only, where acquire loads are
    /// not allowed (P13 read-only).
    #[cfg(target_has_atomic = "64")]
    #[inline]
    pub(crate) fn read_begin_mapped(&self) -> u64 {
        // m1: pairs with l3.
        let before = self.get(Relaxed);
        fence(Acquire);
        before
    }

    /// Loads the count. Everything before the write with this count happens-before the return.
    #[inline]
    pub(crate) fn load(&self) -> u64 {
        self.get(Acquire)
    }

    /// Begins a read of the buffer that belongs to the returned count.
    #[inline]
    pub(crate) fn read_begin(&self) -> u64 {
        // m1: pairs with l3.
        self.get(Acquire)
    }

    /// Ends a read: returns whether no write touched the buffer. `window` is the number of writes allowed to finish
    /// during the read: two less than there are buffers. With a single buffer, whose writers use
    /// [`SeqCount`](super::SeqCount), none.
    #[inline]
    #[must_use = "the bits that were read may be torn unless this returns `true`"]
    pub fn read_end(&self, before: u64, window: u64) -> bool {
        // m3: pairs with l1 of a write whose stores were seen. m4 follows it.
        fence(Acquire);
        is_within(before, self.get(Relaxed), window)
    }

    /// Publishes the value that `payload` stores to the buffer of the count it is passed.
    ///
    /// A writer that stops in the middle has published nothing; the next one stores to the same buffer again.
    ///
    /// # Safety
    /// There is no other writer during the call, and the end of the previous writer happens-before it (I5 one-writer).
    /// `payload` stores a whole value.
    #[inline]
    pub(crate) unsafe fn write(&self, payload: impl FnOnce(u64)) {
        let next = same_contract!(self.write_begin());
        payload(next);
        // SAFETY: `next` is the count that `write_begin` returned; the rest is this function's contract.
        unsafe { self.write_end(next) };
    }

    /// The count of the next value. Only meaningful to the writer.
    #[inline(always)]
    pub(crate) fn next(&self) -> u64 {
        self.get(Relaxed).wrapping_add(1)
    }

    /// Begins a write: to the buffer that the returned count belongs to.
    ///
    /// # Safety
    /// The contract of [`write`](Self::write).
    #[inline(always)]
    pub unsafe fn write_begin(&self) -> u64 {
        let next = self.next();
        // l1: pairs with m3. It precedes the stores: a thread that sees one of them must also see the counts published
        // since the value that is overwritten.
        fence(Release);
        next
    }

    /// Publishes the buffer of the count `next`.
    ///
    /// # Safety
    /// The contract of [`write`](Self::write); `next` is the count that [`write_begin`](Self::write_begin) returned,
    /// and the value is stored.
    #[inline(always)]
    pub unsafe fn write_end(&self, next: u64) {
        // l3: pairs with m1.
        self.set(next, Release);
    }
}

/// How many writes may finish during a read that is still accepted: the number of buffers minus two, or none for a
/// single buffer. A reader that counts more has been lapped.
#[inline(always)]
pub(crate) const fn window(buffers: u64) -> u64 {
    buffers.saturating_sub(2)
}

/// Whether a read that loaded `before` from the sequence word at its beginning and `after` at its end copied one whole
/// value, where all writers use `buffers` buffers. Every reader of this crate decides by this function. It is for your
/// own protocols, such as readers that do not map the memory, which must order their loads themselves (see
/// [`SeqCount`](crate::seq_count::SeqCount) and `LatchCount`).
///
/// With a single buffer the word must be unchanged, and must not have been busy. With more, up to `buffers` - 2
/// finished writes leave the reader's buffer untouched, also where the word wraps.
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
#[doc(hidden)]
pub const fn accepts(before: u64, after: u64, buffers: u64) -> bool {
    is_within(before, after, window(buffers))
}

#[inline(always)]
const fn is_within(before: u64, after: u64, window: u64) -> bool {
    after.wrapping_sub(before) <= window
}

/// How many buffers a latch has, as a type, so that a bound can say which numbers are supported.
#[derive(Debug)]
pub enum BufferCount<const BUFFERS: usize> {}

/// The numbers of buffers that a latch may have: 2, 4, 8, and so on, up to 65536. Implemented for those only; see
/// [`BufferCount`].
///
/// Powers of two, because the buffers are used in turn and must still be where the count wraps; at least 2, because
/// readers would otherwise read the buffer that is being written.
#[diagnostic::on_unimplemented(
    message = "a latch cannot have this number of buffers: `{Self}`",
    label = "supported are 2, 4, 8, and so on up to 65536",
    note = "write `SeqLatch<T, 2>`, or `SeqLatch<T, 4>` where writes are frequent",
    note = "in code that is generic over the number, add the bound `seqcopy::seq_count::BufferCount<BUFFERS>: seqcopy::seq_count::SupportedBufferCount`"
)]
pub trait SupportedBufferCount {}

macro_rules! supported {
    ($($buffers:literal)*) => {$(
        #[diagnostic::do_not_recommend]
        impl SupportedBufferCount for BufferCount<$buffers> {}
    )*};
}

supported! { 2 4 8 16 32 64 128 256 512 1024 2048 4096 8192 16384 32768 65536 }
