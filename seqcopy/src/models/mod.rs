//! Models of the protocols for the model checker [loom](https://docs.rs/loom), which explores all interleavings up to a
//! number of preemptions, and all values that each load may return.
//!
//! They run the shipped code: `seq_count` and `lock`, with the atomics that `primitive` selects under `--cfg loom`.
//! Only the payload is the models' own ([`Pair`]), because loom does not support accesses by address.
//!
//! All models check that an accepted read of version *k* returns value *k*, whole; that the versions one thread sees
//! never go back; and that after all threads are joined, a read succeeds at the first attempt, with the last value.
//! Each has a twin, the same model with a mutant, which must fail (`ci/loom.sh`): a model that accepts everything would
//! prove nothing.
//!
//! Writers are spawned before readers, and the main thread only waits. Loom starts with that order, tries others only
//! where it sees conflicting accesses, and keeps only the last access to each location. If that is the writer's own
//! load of the word it is about to change, loom misses the conflict with an earlier load by a reader; it never misses
//! one with a load *after* the store.
//!
//! Readers make a bounded number of attempts, because loom cannot explore an execution in which a reader retries
//! forever.

mod claim;
mod count;
mod crash;
mod dropped;
mod foreign;
mod fresh;
mod guards;
mod latch;
mod part;
mod recipes;
mod slice;
pub(crate) mod stand_ins;
mod watched;
mod wide;

use core::mem::MaybeUninit;
use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::vec::Vec;

use crate::lock::{self, Algorithm, Payload, Protocol};
use crate::primitive::{AtomicU32, Relaxed};
use crate::seq_count::ReadError;
use loom::thread;

/// Explores a model with up to `LOOM_MAX_PREEMPTIONS` preemptions, or 3.
fn explore(name: &str, model: impl Fn() + Send + Sync + 'static) {
    explore_at(usize::MAX, name, model);
}

/// [`explore`] with at most `preemptions` preemptions, for large models.
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

/// What the models write: version *k* has value *k*.
type Value = u32;

/// Values from here on make their writer die: of `DIES + n`, the first `n` parts are stored, then the writer stops.
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

    /// The value that the parts belong to; `None` if they are torn.
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

/// Stops a writer: nothing after this runs, neither its next store nor the end of its write.
fn die() -> ! {
    resume_unwind(Box::new("a writer that dies"))
}

/// What a read returns in the models: both parts, as loaded.
type Parts = [u32; 2];

// SAFETY: relaxed atomic accesses to the same two parts (P21 snapshot). A load whose parts saw one store returns that
// store's parts.
unsafe impl Payload<Parts> for Pair {
    fn load_payload(&self, buf: &mut MaybeUninit<Parts>) {
        buf.write(self.load());
    }

    fn store_payload(&self, parts: &Parts) {
        Pair::store(self, Pair::whole(*parts).expect("writers write whole values"));
    }

    fn load_part<F>(&self, part: crate::validity::Part<Parts, F>, buf: &mut MaybeUninit<F>) {
        let words: &mut [MaybeUninit<u32>] = {
            let count = size_of::<F>() / size_of::<u32>();
            // SAFETY: one of the numbers, or both; a `MaybeUninit` may have any bytes (I4 private, P8 maybe-uninit).
            unsafe { core::slice::from_raw_parts_mut(buf.as_mut_ptr().cast(), count) }
        };
        for (index, word) in (part.offset() / size_of::<u32>()..).zip(words) {
            word.write(self.0[index].load(Relaxed));
        }
    }

    unsafe fn store_part<F>(&self, part: crate::validity::Part<Parts, F>, value: &F) {
        let count = size_of::<F>() / size_of::<u32>();
        // SAFETY: one of the numbers, or both (I4 private).
        let words = unsafe { core::slice::from_raw_parts(core::ptr::from_ref(value).cast::<u32>(), count) };
        for (index, word) in (part.offset() / size_of::<u32>()..).zip(words) {
            self.0[index].store(*word, Relaxed);
        }
    }
}

/// What a reader has seen so far.
#[derive(Default)]
struct Seen {
    /// The number of the first version.
    first: u64,
    /// The latest version, counted from the first.
    version: u64,
}

impl Seen {
    fn from(first: u64) -> Self {
        Seen { first, version: 0 }
    }

    /// Checks an accepted read: the parts must be those of the value of `version`.
    fn accept(&mut self, version: u64, parts: Parts) {
        assert_eq!(Pair::whole(parts), Some(Value::try_from(version).unwrap()), "torn, or of another version");
        assert!(version >= self.version, "from version {} back to {version}", self.version);
        self.version = version;
    }

    /// Makes some attempts to read a lock.
    fn attempts<L: Algorithm<Buffer: Payload<Parts>>>(&mut self, lock: &L, attempts: usize) {
        for _ in 0..attempts {
            match lock::try_read(lock) {
                Ok((parts, version)) => self.accept(version.to_bits().wrapping_sub(self.first), parts),
                Err(ReadError::Busy | ReadError::Torn) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Checks a read after all writes: it succeeds at the first attempt, with the last value.
fn at_rest<L: Protocol<Parts>>(lock: &L, last: Value) {
    at_rest_from(0, lock, last);
}

fn at_rest_from<L: Protocol<Parts>>(first: u64, lock: &L, last: Value) {
    let (parts, version) = lock::try_read(lock).expect("no writer is active");
    assert_eq!(version.to_bits().wrapping_sub(first), u64::from(last), "not the last version");
    assert_eq!(Pair::whole(parts), Some(last), "not the last value");
    assert_eq!(lock.algorithm().latest_version(), version);
}

/// Changes a value to the next one, for updates.
fn next(parts: &mut Parts) {
    *parts = Pair::parts(Pair::whole(*parts).expect("updates see whole values") + 1);
}

/// Spawns a thread with access to the lock.
fn with<L: 'static, R: 'static>(lock: &Arc<L>, body: impl FnOnce(&L) -> R + 'static) -> thread::JoinHandle<R> {
    let lock = Arc::clone(lock);
    thread::spawn(move || body(&lock))
}

/// Spawns a thread in which a writer dies. The function returned waits for that.
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
