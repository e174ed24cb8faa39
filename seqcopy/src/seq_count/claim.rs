//! Claims: several writers of one word take turns by the word itself. The first of them that changes it from stable to
//! busy writes.
//!
//! ```text
//! c1  word: stable -> busy    compare-exchange, Acquire      in place of w1
//! w2, w3, w4                                                 as in `mod.rs`
//! ```
//!
//! *One at a time.* Of the read-modify-writes that expect the same stable word one succeeds, because each reads the
//! last store before its own. What it stores is busy, and c1 never expects a busy word; so until its writer stores w4
//! (or cancels) all others fail.
//!
//! *One after the other.* The stable word that c1 reads was stored by the previous writer, either at the end of its
//! write (w4) or when it cancelled. Both are release stores, and c1 acquires. So all stores w3 of the previous writer,
//! and what happened before them, happen-before those of this writer. With a relaxed c1, a store w3 of the previous
//! writer could be the last one to a byte, and this writer, which may read the payload, could find an older value.
//!
//! *For readers it is w1.* w2 stays: `Acquire` orders what follows only after the *load* of c1, and its store may
//! become visible after those of w3. `AcqRel` is no more than that: it orders what comes before. With w2, a reader that
//! saw a store of w3 sees c1 or a later store at r4, as ever. A reader never succeeds with the word that c1 stores, so
//! it does not matter that c1 releases nothing.

use core::marker::PhantomData;

use super::code::{AtomicWord, ExchangeWord, SeqCode, State};
use super::{SeqCount, WriteToken};
use crate::primitive::{Acquire, Relaxed, Release, fence};

impl<C: SeqCode<Word: ExchangeWord>> SeqCount<C> {
    /// Begins a write, unless another writer is in the middle of one: for several writers that take turns by the word
    /// alone.
    ///
    /// A read-modify-write takes the place of the store of [`write_begin`](Self::write_begin). One attempt, wait-free:
    /// `None` if the word was busy, or if another writer was faster during the call. Of several that try, one succeeds.
    /// What the writer before did happens-before the return, so the payload may be read, and changed in part. End the
    /// write by `write_end`, `write_end_at` or [`write_cancel`](Self::write_cancel).
    ///
    /// To wait for the other writer, retry, and yield the processor in between (`std::thread::yield_now`): while that
    /// writer is preempted, all attempts fail.
    ///
    /// A writer that stops before that, or whose token is forgotten, keeps all others out: waiting for it blocks, as
    /// with a lock. To take over from one that died, know that it did, and that no one else takes over; then call
    /// `write_begin`. Encodings without an empty state of their own ([`StampOrZero`](super::StampOrZero), whose word 0
    /// is busy, too) begin with a stamp that stands for no value.
    ///
    /// If writers can wait, and the layout is yours, [`SeqLock`](crate::SeqLock) has a claim next to the word.
    ///
    /// # Safety
    /// * As for [`write_begin`](Self::write_begin), but for the other writers: each of them claims the word, too, by
    ///   this method or [`claim_from`](Self::claim_from), and stores nothing once the write has ended. A writer that
    ///   does not is excluded by other means.
    /// * The whole payload is stored before the end of the write if the word that was [`found`](WriteToken::found) is
    ///   that of [`Empty`](State::Empty).
    ///
    /// ```
    /// use seqcopy::{AtomicPerByte, seq_count::{Parity, SeqCount}};
    ///
    /// static COUNT: SeqCount<Parity<u64>> = SeqCount::new(0);
    /// static LAST: AtomicPerByte<[u32; 4]> = AtomicPerByte::new([0; 4]);
    ///
    /// /// By whatever thread: stores a value, or gives up if another one is storing.
    /// fn offer(value: [u32; 4]) -> bool {
    ///     // SAFETY: all writers are here, and the word does not wrap around.
    ///     let Some(write) = (unsafe { COUNT.try_claim() }) else { return false };
    ///     LAST.store(&value);
    ///     // SAFETY: the payload is stored.
    ///     unsafe { COUNT.write_end(write) };
    ///     true
    /// }
    ///
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| offer([1; 4]));
    ///     scope.spawn(|| offer([2; 4]));
    /// });
    /// let (bits, _) = COUNT.try_read(|| LAST.load())?;
    /// let [a, .., b] = bits.validate().unwrap();
    /// assert!(a == b && a != 0);
    /// # Ok::<(), seqcopy::ReadError>(())
    /// ```
    #[inline]
    #[doc(alias = "try_lock")]
    pub unsafe fn try_claim(&self) -> Option<WriteToken<C>> {
        same_contract!(self.claim_from(self.word.load(Relaxed))).ok()
    }

    /// [`try_claim`](Self::try_claim) from a word that the caller has seen before, such as that of a
    /// [`Token`](super::Token): for a value that is made of the one read, and for writers that must notice a second
    /// one.
    ///
    /// Succeeds if there was no write since, but for the [wrap](super::Parity) of the word. Writes that were cancelled
    /// do not count.
    ///
    /// # Errors
    /// The word as it is now, if it is another one, or if `word` is busy.
    ///
    /// # Safety
    /// The contract of [`try_claim`](Self::try_claim).
    ///
    /// ```
    /// use seqcopy::{AtomicPerByte, seq_count::{Parity, SeqCount}};
    ///
    /// static COUNT: SeqCount<Parity<u64>> = SeqCount::new(0);
    /// static HITS: AtomicPerByte<[u64; 2]> = AtomicPerByte::new([0; 2]);
    ///
    /// /// Counts a hit; tries again if another thread did meanwhile. The closure runs while readers go on.
    /// fn hit(side: usize) {
    ///     loop {
    ///         let Ok((bits, token)) = COUNT.try_read(|| HITS.load()) else { continue };
    ///         let mut hits = bits.validate().unwrap();
    ///         hits[side] += 1;
    ///         // SAFETY: all writers are here, and the word does not wrap around.
    ///         if let Ok(write) = unsafe { COUNT.claim_from(token.word()) } {
    ///             HITS.store(&hits);
    ///             // SAFETY: the payload is stored.
    ///             return unsafe { COUNT.write_end(write) };
    ///         }
    ///     }
    /// }
    ///
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| (0..10).for_each(|_| hit(0)));
    ///     scope.spawn(|| (0..10).for_each(|_| hit(1)));
    /// });
    /// assert_eq!(HITS.load().validate(), Ok([10, 10]));
    /// ```
    #[inline]
    #[doc(alias = "compare_exchange")]
    pub unsafe fn claim_from(&self, word: C::Word) -> Result<WriteToken<C>, C::Word> {
        if C::state(word) == State::Busy {
            // Exchanging one busy word for another would admit any number of writers.
            return Err(self.word.load(Relaxed));
        }
        let busy = C::busy(word);
        // c1: pairs with w4 of the previous writer, or with the store of its `write_cancel`.
        <C::Word as ExchangeWord>::compare_exchange(&self.word, word, busy, Acquire, Relaxed)?;
        // w2: pairs with r3.
        fence(Release);
        Ok(WriteToken { found: word, busy, code: PhantomData, on_this_thread: PhantomData })
    }
}
