//! [`TwoWords`]: a wide word for targets without 64-bit atomics, made of two words of 32 bits.
//!
//! `low` is the number modulo 2^32; `high` is the number divided by 2^31, so it counts *halves*: runs of 2^31 numbers
//! that share the highest bit of `low`. The lowest bit of `high` therefore equals the highest bit of `low`, except
//! between the two stores of a writer that enters a new half, which stores `high` first. Consecutive numbers differ by
//! one, so these 63 bits tell each number from its neighbours.
//!
//! ```text
//! one writer at a time (I5 one-writer)         reader
//!     a new half?                              u1  before = high         Acquire
//! t1  high = number / 2^31     Release         u2  low                   Acquire
//! t2  low  = number            Release         u3  after = high          Acquire; if before == after,
//!                                                  the half is `before`, or the one before that,
//!                                                  whichever has the parity of low's highest bit
//! ```
//!
//! A load returns exactly the number whose t2 was seen by u2. Let that be number *n*, of half *h*, and let u1 have seen
//! half *x*. *x* - 1 <= *h*: t1 of *x* is a release store that follows t2 of the last number of half *x* - 1, and u1
//! acquires, so u2 sees that number or a later one. *h* <= *x*: t2 of *n* is a release store that follows t1 of *h*,
//! and u2 acquires, so u3 sees *h* or later; and it sees *x*. The parity decides between the two. Only 2^32 halves,
//! that is all numbers, between u1 and u3 could make a changed `high` look unchanged.
//!
//! The number behaves like one atomic word whose loads all acquire and whose stores all release: a thread that sees a
//! number also sees what happened before its store, and numbers never go back. The protocols ask no more of a word (P26
//! two-words), and use this one unchanged. A writer that dies between t1 and t2 has stored no new number: `high` is one
//! ahead, a state that readers know from every change of halves; the next writer finds the previous number, and stores
//! the same half again.
//!
//! A load only repeats if `high` changed between u1 and u3: after 2^31 further numbers, or if u1 saw a stale value.

use super::code::{AtomicWord, Parity, SeqCode, SeqWord, State, Successor, WideWord, sealed};
use crate::primitive::{Acquire, AtomicU32, Ordering, Relaxed, Release};

/// A number in two words, `LOW` bits of it in the first: 32, or fewer in tests, so that it wraps often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Long<const LOW: u32> {
    pub(super) low: u32,
    pub(super) high: u32,
}

impl<const LOW: u32> Long<LOW> {
    /// The number of bits of `low` that `high` does not repeat.
    const HALF: u32 = LOW - 1;

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // numbers wrap
    const fn from_number(number: u64) -> Self {
        Long { low: number as u32 & u32::MAX >> (u32::BITS - LOW), high: (number >> Self::HALF) as u32 }
    }

    /// The number with this `low`. `high` is the half of the number, or one more.
    #[inline(always)]
    pub(super) const fn seen(low: u32, high: u32) -> Self {
        Long { low, high: high.wrapping_sub((high ^ low >> Self::HALF) & 1) }
    }
}

impl<const LOW: u32> WideWord for Long<LOW> {
    const ZERO: Self = Long::from_number(0);

    #[inline(always)]
    fn from_number(number: u64) -> Self {
        Self::from_number(number)
    }

    #[inline(always)]
    fn number(self) -> u64 {
        u64::from(self.high) << Self::HALF | u64::from(self.low & !(u32::MAX << Self::HALF))
    }
}

/// The atomic type of a [`Long`], for one writer at a time.
#[derive(Debug)]
#[repr(C)]
pub struct TwoWords<const LOW: u32> {
    pub(super) low: AtomicU32,
    pub(super) high: AtomicU32,
}

impl<const LOW: u32> TwoWords<LOW> {
    /// Makes store t1 if the number begins a new half.
    #[inline(always)]
    pub(crate) fn show_half(&self, word: Long<LOW>) {
        // The last store was made by this writer, or happened before it took over (I5 one-writer).
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

    /// Always acquires, whatever ordering the caller requests.
    #[inline]
    fn load(&self, _: Ordering) -> Long<LOW> {
        // u1: pairs with t1.
        let mut before = self.high.load(Acquire);
        loop {
            // u2: pairs with t2.
            let low = self.low.load(Acquire);
            // u3, and u1 of the next iteration.
            let after = self.high.load(Acquire);
            if before == after {
                return Long::seen(low, before);
            }
            before = after;
        }
    }

    /// Always releases, whatever ordering the caller requests. `word` is the current word or its successor.
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

// SAFETY: `busy` is odd, and odd is Busy (P21 snapshot).
unsafe impl<const LOW: u32> SeqCode for Parity<Long<LOW>> {
    type Word = Long<LOW>;
    const INITIAL: Long<LOW> = Long::ZERO;

    #[inline(always)]
    fn state(word: Long<LOW>) -> State {
        if word.number() & 1 == 0 { State::Stable } else { State::Busy }
    }

    #[inline(always)]
    fn busy(found: Long<LOW>) -> Long<LOW> {
        Long::from_number(found.number() | 1)
    }
}

// SAFETY: odd plus one is even, and only repeats after all other numbers (P21 snapshot).
unsafe impl<const LOW: u32> Successor for Parity<Long<LOW>> {
    #[inline(always)]
    fn next(busy: Long<LOW>) -> Long<LOW> {
        Long::from_number(busy.number().wrapping_add(1))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::seq_count::code::atomic;

    fn stored<const LOW: u32>(numbers: impl Iterator<Item = u64>) {
        let mut numbers = numbers.peekable();
        let word = atomic(Long::<LOW>::from_number(*numbers.peek().expect("a first number")));
        let mut last = None;
        for number in numbers {
            // Between the two stores the number is still the previous one.
            word.show_half(Long::from_number(number));
            if let Some(last) = last {
                assert_eq!(word.load(Relaxed).number(), last);
            }
            word.store(Long::from_number(number), Relaxed);
            let found = word.load(Relaxed);
            assert_eq!((found, found.number()), (Long::from_number(number), number));
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
        let word = atomic(Long::<32>::from_number((1 << 63) - 1));
        word.store(Long::from_number(1 << 63), Relaxed);
        assert_eq!(word.load(Relaxed).number(), 0);
    }

    #[test]
    fn a_writer_that_died_between_the_stores_is_followed() {
        let word = atomic(Long::<2>::from_number(5));
        for _ in 0..3 {
            word.show_half(Long::from_number(6));
            assert_eq!(word.load(Relaxed).number(), 5);
        }
        word.store(Long::from_number(6), Relaxed);
        assert_eq!(word.load(Relaxed).number(), 6);
        assert_eq!(word.high.load(Relaxed), 3);
    }
}
