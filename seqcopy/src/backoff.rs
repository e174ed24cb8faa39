//! [`Backoff`]: how a thread waits that has to try again.

use crate::primitive::{spin_loop, yield_now};

/// How many waits spin before waiting becomes yielding.
const SPINS: u32 = 64;

/// Waits a little after `failed` attempts: spins at first, and yields the processor later.
#[cold]
#[inline(never)]
pub(crate) extern "C" fn snooze(failed: u32) {
    if failed <= SPINS { spin_loop() } else { yield_now() }
}

/// Counts failed attempts, and waits longer the more there were. The name and the behaviour are those of crossbeam's `Backoff`.
#[derive(Default)]
pub(crate) struct Backoff(u32);

impl Backoff {
    /// Inlined, so that only the number is passed on, not the address of the caller's counter.
    #[inline(always)]
    pub(crate) fn snooze(&mut self) {
        self.0 = self.0.saturating_add(1);
        snooze(self.0);
    }
}
