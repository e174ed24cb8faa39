//! [`ForkGuard`] for a system without forks: only the loss of pages could change it, and no page is lost there.

use std::io::Result;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use super::lost::MAY_WRITE;

#[derive(Debug)]
pub(crate) struct ForkGuard(AtomicU8);

impl ForkGuard {
    #[allow(clippy::unnecessary_wraps)] // as on Unix
    pub(crate) fn new() -> Result<Self> {
        Ok(ForkGuard(AtomicU8::new(MAY_WRITE)))
    }

    /// The byte of the mark.
    pub(crate) fn flag(&self) -> &AtomicU8 {
        &self.0
    }

    #[allow(clippy::unused_self)] // as on Unix
    #[inline(always)]
    pub(crate) fn is_forked(&self) -> bool {
        false
    }

    /// [`MAY_WRITE`], always.
    #[inline(always)]
    pub(crate) fn mark(&self) -> u8 {
        self.0.load(Relaxed)
    }
}
