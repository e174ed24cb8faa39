//! The tokens that a [`SeqCount`](super::SeqCount) returns from the beginning of a read or a write and expects at its end.

use core::fmt;
use core::marker::PhantomData;

use super::code::SeqCode;

/// The stable word found at the beginning of a read, with which [`SeqCount::read_end`](super::SeqCount::read_end) compares.
///
/// ```
/// # use seqcopy::{Parity, SeqCount};
/// let count = SeqCount::<Parity<u32>>::new(4);
/// let token = count.read_begin().unwrap();
/// assert_eq!(token.word(), 4);
/// ```
pub struct Token<C: SeqCode> {
    pub(super) word: C::Word,
    pub(super) code: PhantomData<fn() -> C>,
}

/// A write in progress. Forgetting it is allowed, and withdraws the value: the word stays busy until the next write, which must
/// store the whole payload.
///
/// ```
/// # use seqcopy::{Parity, ReadError, SeqCount};
/// let count = SeqCount::<Parity<u32>>::new(4);
/// // SAFETY: the only writer.
/// let write = unsafe { count.write_begin() };
/// assert_eq!(write.found(), 4);
/// core::mem::forget(write);
/// assert_eq!(count.read_begin().unwrap_err(), ReadError::Busy);
/// ```
#[must_use = "the word is busy until `write_end`"]
pub struct WriteToken<C: SeqCode> {
    pub(super) found: C::Word,
    pub(super) busy: C::Word,
    pub(super) code: PhantomData<fn() -> C>,
}

impl<C: SeqCode> Token<C> {
    /// The word, for logging.
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
    /// assert_eq!(SeqCount::<Parity<u64>>::new(8).read_begin().unwrap().word(), 8);
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
    /// # use seqcopy::{Parity, SeqCount};
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
