//! Maps whose writer is killed at any instruction, what they keep of removed entries, and maps over which another
//! process writes noise while they are read.

#![cfg(all(unix, target_pointer_width = "64", not(miri)))]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, alarm, fork};
use seqcopy::{SeqCopy, SeqOption, Validate};
use seqcopy_shm::{ChangeError, MapReader, MapWriter, Options, ReadValueError, View};
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;

/// The key of the sum of all others.
const SUM: u64 = u64::MAX;
const KEYS: u64 = 150;

/// Changes at random, in batches that keep the sum right, until it is killed.
fn change_until_killed(path: &Path, seed: u64) -> ! {
    alarm::set(60);
    let mut rng = Rng::new(seed);
    let mut writer = MapWriter::<u64, [u64; 3]>::take_over(path).unwrap();
    loop {
        let changes = rng.below(4);
        let _ = writer.commit(|batch| {
            let mut sum = batch.get(&SUM)?.map_or(0, |sum| sum[0]);
            for _ in 0..changes {
                let (key, value) = (rng.bits() % KEYS, rng.bits() % 1000);
                let old = if rng.chance(1, 3) {
                    batch.remove(&key)?
                } else {
                    sum = sum.wrapping_add(value);
                    batch.insert(key, [value; 3])?
                };
                sum = sum.wrapping_sub(old.map_or(0, |old| old[0]));
            }
            batch.insert(SUM, [sum; 3])
        });
    }
}

/// Reads all entries, and compares their sum with the one in the map; the entries are found one by one as well.
fn is_right(view: &View<'_, u64, [u64; 3]>) -> Result<bool, ReadValueError> {
    let (mut sum, mut entries, mut are_found) = (0u64, 0, true);
    let mut keys = Vec::new();
    for entry in view.iter() {
        let (key, value) = entry?;
        entries += 1;
        keys.push(key);
        are_found &= value[0] == value[1] && value[1] == value[2];
        sum = if key == SUM { sum } else { sum.wrapping_add(value[0]) };
    }
    for key in keys {
        are_found &= view.contains_key(&key)?;
    }
    Ok(are_found && view.len()? == entries && view.get(&SUM)?.map_or(0, |there| there[0]) == sum)
}

#[test]
fn writers_killed_at_any_instruction_leave_a_whole_generation() {
    let place = Place::new();
    for buffers in [2u32, 4] {
        let path = place.at(&format!("map-{buffers}"));
        drop(Options::new().buffers(buffers).create_map::<u64, [u64; 3]>(&path, 151).unwrap());
        let reader = MapReader::<u64, [u64; 3]>::open(&path).unwrap();
        let mut rng = Rng::new(buffers.into());
        let mut last = reader.generation();
        let mut busy = 0;
        for round in 0..60 {
            // SAFETY: the child calls only what is under test here, and is killed.
            let child = match unsafe { fork() }.unwrap() {
                ForkResult::Child => change_until_killed(&path, round),
                ForkResult::Parent { child } => child,
            };
            let end = Instant::now() + Duration::from_micros(2000 + rng.bits() % 6000);
            while Instant::now() < end {
                let view = reader.view();
                assert!(view.generation() >= last, "generations went back");
                last = view.generation();
                match is_right(&view) {
                    Ok(is_right) => assert!(is_right, "generation {last:?}"),
                    Err(error) => assert_eq!(error, ReadValueError::NoValue(seqcopy::ReadError::Torn)),
                }
            }
            let before = reader.generation();
            kill(child, Signal::SIGKILL).unwrap();
            waitpid(child, None).unwrap();
            busy += u32::from(reader.generation() != before || before != last);
            // No writer, so no view is torn.
            assert_eq!(is_right(&reader.view()), Ok(true));
            let writer = MapWriter::<u64, [u64; 3]>::take_over(&path).unwrap();
            assert_eq!(is_right(&writer.view()), Ok(true));
            last = reader.generation();
        }
        eprintln!("{buffers} buffers: {} generations, {busy} of 60 killed at work", last.to_bits());
        assert!(last.to_bits() > 60, "the writers were killed before they wrote");
    }
}

/// A value of long runs, of an enum with fields, and of padding.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Secret {
    run: [u8; 48],
    some: SeqOption<[u8; 24]>,
    word: u64,
}

impl Secret {
    const fn of(byte: u8) -> Secret {
        Secret { run: [byte; 48], some: SeqOption::Some([byte; 24]), word: u64::from_ne_bytes([byte; 8]) }
    }
}

const KEY: [u8; 16] = *b"SECRET--SECRET--";
const SECRET: Secret = Secret::of(b'S');

/// How many pieces of the secret lie in a file: of its key and of its value.
fn pieces(path: &Path) -> usize {
    let file = std::fs::read(path).unwrap();
    file.windows(8).filter(|piece| *piece == &KEY[..8] || *piece == [b'S'; 8]).count()
}

/// The other tables become like the newest, one with each commit; if there is one, it needs no change for that.
fn commit_once_for_each_other_table(writer: &mut MapWriter<[u8; 16], Secret>, buffers: u8) {
    if buffers == 2 {
        return writer.commit(|_| ()).unwrap();
    }
    for number in 1..buffers {
        writer.insert([0; 16], Secret::of(number)).unwrap();
    }
}

#[test]
fn what_was_removed_is_not_in_the_file_after_the_next_commits() {
    type Way = fn(&mut MapWriter<[u8; 16], Secret>);
    let ways: [Way; 4] = [
        |writer| assert_eq!(writer.remove(&KEY), Ok(Some(SECRET))),
        |writer| writer.clear().unwrap(),
        |writer| {
            writer.insert(KEY, Secret { some: SeqOption::None, ..Secret::of(0) }).unwrap();
            writer.remove(&KEY).unwrap();
        },
        |writer| {
            let batch = writer.try_commit(|batch| {
                batch.remove(&KEY)?;
                (0..200).try_for_each(|number| batch.insert([number; 16], SECRET).map(|_| ()))
            });
            assert_eq!(batch, Err(ChangeError::Full));
            writer.remove(&KEY).unwrap();
        },
    ];
    let place = Place::new();
    for (number, way) in ways.into_iter().enumerate() {
        for buffers in [2, 8] {
            let path = place.at(&format!("secret-{number}-{buffers}"));
            let mut writer = Options::new().buffers(buffers.into()).create_map(&path, 28).unwrap();
            writer.insert(KEY, SECRET).unwrap();
            commit_once_for_each_other_table(&mut writer, buffers);
            assert!(pieces(&path) > 40 * usize::from(buffers));
            way(&mut writer);
            assert!(pieces(&path) > 0, "other tables still have it");
            if number % 2 == 0 {
                commit_once_for_each_other_table(&mut writer, buffers);
            } else {
                // Another writer makes all tables alike.
                drop(writer);
                drop(MapWriter::<[u8; 16], Secret>::take_over(&path).unwrap());
            }
            assert_eq!(pieces(&path), 0, "way {number}, {buffers} buffers");
        }
    }
}

#[test]
fn what_a_killed_writer_removed_is_not_in_the_file_after_a_take_over() {
    let place = Place::new();
    let (path, mut rng) = (place.at("killed"), Rng::new(11));
    drop(Options::new().buffers(4).create_map::<[u8; 16], Secret>(&path, 28).unwrap());
    let mut remained = 0;
    for _ in 0..40 {
        // SAFETY: the child calls only what is under test here, and is killed.
        let child = match unsafe { fork() }.unwrap() {
            ForkResult::Child => {
                alarm::set(60);
                let mut writer = MapWriter::<[u8; 16], Secret>::take_over(&path).unwrap();
                loop {
                    let _ = (writer.insert(KEY, SECRET), writer.remove(&KEY));
                }
            }
            ForkResult::Parent { child } => child,
        };
        std::thread::sleep(Duration::from_micros(1000 + rng.bits() % 4000));
        kill(child, Signal::SIGKILL).unwrap();
        waitpid(child, None).unwrap();
        remained += u32::from(pieces(&path) > 0);
        let mut writer = MapWriter::<[u8; 16], Secret>::take_over(&path).unwrap();
        if writer.remove(&KEY).unwrap().is_some() {
            commit_once_for_each_other_table(&mut writer, 4);
        }
        assert_eq!(pieces(&path), 0);
    }
    assert!(remained > 0, "the writers were killed before they wrote");
}

#[test]
fn noise_from_another_process_gives_values_or_errors_within_a_bound() {
    let place = Place::new();
    for (buffers, capacity) in [(2, 7), (4, 100)] {
        let path = place.at(&format!("map-{buffers}"));
        let mut writer = Options::new().buffers(buffers).create_map::<u64, bool>(&path, capacity).unwrap();
        for key in 0..6 {
            writer.insert(key, true).unwrap();
        }
        let reader = MapReader::<u64, bool>::open(&path).unwrap();
        let stop = AtomicBool::new(false);
        let (mut values, mut errors) = (0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // By system calls, as another process would: words, hints, tables and schema.
                let file = File::options().write(true).open(&path).unwrap();
                let size = usize::try_from(reader.region().header().size()).unwrap();
                let mut rng = Rng::new(7);
                while !stop.load(Relaxed) {
                    let at = if rng.chance(1, 4) { 192 } else { 128 + rng.below(size - 136) };
                    let bits = match rng.below(6) {
                        0 => 0,
                        1 => u64::MAX,
                        2 | 3 => rng.bits() % 9,
                        _ => rng.bits(),
                    };
                    file.write_all_at(&bits.to_ne_bytes(), at as u64).unwrap();
                }
            });
            let reading = scope.spawn(|| {
                let began = Instant::now();
                let is_enough = |values, errors| values > 50 && errors > 50;
                let spell = Duration::from_millis(if seqcopy_tests::is_long() { 5000 } else { 100 });
                while began.elapsed() < spell
                    || (!is_enough(values, errors) && began.elapsed() < Duration::from_secs(60))
                {
                    for key in 0..8 {
                        match reader.try_get(&key) {
                            Ok(_) => values += 1,
                            Err(_) => errors += 1,
                        }
                    }
                    let view = reader.view();
                    assert!(view.iter().take(10_000).count() <= 1024 * 2, "an iteration ends");
                    let _ =
                        (view.len().map(|len| assert!(len <= 128)), view.is_current(), reader.region().writer_state());
                    let results = [writer.insert(3, false), writer.remove(&4), writer.insert(4, true)];
                    assert!(results.iter().all(|result| !matches!(result, Err(ChangeError::Forked))));
                }
            });
            let result = reading.join();
            stop.store(true, Relaxed);
            result.unwrap();
        });
        assert!(values > 0 && errors > 0, "{values} values, {errors} errors");
        drop(writer);
        // Whatever is left behind.
        if let Ok(mut writer) = MapWriter::<u64, bool>::take_over(&path) {
            let _ = (writer.clear(), writer.insert(1, true));
        }
    }
}
