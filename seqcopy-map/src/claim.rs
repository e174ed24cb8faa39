//! [`Claim`]: one writer at a time.

use crate::primitive::{Acquire, AtomicBool, Relaxed, Release, snooze};

/// Whether a thread is writing.
pub(crate) struct Claim(AtomicBool);

/// The right to write, until it is dropped.
pub(crate) struct Claimed<'a>(&'a Claim);

impl Claim {
    pub(crate) fn new() -> Self {
        Claim(AtomicBool::new(false))
    }

    /// Waits until no other thread writes.
    #[inline]
    pub(crate) fn acquire(&self) -> Claimed<'_> {
        let mut failed = 0;
        // Pairs with the release in `drop`: what the last writer did happens-before what this one does.
        while self.0.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
            snooze(&mut failed);
        }
        Claimed(self)
    }
}

impl Drop for Claimed<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.0.store(false, Release);
    }
}
