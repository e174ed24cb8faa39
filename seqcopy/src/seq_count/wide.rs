//! [`Wide`]: the word that the locks count in, so long that it never comes round while somebody looks. The only file that
//! chooses which it is: one of 64 bits, or two of 32 where there are no atomics of 64.
//!
//! `--cfg seqcopy_two_words` takes two words everywhere, for tests, of which the first has no more than 4 bits: so everything
//! that tests do takes them across its end.

use super::code::SeqWord;

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

#[cfg(all(target_has_atomic = "64", not(seqcopy_two_words)))]
pub(crate) type Wide = u64;

#[cfg(not(all(target_has_atomic = "64", not(seqcopy_two_words))))]
pub(crate) type Wide = super::two_words::Long<{ if cfg!(seqcopy_two_words) { 4 } else { 32 } }>;

/// What counts in mapped memory: one word whatever this build does, because the others go by it, too.
#[cfg(target_has_atomic = "64")]
pub(crate) type Mapped = u64;

#[cfg(not(target_has_atomic = "64"))]
pub(crate) type Mapped = Wide;
