//! Programs that detect mutants in the shipped types, with their payloads: the models of `seqcopy/src/models` can't run these,
//! because loom does not model accesses by address. `ci/mutations.sh` runs them under Miri with many schedules. Run natively they
//! only test the logic: x86 hides the reorderings that they look for.
//!
//! As in the models, version *k* has the value *k*. Readers poll, because a single read seldom overlaps a write. Writers update
//! what they read, because Miri executes stores in program order: what a writer misses of the write before shows only if it
//! reads.
//!
//! This is a program and not a test, since Miri would spend most of its time in the test harness.
//!
//! `shipped [scenario]`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::thread;

use seqcopy::seq_count::{BufferCount, SupportedBufferCount};
use seqcopy::{
    AtomicPerByte, MaybeInvalid, Parity, ReadError, SeqCopy, SeqCount, SeqLatch, SeqLock, Validate, Version, field,
    part,
};

const SCENARIOS: &[(&str, fn())] = &[
    ("count", count),
    ("takeover", takeover),
    ("lock_turns", lock_turns),
    ("latch_turns", latch_turns),
    ("latch_two_buffers", latch_two_buffers),
    ("latch_four_buffers", latch_four_buffers),
    ("hold", hold),
    ("rules", rules),
    ("news", news),
    ("fresh", fresh),
    ("variants", variants),
    ("hook", hook),
    ("parts", parts),
];

fn main() {
    let wanted = std::env::args().nth(1);
    let mut found = false;
    for (name, scenario) in SCENARIOS {
        if wanted.as_deref().is_none_or(|wanted| wanted == *name) {
            found = true;
            scenario();
        }
    }
    assert!(found, "no such scenario: {wanted:?}");
}

/// The number of writes.
const WRITES: u32 = if cfg!(miri) { 12 } else { 1200 };
const READS: u32 = 2 * WRITES;
/// The repetitions of scenarios that are short.
const ROUNDS: u32 = if cfg!(miri) { 4 } else { 100 };

/// A struct with three holes, and words of several widths.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    low: u8,
    all: u64,
    half: u16,
    number: u32,
    odd: bool,
}

impl Padded {
    #[allow(clippy::cast_possible_truncation)] // parts of the number
    fn new(number: u32) -> Self {
        Padded { low: number as u8, all: u64::from(number) << 20, half: number as u16, number, odd: number % 2 == 1 }
    }

    /// The number from which every field follows.
    fn number(self) -> u32 {
        assert_eq!(self, Padded::new(self.number), "torn");
        self.number
    }
}

/// What a reader has seen: versions never go back, and each has its value.
#[derive(Default)]
struct Seen(u64);

impl Seen {
    fn accept(&mut self, version: u64, value: Padded) {
        assert_eq!(u64::from(value.number()), version, "the value of another version");
        assert!(version >= self.0, "from version {} back to {version}", self.0);
        self.0 = version;
    }
}

fn next(value: &mut Padded) {
    *value = Padded::new(value.number() + 1);
}

/// One word, one payload, one writer.
struct Counted {
    count: SeqCount<Parity<u32>>,
    payload: AtomicPerByte<Padded>,
}

impl Counted {
    const fn new() -> Self {
        Counted {
            count: SeqCount::new(0),
            payload: AtomicPerByte::new(Padded { low: 0, all: 0, half: 0, number: 0, odd: false }),
        }
    }

    /// # Safety
    /// There is no other writer (I5 one-writer).
    unsafe fn write(&self, number: u32) {
        // SAFETY: this function's contract (I5 one-writer).
        unsafe { self.count.write(|| self.payload.store(&Padded::new(number))) };
    }

    fn attempt(&self, seen: &mut Seen) -> Result<(), ReadError> {
        let (bits, token) = self.count.try_read(|| self.payload.load())?;
        // SAFETY: the count accepted the read, so the bits are one value (P21 snapshot, I7 checked).
        seen.accept(u64::from(token.word() / 2), unsafe { bits.assume_valid() });
        Ok(())
    }

    fn poll(&self, reads: u32) {
        let mut seen = Seen::default();
        for _ in 0..reads {
            let _ = self.attempt(&mut seen);
        }
    }
}

fn count() {
    let counted = Counted::new();
    thread::scope(|scope| {
        // SAFETY: one thread writes (I5 one-writer).
        scope.spawn(|| (1..=WRITES).for_each(|number| unsafe { counted.write(number) }));
        scope.spawn(|| counted.poll(READS));
        counted.poll(READS);
    });
    let mut seen = Seen::default();
    assert_eq!(counted.attempt(&mut seen), Ok(()));
    assert_eq!(seen.0, u64::from(WRITES));
}

/// Lets a reader end, on drop.
struct Ends<'a>(&'a AtomicU32);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(1, Ordering::Relaxed);
    }
}

/// A writer dies in the middle of a write, and another one continues, while a thread reads.
fn takeover() {
    for _ in 0..ROUNDS {
        let counted = Counted::new();
        let done = AtomicU32::new(0);
        thread::scope(|scope| {
            // Also if the following panics: the reader would never end.
            let ends = Ends(&done);
            scope.spawn(|| {
                let mut seen = Seen::default();
                while done.load(Ordering::Relaxed) == 0 {
                    let _ = counted.attempt(&mut seen);
                }
            });
            let dies = scope.spawn(|| {
                // SAFETY: the only writer until it is joined (I5 one-writer).
                unsafe { counted.write(1) };
                // SAFETY: as above.
                let _withdrawn = unsafe { counted.count.write_begin() };
                counted.payload.store(&Padded::new(77));
            });
            dies.join().unwrap();
            assert_eq!(counted.attempt(&mut Seen::default()), Err(ReadError::Busy));
            // SAFETY: the only writer (I5 one-writer).
            assert!(unsafe { counted.count.try_write_begin() }.is_none(), "there is nothing whole to begin over");
            // SAFETY: as above.
            (2..=3).for_each(|number| unsafe { counted.write(number) });
            drop(ends);
        });
        let mut seen = Seen::default();
        assert_eq!(counted.attempt(&mut seen), Ok(()));
        assert_eq!(seen.0, 3);
    }
}

/// Two contending writers, two readers that poll.
macro_rules! turns {
    ($lock:expr) => {{
        let lock = $lock;
        let poll = || {
            let mut seen = Seen::default();
            for _ in 0..READS {
                // In this order: a value read later is not older.
                let announced = lock.version().to_bits();
                match lock.try_read() {
                    Ok(value) => assert!(u64::from(value.number()) >= announced, "older than what was announced"),
                    Err(error) => assert!(matches!(error, ReadError::Busy | ReadError::Torn)),
                }
                let (value, version) = lock.read_versioned();
                seen.accept(version.to_bits(), value);
            }
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..WRITES / 2).for_each(|_| lock.update(next)));
            }
            scope.spawn(poll);
            poll();
        });
        assert_eq!(lock.try_read(), Ok(Padded::new(WRITES)));
        assert_eq!(lock.version().to_bits(), u64::from(WRITES));
    }};
}

fn lock_turns() {
    turns!(SeqLock::new(Padded::new(0)));
}

fn latch_turns() {
    turns!(SeqLatch::new(Padded::new(0)));
}

/// One writer that never pauses, two readers that poll.
fn one_writer<const BUFFERS: usize>()
where
    BufferCount<BUFFERS>: SupportedBufferCount,
{
    let latch = SeqLatch::<_, BUFFERS>::from_value(Padded::new(0));
    let poll = || {
        let mut seen = Seen::default();
        for _ in 0..READS {
            match latch.try_read() {
                Ok(value) => seen.accept(u64::from(value.number), value),
                Err(error) => assert_eq!(error, ReadError::Torn),
            }
            let (value, version) = latch.read_versioned();
            seen.accept(version.to_bits(), value);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = latch.writer().expect("the only writer");
            (1..=WRITES).for_each(|number| writer.write(Padded::new(number)));
        });
        scope.spawn(poll);
        poll();
    });
    assert_eq!(latch.try_read(), Ok(Padded::new(WRITES)));
}

fn latch_two_buffers() {
    one_writer::<2>();
}

fn latch_four_buffers() {
    one_writer::<4>();
}

/// Guards and writers, and what they mean for other threads.
fn hold() {
    let lock = SeqLock::new(Padded::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..WRITES / 6 {
                    let mut guard = lock.lock_write();
                    let before = guard.number();
                    next(&mut guard);
                    assert_eq!(lock.try_read().map(Padded::number), Ok(before), "readers see what is published");
                    assert_eq!(lock.try_write(Padded::new(77)), Err(Padded::new(77)));
                    assert!(lock.writer().is_none() && lock.has_writer());
                    drop(guard);
                    drop(lock.lock_write()); // publishes nothing, since nothing was changed
                    let mut writer = loop {
                        match lock.writer() {
                            Some(writer) => break writer,
                            None => thread::yield_now(),
                        }
                    };
                    writer.update(next);
                }
            });
        }
        let mut seen = Seen::default();
        for _ in 0..READS {
            let (value, version) = lock.read_versioned();
            seen.accept(version.to_bits(), value);
        }
    });
    assert_eq!(lock.read().number(), WRITES / 6 * 4);
}

/// Writes wait for guards, and panics leave the lock consistent.
fn rules() {
    fn panics(body: impl FnOnce()) {
        assert!(catch_unwind(AssertUnwindSafe(body)).is_err());
    }
    let die = || resume_unwind(Box::new("user code that panics"));
    let lock = SeqLock::new(Padded::new(0));
    panics(|| {
        lock.update(|value| {
            *value = Padded::new(77);
            die()
        });
    });
    assert_eq!(lock.try_read(), Ok(Padded::new(0)), "nothing happened");
    assert_eq!(lock.version().to_bits(), 0, "nothing was published");
    let guard = lock.try_lock_write().expect("a free lock");
    thread::scope(|scope| {
        scope.spawn(|| lock.write(Padded::new(1)));
        (0..8).for_each(|_| thread::yield_now());
        assert_eq!(lock.try_read(), Ok(Padded::new(0)), "writers wait for guards");
        guard.discard();
    });
    assert_eq!(lock.try_read(), Ok(Padded::new(1)));
    panics(|| {
        let mut guard = lock.lock_write();
        *guard = Padded::new(2);
        die();
    });
    assert_eq!(lock.try_read(), Ok(Padded::new(2)), "a guard publishes the value when it unwinds");
    std::mem::forget(lock.writer().expect("a free lock"));
    // SAFETY: there is no other writer (I5 one-writer).
    drop(unsafe { lock.writer_unchecked() });
    assert!(lock.has_writer(), "a writer without a claim does not release it");
}

/// The version that `read_if_changed` remembers is that of its value.
fn news() {
    let lock = SeqLock::new(Padded::new(0));
    thread::scope(|scope| {
        scope.spawn(|| (1..=WRITES).for_each(|number| lock.write(Padded::new(number))));
        let mut known = Version::NEVER;
        for _ in 0..READS {
            if let Some(value) = lock.read_if_changed(&mut known) {
                assert_eq!(u64::from(value.number()), known.to_bits());
            }
        }
    });
}

/// Announce, then read: with a fence on both sides, at least one side sees the other.
fn fresh() {
    for _ in 0..ROUNDS {
        let lock = SeqLock::new(Padded::new(0));
        let announced = AtomicU32::new(0);
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                lock.write(Padded::new(1));
                fence(Ordering::SeqCst);
                announced.load(Ordering::Relaxed) == 0
            });
            announced.store(1, Ordering::Relaxed);
            fence(Ordering::SeqCst);
            let reader_missed = lock.try_read() == Ok(Padded::new(0));
            assert!(!(writer.join().unwrap() && reader_missed), "both missed the other");
        });
    }
}

/// Variants of different sizes: the smaller one must not leave uninitialised bytes in the storage.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(u8)]
enum Choice {
    Small(u16),
    Large { number: u64, again: [u32; 3] },
}

fn variants() {
    let large = |number: u32| Choice::Large { number: number.into(), again: [number; 3] };
    let check = |choice| match choice {
        Choice::Small(number) => assert_eq!(number, 3),
        Choice::Large { number, .. } => assert_eq!(choice, large(u32::try_from(number).expect("torn"))),
    };
    let lock = SeqLock::new(Choice::Small(3));
    check(lock.read());
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..=WRITES {
                lock.write(if number % 3 == 0 { Choice::Small(3) } else { large(number) });
                *lock.lock_write() = Choice::Small(3);
            }
        });
        (0..READS).for_each(|_| check(lock.read()));
    });
    check(lock.into_inner());
}

/// A type whose hook accepts even numbers only.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = even)]
struct Even(u32);

fn even(bits: &MaybeInvalid<Even>) -> Result<(), &'static str> {
    let number = *field!(bits, Even, 0).validate_ref().unwrap();
    if number % 2 == 0 { Ok(()) } else { Err("odd") }
}

fn hook() {
    assert_eq!(MaybeInvalid::new(Even(4)).validate(), Ok(Even(4)));
    assert_eq!(MaybeInvalid::new(Even(5)).validate().unwrap_err().to_string(), "invalid `Even`: odd");
}

/// Two numbers in one word, and some words of others, written one at a time. What each version holds is known.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Several {
    first: u32,
    second: u32,
    more: [u16; 6],
}

impl Several {
    /// After so many writes: in turns of `first`, `second` and `more`, each of its number.
    fn after(writes: u32) -> Self {
        let last = |turn| (1..=writes).rev().find(|number| number % 3 == turn).unwrap_or(0);
        Several { first: last(1), second: last(2), more: [u16::try_from(last(0)).expect("few writes"); 6] }
    }
}

fn parts() {
    let lock = SeqLock::new(Several::after(0));
    let write = || {
        let mut writer = lock.writer().expect("the only one");
        for number in 1..=WRITES {
            let new = Several::after(number);
            match number % 3 {
                1 => writer.write_part(part!(Several, first), new.first),
                2 => writer.update_part(part!(Several, second), |second| *second = new.second),
                _ => writer.write_part(part!(Several, more), new.more),
            }
        }
    };
    let read = || {
        let mut seen = 0;
        for _ in 0..READS {
            let (value, version) = lock.read_versioned();
            let number = u32::try_from(version.to_bits()).expect("few writes");
            assert_eq!(value, Several::after(number), "torn, or of another version");
            assert!(number >= seen, "back from {seen} to {number}");
            let (second, more) = lock.read_parts((part!(Several, second), part!(Several, more)));
            let is_of = |number: &u32| Several { second, more, ..Several::after(*number) } == Several::after(*number);
            seen = (number..=WRITES).find(is_of).expect("parts of one write, no older than the last");
            assert!(lock.read_part(part!(Several, more).index(5)) >= more[0]);
        }
    };
    thread::scope(|scope| {
        scope.spawn(write);
        scope.spawn(read);
    });
    assert_eq!(lock.read(), Several::after(WRITES));
}
