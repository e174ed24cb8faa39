//! The sentences of the guide's page on containers, each tried in namespaces as runtimes of containers make them.

use std::fs;
use std::os::unix::fs::chown;

use seqcopy_shm::{Reader, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_alive, is_root, requeue};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// A process in a container of its own, in which the place is mounted at `/mnt`; `None` where this one may not make
/// any.
fn container(place: &Place, options: &str) -> Option<Peer> {
    let mut peer = Peer::start(PEER);
    let said = peer.ask(&format!("contain {}{options}", place.path().display()));
    if said != "forked 1" {
        seqcopy_tests::skipped(&format!("this process may not make a container: {said}"));
        return None;
    }
    Some(peer)
}

/// The file is the same, so values, wake-ups and the writer's lock are; process numbers are not.
#[test]
fn containers_that_share_a_directory_share_its_regions() {
    let place = Place::new();
    let (Some(mut writer), Some(mut reader)) = (container(&place, ""), container(&place, "")) else { return };
    writer.must("create /mnt/pose 2");
    writer.must("write 1");
    let outside = Reader::<Small>::open(place.at("pose")).unwrap();
    reader.must("open /mnt/pose");
    assert_eq!((reader.ask("read"), outside.read()), ("value Some(1)".into(), Ok(Beat::of(1))));

    // A thread of a container sleeps where the processes of others look for it.
    reader.tell("wait_for 2");
    let file = fs::File::open(place.at("pose")).unwrap();
    let word_at = usize::try_from(outside.region().header().word_offset()).unwrap();
    while requeue(&file, word_at) == 0 {
        std::thread::yield_now();
    }
    writer.must("write 2");
    assert_eq!(reader.answer("wait_for 2"), "seen [1, 2]");

    // There is a writer, whose number means nothing elsewhere.
    assert_eq!((reader.ask("state"), outside.writer_state()), ("Held".into(), WriterState::Held));
    let refused = reader.ask("take_over /mnt/pose");
    assert!(
        refused.contains("an unknown process holds the writer lock") && refused.ends_with("Writer(Held)"),
        "{refused}"
    );
    assert!(Writer::<Small>::take_over(place.at("pose")).is_err());

    // That it has ended is known everywhere, once the process in its container was killed with it.
    writer.kill();
    while outside.writer_state() != WriterState::Gone {
        std::thread::yield_now();
    }
    assert_eq!(reader.ask("state"), "Gone");
    reader.must("take_over /mnt/pose");
    reader.must("write 3");
    assert_eq!(outside.read(), Ok(Beat::of(3)));
}

#[test]
fn a_fork_of_a_dead_writer_is_some_process_elsewhere() {
    let place = Place::new();
    let Some(mut peer) = container(&place, "") else { return };
    // The first process of a container takes all others with it when it ends.
    assert_eq!(peer.ask("fork"), "forked 2");
    peer.must("create /mnt/pose 2");
    assert_eq!(peer.ask("fork"), "forked 3");
    peer.must("kill_parent");
    peer.must("open /mnt/pose");
    while peer.ask("state") != "Orphaned { pid: 2 }" {
        std::thread::yield_now();
    }
    assert_eq!(Reader::<Small>::open(place.at("pose")).unwrap().writer_state(), WriterState::Held);
}

#[test]
fn a_container_has_its_own_shared_memory() {
    let place = Place::new();
    let (Some(mut one), Some(mut other)) = (container(&place, ""), container(&place, "")) else { return };
    let path = format!("/dev/shm/seqcopy-contained-{}", std::process::id());
    one.must(&format!("create {path} 2"));
    assert!(!fs::exists(&path).unwrap());
    let refused = other.ask(&format!("open {path}"));
    assert!(refused.contains("the writer has not created it yet, or it was removed"), "{refused}");
    // Both have one of that name.
    other.must(&format!("create {path} 2"));
    one.must("write 1");
    other.must("write 2");
    one.must(&format!("open {path}"));
    assert_eq!(one.ask("read"), "value Some(1)");
}

/// Namespaces of System V IPC and POSIX message queues have nothing to do with files.
#[test]
fn shared_memory_is_files_whatever_the_namespace_of_ipc() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    let said = peer.ask("new_ipc");
    if said != "ok" {
        seqcopy_tests::skipped(&format!("this process may not have a namespace of IPC: {said}"));
        return;
    }
    peer.must(&format!("create {} 2", path.display()));
    peer.must("write 1");
    let reader = Reader::<Small>::open(&path).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(1)));
    assert!(is_alive(reader.writer_state(), peer.pid()));
}

/// It is 64 KiB here, 64 MB by default in Docker and Kubernetes.
#[test]
fn a_full_shared_memory_refuses_a_region_and_kills_no_one() {
    let place = Place::new();
    let Some(mut peer) = container(&place, "") else { return };
    peer.must("create /dev/shm/small 2");
    peer.must("write 1");
    let refused = peer.ask("create_large /dev/shm/large 2");
    assert!(refused.contains("No space left on device") && refused.contains("free some space"), "{refused}");
    // The one that fitted is whole.
    peer.must("write 2");
    peer.must("open /dev/shm/small");
    assert_eq!(peer.ask("read"), "value Some(2)");
    // The volume has more space.
    peer.must("create_large /mnt/large 2");
}

#[test]
fn a_volume_that_is_read_only_can_be_read() {
    let place = Place::new();
    let Some(mut peer) = container(&place, " ro") else { return };
    let mut writer = Writer::<Small>::create(place.at("pose")).unwrap();
    writer.write(Beat::of(1)).unwrap();
    peer.must("open /mnt/pose");
    assert_eq!(peer.ask("read"), "value Some(1)");
    drop(writer);
    for order in ["take_over /mnt/pose", "create /mnt/other 2"] {
        let refused = peer.ask(order);
        assert!(refused.contains("Read-only file system"), "{refused}");
    }
    assert_eq!(place.names(), ["pose"]);
}

/// Users that the container does not have are all the same to it, so it can't require one of them.
#[test]
fn users_from_outside_are_one_in_a_container_with_its_own() {
    let place = Place::new();
    let Some(mut peer) = container(&place, " users") else { return };
    let [own, foreign] = ["own", "foreign"].map(|name| place.at(name));
    let mut writers = [&own, &foreign].map(|path| Writer::<Small>::create(path).unwrap());
    for writer in &mut writers {
        writer.write(Beat::of(1)).unwrap();
    }
    // Root in the container is this user.
    peer.must("open_mine /mnt/own");
    assert_eq!(peer.ask("read"), "value Some(1)");
    assert_eq!(peer.ask("state"), "Held");
    peer.must("create /mnt/inside 2");
    let inside = Reader::<Small>::open(place.at("inside")).unwrap();
    assert_eq!(inside.region().owner(), Reader::<Small>::open(&own).unwrap().region().owner());
    if !is_root() {
        seqcopy_tests::skipped("root can give a file to another user");
        return;
    }
    chown(&foreign, Some(12345), None).unwrap();
    let refused = peer.ask("open_mine /mnt/foreign");
    assert!(refused.contains("it belongs to user 65534"), "{refused}");
    peer.must("open /mnt/foreign");
    assert_eq!(peer.ask("read"), "value Some(1)");
}

/// A descriptor that was sent over a socket needs no directory that both have, but the socket.
#[test]
fn a_descriptor_crosses_the_border() {
    let place = Place::new();
    let Some(mut peer) = container(&place, "") else { return };
    let listener = std::os::unix::net::UnixListener::bind(place.at("socket")).unwrap();
    let mut writer = seqcopy_shm::Options::new().create_memfd::<Small>("sent").unwrap();
    writer.write(Beat::of(1)).unwrap();
    peer.must("socket /mnt/socket");
    let (socket, _) = listener.accept().unwrap();
    seqcopy_shm::Region::from_fd(writer.share().unwrap()).unwrap().send(&socket).unwrap();
    peer.must("receive");
    peer.must("open_received");
    assert_eq!(peer.ask("read"), "value Some(1)");
    writer.write(Beat::of(2)).unwrap();
    assert_eq!(peer.ask("read"), "value Some(2)");
}
