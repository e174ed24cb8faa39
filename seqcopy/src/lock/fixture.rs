//! The algorithms with any payload and any first word, for tests and models.

use super::{Claim, Latch, SingleBuffer};
use crate::seq_count::{SeqCount, Successor, WideWord};

impl<P, C: Successor> SingleBuffer<P, C> {
    /// A lock with any encoding of the word, counting from `word`.
    pub(crate) fn over(payload: P, word: C::Word) -> Self {
        SingleBuffer { payload, count: SeqCount::new(word), claim: Claim::new() }
    }

    /// For a writer that dies between two steps of a write.
    #[cfg(loom)]
    pub(crate) fn parts(&self) -> (&SeqCount<C>, &P) {
        (&self.count, &self.payload)
    }
}

impl<P, const BUFFERS: usize, W: WideWord> Latch<P, BUFFERS, W> {
    /// For a writer that dies between two steps of a write.
    #[cfg(loom)]
    pub(crate) fn parts(&self) -> (&crate::seq_count::LatchWord<W>, &[P; BUFFERS]) {
        (&self.count, &self.buffers)
    }
}
