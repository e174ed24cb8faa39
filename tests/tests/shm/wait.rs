//! `Reader::wait` and `Writer::wake` between processes. Most of these tests wait without a time limit, so that a
//! wake-up that is lost hangs the peer, and `Peer::answer` fails after a minute. The table in verify/evidence/faults.md
//! names them.

mod several;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use seqcopy::Version;
use seqcopy_shm::{Options, ReadValueError, Reader, Writer, WriterState, wait_any};
use seqcopy_tests::faults::{Beat, NO_LIMIT, Peer, Place, Small, is_root, requeue, sleeps_in_futex};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");
/// The offset of the sequence word.
const WORD: u64 = 192;
/// The state of a closed region (seqcopy-shm/docs/reference/format.md).
const CLOSED: u32 = 2;

fn create(path: &Path, buffers: u32) -> Writer<Small> {
    Options::new().buffers(buffers).create(path).unwrap()
}

/// A peer that waits for the value `number` of a region, and sleeps until it is woken: it does not look at the word
/// every half second.
fn waiting(path: &Path, number: u64) -> Peer {
    let mut peer = Peer::start(PEER);
    peer.must("only_wakes");
    waits(peer, path, number)
}

fn waits(mut peer: Peer, path: &Path, number: u64) -> Peer {
    peer.must(&format!("open {}", path.display()));
    peer.tell(&format!("wait_for {number}"));
    asleep(&peer);
    peer
}

/// Returns once the peer sleeps on a word.
fn asleep(peer: &Peer) {
    let began = Instant::now();
    while !sleeps_in_futex(peer.pid()) {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not go to sleep");
        sleep(Duration::from_millis(1));
    }
}

/// How many sleep on the word of a region. They are taken off it, and find what is new when they look at the word the
/// next time.
fn sleepers(path: &Path) -> usize {
    requeue(&File::open(path).unwrap(), usize::try_from(WORD).unwrap())
}

#[test]
fn a_reader_that_sleeps_is_woken_by_every_kind_of_region() {
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let path = place.at(&buffers.to_string());
        let mut writer = create(&path, buffers);
        writer.write(Beat::of(1)).unwrap();
        let mut peer = waiting(&path, 3);
        writer.write(Beat::of(2)).unwrap();
        writer.wake();
        // It has seen 2 and sleeps again, or still comes to it.
        asleep(&peer);
        writer.write(Beat::of(3)).unwrap();
        writer.wake();
        let seen = peer.answer("wait_for");
        assert!(seen == "seen [1, 2, 3]" || seen == "seen [1, 3]", "{seen}");
    }
}

#[test]
fn a_reader_of_an_empty_region_waits_for_its_first_value() {
    let place = Place::new();
    let path = place.at("empty");
    let mut writer = create(&path, 2);
    let mut peer = waiting(&path, 1);
    writer.write(Beat::of(1)).unwrap();
    writer.wake();
    assert_eq!(peer.answer("wait_for"), "seen [1]");
}

#[test]
fn all_readers_are_woken() {
    let place = Place::new();
    let path = place.at("all");
    let mut writer = create(&path, 2);
    writer.write(Beat::of(1)).unwrap();
    let mut peers = [(); 3].map(|()| waiting(&path, 2));
    writer.write(Beat::of(2)).unwrap();
    writer.wake();
    assert_eq!(sleepers(&path), 0);
    for peer in &mut peers {
        assert_eq!(peer.answer("wait_for"), "seen [1, 2]");
    }
}

/// One system call sleeps on 128 words. Those of more regions are looked at in turn.
#[test]
fn of_more_regions_than_one_call_takes_the_last_is_heard() {
    let place = Place::new();
    let paths: Vec<_> = (0..130).map(|number| place.at(&number.to_string())).collect();
    let mut writers: Vec<_> = paths.iter().map(|path| create(path, 2)).collect();
    let readers: Vec<_> = paths.iter().map(|path| Reader::<Small>::open(path).unwrap()).collect();
    for count in [128, 129, 130] {
        let newer = || -> Vec<_> { readers[..count].iter().map(|it| it.newer_than(it.version())).collect() };
        assert_eq!(wait_any(&newer(), Duration::from_millis(5)), None, "of {count}");
        let known = newer();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| wait_any(&known, Duration::from_secs(20)));
            sleep(Duration::from_millis(20));
            writers[count - 1].write(Beat::of(1)).unwrap();
            writers[count - 1].wake();
            assert_eq!(waiting.join().unwrap(), Some(count - 1), "of {count}");
        });
        // Also where it is there already.
        assert_eq!(wait_any(&known, Duration::ZERO), Some(count - 1));
    }
}

/// A process that may only read the region takes readers that sleep off its word, for good (`FUTEX_REQUEUE`). They look
/// at the word all the same.
#[test]
fn a_reader_that_is_taken_off_the_word_still_gets_the_value() {
    let place = Place::new();
    let path = place.at("taken");
    let mut writer = create(&path, 2);
    writer.write(Beat::of(1)).unwrap();
    let mut peer = waits(Peer::start(PEER), &path, 2);
    let mut attacker = Peer::start(PEER);
    if is_root() {
        attacker.must("user 12345");
    } else {
        seqcopy_tests::skipped("taking readers off the word as another user: only root can start a process of one");
    }
    let order = format!("requeue {}", path.display());
    // Between two sleeps it is not in the queue.
    while attacker.ask(&order) != "1" {}
    let began = Instant::now();
    writer.write(Beat::of(2)).unwrap();
    writer.wake();
    assert_eq!(peer.answer("wait_for"), "seen [1, 2]");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

/// `NEVER` is the version of no value: to wait with it is to wait for the first.
#[test]
fn waiting_with_the_version_never_is_waiting_for_the_first_value() {
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let path = place.at(&buffers.to_string());
        let mut writer = create(&path, buffers);
        let reader = Reader::<Small>::open(&path).unwrap();
        let waits = |known, time| (reader.wait(known, time), reader.read().ok());
        assert_eq!(waits(Version::NEVER, Duration::from_millis(30)), (false, None), "{buffers} buffers");
        if buffers == 1 {
            // The first write is in progress.
            let file = File::options().write(true).open(&path).unwrap();
            file.write_all_at(&1u64.to_ne_bytes(), WORD).unwrap();
            assert!(!reader.wait(Version::NEVER, Duration::from_millis(30)));
        }
        writer.write(Beat::of(1)).unwrap();
        assert_eq!(waits(Version::NEVER, NO_LIMIT), (true, Some(Beat::of(1))), "{buffers} buffers");
        writer.close().unwrap();
        assert_eq!(waits(Version::NEVER, NO_LIMIT), (true, None), "{buffers} buffers");
    }
}

/// A `wake` without a write ends the system call and not the wait, and so does it if the process is stopped and
/// continued.
#[test]
fn wakes_for_nothing_go_unnoticed() {
    let place = Place::new();
    let path = place.at("nothing");
    let mut writer = create(&path, 1);
    writer.write(Beat::of(1)).unwrap();
    let mut peer = waiting(&path, 2);
    for _ in 0..50 {
        writer.wake();
        peer.stop();
        peer.go_on();
    }
    asleep(&peer);
    writer.write(Beat::of(2)).unwrap();
    writer.wake();
    // The peer asserts that each wait that ended had a reason.
    assert_eq!(peer.answer("wait_for"), "seen [1, 2]");
}

#[test]
fn a_newer_value_is_not_waited_for() {
    let place = Place::new();
    let path = place.at("newer");
    let mut writer = create(&path, 2);
    let reader = Reader::<Small>::open(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    assert!(reader.wait(Version::NEVER, NO_LIMIT));
    let known = reader.version();
    writer.write(Beat::of(2)).unwrap();
    assert!(reader.wait(known, NO_LIMIT));
    assert!(reader.wait(known, Duration::ZERO));
}

#[test]
fn without_a_newer_value_the_time_is_up() {
    let place = Place::new();
    for buffers in [1, 2] {
        let path = place.at(&buffers.to_string());
        let mut writer = create(&path, buffers);
        let reader = Reader::<Small>::open(&path).unwrap();
        for number in 0..3 {
            for time in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(25)] {
                let began = Instant::now();
                assert!(!reader.wait(reader.version(), time));
                assert!(began.elapsed() >= time, "too early");
            }
            writer.write(Beat::of(number)).unwrap();
        }
        drop(writer);
        assert!(!reader.wait(reader.version(), Duration::from_millis(5)));
        assert_eq!(reader.writer_state(), WriterState::Gone);
    }
}

/// Between `write` and `wake`: the value is there, and its readers sleep.
#[test]
fn a_writer_killed_before_it_wakes_is_followed_by_one_that_does() {
    let place = Place::new();
    for buffers in [1, 2] {
        let path = place.at(&buffers.to_string());
        let mut dying = Peer::start(PEER);
        dying.must(&format!("create {} {buffers}", path.display()));
        dying.must("write 1");
        let mut peer = waiting(&path, 2);
        dying.must("write 2");
        dying.kill();
        // With a limit it sees the value itself.
        let reader = Reader::<Small>::open(&path).unwrap();
        assert!(reader.wait(Version::from_bits(1), Duration::from_secs(1)));
        assert_eq!(reader.read(), Ok(Beat::of(2)));
        asleep(&peer);
        let writer = Writer::<Small>::take_over(&path).unwrap();
        assert_eq!(sleepers(&path), 0);
        assert_eq!(peer.answer("wait_for"), "seen [1, 2]");
        drop(writer);
    }
}

/// In the middle of a write to a single buffer: the word stays odd, and its readers sleep on that.
#[test]
fn readers_sleep_on_an_unfinished_write_and_the_next_writer_wakes_them() {
    let place = Place::new();
    let path = place.at("odd");
    let mut writer = create(&path, 1);
    writer.write(Beat::of(1)).unwrap();
    drop(writer);
    put_word(&path, 3);
    let reader = Reader::<Small>::open(&path).unwrap();
    assert_eq!(reader.read(), Err(ReadValueError::WriterGone));
    assert!(!reader.wait(reader.version(), Duration::from_millis(5)), "no value is new");
    let mut peer = waiting(&path, 2);
    let mut writer = Writer::<Small>::take_over(&path).unwrap();
    asleep(&peer);
    writer.write(Beat::of(2)).unwrap();
    writer.wake();
    assert_eq!(peer.answer("wait_for"), "seen [2]");
}

fn put_word(path: &Path, word: u64) {
    File::options().write(true).open(path).unwrap().write_all_at(&word.to_ne_bytes(), WORD).unwrap();
}

#[test]
fn closing_wakes_readers_with_and_without_a_value() {
    let place = Place::new();
    for buffers in [1, 2] {
        for values in [0, 1] {
            let path = place.at(&format!("{buffers}-{values}"));
            let mut writer = create(&path, buffers);
            for _ in 0..values {
                writer.write(Beat::of(1)).unwrap();
            }
            let reader = Reader::<Small>::open(&path).unwrap();
            let known = reader.version();
            let mut peer = waiting(&path, 2);
            let alias = place.at("alias");
            fs::hard_link(&path, &alias).unwrap();
            writer.close().unwrap();
            assert_eq!(sleepers(&alias), 0);
            fs::remove_file(alias).unwrap();
            assert_eq!(peer.answer("wait_for"), if values == 0 { "closed after []" } else { "closed after [1]" });
            assert!(reader.wait(known, NO_LIMIT));
            assert_eq!(reader.read(), Err(ReadValueError::Closed));
        }
    }
}

/// As if the reader had gone to sleep after its look at the state, and after the closing writer's only wake-up: the
/// word of an empty region does not change. So the reader has to look at the state by itself.
#[test]
fn closing_an_empty_region_is_seen_without_a_wake_up() {
    let place = Place::new();
    let path = place.at("empty");
    let writer = create(&path, 2);
    let state = writer.region().header().state_offset();
    let mut peer = waiting(&path, 1);
    File::options().write(true).open(&path).unwrap().write_all_at(&CLOSED.to_ne_bytes(), state).unwrap();
    assert_eq!(peer.answer("wait_for"), "closed after []");
    drop(writer);
}

/// The futex sees 32 of the word's 64 bits: where these go back to 0, and where they are equal and the others differ.
#[test]
fn versions_are_compared_in_all_their_bits() {
    let place = Place::new();
    for (buffers, step) in [(1, 2), (2, 1)] {
        let path = place.at(&buffers.to_string());
        let mut writer = create(&path, buffers);
        writer.write(Beat::of(1)).unwrap();
        put_word(&path, (1 << 32) - step);
        let mut peer = waiting(&path, 2);
        writer.write(Beat::of(2)).unwrap();
        assert_eq!(writer.version().to_bits(), (1 << 32) / step);
        writer.wake();
        let seen = peer.answer("wait_for");
        // That of a latch has not been in the buffer of its count.
        assert!(seen.ends_with("2]"), "{seen}");

        let reader = Reader::<Small>::open(&path).unwrap();
        let known = reader.version();
        put_word(&path, (1 << 32) + (1 << 32));
        assert!(reader.wait(known, NO_LIMIT), "only the high half differs");
    }
}

#[test]
fn a_value_without_a_wake_is_found_when_the_time_is_up() {
    let place = Place::new();
    let path: PathBuf = place.at("silent");
    let mut writer = create(&path, 2);
    writer.write(Beat::of(1)).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    let known = reader.version();
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| reader.wait(known, Duration::from_millis(200)));
        writer.write(Beat::of(2)).unwrap();
        assert!(waits.join().unwrap());
    });
    assert_eq!(reader.read(), Ok(Beat::of(2)));
}
