//! What the owner of a [`SeqCount`] can do with it beside the protocol: take its word, set it, show it.

use core::fmt;

use super::SeqCount;
#[cfg(not(loom))]
use super::code::exclusive;
use super::code::{AtomicWord, SeqCode};
use crate::primitive::Relaxed;

impl<C: SeqCode> SeqCount<C> {
    /// The word, consuming the `SeqCount`.
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
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
    /// # use seqcopy::{Parity, SeqCount};
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
        let word = self.load();
        f.debug_struct("SeqCount").field("word", &word).field("state", &C::state(word)).finish()
    }
}
