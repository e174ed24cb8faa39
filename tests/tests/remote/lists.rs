//! Types of other crates, described by a list of their fields: `remote`, `with`, [`Remote`].

#![allow(unreachable_pub)] // what stands for another crate

use core::cmp::Ordering;
use std::hash::BuildHasher as _;

use seqcopy::layout::{Field, Scalar, Shape};
use seqcopy::{AtomicPerByte, MaybeInvalid, Remote, SeqCopy, SeqLatch, SeqLock, SeqOption, Validate};

/// What another crate might have.
mod foreign {
    use core::mem::MaybeUninit;

    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Timespec {
        pub sec: i64,
        pub nsec: u32,
    }
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Pair<T> {
        pub a: T,
        pub b: u8,
    }
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Tuple(pub u8, pub u32);
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C, packed)]
    pub struct Packed {
        pub a: u8,
        pub b: u32,
    }
    #[derive(Clone, Copy)]
    pub struct Borrowed<'a> {
        pub at: Option<&'a u8>,
        pub n: u32,
    }
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Unit;
    #[derive(Clone, Copy)]
    pub struct WithSpace {
        pub a: u8,
        pub space: MaybeUninit<[u8; 8]>,
    }
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    pub struct Array<T, const N: usize> {
        pub items: [T; N],
        pub len: u8,
    }
    pub type Alias = Timespec;

    /// A type with an invariant, which its author alone can keep.
    #[derive(Clone, Debug, PartialEq)]
    #[repr(C)]
    pub struct Opaque {
        even: u32,
        flag: bool,
        at: Timespec,
    }
    impl Opaque {
        pub const fn new(half: u32, at: Timespec) -> Self {
            Opaque { even: half * 2, flag: true, at }
        }
    }
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(u8)]
    pub enum Command {
        Stop,
        Move { to: f32, fast: bool },
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum Source {
        Radio,
        Cable = 7,
        Satellite,
    }
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(i16)]
    pub enum Signed {
        Low = -300,
        Zero = 0,
        High(),
    }
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    pub enum Mode {
        Off,
        On,
    }
}
use foreign::{Array, Borrowed, Command, Mode, Opaque, Packed, Pair, Signed, Source, Timespec, Tuple, Unit, WithSpace};

/// The order is free.
#[derive(SeqCopy)]
#[seqcopy(remote = Timespec)]
struct TimespecDef {
    nsec: u32,
    sec: i64,
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Pair<T>)]
struct PairDef<T> {
    a: T,
    b: u8,
}

#[derive(SeqCopy)]
#[seqcopy(remote = Tuple)]
struct TupleDef(u8, u32);

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Packed)]
#[repr(C, packed)]
struct PackedDef {
    a: u8,
    b: u32,
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Borrowed<'static>)]
struct BorrowedDef {
    n: u32,
    at: Option<&'static u8>,
}

#[derive(SeqCopy)]
#[seqcopy(remote = Unit)]
struct UnitDef;

#[derive(SeqCopy)]
#[seqcopy(remote = WithSpace)]
struct WithSpaceDef {
    a: u8,
    #[seqcopy(skip)]
    space: core::mem::MaybeUninit<[u8; 8]>,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Array<T, N>)]
#[repr(C)]
struct ArrayDef<T, const N: usize> {
    items: [T; N],
    len: u8,
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Alias)]
struct AliasDef {
    sec: i64,
    nsec: u32,
}

#[derive(SeqCopy)]
#[seqcopy(remote = Source)]
enum SourceDef {
    Satellite,
    Radio,
    Cable,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Signed)]
#[repr(i16)]
enum SignedDef {
    Low = -300,
    Zero = 0,
    High,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Mode)]
#[repr(C)]
enum ModeDef {
    Off,
    On,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Ordering)]
#[repr(i8)]
enum OrderingDef {
    Less = -1,
    Equal,
    Greater,
}

#[derive(Clone, Copy, SeqCopy)]
// SAFETY: the fields and the repr of `Opaque`, whose author allows clones.
#[seqcopy(unsafe(remote = Opaque))]
#[repr(C)]
struct OpaqueDef {
    even: u32,
    flag: bool,
    #[seqcopy(with = TimespecDef)]
    at: Timespec,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
// SAFETY: the variants and the repr of `Command`, all of it public.
#[seqcopy(unsafe(remote = Command))]
#[repr(u8)]
enum CommandDef {
    Stop,
    Move { to: f32, fast: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
struct Sample {
    id: u8,
    #[seqcopy(with = TimespecDef)]
    at: Timespec,
    #[seqcopy(with = [TimespecDef; 3])]
    more: [Timespec; 3],
    #[seqcopy(with = PairDef<u16>)]
    pair: Pair<u16>,
    #[seqcopy(with = [[SourceDef; 2]; 2])]
    sources: [[Source; 2]; 2],
    #[seqcopy(with = UnitDef)]
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
struct Generic<T> {
    x: u8,
    #[seqcopy(with = PairDef<T>)]
    pair: Pair<T>,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(u8)]
enum Event {
    None,
    At {
        #[seqcopy(with = TimespecDef)]
        at: Timespec,
        #[seqcopy(with = SourceDef)]
        source: Source,
    },
}

fn at(sec: i64) -> Timespec {
    Timespec { sec, nsec: u32::try_from(sec).unwrap_or(9) }
}

type Stamp = Remote<Timespec, TimespecDef>;

#[test]
fn fields_arrays_generics_and_variants() {
    let value = Sample {
        id: 1,
        at: at(5),
        more: [at(1), at(2), at(3)],
        pair: Pair { a: 7, b: 8 },
        sources: [[Source::Radio, Source::Cable], [Source::Satellite; 2]],
        unit: Unit,
    };
    let lock = SeqLock::new(value);
    assert_eq!(lock.read(), value);
    let other = Sample { id: 2, at: at(-1), sources: [[Source::Cable; 2]; 2], ..value };
    lock.write(other);
    assert_eq!(lock.read(), other);

    let generic = Generic { x: 1, pair: Pair { a: 3_u64, b: 2 } };
    assert_eq!(SeqLatch::new(generic).read(), generic);
    let event = SeqLock::new(Event::None);
    event.write(Event::At { at: at(4), source: Source::Cable });
    assert_eq!(event.read(), Event::At { at: at(4), source: Source::Cable });
}

#[test]
fn alone_in_options_and_in_statics() {
    static TARGET: u8 = 5;
    static NOW: SeqLock<Stamp> = SeqLock::new(Stamp::new(Timespec { sec: 1, nsec: 2 }));
    assert_eq!(NOW.read().sec, 1);
    NOW.update(|now| now.sec = 9);
    assert_eq!(*NOW.read(), Timespec { sec: 9, nsec: 2 });
    let array = SeqLock::new([Stamp::new(at(3)); 4]);
    assert_eq!(array.read()[3].nsec, 3);
    let option = SeqLock::new(SeqOption::Some(array.read()[0]));
    assert_eq!(option.read().into_option().unwrap().sec, 3);
    let tuple = SeqLock::new(Remote::<_, TupleDef>::new(Tuple(1, 2)));
    assert_eq!(*tuple.read(), Tuple(1, 2));
    let alias = SeqLock::new(Remote::<_, AliasDef>::new(at(6)));
    assert_eq!(alias.read().sec, 6);
    let spaced =
        SeqLock::new(Remote::<_, WithSpaceDef>::new(WithSpace { a: 4, space: core::mem::MaybeUninit::uninit() }));
    assert_eq!(spaced.read().a, 4);
    let borrowed = SeqLock::new(Remote::<_, BorrowedDef>::new(Borrowed { at: Some(&TARGET), n: 1 }));
    assert_eq!((borrowed.read().at, borrowed.read().n), (Some(&TARGET), 1));
}

#[test]
fn the_wrapper_is_the_type() {
    assert_eq!(size_of::<Stamp>(), size_of::<Timespec>());
    assert_eq!(Stamp::default().value, Timespec::default());
    assert_eq!(format!("{:?}", Stamp::new(at(1))), format!("{:?}", at(1)));
    assert!(Stamp::new(at(1)) < Stamp::from(at(2)));
    let mut stamps = [Stamp::new(at(2)), Stamp::new(at(1))];
    stamps.sort();
    assert_eq!(stamps[0].sec, 1);
    assert_eq!(std::collections::HashSet::from([stamps[0], stamps[0]]).len(), 1);
    let hasher = std::hash::RandomState::new();
    assert_eq!(hasher.hash_one(stamps[0]), hasher.hash_one(at(1)));
}

#[test]
fn layouts_show_fields_under_the_name_of_the_type() {
    let layout = Stamp::LAYOUT;
    assert_eq!((layout.name(), layout.size(), layout.is_specified()), ("Timespec", size_of::<Timespec>(), false));
    assert_eq!(layout.fields().iter().map(Field::name).collect::<Vec<_>>(), ["nsec", "sec"]);
    assert_eq!(Sample::LAYOUT.fields()[3].layout().name(), "Pair");
    assert!(Remote::<Packed, PackedDef>::LAYOUT.is_specified());
    assert!(Remote::<Array<u8, 3>, ArrayDef<u8, 3>>::LAYOUT.is_specified());
    assert!(!Remote::<Array<(u8, u16), 3>, ArrayDef<(u8, u16), 3>>::LAYOUT.is_specified(), "tuples are not");
    assert!(Sample::LAYOUT.display(8).to_string().contains("sec: i64"));
}

#[test]
fn variants_have_the_numbers_of_the_compiler() {
    let numbers = |layout: &'static seqcopy::Layout| {
        layout.variants().iter().map(|variant| (variant.name(), variant.value())).collect::<Vec<_>>()
    };
    assert_eq!(numbers(Remote::<Source, SourceDef>::LAYOUT), [("Satellite", 8), ("Radio", 0), ("Cable", 7)]);
    assert_eq!(numbers(Remote::<Signed, SignedDef>::LAYOUT), [("Low", -300), ("Zero", 0), ("High", 1)]);
    assert_eq!(numbers(Remote::<Ordering, OrderingDef>::LAYOUT), [("Less", -1), ("Equal", 0), ("Greater", 1)]);
    assert!(matches!(Remote::<Ordering, OrderingDef>::LAYOUT.shape(), Shape::Tags { signed: true, .. }));
    assert!(!Remote::<Source, SourceDef>::LAYOUT.is_specified());
    assert!(Remote::<Mode, ModeDef>::LAYOUT.is_specified());
    for order in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
        let lock = SeqLock::new(Remote::<_, OrderingDef>::new(Ordering::Equal));
        lock.write(order.into());
        assert_eq!(*lock.read(), order);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Wire {
    #[seqcopy(with = [ArrayDef<bool, 3>; 2])]
    arrays: [Array<bool, 3>; 2],
    #[seqcopy(with = SignedDef)]
    signed: Signed,
    #[seqcopy(with = OrderingDef)]
    order: Ordering,
    #[seqcopy(with = ModeDef)]
    mode: Mode,
    #[seqcopy(with = PackedDef)]
    packed: Packed,
}

fn write_byte<T>(bits: &mut MaybeInvalid<T>, offset: usize, byte: u8) {
    assert!(offset < size_of::<T>());
    // SAFETY: inside the private copy.
    unsafe { bits.as_mut_ptr().cast::<u8>().wrapping_add(offset).write(byte) };
}

/// The value with one byte replaced, validated.
fn damaged(offset: usize, byte: u8) -> Result<Wire, String> {
    let array = Array { items: [true, false, true], len: 3 };
    let wire = Wire {
        arrays: [array; 2],
        signed: Signed::High(),
        order: Ordering::Less,
        mode: Mode::On,
        packed: Packed { a: 1, b: 2 },
    };
    let mut bits = AtomicPerByte::new(wire).load();
    assert_eq!(bits.validate_ref(), Ok(&wire));
    write_byte(&mut bits, offset, byte);
    bits.validate().map_err(|error| error.to_string())
}

#[test]
fn bits_are_checked_by_the_list() {
    assert_eq!((size_of::<Wire>(), Wire::LAYOUT.is_specified()), (24, true));
    assert!(damaged(3, 200).is_ok(), "a length is a number");
    for (offset, byte, path) in [
        (5, 2, "arrays[1].items[1]"),
        (9, 0x7f, "signed"),
        (10, 2, "order"),
        (13, 9, "mode"),
        (0, 3, "arrays[0].items[0]"),
    ] {
        let error = damaged(offset, byte).unwrap_err();
        assert!(error.starts_with(&format!("invalid `Wire`: `{path}` at byte ")), "{error}");
    }
    let mut bits = AtomicPerByte::new(Remote::<_, OrderingDef>::new(Ordering::Less)).load();
    write_byte(&mut bits, 0, 0xfe);
    assert_eq!(
        bits.validate().unwrap_err().to_string(),
        "invalid `Ordering`: found 0xfe, expected a variant of `Ordering`: Less = -1, Equal = 0, Greater = 1"
    );
}

#[test]
fn what_the_list_refuses_can_be_checked_again() {
    let mut bits = AtomicPerByte::new(Remote::<_, OrderingDef>::new(Ordering::Less)).load();
    write_byte(&mut bits, 0, 0xfe);
    let (_, order) = seqcopy_harness::fails(
        "DescribeValid::check",
        &mut bits,
        |bits| bits.validate_ref().map(|order| order.value),
        |bits| bits.validate_ref().is_ok(),
        None,
        |bits| write_byte(bits, 0, 1),
    );
    assert_eq!(order, Ordering::Greater);
}

#[test]
fn private_fields_and_variants_with_fields_on_a_promise() {
    let lock = SeqLock::new(Remote::<_, OpaqueDef>::new(Opaque::new(1, at(1))));
    lock.write(Opaque::new(2, at(7)).into());
    assert_eq!(lock.read().value, Opaque::new(2, at(7)));
    assert_eq!(Remote::<Opaque, OpaqueDef>::LAYOUT.name(), "Opaque");

    let lock = SeqLock::new(Remote::<_, CommandDef>::new(Command::Stop));
    lock.write(Command::Move { to: 2.5, fast: true }.into());
    assert_eq!(*lock.read(), Command::Move { to: 2.5, fast: true });
    let mut bits = AtomicPerByte::new(lock.read()).load();
    assert_eq!(bits.validate_ref().unwrap().value, Command::Move { to: 2.5, fast: true });
    write_byte(&mut bits, 8, 7);
    let error = bits.validate().unwrap_err();
    assert_eq!(error.to_string(), "invalid `Command`: `Move.fast` at byte 8 is 0x7, expected a `bool`: 0 or 1");
}

#[test]
fn kinds_of_foreign_fields() {
    let kinds: Vec<_> = Sample::LAYOUT.fields().iter().map(|field| field.layout().shape()).collect();
    assert!(matches!(kinds[0], Shape::Scalar(Scalar::Unsigned)));
    assert!(matches!(kinds[1], Shape::Struct { .. }));
    assert!(matches!(kinds[2], Shape::Array { len: 3, .. }));
    assert!(matches!(kinds[5], Shape::Struct { fields: [], .. }));
}

#[test]
fn racing() {
    let rounds = if cfg!(miri) { 40 } else { 20_000 };
    let lock = SeqLock::new(Stamp::new(at(0)));
    std::thread::scope(|scope| {
        scope.spawn(|| (0..rounds).for_each(|i| lock.write(Stamp::new(at(i)))));
        for _ in 0..rounds {
            let now = lock.read();
            assert_eq!(now.sec, i64::from(now.nsec));
        }
    });
}
