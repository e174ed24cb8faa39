//! Time that only goes forward, in a file of its own because each system has another clock.

use core::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time since some fixed moment in the past.
pub(crate) fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // this clock is never negative
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
