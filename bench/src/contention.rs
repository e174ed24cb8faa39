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

/// A sample, and for how much of it the two threads were both at work.
struct Sample {
    ns: f64,
    together: f64,
}

/// Takes a sample in which nobody was held up by the scheduler: else it would not be of contention. Settles for the best
/// of some on a machine that has no two processors to spare.
fn undisturbed(mut sample: impl FnMut() -> Sample) -> f64 {
    let mut best = sample();
    for _ in 1..8 {
        if best.together > 0.9 {
            break;
        }
        let other = sample();
        if other.together > best.together {
            best = other;
        }
    }
    best.ns
}

/// How long this thread has been running on a processor; `None` where that can't be asked for.
#[must_use]
pub fn running_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: room for the result.
        let code = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
        let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
        (code == 0).then(|| Duration::from_secs(seconds) + Duration::from_nanos(nanos))
    }
    #[cfg(not(unix))]
    None
}

/// Which part of `elapsed` the slowest of some threads was running; all of it where that can't be known.
#[must_use]
pub fn together(elapsed: Duration, running: &[Option<Duration>]) -> f64 {
    running.iter().flatten().map(|running| running.as_secs_f64() / elapsed.as_secs_f64()).fold(1.0, f64::min)
}

/// Runs `ours` for a slice while another thread runs `theirs`, which returns when it is told to stop.
fn beside(mut ours: impl FnMut(u64), theirs: impl FnOnce(&AtomicBool) + Send) -> Sample {
    let (stop, ready) = (AtomicBool::new(false), Barrier::new(2));
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            ready.wait();
            theirs(&stop);
            running_time()
        });
        ready.wait();
        let before = running_time();
        let (elapsed, count) = repeat(&mut ours);
        let own = running_time().zip(before).map(|(now, before)| now.saturating_sub(before));
        stop.store(true, Relaxed);
        let other = other.join().expect("the other thread");
        Sample { ns: per_operation(elapsed, count), together: together(elapsed, &[own, other]) }
    })
}

/// Nanoseconds for a read, while another thread writes a value each microsecond or so.
pub fn read_beside_writer<T: Shape>(
    reader: &mut impl Reader<T>,
    writer: &mut impl Writer<T>,
    ours: &mut Desk<T>,
    theirs: &Desk<T>,
) -> f64 {
    undisturbed(|| {
        let read = |_| {
            reader.read(&mut ours.buf);
            black_box(&mut ours.buf);
        };
        beside(read, |stop| {
            write_until(stop, writer, theirs, GAP, SLICE * 4);
        })
    })
}

/// Nanoseconds for a write, while another thread reads without a pause.
pub fn write_beside_reader<T: Shape>(
    reader: &mut impl Reader<T>,
    writer: &mut impl Writer<T>,
    ours: &Desk<T>,
    theirs: &mut Desk<T>,
) -> f64 {
    undisturbed(|| {
        let write = |turn| {
            writer.write(ours.value(turn));
            black_box(ours);
        };
        beside(write, |stop| {
            while !stop.load(Relaxed) {
                reader.read(&mut theirs.buf);
                black_box(&mut theirs.buf);
            }
        })
    })
}
