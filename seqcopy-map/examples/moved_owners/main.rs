//! A map of values that own memory, which moves its entries while readers hold references to them. For authors of such
//! containers; programs take papaya, or dashmap where writes dominate.
//!
//! `SeqMap` takes plain data. A map of values that own memory (`String`, `Vec`, `Box`) can't copy them out: readers
//! need references, and the map has to grow while these are there. The usual answer is a box for each entry, so that
//! only pointers move. Another one keeps entries in the slots of one buffer: to grow, it copies all of them to a larger
//! buffer, publishes that, waits until no earlier reader is left, and frees the old buffer without dropping what is in
//! it. For a while each entry is in two places. That is sound under three conditions, and none of them is `Copy`. Each
//! is a comment below: *immutable*, *bits*, *drop*. Old buffers and removed entries are left to crossbeam-epoch.
//!
//! # Three conditions
//!
//! **1. No interior mutability.** What is behind a `&T` must not change, or the two places differ: readers of the old
//! one see one value, readers of the new one another, and what is stored by the old one is lost. If readers may be on
//! other threads it is worse: the copy races with their stores, which is undefined behaviour. The compiler calls the
//! property `Freeze` and keeps it to itself. On stable Rust `zerocopy::Immutable` says the same of the bytes of a type,
//! "free from interior mutability". It is derived, and holds for boxes, references, raw pointers, arrays and tuples.
//! What lies behind a further pointer is in one place all the time, so there may be a `Mutex` there. Version 0.8
//! implements it neither for `String` nor for `Vec`; a `Box<String>` has it. What it promises to unsafe code of other
//! crates is not written down: its contract speaks of zerocopy's own.
//!
//! **2. Bits are moved, and not values.** `new.write(old.read())` moves a `T`. A `Box` that is moved claims to be the
//! only way to what it owns, while a reader that holds a reference into that still has another. Stacked Borrows calls
//! this undefined; Tree Borrows allows it. Neither has been adopted. `old.copy_to_nonoverlapping(new, 1)` on
//! `MaybeUninit<T>` claims nothing and costs the same. No `Box` is moved as such until no reader is left.
//!
//! **3. Nothing is dropped that readers may still see.** The old buffer is freed as memory: its entries belong to the
//! new one. An entry that was replaced or removed is dropped once, when no earlier reader is left, and not from the
//! slot, which by then may be freed. So its bits move once more, into a box of the collector's. The values must be
//! `Send` and `'static`, because that may be on another thread and later than the map. And no reader may wait by the
//! guard of another collector, which delays nothing here: the example does not show its guard.
//!
//! The Rust Reference says nothing of a value that is in two places. What it says of the parts: the memory behind a
//! live `&T` is not mutated, except in an `UnsafeCell` (P18 shared-ref), which the first condition ensures; reads do
//! not race with reads (P3 read-read). And the documentation of `ptr::read` says of a duplicate of what is not `Copy`
//! that to use both can violate memory safety: here only one is ever used as an owner, and the others by shared
//! references.
//!
//! # What Miri says
//!
//! Each row is a program: an entry is moved while a reference to it is held, and looked at in both places afterwards;
//! boxes, strings and vectors are then dropped in the new one.
//!
//! | entry | moved by | held | Stacked Borrows | Tree Borrows |
//! |---|---|---|---|---|
//! | `Box<u64>` | `write(read())` | `&Box<u64>` | **undefined behaviour**, when the new one is dropped | accepted |
//! | `Box<u64>` | `write(read())` | `&u64` into it | **undefined behaviour**, when the reader looks | accepted |
//! | `Box<u64>` | bits | `&Box<u64>` | accepted | accepted |
//! | `Box<u64>` | bits | `&u64` into it | accepted | accepted |
//! | `String` | `write(read())` | `&String` | accepted | accepted |
//! | `Vec<i32>` | bits | `&Vec<i32>` | accepted | accepted |
//! | `Cell<i32>` | bits | `&Cell<i32>`, which sets 2 | accepted: the old one is 2, the new one 1 | the same |
//! | `AtomicU32` | bits | `&AtomicU32`, which stores on another thread | **data race** | **data race** |
//!
//! `String` passes as a value because its pointer is no `Box`, which is a detail of the standard library. Three of the
//! rows are programs that Miri must refuse (`ci/must_fail.sh`): `box_typed_move.rs`, `moved_cell.rs` and
//! `moved_atomic.rs` in `verify/must_fail`.
//!
//! What this map does not have: growth in steps, which `SeqMap` has, so one insert moves everything; readers that hold
//! nothing, since a reader that stays delays all reclamation; and entries for updates in place.
//!
//! ```text
//! cargo run --release -p seqcopy-map --example moved_owners
//! ```

mod map;

use std::borrow::Borrow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_epoch as epoch;
use zerocopy::Immutable;

use map::MovedMap;

/// A text. `Immutable` is implemented for neither `String` nor `Vec`, but for boxes of anything: it looks no further.
#[derive(PartialEq, Eq, Hash, Immutable)]
#[allow(clippy::box_collection)] // as above
struct Name(Box<String>);

impl Borrow<String> for Name {
    fn borrow(&self) -> &String {
        &self.0
    }
}

/// A value that owns memory and counts its drops.
#[derive(Immutable)]
struct Account {
    number: u64,
    #[allow(clippy::box_collection)] // as above
    history: Box<Vec<u64>>,
    dropped: &'static AtomicUsize,
}

impl Account {
    fn new(number: u64, dropped: &'static AtomicUsize) -> Self {
        Account { number, history: Box::new(vec![number; 4]), dropped }
    }

    fn is_whole(&self) -> bool {
        self.history.len() == 4 && self.history.iter().all(|entry| *entry == self.number)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.number = u64::MAX;
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

fn name(number: u64) -> String {
    format!("account {number}")
}

/// What a run has seen.
struct Report {
    stored: usize,
    moves: usize,
    /// Looks at references that were held while entries moved.
    looks: usize,
    broken: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { stored, moves, looks, broken } = self;
        write!(f, "{stored} values stored, {moves} moves, {looks} looks by held references, {broken} broken")
    }
}

/// One thread inserts, replaces and removes; two read, and keep what they have found while it does.
fn run(rounds: u64, dropped: &'static AtomicUsize) -> Report {
    const HELD: u64 = 8;
    let map = MovedMap::new();
    let (done, looks, broken) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let mut stored = 0;
    let mut store = |number| {
        map.insert(Name(Box::new(name(number))), Account::new(number, dropped));
        stored += 1;
    };
    (0..HELD).for_each(&mut store);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let last = done.load(Ordering::Acquire);
                    let view = map.view();
                    // Accounts that are replaced and moved, but never absent.
                    let held: Vec<_> = (0..HELD).map(|number| (number, view.get(&name(number)))).collect();
                    for _ in 0..4 {
                        std::thread::yield_now();
                        let whole = held.iter().filter(|(number, account)| {
                            account.is_some_and(|account| account.number == *number && account.is_whole())
                        });
                        broken.fetch_add(held.len() - whole.count(), Ordering::Relaxed);
                        looks.fetch_add(held.len(), Ordering::Relaxed);
                    }
                    if last {
                        break;
                    }
                }
            });
        }
        for number in HELD..HELD + rounds {
            store(number);
            store(number % HELD);
            map.remove(&name(number / 2 + HELD));
        }
        done.store(true, Ordering::Release);
    });
    Report { stored, moves: map.moves(), looks: looks.into_inner(), broken: broken.into_inner() }
}

/// Waits until the collector has dropped this many accounts: it does when no earlier reader is left, at a time of its
/// own.
fn wait_for_drops(dropped: &AtomicUsize, count: usize) {
    while dropped.load(Ordering::Relaxed) < count {
        epoch::pin().flush();
        std::thread::yield_now();
    }
}

fn main() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    let report = run(20_000, &DROPPED);
    wait_for_drops(&DROPPED, report.stored);
    println!("{report}, {} drops", DROPPED.load(Ordering::Relaxed));
    assert_eq!((report.broken, DROPPED.load(Ordering::Relaxed)), (0, report.stored));
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    #[test]
    fn references_stay_valid_while_entries_move() {
        static DROPPED: AtomicUsize = AtomicUsize::new(0);
        let map = MovedMap::new();
        let store = |number, value| map.insert(Name(Box::new(name(number))), Account::new(value, &DROPPED));
        assert!(store(0, 1));
        let view = map.view();
        let held = view.get(&name(0)).expect("it was inserted");
        (1..40).for_each(|number| assert!(store(number, number)));
        // In another place, and the same account: what it owns did not move.
        let moved = view.get(&name(0)).expect("it was moved");
        assert!(!ptr::eq(held, moved) && ptr::eq(&raw const *held.history, &raw const *moved.history));
        // Replaced, moved again, removed: all that was found is as it was.
        assert!(!store(0, 2));
        let replaced = view.get(&name(0)).expect("it was replaced");
        (40..80).for_each(|number| assert!(store(number, number)));
        assert!(map.remove(&name(0)) && !map.remove(&name(0)));
        assert!(view.get(&name(0)).is_none());
        assert_eq!([held.number, moved.number, replaced.number], [1, 1, 2]);
        assert!(held.is_whole() && moved.is_whole() && replaced.is_whole());
        assert_eq!(DROPPED.load(Ordering::Relaxed), 0, "dropped while a view was there that had found it");
        drop(view);
        wait_for_drops(&DROPPED, 2);
        drop(map);
        assert_eq!(DROPPED.load(Ordering::Relaxed), 81, "each account is dropped once");
    }

    #[test]
    fn readers_hold_references_while_a_writer_writes() {
        static DROPPED: AtomicUsize = AtomicUsize::new(0);
        let report = run(if cfg!(miri) { 30 } else { 2_000 }, &DROPPED);
        assert_eq!(report.broken, 0, "{report}");
        assert!(report.moves > 30 && report.looks > 0, "{report}");
        wait_for_drops(&DROPPED, report.stored);
        assert_eq!(DROPPED.load(Ordering::Relaxed), report.stored, "each account is dropped once");
    }
}
