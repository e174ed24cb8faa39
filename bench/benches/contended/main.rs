//! One writer, at full speed or with a microsecond between writes, and one or two readers on other threads:
//! `cargo bench -p bench --features peers --bench contended -- --table`.
//!
//! Each implementation is measured in three passes. The first counts reads per second. The second measures the share of
//! attempts that succeed, and the longest series of failures, for implementations that can make a single attempt. The
//! third measures the time until a read has succeeded, by a clock that is read before and after each read. The cost of
//! the clock itself is printed to stderr.
//!
//! A second table with its own header follows: two threads that write, and how fairly they share the lock.

mod turns;

use std::hint::{black_box, spin_loop};
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use bench::args::Args;
use bench::contention::{running_time, together, write_until};
use bench::peers::baseline::{Bytes, TwinPeer, TwinWriter};
use bench::peers::buffers::LeftRight;
use bench::peers::locks::{Crossbeam, ParkingLot, Seqlock, StdMutex, StdRwLock, Swap};
use bench::peers::ours::Sole;
use bench::peers::slots::{NexusSlot, PhotonRing, Unrestricted};
use bench::peers::{Caller, Ends, Peer, Reader};
use bench::processor;
use bench::shapes::{Dense, Padded48, Shape};
use bench::table::print_columns;
use bench::timing::{Summary, per_operation, time};
use hdrhistogram::Histogram;
use seqcopy::{SeqLatch, SeqLock};

/// How long each pass of a round runs.
const SLICE: Duration = Duration::from_millis(20);
const HEADER: [&str; 12] = [
    "writer",
    "shape",
    "bytes",
    "readers",
    "implementation",
    "reads_per_s",
    "writes_per_s",
    "success",
    "failures_in_a_row",
    "p50_ns",
    "p99_ns",
    "p99.9_ns",
];

/// The pace of the writer, and the number of readers.
struct Scene {
    pace: &'static str,
    gap: Duration,
    readers: usize,
}

fn main() {
    let args = Args::of_process(7);
    let slice = if args.smoke { Duration::from_millis(1) } else { SLICE };
    let clock = (0..1000).map(|_| time(|| ())).min().unwrap_or_default();
    eprintln!("{}", processor::describe());
    eprintln!("reading the clock takes at least {} ns, which the latencies include", clock.as_nanos());
    print(&HEADER.map(str::to_owned), args.table);
    for (pace, gap) in [("full", Duration::ZERO), ("1us", Duration::from_micros(1))] {
        for readers in [1, 2] {
            if readers >= processors() {
                eprintln!(
                    "{} threads on {} processors: the latencies include those of the scheduler",
                    readers + 1,
                    processors()
                );
            }
            let scene = Scene { pace, gap, readers };
            ours::<Dense<2>>(&scene, slice, &args);
            dense::<Dense<8>, 64>(&scene, slice, &args);
            dense::<Dense<32>, 256>(&scene, slice, &args);
            scene.run::<Padded48, Sole<SeqLock<Padded48>>>(slice, &args);
            scene.run::<Padded48, Sole<SeqLatch<Padded48>>>(slice, &args);
            scene.run::<Padded48, TwinPeer<Bytes<48>, TwinWriter<Bytes<48>>>>(slice, &args);
            scene.run::<Padded48, Seqlock>(slice, &args);
            dense::<Dense<128>, 1024>(&scene, slice, &args);
            dense::<Dense<512>, 4096>(&scene, slice, &args);
        }
    }
    turns::run(slice, &args);
}

fn ours<T: Shape>(scene: &Scene, slice: Duration, args: &Args) {
    scene.run::<T, Sole<SeqLock<T>>>(slice, args);
    scene.run::<T, Sole<SeqLatch<T>>>(slice, args);
    scene.run::<T, Sole<SeqLatch<T, 4>>>(slice, args);
    scene.run::<T, Sole<SeqLatch<T, 8>>>(slice, args);
}

fn dense<T: Shape + photon_ring::Pod, const SIZE: usize>(scene: &Scene, slice: Duration, args: &Args) {
    ours::<T>(scene, slice, args);
    scene.run::<T, TwinPeer<Bytes<SIZE>, TwinWriter<Bytes<SIZE>>>>(slice, args);
    scene.run::<T, Seqlock>(slice, args);
    scene.run::<T, Crossbeam>(slice, args);
    scene.run::<T, ParkingLot>(slice, args);
    scene.run::<T, StdRwLock>(slice, args);
    scene.run::<T, StdMutex>(slice, args);
    scene.run::<T, Swap>(slice, args);
    scene.run::<T, NexusSlot>(slice, args);
    scene.run::<T, PhotonRing>(slice, args);
    scene.run::<T, Unrestricted>(slice, args);
    scene.run::<T, LeftRight>(slice, args);
}

fn print(columns: &[String; 12], table: bool) {
    print_columns(columns, [6, 10, 6, 8, -22, 12, 13, 8, 17, 9, 10, 10], table);
}

impl Scene {
    fn run<T: Shape, P: Peer<T, Reader: Clone>>(&self, slice: Duration, args: &Args) {
        let line = format!("{}/{}/{}/{}/{}", self.pace, T::NAME, size_of::<T>(), self.readers, P::NAME);
        if !args.wants(&line) {
            return;
        }
        let mut ends = P::make(T::value(1));
        let (mut reads, mut writes, mut success) = (Vec::new(), Vec::new(), Vec::new());
        let (mut latency, mut in_a_row) = (histogram(), None);
        for _ in 0..args.rounds {
            let pass = self.pass::<T, P, _>(&mut ends, slice, count_reads);
            reads.push(per_second(pass.results.iter().sum(), pass.elapsed));
            writes.push(per_second(pass.writes, pass.elapsed));
            if ends.reader.attempt(&mut Caller::<T>::new(2).buf).is_some() {
                let tried = self.pass::<T, P, _>(&mut ends, slice, count_attempts).results;
                in_a_row = in_a_row.max(tried.iter().map(|tried| tried.in_a_row).max());
                success.extend(tried.into_iter().reduce(Tried::and).and_then(Tried::share));
            }
            for other in self.pass::<T, P, _>(&mut ends, slice, time_reads).results {
                latency.add(other).expect("the same bounds");
            }
        }
        let median = |samples: Vec<f64>| if samples.is_empty() { None } else { Some(Summary::of(samples).median) };
        let quantile = |q| latency.value_at_quantile(q).to_string();
        print(
            &[
                self.pace.to_owned(),
                T::NAME.to_owned(),
                size_of::<T>().to_string(),
                self.readers.to_string(),
                P::NAME.to_owned(),
                median(reads).map_or_else(String::new, |rate| format!("{rate:.0}")),
                median(writes).map_or_else(String::new, |rate| format!("{rate:.0}")),
                median(success).map_or_else(|| "-".to_owned(), |share| format!("{share:.4}")),
                in_a_row.map_or_else(|| "-".to_owned(), |failures| failures.to_string()),
                quantile(0.5),
                quantile(0.99),
                quantile(0.999),
            ],
            args.table,
        );
    }

    /// Runs all threads for a while, at the same time if there are enough processors.
    fn pass<T: Shape, P: Peer<T, Reader: Clone>, R: Send>(
        &self,
        ends: &mut Ends<T, P>,
        slice: Duration,
        work: fn(&AtomicBool, &mut P::Reader, &mut Caller<T>) -> R,
    ) -> Pass<R> {
        let mut best = self.try_pass(ends, slice, work);
        for _ in 1..8 {
            if best.together > 0.9 || self.readers >= processors() {
                break;
            }
            let other = self.try_pass(ends, slice, work);
            if other.together > best.together {
                best = other;
            }
        }
        best
    }

    fn try_pass<T: Shape, P: Peer<T, Reader: Clone>, R: Send>(
        &self,
        ends: &mut Ends<T, P>,
        slice: Duration,
        work: fn(&AtomicBool, &mut P::Reader, &mut Caller<T>) -> R,
    ) -> Pass<R> {
        let (stop, ready) = (AtomicBool::new(false), Barrier::new(self.readers + 2));
        let (stop, ready) = (&stop, &ready);
        thread::scope(|scope| {
            let readers: Vec<_> = (0..self.readers)
                .map(|_| {
                    let mut reader = ends.reader.clone();
                    scope.spawn(move || {
                        let mut caller = Caller::<T>::new(2).opaque();
                        ready.wait();
                        (work(stop, &mut reader, &mut caller), running_time())
                    })
                })
                .collect();
            let writer = scope.spawn(|| {
                let caller = Caller::<T>::new(4).opaque();
                ready.wait();
                // A reader that starves returns after the writer has stopped.
                let writes = write_until(stop, &mut ends.writer, &caller, self.gap, slice * 10);
                (writes, running_time())
            });
            ready.wait();
            let start = Instant::now();
            thread::sleep(slice);
            stop.store(true, Relaxed);
            let elapsed = start.elapsed();
            let (results, mut running): (Vec<R>, Vec<_>) =
                readers.into_iter().map(|reader| reader.join().expect("a reader")).unzip();
            let (writes, of_writer) = writer.join().expect("the writer");
            running.push(of_writer);
            Pass { results, writes, elapsed, together: together(elapsed, &running) }
        })
    }
}

/// The result of a pass.
struct Pass<R> {
    /// One per reader.
    results: Vec<R>,
    writes: u64,
    elapsed: Duration,
    together: f64,
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn count_reads<T: Shape>(stop: &AtomicBool, reader: &mut impl Reader<T>, caller: &mut Caller<T>) -> u64 {
    let mut reads = 0;
    while !stop.load(Relaxed) {
        reader.read(&mut caller.buf);
        black_box(&mut caller.buf);
        // A read that returns only because the writer has stopped does not count.
        reads += u64::from(!stop.load(Relaxed));
    }
    reads
}

/// The results of attempts.
#[derive(Default, Clone, Copy)]
struct Tried {
    attempts: u64,
    successes: u64,
    /// The most that failed in a row.
    in_a_row: u64,
}

impl Tried {
    fn and(self, other: Self) -> Self {
        Tried {
            attempts: self.attempts + other.attempts,
            successes: self.successes + other.successes,
            in_a_row: self.in_a_row.max(other.in_a_row),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn share(self) -> Option<f64> {
        (self.attempts != 0).then(|| self.successes as f64 / self.attempts as f64)
    }
}

/// Counts attempts, unless the implementation has none.
fn count_attempts<T: Shape>(stop: &AtomicBool, reader: &mut impl Reader<T>, caller: &mut Caller<T>) -> Tried {
    let (mut tried, mut in_a_row) = (Tried::default(), 0);
    while !stop.load(Relaxed) {
        let Some(success) = reader.attempt(&mut caller.buf) else { break };
        black_box(&mut caller.buf);
        tried.attempts += 1;
        if success {
            tried.successes += 1;
            in_a_row = 0;
        } else {
            in_a_row += 1;
            tried.in_a_row = tried.in_a_row.max(in_a_row);
            // As `read` does between its attempts.
            spin_loop();
        }
    }
    tried
}

fn time_reads<T: Shape>(stop: &AtomicBool, reader: &mut impl Reader<T>, caller: &mut Caller<T>) -> Histogram<u64> {
    let mut latency = histogram();
    while !stop.load(Relaxed) {
        let elapsed = time(|| {
            reader.read(&mut caller.buf);
            black_box(&mut caller.buf);
        });
        latency.saturating_record(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX));
    }
    latency
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 10_000_000_000, 3).expect("valid bounds")
}

fn per_second(count: u64, elapsed: Duration) -> f64 {
    if count == 0 { 0.0 } else { 1e9 / per_operation(elapsed, count) }
}
