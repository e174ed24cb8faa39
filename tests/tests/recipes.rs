//! The programs of `seqcopy/docs/guide/recipes.md` as they are printed there, with the crates that they name;
//! `ci/miri.sh` runs them under many schedules. A lost wake-up is a test that does not end, which Miri reports as a
//! deadlock. All schedules of them, over small stand-ins for those crates, are explored in
//! `seqcopy/src/models/recipes.rs`.

use std::sync::Arc;
use std::thread;

use seqcopy::Version;

/// How often each scenario runs.
const ROUNDS: u64 = if cfg!(miri) { 6 } else { 100 };

/// One thread writes 1, and in every other round 2 as well; two others wait until they have seen the last value.
fn wait_for_the_last<S: Send + Sync + 'static>(
    new: impl Fn() -> S,
    version: impl Fn(&S) -> Version,
    write: fn(&S, u64),
    one: fn(&S, &mut Version) -> u64,
    another: fn(&S, &mut Version) -> u64,
) {
    for round in 0..ROUNDS {
        let last = 1 + round % 2;
        let shared = Arc::new(new());
        let threads = [one, another].map(|changed| {
            let shared = Arc::clone(&shared);
            let mut known = version(&shared);
            thread::spawn(move || {
                let mut seen = 0;
                while seen < last {
                    let value = changed(&shared, &mut known);
                    assert!(value > seen, "from value {seen} back to {value}");
                    seen = value;
                }
            })
        });
        (1..=last).for_each(|value| write(&shared, value));
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

mod notify {
    include!("../../seqcopy/src/models/recipes/notify.rs");

    fn by_future(shared: &Shared, known: &mut Version) -> u64 {
        super::block_on(shared.changed(known))
    }

    #[test]
    fn no_wakeup_is_lost() {
        super::wait_for_the_last(
            || Shared { value: SeqLock::new(0), written: Notify::new() },
            |shared| shared.value.version(),
            Shared::write,
            by_future,
            by_future,
        );
    }
}

mod event {
    include!("../../seqcopy/src/models/recipes/event.rs");

    #[test]
    fn no_wakeup_is_lost() {
        super::wait_for_the_last(
            || Shared { value: SeqLock::new(0), written: Event::new() },
            |shared| shared.value.version(),
            Shared::write,
            Shared::changed,
            |shared, known| super::block_on(shared.changed_async(known)),
        );
    }
}

/// Atomics that yield to other threads before and after each access, so that a test runs under many schedules.
/// Otherwise they behave as those of the same names.
mod yielding_atomics {
    use ::std::thread::yield_now;

    fn yield_often(times: u32) {
        for _ in 0..times {
            yield_now();
        }
    }

    fn yielding<R>(access: impl FnOnce() -> R) -> R {
        yield_often(3);
        let result = access();
        yield_often(3);
        result
    }

    pub(super) mod std {
        pub(crate) mod sync {
            pub(crate) mod atomic {
                pub(crate) use core::sync::atomic::Ordering;

                use super::super::super::yielding;

                pub(crate) fn fence(order: Ordering) {
                    yielding(|| core::sync::atomic::fence(order));
                }

                #[derive(Default)]
                pub(crate) struct AtomicU32(pub(crate) core::sync::atomic::AtomicU32);

                impl AtomicU32 {
                    pub(crate) fn load(&self, order: Ordering) -> u32 {
                        yielding(|| self.0.load(order))
                    }

                    pub(crate) fn fetch_add(&self, value: u32, order: Ordering) -> u32 {
                        yielding(|| self.0.fetch_add(value, order))
                    }

                    pub(crate) fn fetch_sub(&self, value: u32, order: Ordering) -> u32 {
                        yielding(|| self.0.fetch_sub(value, order))
                    }
                }

                #[derive(Default)]
                pub(crate) struct AtomicBool(core::sync::atomic::AtomicBool);

                impl AtomicBool {
                    pub(crate) fn load(&self, order: Ordering) -> bool {
                        yielding(|| self.0.load(order))
                    }

                    pub(crate) fn store(&self, value: bool, order: Ordering) {
                        yielding(|| self.0.store(value, order));
                    }
                }
            }
        }
    }

    pub(super) mod atomic_wait {
        use super::std::sync::atomic::AtomicU32;
        use super::{yield_often, yielding};

        pub(crate) fn wait(word: &AtomicU32, expected: u32) {
            yield_often(20); // so that a wake-up in progress finishes first
            ::atomic_wait::wait(&word.0, expected);
        }

        pub(crate) fn wake_all(word: &AtomicU32) {
            yielding(|| ::atomic_wait::wake_all(&raw const word.0));
        }
    }
}

mod word {
    use super::yielding_atomics::{atomic_wait, std};

    include!("../../seqcopy/src/models/recipes/word.rs");

    #[test]
    fn no_wakeup_is_lost() {
        super::wait_for_the_last(
            || Shared { value: SeqLock::new(0), epoch: AtomicU32::default(), waiters: AtomicU32::default() },
            |shared| shared.value.version(),
            Shared::write,
            Shared::changed,
            Shared::changed,
        );
    }
}

mod announce {
    use super::yielding_atomics::std;

    include!("../../seqcopy/src/models/recipes/announce.rs");

    #[test]
    fn neither_misses_the_other() {
        for _ in 0..super::ROUNDS {
            let shared = Shared { config: SeqLock::new(1), busy: AtomicBool::default() };
            let (saw_worker, config) = super::thread::scope(|scope| {
                let publisher = scope.spawn(|| shared.publish(2));
                let config = shared.begin();
                (publisher.join().unwrap(), config)
            });
            assert!(saw_worker || config == 2, "neither saw the other");
        }
    }
}

mod within {
    include!("../../seqcopy/src/models/recipes/within.rs");

    #[test]
    fn fails_only_after_the_time_limit() {
        let lock = SeqLock::new([0u64; 16]);
        std::thread::scope(|scope| {
            scope.spawn(|| (1..=super::ROUNDS).for_each(|number| lock.write([number; 16])));
            for _ in 0..super::ROUNDS {
                let time = Duration::from_micros(20);
                let began = Instant::now();
                match read_within(&lock, time) {
                    Ok(value) => assert!(value.iter().all(|part| *part == value[0]), "torn"),
                    Err(ReadError::Busy | ReadError::Torn) => {
                        assert!(began.elapsed() > time, "failed before the time limit");
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        });
        assert_eq!(read_within(&lock, Duration::ZERO), Ok([super::ROUNDS; 16]));
    }
}

/// The page prints these programs, and no others.
#[test]
#[cfg(not(miri))] // reads the source tree
fn the_page_prints_the_tested_programs() {
    let root = seqcopy_tests::tree::root();
    let page = std::fs::read_to_string(root.join("seqcopy/docs/guide/recipes.md")).unwrap();
    let mut printed: Vec<&str> =
        page.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    for file in std::fs::read_dir(root.join("seqcopy/src/models/recipes")).unwrap() {
        let path = file.unwrap().path();
        let program = std::fs::read_to_string(&path).unwrap();
        let before = printed.len();
        printed.retain(|block| !block.starts_with(&program));
        assert_eq!(
            printed.len() + 1,
            before,
            "seqcopy/docs/guide/recipes.md does not print {} exactly once",
            path.display()
        );
    }
    assert!(printed.is_empty(), "printed, but not a file of seqcopy/src/models/recipes: {printed:#?}");
}
