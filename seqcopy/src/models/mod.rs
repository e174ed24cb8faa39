//! The protocols, explored by the model checker [loom](https://docs.rs/loom): all interleavings up to a number of
//! preemptions, and all values that a load may return.
//!
//! What runs is the code that is shipped: `seq_count` and `lock` over the atomics that `primitive` gives them under
//! `--cfg loom`. Only the payload is brought along ([`Pair`]), because loom knows no access by address.
//!
//! Each model checks the same: a read that is accepted with version *k* gives value *k*, whole; versions of one thread
//! never go back; after all threads are joined a read succeeds at once, with the last value. Each has a twin, the
//! same with a mutant in it, that it must refuse (`ci/loom.sh`): a model that accepts everything would say nothing.
//!
//! Writers come first, then readers, and the main thread only waits. Loom begins with that order and tries others only where
//! it sees two accesses in conflict, and of a store it remembers the last access alone. Where that is a load of the writer's
//! own (of the word it is about to change), a reader's load before it goes unnoticed; a reader's load *behind* the store
//! never does.
//!
//! Readers make a bounded number of attempts, since an execution in which a reader retries for ever is none.

mod count;
mod crash;
mod fresh;
mod guards;
mod latch;
mod recipes;
mod stand_ins;
mod turns;
mod wide;

use core::mem::MaybeUninit;
use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::vec::Vec;

use loom::thread;

use crate::ReadError;
use crate::lock::{self, Payload, Protocol};
use crate::primitive::{AtomicU32, Relaxed};

/// Explores a model with up to `LOOM_MAX_PREEMPTIONS` preemptions, or 3.
fn explore(name: &str, model: impl Fn() + Send + Sync + 'static) {
    explore_at(usize::MAX, name, model);
}

/// With no more than `preemptions`: for large models.
fn explore_at(preemptions: usize, name: &str, model: impl Fn() + Send + Sync + 'static) {
    let executions = Arc::new(AtomicUsize::new(0));
    let mut builder = loom::model::Builder::new();
    let bound = builder.preemption_bound.unwrap_or(3).min(preemptions);
    builder.preemption_bound = Some(bound);
    builder.max_branches = 20_000;
    let began = Instant::now();
    builder.check({
        let executions = Arc::clone(&executions);
        move || {
            executions.fetch_add(1, Ordering::Relaxed);
            model();
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let executions = executions.load(Ordering::Relaxed);
    std::println!("model {name}: {executions} executions, up to {bound} preemptions, {seconds:.1} s");
}

/// What the models write: value *k* stands for version *k*.
type Value = u32;

/// From here on values are those of writers that die: `DIES + n` is stored up to its `n`th part, then the writer stops.
const DIES: Value = 100;

/// A payload of two parts, so that it can be torn.
struct Pair([AtomicU32; 2]);

impl Pair {
    fn new(value: Value) -> Self {
        Pair(Self::parts(value).map(AtomicU32::new))
    }

    fn parts(value: Value) -> [u32; 2] {
        [value, 10 * value]
    }

    /// The value that the parts belong to; `None` if they are a mix.
    fn whole(parts: [u32; 2]) -> Option<Value> {
        (parts == Self::parts(parts[0])).then_some(parts[0])
    }

    fn load(&self) -> [u32; 2] {
        [self.0[0].load(Relaxed), self.0[1].load(Relaxed)]
    }

    fn store(&self, value: Value) {
        for (index, part) in (0..).zip(Self::parts(value)) {
            if value == DIES + index {
                die();
            }
            self.0[index as usize].store(part, Relaxed);
        }
        if value >= DIES {
            die();
        }
    }
}

/// Stops a writer: nothing behind this runs, neither its next store nor what would end its write.
fn die() -> ! {
    resume_unwind(Box::new("a writer that dies"))
}

/// What a read of the models gives: both parts, as they were loaded.
type Parts = [u32; 2];

// SAFETY: relaxed atomic accesses to the same two parts (P21). A load that saw one store leaves that store's parts.
unsafe impl Payload<Parts> for Pair {
    fn load_into(&self, buf: &mut MaybeUninit<Parts>) {
        buf.write(self.load());
    }

    fn store(&self, parts: &Parts) {
        Pair::store(self, Pair::whole(*parts).expect("writers write whole values"));
    }
}

/// A reader's memory: what it was given so far.
#[derive(Default)]
struct Seen {
    /// The number of the first version.
    first: u64,
    /// How many behind it.
    version: u64,
}

impl Seen {
    fn from(first: u64) -> Self {
        Seen { first, version: 0 }
    }

    /// An accepted read: of version `version`, in which the parts must be those of that version's value.
    fn accept(&mut self, version: u64, parts: Parts) {
        assert_eq!(Pair::whole(parts), Some(Value::try_from(version).unwrap()), "torn, or of another version");
        assert!(version >= self.version, "from version {} back to {version}", self.version);
        self.version = version;
    }

    /// Some attempts at a lock.
    fn attempts<L: Protocol<Parts>>(&mut self, lock: &L, attempts: usize) {
        for _ in 0..attempts {
            match lock::try_read(lock) {
                Ok((parts, version)) => self.accept(version.to_bits().wrapping_sub(self.first), parts),
                Err(ReadError::Busy | ReadError::Torn) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// A read while nobody writes: succeeds at once, with the last value.
fn at_rest<L: Protocol<Parts>>(lock: &L, last: Value) {
    at_rest_from(0, lock, last);
}

fn at_rest_from<L: Protocol<Parts>>(first: u64, lock: &L, last: Value) {
    let (parts, version) = lock::try_read(lock).expect("nobody writes");
    assert_eq!(version.to_bits().wrapping_sub(first), u64::from(last), "not the last version");
    assert_eq!(Pair::whole(parts), Some(last), "not the last value");
    assert_eq!(lock.latest_version(), version);
}

/// The next value, as an update makes it.
fn next(parts: &mut Parts) {
    *parts = Pair::parts(Pair::whole(*parts).expect("updates see whole values") + 1);
}

/// A thread that has the lock.
fn with<L: 'static, R: 'static>(lock: &Arc<L>, body: impl FnOnce(&L) -> R + 'static) -> thread::JoinHandle<R> {
    let lock = Arc::clone(lock);
    thread::spawn(move || body(&lock))
}

/// A thread whose writer dies. What is returned waits for that.
fn dying<L: 'static>(lock: &Arc<L>, writer: impl FnOnce(&L) + 'static) -> impl FnOnce() {
    let thread = with(lock, move |lock| {
        assert!(catch_unwind(AssertUnwindSafe(|| writer(lock))).is_err(), "the writer should have died");
    });
    move || thread.join().unwrap()
}

/// The threads of a model, writers first.
#[derive(Default)]
struct Threads(Vec<thread::JoinHandle<()>>);

impl Threads {
    fn spawn<L: 'static>(&mut self, lock: &Arc<L>, body: impl FnOnce(&L) + 'static) {
        self.0.push(with(lock, body));
    }

    fn join(self) {
        self.0.into_iter().for_each(|thread| thread.join().unwrap());
    }
}
