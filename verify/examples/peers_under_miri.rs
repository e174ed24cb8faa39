//! What Miri reports of a lock while one thread writes and another one reads: this crate's, and its peers'.
//!
//! `MIRIFLAGS=-Zmiri-many-seeds=0..8 cargo +nightly miri run -p seqcopy-verify --features peers --example
//! peers_under_miri -- seqlock`
//!
//! README.md has the results. Each lock is used by its public, safe interface alone, with 64 bytes of numbers; with
//! `padded` after its name, with a struct that has padding and a `bool`, unless the lock's contract excludes that.

use std::sync::Arc;
use std::thread;

use arc_swap::ArcSwap;
use crossbeam_utils::atomic::AtomicCell;
use parking_lot::RwLock;
use seqcopy::{SeqCopy, SeqLatch, SeqLock};

type Dense = [u64; 8];

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Padded {
    open: bool,
    at: u64,
    level: u32,
    sizes: [u16; 3],
    gain: f32,
}

const PADDED: [Padded; 2] = [
    Padded { open: true, at: 1, level: 2, sizes: [3, 4, 5], gain: 0.5 },
    Padded { open: false, at: 6, level: 7, sizes: [8, 9, 10], gain: 1.5 },
];
const DENSE: [Dense; 2] = [[1; 8], [2; 8]];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [name] if run(name, DENSE) => {}
        ["photon-ring"] => photon_ring(),
        [name, "padded"] if run(name, PADDED) => {}
        _ => panic!("which lock? and `padded` where it takes padding"),
    }
}

/// Locks for any `Copy` type; `false` for another name.
fn run<T: SeqCopy + Copy + PartialEq + Send + Sync + 'static>(name: &str, values: [T; 2]) -> bool {
    let [first, _] = values;
    match name {
        "SeqLock" => {
            let lock = SeqLock::new(first);
            race(values, |value| lock.write(value), || lock.read());
        }
        "SeqLatch" => {
            let lock = SeqLatch::new(first);
            race(values, |value| lock.write(value), || lock.read());
        }
        "seqlock" => {
            let lock = seqlock::SeqLock::new(first);
            race(values, |value| *lock.lock_write() = value, || lock.read());
        }
        "AtomicCell" => {
            let cell = AtomicCell::new(first);
            race(values, |value| cell.store(value), || cell.load());
        }
        "RwLock" => {
            let lock = RwLock::new(first);
            race(values, |value| *lock.write() = value, || *lock.read());
        }
        "arc-swap" => {
            let lock = ArcSwap::from_pointee(first);
            race(values, |value| lock.store(Arc::new(value)), || **lock.load());
        }
        "triple_buffer" => {
            let (mut input, mut output) = triple_buffer::triple_buffer(&first);
            race(values, |value| input.write(value), || *output.read());
        }
        "nexus-slot" => {
            let (mut writer, mut reader) = nexus_slot::spmc::shared_slot();
            // It hands out each value once.
            race(values, |value| writer.write(value), || reader.read().unwrap_or(first));
        }
        _ => return false,
    }
    true
}

fn photon_ring() {
    let (mut writer, ring) = photon_ring::channel::<Dense>(2);
    let mut reader = ring.subscribe();
    race(DENSE, |value| writer.publish(value), || reader.latest().unwrap_or(DENSE[0]));
}

/// One thread writes, the other one reads; what it reads was written.
fn race<T: Copy + PartialEq + Send + Sync>(
    values: [T; 2],
    mut write: impl FnMut(T) + Send,
    mut read: impl FnMut() -> T + Send,
) {
    thread::scope(|scope| {
        scope.spawn(move || (0..10).for_each(|turn| write(values[turn % 2])));
        scope.spawn(move || (0..10).for_each(|_| assert!(values.contains(&read()), "torn")));
    });
}
