//! What the bits of a sequence word mean: pure functions, no orderings.

use core::fmt::Debug;
use core::hash::Hash;
use core::marker::PhantomData;

#[cfg(target_has_atomic = "64")]
use crate::primitive::AtomicU64;
use crate::primitive::{AtomicU16, AtomicU32, Ordering};

/// What a word says about the payload beside it.
///
/// ```
/// use seqcopy::{Parity, SeqCode, State};
/// assert_eq!(Parity::<u32>::state(7), State::Busy);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The payload is whole, and stays so until the word changes.
    Stable,
    /// A write is in progress, or stopped in the middle.
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
/// | [`StampOrZero`] | not 0 | 0 | 0 | whatever the caller says |
///
/// An encoding of your own, here for a word whose top bit says "busy":
///
/// ```
/// use seqcopy::{SeqCode, SeqCount, State, Successor};
///
/// enum TopBit {}
/// // SAFETY: `busy` sets the top bit, which `state` reports; `next` clears it and counts, so that a value comes
/// // back after 2^31 writes only.
/// unsafe impl SeqCode for TopBit {
///     type Word = u32;
///     const INITIAL: u32 = 0;
///     fn state(word: u32) -> State { if word >> 31 == 1 { State::Busy } else { State::Stable } }
///     fn busy(found: u32) -> u32 { found | 1 << 31 }
/// }
/// // SAFETY: as above.
/// unsafe impl Successor for TopBit {
///     // `busy + 1` would overflow once, in the middle of a write.
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
/// `next` runs while the word is busy, so it should not panic: [what that leaves](crate::SeqCount#panics).
///
/// # Safety
/// * `state(busy(w))` is [`State::Busy`] for every `w`, also one that no writer of this encoding would leave.
/// * `state` and `busy` are pure functions of their arguments.
pub unsafe trait SeqCode {
    /// The word's type: `u16`, `u32` or `u64`.
    type Word: SeqWord;

    /// The word before the first write.
    const INITIAL: Self::Word;

    /// What a word says.
    fn state(word: Self::Word) -> State;

    /// The word to put in the place of `found` while a write is in progress. `found` may be busy itself: then a
    /// writer stopped there, and this one goes on from it.
    fn busy(found: Self::Word) -> Self::Word;
}

/// An encoding that knows by itself which word comes after a write.
///
/// ```
/// use seqcopy::{Parity, Successor};
/// assert_eq!(Parity::<u16>::next(7), 8);
/// assert_eq!(Parity::<u16>::next(u16::MAX), 0);
/// ```
///
/// # Safety
/// `next(busy)` is [`State::Stable`], and a value that a reader may still hold from an earlier write does not come
/// back: the encoding says after how many writes it may.
pub unsafe trait Successor: SeqCode {
    /// The word after the write that `busy` stood for.
    fn next(busy: Self::Word) -> Self::Word;
}

/// Linux's encoding (`seqcount_t`): even is stable, odd is busy, each write adds 2.
///
/// `W` is `u16`, `u32` or `u64`. A word comes back after 2^15, 2^31, 2^63 writes: at a million writes a second
/// after 33 ms, 36 minutes, 292,000 years. A reader that is stopped in the middle of a copy for exactly that long
/// takes a mix for a value, so use `u64` where you can choose.
///
/// ```
/// use seqcopy::{Parity, SeqCode};
/// assert_eq!(Parity::<u32>::busy(4), 5);
/// assert_eq!(Parity::<u32>::busy(5), 5); // goes on where a dead writer stopped
/// ```
#[derive(Debug)]
pub struct Parity<W>(PhantomData<W>);

/// [`Parity`] in which 0 means that nothing has been written yet. Wraps as `Parity` does, one write earlier.
///
/// ```
/// use seqcopy::{ParitySkipZero, SeqCode, State, Successor};
/// assert_eq!(ParitySkipZero::<u16>::state(0), State::Empty);
/// assert_eq!(ParitySkipZero::<u16>::next(u16::MAX), 2);
/// ```
#[derive(Debug)]
pub struct ParitySkipZero<W>(PhantomData<W>);

/// A stamp that the writer chooses, such as a time; 0 while a write is in progress and before the first one, which
/// is reported as [`State::Busy`] in both cases.
///
/// It has no [`Successor`]: write with [`SeqCount::write_at`](crate::SeqCount::write_at). No stamp may be given
/// twice. A writer that dies in the middle takes the last stamp with it (the word is 0 then), so let the stamps
/// come from something that never repeats, such as a clock that never goes back.
///
/// ```
/// use seqcopy::{SeqCode, StampOrZero, State};
/// assert_eq!(StampOrZero::<u64>::state(0), State::Busy);
/// assert_eq!(StampOrZero::<u64>::state(1_700_000_000), State::Stable);
/// ```
#[derive(Debug)]
pub struct StampOrZero<W>(PhantomData<W>);

pub(super) mod sealed {
    pub trait Sealed {}
}

/// The integers that a sequence word can be.
///
/// `u64` needs a target with 64-bit atomics.
///
/// ```
/// fn width<W: seqcopy::SeqWord>() -> usize { size_of::<W>() }
/// assert_eq!(width::<u16>(), 2);
/// ```
pub trait SeqWord: Copy + Eq + Hash + Debug + Send + Sync + sealed::Sealed + 'static {
    #[doc(hidden)]
    type Atomic: AtomicWord<Self>;
}

/// The atomic of a word.
#[doc(hidden)]
pub trait AtomicWord<W>: Debug + Send + Sync {
    fn with(word: W) -> Self;
    fn load(&self, ordering: Ordering) -> W;
    fn store(&self, word: W, ordering: Ordering);
}

macro_rules! words {
    ($($word:ty, $atomic:ty;)*) => {$(
        impl sealed::Sealed for $word {}

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

        // SAFETY: `busy` is odd, and odd is Busy (P21).
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

        // SAFETY: odd plus one is even; the type's documentation says when it comes back (P21).
        unsafe impl Successor for Parity<$word> {
            #[inline(always)]
            fn next(busy: $word) -> $word {
                busy.wrapping_add(1)
            }
        }

        // SAFETY: `busy` is odd, and odd is Busy (P21).
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

        // SAFETY: even and not 0; the type's documentation says when it comes back (P21).
        unsafe impl Successor for ParitySkipZero<$word> {
            #[inline(always)]
            fn next(busy: $word) -> $word {
                match busy.wrapping_add(1) {
                    0 => 2,
                    next => next,
                }
            }
        }
    )*};
}

words! {
    u16, AtomicU16;
    u32, AtomicU32;
}
#[cfg(target_has_atomic = "64")]
words! {
    u64, AtomicU64;
}

#[cfg(target_has_atomic = "64")]
// SAFETY: `busy` is 0, and 0 is Busy (P21).
unsafe impl SeqCode for StampOrZero<u64> {
    type Word = u64;
    const INITIAL: u64 = 0;

    #[inline(always)]
    fn state(word: u64) -> State {
        if word == 0 { State::Busy } else { State::Stable }
    }

    #[inline(always)]
    fn busy(_found: u64) -> u64 {
        0
    }
}

/// A word that is a number which goes up by one, for longer than any program runs.
pub(crate) trait WideWord: SeqWord {
    /// The first.
    const ZERO: Self;

    /// The word of a number.
    fn of(number: u64) -> Self;

    /// The number of a word; less than 2^63 if the word is two.
    fn number(self) -> u64;
}

#[cfg(target_has_atomic = "64")]
impl WideWord for u64 {
    const ZERO: Self = 0;

    #[inline(always)]
    fn of(number: u64) -> Self {
        number
    }

    #[inline(always)]
    fn number(self) -> u64 {
        self
    }
}

/// The atomic of a word, with that content.
#[cfg(not(loom))]
pub(crate) const fn atomic<W: SeqWord>(word: W) -> W::Atomic {
    union Same<W: Copy, A> {
        word: W,
        atomic: core::mem::ManuallyDrop<A>,
    }
    let same = Same::<W, W::Atomic> { word };
    // SAFETY: an atomic has the size and bit validity of its integer, one by one if the word is two (P7).
    core::mem::ManuallyDrop::into_inner(unsafe { same.atomic })
}

#[cfg(loom)]
pub(crate) fn atomic<W: SeqWord>(word: W) -> W::Atomic {
    AtomicWord::with(word)
}
