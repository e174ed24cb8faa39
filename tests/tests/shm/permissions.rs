//! A process that receives a region can't write it; and where it can, what it can do. The matrix in
//! verify/evidence/faults.md names these tests. Receivers are processes of the writer's user and of another one, so all
//! of it needs root, which can become either.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

use seqcopy_shm::{Reader, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_root, receive_descriptor, send_descriptor};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

const WRITER: u32 = 23456;
const OTHER: u32 = 12345;

/// A peer of a user, and a socket to it.
fn peer_of(user: u32, place: &Place) -> (Peer, UnixStream) {
    let path = place.at("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let mut peer = Peer::start(PEER);
    peer.must(&format!("socket {}", path.display()));
    let (socket, _) = listener.accept().unwrap();
    fs::remove_file(path).unwrap();
    if is_root() {
        peer.must(&format!("user {user}"));
    }
    (peer, socket)
}

/// Only root can start a process of another user.
fn skips(what: &str) -> bool {
    if !is_root() {
        seqcopy_tests::skipped(&format!("{what}: only root can start a process of another user"));
    }
    !is_root()
}

/// A writer of a memfd with the value 1, a reader of it, and a process of `user` that has received what the library
/// sends.
struct Sent {
    writer: Peer,
    receiver: Peer,
    reader: Reader<Small>,
}

fn sent(user: u32, orders: &[&str]) -> Sent {
    let place = Place::new();
    let (mut writer, from) = peer_of(WRITER, &place);
    let (mut receiver, to) = peer_of(user, &place);
    for order in orders {
        writer.must(order);
    }
    writer.must("write 1");
    writer.must("send");
    // The very description that the library has sent goes on to the receiver.
    let descriptor = receive_descriptor(&from);
    send_descriptor(&to, &[std::os::fd::AsRawFd::as_raw_fd(&descriptor)]);
    receiver.must("receive");
    let reader = Reader::from_fd(descriptor).unwrap();
    Sent { writer, receiver, reader }
}

impl Sent {
    /// The results of the receiver's attempts, after a check that the region is still intact.
    fn attack(&mut self) -> String {
        let said = self.receiver.ask("attack");
        self.writer.must("write 2");
        assert_eq!(self.reader.read(), Ok(Beat::of(2)), "{said}");
        said
    }
}

/// The attempts that succeeded.
fn allowed(said: &str) -> Vec<&str> {
    said.split(", ").filter_map(|attempt| attempt.strip_suffix(": ok")).collect()
}

/// All that the system still allows by a reopened descriptor, if a memfd is sealed against changes of its length only.
const OPEN: [&str; 4] = ["twin map", "twin protect", "twin pwrite", "twin punch"];

#[test]
fn no_receiver_of_a_sealed_memfd_can_write_it_nor_one_of_the_same_user() {
    for (user, mode) in [(OTHER, "644"), (WRITER, "644"), (WRITER, "600"), (OTHER, "666"), (WRITER, "777")] {
        if user == OTHER && skips("a receiver of another user") {
            continue;
        }
        let mut sent = sent(user, &[&format!("create_sealed {mode}")]);
        let said = sent.attack();
        assert_eq!(allowed(&said), [""; 0], "{user} {mode}: {said}");
        // With a reopened descriptor or, where the permissions do not allow that, without.
        assert_eq!(said.ends_with("twin: EACCES"), (user, mode) == (OTHER, "644"), "{user} {mode}: {said}");
        // It can read; but it can't become the writer after the writer has ended.
        sent.receiver.must("open_received");
        assert_eq!(sent.receiver.ask("read"), "value Some(2)");
        sent.writer.kill();
        let said = sent.receiver.ask("take_over_received");
        assert!(
            said.starts_with("refused: ") && said.contains("Permission denied") || said.ends_with("WriteSealed"),
            "{said}"
        );
        assert_eq!(sent.reader.read(), Ok(Beat::of(2)));
    }
}

#[test]
fn without_the_seal_other_users_are_kept_out_by_the_permissions_alone() {
    // By request, and on a system that does not have that seal.
    for orders in [&["create_memfd"][..], &["old_kernel", "create_sealed 644"]] {
        if !skips("a receiver of another user") {
            let mut sent = sent(OTHER, orders);
            let said = sent.attack();
            assert!(allowed(&said).is_empty() && said.ends_with("twin: EACCES"), "{said}");
            sent.writer.kill();
            let said = sent.receiver.ask("take_over_received");
            assert!(said.contains("Permission denied"), "{said}");
        }
        // A process of the same user is not excluded: it may even take over.
        let mut same = sent(WRITER, orders);
        let said = same.receiver.ask("attack");
        assert_eq!(allowed(&said), OPEN, "{said}");
        same.writer.kill();
        let said = same.receiver.ask("take_over_received");
        // The attack has punched a hole where the header was.
        assert!(said.ends_with("Hole { at: 0 }"), "{said}");
    }
}

#[test]
fn a_memfd_for_its_user_alone_can_not_be_opened_by_another() {
    if skips("a receiver of another user") {
        return;
    }
    let mut sent = sent(OTHER, &["create_sealed 600"]);
    let said = sent.receiver.ask("open_received");
    assert!(said.contains("Permission denied"), "{said}");
    let said = sent.attack();
    assert!(allowed(&said).is_empty() && said.ends_with("twin: EACCES"), "{said}");
}

#[test]
fn a_named_file_can_be_written_by_its_owners_user_and_by_no_other() {
    let place = Place::new();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o777)).unwrap();
    for user in [OTHER, WRITER] {
        if user == OTHER && skips("a receiver of another user") {
            continue;
        }
        let path = place.at(&user.to_string());
        let (mut writer, _socket) = peer_of(WRITER, &place);
        let (mut receiver, _other) = peer_of(user, &place);
        writer.must(&format!("create {} 2", path.display()));
        writer.must("write 1");
        // Whatever this process's umask.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        receiver.must(&format!("receive_path {}", path.display()));
        let said = receiver.ask("attack");
        if user == OTHER {
            assert!(allowed(&said).is_empty() && said.ends_with("twin: EACCES"), "{said}");
            writer.must("write 2");
            assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(2)));
        } else {
            assert!(said.ends_with("twin grow: ok, twin truncate: ok"), "{said}");
            assert!(Reader::<Small>::open(&path).is_err());
            // Dropping its writer would be a SIGBUS.
            writer.kill();
        }
    }
}

/// Directories that another user may search and not list are enough, to read as to create and put back.
#[test]
fn a_directory_that_may_only_be_searched_will_do() {
    if skips("a directory of another user") {
        return;
    }
    let place = Place::new();
    let (shut, own) = (place.at("shut"), place.at("shut/own"));
    fs::create_dir(&shut).unwrap();
    let mut writer = Writer::<Small>::create(shut.join("region")).unwrap();
    writer.write(Beat::of(7)).unwrap();
    fs::set_permissions(shut.join("region"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::create_dir(&own).unwrap();
    std::os::unix::fs::chown(&own, Some(OTHER), None).unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o300)).unwrap();
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o711)).unwrap();
    let (mut other, _socket) = peer_of(OTHER, &place);
    other.must(&format!("open {}", shut.join("region").display()));
    assert_eq!(other.ask("read"), "value Some(7)");
    let path = own.join("region");
    other.must(&format!("create {} 2", path.display()));
    other.must("write 8");
    assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(8)));
    fs::remove_file(&path).unwrap();
    assert_eq!(other.ask("restore"), "true");
    assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(8)));
}

/// The lock is the one thing of a sealed memfd that a receiver of the same user can still take, once the writer is
/// gone.
#[test]
fn a_receiver_can_hold_the_lock_of_a_memfd_only_as_the_same_user_and_when_its_writer_is_gone() {
    if !skips("a receiver of another user") {
        let mut other = sent(OTHER, &["create_sealed 644"]);
        assert!(other.receiver.ask("lock_received twin").starts_with("no twin: Permission denied"));
        // A read lock it can take, which does not affect `writer_state`.
        other.writer.kill();
        other.receiver.must("lock_received itself");
        assert_eq!(other.reader.writer_state(), WriterState::Gone);
        assert_eq!(other.reader.read(), Ok(Beat::of(1)));
    }
    let mut same = sent(WRITER, &["create_sealed 644"]);
    assert_eq!(same.receiver.ask("lock_received twin"), "EAGAIN");
    same.writer.must("write 2");
    same.writer.kill();
    assert_eq!(same.reader.writer_state(), WriterState::Gone);
    same.receiver.must("lock_received twin");
    // From then on `writer_state` is wrong; values are not affected.
    assert_ne!(same.reader.writer_state(), WriterState::Gone);
    assert_eq!(same.reader.read(), Ok(Beat::of(2)));
}
