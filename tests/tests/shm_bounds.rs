//! How long a read goes on of which nothing can come: by itself, and beside a process that wants the same processor. The table in
//! seqcopy-shm/docs/reliability.md names these tests.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use seqcopy::ReadError;
use seqcopy_shm::{FileReader, FileRegion, ReadValueError, Reader, Region, TIME_LIMIT};
use seqcopy_tests::faults::{Peer, Place, Small};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");
const BUSY: ReadValueError = ReadValueError::NotConsistent(ReadError::Busy);

/// A read that gives no value.
type Read = Box<dyn Fn() -> ReadValueError>;

/// A region of one copy in the middle of a write, and its writer.
fn open_write() -> (Place, Peer, [Read; 4]) {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    peer.must(&format!("create {} 1", path.display()));
    peer.must("write 1");
    // An odd word: the writer could be anywhere in the copy.
    File::options().write(true).open(&path).unwrap().write_all_at(&5u64.to_ne_bytes(), 192).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    let region = Region::open(&path).unwrap();
    let file_reader = FileReader::<Small>::open(&path).unwrap();
    let file_region = FileRegion::open(&path).unwrap();
    let reads: [Read; 4] = [
        Box::new(move || reader.read().unwrap_err()),
        Box::new(move || region.read_bytes().unwrap_err()),
        Box::new(move || file_reader.read().unwrap_err()),
        Box::new(move || file_region.read_bytes().unwrap_err()),
    ];
    (place, peer, reads)
}

/// The least of several times: other processes want the processors, too.
#[track_caller]
fn least(times: u32, read: &dyn Fn() -> ReadValueError, expected: ReadValueError) -> Duration {
    let time = |_| {
        let began = Instant::now();
        assert_eq!(read(), expected);
        began.elapsed()
    };
    (0..times).map(time).min().unwrap()
}

/// A process that never lets go of the processor that this thread is on from now on.
struct Hog(Child);

impl Hog {
    fn beside() -> Hog {
        let this = Pid::from_raw(0);
        let all = sched_getaffinity(this).unwrap();
        let mut one = CpuSet::new();
        one.set((0..CpuSet::count()).find(|at| all.is_set(*at).unwrap()).unwrap()).unwrap();
        sched_setaffinity(this, &one).unwrap();
        // It inherits the processor.
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
        let took = least(50, read, ReadValueError::WriterGone);
        assert!(took < Duration::from_millis(1), "{took:?}");
    }
}

#[test]
fn a_writer_that_is_gone_is_noticed_beside_a_busy_process() {
    let (_place, mut peer, reads) = open_write();
    peer.kill();
    let _hog = Hog::beside();
    for read in &reads {
        let took = least(10, read, ReadValueError::WriterGone);
        assert!(took < Duration::from_millis(50), "{took:?}");
    }
}

#[test]
fn a_writer_that_is_stopped_ends_no_read_late_beside_a_busy_process() {
    let (_place, peer, reads) = open_write();
    peer.stop();
    let _hog = Hog::beside();
    for read in &reads {
        let took = least(3, read, BUSY);
        assert!(took < 2 * TIME_LIMIT, "{took:?}");
    }
}

#[test]
fn a_writer_that_dies_during_a_read_is_noticed_within_the_bound() {
    let (_place, mut peer, reads) = open_write();
    peer.stop();
    let began = Instant::now();
    let (said, took) = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(TIME_LIMIT / 4);
            peer.kill();
        });
        let _hog = Hog::beside();
        (reads[0](), began.elapsed())
    });
    // On an idle machine all attempts were made before it died.
    assert!(said == ReadValueError::WriterGone || took < TIME_LIMIT, "{said:?} after {took:?}");
}
