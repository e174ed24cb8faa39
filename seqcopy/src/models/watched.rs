//! `Watched`: no wake-up is lost, whatever wakes, and the end of the writer is heard.

use core::time::Duration;

use super::recipes::{Recipe, one_waiter, two_writes};
use super::stand_ins::{Place, block_on};
use super::{Arc, explore, thread};
use crate::lock::{SeqLock, Version};
use crate::watched::Watched;

/// One way to wait, with one way to write.
macro_rules! watched {
    ($name:ident($of:ty), $new:expr, |$this:ident, $value:ident| $write:expr, |$known:ident| $changed:expr) => {
        struct $name($of);

        impl Recipe for $name {
            fn new() -> Self {
                $name($new)
            }

            fn value(&self) -> &SeqLock<u64> {
                self.0.lock()
            }

            fn write(&self, $value: u64) {
                let $this = &self.0;
                $write;
            }

            fn changed(&self, $known: &mut Version) -> u64 {
                let $this = &self.0;
                $changed
            }
        }
    };
}

watched!(Blocking(Watched<u64>), Watched::new(SeqLock::new(0)), |this, value| this.write(value), |known| this
    .wait(known));
watched!(Timed(Watched<u64>), Watched::new(SeqLock::new(0)), |this, value| this.write(value), |known| {
    this.wait_timeout(known, Duration::from_secs(1)).expect("models have no clock")
});
watched!(Async(Watched<u64>), Watched::new(SeqLock::new(0)), |this, value| this.update(|old| *old = value), |known| {
    block_on(this.changed(known))
});
// Not dropped: its end wakes, too.
watched!(
    ByWriter(Watched<u64>),
    Watched::new(SeqLock::new(0)),
    |this, value| {
        let mut writer = this.writer().expect("the only writer");
        writer.write(value);
        core::mem::forget(writer);
    },
    |known| block_on(this.changed(known))
);

/// By a wake-up that is not the crate's.
struct ByWakeUp {
    watched: Watched<u64, SeqLock<u64>, Arc<Place>>,
    place: Arc<Place>,
}

impl Recipe for ByWakeUp {
    fn new() -> Self {
        let place = Arc::new(Place::new());
        ByWakeUp { watched: Watched::with_wake_up(SeqLock::new(0), Arc::clone(&place)), place }
    }

    fn value(&self) -> &SeqLock<u64> {
        self.watched.lock()
    }

    fn write(&self, value: u64) {
        self.watched.write(value);
    }

    fn changed(&self, known: &mut Version) -> u64 {
        self.place.block_on(self.watched.changed(known))
    }
}

/// The writer writes once and goes, and the waiter sees both, in that order.
fn until_gone() {
    let watched = Arc::new(Watched::new(SeqLock::new(0u64)));
    let mut writer = Watched::writer_arc(&watched).expect("the only writer");
    let mut known = watched.version();
    let writes = thread::spawn(move || writer.write(1));
    let waits = thread::spawn(move || {
        let mut last = 0;
        while let Some(value) = block_on(watched.changed_or_gone(&mut known)) {
            last = value;
        }
        assert_eq!(last, 1, "gone, and its last value was missed");
    });
    writes.join().unwrap();
    waits.join().unwrap();
}

#[test]
fn watched_blocking() {
    explore("watched_blocking", one_waiter::<Blocking>);
}

#[test]
fn watched_timed() {
    explore("watched_timed", one_waiter::<Timed>);
}

#[test]
fn watched_async() {
    explore("watched_async", one_waiter::<Async>);
}

#[test]
fn watched_two_writes() {
    explore("watched_two_writes", two_writes::<Blocking>);
}

#[test]
fn watched_wake_up() {
    explore("watched_wake_up", one_waiter::<ByWakeUp>);
}

#[test]
fn watched_writer() {
    explore("watched_writer", one_waiter::<ByWriter>);
}

#[test]
fn watched_until_gone() {
    explore("watched_until_gone", until_gone);
}
