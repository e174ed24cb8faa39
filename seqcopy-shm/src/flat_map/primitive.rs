//! The atomic types of a map's word and tables. No other file of this folder names them, so that the tests can replace
//! them with the types of `tests/crash.rs`, whose stores stop where a writer is to crash.

#[cfg(test)]
pub(super) use super::tests::crash::{AtomicPerByte, AtomicU64, LatchWord};
#[cfg(not(test))]
pub(super) use crate::primitive::AtomicU64;
#[cfg(not(test))]
pub(super) use seqcopy::{AtomicPerByte, seq_count::LatchWord};
