//! The atomic types of a region's words. Normally those of `core`; with `--cfg seqcopy_traced`, which only
//! `ci/traces.sh` sets, types that record each access (`seqcopy/src/traced.rs`).

#[cfg(seqcopy_traced)]
pub(crate) use seqcopy::traced::{AtomicU32, AtomicU64, fence};
#[cfg(not(seqcopy_traced))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, fence};

/// The word as the atomic of `core`, because the system needs its address to sleep on it.
#[cfg(not(seqcopy_traced))]
pub(crate) fn untraced(word: &AtomicU64) -> &std::sync::atomic::AtomicU64 {
    word
}
#[cfg(seqcopy_traced)]
pub(crate) use seqcopy::traced::untraced;
