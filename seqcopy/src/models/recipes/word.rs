use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicU32, fence};

use seqcopy::{SeqLock, Version};

struct Shared {
    value: SeqLock<u64>,
    epoch: AtomicU32,
    waiters: AtomicU32,
}

impl Shared {
    fn write(&self, value: u64) {
        self.value.write(value);
        fence(SeqCst); // pairs with the waiter's: it sees the value, or we see `waiters`
        if self.waiters.load(Relaxed) != 0 {
            self.epoch.fetch_add(1, Relaxed); // after the fence, which also releases the value
            atomic_wait::wake_all(&self.epoch);
        }
    }

    fn changed(&self, known: &mut Version) -> u64 {
        loop {
            if let Some(value) = self.value.read_if_changed(known) {
                return value;
            }
            self.waiters.fetch_add(1, Relaxed);
            fence(SeqCst); // pairs with the writer's
            let epoch = self.epoch.load(Acquire); // with a new epoch, the new value is visible
            if !self.value.has_changed(*known) {
                atomic_wait::wait(&self.epoch, epoch); // returns at once if the epoch has changed
            }
            self.waiters.fetch_sub(1, Relaxed);
        }
    }
}
