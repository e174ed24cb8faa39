//! [`SeqCount`]: the word, and what its owner can do with it apart from the protocol: make it, take it, set it, show it.

use core::fmt;
use core::marker::PhantomData;

#[cfg(not(loom))]
use super::code::exclusive;
use super::code::{AtomicWord, SeqCode, SeqWord, atomic};
use crate::primitive::{Relaxed, const_fn};

/// A sequence word and its protocol, without a payload: Linux's `seqcount_t`.
///
/// For code that places word and payload itself: in a kernel page, the header of a foreign format, or a ring whose slots carry
/// stamps. The payload is accessed between the calls, by [`raw::load`](crate::raw::load) and
/// [`raw::store`](crate::raw::store). If you can choose the layout, use [`SeqLock`](crate::SeqLock).
///
/// The word has the size and alignment of its atomic. It may be anywhere but inside the payload, unless the payload's type
/// skips it: then mark it with `#[seqcopy(word = Code)]`, and use [`raw::Page`](crate::raw::Page).
///
/// Readers never write to shared memory, and work on read-only mappings, where words of up to 8 bytes (4 on 32-bit targets) can
/// be read atomically. Every read is a single, wait-free attempt, which fails while a write is in progress. Writes are wait-free.
///
/// # Narrow words
/// A word of 16 or 32 bits wraps around during the run of a program ([`Parity`](super::Parity) says when). Many formats have one all the same:
/// clocks that cloud hosts publish have 16 bits. One of these makes up for it:
/// * Few writes: 2^15 of them take a month if one is made every 79 seconds, and no reader sleeps so long in the middle of a copy.
/// * A clock: take the time before [`read_begin`](Self::read_begin) and after [`read_end`](Self::read_end), and reject reads that
///   took as long as the writer needs for all words.
/// * A stamp in the payload that does not repeat, such as a time or a number of 64 bits. It does not show that a read is torn, but
///   compare it, and not the [token](super::Token), to learn whether a value is new: then tokens need not be kept.
///
/// # Panics
/// No method panics by itself, but they call your code: the closures, and the functions of your own [encoding](SeqCode). A panic
/// in the middle of a write, in its closure or in [`next`](super::Successor::next), leaves the word busy, because the payload may be
/// partly overwritten: readers get [`Busy`](super::ReadError::Busy) until the next write, which stores the whole payload. A panic in
/// [`busy`](SeqCode::busy) or during a read changes nothing.
///
/// ```
/// use seqcopy::{AtomicPerByte, ReadError, seq_count::{Parity, SeqCount}};
///
/// static COUNT: SeqCount<Parity<u64>> = SeqCount::new(0);
/// static PRICE: AtomicPerByte<[u64; 2]> = AtomicPerByte::new([0; 2]);
///
/// // SAFETY: this is the only writer.
/// unsafe { COUNT.write(|| PRICE.store(&[100, 101])) };
///
/// let (bits, token) = COUNT.try_read(|| PRICE.load()).unwrap();
/// assert_eq!(bits.validate(), Ok([100, 101]));
/// assert!(COUNT.is_current(token));
/// ```
#[repr(transparent)]
pub struct SeqCount<C: SeqCode> {
    pub(super) word: <C::Word as SeqWord>::Atomic,
    pub(super) code: PhantomData<fn() -> C>,
}

impl<C: SeqCode> SeqCount<C> {
    const_fn! {
        /// A sequence word with this initial content.
        ///
        /// ```
        /// # use seqcopy::seq_count::{Parity, SeqCount};
        /// static COUNT: SeqCount<Parity<u32>> = SeqCount::new(0);
        /// # let _ = &COUNT;
        /// ```
        pub const fn new(word: C::Word) -> Self {
            SeqCount { word: atomic(word), code: PhantomData }
        }
    }

    /// A sequence word at a given address, such as in a mapped page or a foreign struct.
    ///
    /// # Safety
    /// * `pointer` is aligned to the *size* of the word (on some targets that is more than the alignment of a `u64`), and valid
    ///   for reads for the whole lifetime `'a`; for the writing methods also for writes.
    /// * It is not derived from a shared reference to the word, which would forbid every write, nor by `&raw const` from a
    ///   variable, a field of one or a `static`, nor from a `&mut` by `as *const _`: under the stricter aliasing model these
    ///   count as shared references, even if nothing ever writes (P19 retag in `docs/reference/soundness.md`). Use `&raw mut`, or the
    ///   pointer that a mapping or an allocation returned, and places inside of it (`&raw const (*pointer).word`).
    /// * During `'a` the word is only accessed atomically and in this width
    ///   ([memory model](core::sync::atomic#memory-model-for-atomic-accesses)).
    /// * Its first value, and the payload that belongs to it, were stored before: this happens-before the call.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let mut word = 6u32;
    /// // SAFETY: a local, aligned.
    /// let count = unsafe { SeqCount::<Parity<u32>>::from_ptr(&raw mut word) };
    /// assert_eq!(count.load(), 6);
    /// ```
    #[must_use]
    pub const unsafe fn from_ptr<'a>(pointer: *const C::Word) -> &'a Self {
        // SAFETY: aligned and valid by this function's contract; same size (P7 from_ptr).
        unsafe { &*pointer.cast::<Self>() }
    }

    /// The word, consuming the `SeqCount`.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// assert_eq!(SeqCount::<Parity<u32>>::new(6).into_inner(), 6);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> C::Word {
        self.word.load(Relaxed)
    }

    /// The word, through an exclusive reference: no other thread has it, so it may be set to anything, such as the word from before
    /// a restart. Payloads have no such method, because a plain store could leave their bytes uninitialised.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let mut count = SeqCount::<Parity<u32>>::default();
    /// *count.get_mut() = 40;
    /// assert_eq!(count.load(), 40);
    /// ```
    #[cfg(not(loom))] // whose atomics contain more than their word
    #[must_use]
    pub const fn get_mut(&mut self) -> &mut C::Word {
        exclusive(&mut self.word)
    }
}

impl<C: SeqCode> Default for SeqCount<C> {
    fn default() -> Self {
        Self::new(C::INITIAL)
    }
}

impl<C: SeqCode> fmt::Debug for SeqCount<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word.load(Relaxed);
        f.debug_struct("SeqCount").field("word", &word).field("state", &C::state(word)).finish()
    }
}
