//! Payloads of which the bytes matter: enums with fields, a check of the type's own, parts.

use std::thread;

use seqcopy::{MaybeInvalid, SeqCopy, SeqLock, Validate, field, part};

use crate::{READS, WRITES};

/// Variants of different sizes: the smaller one must not leave uninitialised bytes in the storage.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(u8)]
enum Choice {
    Small(u16),
    Large { number: u64, again: [u32; 3] },
}

pub(crate) fn variants() {
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

/// Where the type with a hook is not aligned: its bits are copied before the hook sees them.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, packed)]
struct Packed(u8, Even);

pub(crate) fn hook() {
    assert_eq!(MaybeInvalid::new(Packed(1, Even(4))).validate(), Ok(Packed(1, Even(4))));
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
    /// After this many writes: in turns of `first`, `second` and `more`, each of its number.
    fn after(writes: u32) -> Self {
        let last = |turn| (1..=writes).rev().find(|number| number % 3 == turn).unwrap_or(0);
        Several { first: last(1), second: last(2), more: [u16::try_from(last(0)).expect("few writes"); 6] }
    }
}

pub(crate) fn parts() {
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
