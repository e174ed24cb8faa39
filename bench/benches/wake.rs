//! From a write to the return of the call that waits for it: `cargo bench -p bench --features peers --bench wake --
//! --table`. The one that waits sleeps when the value is written, 0.2 ms after it began to. `wait` is `Reader::wait`,
//! `poll` that of a `Notifier`'s descriptor.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use bench::args::Args;
use bench::processor;
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, measure};
use rustix::event::{PollFd, PollFlags, poll};
use seqcopy::Version;
use seqcopy_shm::{self as shm, Notifier, Reader, Writer};

/// How many wake-ups a sample is the median of.
const WAKE_UPS: usize = 101;
/// By then the one that waits sleeps.
const PAUSE: Duration = Duration::from_micros(200);

fn path(name: &str) -> PathBuf {
    shm::path_for(&format!("seqcopy-bench-{}-{name}", std::process::id()))
}

/// A reader, and a thread that writes the time, in nanoseconds since a moment, whenever it is unparked.
fn region(name: &str, since: Instant) -> (Reader<u64>, thread::Thread) {
    let path = path(name);
    let mut writer = Writer::<u64>::create(&path).expect("a region");
    let reader = Reader::open(&path).expect("the region just made");
    std::fs::remove_file(&path).expect("its path");
    let write = move || {
        loop {
            thread::park();
            thread::sleep(PAUSE);
            let now = u64::try_from(since.elapsed().as_nanos()).expect("a time");
            writer.write(now).expect("the writer's own process");
            writer.wake();
        }
    };
    (reader, thread::spawn(write).thread().clone())
}

/// Samples of a way to wait for another value than that of this version, which returns when that ended.
fn sampler(name: &str, mut wait: impl FnMut(&Reader<u64>, Version) -> Instant + 'static) -> Sampler {
    let since = Instant::now();
    let (reader, writer) = region(name, since);
    let mut known = reader.version();
    Sampler::of(move || {
        let mut delays: Vec<f64> = (0..WAKE_UPS)
            .map(|_| {
                writer.unpark();
                let now = wait(&reader, known).duration_since(since);
                let value = reader.read_if_changed(&mut known).expect("a value").expect("another value");
                now.saturating_sub(Duration::from_nanos(value)).as_secs_f64() * 1e9
            })
            .collect();
        delays.sort_unstable_by(f64::total_cmp);
        delays[WAKE_UPS / 2]
    })
}

fn main() {
    let args = Args::of_process(31);
    eprintln!("{}", processor::describe());
    let wait = sampler("wait", |reader, known| {
        assert!(reader.wait(known, Duration::MAX));
        Instant::now()
    });
    let notifier = Notifier::new().expect("a descriptor");
    let mut registration = None;
    let by_poll = sampler("poll", move |reader, known| {
        let _ =
            registration.get_or_insert_with(|| notifier.register(reader.newer_than(known)).expect("one more region"));
        poll(&mut [PollFd::new(&notifier, PollFlags::IN)], None).expect("no signals");
        let now = Instant::now();
        notifier.clear().expect("the same process");
        now
    });
    let mut samplers = [wait, by_poll];
    let summaries = measure(&mut samplers, args.rounds);
    let base = summaries[0].median;
    let lines: Vec<Line> = ["seqcopy-shm-wait", "seqcopy-shm-poll"]
        .iter()
        .zip(&summaries)
        .map(|(name, ns)| Line {
            operation: "wake_up".to_owned(),
            shape: "u64".to_owned(),
            bytes: 8,
            implementation: (*name).to_owned(),
            ns: *ns,
            ratio: Some(ns.median / base),
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
