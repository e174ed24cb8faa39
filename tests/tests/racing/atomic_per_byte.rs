//! `AtomicPerByte` without a protocol; and two guarantees of locks beyond consistent snapshots: no update is lost, and
//! pointees are published with the pointer.

use std::thread;

use seqcopy::{AtomicPerByte, SeqCopy, SeqLatch, SeqLock, SeqOption, Validate, field, field_copy};

/// How many rounds each thread runs.
const ROUNDS: u32 = if cfg!(miri) { 5 } else { 20_000 };

/// Without a protocol a load may mix bytes of different stores, but each byte is one that was stored.
#[test]
fn each_byte_loaded_was_stored() {
    // Each byte of `value(n)` is `n`, in every field, so that any torn value is valid.
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Mixed {
        a: u8,
        b: u32,
        c: [u16; 3],
        d: u64,
    }
    let value = |n: u8| {
        let half = u16::from_ne_bytes([n; 2]);
        Mixed { a: n, b: u32::from_ne_bytes([n; 4]), c: [half; 3], d: u64::from_ne_bytes([n; 8]) }
    };
    let cell = AtomicPerByte::new(value(1));
    thread::scope(|scope| {
        for n in [2, 3] {
            let cell = &cell;
            scope.spawn(move || (0..ROUNDS).for_each(|_| cell.store(&value(n))));
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let Mixed { a, b, c, d } = cell.load().validate().unwrap();
                    let bytes = [a].into_iter().chain(b.to_ne_bytes()).chain(d.to_ne_bytes());
                    let bytes = bytes.chain(c.into_iter().flat_map(u16::to_ne_bytes));
                    bytes.for_each(|byte| assert!((1..=3).contains(&byte), "{byte} was never stored"));
                }
            });
        }
    });
}

/// Variants of different sizes, so that some bytes are data in some variants only, and another such enum inside.
#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Framed {
    n: u32,
    event: Event,
}

#[derive(Clone, Copy, SeqCopy)]
#[repr(u8)]
enum Event {
    Nothing,
    Padded { at: u64, odd: bool },
    Pointer(u8, Option<&'static u32>),
    Inner(SeqOption<(u8, u64)>),
}

static TARGET: u32 = 7;

impl Framed {
    fn make(n: u32) -> Self {
        let event = match n % 4 {
            0 => Event::Nothing,
            1 => Event::Padded { at: u64::from(n), odd: n % 2 == 1 },
            2 => Event::Pointer(3, Some(&TARGET)),
            _ => Event::Inner(SeqOption::Some((5, u64::from(n)))),
        };
        Framed { n, event }
    }
}

/// A load is `MaybeInvalid`, so that a torn enum may be invalid.
#[test]
fn loads_of_enums_are_bits_that_may_be_invalid() {
    let cell = AtomicPerByte::new(Framed::make(0));
    thread::scope(|scope| {
        for start in [1, 2] {
            let cell = &cell;
            scope.spawn(move || (0..ROUNDS).for_each(|i| cell.store(&Framed::make(start + i % 90))));
        }
        scope.spawn(|| {
            for _ in 0..ROUNDS {
                // A torn value must not become a `Framed`; it may be kept, moved and dropped.
                let bits = Box::new(cell.load());
                let number = field!(*bits, Framed, n).validate_ref().unwrap();
                assert!(*number < 100);
            }
        });
    });
    // No thread writes any more, but the last stores may have overlapped: the tag of one, fields of the other.
    assert!(field_copy!(cell.load(), Framed, n).validate().unwrap() < 100);
}

fn counts<L: Sync>(lock: &L, add: impl Fn(&L) + Sync, times: u32) {
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..times).for_each(|_| add(lock)));
        }
    });
}

#[test]
fn no_update_is_lost() {
    let times = if cfg!(miri) { 6 } else { 10_000 };
    let lock = SeqLock::new([0u64; 2]);
    counts(&lock, |lock| lock.update(|[a, b]| (*a, *b) = (*a + 1, *b + 1)), times);
    counts(&lock, |lock| lock.lock_write().iter_mut().for_each(|n| *n += 1), times);
    assert_eq!(lock.read(), [6 * u64::from(times); 2]);
    assert_eq!(lock.version().to_bits(), 6 * u64::from(times));

    let latch = SeqLatch::<_, 4>::from_value([0u64; 2]);
    counts(&latch, |latch| latch.update(|[a, b]| (*a, *b) = (*a + 1, *b + 1)), times);
    assert_eq!(latch.read(), [3 * u64::from(times); 2]);
}

/// What the writer did before a write happens before what a reader of that value does next: here, initialising the
/// pointee.
#[test]
fn pointees_are_published_with_the_pointer() {
    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C)]
    struct Link(*const u64, u8);
    // SAFETY: its pointee is written before it is sent, and never afterwards.
    unsafe impl Send for Link {}

    let rounds = if cfg!(miri) { 8 } else { 1000 };
    let targets: Vec<AtomicPerByte<u64>> = (0..=rounds).map(|_| AtomicPerByte::new(0)).collect();
    let lock = SeqLock::new(Link(std::ptr::null(), 0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for (n, target) in targets.iter().enumerate() {
                // A plain store: only the lock orders it.
                // SAFETY: no other thread has the address yet.
                unsafe { target.as_ptr().write(n as u64 + 1) };
                lock.write(Link(target.as_ptr(), 1));
            }
        });
        scope.spawn(|| {
            for _ in 0..rounds {
                let Link(target, _) = lock.read();
                if !target.is_null() {
                    // SAFETY: read from the lock, so initialised before; alive until the scope ends.
                    assert_ne!(unsafe { target.read() }, 0);
                }
            }
        });
    });
}
