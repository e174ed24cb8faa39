//! The atomics of the words of regions and of maps: those of `core`, or those that say what is done with them (`seqcopy/src/traced.rs`).

#[cfg(seqcopy_traced)]
pub(crate) use seqcopy::traced::{AtomicU32, AtomicU64, fence};
#[cfg(not(seqcopy_traced))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, fence};
