//! One writer and readers on other threads.

use std::hint::{black_box, spin_loop};
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use crate::peers::{Desk, Reader, Writer};
use crate::shapes::Shape;
use crate::timing::per_operation;

/// How long a sample runs: some hundred thousand reads, and short beside a scheduler's slice.
const SLICE: Duration = Duration::from_millis(3);
/// Between two writes in `read_contended`.
const GAP: Duration = Duration::from_micros(1);
/// How many operations pass between two looks at the clock.
const LOOK: u64 = 32;

/// Writes until told to stop, or at the latest after `limit`: a reader that never gets a whole value would otherwise
/// never come back to say so.
///
/// Returns the number of writes.
pub fn write_until<T: Shape>(
    stop: &AtomicBool,
    writer: &mut impl Writer<T>,
    desk: &Desk<T>,
    gap: Duration,
    limit: Duration,
) -> u64 {
    let start = Instant::now();
    let mut writes = 0;
    while !stop.load(Relaxed) {
        writer.write(desk.value(writes));
        black_box(desk);
        writes += 1;
        if gap.is_zero() {
            if writes.is_multiple_of(LOOK) && start.elapsed() > limit {
                break;
            }
        } else {
            let written = Instant::now();
            while written.elapsed() < gap {
                spin_loop();
            }
            if start.elapsed() > limit {
                break;
            }
        }
    }
    writes
}

/// Does something for a [`SLICE`]: how long it was in the end, and how often.
#[inline(always)]
fn repeat(mut work: impl FnMut(u64)) -> (Duration, u64) {
    let (start, mut done, mut look) = (Instant::now(), 0, LOOK);
    loop {
        for turn in done..done + look {
            work(turn);
        }
        done += look;
        let elapsed = start.elapsed();
        if elapsed >= SLICE {
            return (elapsed, done);
        }
        // What takes a microsecond, or starves, is worth a look each time.
        look = if elapsed > Duration::from_micros(done) { 1 } else { LOOK };
    }
}

/// Nanoseconds for a read, while another thread writes a value each microsecond or so.
pub fn read_beside_writer<T: Shape>(
    reader: &mut impl Reader<T>,
    writer: &mut impl Writer<T>,
    ours: &mut Desk<T>,
    theirs: &Desk<T>,
) -> f64 {
    let (stop, ready) = (AtomicBool::new(false), Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            ready.wait();
            write_until(&stop, writer, theirs, GAP, SLICE * 4);
        });
        ready.wait();
        let (elapsed, reads) = repeat(|_| {
            reader.read(&mut ours.room);
            black_box(&mut ours.room);
        });
        stop.store(true, Relaxed);
        per_operation(elapsed, reads)
    })
}

/// Nanoseconds for a write, while another thread reads without a pause.
pub fn write_beside_reader<T: Shape>(
    reader: &mut impl Reader<T>,
    writer: &mut impl Writer<T>,
    ours: &Desk<T>,
    theirs: &mut Desk<T>,
) -> f64 {
    let (stop, ready) = (AtomicBool::new(false), Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            ready.wait();
            while !stop.load(Relaxed) {
                reader.read(&mut theirs.room);
                black_box(&mut theirs.room);
            }
        });
        ready.wait();
        let (elapsed, writes) = repeat(|turn| {
            writer.write(ours.value(turn));
            black_box(ours);
        });
        stop.store(true, Relaxed);
        per_operation(elapsed, writes)
    })
}
