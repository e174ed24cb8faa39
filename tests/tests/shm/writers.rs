//! One writer at a time, from whichever process and by whichever way; and what is left when it ends.
//! The table in verify/evidence/faults.md names these tests.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::sys::signal::Signal;
use seqcopy_shm::{ErrorKind, Options, Reader, WriteError, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_alive, is_orphaned, receive_descriptor};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// A peer, and a socket to it.
fn connected(place: &Place) -> (Peer, UnixStream) {
    let path = place.at("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let mut peer = Peer::start(PEER);
    peer.must(&format!("socket {}", path.display()));
    let (socket, _) = listener.accept().unwrap();
    fs::remove_file(path).unwrap();
    (peer, socket)
}

/// Why a writer was refused.
#[track_caller]
fn refusal(result: Result<Writer<Small>, seqcopy_shm::Error>) -> String {
    format!("{:?}", result.unwrap_err().kind())
}

fn is_read_only(file: &OwnedFd) -> bool {
    fcntl(file, FcntlArg::F_GETFL).unwrap() & libc::O_ACCMODE == libc::O_RDONLY
}

#[test]
fn another_process_is_refused_and_told_the_writer() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    peer.must(&format!("create {} 2", path.display()));
    peer.must("write 1");
    let error = Writer::<Small>::take_over(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Writer(WriterState::Alive { pid, .. }) if *pid == peer.pid()));
    let said =
        format!("another process is the writer, and it is alive (process {}): there can be only one", peer.pid());
    assert!(error.to_string().ends_with(&said), "{error}");
    assert!(matches!(Writer::<Small>::create(&path).unwrap_err().kind(), ErrorKind::Exists { .. }));
    // The first writer is not affected.
    peer.must("write 2");
    assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(2)));
    peer.kill();
    Writer::<Small>::take_over(&path).unwrap().write(Beat::of(3)).unwrap();
}

#[test]
fn the_same_process_is_refused_by_every_path_and_thread() {
    let place = Place::new();
    let (path, alias, link) = (place.at("pose"), place.at("alias"), place.at("link"));
    let mut writer = Writer::<Small>::create(&path).unwrap();
    fs::hard_link(&path, &alias).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for path in [&path, &alias, &link] {
        assert_eq!(refusal(Writer::take_over(path)), "AlreadyWriter");
        let elsewhere = std::thread::scope(|scope| scope.spawn(|| refusal(Writer::take_over(path))).join().unwrap());
        assert_eq!(elsewhere, "AlreadyWriter");
    }
    writer.write(Beat::of(1)).unwrap();
    drop(writer);
    // Neither the refused ones nor the first leave a lock.
    for number in 0..3 {
        Writer::<Small>::take_over(&alias).unwrap().write(Beat::of(number)).unwrap();
    }
}

#[test]
fn a_duplicate_does_not_share_the_right_to_write() {
    let writer = Options::new().allow_take_over_fd(true).create_memfd::<Small>("seqcopy-duplicate").unwrap();
    let duplicate = || -> OwnedFd {
        // The writer's own descriptor, which holds its lock: the newest one that is open.
        let mut own = None;
        for entry in fs::read_dir("/proc/self/fd").unwrap() {
            let number = entry.unwrap().file_name().into_string().unwrap();
            let leads_to = fs::read_link(format!("/proc/self/fd/{number}")).unwrap_or_default();
            if leads_to.to_string_lossy().contains("seqcopy-duplicate") {
                own = Some(number.parse::<i32>().unwrap());
            }
        }
        // SAFETY: the writer that has it outlives the borrow.
        unsafe { std::os::fd::BorrowedFd::borrow_raw(own.unwrap()) }.try_clone_to_owned().unwrap()
    };
    let file = duplicate();
    assert_eq!(refusal(Writer::take_over_fd(file.try_clone().unwrap())), "AlreadyWriter");
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    assert_eq!(refusal(Writer::take_over(&path)), "AlreadyWriter");
    let shared = writer.share().unwrap();
    assert!(is_read_only(&shared), "what is given away can't be written");
    assert_eq!(refusal(Writer::take_over_fd(shared)), "AlreadyWriter");
    // The duplicate keeps the description that was locked, not the lock.
    drop(writer);
    let reader = Reader::<Small>::from_fd(file.try_clone().unwrap()).unwrap();
    assert_eq!(reader.writer_state(), WriterState::Gone);
    drop(Writer::<Small>::take_over(&path).unwrap());
    let shared = reader.region().share().unwrap();
    drop(file);
    // A memfd has a path but no name that could be replaced; that was once an endless loop.
    let path = format!("/proc/self/fd/{}", shared.as_raw_fd());
    drop(Writer::<Small>::take_over(&path).unwrap());
    Writer::<Small>::take_over_fd(shared).unwrap().write(Beat::of(4)).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(4)));
}

#[test]
fn a_received_descriptor_does_not_share_the_right_to_write() {
    let place = Place::new();
    let (mut peer, socket) = connected(&place);
    peer.must("create_memfd");
    peer.must("write 1");
    // The descriptor that has the peer's lock. Locking it again would succeed.
    peer.must("send_own");
    let received = receive_descriptor(&socket);
    let alive = format!("Writer(Alive {{ pid: {} }})", peer.pid());
    assert_eq!(refusal(Writer::take_over_fd(received.try_clone().unwrap())), alive);
    assert_eq!(refusal(Writer::take_over(format!("/proc/self/fd/{}", received.as_raw_fd()))), alive);
    // What the library sends is read-only, its description too.
    peer.must("send");
    let sent = receive_descriptor(&socket);
    assert!(is_read_only(&sent), "what is sent can't be written");
    assert_eq!(refusal(Writer::take_over_fd(sent.try_clone().unwrap())), alive);
    let reader = Reader::<Small>::from_fd(sent.try_clone().unwrap()).unwrap();
    peer.must("write 2");
    assert_eq!(reader.read(), Ok(Beat::of(2)));
    // Its process has ended, but the descriptor that it sent is open: a process that has it has the lock, too.
    peer.kill();
    let orphaned = format!("Orphaned {{ pid: {} }}", peer.pid());
    assert_eq!(format!("{:?}", reader.writer_state()), orphaned);
    assert_eq!(refusal(Writer::take_over_fd(sent.try_clone().unwrap())), format!("Writer({orphaned})"));
    drop(received);
    // A process that another test is just starting has all descriptors of this one until it runs its own program.
    let began = Instant::now();
    while reader.writer_state() != WriterState::Gone && began.elapsed() < Duration::from_secs(60) {
        std::thread::yield_now();
    }
    assert_eq!(reader.writer_state(), WriterState::Gone);
    Writer::<Small>::take_over_fd(sent).unwrap().write(Beat::of(3)).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(3)));
}

#[test]
fn a_fork_inherits_a_writer_that_is_inert() {
    let mut peer = Peer::start(PEER);
    peer.must("create_memfd");
    peer.must("write 1");
    let parent = peer.pid();
    let child = peer.fork();
    assert_ne!(parent, child);
    assert_eq!(peer.ask("write 2"), WriteError::Forked.to_string());
    assert_eq!(peer.ask("update 2"), WriteError::Forked.to_string());
    // Nor can a writer be made from the inherited descriptor.
    let said = peer.ask("take_over_inherited");
    assert!(said.ends_with(&format!("Writer(Alive {{ pid: {parent} }})")), "{said}");
    // Closing it in the child does not close the region.
    peer.must("close");
}

/// A parent whose child has carried out the orders, and a reader of the region.
fn forked(path: &Path, does: &[&str]) -> (Peer, Reader<Small>) {
    let mut peer = Peer::start(PEER);
    peer.must(&format!("create {} 2", path.display()));
    peer.must("write 1");
    let reader = Reader::open(path).unwrap();
    peer.fork();
    for order in does {
        peer.must(order);
    }
    (peer, reader)
}

#[test]
fn dropping_an_inherited_writer_is_harmless() {
    let place = Place::new();
    for does in ["drop", "close"] {
        let path = place.at(does);
        let (peer, reader) = forked(&path, &[does]);
        // The parent still has the lock, the path, and an open region.
        assert!(is_alive(reader.writer_state(), peer.pid()));
        assert_eq!(refusal(Writer::take_over(&path)), format!("Writer(Alive {{ pid: {} }})", peer.pid()));
        assert_eq!(reader.read(), Ok(Beat::of(1)));
    }
}

#[test]
fn a_dead_writers_fork_holds_its_lock_until_it_ends() {
    let place = Place::new();
    let path = place.at("pose");
    let (mut peer, reader) = forked(&path, &[]);
    assert!(is_alive(reader.writer_state(), peer.pid()));
    // Dead, and still in the table of processes until its parent asks for how it ended.
    peer.signal(Signal::SIGKILL);
    while !fs::read_to_string(format!("/proc/{}/stat", peer.pid())).unwrap().contains(") Z ") {
        std::thread::yield_now();
    }
    assert!(is_orphaned(reader.writer_state(), peer.pid()));
    peer.kill();
    let orphaned = reader.writer_state();
    assert!(is_orphaned(orphaned, peer.pid()));
    let error = Writer::<Small>::take_over(&path).unwrap_err();
    assert_eq!(format!("{:?}", error.kind()), format!("Writer({orphaned:?})"));
    assert!(error.to_string().contains("has ended, but a process that it forked holds the writer lock"), "{error}");
    // The child can't take over either, and gets the same error.
    assert!(peer.ask(&format!("take_over {}", path.display())).contains("Orphaned"));
    assert_eq!(peer.ask("write 2"), WriteError::Forked.to_string());
    assert_eq!(reader.read(), Ok(Beat::of(1)));
    peer.kill_forks();
    assert_eq!(reader.writer_state(), WriterState::Gone);
    Writer::<Small>::take_over(&path).unwrap().write(Beat::of(3)).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(3)));
}

#[test]
fn a_dead_writers_fork_can_release_the_lock_and_take_over() {
    let place = Place::new();
    let path = place.at("pose");
    let (mut peer, reader) = forked(&path, &[]);
    peer.kill();
    assert!(matches!(reader.writer_state(), WriterState::Orphaned { .. }));
    peer.must("drop");
    assert_eq!(reader.writer_state(), WriterState::Gone);
    peer.must(&format!("take_over {}", path.display()));
    peer.must("write 2");
    assert_eq!(reader.read(), Ok(Beat::of(2)));
    assert!(matches!(reader.writer_state(), WriterState::Alive { pid, .. } if pid != peer.pid()));
}

#[test]
fn a_dropped_writer_releases_the_lock_wherever_its_descriptor_went() {
    let place = Place::new();
    let (mut peer, socket) = connected(&place);
    peer.must("create_memfd");
    peer.must("send_own");
    let received = receive_descriptor(&socket);
    let reader = Reader::<Small>::from_fd(received.try_clone().unwrap()).unwrap();
    assert!(is_alive(reader.writer_state(), peer.pid()));
    peer.must("drop");
    assert_eq!(reader.writer_state(), WriterState::Gone);
    drop(Writer::<Small>::take_over_fd(received.try_clone().unwrap()).unwrap());
}

#[test]
fn a_writer_is_alive_whatever_its_process_is_called() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    peer.must("rename");
    peer.must(&format!("create {} 2", path.display()));
    let reader = Reader::<Small>::open(&path).unwrap();
    assert!(is_alive(reader.writer_state(), peer.pid()));
}

#[test]
fn racing_processes_take_turns() {
    let place = Place::new();
    let (path, flag) = (place.at("pose"), place.at("flag"));
    drop(Writer::<Small>::create(&path).unwrap());
    let mut peers: Vec<Peer> = (0..4).map(|_| Peer::start(PEER)).collect();
    for peer in &mut peers {
        peer.tell(&format!("race {} {} 500", path.display(), flag.display()));
    }
    let mut won = 0;
    for peer in &mut peers {
        // Any other answer is "two writers", or an unexpected error.
        let said = peer.ask("state?");
        won += said.strip_prefix("won ").unwrap_or_else(|| panic!("{said}")).parse::<u32>().unwrap();
    }
    assert!(won > 0, "no writer ever");
    assert_eq!(Reader::<Small>::open(&path).unwrap().writer_state(), WriterState::Gone);
}

#[test]
fn racing_threads_take_turns() {
    let place = Place::new();
    let path = place.at("pose");
    drop(Writer::<Small>::create(&path).unwrap());
    let writing = AtomicBool::new(false);
    let won: u32 = std::thread::scope(|scope| {
        let race = || {
            let mut won = 0;
            for _ in 0..500 {
                match Writer::<Small>::take_over(&path) {
                    Ok(writer) => {
                        assert!(!writing.swap(true, SeqCst), "two writers");
                        won += 1;
                        writing.store(false, SeqCst);
                        drop(writer);
                    }
                    Err(error) => {
                        assert!(matches!(error.kind(), ErrorKind::AlreadyWriter | ErrorKind::Writer(_)), "{error}");
                    }
                }
            }
            won
        };
        let racers: Vec<_> = (0..4).map(|_| scope.spawn(race)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).sum()
    });
    assert!(won > 0, "no writer ever");
}

#[test]
fn starting_other_programs_does_not_look_like_a_second_writer() {
    let place = Place::new();
    let path = place.at("pose");
    drop(Writer::<Small>::create(&path).unwrap());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Between fork and exec each has, for a moment, all descriptors of this process.
            while !stop.load(SeqCst) {
                Command::new("/bin/true").status().unwrap();
            }
        });
        let results: Vec<_> = (0..300).map(|_| Writer::<Small>::take_over(&path).map(drop)).collect();
        stop.store(true, SeqCst);
        let refused: Vec<_> = results.into_iter().filter_map(Result::err).collect();
        assert!(refused.is_empty(), "{refused:?}");
    });
}
