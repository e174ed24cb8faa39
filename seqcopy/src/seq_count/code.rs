//! The meaning of the bits of a sequence word. The functions are pure, and there are no orderings here.

use core::fmt::Debug;
use core::hash::Hash;
use core::marker::PhantomData;

#[cfg(target_has_atomic = "64")]
use crate::primitive::AtomicU64;
use crate::primitive::{AtomicU16, AtomicU32, AtomicUsize, Ordering};

/// The state of the payload, as its sequence word encodes it.
///
/// ```
/// use seqcopy::seq_count::{Parity, SeqCode, State};
/// assert_eq!(Parity::<u32>::state(7), State::Busy);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The payload is complete, and remains so until the word changes.
    Stable,
    /// A write is in progress, or its writer stopped in the middle.
    Busy,
    /// There is no payload yet.
    Empty,
}

/// How a sequence word is encoded.
///
/// | encoding | stable | busy | empty | after a write |
/// |---|---|---|---|---|
/// | [`Parity`] | even | odd | - | the next even number |
/// | [`ParitySkipZero`] | even, not 0 | odd | 0 | the next even number that is not 0 |
/// | [`StampOrZero`] | not 0 | 0 | - | provided by the caller |
/// | [`CountOrZero`] | not 0 | 0 | - | one more than before, without 0 and the largest |
///
/// A custom encoding, here one whose top bit means "busy":
///
/// ```
/// use seqcopy::seq_count::{SeqCode, SeqCount, State, Successor};
///
/// enum TopBit {}
/// // SAFETY: `busy` sets the top bit, which `state` tests; `next` clears it and counts, so a word only repeats after
/// // 2^31 writes.
/// unsafe impl SeqCode for TopBit {
///     type Word = u32;
///     const INITIAL: u32 = 0;
///     fn state(word: u32) -> State { if word >> 31 == 1 { State::Busy } else { State::Stable } }
///     fn busy(found: u32) -> u32 { found | 1 << 31 }
/// }
/// // SAFETY: the next word differs from all that were, for 2^31 writes, and is stable.
/// unsafe impl Successor for TopBit {
///     // `busy + 1` could overflow and panic in the middle of a write.
///     fn next(busy: u32) -> u32 { busy.wrapping_add(1) & !(1 << 31) }
/// }
///
/// let count = SeqCount::<TopBit>::default();
/// // SAFETY: one writer, no payload.
/// unsafe { count.write(|| ()) };
/// assert_eq!(count.load(), 1);
/// assert_eq!(TopBit::next(u32::MAX), 0);
/// ```
///
/// `next` runs while the word is busy, so it should not panic; see [there](crate::seq_count::SeqCount#panics) for what
/// happens if it does.
///
/// # Safety
/// * `state(busy(w))` is [`State::Busy`] for every `w`, including words that no writer of this encoding would store.
/// * `state` and `busy` are pure functions of their arguments.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an encoding of a sequence word",
    label = "not an encoding",
    note = "name how the word counts: `Parity<u32>` is Linux's `seqcount_t`; `ParitySkipZero`, `StampOrZero` and `CountOrZero` are the others here",
    note = "or implement `SeqCode` for a type of your own"
)]
pub unsafe trait SeqCode {
    /// The word's type: `u16`, `u32`, `u64` or `usize`.
    type Word: SeqWord;

    /// The word before the first write.
    const INITIAL: Self::Word;

    /// The state that a word encodes.
    fn state(word: Self::Word) -> State;

    /// The word to store in place of `found` while a write is in progress. `found` may itself be busy, if the previous
    /// writer stopped in the middle of a write.
    fn busy(found: Self::Word) -> Self::Word;
}

/// An encoding that determines the word after each write by itself.
///
/// ```
/// use seqcopy::seq_count::{Parity, Successor};
/// assert_eq!(Parity::<u16>::next(7), 8);
/// assert_eq!(Parity::<u16>::next(u16::MAX), 0);
/// ```
///
/// # Safety
/// `next_after(found, busy)`, where `busy` is [`SeqCode::busy`] of `found`, is [`State::Stable`], and not a word that a
/// reader may still hold from an earlier write. The encoding documents after how many writes a word repeats.
pub unsafe trait Successor: SeqCode {
    /// The word that ends the write during which the word was `busy`.
    fn next(busy: Self::Word) -> Self::Word;

    /// The word that ends a write which found `found`, and during which the word was `busy`. Every write ends with it.
    /// Define it for an encoding whose busy word does not tell which word was there before, as [`CountOrZero`] does.
    ///
    /// ```
    /// use seqcopy::seq_count::{CountOrZero, Parity, Successor};
    /// assert_eq!(Parity::<u16>::next_after(6, 7), Parity::<u16>::next(7));
    /// assert_eq!(CountOrZero::<u32>::next_after(6, 0), 7);
    /// ```
    #[inline(always)]
    fn next_after(_found: Self::Word, busy: Self::Word) -> Self::Word {
        Self::next(busy)
    }
}

/// Linux's encoding (`seqcount_t`): even is stable, odd is busy, each write adds 2.
///
/// `W` is `u16`, `u32`, `u64` or `usize`. The word wraps after 2^15, 2^31 or 2^63 writes: at a million writes a second,
/// after 33 ms, 36 minutes or 292,000 years. A reader that is stopped in the middle of a copy for exactly that long
/// accepts a torn value, so use `u64` where you can choose. Where the format has chosen a narrow word, [add something
/// to it](crate::seq_count::SeqCount#narrow-words).
///
/// ```
/// use seqcopy::seq_count::{Parity, SeqCode};
/// assert_eq!(Parity::<u32>::busy(4), 5);
/// assert_eq!(Parity::<u32>::busy(5), 5); // continues where a writer stopped
/// ```
#[derive(Debug)]
pub struct Parity<W>(PhantomData<W>);

/// [`Parity`] in which 0 means that nothing has been written yet. Wraps like `Parity`, one write earlier.
///
/// ```
/// use seqcopy::seq_count::{ParitySkipZero, SeqCode, State, Successor};
/// assert_eq!(ParitySkipZero::<u16>::state(0), State::Empty);
/// assert_eq!(ParitySkipZero::<u16>::next(u16::MAX), 2);
/// ```
#[derive(Debug)]
pub struct ParitySkipZero<W>(PhantomData<W>);

/// A stamp chosen by the writer, such as a time. The word is 0 while a write is in progress and before the first one;
/// both are reported as [`State::Busy`].
///
/// `W` is `u16`, `u32`, `u64` or `usize`. The encoding has no [`Successor`]: write with
/// [`SeqCount::write_at`](crate::seq_count::SeqCount::write_at). No stamp may be used twice while a reader may hold it.
/// A writer that dies in the middle of a write loses the last stamp (the word is then 0), so take stamps from a source
/// that never repeats, such as a monotonic clock. For stamps that count, use [`CountOrZero`].
///
/// ```
/// use seqcopy::seq_count::{SeqCode, StampOrZero, State};
/// assert_eq!(StampOrZero::<u64>::state(0), State::Busy);
/// assert_eq!(StampOrZero::<u64>::state(1_700_000_000), State::Stable);
/// ```
#[derive(Debug)]
pub struct StampOrZero<W>(PhantomData<W>);

/// A count of writes that is 0 while a write is in progress and before the first one, as Hyper-V's TSC page and
/// FreeBSD's timehands have it. Both are reported as [`State::Busy`].
///
/// `W` is `u16`, `u32`, `u64` or `usize`. Each write ends with the word that it found plus one; 0 and the largest
/// number, which Hyper-V reserves, are left out. So the word repeats after 2^16 - 2, 2^32 - 2 or 2^64 - 2 writes.
///
/// A write that finds 0 ends with 1. That is right for the first write only. After a writer died in the middle of a
/// write, the word is 0 and its count is lost, and a reader may still hold a 1: end such a write with
/// [`write_end_at`](crate::seq_count::SeqCount::write_end_at), with a word that no reader holds.
///
/// ```
/// use seqcopy::seq_count::{CountOrZero, SeqCount};
///
/// let count = SeqCount::<CountOrZero<u32>>::new(u32::MAX - 2);
/// let write = || {
///     // SAFETY: one writer, which never stopped in the middle of a write; no payload.
///     unsafe { count.write(|| ()) };
///     count.load()
/// };
/// assert_eq!([write(), write(), write()], [u32::MAX - 1, 1, 2]);
/// ```
#[derive(Debug)]
pub struct CountOrZero<W>(PhantomData<W>);

pub(super) mod sealed {
    pub trait Sealed {}
}

/// The integer types that a sequence word can have.
///
/// `u64` needs a target with 64-bit atomics. `usize` is the widest word that every target has.
///
/// ```
/// fn width<W: seqcopy::seq_count::SeqWord>() -> usize { size_of::<W>() }
/// assert_eq!(width::<u16>(), 2);
/// ```
pub trait SeqWord: Copy + Eq + Hash + Debug + Send + Sync + sealed::Sealed + 'static {
    #[doc(hidden)]
    type Atomic: AtomicWord<Self>;
}

/// The atomic type of a word.
pub trait AtomicWord<W>: Debug + Send + Sync {
    fn with(word: W) -> Self;
    fn load(&self, ordering: Ordering) -> W;
    fn store(&self, word: W, ordering: Ordering);
}

/// A word that can be changed by one read-modify-write: all but one that is made of two.
#[cfg(target_has_atomic = "8")]
#[doc(hidden)]
pub trait ExchangeWord: SeqWord {
    /// The method of the atomic with the same name.
    fn compare_exchange(
        atomic: &Self::Atomic,
        current: Self,
        new: Self,
        success: Ordering,
        failure: Ordering,
    ) -> Result<Self, Self>;
}

macro_rules! zero_is_busy {
    ($code:ty, $word:ty) => {
        // SAFETY: `busy` is 0, and 0 is Busy (P21 snapshot).
        unsafe impl SeqCode for $code {
            type Word = $word;
            const INITIAL: $word = 0;

            #[inline(always)]
            fn state(word: $word) -> State {
                if word == 0 { State::Busy } else { State::Stable }
            }

            #[inline(always)]
            fn busy(_found: $word) -> $word {
                0
            }
        }
    };
}

macro_rules! words {
    ($($word:ty, $atomic:ty;)*) => {$(
        impl sealed::Sealed for $word {}

        #[cfg(target_has_atomic = "8")]
        impl ExchangeWord for $word {
            #[inline(always)]
            fn compare_exchange(
                atomic: &$atomic,
                current: $word,
                new: $word,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$word, $word> {
                atomic.compare_exchange(current, new, success, failure)
            }
        }

        impl SeqWord for $word {
            type Atomic = $atomic;
        }

        impl AtomicWord<$word> for $atomic {
            fn with(word: $word) -> Self {
                <$atomic>::new(word)
            }

            #[inline(always)]
            fn load(&self, ordering: Ordering) -> $word {
                self.load(ordering)
            }

            #[inline(always)]
            fn store(&self, word: $word, ordering: Ordering) {
                self.store(word, ordering);
            }
        }

        // SAFETY: `busy` is odd, and odd is Busy (P21 snapshot).
        unsafe impl SeqCode for Parity<$word> {
            type Word = $word;
            const INITIAL: $word = 0;

            #[inline(always)]
            fn state(word: $word) -> State {
                if word & 1 == 0 { State::Stable } else { State::Busy }
            }

            #[inline(always)]
            fn busy(found: $word) -> $word {
                found | 1
            }
        }

        // SAFETY: odd plus one is even; the type documents when it repeats (P21 snapshot).
        unsafe impl Successor for Parity<$word> {
            #[inline(always)]
            fn next(busy: $word) -> $word {
                busy.wrapping_add(1)
            }
        }

        // SAFETY: `busy` is odd, and odd is Busy (P21 snapshot).
        unsafe impl SeqCode for ParitySkipZero<$word> {
            type Word = $word;
            const INITIAL: $word = 0;

            #[inline(always)]
            fn state(word: $word) -> State {
                match word {
                    0 => State::Empty,
                    _ => Parity::<$word>::state(word),
                }
            }

            #[inline(always)]
            fn busy(found: $word) -> $word {
                found | 1
            }
        }

        // SAFETY: even and not 0; the type documents when it repeats (P21 snapshot).
        unsafe impl Successor for ParitySkipZero<$word> {
            #[inline(always)]
            fn next(busy: $word) -> $word {
                match busy.wrapping_add(1) {
                    0 => 2,
                    next => next,
                }
            }
        }

        zero_is_busy! { StampOrZero<$word>, $word }
        zero_is_busy! { CountOrZero<$word>, $word }

        // SAFETY: not 0; the type documents when a word repeats, and which write must not end so (P21 snapshot).
        unsafe impl Successor for CountOrZero<$word> {
            /// The first word.
            fn next(_busy: $word) -> $word {
                1
            }

            #[inline(always)]
            fn next_after(found: $word, _busy: $word) -> $word {
                match found.wrapping_add(1) {
                    0 | <$word>::MAX => 1,
                    next => next,
                }
            }
        }
    )*};
}

words! {
    u16, AtomicU16;
    u32, AtomicU32;
    usize, AtomicUsize;
}
#[cfg(target_has_atomic = "64")]
words! {
    u64, AtomicU64;
}

/// A word wide enough to count up by one for longer than any program runs.
#[allow(unreachable_pub)]
pub trait WideWord: SeqWord {
    /// The first word.
    const ZERO: Self;

    /// The word for a number.
    fn from_number(number: u64) -> Self;

    /// The number that the word stands for. It is less than 2^63 if the word consists of two words.
    fn number(self) -> u64;
}

#[cfg(target_has_atomic = "64")]
impl WideWord for u64 {
    const ZERO: Self = 0;

    #[inline(always)]
    fn from_number(number: u64) -> Self {
        number
    }

    #[inline(always)]
    fn number(self) -> u64 {
        self
    }
}

/// An atomic word with this content.
#[cfg(not(loom))]
pub(crate) const fn atomic<W: SeqWord>(word: W) -> W::Atomic {
    union Same<W: Copy, A> {
        word: W,
        atomic: core::mem::ManuallyDrop<A>,
    }
    let same = Same::<W, W::Atomic> { word };
    // SAFETY: an atomic has the size and bit validity of its integer, and so have both parts of a word of two
    // (P7 from_ptr).
    core::mem::ManuallyDrop::into_inner(unsafe { same.atomic })
}

/// The word of an atomic that is exclusively borrowed.
#[cfg(not(loom))]
pub(crate) const fn exclusive<W: SeqWord>(atomic: &mut W::Atomic) -> &mut W {
    let word = (&raw mut *atomic).cast::<W>();
    // SAFETY: exclusively borrowed, for as long as the result is (I4 private); an atomic has the size and bit validity
    // of its integer and at least its alignment, and so have both parts of a word of two (P7 from_ptr).
    unsafe { &mut *word }
}

#[cfg(loom)]
pub(crate) fn atomic<W: SeqWord>(word: W) -> W::Atomic {
    AtomicWord::with(word)
}
