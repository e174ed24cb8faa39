//! Sequence words without a payload, for code that places word and payload itself: [`SeqCount`], Linux's `seqcount_t`,
//! in any [encoding](SeqCode), and `LatchCount`, the word of a latch.
//!
//! All memory orderings of the protocol are in this file:
//!
//! ```text
//! writer                                   reader
//! w1  word = busy         Relaxed          r1  before = word     Acquire (or Relaxed, then fence Acquire)
//! w2  fence               Release          r2  payload loads     Relaxed
//! w3  payload stores      Relaxed          r3  fence             Acquire
//! w4  word = stable       Release          r4  after = word      Relaxed; accept if before == after
//! ```
//!
//! w4 pairs with r1: a reader of a stable word sees every store of the write that this word ended, and so nothing
//! older. w2 pairs with r3: if any load of r2 saw a store of a later write, then r4 sees that write's w1 or a later
//! store, so the words differ, and the read is rejected. w1 must precede w2, and r4 must follow r3; nothing else is
//! needed (H.-J. Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?", MSPC 2012).
//!
//! One writer follows another, ordered by what keeps them apart: a lock, or a claim by the word itself, which makes w1
//! a read-modify-write (`claim.rs`).

#[cfg(target_has_atomic = "8")]
mod claim;
mod code;
mod count;
mod latch;
#[cfg(target_has_atomic = "64")]
mod latch_count;
mod read_by;
#[cfg(any(test, seqcopy_two_words, not(target_has_atomic = "64")))]
mod two_words;

use core::marker::PhantomData;
use core::mem::MaybeUninit;

pub use code::{CountOrZero, Parity, ParitySkipZero, SeqCode, StampOrZero, State, Successor};
pub use count::{ReadError, SeqCount, Token, WriteToken};
pub use latch::accepts;
#[cfg(target_has_atomic = "64")]
pub use latch_count::{LatchCount, LatchToken};
pub use read_by::read_by;
// Bounds that users seldom write, and items for seqcopy-shm.
#[cfg(target_has_atomic = "8")]
#[doc(hidden)]
pub use code::ExchangeWord;
#[doc(hidden)]
pub use {
    code::SeqWord,
    latch::{BufferCount, LatchWord, SupportedBufferCount},
};

use crate::copy::in_place;
use crate::primitive::{Acquire, Backoff, Relaxed, Release, fence};

pub(crate) use code::{AtomicWord, WideWord};
pub(crate) use latch::window;
#[cfg(test)]
pub(crate) use two_words::Long;
#[cfg(all(test, loom))]
pub(crate) use two_words::TwoWords;

/// The word that the locks count in, wide enough not to wrap during a read: one word of 64 bits, or two of 32 where
/// there are no 64-bit atomics.
///
/// `--cfg seqcopy_two_words` selects two words on all targets, for tests. The first then has only 4 bits, so that every
/// test makes it wrap.
#[cfg(all(target_has_atomic = "64", not(seqcopy_two_words)))]
pub(crate) type Wide = u64;

#[cfg(not(all(target_has_atomic = "64", not(seqcopy_two_words))))]
pub(crate) type Wide = two_words::Long<{ if cfg!(seqcopy_two_words) { 4 } else { 32 } }>;

impl<C: SeqCode> SeqCount<C> {
    /// The current word. Whatever its writer did before publishing it happens-before the return.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// assert_eq!(SeqCount::<Parity<u16>>::new(2).load(), 2);
    /// ```
    #[inline]
    pub fn load(&self) -> C::Word {
        // Not an acquire load, which is not allowed on read-only memory (P13 read-only).
        let word = self.word.load(Relaxed);
        fence(Acquire);
        word
    }

    /// Whether the word is still that of the token, that is, whether nothing newer has been published or begun. A
    /// relaxed load, which orders nothing.
    ///
    /// An old token may be taken for a current one after the word wraps (see the encoding): keep tokens of a [narrow
    /// word](Self#narrow-words) for less time than that.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u16>>::new(2);
    /// let token = count.read_begin().unwrap();
    /// // SAFETY: the only writer, no payload.
    /// unsafe { count.write(|| ()) };
    /// assert!(!count.is_current(token));
    /// ```
    #[inline]
    pub fn is_current(&self, token: Token<C>) -> bool {
        self.word.load(Relaxed) == token.word
    }

    /// Makes one attempt at a read: calls `payload`, then checks that no write overlapped it. On `Ok`, everything that
    /// the closure loaded on this thread belongs to one write, and whatever its writer did before happens-before the
    /// return. Wait-free, apart from the closure.
    ///
    /// Nothing is said of what the closure lets another thread load, even one that it waits for: fences order the
    /// accesses of their own thread only.
    ///
    /// # Errors
    /// [`Busy`](ReadError::Busy) or [`Empty`](ReadError::Empty) without calling the closure, [`Torn`](ReadError::Torn)
    /// after calling it.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u32>>::new(2);
    /// assert_eq!(count.try_read(|| "payload").unwrap().0, "payload");
    /// ```
    #[inline]
    pub fn try_read<R>(&self, payload: impl FnOnce() -> R) -> Result<(R, Token<C>), ReadError> {
        let token = self.read_begin()?;
        let result = payload();
        if self.read_end(token) { Ok((result, token)) } else { Err(ReadError::Torn) }
    }

    /// Begins a read: the payload may be loaded now, but not used before [`read_end`](Self::read_end) has returned
    /// `true`.
    ///
    /// # Errors
    /// [`Busy`](ReadError::Busy) or [`Empty`](ReadError::Empty), as the encoding classifies the word.
    ///
    /// ```
    /// # use seqcopy::{ReadError, seq_count::{Parity, SeqCount}};
    /// assert_eq!(SeqCount::<Parity<u32>>::new(3).read_begin().unwrap_err(), ReadError::Busy);
    /// ```
    #[inline]
    pub fn read_begin(&self) -> Result<Token<C>, ReadError> {
        // r1, in the form that read-only memory allows (P13 read-only). Pairs with the release store of w4.
        Self::token(self.load())
    }

    /// Begins a read like [`read_begin`](Self::read_begin), on memory that is writable.
    #[inline]
    pub(crate) fn read_begin_owned(&self) -> Result<Token<C>, ReadError> {
        // r1: pairs with the release store of w4.
        Self::token(self.word.load(Acquire))
    }

    /// For models of a writer that dies between two steps of a write.
    #[cfg(all(test, loom))]
    pub(crate) fn atomic(&self) -> &<C::Word as SeqWord>::Atomic {
        &self.word
    }

    #[inline(always)]
    fn token(word: C::Word) -> Result<Token<C>, ReadError> {
        match C::state(word) {
            State::Stable => Ok(Token { word, code: PhantomData }),
            State::Busy => Err(ReadError::Busy),
            State::Empty => Err(ReadError::Empty),
        }
    }

    /// Reads over an existing value, with one copy at every size, where `*dst = ` what [`try_read`](Self::try_read)
    /// returns takes two of large ones. `load` copies the payload to the buffer that it is given, which is `*dst`. The
    /// token is that of the write whose value `*dst` then is: compare its [word](Token::word) where it has to be a
    /// certain one.
    ///
    /// Waits for no write in progress before it begins. Once it has begun there is no way back, because `*dst` holds
    /// torn bits after an attempt that a write overlapped. So it makes further attempts, and waits for that write, and
    /// for others, as [`SeqLock::read_to`](crate::SeqLock::read_to) does: not for real-time threads and interrupt
    /// handlers, which read to a buffer of their own by `try_read`.
    ///
    /// # Errors
    /// [`Busy`](ReadError::Busy) or [`Empty`](ReadError::Empty), as found by the first look at the word, without
    /// calling `load`: `*dst` is unchanged. Never `Torn`.
    ///
    /// # Panics
    /// A panic of `load`, or of an encoding of your own, ends the process: `*dst` may be invalid then, and must not be
    /// seen.
    ///
    /// # Safety
    /// `load` leaves a valid `T` in the buffer if no write overlaps the call: it loads the payload of this word, all of
    /// it, on the calling thread, and every write of that is one of this word.
    ///
    /// ```
    /// use seqcopy::{AtomicPerByte, seq_count::{Parity, SeqCount}};
    ///
    /// static COUNT: SeqCount<Parity<u32>> = SeqCount::new(6);
    /// static FRAME: AtomicPerByte<[u16; 512]> = AtomicPerByte::new([5; 512]);
    ///
    /// let mut frame = [0; 512];
    /// // SAFETY: all writes of the frame are writes of the count.
    /// let token = unsafe { COUNT.read_to(&mut frame, |buf| _ = FRAME.load_into(buf)) }?;
    /// assert_eq!((frame[511], token.word()), (5, 6));
    /// # Ok::<(), seqcopy::ReadError>(())
    /// ```
    #[inline]
    pub unsafe fn read_to<T>(
        &self,
        dst: &mut T,
        mut load: impl FnMut(&mut MaybeUninit<T>),
    ) -> Result<Token<C>, ReadError> {
        let mut token = self.read_begin()?;
        let fill = |buf: &mut MaybeUninit<T>| {
            load(buf);
            while !self.read_end(token) {
                token = self.wait_until_stable();
                load(buf);
            }
            token
        };
        // SAFETY: an attempt succeeded, so by this function's contract a valid value was loaded (I7 checked).
        Ok(unsafe { in_place::over(dst, fill) })
    }

    /// Calls [`read_begin`](Self::read_begin) until it succeeds.
    #[cold]
    fn wait_until_stable(&self) -> Token<C> {
        let mut backoff = Backoff::default();
        loop {
            backoff.snooze();
            if let Ok(token) = self.read_begin() {
                return token;
            }
        }
    }

    /// Ends a read: returns whether everything that this thread loaded since [`read_begin`](Self::read_begin) belongs
    /// to one write. If so, whatever its writer did before happens-before the return. Nothing is said of what other
    /// threads loaded: see [`try_read`](Self::try_read).
    ///
    /// The token must be this word's. One of another count is accepted if the words agree, and the answer then means
    /// nothing.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u32>>::new(2);
    /// let token = count.read_begin().unwrap();
    /// assert!(count.read_end(token));
    /// ```
    #[inline]
    #[must_use = "the bits that were read may be torn unless this returns `true`"]
    pub fn read_end(&self, token: Token<C>) -> bool {
        // r3: pairs with the release fence w2 of a write whose payload was seen. r4 follows it.
        fence(Acquire);
        self.word.load(Relaxed) == token.word
    }

    /// Begins a write: the word is busy until [`write_end`](Self::write_end). Wait-free.
    ///
    /// A word that is already busy stays so: that is how a writer takes over from one that died in the middle of a
    /// write. The *whole* payload must then be stored.
    ///
    /// The busy word is stored relaxed: readers of it learn nothing of what happened before. A protocol whose readers
    /// look at something else while the word is busy, such as a backup of the value, puts a release fence between the
    /// store to that and this call, and another one between the end of the write before and that store.
    ///
    /// # Safety
    /// * The word is writable, and there is no other writer until `write_end` or [`write_cancel`](Self::write_cancel);
    ///   the end of the previous writer happens-before this call.
    /// * The whole payload is stored before `write_end`, or at least every part that was not whole before: by the
    ///   thread that calls this, which calls `write_end` or `write_cancel`, too. Its fences order its own accesses
    ///   only; a store by another thread, even one that it waits for, may be seen by readers that still find the word
    ///   before.
    /// * The word does not wrap around to one that a reader still compares: between the word that a reader's first load
    ///   returned and the one that its last load returns fewer writes lie than the word has stable values. The first
    ///   load may return an old word, so writes from before the read began count as well. The encoding documents the
    ///   number ([`Parity`]: 2^15 for `u16`, 2^31 for `u32`, 2^63 for `u64`).
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u32>>::new(2);
    /// // SAFETY: the only writer, no payload.
    /// unsafe {
    ///     let write = count.write_begin();
    ///     count.write_end(write);
    /// }
    /// assert_eq!(count.load(), 4);
    /// ```
    #[inline]
    pub unsafe fn write_begin(&self) -> WriteToken<C> {
        let found = self.word.load(Relaxed);
        let busy = C::busy(found);
        // w1. Even if the word is already busy: the fence orders only this thread's own stores.
        self.word.store(busy, Relaxed);
        // w2: pairs with r3.
        fence(Release);
        WriteToken { found, busy, code: PhantomData, on_this_thread: PhantomData }
    }

    /// [`write_begin`](Self::write_begin), or `None` if the word is busy, because a writer stopped in the middle of a
    /// write.
    ///
    /// This is no claim among several writers: it loads the word and then stores it, so two of them may both find it
    /// stable, and both write. Writers take turns by a lock of their own, held from before this call until after the
    /// end of the write, or by `try_claim`.
    ///
    /// # Safety
    /// The contract of [`write_begin`](Self::write_begin).
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u32>>::new(3);
    /// // SAFETY: the only writer.
    /// assert!(unsafe { count.try_write_begin() }.is_none());
    /// ```
    #[inline]
    pub unsafe fn try_write_begin(&self) -> Option<WriteToken<C>> {
        if C::state(self.word.load(Relaxed)) == State::Busy {
            return None;
        }
        Some(same_contract!(self.write_begin()))
    }

    /// Cancels a write before anything of it was stored: the word becomes again what `write_begin` found, as if the
    /// write had not begun. Wait-free.
    ///
    /// For a writer that can tell only between `write_begin` and its first store that there is nothing to write. Tokens
    /// from before stay current, and reads that were in progress may still succeed. If the word was busy already,
    /// because a writer died, it stays so. To withdraw the old value instead, so that reads fail until the next write,
    /// forget `write`.
    ///
    /// # Safety
    /// * No byte of the payload was stored since `write_begin`. A reader that saw one would take it for a part of the
    ///   old value.
    /// * `write` comes from this sequence word, and there was no other writer since.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u32>>::new(2);
    /// let token = count.read_begin().unwrap();
    /// // SAFETY: the only writer, no payload.
    /// unsafe {
    ///     let write = count.write_begin();
    ///     count.write_cancel(write);
    /// }
    /// assert!(count.read_end(token));
    /// ```
    #[inline]
    pub unsafe fn write_cancel(&self, write: WriteToken<C>) {
        let found = write.found;
        drop(write);
        // Pairs with r1, as w4 does. This store takes the place of the w4 that stored this word before, so it must
        // release what that w4 released (and w2 has, before it).
        self.word.store(found, Release);
    }

    /// Ends a write with a caller-provided word, such as the stamp of a ring's slot or a time.
    ///
    /// # Safety
    /// * `word` is [`Stable`](State::Stable), and no reader in the middle of a read may still hold it; neither is
    ///   checked.
    /// * `write` comes from this sequence word.
    ///
    /// ```
    /// # use seqcopy::seq_count::{SeqCount, StampOrZero};
    /// let count = SeqCount::<StampOrZero<u64>>::new(0);
    /// // SAFETY: the only writer, no payload, a stamp never used before.
    /// unsafe {
    ///     let write = count.write_begin();
    ///     count.write_end_at(write, 1234);
    /// }
    /// assert_eq!(count.load(), 1234);
    /// ```
    #[inline]
    pub unsafe fn write_end_at(&self, write: WriteToken<C>, word: C::Word) {
        drop(write);
        // w4: pairs with r1.
        self.word.store(word, Release);
    }

    /// A complete write that ends with a caller-provided word. If `payload` panics, the word stays busy until the next
    /// write.
    ///
    /// # Safety
    /// The contract of [`write_begin`](Self::write_begin) and [`write_end_at`](Self::write_end_at): `payload` stores on
    /// the calling thread.
    ///
    /// ```
    /// # use seqcopy::seq_count::{SeqCount, StampOrZero};
    /// let count = SeqCount::<StampOrZero<u64>>::new(0);
    /// // SAFETY: the only writer, no payload, a stamp never used before.
    /// unsafe { count.write_at(1234, || ()) };
    /// assert_eq!(count.load(), 1234);
    /// ```
    #[inline]
    pub unsafe fn write_at(&self, word: C::Word, payload: impl FnOnce()) {
        let write = same_contract!(self.write_begin());
        payload();
        same_contract!(self.write_end_at(write, word));
    }
}

impl<C: Successor> SeqCount<C> {
    /// Ends a write with the encoding's next word.
    ///
    /// # Safety
    /// * `write` comes from this sequence word, and the payload is stored, by this thread.
    /// * The encoding's next word is one that no reader holds: see there what it needs, such as [`CountOrZero`] of a
    ///   write that found 0.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u16>>::new(u16::MAX - 1);
    /// // SAFETY: the only writer, no payload.
    /// unsafe {
    ///     let write = count.write_begin();
    ///     count.write_end(write);
    /// }
    /// assert_eq!(count.load(), 0);
    /// ```
    #[inline]
    pub unsafe fn write_end(&self, write: WriteToken<C>) {
        let next = C::next_after(write.found, write.busy);
        // SAFETY: `Successor` promises a stable word that no reader holds, under the condition that is in this
        // function's contract; the rest is the same.
        unsafe { self.write_end_at(write, next) };
    }

    /// A complete write. If `payload` or the encoding's [`next`](Successor::next) panics, the word stays busy until the
    /// next write, because the old value may be partly overwritten.
    ///
    /// # Safety
    /// The contract of [`write_begin`](Self::write_begin) and [`write_end`](Self::write_end): `payload` stores on the
    /// calling thread.
    ///
    /// ```
    /// # use seqcopy::seq_count::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u64>>::new(0);
    /// // SAFETY: the only writer, no payload.
    /// unsafe { count.write(|| ()) };
    /// assert_eq!(count.load(), 2);
    /// ```
    #[inline]
    pub unsafe fn write(&self, payload: impl FnOnce()) {
        let write = same_contract!(self.write_begin());
        payload();
        same_contract!(self.write_end(write));
    }
}
