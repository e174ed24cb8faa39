//! P3: several cells, one writer, readers that fail only when lapped; takeover at any step.

use std::sync::Arc;

use super::hold::news;
use super::{DIES, Pair, Parts, Seen, Threads, Value, at_rest, at_rest_from, dying, explore, next, with};
use crate::lock::{self, Hold, Latch, Protocol, Writer};
use crate::mutation::mutant_is;

/// Numbers of cells that the constructor refuses, except where mutants are at large.
const ONE: usize = if cfg!(seqcopy_mutate) { 1 } else { 2 };
const THREE: usize = if cfg!(seqcopy_mutate) { 3 } else { 4 };

/// A latch whose count comes round to 0 behind `writes` writes.
fn latch<const CELLS: usize>(writes: u64) -> (u64, Arc<Latch<Pair, CELLS>>) {
    let first = 0u64.wrapping_sub(writes);
    (first, Arc::new(Latch::new([(); CELLS].map(|()| Pair::new(0)), first)))
}

fn writer_and_readers<const CELLS: usize>(round: u64, writes: Value, readers: usize, attempts: usize) {
    let (first, latch) = latch::<CELLS>(round);
    let mut threads = Threads::default();
    threads.spawn(&latch, move |latch| {
        let mut writer = Writer::<Parts, _>::claim(latch).expect("the only writer");
        (1..=writes).for_each(|value| writer.write(Pair::parts(value)));
    });
    for _ in 0..readers {
        threads.spawn(&latch, move |latch| Seen::from(first).attempts(latch, attempts));
    }
    threads.join();
    at_rest_from(first, &*latch, writes);
}

#[test]
fn latch_two_cells() {
    explore("latch_two_cells", || {
        if mutant_is("ce01") {
            writer_and_readers::<ONE>(2, 3, 1, 2);
        } else {
            writer_and_readers::<2>(2, 3, 1, 2);
        }
    });
}

#[test]
fn latch_two_readers() {
    explore("latch_two_readers", || writer_and_readers::<2>(2, 2, 2, 1));
}

#[test]
fn latch_four_cells() {
    explore("latch_four_cells", || {
        if mutant_is("nc14") {
            // The numbers of a word are no multiple of three: where it comes round, two writes go to one cell.
            writer_and_readers::<THREE>(4, 5, 1, 1);
        } else {
            writer_and_readers::<4>(4, 5, 1, 1);
        }
    });
}

#[test]
fn latch_turns() {
    explore("latch_turns", || {
        let (_, latch) = latch::<2>(0);
        let mut threads = Threads::default();
        threads.spawn(&latch, |latch| lock::update(latch, next));
        threads.spawn(&latch, |latch| lock::update(latch, next));
        threads.spawn(&latch, |latch| Seen::default().attempts(latch, 2));
        threads.join();
        at_rest(&*latch, 2);
    });
}

/// The old writer dies behind some stores, and a new one goes on. Readers notice nothing.
fn takeover(stores: Value) {
    let (_, latch) = latch::<2>(0);
    let bury = dying("nh01", &latch, move |latch| {
        core::mem::forget(Protocol::<Parts>::claim(latch).try_take(Hold::Held).expect("the only writer"));
        // SAFETY: the claim is held (I5).
        let mut writer = unsafe { Writer::<Parts, _>::unclaimed(latch) };
        writer.write(Pair::parts(1));
        writer.write(Pair::parts(DIES + stores));
    });
    let reader = with(&latch, |latch| Seen::default().attempts(latch, 2));
    bury();
    at_rest(&*latch, 1);
    // SAFETY: the only other writer is dead, and that happens-before this (I5).
    let mut writer = unsafe { Writer::<Parts, _>::unclaimed(&*latch) };
    (2..=3).for_each(|value| writer.write(Pair::parts(value)));
    reader.join().unwrap();
    at_rest(&*latch, 3);
}

#[test]
fn latch_crash_before_the_first_store() {
    explore("latch_crash_before_the_first_store", || takeover(0));
}

#[test]
fn latch_crash_between_two_stores() {
    explore("latch_crash_between_two_stores", || takeover(1));
}

#[test]
fn latch_crash_before_the_end() {
    explore("latch_crash_before_the_end", || takeover(2));
}

#[test]
fn latch_news() {
    explore("latch_news", || news(Latch::<Pair, 2>::new([Pair::new(0), Pair::new(0)], 0)));
}
