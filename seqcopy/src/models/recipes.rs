//! The programs of `docs/guide/recipes.md`, exactly as printed there: the files in `recipes` are included here, and the
//! crates that they name are replaced by [`stand_ins`](super::stand_ins). No wake-up may be lost: loom reports a thread
//! that sleeps forever as a deadlock.

use core::ops::RangeInclusive;
use std::sync::Arc;

use super::{explore, explore_at, with};
use crate::lock::{SeqLock, Version};
use loom::thread::JoinHandle;

/// A lock, and what its readers use to wait.
pub(super) trait Recipe: Sized + 'static {
    fn new() -> Self;
    fn value(&self) -> &SeqLock<u64>;
    fn write(&self, value: u64);
    fn changed(&self, known: &mut Version) -> u64;
}

/// Wraps the type of a recipe, which is private to its file.
macro_rules! recipe {
    ($name:ident, $new:expr, $changed:expr) => {
        pub(super) struct $name(Shared);

        impl super::Recipe for $name {
            fn new() -> Self {
                $name($new)
            }

            fn value(&self) -> &SeqLock<u64> {
                &self.0.value
            }

            fn write(&self, value: u64) {
                self.0.write(value);
            }

            fn changed(&self, known: &mut Version) -> u64 {
                $changed(&self.0, known)
            }
        }
    };
}

mod notify {
    use super::super::stand_ins::{block_on, tokio};

    include!("recipes/notify.rs");

    recipe!(ByNotify, Shared { value: SeqLock::new(0), written: Notify::new() }, |shared: &Shared, known| block_on(
        shared.changed(known)
    ));
}

mod event {
    use super::super::stand_ins::{block_on, event_listener};

    include!("recipes/event.rs");

    recipe!(ByEvent, Shared { value: SeqLock::new(0), written: Event::new() }, Shared::changed);
    recipe!(ByEventAsync, Shared { value: SeqLock::new(0), written: Event::new() }, |shared: &Shared, known| block_on(
        shared.changed_async(known)
    ));
}

mod word {
    use super::super::stand_ins::{atomic_wait, of_std::std};

    include!("recipes/word.rs");

    recipe!(
        ByWord,
        Shared { value: SeqLock::new(0), epoch: AtomicU32::new(0), waiters: AtomicU32::new(0) },
        Shared::changed
    );
}

mod announce {
    use super::super::stand_ins::of_std::std;
    use super::{Arc, with};

    include!("recipes/announce.rs");

    pub(super) fn one_sees_the_other() {
        let shared = Arc::new(Shared { config: SeqLock::new(1), busy: AtomicBool::new(false) });
        let publisher = with(&shared, |shared| shared.publish(2));
        let worker = with(&shared, Shared::begin);
        let (saw_worker, config) = (publisher.join().unwrap(), worker.join().unwrap());
        assert!(saw_worker || config == 2, "each missed the other");
    }
}

fn writes<R: Recipe>(shared: &Arc<R>, values: RangeInclusive<u64>) -> JoinHandle<()> {
    with(shared, |shared| values.for_each(|value| shared.write(value)))
}

/// Waits for newer values until it has seen `last`.
fn waits_for<R: Recipe>(shared: &Arc<R>, last: u64) -> JoinHandle<()> {
    let mut known = shared.value().version();
    with(shared, move |shared| {
        let mut seen = 0;
        while seen < last {
            let value = shared.changed(&mut known);
            assert!(value > seen, "from value {seen} back to {value}");
            seen = value;
        }
    })
}

fn join<const THREADS: usize>(threads: [JoinHandle<()>; THREADS]) {
    for thread in threads {
        thread.join().unwrap();
    }
}

pub(super) fn one_waiter<R: Recipe>() {
    let shared = Arc::new(R::new());
    join([writes(&shared, 1..=1), waits_for(&shared, 1)]);
}

fn two_waiters<R: Recipe>() {
    let shared = Arc::new(R::new());
    join([writes(&shared, 1..=1), waits_for(&shared, 1), waits_for(&shared, 1)]);
}

pub(super) fn two_writes<R: Recipe>() {
    let shared = Arc::new(R::new());
    join([writes(&shared, 1..=2), waits_for(&shared, 2)]);
}

#[test]
fn recipe_notify() {
    explore("recipe_notify", one_waiter::<notify::ByNotify>);
}

#[test]
fn recipe_notify_two_waiters() {
    explore("recipe_notify_two_waiters", two_waiters::<notify::ByNotify>);
}

#[test]
fn recipe_notify_two_writes() {
    explore("recipe_notify_two_writes", two_writes::<notify::ByNotify>);
}

#[test]
fn recipe_event() {
    explore("recipe_event", one_waiter::<event::ByEvent>);
}

#[test]
fn recipe_event_async() {
    explore("recipe_event_async", one_waiter::<event::ByEventAsync>);
}

#[test]
fn recipe_event_two_waiters() {
    explore("recipe_event_two_waiters", two_waiters::<event::ByEvent>);
}

#[test]
fn recipe_event_two_writes() {
    explore("recipe_event_two_writes", two_writes::<event::ByEvent>);
}

#[test]
fn recipe_word() {
    explore("recipe_word", one_waiter::<word::ByWord>);
}

#[test]
fn recipe_word_two_waiters() {
    explore_at(2, "recipe_word_two_waiters", two_waiters::<word::ByWord>);
}

#[test]
fn recipe_word_two_writes() {
    explore("recipe_word_two_writes", two_writes::<word::ByWord>);
}

#[test]
fn recipe_announce() {
    explore("recipe_announce", announce::one_sees_the_other);
}
