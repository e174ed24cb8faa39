//! The types that the latch's word and the tables are made of, in a file of their own as the only one that names them: in the tests of this crate they
//! are those of `tests/crash.rs`, whose stores end where a writer crashes.

#[cfg(test)]
pub(super) use super::tests::crash::{AtomicPerByte, AtomicU64, LatchWord};
#[cfg(not(test))]
pub(super) use crate::primitive::AtomicU64;
#[cfg(not(test))]
pub(super) use seqcopy::{AtomicPerByte, seq_count::LatchWord};
