//! Two to five processes with one region, by what every system has: they are started and killed. So these tests run on
//! Windows, too, where `ci/windows.sh` runs them under wine.
//!
//! A process is this program again, with the test [`a_process`] alone, and an order in its environment.

#![cfg(all(any(unix, windows), target_pointer_width = "64", not(miri)))]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use seqcopy::Version;
use seqcopy_shm::{ErrorKind, FileReader, MapReader, MapWriter, Options, Reader, Writer, WriterState};
use seqcopy_tests::faults::Place;
use seqcopy_tests::is_long;

/// Equal numbers, so that a torn value is seen.
type Value = [u64; 32];

const ORDER: &str = "SEQCOPY_TEST_ORDER";

/// How often something is done: all of it in the daily run.
fn times(all: u32) -> u32 {
    if is_long() { all } else { all / 10 }
}

/// How long processes read and open.
fn seconds() -> Duration {
    Duration::from_secs(if is_long() { 10 } else { 1 })
}

/// A process that follows an order. It is killed when this is dropped.
struct Process {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Process {
    fn start(words: &[&str]) -> Process {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["a_process", "--exact", "--nocapture"]).env(ORDER, words.join("|"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Process { child, lines }
    }

    /// The next thing that it says.
    fn says(&mut self) -> String {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            // The rest is of the test harness.
            if let Some((_, said)) = line.split_once("said: ") {
                return said.trim_end().to_owned();
            }
            line.clear();
        }
        panic!("the process has ended: {:?}", self.child.try_wait());
    }

    /// Lets it continue.
    fn go(&mut self) {
        writeln!(self.child.stdin.as_mut().unwrap(), "go").unwrap();
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn say(what: impl std::fmt::Display) {
    // Not for the test harness, which may keep it.
    let mut out = std::io::stdout().lock();
    writeln!(out, "said: {what}").and_then(|()| out.flush()).unwrap();
}

/// Waits for the other process.
fn pause() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

/// Not a test: what the other processes do.
#[test]
fn a_process() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let words: Vec<&str> = order.split('|').collect();
    let path = |at: usize| Path::new(words[at]);
    match words[0] {
        "write" => {
            let mut writer = Options::new().open_or_create::<Value>(path(1)).unwrap();
            let from = writer.version().to_bits();
            for number in from + 1.. {
                writer.write([number; 32]).unwrap();
                if number == from + 1 {
                    say(number);
                }
            }
        }
        "read" => {
            let reader = Reader::<Value>::open(path(1)).unwrap();
            let by_calls = FileReader::<Value>::open(path(1)).unwrap();
            let (began, mut last, mut count) = (Instant::now(), 0, 0u64);
            while began.elapsed() < seconds() {
                for value in [reader.read().ok(), by_calls.read().ok()].into_iter().flatten() {
                    assert!(value.iter().all(|number| *number == value[0]), "torn: {value:?}");
                    assert!(value[0] >= last, "{} after {last}", value[0]);
                    (last, count) = (value[0], count + 1);
                }
            }
            say(count);
        }
        "own" => {
            say("ready");
            pause();
            match Options::new().open_or_create::<Value>(path(1)) {
                Ok(writer) => {
                    say("won");
                    pause();
                    drop(writer);
                }
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::Writer(_)), "{error}");
                    say("lost");
                }
            }
        }
        "open" => {
            let mut opened = 0;
            say("ready");
            let mut is_last = false;
            while !is_last {
                // The test makes this file after the last replacement.
                is_last = path(2).exists();
                match Reader::<u64>::open(path(1)) {
                    Ok(_) => opened += 1,
                    // The other type, or the old region, which was opened in the moment before it was closed.
                    Err(error) if matches!(error.kind(), ErrorKind::Type(_) | ErrorKind::Closed) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            say(opened > 0);
        }
        "echo" => {
            seqcopy_shm::__only_wakes();
            let there = Reader::<u64>::open(path(1)).unwrap();
            let mut back = Writer::<u64>::create(path(2)).unwrap();
            say("ready");
            let mut known = Version::NEVER;
            loop {
                assert!(there.wait(known, Duration::from_secs(60)), "no wake-up after {known:?}");
                let (number, version) = there.read_versioned().unwrap();
                known = version;
                back.write(number).unwrap();
                back.wake();
                if number == u64::MAX {
                    break;
                }
            }
        }
        other => panic!("no order: {other}"),
    }
}

#[test]
fn no_process_reads_a_torn_value() {
    let place = Place::new();
    let path = place.at("region");
    let mut writer = Process::start(&["write", path.to_str().unwrap()]);
    writer.says();
    let mut readers = [(); 3].map(|()| Process::start(&["read", path.to_str().unwrap()]));
    let counts = readers.each_mut().map(|reader| reader.says().parse::<u64>().unwrap());
    eprintln!("snapshots by three processes, half of them by calls: {counts:?}");
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

#[test]
fn a_writer_that_is_killed_is_followed_by_another() {
    let place = Place::new();
    let path = place.at("region");
    let mut seen = 0;
    for round in 0..times(100) {
        let mut writer = Process::start(&["write", path.to_str().unwrap()]);
        writer.says();
        let reader = Reader::<Value>::open(&path).unwrap();
        // At different points of its loop.
        std::thread::sleep(Duration::from_micros(u64::from(round) * 97 % 1000));
        seen = reader.read().unwrap()[0].max(seen);
        match reader.writer_state() {
            WriterState::Alive { pid, .. } => assert_eq!(pid, writer.child.id()),
            other => panic!("{other}"),
        }
        let error = Options::new().open_or_create::<Value>(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Writer(_)), "{error}");
        writer.kill();
        assert_eq!(reader.writer_state(), WriterState::Gone);
        let mut next = Options::new().open_or_create::<Value>(&path).unwrap();
        let value = reader.read().unwrap();
        assert!(value.iter().all(|number| *number == value[0]) && value[0] >= seen, "{value:?}, {seen} seen");
        next.write([value[0] + 1; 32]).unwrap();
        assert_eq!(reader.read(), Ok([value[0] + 1; 32]));
    }
    assert_eq!(place.names(), ["region"]);
}

#[test]
fn of_two_that_start_at_once_one_is_the_writer() {
    let place = Place::new();
    for round in 0..times(200) {
        let path = place.at(&format!("region-{}", round % 3));
        let mut both = [(); 2].map(|()| Process::start(&["own", path.to_str().unwrap()]));
        for process in &mut both {
            assert_eq!(process.says(), "ready");
        }
        for process in &mut both {
            process.go();
        }
        let mut said = both.each_mut().map(Process::says);
        said.sort();
        assert_eq!(said, ["lost", "won"], "round {round}");
    }
}

/// The path leads to a region at any moment, of one type or of the other.
#[test]
fn openers_find_a_region_while_it_is_replaced() {
    let place = Place::new();
    let path = place.at("region");
    let options = Options::new().replace_other_type(true);
    let mut first = options.open_or_create::<u64>(&path).unwrap();
    first.write(1).unwrap();
    drop(first);
    let end = place.at("end");
    let mut openers = [(); 2].map(|()| Process::start(&["open", path.to_str().unwrap(), end.to_str().unwrap()]));
    for opener in &mut openers {
        assert_eq!(opener.says(), "ready");
    }
    let reader = Reader::<u64>::open(&path).unwrap();
    // Each round replaces it twice.
    for replaced in 0..times(100) {
        let mut writer = options.open_or_create::<[u32; 3]>(&path).unwrap();
        writer.write([replaced; 3]).unwrap();
        drop(writer);
        let mut writer = options.open_or_create::<u64>(&path).unwrap();
        writer.write(replaced.into()).unwrap();
        std::thread::sleep(Duration::from_millis(2));
    }
    std::fs::write(&end, []).unwrap();
    let said = openers.each_mut().map(Process::says);
    assert!(reader.is_closed());
    assert!(said.iter().all(|said| said == "true"), "{said:?}");
    drop((reader, openers));
    drop(options.open_or_create::<u64>(&path).unwrap());
    assert_eq!(place.names(), ["end", "region"]);
}

/// Where two names are exchanged by two renames, a process that dies between them leaves hidden names alone. The next one
/// creates a region, and nothing of the old one is left.
#[test]
fn what_a_death_between_two_renames_leaves_is_removed() {
    let place = Place::new();
    let path = place.at("region");
    let prefix = format!(".seqcopy-{:016x}-", seqcopy::layout::fingerprint_of(b"region"));
    let options = Options::new().replace_other_type(true);
    for name in ["old", "new"] {
        // Of this process, which has ended its writer.
        drop(Writer::<u64>::create(place.at(name)).unwrap());
        std::fs::rename(place.at(name), place.at(&format!("{prefix}{name}"))).unwrap();
    }
    assert_eq!(place.names().len(), 2);
    assert!(Reader::<u64>::open(&path).unwrap_err().is_not_found());
    let writer = options.open_or_create::<[u8; 3]>(&path).unwrap();
    assert!(writer.was_created());
    assert_eq!(place.names(), ["region"]);
}

/// Each process sleeps until the other one wakes it. No look ends the sleep, so a wake-up that is lost ends the test.
#[test]
fn each_wake_up_is_seen() {
    let place = Place::new();
    let [there, back] = ["there", "back"].map(|name| place.at(name));
    seqcopy_shm::__only_wakes();
    let mut writer = Writer::<u64>::create(&there).unwrap();
    writer.write(0).unwrap();
    let mut other = Process::start(&["echo", there.to_str().unwrap(), back.to_str().unwrap()]);
    assert_eq!(other.says(), "ready");
    let reader = Reader::<u64>::open(&back).unwrap();
    let mut known = Version::NEVER;
    let rounds = u64::from(times(20_000));
    for round in (1..rounds).chain([u64::MAX]) {
        // Sometimes several at once, and sometimes after a while.
        for _ in 0..round % 3 {
            writer.write(round).unwrap();
            writer.wake();
        }
        if round % 64 == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        writer.write(round).unwrap();
        writer.wake();
        while reader.read_versioned().map_or(0, |(number, version)| {
            known = version;
            number
        }) != round
        {
            assert!(reader.wait(known, Duration::from_secs(60)), "no wake-up in round {round}");
        }
    }
}

#[test]
fn a_map_goes_on_after_its_writer_was_killed() {
    let place = Place::new();
    let path = place.at("map");
    let mut map = MapWriter::<u32, Value>::create(&path, 100).unwrap();
    for key in 0..100 {
        map.insert(key, [u64::from(key); 32]).unwrap();
    }
    drop(map);
    let reader = MapReader::<u32, Value>::open(&path).unwrap();
    let mut map = MapWriter::<u32, Value>::take_over(&path).unwrap();
    map.insert(5, [500; 32]).unwrap();
    map.remove(&6).unwrap();
    assert_eq!((reader.get(&5), reader.get(&6), reader.get(&7)), (Ok(Some([500; 32])), Ok(None), Ok(Some([7; 32]))));
    map.close().unwrap();
    assert!(reader.is_closed() && !path.exists());
}
