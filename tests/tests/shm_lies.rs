//! A process with the right to write that says what is not so, while others read: they get errors or values, in time.
//! The table in seqcopy-shm/docs/reliability.md names these tests.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

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

/// How long each liar lies.
const SPELL: Duration = Duration::from_millis(600);
/// Longer than some bounded reads take on a machine that does other things as well: between attempts they let those go first.
const BOUND: Duration = Duration::from_secs(60);
/// How long a test goes on until it has seen what it is about.
const LIMIT: Duration = Duration::from_secs(60);

/// Where the words lie, by the table in the library's `header.rs`.
const STATE: usize = 128;
const WORD: usize = 192;

/// A second mapping of a region, to lie through: without the library, by whole words.
struct Liar {
    start: NonNull<AtomicU64>,
    words: usize,
}

// SAFETY: the words are atomic and mapped until the drop.
unsafe impl Sync for Liar {}

impl Liar {
    fn of(path: &Path) -> Liar {
        let file = File::options().read(true).write(true).open(path).unwrap();
        let len = usize::try_from(file.metadata().unwrap().len()).unwrap() / 8 * 8;
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let len = NonZeroUsize::new(len).unwrap();
        // SAFETY: a new mapping at a place that the system chooses touches nothing that exists.
        let start = unsafe { mmap(None, len, protection, MapFlags::MAP_SHARED, file, 0) }.unwrap();
        Liar { start: start.cast(), words: len.get() / 8 }
    }

    fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(offset / 8 < self.words);
        let word = self.start.as_ptr().wrapping_add(offset / 8);
        // SAFETY: inside the mapping, aligned, and accessed atomically by everybody.
        unsafe { &*word }
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        // SAFETY: its own mapping, to which there are no references any more.
        unsafe { munmap(self.start.cast(), self.words * 8) }.unwrap();
    }
}

/// What may be in a word.
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

/// Does something over and over, each time within the bound, until the spell is over.
fn within_bound(mut act: impl FnMut()) -> u32 {
    within_bound_until(|| true, &mut act)
}

/// The same, and then on until `is_enough` or until a minute is over.
fn within_bound_until(is_enough: impl Fn() -> bool, mut act: impl FnMut()) -> u32 {
    let began = Instant::now();
    let mut times = 0;
    while times == 0 || began.elapsed() < SPELL || (!is_enough() && began.elapsed() < LIMIT) {
        let before = Instant::now();
        act();
        assert!(before.elapsed() < BOUND, "took {:?}", before.elapsed());
        times += 1;
    }
    times
}

/// Reads in every way there is, while `lie` is called over and over by two threads.
fn read_under(buffers: u32, lie: impl Fn(&Liar, &mut Rng) + Sync) -> (u32, u32) {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Options::new().buffers(buffers).create::<Small>(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    let (reader, region) = (Reader::<Small>::open(&path).unwrap(), Region::open(&path).unwrap());
    let file_reader = FileReader::<Small>::open(&path).unwrap();
    let liar = Liar::of(&path);
    let stop = AtomicBool::new(false);
    let (mut values, mut errors) = (0, 0);
    thread::scope(|scope| {
        for seed in [1, 2] {
            let (liar, lie, stop) = (&liar, &lie, &stop);
            scope.spawn(move || {
                let mut rng = Rng::new(seed);
                while !stop.load(Relaxed) {
                    lie(liar, &mut rng);
                }
            });
        }
        let reading = scope.spawn(|| {
            within_bound(|| {
                let mut buf = MaybeUninit::uninit();
                match reader.read_into(&mut buf) {
                    Ok(_) => {
                        assert_ne!(look(&buf), Verdict::Invalid, "bits that are no value were accepted");
                        values += 1;
                    }
                    Err(ReadValueError::CutOff) => panic!("nothing was cut off"),
                    Err(_) => errors += 1,
                }
                // Whatever these say, they say it in time.
                let _ = (reader.try_read().is_ok(), reader.version(), file_reader.read().is_ok());
                let _ = region.read_bytes().map(|value| assert_eq!(value.bytes.len(), size_of::<Small>()));
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
fn a_lying_count_gives_values_or_errors() {
    for buffers in [1, 2, 8] {
        let (values, errors) = read_under(buffers, |liar, rng| {
            let word = liar.word(WORD);
            word.store(anything(rng, word.load(Relaxed)), Relaxed);
        });
        assert!(values + errors > 0);
    }
}

#[test]
fn a_lying_state_and_writer_give_values_or_errors() {
    for buffers in [1, 2] {
        read_under(buffers, |liar, rng| {
            let at = STATE + 8 * rng.below(3);
            let word = liar.word(at);
            word.store(anything(rng, word.load(Relaxed)), Relaxed);
        });
    }
}

#[test]
fn a_payload_of_nonsense_is_refused_or_valid_never_taken_on_trust() {
    for buffers in [1, 2] {
        let (mut values, mut errors) = (0, 0);
        // Both must occur, or the test shows nothing. How soon they do depends on the scheduler.
        let began = Instant::now();
        while (values == 0 || errors == 0) && began.elapsed() < LIMIT {
            let more = read_under(buffers, |liar, rng| {
                let at = 200 + 8 * rng.below(2 * size_of::<Small>() / 8 - 1);
                liar.word(at).store(if rng.chance(1, 2) { 0x0101_0101_0101_0101 } else { rng.bits() }, Relaxed);
            });
            (values, errors) = (values + more.0, errors + more.1);
        }
        assert!(values > 0 && errors > 0, "{values} values, {errors} errors");
    }
}

#[test]
fn everything_at_once_gives_values_or_errors() {
    for buffers in [1, 2, 4] {
        read_under(buffers, |liar, rng| {
            let at = STATE + 8 * rng.below(liar.words - STATE / 8);
            let word = liar.word(at);
            word.store(anything(rng, word.load(Relaxed)), Relaxed);
        });
    }
}

#[test]
fn a_header_that_changes_while_it_is_looked_at_is_believed_or_refused_never_both() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Writer::<Small>::create(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    drop(writer);
    let liar = Liar::of(&path);
    let good: Vec<u64> = (0..liar.words).map(|i| liar.word(8 * i).load(Relaxed)).collect();
    let stop = AtomicBool::new(false);
    let (opened, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        let (liar, stop, good) = (&liar, &stop, &good);
        scope.spawn(move || {
            let mut rng = Rng::new(3);
            while !stop.load(Relaxed) {
                // Sizes, offsets, the schema: one of them is wrong for a moment.
                let i = if rng.chance(1, 2) { 2 + rng.below(11) } else { rng.below(liar.words) };
                liar.word(8 * i).store(anything(&mut rng, good[i]), Relaxed);
                for _ in 0..rng.below(300) {
                    std::hint::spin_loop();
                }
                liar.word(8 * i).store(good[i], Relaxed);
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
