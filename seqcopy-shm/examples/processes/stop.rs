//! Whether a process that another one of this program has started is to end.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

/// Set when the process that started this one has closed its standard input, or has ended.
static STOP: AtomicBool = AtomicBool::new(false);

pub(crate) fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Has a thread wait for the other end of standard input to be closed.
pub(crate) fn watch_input() {
    std::thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        STOP.store(true, Ordering::Relaxed);
    });
}
