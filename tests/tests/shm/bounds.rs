//! How long a read retries when it can't succeed: on an idle processor, and with a process that competes for it. The
//! table in verify/evidence/faults.md names these tests.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use seqcopy::ReadError;
use seqcopy_shm::{FileReader, ReadValueError, Reader, Region, TIME_LIMIT};
use seqcopy_tests::faults::{Peer, Place, Small};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");
const BUSY: ReadValueError = ReadValueError::NoValue(ReadError::Busy);

/// A read that fails.
type Read = Box<dyn Fn() -> ReadValueError>;

/// A single-buffer region in the middle of a write, and its writer.
fn open_write() -> (Place, Peer, [Read; 4]) {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    peer.must(&format!("create {} 1", path.display()));
    peer.must("write 1");
    // An odd word: as if the writer were copying.
    File::options().write(true).open(&path).unwrap().write_all_at(&5u64.to_ne_bytes(), 192).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    let region = Region::open(&path).unwrap();
    let file_reader = FileReader::<Small>::open(&path).unwrap();
    let file_region = Region::open_file(&path).unwrap();
    let reads: [Read; 4] = [
        Box::new(move || reader.read().unwrap_err()),
        Box::new(move || region.read_bytes().unwrap_err()),
        Box::new(move || file_reader.read().unwrap_err()),
        Box::new(move || file_region.read_bytes().unwrap_err()),
    ];
    (place, peer, reads)
}

/// How long a test goes on until it has seen what it is about.
const LIMIT: Duration = Duration::from_secs(60);

/// Reads until one read took less than `bound`. Not every read does: other processes need the processors as well.
#[track_caller]
fn returns_within(bound: Duration, read: &dyn Fn() -> ReadValueError, expected: ReadValueError) {
    let began = Instant::now();
    let mut least = Duration::MAX;
    while least >= bound {
        assert!(began.elapsed() < LIMIT, "no read took less than {least:?}");
        let start = Instant::now();
        assert_eq!(read(), expected);
        least = least.min(start.elapsed());
    }
}

/// A process that never yields the processor to which it pins this thread.
struct Hog(Child);

impl Hog {
    fn beside() -> Hog {
        let this = Pid::from_raw(0);
        let all = sched_getaffinity(this).unwrap();
        let mut one = CpuSet::new();
        one.set((0..CpuSet::count()).find(|at| all.is_set(*at).unwrap()).unwrap()).unwrap();
        sched_setaffinity(this, &one).unwrap();
        // It inherits the affinity.
        Hog(Command::new("/bin/sh").args(["-c", "while :; do :; done"]).spawn().unwrap())
    }
}

impl Drop for Hog {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_writer_that_is_gone_is_noticed_within_a_millisecond() {
    let (_place, mut peer, reads) = open_write();
    peer.kill();
    for read in &reads {
        returns_within(Duration::from_millis(1), read, ReadValueError::WriterGone);
    }
}

#[test]
fn a_writer_that_is_gone_is_noticed_beside_a_busy_process() {
    let (_place, mut peer, reads) = open_write();
    peer.kill();
    let _hog = Hog::beside();
    for read in &reads {
        returns_within(Duration::from_millis(50), read, ReadValueError::WriterGone);
    }
}

#[test]
fn a_writer_that_is_stopped_ends_no_read_late_beside_a_busy_process() {
    let (_place, peer, reads) = open_write();
    peer.stop();
    let _hog = Hog::beside();
    for read in &reads {
        returns_within(2 * TIME_LIMIT, read, BUSY);
    }
}

#[test]
fn a_writer_that_dies_during_a_read_is_noticed_within_the_bound() {
    let began = Instant::now();
    for round in 0.. {
        let (_place, mut peer, reads) = open_write();
        peer.stop();
        let (said, start, end, killed) = std::thread::scope(|scope| {
            let killing = scope.spawn(|| {
                // Shorter and shorter: on an idle machine all attempts have been made after some milliseconds.
                std::thread::sleep(TIME_LIMIT / 4 / (1 << (round % 8)));
                let killed = Instant::now();
                peer.kill();
                killed
            });
            let _hog = Hog::beside();
            let start = Instant::now();
            let said = reads[0]();
            (said, start, Instant::now(), killing.join().unwrap())
        });
        // The writer may have died before the read, or after it.
        assert!([ReadValueError::WriterGone, BUSY].contains(&said), "{said:?}");
        if said == ReadValueError::WriterGone && start < killed && end - start < 2 * TIME_LIMIT {
            return;
        }
        assert!(began.elapsed() < LIMIT, "not noticed during a read in {round} rounds");
    }
}
