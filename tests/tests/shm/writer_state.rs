//! `writer_state`: what can be known of a writer, within microseconds, and nothing that can't be known. The table in
//! verify/evidence/faults.md names these tests.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::sys::utsname::uname;
use seqcopy_shm::{ErrorKind, Reader, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_alive, is_orphaned, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// A region, its writer, and a process that reads it. Both are other processes than this one.
fn region() -> (Place, PathBuf, Peer, Peer) {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Peer::start(PEER);
    writer.must(&format!("create {} 2", path.display()));
    let mut asking = Peer::start(PEER);
    asking.must(&format!("open {}", path.display()));
    (place, path, writer, asking)
}

/// How long a test goes on until it has seen what it is about.
const LIMIT: Duration = Duration::from_secs(60);

/// The state that the peer reads, asked for until that took less than 2 ms: other processes need the processors as
/// well.
#[track_caller]
fn state(asking: &mut Peer) -> String {
    let began = Instant::now();
    loop {
        let said = asking.ask("timed_state");
        let (state, took) = said.split_once(" in ").unwrap();
        let took: u32 = took.strip_suffix(" us").unwrap().parse().unwrap();
        if took < 2000 {
            return state.into();
        }
        assert!(began.elapsed() < LIMIT, "{said}");
    }
}

fn may(what: &str, result: &str) -> bool {
    if result != "ok" && !result.starts_with("forked") {
        seqcopy_tests::skipped(&format!("this process may not {what}: {result}"));
    }
    result == "ok" || result.starts_with("forked")
}

#[test]
fn what_proc_does_not_show_is_held_not_orphaned() {
    let (_place, _path, mut writer, mut asking) = region();
    // Before 5.8 such a mount hides processes from everyone.
    let release = uname().unwrap().release().to_string_lossy().into_owned();
    let version: Vec<u32> = release.split(['.', '-']).take(2).map(|n| n.parse().unwrap_or(0)).collect();
    if version < vec![5, 8] || !is_root() {
        seqcopy_tests::skipped("root on Linux 5.8 can have a /proc of its own that hides processes");
        return;
    }
    assert_eq!(state(&mut asking), format!("Alive {{ pid: {} }}", writer.pid()));
    if !may("mount a /proc of its own", &asking.ask("hide")) {
        return;
    }
    asking.must("drop_root");
    assert_eq!(state(&mut asking), "Held");
    writer.kill();
    assert_eq!(state(&mut asking), "Gone");
}

#[test]
fn without_proc_a_writer_is_held_not_orphaned() {
    let (place, _path, mut writer, mut asking) = region();
    if !may("change its root", &asking.ask(&format!("jail {}", place.path().display()))) {
        return;
    }
    assert_eq!(state(&mut asking), "Held");
    writer.kill();
    assert_eq!(state(&mut asking), "Gone");
}

#[test]
fn without_descriptors_a_writer_is_held_and_a_dead_one_still_known() {
    let (_place, path, mut writer, mut asking) = region();
    asking.must("limit_descriptors 0");
    assert_eq!(state(&mut asking), "Held");
    writer.fork();
    writer.kill();
    // That there is no such process is known without a descriptor.
    assert_eq!(state(&mut asking), format!("Orphaned {{ pid: {} }}", writer.pid()));
    writer.kill_forks();
    assert_eq!(state(&mut asking), "Gone");
    // `take_over` needs descriptors, and says so.
    assert!(asking.ask(&format!("take_over {}", path.display())).contains("Too many open files"));
}

#[test]
fn a_writer_in_another_process_number_namespace_is_held_not_orphaned() {
    let (place, path, mut writer, mut asking) = region();
    if !may("have a process number namespace", &asking.ask("new_pids")) {
        return;
    }
    assert_eq!(state(&mut asking), "Held");
    let said = asking.ask(&format!("take_over {}", path.display()));
    assert!(said.ends_with("Writer(Held)") && said.contains("`seqcopy locks` names it"), "{said}");
    writer.kill();
    assert_eq!(state(&mut asking), "Gone");
    // And vice versa. Its number in the namespace is 1, which is another process here.
    let inside = place.at("inside");
    asking.must(&format!("create {} 2", inside.display()));
    let reader = Reader::<Small>::open(&inside).unwrap();
    assert_eq!(reader.writer_state(), WriterState::Held);
    // In the namespace, this /proc shows the numbers of outside: 1 is another process.
    asking.must(&format!("open {}", inside.display()));
    assert_eq!(state(&mut asking), "Held");
    asking.kill();
    // Its child is killed a moment later.
    let began = Instant::now();
    while reader.writer_state() == WriterState::Held && began.elapsed() < LIMIT {
        std::thread::yield_now();
    }
    assert_eq!(reader.writer_state(), WriterState::Gone);
}

#[test]
fn a_process_whose_first_thread_ended_still_writes() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start_with(PEER, &["--in-thread"]);
    // Its status is that of a process that has ended.
    let stat = || std::fs::read_to_string(format!("/proc/{}/stat", peer.pid())).unwrap();
    let began = Instant::now();
    while !stat().contains(") Z ") && began.elapsed() < LIMIT {
        std::thread::yield_now();
    }
    peer.must(&format!("create {} 2", path.display()));
    peer.must("write 1");
    let reader = Reader::<Small>::open(&path).unwrap();
    assert!(is_alive(reader.writer_state(), peer.pid()));
}

/// Locks bytes of a file by a descriptor that belongs to no writer.
#[allow(clippy::cast_possible_truncation)] // small constants
fn lock(file: &File, kind: libc::c_int, first: i64) {
    let lock = libc::flock { l_type: kind as i16, l_whence: libc::SEEK_SET as i16, l_start: first, l_len: 1, l_pid: 0 };
    fcntl(file, FcntlArg::F_OFD_SETLK(&lock)).unwrap();
}

#[test]
fn a_writer_that_starts_or_ends_is_held_not_orphaned() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    peer.must(&format!("create {} 2", path.display()));
    peer.kill();
    let last = peer.pid();
    let reader = Reader::<Small>::open(&path).unwrap();
    assert_eq!(reader.writer_state(), WriterState::Gone);
    // As `take_over` does: announces itself, locks, records itself, and retracts the announcement.
    let coming = File::options().read(true).write(true).open(&path).unwrap();
    lock(&coming, libc::F_RDLCK, 1);
    assert_eq!(reader.writer_state(), WriterState::Gone);
    lock(&coming, libc::F_WRLCK, 0);
    assert_eq!(reader.writer_state(), WriterState::Held);
    // A process with the lock and without an announcement was forked by the last writer.
    lock(&coming, libc::F_UNLCK, 1);
    assert!(is_orphaned(reader.writer_state(), last));
    // Not by closing it: a process that another test is just starting has this descriptor as well for a moment.
    lock(&coming, libc::F_UNLCK, 0);
    // As a drop does: the record is cleared, the lock is not released yet.
    let own = Writer::<Small>::take_over(&path).unwrap();
    assert!(is_alive(reader.writer_state(), std::process::id()));
    File::options().write(true).open(&path).unwrap().write_all_at(&u64::MAX.to_ne_bytes(), 136).unwrap();
    assert_eq!(reader.writer_state(), WriterState::Held);
    drop(own);
    assert_eq!(reader.writer_state(), WriterState::Gone);
    // As before the first writer has recorded itself.
    File::options().write(true).open(&path).unwrap().write_all_at(&0u64.to_ne_bytes(), 144).unwrap();
    assert_eq!(reader.writer_state(), WriterState::Never);
}

#[test]
fn a_lock_that_is_held_is_tried_for_half_a_second() {
    let place = Place::new();
    let path = place.at("pose");
    drop(Writer::<Small>::create(&path).unwrap());
    let held = File::options().read(true).write(true).open(&path).unwrap();
    lock(&held, libc::F_WRLCK, 0);
    let began = Instant::now();
    let error = Writer::<Small>::take_over(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Writer(WriterState::Held)), "{error}");
    assert!(began.elapsed().as_millis() >= 500);
    loop {
        let taken = std::thread::scope(|scope| {
            let taking = scope.spawn(|| Writer::<Small>::take_over(&path));
            std::thread::sleep(Duration::from_millis(50));
            lock(&held, libc::F_UNLCK, 0);
            taking.join().unwrap()
        });
        match taken {
            Ok(mut writer) => return writer.write(Beat::of(1)).unwrap(),
            // On a busy machine it was unlocked too late.
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Writer(WriterState::Held)), "{error}"),
        }
        assert!(began.elapsed() < LIMIT, "never taken over");
        lock(&held, libc::F_WRLCK, 0);
    }
}
