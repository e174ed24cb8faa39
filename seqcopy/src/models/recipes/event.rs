use event_listener::{Event, Listener};
use seqcopy::{SeqLock, Version};

struct Shared {
    value: SeqLock<u64>,
    written: Event,
}

impl Shared {
    fn write(&self, value: u64) {
        self.value.write(value);
        self.written.notify(usize::MAX); // after the write; it begins with a fence
    }

    fn changed(&self, known: &mut Version) -> u64 {
        loop {
            let listener = self.written.listen(); // before the read; it ends with a fence
            if let Some(value) = self.value.read_if_changed(known) {
                return value;
            }
            listener.wait();
        }
    }

    async fn changed_async(&self, known: &mut Version) -> u64 {
        loop {
            let listener = self.written.listen();
            if let Some(value) = self.value.read_if_changed(known) {
                return value;
            }
            listener.await;
        }
    }
}
