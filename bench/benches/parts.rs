//! One field of a kilobyte, compared with the whole: `cargo bench -p bench --bench parts -- --table`.
//!
//! `read` and `write_writer` are uncontended. `read_beside_writer` is a read while another thread writes whole values
//! without a pause: the time of a read that succeeds, retries included, so that its reciprocal is the number of reads a
//! second.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use bench::args::Args;
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, measure, per_operation};
use seqcopy::{SeqCopy, SeqLatch, SeqLock, part};

/// The length of a sample with a writer.
const SLICE: Duration = Duration::from_millis(200);

/// One run of data.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C)]
struct Dense {
    at: u64,
    volts: [f32; 254],
}

/// Elements with padding.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C)]
struct Record {
    id: u8,
    value: f32,
    at: u64,
}

/// A kilobyte with padding.
type Padded = [Record; 64];

const DENSE: Dense = Dense { at: 0, volts: [1.0; 254] };
const PADDED: Padded = [Record { id: 1, value: 1.0, at: 2 }; 64];

/// The next index, in an order that is not the memory's.
fn next(index: &mut usize, len: usize) -> usize {
    *index = (*index + 7) % len;
    black_box(*index)
}

fn loops() -> Vec<(&'static str, &'static str, &'static str, Sampler)> {
    let mut all = Vec::new();
    macro_rules! each {
        ($operation:literal, $shape:literal, $name:literal, $lock:ident = $new:expr, { $($state:tt)* } => $body:expr) => {{
            let $lock: &'static _ = Box::leak(Box::new($new));
            $($state)*
            let batch = move |count: u64| (0..count).for_each(|_| { black_box($body); });
            all.push(($operation, $shape, $name, Sampler::of_loop(batch)));
        }};
    }
    each!("read", "dense", "seqcopy-seqlock-part", lock = SeqLock::new(DENSE), {}
        => black_box(lock).read_part(part!(Dense, volts).index(100)));
    each!("read", "dense", "seqcopy-seqlock-part-by-index", lock = SeqLock::new(DENSE), { let mut i = 0; }
        => black_box(lock).read_part(part!(Dense, volts).index(next(&mut i, 254))));
    each!("read", "dense", "seqcopy-seqlock-two-parts", lock = SeqLock::new(DENSE), {}
        => black_box(lock).read_parts((part!(Dense, at), part!(Dense, volts).index(100))));
    each!("read", "dense", "seqcopy-latch2-part", lock = SeqLatch::new(DENSE), {}
        => black_box(lock).read_part(part!(Dense, volts).index(100)));
    each!("read", "dense", "seqcopy-seqlock", lock = SeqLock::new(DENSE), { let mut buf = MaybeUninit::uninit(); }
        => black_box(lock).read_into(&mut buf).volts[100]);
    each!("read", "padded", "seqcopy-seqlock-part", lock = SeqLock::new(PADDED), {}
        => black_box(lock).read_part(part!(Padded).index(50).then(part!(Record, value))));
    each!("read", "padded", "seqcopy-seqlock-part-by-index", lock = SeqLock::new(PADDED), { let mut i = 0; }
        => black_box(lock).read_part(part!(Padded).index(next(&mut i, 64)).then(part!(Record, value))));
    each!("read", "padded", "seqcopy-seqlock", lock = SeqLock::new(PADDED), { let mut buf = MaybeUninit::uninit(); }
        => black_box(lock).read_into(&mut buf)[50].value);
    each!("write_writer", "dense", "seqcopy-seqlock-part", lock = SeqLock::new(DENSE), { let mut writer = lock.writer().unwrap(); }
        => writer.update_part(part!(Dense, volts).index(100), |volts| *volts += 1.0));
    each!("write_writer", "dense", "seqcopy-latch2-part", lock = SeqLatch::new(DENSE), { let mut writer = lock.writer().unwrap(); }
        => writer.update_part(part!(Dense, volts).index(100), |volts| *volts += 1.0));
    each!("write_writer", "dense", "seqcopy-seqlock", lock = SeqLock::new(DENSE), { let mut writer = lock.writer().unwrap(); }
        => writer.update(|value| value.volts[100] += 1.0));
    all
}

/// The time of each read that succeeds with a writer.
fn beside_writer(attempt: fn(&SeqLock<Dense>) -> bool) -> f64 {
    static LOCK: SeqLock<Dense> = SeqLock::new(DENSE);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = LOCK.writer().expect("the only one");
            let mut value = DENSE;
            while !stop.load(Relaxed) {
                value.at += 1;
                writer.write_from(&value);
            }
        });
        // Until both threads have found processors of their own.
        thread::sleep(SLICE / 10);
        let (start, mut reads) = (Instant::now(), 0u64);
        while start.elapsed() < SLICE {
            reads += (0..1000).map(|_| u64::from(attempt(&LOCK))).sum::<u64>();
        }
        let ns = per_operation(start.elapsed(), reads);
        stop.store(true, Relaxed);
        ns
    })
}

fn main() {
    let args = Args::of_process(21);
    let mut all = loops();
    let whole =
        |lock: &SeqLock<Dense>| lock.try_read_into(&mut MaybeUninit::uninit()).map(|value| black_box(value.at)).is_ok();
    let one = |lock: &SeqLock<Dense>| lock.try_read_part(part!(Dense, volts).index(100)).map(black_box).is_ok();
    all.push(("read_beside_writer", "dense", "seqcopy-seqlock-part", Sampler::of(move || beside_writer(one))));
    all.push(("read_beside_writer", "dense", "seqcopy-seqlock", Sampler::of(move || beside_writer(whole))));
    all.retain(|(operation, shape, name, _)| args.wants(&format!("{operation}/{shape}/1024/{name}")));
    let names: Vec<_> = all.iter().map(|(operation, shape, name, _)| (*operation, *shape, *name)).collect();
    let mut samplers: Vec<Sampler> = all.into_iter().map(|(.., sampler)| sampler).collect();
    let rounds = if args.smoke { 1 } else { args.rounds };
    let summaries = measure(&mut samplers, rounds);
    let lines: Vec<Line> = names
        .iter()
        .zip(&summaries)
        .map(|(&(operation, shape, name), &ns)| {
            let whole = names.iter().position(|&it| it == (operation, shape, "seqcopy-seqlock"));
            Line {
                operation: operation.to_owned(),
                shape: shape.to_owned(),
                bytes: 1024,
                implementation: name.to_owned(),
                ns,
                ratio: whole.map(|whole| ns.median / summaries[whole].median),
            }
        })
        .collect();
    if args.table {
        println!("{HEADER}");
        for line in &lines {
            println!("{}", line.tab_separated());
        }
    } else {
        println!("{}", pretty(&lines));
    }
}
