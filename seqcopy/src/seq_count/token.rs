//! The tokens that a [`SeqCount`](super::SeqCount) returns from the beginning of a read or a write and expects at its end;
//! [`ReadError`], why an attempt gave no token.

use core::fmt::{self, Display, Formatter};
use core::marker::PhantomData;

use super::code::SeqCode;

/// The stable word found at the beginning of a read, with which [`SeqCount::read_end`](super::SeqCount::read_end) compares.
/// It belongs to the count that returned it, which is not checked. Any thread may ask whether it [is current](super::SeqCount::is_current), so it
/// is `Send`; a read is begun and ended by one thread.
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

/// A write in progress, on the thread that began it: its fences order no other thread's stores, so it is not `Send`. Forgetting it is
/// allowed, and withdraws the value: the word stays busy until the next write, which must
/// store the whole payload. [`write_cancel`](super::SeqCount::write_cancel) leaves the old value in place.
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
    /// The word that was found. Where the format gives it a meaning, compare it with words of your own: a ring's slot carries the
    /// number of its message, a clock's page the time of its last change.
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
// As large as a word: then a `Result` has nothing but a tag and padding in front of its value, which the compiler need not move
// (`in_place.rs`), and one of a word is returned in two registers.
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
