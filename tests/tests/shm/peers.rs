//! Peers that are stopped, die, or read in a process without write access. The table in verify/evidence/faults.md names
//! these tests.

use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::libc;
use seqcopy::ReadError;
use seqcopy_shm::{FileReader, ReadValueError, Reader, Region, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_alive, is_orphaned, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// Takes a while to copy.
type Large = Beat<8192>;

/// Longer than some bounded reads take on a busy machine: between attempts they yield.
const BOUND: Duration = Duration::from_secs(60);

/// A process that writes as fast as it can.
fn streaming(path: &Path, create: &str, buffers: u32) -> Peer {
    let mut peer = Peer::start(PEER);
    peer.must(&format!("{create} {} {buffers}", path.display()));
    peer.must("stream 1");
    peer
}

#[test]
fn readers_of_a_latch_do_not_notice_that_its_writer_was_stopped() {
    let place = Place::new();
    let path = place.at("pose");
    let peer = streaming(&path, "create", 2);
    let reader = Reader::<Small>::open(&path).unwrap();
    for _ in 0..20 {
        peer.stop();
        let value = reader.read();
        assert!(value.unwrap().number().is_some(), "torn");
        for _ in 0..1000 {
            // One attempt is enough: no write overlaps.
            assert_eq!(reader.try_read(), value);
        }
        assert!(is_alive(reader.writer_state(), peer.pid()));
        assert!(Writer::<Small>::take_over(&path).is_err());
        peer.go_on();
    }
}

#[test]
fn file_readers_get_whole_values_while_they_are_written() {
    let place = Place::new();
    for buffers in [1, 2] {
        let path = place.at(&buffers.to_string());
        let _peer = streaming(&path, "create_large", buffers);
        let reader = FileReader::<Large>::open(&path).unwrap();
        let (began, mut values, mut misses) = (Instant::now(), 0, 0);
        // Both must occur, or the test shows nothing; 50 of each if that takes no more than ten seconds.
        let limit = |least| Duration::from_secs(if least > 0 { 10 } else { 60 });
        while (values < 50 || misses < 50) && began.elapsed() < limit(values.min(misses)) {
            match reader.try_read() {
                Ok(value) => {
                    assert!(value.number().is_some(), "torn");
                    values += 1;
                }
                Err(ReadValueError::NoValue(_)) => misses += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(values > 0 && misses > 0, "{values} values, {misses} misses");
    }
}

/// Stops the writer of a single-buffer region in the middle of a write.
fn stopped_in_the_middle(path: &Path) -> (Peer, Reader<Large>) {
    let peer = streaming(path, "create_large", 1);
    let reader = Reader::<Large>::open(path).unwrap();
    let began = Instant::now();
    loop {
        peer.stop();
        if reader.try_read() == Err(ReadValueError::NoValue(ReadError::Busy)) {
            return (peer, reader);
        }
        peer.go_on();
        assert!(began.elapsed() < Duration::from_secs(60), "never stopped in the middle of a write");
    }
}

#[test]
fn readers_of_one_buffer_give_up_in_time_when_its_writer_was_stopped() {
    let place = Place::new();
    let path = place.at("pose");
    let (peer, reader) = stopped_in_the_middle(&path);
    let region = Region::open(&path).unwrap();
    let file_reader = FileReader::<Large>::open(&path).unwrap();
    let began = Instant::now();
    let busy = ReadValueError::NoValue(ReadError::Busy);
    assert_eq!(reader.read(), Err(busy));
    assert_eq!(region.read_bytes().unwrap_err(), busy);
    assert_eq!(file_reader.read(), Err(busy));
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
    assert!(is_alive(reader.writer_state(), peer.pid()));
    assert!(Writer::<Large>::take_over(&path).is_err());
    // The writer continues.
    peer.go_on();
    let began = Instant::now();
    while reader.version().to_bits() < 100 && began.elapsed() < BOUND {}
    assert!(reader.version().to_bits() >= 100);
}

#[test]
fn an_interrupted_write_is_reported_and_the_next_writer_repairs_it() {
    let place = Place::new();
    let path = place.at("pose");
    let (mut peer, reader) = stopped_in_the_middle(&path);
    peer.kill();
    assert_eq!(reader.read(), Err(ReadValueError::WriterGone));
    assert_eq!(Region::open(&path).unwrap().read_bytes().unwrap_err(), ReadValueError::WriterGone);
    assert_eq!(FileReader::<Large>::open(&path).unwrap().read(), Err(ReadValueError::WriterGone));
    assert_eq!(reader.writer_state(), WriterState::Gone);
    // A reader that opens it now gets the same error.
    assert_eq!(Reader::<Large>::open(&path).unwrap().read(), Err(ReadValueError::WriterGone));
    let mut writer = Writer::<Large>::take_over(&path).unwrap();
    // There is a writer, but no complete value yet.
    assert_eq!(reader.read(), Err(ReadValueError::NoValue(ReadError::Busy)));
    let mut asked = Vec::new();
    let until_three = |attempt: seqcopy::Attempt| {
        asked.push((attempt.number, attempt.error));
        if attempt.number >= 3 || asked.len() == 9 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
    };
    assert_eq!(reader.read_with(until_three), Err("enough"));
    assert_eq!(asked, [1, 2, 3].map(|number| (number, ReadError::Busy)));
    let nothing = ReadValueError::NoValue(ReadError::Busy);
    assert_eq!(writer.update(|_| ()), Err(nothing));
    let version = reader.version();
    writer.write(Beat::of(7)).unwrap();
    assert!(reader.read().is_ok_and(|value| value.number() == Some(7)));
    assert!(reader.has_changed(version));
}

#[test]
fn an_interrupted_write_is_busy_while_a_fork_lives_and_costs_no_sleep() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    peer.must(&format!("create_large {} 1", path.display()));
    peer.must("write_large 1");
    // An odd word: as if the writer were copying.
    let file = File::options().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &5u64.to_ne_bytes(), 192).unwrap();
    peer.fork();
    peer.kill();
    let reader = Reader::<Large>::open(&path).unwrap();
    assert!(is_orphaned(reader.writer_state(), peer.pid()));
    // Not every attempt is quick: other processes need the processors as well.
    let attempts = (0..1000).map(|_| {
        let began = Instant::now();
        assert_eq!(reader.try_read(), Err(ReadValueError::NoValue(ReadError::Busy)));
        began.elapsed()
    });
    let least = attempts.min().unwrap();
    assert!(least < Duration::from_millis(1), "{least:?}");
    peer.kill_forks();
    assert_eq!(reader.read(), Err(ReadValueError::WriterGone));
}

#[test]
fn readers_that_are_killed_leave_no_trace() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Writer::<Small>::create(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    let bytes = |path: &Path| std::fs::read(path).unwrap();
    let before = bytes(&path);
    for _ in 0..10 {
        let mut peer = Peer::start(PEER);
        peer.must(&format!("open {}", path.display()));
        peer.must("watch");
        peer.kill();
    }
    // No byte of the region has changed.
    assert!(before == bytes(&path), "a reader wrote");
    writer.write(Beat::of(2)).unwrap();
    assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(2)));
    assert_eq!(place.names(), ["pose"]);
}

/// What no library can prevent, and how to avoid it.
#[test]
fn truncating_a_mapped_file_kills_its_readers_and_a_sealed_memfd_can_not_be() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Writer::<Small>::create(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    let mut peer = Peer::start(PEER);
    peer.must(&format!("open {}", path.display()));
    assert_eq!(peer.ask("read"), "value Some(1)");
    let file = File::options().write(true).open(&path).unwrap();
    let len = file.metadata().unwrap().len();
    file.set_len(0).unwrap();
    peer.tell("read");
    assert_eq!(peer.end(), Some(libc::SIGBUS));
    // Else dropping the writer would be a SIGBUS here.
    file.set_len(len).unwrap();
    drop(writer);

    let mut sealed = seqcopy_shm::Options::new().create_memfd::<Small>("seqcopy-sealed").unwrap();
    let shared = sealed.share().unwrap();
    let path = format!("/proc/self/fd/{}", shared.as_raw_fd());
    let file = File::options().write(true).open(path).unwrap();
    for len in [0, 1 << 20] {
        assert_eq!(file.set_len(len).unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
    }
    sealed.write(Beat::of(2)).unwrap();
    assert_eq!(Reader::<Small>::from_fd(shared).unwrap().read(), Ok(Beat::of(2)));
}

/// A process that received a read-only descriptor over a socket, and has no permission to write.
fn reading_process(place: &Place, writer: &Writer<Small>) -> Peer {
    let path = place.at("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let mut peer = Peer::start(PEER);
    peer.must(&format!("socket {}", path.display()));
    let (socket, _) = listener.accept().unwrap();
    Region::from_fd(writer.share().unwrap()).unwrap().send(&socket).unwrap();
    peer.must("receive");
    if is_root() {
        peer.must("drop_root");
    }
    peer.must("open_received");
    peer
}

#[test]
fn a_process_with_a_read_only_descriptor_maps_read_only() {
    let place = Place::new();
    let mut writer = seqcopy_shm::Options::new().create_memfd::<Small>("seqcopy-prot-read").unwrap();
    writer.write(Beat::of(1)).unwrap();
    let mut peer = reading_process(&place, &writer);
    assert_eq!(peer.ask("read"), "value Some(1)");
    writer.write(Beat::of(2)).unwrap();
    assert_eq!(peer.ask("read"), "value Some(2)");
    assert_eq!(peer.ask("state"), format!("Alive {{ pid: {} }}", std::process::id()));
    // One mapping: readable, not writable, shared.
    assert_eq!(peer.ask("maps seqcopy-prot-read"), "r--s");
    // A store to it kills the process.
    peer.tell("poke seqcopy-prot-read");
    assert_eq!(peer.end(), Some(libc::SIGSEGV));
    assert!(Reader::<Small>::from_fd(writer.share().unwrap()).unwrap().read().is_ok());
}

#[test]
fn a_reader_by_path_maps_read_only_too() {
    let place = Place::new();
    let path = place.at("prot-read");
    let mut writer = Writer::<Small>::create(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    let mut peer = Peer::start(PEER);
    peer.must(&format!("open {}", path.display()));
    assert_eq!(peer.ask("read"), "value Some(1)");
    assert_eq!(peer.ask(&format!("maps {}", path.display())), "r--s");
    peer.tell(&format!("poke {}", path.display()));
    assert_eq!(peer.end(), Some(libc::SIGSEGV));
}
