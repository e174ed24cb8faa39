//! A process with write permission that stores arbitrary bytes, while others read: they get errors or values, within a
//! bound. The table in verify/evidence/faults.md names these tests.

use std::fs::File;
use std::mem::MaybeUninit;
use std::num::NonZeroUsize;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use seqcopy_shm::{FileReader, Options, ReadValueError, Reader, Region, Writer};
use seqcopy_tests::faults::{Beat, Place, Small, Verdict, look};
use seqcopy_tests::oracle::Rng;

/// How long each region is corrupted.
fn spell() -> Duration {
    Duration::from_millis(if seqcopy_tests::is_long() { 5000 } else { 120 })
}
/// Longer than some bounded reads take on a busy machine: between attempts they yield.
const BOUND: Duration = Duration::from_secs(60);
/// How long a test goes on until it has seen what it is about.
const LIMIT: Duration = Duration::from_secs(60);

/// The offsets of the words, from the table in the library's `header.rs`.
const STATE: usize = 128;
const WORD: usize = 192;

/// A second mapping of a region, to corrupt it by whole words without the library.
struct Corruptor {
    start: NonNull<AtomicU64>,
    words: usize,
}

// SAFETY: the words are atomic and mapped until the drop.
unsafe impl Sync for Corruptor {}

impl Corruptor {
    fn of(path: &Path) -> Corruptor {
        let file = File::options().read(true).write(true).open(path).unwrap();
        let len = usize::try_from(file.metadata().unwrap().len()).unwrap() / 8 * 8;
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let len = NonZeroUsize::new(len).unwrap();
        // SAFETY: a new mapping at a place that the system chooses touches nothing that exists.
        let start = unsafe { mmap(None, len, protection, MapFlags::MAP_SHARED, file, 0) }.unwrap();
        Corruptor { start: start.cast(), words: len.get() / 8 }
    }

    fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(offset / 8 < self.words);
        let word = self.start.as_ptr().wrapping_add(offset / 8);
        // SAFETY: inside the mapping, aligned, and all accesses to it are atomic.
        unsafe { &*word }
    }
}

impl Drop for Corruptor {
    fn drop(&mut self) {
        // SAFETY: its own mapping, to which no references are left.
        unsafe { munmap(self.start.cast(), self.words * 8) }.unwrap();
    }
}

/// A word that a corrupted region may have.
fn anything(rng: &mut Rng, old: u64) -> u64 {
    match rng.below(8) {
        0 => 0,
        1 => u64::MAX,
        2 => old.wrapping_add(1),
        3 => old.wrapping_sub(1),
        4 => old ^ 1 << rng.below(64),
        5 => rng.bits() & 3,
        _ => rng.bits(),
    }
}

/// Calls `act` again and again until the spell is over; each call must return within the bound.
fn within_bound(mut act: impl FnMut()) -> u32 {
    within_bound_until(|| true, &mut act)
}

/// The same, and on until `is_enough` or until a minute has passed.
fn within_bound_until(is_enough: impl Fn() -> bool, mut act: impl FnMut()) -> u32 {
    let began = Instant::now();
    let mut times = 0;
    while times == 0 || began.elapsed() < spell() || (!is_enough() && began.elapsed() < LIMIT) {
        let before = Instant::now();
        act();
        assert!(before.elapsed() < BOUND, "took {:?}", before.elapsed());
        times += 1;
    }
    times
}

/// Reads by every method, while two threads call `corrupt` again and again.
fn read_under(buffers: u32, corrupt: impl Fn(&Corruptor, &mut Rng) + Sync) -> (u32, u32) {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Options::new().buffers(buffers).create::<Small>(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    let (reader, region) = (Reader::<Small>::open(&path).unwrap(), Region::open(&path).unwrap());
    let file_reader = FileReader::<Small>::open(&path).unwrap();
    let corruptor = Corruptor::of(&path);
    let stop = AtomicBool::new(false);
    let (mut values, mut errors) = (0, 0);
    thread::scope(|scope| {
        for seed in [1, 2] {
            let (corruptor, corrupt, stop) = (&corruptor, &corrupt, &stop);
            scope.spawn(move || {
                let mut rng = Rng::new(seed);
                while !stop.load(Relaxed) {
                    corrupt(corruptor, &mut rng);
                }
            });
        }
        let reading = scope.spawn(|| {
            within_bound(|| {
                let mut buf = MaybeUninit::uninit();
                match reader.read_into(&mut buf) {
                    Ok(_) => {
                        assert_ne!(look(&buf), Verdict::Invalid, "an invalid bit pattern was accepted");
                        values += 1;
                    }
                    Err(ReadValueError::Truncated) => panic!("nothing was truncated"),
                    Err(_) => errors += 1,
                }
                // These may fail, but must return within the bound.
                let _ = (reader.try_read().is_ok(), reader.version(), file_reader.read().is_ok());
                let _ = region.read_bytes().map(|(bytes, _)| assert_eq!(bytes.len(), size_of::<Small>()));
                let _ = (reader.writer_state(), region.is_closed());
                assert!(writer.write(Beat::of(7)).is_ok());
            })
        });
        let result = reading.join();
        stop.store(true, Relaxed);
        result.unwrap();
    });
    (values, errors)
}

#[test]
fn a_corrupted_count_gives_values_or_errors() {
    for buffers in [1, 2, 8] {
        let (values, errors) = read_under(buffers, |corruptor, rng| {
            let word = corruptor.word(WORD);
            word.store(anything(rng, word.load(Relaxed)), Relaxed);
        });
        assert!(values + errors > 0);
    }
}

#[test]
fn a_corrupted_state_and_writer_give_values_or_errors() {
    for buffers in [1, 2] {
        read_under(buffers, |corruptor, rng| {
            let at = STATE + 8 * rng.below(3);
            let word = corruptor.word(at);
            word.store(anything(rng, word.load(Relaxed)), Relaxed);
        });
    }
}

#[test]
fn a_payload_of_random_bytes_is_valid_or_refused() {
    for buffers in [1, 2] {
        let (mut values, mut errors) = (0, 0);
        // Both must occur, or the test shows nothing. How soon they do depends on the scheduler.
        let began = Instant::now();
        while (values == 0 || errors == 0) && began.elapsed() < LIMIT {
            let more = read_under(buffers, |corruptor, rng| {
                let at = 200 + 8 * rng.below(2 * size_of::<Small>() / 8 - 1);
                corruptor.word(at).store(if rng.chance(1, 2) { 0x0101_0101_0101_0101 } else { rng.bits() }, Relaxed);
            });
            (values, errors) = (values + more.0, errors + more.1);
        }
        assert!(values > 0 && errors > 0, "{values} values, {errors} errors");
    }
}

#[test]
fn everything_corrupted_at_once_gives_values_or_errors() {
    for buffers in [1, 2, 4] {
        read_under(buffers, |corruptor, rng| {
            let at = STATE + 8 * rng.below(corruptor.words - STATE / 8);
            let word = corruptor.word(at);
            word.store(anything(rng, word.load(Relaxed)), Relaxed);
        });
    }
}

#[test]
fn a_header_that_changes_while_it_is_read_is_accepted_or_refused() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Writer::<Small>::create(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    drop(writer);
    let corruptor = Corruptor::of(&path);
    let good: Vec<u64> = (0..corruptor.words).map(|i| corruptor.word(8 * i).load(Relaxed)).collect();
    let stop = AtomicBool::new(false);
    let (opened, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        let (corruptor, stop, good) = (&corruptor, &stop, &good);
        scope.spawn(move || {
            let mut rng = Rng::new(3);
            while !stop.load(Relaxed) {
                // Sizes, offsets, the schema: one of them is wrong for a moment.
                let i = if rng.chance(1, 2) { 2 + rng.below(11) } else { rng.below(corruptor.words) };
                corruptor.word(8 * i).store(anything(&mut rng, good[i]), Relaxed);
                for _ in 0..rng.below(300) {
                    std::hint::spin_loop();
                }
                corruptor.word(8 * i).store(good[i], Relaxed);
            }
        });
        let opening = scope.spawn(|| {
            // Both must occur, or the test shows nothing.
            let is_enough = || opened.load(Relaxed) > 0 && refused.load(Relaxed) > 0;
            within_bound_until(is_enough, || match Reader::<Small>::open(&path) {
                Ok(reader) => {
                    opened.fetch_add(1, Relaxed);
                    let mut buf = MaybeUninit::uninit();
                    if reader.read_into(&mut buf).is_ok() {
                        assert_ne!(look(&buf), Verdict::Invalid);
                    }
                }
                Err(_) => _ = refused.fetch_add(1, Relaxed),
            })
        });
        let result = opening.join();
        stop.store(true, Relaxed);
        result.unwrap();
    });
    let (opened, refused) = (opened.into_inner(), refused.into_inner());
    assert!(opened > 0 && refused > 0, "{opened} opened, {refused} refused");
}
