//! Parts of a value: what is read and written, what stays as it is, and that all of it is of one write.

#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // values made of small numbers
#![allow(clippy::items_after_statements, clippy::float_cmp)] // each test has its types; numbers are copied, not computed

use core::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use seqcopy::{
    Aligned8, AtomicPerByte, Part, Policy, ReadError, Remote, SeqCopy, SeqLatch, SeqLock, SeqOption, Sequenced,
    Validate, Version, part, raw, seq_count::Parity,
};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(u8)]
enum Kind {
    Stop,
    Go { x: u16, y: u32 },
    Wait(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Inner {
    a: u8,
    pair: (u32, bool),
    kind: Kind,
}

/// Fields of every kind: words of their own, words that are shared with neighbours, bytes of a long run, a pointer, an
/// enum.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Big {
    at: u64,
    open: bool,
    small: [u8; 6],
    values: [f32; 50],
    last: u16,
    next: *const u8,
    kind: Kind,
    inner: Inner,
    padded: [(u8, u32); 4],
    inners: [Inner; 3],
    none: (),
}

fn kind(n: u64) -> Kind {
    match n % 3 {
        0 => Kind::Stop,
        1 => Kind::Go { x: n as u16, y: n as u32 },
        _ => Kind::Wait(n),
    }
}

fn inner(n: u64) -> Inner {
    Inner { a: n as u8, pair: (n as u32, n % 2 == 1), kind: kind(n + 1) }
}

fn big(n: u64) -> Big {
    Big {
        at: n,
        open: n % 2 == 0,
        small: [n as u8; 6],
        values: core::array::from_fn(|i| (n + i as u64) as f32),
        last: n as u16,
        next: core::ptr::without_provenance(n as usize),
        kind: kind(n),
        inner: inner(n),
        padded: core::array::from_fn(|i| (n as u8, n as u32 + i as u32)),
        inners: core::array::from_fn(|i| inner(n + i as u64)),
        none: (),
    }
}

// SAFETY: the pointer is a number, and never followed.
unsafe impl Send for Big {}

/// Calls a macro with every field of `Big`, and some of their parts: how to name the place in a value, and the part.
macro_rules! each_part {
    ($visit:ident) => {
        $visit!(at, part!(Big, at));
        $visit!(open, part!(Big, open));
        $visit!(small, part!(Big, small));
        $visit!(small[5], part!(Big, small).index(5));
        $visit!(values, part!(Big, values));
        $visit!(values[0], part!(Big, values).index(0));
        $visit!(values[49], part!(Big, values).index(49));
        $visit!(last, part!(Big, last));
        $visit!(next, part!(Big, next));
        $visit!(kind, part!(Big, kind));
        $visit!(inner, part!(Big, inner));
        $visit!(inner.a, part!(Big, inner.a));
        $visit!(inner.pair, part!(Big, inner.pair));
        $visit!(inner.pair.1, part!(Big, inner.pair.1));
        $visit!(inner.kind, part!(Big, inner).then(part!(Inner, kind)));
        $visit!(padded, part!(Big, padded));
        $visit!(padded[3], part!(Big, padded).index(3));
        $visit!(padded[2].0, part!(Big, padded).index(2).then(part!((u8, u32), 0)));
        $visit!(padded[1].1, part!(Big, padded).index(1).then(part!((u8, u32), 1)));
        $visit!(inners, part!(Big, inners));
        $visit!(inners[2].kind, part!(Big, inners).index(2).then(part!(Inner, kind)));
        $visit!(inners[1].pair.0, part!(Big, inners).index(1).then(part!(Inner, pair.0)));
        $visit!(none, part!(Big, none));
    };
}

fn reads<P: Policy>(lock: &Sequenced<Big, P>) {
    let value = lock.read();
    macro_rules! visit {
        ($($place:tt)*) => { check!([] $($place)*) };
    }
    macro_rules! check {
        ([$($place:tt)*] , $part:expr) => {
            assert_eq!(lock.read_part($part), value.$($place)*, stringify!($($place)*));
            assert_eq!(lock.try_read_part($part), Ok(value.$($place)*));
            assert_eq!(lock.read_parts(($part, part!(Big, at))), (value.$($place)*, value.at));
        };
        ([$($place:tt)*] $next:tt $($rest:tt)*) => { check!([$($place)* $next] $($rest)*) };
    }
    each_part!(visit);
    assert_eq!(lock.read_part(part!(Big)), value);
    assert_eq!(lock.read_parts((part!(Big), part!(Big, open), part!(Big, values))), (value, value.open, value.values));
}

#[test]
fn every_field_is_read() {
    for n in 0..if cfg!(miri) { 2 } else { 300 } {
        reads(&SeqLock::new(big(n)));
        reads(&SeqLatch::new(big(n)));
        let latch = SeqLatch::<_, 4>::from_value(big(0));
        latch.write(big(n));
        reads(&latch);
    }
}

fn writes<P: Policy>(lock: &Sequenced<Big, P>) {
    let mut expected = lock.read();
    let mut writes = 0;
    let mut written = || {
        writes += 1;
        big(1000 + writes)
    };
    macro_rules! visit {
        ($($place:tt)*) => { check!([] $($place)*) };
    }
    macro_rules! check {
        ([$($place:tt)*] , $part:expr) => {
            expected.$($place)* = written().$($place)*;
            let before = lock.version();
            lock.write_part($part, expected.$($place)*);
            assert_eq!(lock.read(), expected, "written {}", stringify!($($place)*));
            assert_eq!(lock.version().writes_since(before), 1);
            expected.$($place)* = written().$($place)*;
            let old = lock.update_part($part, |place| core::mem::replace(place, expected.$($place)*));
            assert_eq!(lock.read(), expected, "updated {}", stringify!($($place)*));
            let mut writer = lock.writer().expect("the only one");
            assert_eq!(writer.read_part($part), expected.$($place)*);
            writer.write_part($part, old);
            expected.$($place)* = old;
            assert_eq!(writer.read(), expected);
            writer.update_part($part, |place| *place = written().$($place)*);
            expected.$($place)* = writer.read().$($place)*;
            assert_eq!(writer.read(), expected, "by a writer: {}", stringify!($($place)*));
            drop(writer);
        };
        ([$($place:tt)*] $next:tt $($rest:tt)*) => { check!([$($place)* $next] $($rest)*) };
    }
    each_part!(visit);
    lock.write_part(part!(Big), big(7));
    assert_eq!(lock.read(), big(7));
}

#[test]
fn a_field_is_written_and_nothing_else() {
    for n in 0..if cfg!(miri) { 1 } else { 100 } {
        writes(&SeqLock::new(big(n)));
        writes(&SeqLatch::new(big(n)));
        if !cfg!(miri) {
            writes(&SeqLatch::<_, 4>::from_value(big(n)));
        }
    }
}

#[test]
fn a_writer_that_keeps_its_lock_alive_writes_parts_too() {
    let lock = Arc::new(SeqLock::new(big(1)));
    let mut writer = SeqLock::writer_arc(&lock).unwrap();
    writer.write_part(part!(Big, last), 9);
    writer.update_part(part!(Big, values).index(3), |value| *value += 1.0);
    assert_eq!((writer.read_part(part!(Big, last)), lock.read().values[3]), (9, 5.0));
}

#[test]
fn a_panic_changes_nothing() {
    fn check<P: Policy>(lock: &Sequenced<Big, P>) {
        let (before, version) = lock.read_versioned();
        let change = || {
            lock.update_part(part!(Big, values), |values| -> () {
                values[0] = -1.0;
                panic!("in the closure");
            });
        };
        assert!(catch_unwind(AssertUnwindSafe(change)).is_err());
        assert_eq!((lock.read(), lock.version()), (before, version));
        lock.write_part(part!(Big, open), false);
        assert!(!lock.read().open, "the claim was released");
    }
    check(&SeqLock::new(big(0)));
    check(&SeqLatch::new(big(0)));
}

#[test]
#[should_panic(expected = "not less than the length")]
fn an_index_has_a_bound() {
    let index = std::hint::black_box(50);
    let _ = SeqLock::new(big(0)).read_part(part!(Big, values).index(index));
}

/// Whole values and parts are written in turns; each read must find what one write left. `values` tells which whole
/// value it was, `last` is written alone.
fn race<P: Policy>(lock: &Sequenced<Big, P>) {
    let rounds: u64 = if cfg!(miri) { 12 } else { 30_000 };
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut writer = lock.writer().expect("the only one");
            for i in 1..rounds {
                match i % 4 {
                    1 => writer.update_part(part!(Big, inner), |place| *place = inner(i)),
                    2 => writer.write_part(part!(Big, kind), kind(i)),
                    3 => writer.update_part(part!(Big, values), |values| *values = big(i).values),
                    _ => writer.write(big(i)),
                }
            }
        });
        let mut known = Version::NEVER;
        let mut round = 0;
        while !writer.is_finished() || round == 0 {
            round += 1;
            let (values, at) = lock.read_parts((part!(Big, values), part!(Big, at)));
            for (i, value) in (0..).zip(values) {
                assert_eq!(value, values[0] + i as f32, "torn");
            }
            assert!(values[0] >= at as f32, "values are written with `at` or after it");
            let Inner { a, pair: (b, c), kind: d } = lock.read_part(part!(Big, inner));
            assert_eq!((a, c), (b as u8, b % 2 == 1), "torn");
            assert_eq!(d, kind(u64::from(b) + 1), "torn");
            assert_ne!(lock.read_part(part!(Big, kind)), Kind::Go { x: 0, y: 1 });
            let _ = lock.read_part(part!(Big, values).index(usize::from(a) % 50));
            let _ = lock.read_part(part!(Big, padded).index(usize::from(a) % 4));
            let _ = (lock.read_part(part!(Big, open)), lock.read_part(part!(Big, next)));
            if let Some(value) = lock.read_if_changed(&mut known) {
                assert_eq!(value.padded[3].1, value.at as u32 + 3, "torn");
            }
        }
    });
}

#[test]
fn parts_race_with_writes() {
    race(&SeqLock::new(big(0)));
    race(&SeqLatch::new(big(0)));
    race(&SeqLatch::<_, 4>::from_value(big(0)));
}

/// Parts of the same word are written in turns by several threads, which take the claim for each.
#[test]
fn neighbours_in_a_word_are_not_lost() {
    let rounds = if cfg!(miri) { 20 } else { 20_000 };
    let lock = SeqLock::new([0u8; 5]);
    let latch = SeqLatch::new([0u8; 5]);
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let (lock, latch) = (&lock, &latch);
            scope.spawn(move || {
                for _ in 0..rounds {
                    let part = part!([u8; 5]).index(thread);
                    lock.update_part(part, |n| *n = n.wrapping_add(1));
                    latch.update_part(part, |n| *n = n.wrapping_add(1));
                }
            });
        }
    });
    let sum = (rounds % 256) as u8;
    assert_eq!((lock.read(), latch.read()), ([sum, sum, sum, 0, 0], [sum, sum, sum, 0, 0]));
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C, packed(2))]
struct Packed {
    a: u8,
    b: u64,
    c: [(u16, u32); 2],
    d: Kind,
}

#[test]
fn fields_of_packed_types_are_parts() {
    let value = Packed { a: 1, b: 2, c: [(3, 4), (5, 6)], d: Kind::Wait(7) };
    let lock = SeqLock::new(value);
    assert_eq!(lock.read_part(part!(Packed, b)), 2);
    assert_eq!(lock.read_part(part!(Packed, d)), Kind::Wait(7));
    lock.update_part(part!(Packed, b), |b: &mut u64| *b += 1);
    lock.write_part(part!(Packed, c).index(1), (8, 9));
    assert_eq!(lock.read(), Packed { b: 3, c: [(3, 4), (8, 9)], ..value });
}

/// Parts of a field in generic code, with a lifetime, and of types without a derive.
#[test]
fn generic_and_foreign_types_have_parts() {
    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
    struct Pair<A, B> {
        first: A,
        second: B,
    }
    fn second<A: SeqCopy, B: SeqCopy>(lock: &SeqLock<Pair<A, B>>) -> B {
        lock.read_part(part!(Pair<A, B>, second))
    }
    assert_eq!(second(&SeqLock::new(Pair { first: 1u8, second: 'b' })), 'b');
    assert_eq!(second(&SeqLock::new(Pair { first: [1u8; 99], second: SeqOption::Some(2u16) })), SeqOption::Some(2));

    /// As another crate would have it.
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Foreign {
        seconds: i64,
        nanos: u32,
    }
    #[derive(SeqCopy)]
    #[seqcopy(remote = Foreign)]
    #[allow(dead_code)]
    struct ForeignDef {
        seconds: i64,
        nanos: u32,
    }
    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
    struct Sample {
        #[seqcopy(with = ForeignDef)]
        at: Foreign,
        level: u8,
    }
    let at = Foreign { seconds: 1, nanos: 2 };
    let lock = SeqLock::new(Sample { at, level: 3 });
    lock.write_part(part!(Sample, at.nanos), 4);
    assert_eq!(lock.read_part(part!(Sample, at)), Foreign { nanos: 4, ..at });
    let wrapped = SeqLock::new(Remote::<Foreign, ForeignDef>::new(at));
    assert_eq!(wrapped.read_part(part!(Remote<Foreign, ForeignDef>, value.nanos)), 2);

    /// A field that is copied as another type.
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    struct Opaque {
        x: u16,
        y: u16,
    }
    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
    struct Holder {
        // SAFETY: both have four bytes, all of them data.
        #[seqcopy(unsafe(as = u32))]
        opaque: Opaque,
    }
    let lock = SeqLock::new(Holder { opaque: Opaque { x: 1, y: 2 } });
    assert_eq!(lock.read_part(part!(Holder, opaque.y)), 2);
    lock.write_part(part!(Holder, opaque.y), 5);
    assert_eq!(lock.read(), Holder { opaque: Opaque { x: 1, y: 5 } });
}

#[test]
fn bits_of_parts_are_loaded_and_checked() {
    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(C)]
    struct Wheel {
        speed: f32,
        free: bool,
    }
    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(C)]
    struct Car {
        at: u64,
        wheels: [Wheel; 4],
    }
    let cell = AtomicPerByte::new(Car { at: 1, wheels: [Wheel { speed: 2.0, free: true }; 4] });
    let wheel = part!(Car, wheels).index(2);
    assert_eq!(cell.load_part(part!(Car, at)).validate(), Ok(1));
    assert_eq!(wheel.validate(cell.load_part(wheel)), Ok(Wheel { speed: 2.0, free: true }));
    let free = wheel.then(part!(Wheel, free));
    assert_eq!(free.offset(), 8 + 2 * 8 + 4);
    let place = cell.as_ptr().cast::<u8>().wrapping_add(free.offset());
    // SAFETY: inside the storage, which is initialised; nothing else accesses it.
    unsafe { place.write(3) };
    let message = "invalid `Car`: `wheels[2].free` at byte 28 is 0x3, expected a `bool`: 0 or 1";
    assert_eq!(free.validate(cell.load_part(free)).unwrap_err().to_string(), message);
    assert_eq!(wheel.validate(cell.load_part(wheel)).unwrap_err().to_string(), message);
    let wheels = part!(Car, wheels);
    assert_eq!(wheels.validate(cell.load_part(wheels)).unwrap_err().to_string(), message);
    let whole = part!(Car);
    assert_eq!(whole.validate(cell.load_part(whole)).unwrap_err().to_string(), message);
    // The neighbours can be read.
    assert_eq!(cell.load_part(wheel.then(part!(Wheel, speed))).validate(), Ok(2.0));

    let aligned = AtomicPerByte::new(Aligned8([1u8, 2, 3]));
    assert_eq!(aligned.load_part(part!(Aligned8<[u8; 3]>, 0).index(1)).validate(), Ok(2));
}

#[test]
fn a_page_gives_fields() {
    #[derive(SeqCopy, Validate)]
    #[repr(C)]
    struct Clock {
        shift: u16,
        #[seqcopy(word = Parity<u32>)]
        sequence: MaybeUninit<u32>,
        ticks: u64,
    }
    let mut clock = Clock { shift: 3, sequence: MaybeUninit::new(2), ticks: 4 };
    // SAFETY: a local, initialised, accessed by this page only.
    let page = unsafe { raw::Page::from_ptr(&raw mut clock) };
    assert_eq!(page.try_read_part(part!(Clock, ticks)).unwrap().validate(), Ok(4));
    // SAFETY: the only writer.
    let token = unsafe { page.count().write_begin() };
    assert_eq!(page.try_read_part(part!(Clock, ticks)).unwrap_err(), ReadError::Busy);
    // SAFETY: as above; nothing was stored.
    unsafe { page.count().write_cancel(token) };
    assert_eq!(page.try_read_part(part!(Clock, shift)).unwrap().validate(), Ok(3));
}

#[test]
fn parts_are_values() {
    const LAST: Part<Big, u16> = part!(Big, last);
    static PARTS: [Part<Big, f32>; 2] = [part!(Big, values).index(0), part!(Big, values).index(1)];
    assert_eq!(LAST, part!(Big, last));
    assert_ne!(PARTS[0], PARTS[1]);
    assert_eq!(format!("{:?}", PARTS[1]), "Part { offset: 20, size: 4, .. }");
}
