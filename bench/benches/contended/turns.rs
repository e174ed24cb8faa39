//! Two threads that write without a pause: how fairly they share the lock.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use bench::args::Args;
use bench::peers::ours::Lock;
use bench::shapes::{Dense, Shape};
use bench::table::print_columns;
use bench::timing::{Summary, time};
use seqcopy::{SeqLatch, SeqLock};

const HEADER: [&str; 8] = [
    "writers",
    "shape",
    "bytes",
    "implementation",
    "writes_per_s",
    "least_share",
    "turns_in_a_row_max",
    "longest_wait_ns",
];

/// What one thread measured.
#[derive(Default, Clone, Copy)]
struct Seen {
    turns: u64,
    in_a_row: u64,
    longest: Duration,
}

pub(super) fn run(slice: Duration, args: &Args) {
    print(&HEADER.map(str::to_owned), args.table);
    for_shape::<Dense<2>>(slice, args);
    for_shape::<Dense<8>>(slice, args);
    for_shape::<Dense<128>>(slice, args);
    for_shape::<Dense<512>>(slice, args);
}

fn for_shape<T: Shape + PartialEq>(slice: Duration, args: &Args) {
    turns::<T, SeqLock<T>>(slice, args);
    turns::<T, SeqLatch<T, 2>>(slice, args);
}

/// Each thread replaces the value by one of its own: if it gets its own value back, the other thread has not written
/// since.
fn turns<T: Shape + PartialEq, L: Lock<T>>(slice: Duration, args: &Args) {
    if !args.wants(&format!("turns/{}/{}/2/{}", T::NAME, size_of::<T>(), L::NAME)) {
        return;
    }
    let lock = L::new(T::value(0));
    let (mut rates, mut shares) = (Vec::new(), Vec::new());
    let mut worst = Seen::default();
    for _ in 0..args.rounds {
        let (stop, ready) = (AtomicBool::new(false), Barrier::new(3));
        let seen: Vec<Seen> = thread::scope(|scope| {
            let writers: Vec<_> = (1..=2)
                .map(|seed| {
                    let (lock, stop, ready) = (&lock, &stop, &ready);
                    scope.spawn(move || {
                        ready.wait();
                        write_in_turns(lock, stop, T::value(seed))
                    })
                })
                .collect();
            ready.wait();
            thread::sleep(slice);
            stop.store(true, Relaxed);
            writers.into_iter().map(|writer| writer.join().expect("a writer")).collect()
        });
        let all: u64 = seen.iter().map(|seen| seen.turns).sum();
        let least = seen.iter().map(|seen| seen.turns).min().unwrap_or_default();
        rates.push(count(all) / slice.as_secs_f64());
        shares.push(count(least) / count(all));
        for seen in seen {
            worst.in_a_row = worst.in_a_row.max(seen.in_a_row);
            worst.longest = worst.longest.max(seen.longest);
        }
    }
    print(
        &[
            "2".to_owned(),
            T::NAME.to_owned(),
            size_of::<T>().to_string(),
            L::NAME.to_owned(),
            format!("{:.0}", Summary::of(rates).median),
            format!("{:.4}", Summary::of(shares).median),
            worst.in_a_row.to_string(),
            worst.longest.as_nanos().to_string(),
        ],
        args.table,
    );
}

fn write_in_turns<T: Shape + PartialEq, L: Lock<T>>(lock: &L, stop: &AtomicBool, own: T) -> Seen {
    let (mut seen, mut in_a_row) = (Seen::default(), 0);
    while !stop.load(Relaxed) {
        let mut before = own;
        seen.longest = seen.longest.max(time(|| before = black_box(lock.replace(own))));
        in_a_row = if before == own { in_a_row + 1 } else { 1 };
        seen.turns += 1;
        seen.in_a_row = seen.in_a_row.max(in_a_row);
    }
    seen
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}

fn print(columns: &[String; 8], table: bool) {
    print_columns(columns, [7, 10, 6, -22, 12, 11, 18, 15], table);
}
