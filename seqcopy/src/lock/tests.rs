//! Words that come round, and words whose parts do, under the locks: no public way leads there, since it takes years.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::vec::Vec;

use super::{Latch, Protocol, SingleBuffer, Version, read, read_versioned, try_read, try_read_if_changed};
use crate::seq_count::code::WideWord;
use crate::seq_count::two_words::Long;
use crate::{Aligned8, AtomicPerByte, Parity, ReadError};

/// A value that tells which write it is, and whether it is whole.
type Value = [u32; 6];

type Cell = AtomicPerByte<Aligned8<Value>>;

fn value(number: u32) -> Value {
    [number; 6]
}

fn number(value: Value) -> u32 {
    assert_eq!(value, [value[0]; 6], "torn");
    value[0]
}

fn cell() -> Cell {
    AtomicPerByte::new(Aligned8(value(0)))
}

fn single_buffer<W: WideWord>(word: u64) -> SingleBuffer<Cell, Parity<W>>
where
    Parity<W>: crate::Successor<Word = W>,
{
    SingleBuffer::over(cell(), W::of(word))
}

fn latch<W: WideWord, const BUFFERS: usize>(count: u64) -> Latch<Cell, BUFFERS, W> {
    Latch::new([(); BUFFERS].map(|()| cell()), W::of(count))
}

/// How many writes each of these makes: across what the word begins just below.
const WRITES: u32 = 12;

/// The next write of the only writer.
fn publish<L: Protocol<Value>>(lock: &L, number: u32) {
    // SAFETY: nobody else writes (I5).
    unsafe { lock.publish(&value(number)) };
}

/// Alone: each value comes back at once, and no version of those kept comes again.
fn kept_versions_differ<L: Protocol<Value>>(lock: &L) {
    let mut kept: Vec<Version> = Vec::new();
    for count in 0..WRITES {
        let (read, version) = read_versioned::<Value, _>(lock);
        assert_eq!((number(read), lock.latest_version()), (count, version));
        assert!(!kept.contains(&version), "{version:?} again");
        let follows = kept.last().is_none_or(|last| version.writes_since(*last) == 1 || version.to_bits() == 0);
        assert!(follows, "{version:?} behind {kept:?}");
        kept.push(version);
        publish(lock, count + 1);
        assert!(kept.iter().all(|old| lock.latest_version() != *old));
    }
}

/// With a reader meanwhile: whole values, no older ones, and the last one in the end.
fn readers_go_across<L: Protocol<Value> + Sync>(lock: &L) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut last, mut known) = (0, Vec::new());
            loop {
                let ends = done.load(Ordering::Acquire);
                match try_read::<Value, _>(lock) {
                    Ok((value, version)) => {
                        let number = number(value);
                        assert!(number >= last, "from {last} back to {number}");
                        last = number;
                        known.push((number, version));
                    }
                    Err(ReadError::Busy | ReadError::Torn) => assert!(!ends, "nobody writes any more"),
                    Err(error) => panic!("{error}"),
                }
                if ends {
                    return known;
                }
                thread::yield_now();
            }
        });
        (1..=WRITES).for_each(|number| publish(lock, number));
        done.store(true, Ordering::Release);
        let known = reader.join().unwrap();
        assert_eq!(known.last().map(|(number, _)| *number), Some(WRITES));
        for (number, version) in &known {
            assert!(known.iter().all(|(n, v)| (n == number) == (v == version)), "a version of two values");
        }
    });
    assert_eq!(number(read(lock)), WRITES);
}

/// Just below a number, such that the writes go across it, and cells are chosen as from 0.
fn below(end: u64) -> impl Iterator<Item = u64> {
    [8, 16].into_iter().take(if cfg!(miri) { 1 } else { 2 }).map(move |writes| end.wrapping_sub(writes))
}

macro_rules! across {
    ($($name:ident: $word:ty, $ends:expr;)*) => {$(
        #[test]
        fn $name() {
            for first in $ends.into_iter().flat_map(below) {
                kept_versions_differ(&single_buffer::<$word>(first));
                kept_versions_differ(&latch::<$word, 2>(first));
                kept_versions_differ(&latch::<$word, 4>(first));
                readers_go_across(&single_buffer::<$word>(first));
                readers_go_across(&latch::<$word, 2>(first));
                readers_go_across(&latch::<$word, 4>(first));
            }
        }
    )*};
}

#[cfg(target_has_atomic = "64")]
across! {
    one_word_comes_round: u64, [0];
}

across! {
    two_words_come_to_their_ends: Long<32>, [1 << 31, 1 << 32, 1 << 63];
    short_words_come_to_their_ends: Long<4>, [8, 1 << 35];
}

/// A failed attempt tells nothing: the version that the caller knows stays.
#[test]
#[cfg(target_has_atomic = "64")]
fn failed_attempts_leave_the_known_version() {
    let busy = single_buffer::<u64>(5);
    let mut known = Version::of(1);
    assert_eq!(try_read_if_changed::<Value, _>(&busy, &mut known), Err(ReadError::Busy));
    assert_eq!(known, Version::of(1));
    publish(&busy, 7);
    assert_eq!(try_read_if_changed(&busy, &mut known), Ok(Some(value(7))));
    assert_eq!((known, try_read_if_changed::<Value, _>(&busy, &mut known)), (Version::of(3), Ok(None)));
    assert_eq!(try_read::<Value, _>(&busy), Ok((value(7), known)));
}

/// A latch's writer is lapped by nobody where its count comes round: the distance is that of one word.
#[test]
#[cfg(target_has_atomic = "64")]
fn laps_are_counted_across_the_end() {
    use crate::seq_count::latch::LatchWord;

    let count = LatchWord::new(u64::MAX);
    let before = count.read_begin();
    for laps in 0..4u32 {
        assert_eq!((count.read_end(before, 0), count.read_end(before, 2)), (laps == 0, laps <= 2));
        // SAFETY: the only writer (I5), no payload.
        unsafe { count.write(|_| ()) };
    }
}
