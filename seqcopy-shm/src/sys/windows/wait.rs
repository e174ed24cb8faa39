//! Waiting for a newer value. This system lets a thread sleep on a word of its own process only (`WaitOnAddress`). So a
//! thread that waits for another process looks each millisecond, and nobody has to wake it.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// The time since some fixed moment in the past. This clock never goes backwards.
pub(crate) fn now() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

/// A sequence word, and the value that was seen there.
pub(crate) type Seen<'a> = (&'a AtomicU64, u64);

/// The maximum number of words on which a thread waits at once, as on Linux.
pub(crate) const MOST: usize = 128;

/// How often the words are loaded.
pub(crate) const LOOK: Duration = Duration::from_millis(1);

/// Sleeps until it is time for another look.
pub(crate) fn sleep_on(_: &[Seen<'_>], time: Duration) {
    std::thread::sleep(time.min(LOOK));
}

/// Wakes no thread, because all look by themselves.
pub(crate) fn wake(_: &AtomicU64) {}
