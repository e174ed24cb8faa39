//! [`Wide`]: the word that the locks count in, so long that it never comes round while somebody looks. The only file that
//! chooses which it is: one of 64 bits, or two of 32 where there are no atomics of 64.
//!
//! `--cfg seqcopy_two_words` takes two words everywhere, for tests, of which the first has no more than 4 bits: so everything
//! that tests do takes them across its end.

#[cfg(all(target_has_atomic = "64", not(seqcopy_two_words)))]
pub(crate) type Wide = u64;

#[cfg(not(all(target_has_atomic = "64", not(seqcopy_two_words))))]
pub(crate) type Wide = super::two_words::Long<{ if cfg!(seqcopy_two_words) { 4 } else { 32 } }>;
