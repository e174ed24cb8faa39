//! Words that wrap, and words of two parts of which one wraps, under the locks. Through the public interface that takes
//! years.

#[cfg(feature = "alloc")]
mod auto_traits;
mod overlap;

use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::vec::Vec;

use super::read::{read, read_versioned, try_read, try_read_if_changed, try_read_value};
use super::{Algorithm, Claimed, Latch, Lock, Payload, Protocol, SingleBuffer, Unoptimised, Version};
use crate::seq_count::Long;
use crate::seq_count::Wide;
use crate::seq_count::WideWord;
use crate::{Aligned8, AtomicPerByte, ReadError, seq_count::Parity};

/// A value that identifies its write and shows tearing.
type Value = [u32; 6];

type Storage = AtomicPerByte<Aligned8<Value>>;

fn value(number: u32) -> Value {
    [number; 6]
}

fn number(value: Value) -> u32 {
    assert_eq!(value, [value[0]; 6], "torn");
    value[0]
}

fn storage() -> Storage {
    AtomicPerByte::new(Aligned8(value(0)))
}

fn single_buffer<W: WideWord>(word: u64) -> SingleBuffer<Storage, Parity<W>>
where
    Parity<W>: crate::seq_count::Successor<Word = W>,
{
    SingleBuffer::over(storage(), W::from_number(word))
}

fn latch<W: WideWord, const BUFFERS: usize>(count: u64) -> Latch<Storage, BUFFERS, W> {
    Latch::new([(); BUFFERS].map(|()| storage()), W::from_number(count))
}

/// The number of writes in each test, enough to cross the end that the word starts just below.
const WRITES: u32 = 12;

/// A test has one writer.
fn claimed<L>(lock: &L) -> Claimed<'_, L> {
    // SAFETY: the only writer (I5 one-writer).
    unsafe { Claimed::new(lock) }
}

/// Writes as the only writer.
fn publish<L: Protocol<Value>>(lock: &L, number: u32) {
    claimed(lock).publish(&value(number));
}

/// Single-threaded: each value is read back at once, and no version repeats.
fn versions_differ<L: Protocol<Value>>(lock: &L) {
    let mut seen: Vec<Version> = Vec::new();
    for count in 0..WRITES {
        let (read, version) = read_versioned::<Value, _>(lock);
        assert_eq!((number(read), lock.algorithm().latest_version()), (count, version));
        assert!(!seen.contains(&version), "{version:?} repeats");
        let follows = seen.last().is_none_or(|last| version.writes_since(*last) == 1 || version.to_bits() == 0);
        assert!(follows, "{version:?} does not follow {seen:?}");
        seen.push(version);
        publish(lock, count + 1);
        assert!(seen.iter().all(|old| lock.algorithm().latest_version() != *old));
    }
}

/// With a concurrent reader: values are whole and never older than the previous one, and the last one is seen at the
/// end.
fn readers_see_whole_values<L: Protocol<Value> + Sync>(lock: &L) {
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
                    Err(ReadError::Busy | ReadError::Torn) => assert!(!ends, "the writer has finished"),
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
            assert!(known.iter().all(|(n, v)| (n == number) == (v == version)), "one version for two values");
        }
    });
    assert_eq!(number(read(lock)), WRITES);
}

/// Starting points just below `end`, so that the writes cross it; multiples of the number of buffers, as latches
/// require.
fn below(end: u64) -> impl Iterator<Item = u64> {
    [8, 16].into_iter().take(if cfg!(miri) { 1 } else { 2 }).map(move |writes| end.wrapping_sub(writes))
}

macro_rules! crossing {
    ($($name:ident: $word:ty, $ends:expr;)*) => {$(
        #[test]
        fn $name() {
            for first in $ends.into_iter().flat_map(below) {
                versions_differ(&single_buffer::<$word>(first));
                versions_differ(&latch::<$word, 2>(first));
                versions_differ(&latch::<$word, 4>(first));
                readers_see_whole_values(&single_buffer::<$word>(first));
                readers_see_whole_values(&latch::<$word, 2>(first));
                readers_see_whole_values(&latch::<$word, 4>(first));
            }
        }
    )*};
}

#[cfg(target_has_atomic = "64")]
crossing! {
    one_word_wraps: u64, [0];
}

crossing! {
    two_words_wrap_part_by_part: Long<32>, [1 << 31, 1 << 32, 1 << 63];
    short_words_wrap_part_by_part: Long<4>, [8, 1 << 35];
}

/// A lock as it is in unoptimised builds.
struct ByTable<L>(L);

// SAFETY: that of the lock (R2 one-protocol).
unsafe impl<L: Algorithm> Lock for ByTable<L> {
    type Algorithm = L;

    fn algorithm(&self) -> &L {
        &self.0
    }
}

// SAFETY: both ways are the same algorithm.
unsafe impl<L: Algorithm<Buffer: Payload<Value>> + Unoptimised<Value>> Protocol<Value> for ByTable<L> {
    fn attempt_into(&self, buf: &mut MaybeUninit<Value>) -> Result<Version, ReadError> {
        self.0.attempt_unoptimised(buf)
    }

    fn attempt_by_value(&self, buf: &mut MaybeUninit<Value>) -> Result<Version, ReadError> {
        self.0.attempt_unoptimised(buf)
    }

    fn publish(lock: Claimed<'_, Self>, value: &Value) {
        L::publish_unoptimised(lock.algorithm(), value);
    }
}

/// Whatever form this build copies in.
#[test]
fn locks_of_unoptimised_builds_do_the_same() {
    for first in [0, 16] {
        versions_differ(&ByTable(single_buffer::<Wide>(first)));
        versions_differ(&ByTable(latch::<Wide, 2>(first)));
        versions_differ(&ByTable(latch::<Wide, 4>(first)));
        readers_see_whole_values(&ByTable(single_buffer::<Wide>(first)));
        readers_see_whole_values(&ByTable(latch::<Wide, 2>(first)));
        readers_see_whole_values(&ByTable(latch::<Wide, 4>(first)));
    }
    // A write by one way is read by the other.
    let (lock, latch) = (single_buffer::<Wide>(0), latch::<Wide, 4>(0));
    for number in 1..9 {
        Unoptimised::publish_unoptimised(claimed(&lock), &value(number));
        Unoptimised::publish_unoptimised(claimed(&latch), &value(number));
        assert_eq!((read(&lock), read(&latch)), (value(number), value(number)));
        let busy = single_buffer::<Wide>(u64::from(number) * 2 + 1);
        assert_eq!(busy.attempt_unoptimised(&mut MaybeUninit::uninit()), Err(ReadError::Busy));
    }
}

/// A failed attempt leaves the version that the caller knows unchanged.
#[test]
#[cfg(target_has_atomic = "64")]
fn failed_attempts_leave_the_known_version() {
    let busy = single_buffer::<u64>(5);
    let mut known = Version::after_writes(1);
    assert_eq!(try_read_if_changed::<Value, _>(&busy, &mut known), Err(ReadError::Busy));
    assert_eq!(known, Version::after_writes(1));
    publish(&busy, 7);
    assert_eq!(try_read_if_changed(&busy, &mut known), Ok(Some(value(7))));
    assert_eq!((known, try_read_if_changed::<Value, _>(&busy, &mut known)), (Version::after_writes(3), Ok(None)));
    assert_eq!(try_read::<Value, _>(&busy), Ok((value(7), known)));
}

#[test]
fn a_latch_has_2_to_65536_buffers_by_powers_of_two() {
    for power in 0..=20 {
        let buffers = 1 << power;
        let are_valid = [buffers - 1, buffers, buffers + 1].map(super::algorithms::buffers_are_valid);
        assert_eq!(are_valid, [false, (1..=16).contains(&power), power == 0], "{buffers}");
    }
}

/// The window is the same number of writes where the count wraps.
#[test]
#[cfg(target_has_atomic = "64")]
fn window_is_exact_across_the_wrap() {
    use crate::seq_count::LatchWord;

    let count = LatchWord::new(u64::MAX);
    let before = count.read_begin();
    for laps in 0..4u32 {
        assert_eq!((count.read_end(before, 0), count.read_end(before, 2)), (laps == 0, laps <= 2));
        // SAFETY: the only writer (I5 one-writer), no payload.
        unsafe { count.write(|_| ()) };
    }
}

/// Large values in a `Result` or an `Option` are read to their place in it: of types with an invalid bit pattern, where
/// the result has no tag of its own, without, and of great alignment.
#[test]
#[cfg(target_has_atomic = "64")]
fn large_values_in_results() {
    fn check<T: crate::SeqCopy + Copy + PartialEq + core::fmt::Debug>(first: T, second: T) {
        assert!(size_of::<T>() >= crate::copy::LARGE);
        let lock = crate::SeqLock::new(first);
        assert_eq!(lock.try_read(), Ok(first));
        assert_eq!(lock.replace(second), first);
        assert_eq!(lock.try_read_versioned(), Ok((second, lock.version())));
        assert_eq!(lock.try_write(first), Ok(()));
        let mut known = lock.version();
        assert_eq!(lock.try_read_if_changed(&mut known), Ok(None));
        lock.write(second);
        assert_eq!(lock.try_read_if_changed(&mut known), Ok(Some(second)));
        assert_eq!((lock.read_if_changed(&mut known), known), (None, lock.version()));
        let writer = lock.writer().unwrap();
        assert_eq!(lock.try_write(first), Err(first));
        drop(writer);
        let never = |_| ControlFlow::<u8>::Break(1);
        assert_eq!(lock.read_with(never), Ok(second));

        // Odd: a write is in progress.
        let busy = SingleBuffer::<_, Parity<u64>>::over(AtomicPerByte::new(Aligned8(first)), 5);
        assert_eq!(try_read_value::<T, _>(&busy), Err(ReadError::Busy));
        assert_eq!(try_read::<T, _>(&busy), Err(ReadError::Busy));
        assert_eq!(try_read_if_changed::<T, _>(&busy, &mut known), Err(ReadError::Busy));
        assert_eq!(known, lock.version());
        // What a policy says holds after each attempt, the first one, too.
        let busy = crate::SeqLock {
            algorithm: SingleBuffer::over(AtomicPerByte::new(Aligned8(first)), WideWord::from_number(5)),
        };
        for most in 1..5 {
            let mut failed = Vec::new();
            let policy = |attempt: crate::Attempt| {
                failed.push((attempt.number, attempt.error));
                if attempt.number < most { ControlFlow::Continue(()) } else { ControlFlow::Break(most) }
            };
            assert_eq!(busy.read_with(policy), Err(most));
            assert!(failed.into_iter().eq((1..=most).map(|number| (number, ReadError::Busy))));
        }
    }
    check([1u64; 33], [2; 33]);
    check([3u8; 257], [4; 257]);
    check([true; 300], [false; 300]);
    check((false, [5u64; 32], 'a'), (true, [6; 32], 'b'));
    check([1u128; 17], [2; 17]);
    check([crate::SeqOption::Some(7u64); 22], [crate::SeqOption::None; 22]);
}

/// A panic in the middle of a read over an existing value ends the process.
#[test]
#[cfg(unix)]
#[cfg_attr(miri, ignore = "starts a process")]
fn a_read_over_a_value_never_unwinds() {
    use std::os::unix::process::ExitStatusExt;

    struct Panics;

    // SAFETY: it has none, and nothing asks for it (R2 one-protocol).
    unsafe impl Lock for Panics {
        type Algorithm = SingleBuffer<AtomicPerByte<Aligned8<bool>>>;

        fn algorithm(&self) -> &Self::Algorithm {
            unreachable!()
        }
    }

    // SAFETY: the algorithm of a test, which no other thread uses (I5 one-writer).
    unsafe impl Protocol<bool> for Panics {
        fn attempt_into(&self, buf: &mut MaybeUninit<bool>) -> Result<Version, ReadError> {
            // SAFETY: what a torn read may leave behind: no valid `bool`.
            unsafe { buf.as_mut_ptr().cast::<u8>().write(7) };
            panic!("in the middle of an attempt");
        }
    }

    const CHILD: &str = "SEQCOPY_TEST_UNWINDING";
    if std::env::var_os(CHILD).is_some() {
        let mut value = true;
        let read = std::panic::AssertUnwindSafe(|| super::read::read_to(&Panics, &mut value));
        _ = std::panic::catch_unwind(read);
        std::process::exit(0);
    }
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lock::tests::a_read_over_a_value_never_unwinds", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let errors = std::string::String::from_utf8_lossy(&child.stderr);
    assert!(errors.contains("in the middle of an attempt"), "{errors}");
    assert_eq!(child.status.signal(), Some(6), "not aborted: {errors}");
}
