//! A clock that processes share, and how often something is done.

use std::time::Duration;

/// The interval between refreshes of the counters.
pub(crate) const REFRESH: Duration = Duration::from_millis(100);

/// A reader takes the age of one value in this many, and publishes its tally then: reading the clock costs more than
/// the read.
pub(crate) const SAMPLE: u64 = if cfg!(miri) { 8 } else { 64 };

/// Nanoseconds since the machine booted.
#[cfg(all(unix, not(miri)))]
pub(crate) fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// Nanoseconds since the first call.
#[cfg(not(all(unix, not(miri))))]
pub(crate) fn now() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    // Enough for 584 years.
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}
