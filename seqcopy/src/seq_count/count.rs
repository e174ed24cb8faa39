//! [`SeqCount`] is the sequence word, with what its owner may do outside of the protocol: construct it, take it out,
//! change it, print it. The tokens link the beginning of a read or a write to its end.

use core::fmt;
use core::fmt::{Display, Formatter};
use core::marker::PhantomData;

#[cfg(not(loom))]
use super::code::exclusive;
use super::code::{AtomicWord, SeqCode, SeqWord, atomic};

use crate::primitive::{Relaxed, const_fn};

/// The stable word found at the beginning of a read, with which [`SeqCount::read_end`](super::SeqCount::read_end)
/// compares. It belongs to the count that returned it, which is not checked. Any thread may ask whether it [is
/// current](super::SeqCount::is_current), so it is `Send`; a read is begun and ended by one thread.
///
/// ```
/// # use seqcopy::seq_count::{Parity, SeqCount};
/// let count = SeqCount::<Parity<u32>>::new(4);
/// let token = count.read_begin().unwrap();
/// assert_eq!(token.word(), 4);
/// ```
pub struct Token<C: SeqCode> {
    pub(super) word: C::Word,
    pub(super) code: PhantomData<fn() -> C>,
}

/// A write in progress, on the thread that began it: its fences order no other thread's stores, so it is not `Send`.
/// Forgetting it is allowed, and withdraws the value: the word stays busy until the next write, which must store the
/// whole payload. [`write_cancel`](super::SeqCount::write_cancel) leaves the old value in place.
///
/// ```
/// # use seqcopy::{ReadError, seq_count::{Parity, SeqCount}};
/// let count = SeqCount::<Parity<u32>>::new(4);
/// // SAFETY: the only writer.
/// let write = unsafe { count.write_begin() };
/// assert_eq!(write.found(), 4);
/// core::mem::forget(write);
/// assert_eq!(count.read_begin().unwrap_err(), ReadError::Busy);
/// ```
#[must_use = "the word is busy until `write_end` or `write_cancel`"]
pub struct WriteToken<C: SeqCode> {
    pub(super) found: C::Word,
    pub(super) busy: C::Word,
    pub(super) code: PhantomData<fn() -> C>,
    pub(super) on_this_thread: PhantomData<*const ()>,
}

impl<C: SeqCode> Token<C> {
    /// The word that was found. Where the format gives it a meaning, compare it with words of your own: a ring's slot
    /// carries the number of its message, a clock's page the time of its last change.
    ///
    /// ```
    /// use seqcopy::{AtomicPerByte, seq_count::{SeqCount, StampOrZero}};
    ///
    /// // The slot of message 7; its writer may have been lapped, or not have come so far.
    /// let slot = (SeqCount::<StampOrZero<u64>>::new(0), AtomicPerByte::new([0u8; 16]));
    /// // SAFETY: the only writer, and each number is given once.
    /// unsafe { slot.0.write_at(7, || slot.1.store(&[1; 16])) };
    ///
    /// let (bits, token) = slot.0.try_read(|| slot.1.load()).unwrap();
    /// assert_eq!(token.word(), 7, "another message");
    /// # let _ = bits;
    /// ```
    #[must_use]
    pub fn word(self) -> C::Word {
        self.word
    }
}

impl<C: SeqCode> Clone for Token<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: SeqCode> Copy for Token<C> {}

impl<C: SeqCode> PartialEq for Token<C> {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl<C: SeqCode> Eq for Token<C> {}

impl<C: SeqCode> fmt::Debug for Token<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Token").field(&self.word).finish()
    }
}

impl<C: SeqCode> WriteToken<C> {
    /// The word found when the write began: busy if the previous writer stopped in the middle of a write.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u64>>::new(3);
    /// // SAFETY: the only writer.
    /// let write = unsafe { count.write_begin() };
    /// assert_eq!(write.found(), 3);
    /// # core::mem::forget(write);
    /// ```
    pub fn found(&self) -> C::Word {
        self.found
    }
}

impl<C: SeqCode> fmt::Debug for WriteToken<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteToken").field("found", &self.found).field("busy", &self.busy).finish()
    }
}

/// Why an attempt at a read returned no value. The read may be retried at any time.
///
/// ```
/// use seqcopy::ReadError;
/// assert_eq!(ReadError::Busy.to_string(), "a write is in progress: try again, or use the last value read");
/// ```
// As large as a word. A `Result` with it then has only a tag and padding in front of its value, which the compiler need
// not move (`copy/in_place.rs`), and a `Result` of one word is returned in two registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(usize)]
pub enum ReadError {
    /// A write is in progress, or a writer stopped in the middle of one.
    Busy,
    /// A write overlapped the copy.
    Torn,
    /// No value has been written yet.
    Empty,
}

impl Display for ReadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReadError::Busy => "a write is in progress: try again, or use the last value read",
            ReadError::Torn => "the value was written while it was being read: try again",
            ReadError::Empty => "no value has been written yet: wait for the first",
        })
    }
}

impl core::error::Error for ReadError {}

/// A sequence word and its protocol, without a payload: Linux's `seqcount_t`.
///
/// For code that places word and payload itself: in a kernel page, the header of a foreign format, or a ring whose
/// slots carry stamps. The payload is accessed between the calls, by [`raw::load`](crate::raw::load) and
/// [`raw::store`](crate::raw::store). If you can choose the layout, use [`SeqLock`](crate::SeqLock).
///
/// The word has the size and alignment of its atomic. It may be anywhere but inside the payload, unless the payload's
/// type skips it: then mark it with `#[seqcopy(word = Code)]`, and use [`raw::Page`](crate::raw::Page).
///
/// Readers never write to shared memory, and work on read-only mappings, where words of up to 8 bytes (4 on 32-bit
/// targets) can be read atomically. Every read is a single, wait-free attempt, which fails while a write is in
/// progress. Writes are wait-free.
///
/// # Narrow words
/// A word of 16 or 32 bits wraps around during the run of a program ([`Parity`](super::Parity) says when). Many formats
/// have one all the same: clocks that cloud hosts publish have 16 bits. One of these makes up for it:
/// * Few writes: 2^15 of them take a month if one is made every 79 seconds, and no reader sleeps so long in the middle
///   of a copy.
/// * A clock: take the time before [`read_begin`](Self::read_begin) and after [`read_end`](Self::read_end), and reject
///   reads that took as long as the writer needs for all words.
/// * A stamp in the payload that does not repeat, such as a time or a number of 64 bits. It does not show that a read
///   is torn, but compare it, and not the [token](super::Token), to learn whether a value is new: then tokens need not
///   be kept.
///
/// # Panics
/// No method panics by itself, but they call your code: the closures, and the functions of your own
/// [encoding](SeqCode). A panic in the middle of a write, in its closure or in [`next`](super::Successor::next), leaves
/// the word busy, because the payload may be partly overwritten: readers get [`Busy`](super::ReadError::Busy) until the
/// next write, which stores the whole payload. A panic in [`busy`](SeqCode::busy) or during a read changes nothing.
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
    /// * `pointer` is aligned to the *size* of the word (on some targets that is more than the alignment of a `u64`),
    ///   and valid for reads for the whole lifetime `'a`; for the writing methods also for writes.
    /// * It is not derived from a shared reference to the word, which would forbid every write, nor by `&raw const`
    ///   from a variable, a field of one or a `static`, nor from a `&mut` by `as *const _`: under the stricter aliasing
    ///   model these count as shared references, even if nothing ever writes (P19 retag in
    ///   `docs/reference/soundness.md`). Use `&raw mut`, or the pointer that a mapping or an allocation returned, and
    ///   places inside of it (`&raw const (*pointer).word`).
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

    /// The word, through an exclusive reference: no other thread has it, so it may be set to anything, such as the word
    /// from before a restart. Payloads have no such method, because a plain store could leave their bytes
    /// uninitialised.
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
