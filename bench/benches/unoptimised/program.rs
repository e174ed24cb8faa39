//! What is compiled without optimisation, in a package of its own, by `main.rs`. Prints the lines of the table, each
//! operation with the suffix that is the first argument; the second one is the number of rounds.

#![allow(dead_code)] // in the two files of the bench

mod table;
mod timing;

use std::hint::black_box;
use std::rc::Rc;

use seqcopy::SeqCopy;
use table::Line;
use timing::{Sampler, measure};

/// That of the README.
#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Quote {
    open: bool,
    at: u64,
    bid: f32,
    ask: f32,
}

/// 40 bytes.
#[derive(Clone, Copy, SeqCopy)]
#[repr(C, u32)]
enum Event {
    Idle,
    Key { code: u32, down: bool },
    Move { x: f64, y: f64, z: f64, pressure: f32 },
    Name([u8; 17]),
}

const QUOTE: Quote = Quote { open: true, at: 7, bid: 9.5, ask: 9.6 };

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let [_, suffix, rounds] = &words[..] else { panic!("a suffix and a number of rounds") };
    let rounds = rounds.parse().expect("a number");
    let _ = (Event::Idle, Event::Key { code: 1, down: true }, Event::Name([0; 17]));
    shape(suffix, rounds, "u64", 7u64);
    shape(suffix, rounds, "quote", QUOTE);
    shape(suffix, rounds, "enum", Event::Move { x: 1.0, y: 2.0, z: 3.0, pressure: 0.5 });
    shape(suffix, rounds, "quote_array", [QUOTE; 16]);
    shape(suffix, rounds, "samples", [0.5f32; 1024]);
}

fn sampler<L: 'static>(lock: &Rc<L>, operation: impl Fn(&L) + 'static) -> Sampler {
    let lock = Rc::clone(lock);
    Sampler::of_loop(move |count| {
        let lock: &L = black_box(&lock);
        let mut left = count;
        while left != 0 {
            operation(lock);
            left -= 1;
        }
    })
}

/// Ours, and what users of `seqlock` write for the same.
fn shape<T: SeqCopy + Copy + 'static>(suffix: &str, rounds: usize, name: &str, value: T) {
    let ours = Rc::new(seqcopy::SeqLock::new(value));
    let theirs = Rc::new(seqlock::SeqLock::new(value));
    let overwrite = || sampler(&theirs, move |lock| *lock.lock_write() = value);
    let read = sampler(&ours, |lock| _ = black_box(lock.read()));
    let read_theirs = sampler(&theirs, |lock| _ = black_box(lock.read()));
    let operations = [
        ("read", read, read_theirs),
        ("write", sampler(&ours, move |lock| lock.write(value)), overwrite()),
        ("write_from", sampler(&ours, move |lock| lock.write_from(&value)), overwrite()),
        ("update", sampler(&ours, move |lock| lock.update(|old| *old = value)), overwrite()),
        ("lock_write", sampler(&ours, move |lock| *lock.lock_write() = value), overwrite()),
    ];
    for (operation, ours, theirs) in operations {
        let summaries = measure(&mut [ours, theirs], rounds);
        for (implementation, ns) in ["seqcopy-seqlock", "seqlock"].into_iter().zip(&summaries) {
            let line = Line {
                operation: format!("{operation}_{suffix}"),
                shape: name.to_owned(),
                bytes: size_of::<T>(),
                implementation: implementation.to_owned(),
                ns: *ns,
                ratio: Some(ns.median / summaries[0].median),
            };
            println!("{}", line.tab_separated());
        }
    }
}
