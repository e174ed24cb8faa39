use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, fence};

use seqcopy::SeqLock;

struct Shared {
    config: SeqLock<u64>,
    busy: AtomicBool,
}

impl Shared {
    /// Publishes a value, then returns whether the worker is busy, possibly with the old one.
    fn publish(&self, config: u64) -> bool {
        self.config.write(config);
        fence(SeqCst); // pairs with the worker's
        self.busy.load(Relaxed)
    }

    /// The worker announces that it is busy, then reads the value.
    fn begin(&self) -> u64 {
        self.busy.store(true, Relaxed);
        fence(SeqCst); // pairs with the publisher's
        self.config.read()
    }
}
