//! The protocols of the map under loom: slot, growth, table pointer, and a table that is used again. They run the
//! shipped code; the bytes of keys and values are two of loom's words. Each model has a twin with a mutant that it must
//! refuse (`ci/loom.sh`).
//!
//! Writers are spawned before readers, and readers make a bounded number of attempts.

mod growth;
mod slot;
mod tables;
mod writers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use loom::thread;
use seqcopy::ReadError;

use crate::slot::Cell;
use crate::slot::Hash;
use crate::tables::Tables;

/// Two equal halves, so that it can be torn. Keys are of the same kind.
fn whole(number: u64) -> u64 {
    number << 32 | number
}

fn hash(key: u64) -> Hash {
    Hash::new(key)
}

/// A map of few slots, with keys that are numbers.
struct Model(Tables<u64, u64>);

impl Model {
    fn with_slots(bits: u32) -> Arc<Self> {
        Arc::new(Model(Tables::new(bits)))
    }

    fn insert(&self, key: u64, value: u64) {
        let mut change = self.0.write();
        change.step();
        let place = change.find(hash(key), &whole(key));
        change.put(&place, &whole(key), &whole(value));
    }

    fn remove(&self, key: u64) {
        let mut change = self.0.write();
        change.step();
        let place = change.find(hash(key), &whole(key));
        assert!(change.take(&place), "the map has the key");
    }

    /// One attempt.
    fn get(&self, key: u64) -> Result<Option<u64>, ReadError> {
        let bits = self.0.try_read(hash(key), &whole(key), Cell::load)?;
        Ok(bits.map(|bits| {
            let value = bits.validate().expect("a number");
            assert_eq!(value, whole(value >> 32), "torn");
            value >> 32
        }))
    }
}

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
    builder.max_branches = 50_000;
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

/// Runs a writer together with a reader, or with another writer.
fn concurrently<M: Send + Sync + 'static>(
    model: &Arc<M>,
    writer: impl FnOnce(&M) + Send + 'static,
    reader: impl FnOnce(&M) + Send + 'static,
) {
    let (first, second) = (Arc::clone(model), Arc::clone(model));
    let threads = [thread::spawn(move || writer(&first)), thread::spawn(move || reader(&second))];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
