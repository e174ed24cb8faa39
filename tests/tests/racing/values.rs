//! Concurrent readers and writers: every snapshot is a value that was written.
//!
//! Each payload is a function of one number, so a snapshot shows whether it is torn, and of which write it is. Under
//! Miri the loops are short and there are many schedules (`ci/miri.sh`).

use std::fmt::Debug;
use std::mem::MaybeUninit;
use std::ops::ControlFlow;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use seqcopy::{
    ReadError, SeqCopy, SeqLatch, SeqLock, SeqOption, Version, raw,
    seq_count::{Parity, SeqCount},
};

/// A value made of a number.
trait Whole: SeqCopy + PartialEq + Debug + Send + Sync {
    fn make(n: u32) -> Self;

    /// The number in the value.
    fn number(&self) -> u32;

    /// The number, after a check that the value is not torn.
    #[track_caller]
    fn check(&self) -> u32 {
        let n = self.number();
        assert_eq!(self, &Self::make(n), "a snapshot that was never written");
        n
    }
}

/// Two words: the shortest copy that can be torn, so there are many per second.
type Pair = [usize; 2];

impl Whole for Pair {
    fn make(n: u32) -> Self {
        [n as usize; 2]
    }

    fn number(&self) -> u32 {
        u32::try_from(self[0]).unwrap()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Row {
    low: u8,
    all: u64,
    half: u16,
    odd: bool,
    share: f32,
}

impl Whole for Row {
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    fn make(n: u32) -> Self {
        Row { low: n as u8, all: u64::from(n) << 32 | u64::from(n), half: n as u16, odd: n % 2 == 1, share: n as f32 }
    }

    fn number(&self) -> u32 {
        u32::try_from(self.all >> 32).unwrap()
    }
}

impl Whole for [Row; 3] {
    fn make(n: u32) -> Self {
        [Row::make(n), Row::make(n + 1), Row::make(n + 2)]
    }

    fn number(&self) -> u32 {
        self[0].number()
    }
}

static NUMBERS: [u32; 4] = [0, 1, 2, 3];

/// Pointers of several kinds into one table.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Pointers {
    n: u32,
    raw: *const u32,
    option: Option<&'static u32>,
    never_null: NonNull<u32>,
}

// SAFETY: points to a static that is never written.
unsafe impl Send for Pointers {}
// SAFETY: as above.
unsafe impl Sync for Pointers {}

impl Whole for Pointers {
    fn make(n: u32) -> Self {
        let target = &NUMBERS[n as usize % NUMBERS.len()];
        let option = (n % 2 == 0).then_some(target);
        Pointers { n, raw: target, option, never_null: NonNull::from(target) }
    }

    fn number(&self) -> u32 {
        // Dereferencing them shows that they have provenance.
        // SAFETY: made of a reference to a static.
        let by_raw = unsafe { *self.raw };
        // SAFETY: as above.
        let by_non_null = unsafe { *self.never_null.as_ref() };
        assert_eq!((by_raw, self.option.map_or(by_raw, |n| *n)), (by_non_null, by_non_null));
        self.n
    }
}

/// Spans with a pointer after each.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Named {
    row: Row,
    count: u8,
    name: Option<&'static u32>,
}

impl Whole for [Named; 4] {
    #[allow(clippy::cast_possible_truncation)]
    fn make(n: u32) -> Self {
        core::array::from_fn(|i| Named {
            row: Row::make(n),
            count: n as u8,
            name: Some(&NUMBERS[(n as usize + i) % NUMBERS.len()]),
        })
    }

    fn number(&self) -> u32 {
        // Dereferenced, so a torn pointer is found.
        assert_eq!(*self[0].name.unwrap() as usize, self[0].row.number() as usize % NUMBERS.len());
        self[0].row.number()
    }
}

/// Variants of different sizes, a pointer where others have numbers, another such enum inside.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(u8)]
enum Event {
    Nothing,
    Small(u8),
    Padded { at: u64, odd: bool, last: u32 },
    Pointer(u8, Option<&'static u32>),
    Inner(SeqOption<Row>),
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Framed {
    n: u32,
    event: Event,
}

impl Whole for Framed {
    #[allow(clippy::cast_possible_truncation)]
    fn make(n: u32) -> Self {
        let event = match n % 6 {
            0 => Event::Nothing,
            1 => Event::Small(n as u8),
            2 => Event::Padded { at: u64::from(n), odd: n % 2 == 1, last: n },
            3 => Event::Pointer(n as u8, Some(&NUMBERS[n as usize % NUMBERS.len()])),
            4 => Event::Inner(SeqOption::Some(Row::make(n))),
            _ => Event::Inner(SeqOption::None),
        };
        Framed { n, event }
    }

    fn number(&self) -> u32 {
        if let Event::Pointer(n, target) = self.event {
            assert_eq!(usize::from(n) % NUMBERS.len(), *target.unwrap() as usize);
        }
        self.n
    }
}

/// No field is aligned, not even the enum.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C, packed)]
struct Packed {
    low: u8,
    n: u32,
    choice: SeqOption<u16>,
}

impl Whole for Packed {
    #[allow(clippy::cast_possible_truncation)]
    fn make(n: u32) -> Self {
        let choice = if n % 2 == 0 { SeqOption::None } else { SeqOption::Some(n as u16) };
        Packed { low: n as u8, n, choice }
    }

    fn number(&self) -> u32 {
        self.n
    }
}

/// How many rounds each thread runs.
const ROUNDS: u32 = if cfg!(miri) { 5 } else { 20_000 };

/// Sets a flag on drop, also during unwinding, so that no thread waits for one that has ended.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

macro_rules! lock_races {
    ($name:ident, $lock:ident) => {
        /// Writers and polling readers, by several methods each; the versions that a thread reads ascend.
        fn $name<T: Whole>() {
            let lock = $lock::new(T::make(0));
            thread::scope(|scope| {
                // 0 and 2, by value and by reference.
                scope.spawn(|| {
                    for i in 1..=ROUNDS {
                        if i % 2 == 0 { lock.write(T::make(0)) } else { lock.write_from(&T::make(2)) }
                    }
                });
                // Read-modify-write: what is read under the claim is not torn either.
                scope.spawn(|| {
                    for i in 0..ROUNDS {
                        match i % 3 {
                            0 => lock.update(|value| *value = T::make((value.check() + 1) % 100)),
                            1 => _ = lock.replace(T::make(5)).check(),
                            _ => {
                                if let Some(mut writer) = lock.writer() {
                                    let n = writer.read().check();
                                    writer.write(T::make(n + 2));
                                }
                            }
                        }
                    }
                });
                scope.spawn(|| {
                    let (mut known, mut seen) = (Version::NEVER, 0);
                    for _ in 0..ROUNDS {
                        lock.read().check();
                        if let Some(value) = lock.read_if_changed(&mut known) {
                            value.check();
                            assert!(known.to_bits() >= seen, "versions ascend");
                            seen = known.to_bits();
                        }
                    }
                });
                scope.spawn(|| {
                    let mut buf = MaybeUninit::uninit();
                    let mut over = T::make(0);
                    let (mut known, mut seen) = (Version::NEVER, Version::NEVER);
                    for _ in 0..ROUNDS {
                        match lock.try_read() {
                            Ok(value) => _ = value.check(),
                            Err(error) => assert!(matches!(error, ReadError::Busy | ReadError::Torn)),
                        }
                        match lock.try_read_if_changed(&mut known) {
                            Ok(Some(value)) => {
                                value.check();
                                assert!(known.writes_since(seen) != 0 && known.writes_since(seen) < u64::MAX / 2);
                                seen = known;
                            }
                            Ok(None) => assert_eq!(known, seen),
                            Err(_) => assert_eq!(known, seen, "a failed attempt leaves the version unchanged"),
                        }
                        lock.read_into(&mut buf).check();
                        lock.read_to(&mut over);
                        over.check();
                        let tried = lock.read_with(|attempt| {
                            if attempt.number < 3 {
                                ControlFlow::Continue(())
                            } else {
                                ControlFlow::Break(attempt.error)
                            }
                        });
                        let _ = tried.map(|value| value.check());
                    }
                });
            });
            lock.into_inner().check();
        }
    };
}

lock_races!(races_over_a_lock, SeqLock);
lock_races!(races_over_a_latch, SeqLatch);

/// One writer that never waits, readers that never pause, ascending numbers: this tests the memory orderings.
fn publishes_in_order<T: Whole>() {
    let rounds = if cfg!(miri) { 12 } else { ROUNDS };
    let lock = SeqLock::new(T::make(0));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let _done = Done(&done);
            let mut writer = lock.writer().unwrap();
            for n in 1..=rounds {
                writer.write(T::make(n));
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    if let Ok(value) = lock.try_read() {
                        let n = value.check();
                        assert!(n >= last, "a reader saw {n} after {last}");
                        last = n;
                    }
                    thread::yield_now();
                }
            });
        }
    });
    assert_eq!(lock.read().check(), rounds);
}

/// A sequence word and a payload in memory that the test owns, accessed through pointers only.
#[repr(C)]
struct Page<T> {
    word: u32,
    payload: MaybeUninit<T>,
}

/// A pointer that may be sent.
struct Shared<T>(*mut Page<T>);

// SAFETY: the page is only accessed by SeqCount and raw.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    fn count(&self) -> &SeqCount<Parity<u32>> {
        // SAFETY: the page is alive.
        let word = unsafe { &raw const (*self.0).word };
        // SAFETY: aligned, made of a raw pointer; all accesses are by SeqCount.
        unsafe { SeqCount::from_ptr(word) }
    }

    fn payload(&self) -> *mut T {
        // SAFETY: the page is alive.
        unsafe { &raw mut (*self.0).payload }.cast()
    }
}

fn races_by_pointer<T: Whole>() {
    // Zeroed in place: every byte that a load reads is initialised, whatever the variant.
    let mut page = Box::new(MaybeUninit::<Page<T>>::uninit());
    // SAFETY: exactly its size.
    unsafe { page.as_mut_ptr().write_bytes(0, 1) };
    let shared = &Shared(page.as_mut_ptr());
    // SAFETY: no other thread has the pointer yet.
    unsafe { raw::store(shared.payload(), &T::make(0)) };
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1..=ROUNDS {
                let value = T::make(n % 100);
                // SAFETY: the page is alive and its payload accessed by `raw` alone.
                let payload = || unsafe { raw::store(shared.payload(), &value) };
                // SAFETY: the only writer, and it stores the whole payload.
                unsafe { shared.count().write(payload) };
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut buf = MaybeUninit::uninit();
                for _ in 0..ROUNDS {
                    // SAFETY: initialised; the payload is stored by `raw` alone.
                    if let Ok((bits, _)) = shared.count().try_read(|| unsafe { raw::load(shared.payload()) }) {
                        // SAFETY: no write overlapped the load.
                        unsafe { bits.assume_valid() }.check();
                    }
                    // SAFETY: as above.
                    let read = shared.count().try_read(|| unsafe { raw::load_into(shared.payload(), &mut buf) });
                    if let Ok((bits, _)) = read {
                        // SAFETY: as above.
                        unsafe { bits.assume_valid_ref() }.check();
                    }
                }
            });
        }
    });
}

macro_rules! over_every_payload {
    ($($test:ident: $scenario:ident;)*) => {$(
        mod $test {
            use super::*;

            #[test]
            fn pair() {
                $scenario::<Pair>();
            }

            #[test]
            fn padded() {
                $scenario::<Row>();
            }

            #[test]
            fn array_of_padded() {
                $scenario::<[Row; 3]>();
            }

            #[test]
            fn pointers() {
                $scenario::<Pointers>();
            }

            #[test]
            fn enum_with_fields() {
                $scenario::<Framed>();
            }

            #[test]
            fn spans_and_pointers() {
                $scenario::<[Named; 4]>();
            }

            #[test]
            fn packed() {
                $scenario::<Packed>();
            }
        }
    )*};
}

over_every_payload! {
    lock: races_over_a_lock;
    latch: races_over_a_latch;
    order: publishes_in_order;
    by_pointer: races_by_pointer;
}
