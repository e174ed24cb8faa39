//! `wait_any`: a thread that waits for one of several regions.

use std::path::PathBuf;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use seqcopy_shm::{MapReader, MapWriter, Reader, wait_any};
use seqcopy_tests::faults::{Beat, NO_LIMIT, Place, Small};

use super::{create, put_word, sleepers};

/// A thread sleeps on each word as a place in a file, where any process that maps the file finds it, and not as one in
/// its own memory. Each is looked for through a mapping of its own, until the thread has gone to sleep there.
#[test]
fn a_thread_that_waits_for_several_regions_is_found_through_any_mapping_of_each() {
    let place = Place::new();
    let paths = [place.at("one"), place.at("two")];
    let [mut writer, _other] = paths.each_ref().map(|path| create(path, 2));
    let readers = paths.each_ref().map(|path| Reader::<Small>::open(path).unwrap());
    let newer = readers.each_ref().map(|reader| reader.newer_than(reader.version()));
    thread::scope(|scope| {
        let waits = scope.spawn(|| wait_any(&newer, NO_LIMIT));
        let began = Instant::now();
        let found = paths.each_ref().map(|path| {
            loop {
                match sleepers(path) {
                    0 if began.elapsed() < Duration::from_secs(20) => sleep(Duration::from_millis(1)),
                    found => break found,
                }
            }
        });
        writer.write(Beat::of(1)).unwrap();
        writer.wake();
        assert_eq!(waits.join().unwrap(), Some(0));
        assert_eq!(found, [1, 1], "as many sleep on each word");
    });
}

#[test]
fn a_value_and_a_map_end_the_wait_by_being_closed() {
    let place = Place::new();
    let value = create(&place.at("value"), 2);
    let map = MapWriter::<u32, u32>::create(place.at("map"), 10).unwrap();
    let (one, other) =
        (Reader::<Small>::open(place.at("value")).unwrap(), MapReader::<u32, u32>::open(place.at("map")).unwrap());
    let (none, first) = (one.version(), other.generation());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait_any(&[one.newer_than(none), other.newer_than(first)], NO_LIMIT));
        sleep(Duration::from_millis(30));
        map.close().unwrap();
        assert_eq!(waiting.join().unwrap(), Some(1));
        // A region without a value changes no word when it is closed.
        let waiting = scope.spawn(|| wait_any(&[one.newer_than(none)], NO_LIMIT));
        sleep(Duration::from_millis(30));
        value.close().unwrap();
        assert_eq!(waiting.join().unwrap(), Some(0));
    });
}

/// One system call waits for 128 words. Those beyond are looked at often enough.
#[test]
fn a_region_beyond_those_that_one_call_waits_for_is_seen_soon() {
    const COUNT: usize = 129;
    let place = Place::new();
    let paths: Vec<PathBuf> = (0..COUNT).map(|index| place.at(&format!("many-{index}"))).collect();
    let mut writers: Vec<_> = paths.iter().map(|path| create(path, 2)).collect();
    for writer in &mut writers {
        writer.write(Beat::of(0)).unwrap();
    }
    let readers: Vec<_> = paths.iter().map(|path| Reader::<Small>::open(path).unwrap()).collect();
    let newer: Vec<_> = readers.iter().map(|reader| reader.newer_than(reader.version())).collect();
    let best = (0..5).map(|round| {
        let newer: Vec<_> = newer[..COUNT - 1]
            .iter()
            .copied()
            .chain([readers[COUNT - 1].newer_than(readers[COUNT - 1].version())])
            .collect();
        thread::scope(|scope| {
            let waits = scope.spawn(|| (wait_any(&newer, Duration::from_secs(60)), Instant::now()));
            sleep(Duration::from_millis(20));
            writers[COUNT - 1].write(Beat::of(round + 1)).unwrap();
            let wrote = Instant::now();
            let (found, at) = waits.join().unwrap();
            assert_eq!(found, Some(COUNT - 1));
            at.saturating_duration_since(wrote)
        })
    });
    let best = best.min().unwrap();
    assert!(best < Duration::from_millis(250), "{best:?}");
}

/// A thread that waits for several regions sleeps, however many writes there were: it is not woken each millisecond.
#[test]
fn several_regions_are_slept_on_after_2_to_the_32_writes() {
    let place = Place::new();
    let paths = [place.at("one"), place.at("two")];
    let _writers = paths.each_ref().map(|path| create(path, 2));
    for path in &paths {
        put_word(path, (1 << 40) + 6);
    }
    let readers = paths.each_ref().map(|path| Reader::<Small>::open(path).unwrap());
    let newer = readers.each_ref().map(|reader| reader.newer_than(reader.version()));
    let switches = || {
        nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_THREAD).unwrap().voluntary_context_switches()
    };
    let before = switches();
    assert_eq!(wait_any(&newer, Duration::from_millis(300)), None);
    let slept = switches() - before;
    assert!(slept < 20, "{slept} times in 300 ms");
}
