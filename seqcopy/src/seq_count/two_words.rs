//! [`TwoWords`]: a long word where there are no atomics of 64 bits, made of two of 32.
//!
//! `low` is the number modulo 2^32. `high` counts how often `low` has come to a half of its numbers: so the lowest bit of
//! `high` is the highest of `low`, except between the two stores of a writer that comes to a new half, who shows that first.
//! Numbers go up by one at a time, so each is told from its neighbours by these 63 bits.
//!
//! ```text
//! writer, alone (I5)                           reader
//!     a new half?                              u1  before = high         Acquire
//! t1  high = number / 2^31     Release         u2  low                   Acquire
//! t2  low  = number            Release         u3  after = high          Acquire; if before == after,
//!                                                  the half is `before`, or the one before that,
//!                                                  whichever has the parity of low's highest bit
//! ```
//!
//! What is loaded is exactly the number whose t2 was seen by u2. Say that is number *n*, of half *h*, and u1 saw half *x*.
//! *x* - 1 <= *h*: t1 of *x* is a release store behind t2 of the last number of half *x* - 1, and u1 acquires: u2 sees that number
//! or a later one. *h* <= *x*: t2 of *n* is a release store behind t1 of *h*, and u2 acquires: u3 sees *h* or later; and it sees *x*.
//! Of two neighbours the parity says which. u3 takes 2^32 halves, all numbers there are, to be fooled.
//!
//! So the number is as one atomic word would have it whose loads all acquire and whose stores all release: who sees a number
//! sees what happened before its store, and nobody goes back. That is all that the protocols ask of a word (P26), and they run
//! over this one as they are. A writer that dies between t1 and t2 has stored nothing new: the half is one ahead, as it was for
//! readers meanwhile; the next writer finds the number before, and stores the same half again.
//!
//! A load goes round once more only if 2^31 numbers have passed meanwhile, or if u1 saw what was stale by then.

use super::code::{AtomicWord, Parity, SeqCode, SeqWord, State, Successor, WideWord, sealed};
use crate::primitive::{Acquire, AtomicU32, Ordering, Relaxed, Release};

/// A number in two words, of which `LOW` bits are in the first: 32, but in tests that want it to come round often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Long<const LOW: u32> {
    pub(super) low: u32,
    pub(super) high: u32,
}

impl<const LOW: u32> Long<LOW> {
    /// How many bits of `low` are not in `high`.
    const HALF: u32 = LOW - 1;

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // that is how numbers come round
    const fn of(number: u64) -> Self {
        Long { low: number as u32 & u32::MAX >> (u32::BITS - LOW), high: (number >> Self::HALF) as u32 }
    }

    /// The number of which `low` was seen, and `high` at the same time or one half ahead.
    #[inline(always)]
    pub(super) const fn seen(low: u32, high: u32) -> Self {
        Long { low, high: high.wrapping_sub((high ^ low >> Self::HALF) & 1) }
    }
}

impl<const LOW: u32> WideWord for Long<LOW> {
    const ZERO: Self = Long::of(0);

    #[inline(always)]
    fn of(number: u64) -> Self {
        Self::of(number)
    }

    #[inline(always)]
    fn number(self) -> u64 {
        u64::from(self.high) << Self::HALF | u64::from(self.low & !(u32::MAX << Self::HALF))
    }
}

/// The atomic of a [`Long`], for one writer at a time.
#[derive(Debug)]
#[repr(C)]
pub struct TwoWords<const LOW: u32> {
    pub(super) low: AtomicU32,
    pub(super) high: AtomicU32,
}

impl<const LOW: u32> TwoWords<LOW> {
    /// t1, if the number begins a new half.
    #[inline(always)]
    pub(crate) fn show_half(&self, word: Long<LOW>) {
        // The last store is this writer's own, or happened before it took over (I5).
        if (self.low.load(Relaxed) ^ word.low) >> Long::<LOW>::HALF & 1 == 1 {
            // t1: pairs with u1.
            self.high.store(word.high, Release);
        }
    }
}

impl<const LOW: u32> AtomicWord<Long<LOW>> for TwoWords<LOW> {
    fn with(word: Long<LOW>) -> Self {
        TwoWords { low: AtomicU32::new(word.low), high: AtomicU32::new(word.high) }
    }

    /// Acquires, whatever the caller asks for.
    #[inline]
    fn load(&self, _: Ordering) -> Long<LOW> {
        // u1: pairs with t1.
        let mut before = self.high.load(Acquire);
        loop {
            // u2: pairs with t2.
            let low = self.low.load(Acquire);
            // u3, and u1 of the next round.
            let after = self.high.load(Acquire);
            if before == after {
                return Long::seen(low, before);
            }
            before = after;
        }
    }

    /// Releases, whatever the caller asks for. `word` is the last one, or its successor.
    #[inline]
    fn store(&self, word: Long<LOW>, _: Ordering) {
        self.show_half(word);
        // t2: pairs with u2.
        self.low.store(word.low, Release);
    }
}

impl<const LOW: u32> sealed::Sealed for Long<LOW> {}

impl<const LOW: u32> SeqWord for Long<LOW> {
    type Atomic = TwoWords<LOW>;
}

// SAFETY: `busy` is odd, and odd is Busy (P21).
unsafe impl<const LOW: u32> SeqCode for Parity<Long<LOW>> {
    type Word = Long<LOW>;
    const INITIAL: Long<LOW> = Long::ZERO;

    #[inline(always)]
    fn state(word: Long<LOW>) -> State {
        if word.number() & 1 == 0 { State::Stable } else { State::Busy }
    }

    #[inline(always)]
    fn busy(found: Long<LOW>) -> Long<LOW> {
        Long::of(found.number() | 1)
    }
}

// SAFETY: odd plus one is even, and comes back after all numbers there are (P21).
unsafe impl<const LOW: u32> Successor for Parity<Long<LOW>> {
    #[inline(always)]
    fn next(busy: Long<LOW>) -> Long<LOW> {
        Long::of(busy.number().wrapping_add(1))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::seq_count::code::atomic;

    fn stored<const LOW: u32>(numbers: impl Iterator<Item = u64>) {
        let mut numbers = numbers.peekable();
        let word = atomic(Long::<LOW>::of(*numbers.peek().expect("a first number")));
        let mut last = None;
        for number in numbers {
            // In the middle of the store the number still is the one before.
            word.show_half(Long::of(number));
            if let Some(last) = last {
                assert_eq!(word.load(Relaxed).number(), last);
            }
            word.store(Long::of(number), Relaxed);
            let found = word.load(Relaxed);
            assert_eq!((found, found.number()), (Long::of(number), number));
            last = Some(number);
        }
    }

    #[test]
    fn numbers_come_back_across_every_half() {
        const HALF: u64 = 1 << 31;
        for half in [1, 2, 3, 1 << 31, (1 << 32) - 1] {
            stored::<32>(half * HALF - 3..=half * HALF + 3);
        }
        stored::<32>(0..4);
        stored::<1>(0..9);
        stored::<2>(0..9);
        stored::<4>(0..99);
    }

    #[test]
    fn the_last_number_is_followed_by_the_first() {
        let word = atomic(Long::<32>::of((1 << 63) - 1));
        word.store(Long::of(1 << 63), Relaxed);
        assert_eq!(word.load(Relaxed).number(), 0);
    }

    #[test]
    fn a_writer_that_died_between_the_stores_is_followed() {
        let word = atomic(Long::<2>::of(5));
        for _ in 0..3 {
            word.show_half(Long::of(6));
            assert_eq!(word.load(Relaxed).number(), 5);
        }
        word.store(Long::of(6), Relaxed);
        assert_eq!(word.load(Relaxed).number(), 6);
        assert_eq!(word.high.load(Relaxed), 3);
    }
}
