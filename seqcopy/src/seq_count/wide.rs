//! [`Wide`]: the word that the locks count in, wide enough not to wrap during a read. The only file that chooses it: one word of
//! 64 bits, or two of 32 where there are no 64-bit atomics.
//!
//! `--cfg seqcopy_two_words` selects two words on all targets, for tests. The first then has only 4 bits, so that every test makes
//! it wrap.

#[cfg(all(target_has_atomic = "64", not(seqcopy_two_words)))]
pub(crate) type Wide = u64;

#[cfg(not(all(target_has_atomic = "64", not(seqcopy_two_words))))]
pub(crate) type Wide = super::two_words::Long<{ if cfg!(seqcopy_two_words) { 4 } else { 32 } }>;
