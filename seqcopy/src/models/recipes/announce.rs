use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, fence};

use seqcopy::SeqLock;

struct Shared {
    config: SeqLock<u64>,
    busy: AtomicBool,
}

impl Shared {
    /// Publishes a value, then looks whether the worker is at work, maybe with the old one.
    fn publish(&self, config: u64) -> bool {
        self.config.write(config);
        fence(SeqCst); // pairs with the worker's
        self.busy.load(Relaxed)
    }

    /// The worker announces that it begins, then takes the value.
    fn begin(&self) -> u64 {
        self.busy.store(true, Relaxed);
        fence(SeqCst); // pairs with the publisher's
        self.config.read()
    }
}
