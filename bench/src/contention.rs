//! One writer and readers on other threads.

use std::hint::{black_box, spin_loop};
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use crate::peers::{Caller, Reader, Writer};
use crate::shapes::Shape;
use crate::timing::per_operation;

/// How long a sample runs: long enough for about a hundred thousand reads, short compared to a time slice of the
/// scheduler.
const SLICE: Duration = Duration::from_millis(3);
/// The pause between two writes in `read_contended`.
const GAP: Duration = Duration::from_micros(1);
/// How many operations run between two readings of the clock.
const BATCH: u64 = 32;

/// Writes until `stop` is set, but no longer than `limit`: otherwise a reader that starves would never return to set
/// it.
///
/// Returns the number of writes.
pub fn write_until<T: Shape>(
    stop: &AtomicBool,
    writer: &mut impl Writer<T>,
    caller: &Caller<T>,
    gap: Duration,
    limit: Duration,
) -> u64 {
    let start = Instant::now();
    let mut writes = 0;
    while !stop.load(Relaxed) {
        writer.write(caller.value(writes));
        black_box(caller);
        writes += 1;
        if gap.is_zero() {
            if writes.is_multiple_of(BATCH) && start.elapsed() > limit {
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

/// Repeats `work` for a [`SLICE`]; returns the exact duration and the number of repetitions.
#[inline(always)]
fn repeat(mut work: impl FnMut(u64)) -> (Duration, u64) {
    let (start, mut done, mut batch) = (Instant::now(), 0, BATCH);
    loop {
        for turn in done..done + batch {
            work(turn);
        }
        done += batch;
        let elapsed = start.elapsed();
        if elapsed >= SLICE {
            return (elapsed, done);
        }
        // Work that takes a microsecond or more, or starves, checks the clock each time.
        batch = if elapsed > Duration::from_micros(done) { 1 } else { BATCH };
    }
}

/// A sample, and the share of it during which both threads were running.
struct Sample {
    ns: f64,
    together: f64,
}

/// Takes a sample in which the scheduler stopped neither thread, since the other would then run uncontended. Settles
/// for the best of several on a machine that does not have two idle processors.
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

/// The processor time of this thread; `None` where it is not available.
#[must_use]
pub fn running_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is a valid buffer for the result.
        let code = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
        let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
        (code == 0).then(|| Duration::from_secs(seconds) + Duration::from_nanos(nanos))
    }
    #[cfg(not(unix))]
    None
}

/// The share of `elapsed` during which the thread that ran least was running; 1 where it is not known.
#[must_use]
pub fn together(elapsed: Duration, running: &[Option<Duration>]) -> f64 {
    running.iter().flatten().map(|running| running.as_secs_f64() / elapsed.as_secs_f64()).fold(1.0, f64::min)
}

/// Runs `ours` for a slice while another thread runs `theirs`, which returns when its flag is set.
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

/// Nanoseconds per read, while another thread writes about one value per microsecond.
pub fn read_beside_writer<T: Shape>(
    reader: &mut impl Reader<T>,
    writer: &mut impl Writer<T>,
    ours: &mut Caller<T>,
    theirs: &Caller<T>,
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

/// Nanoseconds per write, while another thread reads without a pause.
pub fn write_beside_reader<T: Shape>(
    reader: &mut impl Reader<T>,
    writer: &mut impl Writer<T>,
    ours: &Caller<T>,
    theirs: &mut Caller<T>,
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
