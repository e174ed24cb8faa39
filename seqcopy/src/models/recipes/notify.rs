use seqcopy::{SeqLock, Version};
use tokio::sync::Notify;

struct Shared {
    value: SeqLock<u64>,
    written: Notify,
}

impl Shared {
    fn write(&self, value: u64) {
        self.value.write(value);
        self.written.notify_waiters(); // after the write
    }

    async fn changed(&self, known: &mut Version) -> u64 {
        loop {
            let notified = self.written.notified(); // from here on, no `notify_waiters` is missed
            if let Some(value) = self.value.read_if_changed(known) {
                return value;
            }
            notified.await;
        }
    }
}
