//! Tests for lost wake-ups. A thread that waits for a region also checks it every half second, so a wake-up that is
//! lost only makes it late, and a test passes all the same. This program, and the peers that it starts, switch these
//! checks off: then a lost wake-up is a test that does not end.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::os::fd::AsFd;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use seqcopy::Version;
use seqcopy_shm::{MapWriter, Notifier, Options, Reader, Region, Writer, wait_any};
use seqcopy_tests::faults::{Beat, NO_LIMIT, Peer, Place, Small, nanoseconds, sleeps_in_futex};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// What has to end within this time would never end: no test of this program waits for the time to be up.
const NEVER: Duration = Duration::from_secs(60);

/// A region of each kind, and what is done to it.
#[allow(clippy::large_enum_variant)] // one at a time
enum Written {
    Value(Writer<Small>),
    Slice(Writer<[u32]>),
    Map(MapWriter<u32, u32>),
}

impl Written {
    const KINDS: [(&str, u32); 7] =
        [("value", 1), ("value", 2), ("value", 4), ("slice", 1), ("slice", 2), ("map", 2), ("map", 4)];

    fn new((kind, buffers): (&str, u32), path: &Path) -> Self {
        let options = Options::new().buffers(buffers);
        match kind {
            "value" => Written::Value(options.create(path).unwrap()),
            "slice" => Written::Slice(options.capacity(4).create(path).unwrap()),
            _ => Written::Map(options.create_map(path, 4).unwrap()),
        }
    }

    fn write(&mut self, number: u32) {
        match self {
            Written::Value(writer) => writer.write(Beat::of(number.into())).unwrap(),
            Written::Slice(writer) => writer.write_from(&[number]).unwrap(),
            Written::Map(writer) => _ = writer.insert(1, number).unwrap(),
        }
    }

    fn wake(&self) {
        match self {
            Written::Value(writer) => writer.wake(),
            Written::Slice(writer) => writer.wake(),
            Written::Map(writer) => writer.wake(),
        }
    }

    /// `close` and `take_over` wake by themselves.
    fn end(self, path: &Path, end: &str) -> Option<Self> {
        match self {
            Written::Value(writer) if end == "close" => writer.close().unwrap(),
            Written::Slice(writer) if end == "close" => writer.close().unwrap(),
            Written::Map(writer) if end == "close" => writer.close().unwrap(),
            // What was written is not told of before there is another writer.
            Written::Value(writer) => {
                drop(writer);
                return Some(Written::Value(Writer::take_over(path).unwrap()));
            }
            Written::Slice(writer) => {
                drop(writer);
                return Some(Written::Slice(Writer::take_over(path).unwrap()));
            }
            Written::Map(writer) => {
                drop(writer);
                return Some(Written::Map(MapWriter::take_over(path).unwrap()));
            }
        }
        None
    }
}

/// The ways to wait for a region beside others that never change, some of which are empty.
const WAYS: [&str; 7] =
    ["alone", "first", "last", "after an empty one", "before an empty one", "notifier, first", "notifier, later"];

fn wait(way: &str, region: &Region, known: Version, quiet: &Region, empty: &Region) {
    let this = region.newer_than(known);
    let [quiet, empty] = [quiet, empty].map(|other| other.newer_than(other.version()));
    let found = match way {
        "alone" => return assert!(region.wait(known, NO_LIMIT)),
        "first" => wait_any(&[this, quiet], NO_LIMIT).unwrap(),
        "last" => wait_any(&[quiet, quiet, this], NO_LIMIT).unwrap() - 2,
        "after an empty one" => wait_any(&[empty, this], NO_LIMIT).unwrap() - 1,
        "before an empty one" => wait_any(&[this, empty], NO_LIMIT).unwrap(),
        _ => {
            let notifier = Notifier::new().unwrap();
            let is_later = way == "notifier, later";
            let _first = notifier.register(if is_later { quiet } else { this }).unwrap();
            if is_later {
                // Meanwhile the notifier's thread goes to sleep on the other one.
                sleep(Duration::from_micros(100));
            }
            let _second = notifier.register(if is_later { this } else { quiet }).unwrap();
            loop {
                poll(&mut [PollFd::new(notifier.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE).unwrap();
                notifier.clear().unwrap();
                let version = region.version();
                if region.is_closed() || version != known {
                    break 0;
                }
            }
        }
    };
    assert_eq!(found, 0, "{way}");
}

/// Each kind of region, each way to wait and each end of a wait, after pauses of another length each time: before the
/// sleep, at its beginning, in it.
#[test]
fn each_wait_ends_by_a_wake_up() {
    seqcopy_shm::__only_wakes();
    let place = Place::new();
    let mut writers = ["quiet", "empty"].map(|name| Writer::<u32>::create(place.at(name)).unwrap());
    writers[0].write(1).unwrap();
    let [quiet, empty] = ["quiet", "empty"].map(|name| Region::open_any(place.at(name)).unwrap());
    let mut cases = 0;
    for kind in Written::KINDS {
        for way in WAYS {
            for end in ["write", "take over", "close"] {
                for is_empty in [false, true] {
                    // It has nothing to tell.
                    if end == "take over" && is_empty {
                        continue;
                    }
                    for pause in [0, 50, 200, 1000].map(Duration::from_micros) {
                        cases += 1;
                        let path = place.at(&format!("region-{cases}"));
                        let case = format!("{kind:?}, {way}, {end}, {is_empty}, {pause:?}");
                        let mut writer = Written::new(kind, &path);
                        if !is_empty {
                            writer.write(1);
                        }
                        let region = Region::open_any(&path).unwrap();
                        let known = region.version();
                        let (done, is_done) = channel();
                        thread::scope(|scope| {
                            let (region, quiet, empty) = (&region, &quiet, &empty);
                            scope.spawn(move || {
                                wait(way, region, known, quiet, empty);
                                done.send(()).unwrap();
                            });
                            sleep(pause);
                            let kept = match end {
                                "write" => {
                                    writer.write(2);
                                    writer.wake();
                                    Some(writer)
                                }
                                "take over" => {
                                    writer.write(2);
                                    writer.end(&path, end)
                                }
                                _ => writer.end(&path, end),
                            };
                            if is_done.recv_timeout(NEVER).is_err() {
                                // So that the thread ends, and the test with it.
                                if let Some(mut writer) = kept {
                                    writer.write(3);
                                    writer.wake();
                                }
                                panic!("a wake-up is lost: {case}");
                            }
                        });
                    }
                }
            }
        }
    }
    assert_eq!(cases, 7 * 7 * 5 * 4);
}

/// Two processes wait for each other's values in turns: each wake-up that is lost hangs both. `SEQCOPY_WAIT_ROUNDS`
/// sets how many.
#[test]
fn no_wake_up_is_lost() {
    seqcopy_shm::__only_wakes();
    let rounds = std::env::var("SEQCOPY_WAIT_ROUNDS").map_or(3000, |rounds| rounds.parse().expect("a number"));
    for buffers in [1, 2] {
        let said = turns(buffers, rounds, Duration::ZERO);
        println!("{buffers} buffers: {said}");
    }
}

/// How long it takes until a sleeping reader runs after a wake-up. To measure: `cargo test --release -p seqcopy-tests
/// --test wakes -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn how_long_a_wake_up_takes() {
    for buffers in [1, 2] {
        println!("{buffers} buffers, asleep: {}", turns(buffers, 20_000, Duration::from_micros(100)));
    }
}

/// What the peer says about its delays, after some rounds with a pause before each.
fn turns(buffers: u32, rounds: u64, pause: Duration) -> String {
    let place = Place::new();
    let [there, back] = ["there", "back"].map(|name| place.at(name));
    let mut writer = Options::new().buffers(buffers).create::<Small>(&there).unwrap();
    writer.write(Beat::of(0)).unwrap();
    let mut peer = Peer::start(PEER);
    peer.must("only_wakes");
    peer.must(&format!("create {} {buffers}", back.display()));
    peer.must("write 0");
    peer.must(&format!("open {}", there.display()));
    let reader = Reader::<Small>::open(&back).unwrap();
    let mut version = reader.version();
    peer.tell(&format!("echo {rounds}"));
    while !sleeps_in_futex(peer.pid()) {
        thread::yield_now();
    }
    // In a thread, so that a wake-up of this process's that is lost fails the test, too.
    let rounds = thread::spawn(move || {
        for _ in 0..rounds {
            if !pause.is_zero() {
                sleep(pause);
            }
            let now = nanoseconds();
            writer.write(Beat::of(now)).unwrap();
            writer.wake();
            assert!(reader.wait(version, NO_LIMIT));
            let (value, found) = reader.read_versioned().unwrap();
            assert_eq!((value.number(), found.writes_since(version)), (Some(now), 1));
            version = found;
        }
    });
    let said = peer.answer("echo");
    rounds.join().unwrap();
    said
}

/// Wherever it stands among others, an empty region is looked at every 10 ms: its first value, of a writer that never
/// calls `wake`, ends the wait.
#[test]
fn an_empty_region_is_looked_at_beside_others() {
    seqcopy_shm::__only_wakes();
    let place = Place::new();
    let mut other = Writer::<u32>::create(place.at("other")).unwrap();
    other.write(1).unwrap();
    let quiet = Region::open_any(place.at("other")).unwrap();
    for way in WAYS.iter().filter(|way| !way.ends_with("an empty one")) {
        let mut empty = Writer::<u32>::create(place.at(way)).unwrap();
        let region = Region::open_any(place.at(way)).unwrap();
        let (done, is_done) = channel();
        thread::scope(|scope| {
            let (region, quiet) = (&region, &quiet);
            scope.spawn(move || {
                wait(way, region, region.version(), quiet, quiet);
                done.send(()).unwrap();
            });
            sleep(Duration::from_millis(30));
            empty.write(1).unwrap();
            let seen = is_done.recv_timeout(NEVER);
            // So that the thread ends in any case.
            empty.wake();
            assert_eq!(seen, Ok(()), "{way}");
        });
    }
}

/// Each wake-up is found, whichever region it is for. 130 are more than one system call waits for.
#[test]
fn one_of_many_regions_ends_the_wait() {
    const ROUNDS: u32 = 200;
    seqcopy_shm::__only_wakes();
    let place = Place::new();
    for count in [2, 64, 130] {
        let paths: Vec<_> = (0..count).map(|index| place.at(&format!("{count}-{index}"))).collect();
        let mut writers: Vec<_> = paths.iter().map(|path| Options::new().create::<Small>(path).unwrap()).collect();
        for writer in &mut writers {
            writer.write(Beat::of(0)).unwrap();
        }
        let readers: Vec<_> = paths.iter().map(|path| Reader::<Small>::open(path).unwrap()).collect();
        let mut known: Vec<_> = readers.iter().map(Reader::version).collect();
        let (found, next) = channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                for round in 1..=ROUNDS {
                    let index = usize::try_from(round).unwrap() * 37 % count;
                    writers[index].write(Beat::of(round.into())).unwrap();
                    writers[index].wake();
                    assert_eq!(next.recv_timeout(NEVER), Ok((index, u64::from(round))), "of {count}");
                }
            });
            for _ in 0..ROUNDS {
                let newer: Vec<_> =
                    readers.iter().zip(&known).map(|(reader, known)| reader.newer_than(*known)).collect();
                let index = wait_any(&newer, NO_LIMIT).expect("a wake-up");
                let (value, version) = readers[index].read_versioned().unwrap();
                known[index] = version;
                found.send((index, value.number().expect("whole"))).unwrap();
            }
        });
        let newer: Vec<_> = readers.iter().zip(&known).map(|(reader, known)| reader.newer_than(*known)).collect();
        let began = Instant::now();
        assert_eq!(wait_any(&newer, Duration::from_millis(20)), None);
        assert!(began.elapsed() >= Duration::from_millis(20));
    }
    assert_eq!(wait_any(&[], Duration::from_millis(2)), None);
}
