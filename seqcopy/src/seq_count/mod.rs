//! Sequence words without a payload, for those who place word and payload themselves: [`SeqCount`], Linux's `seqcount_t`, in any
//! [encoding](SeqCode), and `LatchCount`, the word of a latch.
//!
//! This is the only place where the protocol's orderings stand:
//!
//! ```text
//! writer                                   reader
//! w1  word = busy         Relaxed          r1  before = word     Acquire (or Relaxed, then fence Acquire)
//! w2  fence               Release          r2  payload loads     Relaxed
//! w3  payload stores      Relaxed          r3  fence             Acquire
//! w4  word = stable       Release          r4  after = word      Relaxed; accept if before == after
//! ```
//!
//! w4 pairs with r1: who reads a stable word sees every store of the write that it ends, so nothing older. w2 pairs
//! with r3: if any load of r2 saw a store of a later write, then r4 sees that write's w1 or later, so the words
//! differ, and nothing newer is accepted. w1 must stand before w2 and r4 behind r3; nothing else is needed (H.-J.
//! Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?", MSPC 2012).

pub(crate) mod code;
pub(crate) mod latch;
#[cfg(target_has_atomic = "64")]
mod latch_count;
mod read_error;
mod token;
#[cfg(any(test, seqcopy_two_words, not(target_has_atomic = "64")))]
pub(crate) mod two_words;
pub(crate) mod wide;

use core::fmt;
use core::marker::PhantomData;

pub use code::{Parity, ParitySkipZero, SeqCode, SeqWord, StampOrZero, State, Successor};
pub use latch::accepts;
#[cfg(target_has_atomic = "64")]
pub use latch_count::{LatchCount, LatchToken};
pub use read_error::ReadError;
pub use token::{Token, WriteToken};

use crate::primitive::{Acquire, Relaxed, Release, const_fn, fence};
use code::{AtomicWord, atomic};

/// A sequence word and its protocol, without a payload: Linux's `seqcount_t`.
///
/// For those who place word and payload themselves: a kernel page, the header of a foreign format, a ring whose
/// slots carry their stamps. Put the payload's accesses, [`raw::load`](crate::raw::load) and
/// [`raw::store`](crate::raw::store), between the calls. If you are free to choose, use
/// [`SeqLock`](crate::SeqLock).
///
/// The word has the size and alignment of its atomic and may lie anywhere, but never inside the payload, unless the
/// payload's type skips it (`#[seqcopy(skip)]`).
///
/// Readers never write, and work on read-only mappings, where a word of up to 8 bytes (4 on 32-bit targets) may be
/// read atomically. All reads are wait-free attempts: they fail while a write goes on. A writer never waits.
///
/// # Panics
/// No method does by itself, but code of yours runs inside: the closures, and the functions of an
/// [encoding of your own](SeqCode). A panic in the middle of a write, which is one of its closure or of
/// [`next`](Successor::next), leaves the word busy: part of the payload may be overwritten, so no reader is given any of it
/// (they find [`Busy`](ReadError::Busy)) until the next write, which stores the whole payload and so repairs it. A panic of
/// [`busy`](SeqCode::busy) or in a read changes nothing.
///
/// ```
/// use seqcopy::{AtomicPerByte, Parity, ReadError, SeqCount};
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
    word: <C::Word as SeqWord>::Atomic,
    code: PhantomData<fn() -> C>,
}

impl<C: SeqCode> SeqCount<C> {
    const_fn! {
        /// A word with that content.
        ///
        /// ```
        /// # use seqcopy::{Parity, SeqCount};
        /// static COUNT: SeqCount<Parity<u32>> = SeqCount::new(0);
        /// # let _ = &COUNT;
        /// ```
        pub const fn new(word: C::Word) -> Self {
            SeqCount { word: atomic(word), code: PhantomData }
        }
    }

    /// The word at an address: in a mapped page, in somebody else's struct.
    ///
    /// # Safety
    /// * `pointer` is aligned to the *size* of the word (on some targets more than a `u64`'s alignment), and valid
    ///   for reads for the whole lifetime `'a`; for writing methods also for writes.
    /// * It is not derived from a shared reference to the word, which would forbid every write, nor by `&raw const`
    ///   of a variable, of a field of one or of a `static`, nor from a `&mut` by `as *const _`: to the stricter model of aliasing
    ///   these are shared references, even if nothing ever writes (P19 of `docs/soundness.md`). Take `&raw mut`, or what a
    ///   mapping or an allocation gives, and fields behind it (`&raw const (*pointer).word`).
    /// * During `'a` the word is accessed atomically and in this width only
    ///   ([memory model](core::sync::atomic#memory-model-for-atomic-accesses)).
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
    /// let mut word = 6u32;
    /// // SAFETY: a local, aligned.
    /// let count = unsafe { SeqCount::<Parity<u32>>::from_ptr(&raw mut word) };
    /// assert_eq!(count.load(), 6);
    /// ```
    #[must_use]
    pub const unsafe fn from_ptr<'a>(pointer: *const C::Word) -> &'a Self {
        // SAFETY: aligned and valid by this function's contract; same size (P7).
        unsafe { &*pointer.cast::<Self>() }
    }

    /// The word as it is. What its writer did before publishing it happens-before this call.
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
    /// assert_eq!(SeqCount::<Parity<u16>>::new(2).load(), 2);
    /// ```
    #[inline]
    pub fn load(&self) -> C::Word {
        // Not an acquire load: those are not allowed on read-only memory (P13).
        let word = self.word.load(Relaxed);
        fence(Acquire);
        word
    }

    /// Whether the word still is the token's. A relaxed look, for asking whether there is something new at all.
    ///
    /// It may report a false positive after the word wraps (see the encoding): keep tokens of `u64` words only.
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
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

    /// One attempt at a read: runs `payload` and says whether no write went on meanwhile. If it is `Ok`, all loads
    /// of the closure belong to one write, and what its writer did before happens-before this call returns.
    ///
    /// # Errors
    /// [`Busy`](ReadError::Busy) and [`Empty`](ReadError::Empty) without running the closure,
    /// [`Torn`](ReadError::Torn) after it.
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u32>>::new(2);
    /// assert_eq!(count.try_read(|| "payload").unwrap().0, "payload");
    /// ```
    #[inline]
    pub fn try_read<R>(&self, payload: impl FnOnce() -> R) -> Result<(R, Token<C>), ReadError> {
        let token = self.read_begin()?;
        let result = payload();
        if self.read_end(token) { Ok((result, token)) } else { Err(ReadError::Torn) }
    }

    /// Begins a read: the payload may be loaded, but is not to be trusted before [`read_end`](Self::read_end).
    ///
    /// # Errors
    /// [`Busy`](ReadError::Busy) or [`Empty`](ReadError::Empty), by what the word says.
    ///
    /// ```
    /// # use seqcopy::{Parity, ReadError, SeqCount};
    /// assert_eq!(SeqCount::<Parity<u32>>::new(3).read_begin().unwrap_err(), ReadError::Busy);
    /// ```
    #[inline]
    pub fn read_begin(&self) -> Result<Token<C>, ReadError> {
        // r1, in the form that read-only memory allows (P13). Pairs with the release store of w4.
        Self::token(self.load())
    }

    /// [`read_begin`](Self::read_begin) on memory that is known to be writable.
    #[inline]
    pub(crate) fn read_begin_owned(&self) -> Result<Token<C>, ReadError> {
        // r1: pairs with the release store of w4.
        Self::token(self.word.load(Acquire))
    }

    /// For models of a writer that dies between two steps of its own.
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

    /// Ends a read: whether everything loaded since [`read_begin`](Self::read_begin) belongs to one write.
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u32>>::new(2);
    /// let token = count.read_begin().unwrap();
    /// assert!(count.read_end(token));
    /// ```
    #[inline]
    #[must_use = "what was read is not to be trusted before this says so"]
    pub fn read_end(&self, token: Token<C>) -> bool {
        // r3: pairs with the release fence w2 of a write whose payload was seen. r4 behind it.
        fence(Acquire);
        self.word.load(Relaxed) == token.word
    }

    /// Begins a write: the word is busy until [`write_end`](Self::write_end).
    ///
    /// A word that is busy already is adopted: that is how a write goes on after a writer that died. The *whole*
    /// payload must then be stored.
    ///
    /// # Safety
    /// * The word is writable, and there is no other writer until `write_end`; the end of an earlier writer
    ///   happens-before this call.
    /// * All of the payload is stored before `write_end`, or at least all of it that was not whole before.
    /// * No reader is held up in the middle of a read until the word comes round to the value that it found: after how many
    ///   writes that is, the encoding says ([`Parity`]: 2^15 for `u16`, 2^31 for `u32`, 2^63 for `u64`).
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
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
        // w1. Also if the word is busy already: the fence orders only stores of this thread's own.
        self.word.store(busy, Relaxed);
        // w2: pairs with r3.
        fence(Release);
        WriteToken { found, busy, code: PhantomData }
    }

    /// [`write_begin`](Self::write_begin), but not over a busy word: `None` then.
    ///
    /// # Safety
    /// As for [`write_begin`](Self::write_begin).
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u32>>::new(3);
    /// // SAFETY: the only writer.
    /// assert!(unsafe { count.try_write_begin() }.is_none());
    /// ```
    #[inline]
    pub unsafe fn try_write_begin(&self) -> Option<WriteToken<C>> {
        if C::state(self.word.load(Relaxed)) == State::Busy {
            return None;
        }
        // SAFETY: the same contract.
        Some(unsafe { self.write_begin() })
    }

    /// Ends a write with a word of the caller's: a ring's stamp, a time.
    ///
    /// # Safety
    /// `word` is [`Stable`](State::Stable) and not one that a reader may still hold, which nothing checks; `write` comes from
    /// this word.
    ///
    /// ```
    /// # use seqcopy::{SeqCount, StampOrZero};
    /// let count = SeqCount::<StampOrZero<u64>>::new(0);
    /// // SAFETY: the only writer, no payload, a stamp never given before.
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

    /// A whole write, ended with a word of the caller's. If `payload` panics, the word stays busy until the next write.
    ///
    /// # Safety
    /// As for [`write_begin`](Self::write_begin) and [`write_end_at`](Self::write_end_at).
    ///
    /// ```
    /// # use seqcopy::{SeqCount, StampOrZero};
    /// let count = SeqCount::<StampOrZero<u64>>::new(0);
    /// // SAFETY: the only writer, no payload, a stamp never given before.
    /// unsafe { count.write_at(1234, || ()) };
    /// assert_eq!(count.load(), 1234);
    /// ```
    #[inline]
    pub unsafe fn write_at(&self, word: C::Word, payload: impl FnOnce()) {
        // SAFETY: the same contract.
        let write = unsafe { self.write_begin() };
        payload();
        // SAFETY: the same contract.
        unsafe { self.write_end_at(write, word) };
    }
}

impl<C: Successor> SeqCount<C> {
    /// Ends a write with the next word of the encoding.
    ///
    /// # Safety
    /// `write` comes from this word, and the payload is stored.
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
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
        let next = C::next(write.busy);
        // SAFETY: `Successor` promises a stable word that nobody holds; the rest is the same contract.
        unsafe { self.write_end_at(write, next) };
    }

    /// A whole write. If `payload` or the encoding's [`next`](Successor::next) panics, the word stays busy until the next
    /// write: the old value may be partly overwritten.
    ///
    /// # Safety
    /// As for [`write_begin`](Self::write_begin).
    ///
    /// ```
    /// # use seqcopy::{Parity, SeqCount};
    /// let count = SeqCount::<Parity<u64>>::new(0);
    /// // SAFETY: the only writer, no payload.
    /// unsafe { count.write(|| ()) };
    /// assert_eq!(count.load(), 2);
    /// ```
    #[inline]
    pub unsafe fn write(&self, payload: impl FnOnce()) {
        // SAFETY: the same contract.
        let write = unsafe { self.write_begin() };
        payload();
        // SAFETY: the same contract.
        unsafe { self.write_end(write) };
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
