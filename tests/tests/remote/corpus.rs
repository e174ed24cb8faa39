//! Types of the corpus, described by lists as well as by their derives: both say the same, copy alike and check alike.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use seqcopy::{
    AtomicPerByte, Describe, DescribeValid, MaybeInvalid, Remote, SeqCopy, SeqLatch, SeqLock, SeqOption, Validate,
};
use seqcopy_tests::alike::assert_alike;
use seqcopy_tests::corpus::{
    AllWidths, Bits, Choice, ChoiceInPacked, Empty, Foreign, Gappy, Generic, GenericChoice, Level, Many, Mark1, Mark2,
    Mark4, Mark16, Marked, MarkedEverywhere, MarkedPacked, MarkedRusty, MarkedTransparent, Mode, Nested, OnlyMarks,
    OptionInStruct, Packed, Packed2, PackedPointer, Padded, Plain, Rusty, Sample, Sparse, StyleC, Telemetry,
    Transparent, Tuple, Unit, Wide, WithAs, WithPointer, WithSkip,
};

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Padded)]
#[repr(C)]
struct PaddedDef {
    a: u8,
    b: u64,
    c: u32,
    d: u16,
    e: [u16; 5],
    f: bool,
    g: f32,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Tuple)]
#[repr(C)]
struct TupleDef(u8, u32, [u8; 3]);

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Unit)]
#[repr(C)]
struct UnitDef;

#[derive(SeqCopy)]
#[seqcopy(remote = Rusty)]
struct RustyDef {
    a: u8,
    b: u64,
    c: u16,
    d: (),
    e: u32,
    f: bool,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Nested)]
#[repr(C)]
struct NestedDef {
    #[seqcopy(with = TupleDef)]
    first: Tuple,
    flag: bool,
    #[seqcopy(with = [PaddedDef; 2])]
    padded: [Padded; 2],
    #[seqcopy(with = UnitDef)]
    unit: Unit,
    last: char,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Packed)]
#[repr(C, packed)]
struct PackedDef {
    a: u8,
    b: u64,
    c: char,
    #[seqcopy(with = TupleDef)]
    d: Tuple,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Packed2)]
#[repr(C, packed(2))]
struct Packed2Def {
    a: u8,
    b: u64,
    c: [u32; 3],
}

#[derive(SeqCopy)]
#[seqcopy(remote = PackedPointer)]
#[repr(C, packed(8))]
struct PackedPointerDef {
    a: u32,
    b: *const u8,
    c: u128,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Wide)]
#[repr(C, align(64))]
struct WideDef {
    a: u8,
    b: [u32; 20],
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Transparent)]
#[repr(transparent)]
struct TransparentDef(#[seqcopy(with = PaddedDef)] Padded, PhantomData<String>);

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Generic<T>)]
#[repr(C)]
struct GenericDef<T> {
    a: u8,
    b: T,
    c: [[T; 2]; 2],
    d: bool,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Many<N>)]
#[repr(C)]
struct ManyDef<const N: usize> {
    a: [u16; N],
    b: u32,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = WithSkip)]
#[repr(C)]
struct WithSkipDef {
    #[seqcopy(skip)]
    word: MaybeUninit<u32>,
    a: u8,
    #[seqcopy(skip)]
    reserved: [MaybeUninit<u16>; 3],
    b: u64,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[seqcopy(remote = WithAs)]
#[repr(C)]
struct WithAsDef {
    a: u8,
    // SAFETY: all bytes are data, and any two numbers are a valid value.
    #[seqcopy(unsafe(as = [i64; 2]))]
    at: Foreign,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Gappy)]
#[repr(C)]
struct GappyDef {
    a: u8,
    b: u16,
    c: u8,
    d: u32,
    e: u8,
    f: u64,
    g: u8,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = AllWidths)]
#[repr(C)]
struct AllWidthsDef {
    a: u64,
    b: u32,
    c: u16,
    d: u8,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = OptionInStruct)]
#[repr(C)]
struct OptionInStructDef {
    a: SeqOption<bool>,
    b: [SeqOption<u32>; 3],
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = ChoiceInPacked)]
#[repr(C, packed)]
struct ChoiceInPackedDef {
    a: u8,
    #[seqcopy(with = ChoiceDef)]
    b: Choice,
    c: SeqOption<u16>,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Empty)]
#[repr(C)]
struct EmptyDef {}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Telemetry)]
#[repr(C)]
struct TelemetryDef {
    at: u64,
    cores: [f32; 7],
    #[seqcopy(with = ModeDef)]
    mode: Mode,
    online: bool,
    battery: SeqOption<u8>,
    #[seqcopy(with = [GappyDef; 3])]
    disks: [Gappy; 3],
    #[seqcopy(with = ChoiceDef)]
    state: Choice,
    check: u32,
}

#[derive(SeqCopy)]
#[seqcopy(remote = Marked)]
#[repr(C)]
struct MarkedDef {
    a: u8,
    mark: Mark4,
    b: u32,
}

#[derive(SeqCopy)]
#[seqcopy(remote = MarkedRusty<M>)]
struct MarkedRustyDef<M> {
    a: u8,
    mark: M,
    b: u32,
    again: M,
}

#[derive(SeqCopy)]
#[seqcopy(remote = MarkedPacked)]
#[repr(C, packed)]
struct MarkedPackedDef {
    first: Mark1,
    a: u8,
    mark: Mark1,
    b: u32,
    none: [Bits; 0],
    c: Bits,
    last: Mark1,
}

#[derive(SeqCopy)]
#[seqcopy(remote = MarkedTransparent)]
#[repr(transparent)]
struct MarkedTransparentDef(Mark1, u32, [Mark1; 3]);

#[derive(SeqCopy)]
#[seqcopy(remote = MarkedEverywhere)]
#[repr(C, align(32))]
struct MarkedEverywhereDef {
    first: Mark16,
    a: u8,
    marks: [Mark2; 3],
    b: [u16; 11],
    none: [Bits; 0],
    c: Bits,
    #[seqcopy(with = MarkedDef)]
    inner: Marked,
    pair: (u8, Mark4, u16),
    last: [Mark16; 2],
}

#[derive(SeqCopy)]
#[seqcopy(remote = OnlyMarks)]
#[repr(C)]
struct OnlyMarksDef(Mark4, [Bits; 0], Mark1);

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Mode)]
#[repr(u8)]
enum ModeDef {
    Off,
    On,
    Auto = 7,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Sparse)]
#[repr(i16)]
enum SparseDef {
    Low = -300,
    Zero = 0,
    High = 300,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Plain)]
#[repr(C)]
enum PlainDef {
    A,
    B,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Level)]
#[repr(u64)]
enum LevelDef {
    Most = u64::MAX,
    Least = 0,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
// SAFETY: the variants and the repr of the enum, all of it public.
#[seqcopy(unsafe(remote = Choice))]
#[repr(u8)]
enum ChoiceDef {
    None,
    Small(u8),
    Mixed { a: u16, b: bool, c: u64 } = 9,
    Padded(u8, #[seqcopy(with = PaddedDef)] Padded),
}

#[derive(Clone, Copy, SeqCopy, Validate)]
// SAFETY: as above.
#[seqcopy(unsafe(remote = StyleC))]
#[repr(C, i16)]
enum StyleCDef {
    A(u8, u8) = -5,
    B(u64),
    C,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
// SAFETY: as above.
#[seqcopy(unsafe(remote = GenericChoice<T>))]
#[repr(C, u8)]
enum GenericChoiceDef<T> {
    One(T),
    Two([T; 2]),
    Neither,
}

#[derive(Clone, Copy, SeqCopy)]
// SAFETY: as above.
#[seqcopy(unsafe(remote = WithPointer))]
#[repr(u8)]
enum WithPointerDef {
    Address(*const u8),
    Number(u32),
    Pair(u16, Option<&'static u32>),
}

/// What is written over a byte, to see whether it is checked.
const BYTES: &[u8] = &[0, 1, 2, 7, 0x80, 0xff];

/// The list describes the type as its derive does.
fn copied<T: Sample, D: Describe<T>>() {
    assert_alike(T::LAYOUT, Remote::<T, D>::LAYOUT);
    let samples = T::samples();
    let new = |value: &T| Remote::<T, D>::new(value.clone());
    let (lock, latch) = (SeqLock::new(new(&samples[0])), SeqLatch::new(new(&samples[0])));
    let cell = AtomicPerByte::new(new(&samples[0]));
    for value in &samples {
        lock.write(new(value));
        latch.write(new(value));
        cell.store(&new(value));
        // SAFETY: a value was stored, and no other thread has access.
        let bits = unsafe { cell.load().assume_valid() };
        assert_eq!([&lock.read().value, &latch.read().value, &bits.value], [value; 3]);
    }
}

/// It also checks bits as its derive does.
fn checked<T: Sample + Validate, D: DescribeValid<T>>() {
    copied::<T, D>();
    for value in T::samples() {
        let damaged = |damage: &dyn Fn(*mut u8)| {
            let (mut own, mut remote) = (
                AtomicPerByte::new(value.clone()).load(),
                AtomicPerByte::new(Remote::<T, D>::new(value.clone())).load(),
            );
            damage(own.as_mut_ptr().cast());
            damage(remote.as_mut_ptr().cast());
            (told(own), told(remote))
        };
        let (own, remote) = damaged(&|_| ());
        assert_eq!((own, remote), (None, None));
        // Another variant of an enum with fields has no bits here.
        let size = if T::LAYOUT.has_enum_with_fields() { 0 } else { size_of::<T>() };
        for (at, byte) in (0..size).flat_map(|at| BYTES.iter().map(move |&byte| (at, byte))) {
            // SAFETY: inside the private copy.
            let (own, remote) = damaged(&|start| unsafe { start.wrapping_add(at).write(byte) });
            assert_eq!(own, remote, "{} with {byte} at {at}", T::LAYOUT.name());
        }
    }
}

/// What a check says.
fn told<T: Validate>(bits: MaybeInvalid<T>) -> Option<String> {
    bits.validate().err().map(|error| format!("{error} ({} {:?})", error.offset(), error.found()))
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes; `lists_copy_as_the_derive_does` makes the same accesses")]
fn lists_check_as_the_derive_does() {
    checked::<Padded, PaddedDef>();
    checked::<Tuple, TupleDef>();
    checked::<Unit, UnitDef>();
    checked::<Nested, NestedDef>();
    checked::<Packed, PackedDef>();
    checked::<Packed2, Packed2Def>();
    checked::<Wide, WideDef>();
    checked::<Transparent, TransparentDef>();
    checked::<Generic<u8>, GenericDef<u8>>();
    checked::<Generic<Padded>, GenericDef<Padded>>();
    checked::<Many<3>, ManyDef<3>>();
    checked::<Many<0>, ManyDef<0>>();
    checked::<WithSkip, WithSkipDef>();
    checked::<WithAs, WithAsDef>();
    checked::<Gappy, GappyDef>();
    checked::<AllWidths, AllWidthsDef>();
    checked::<OptionInStruct, OptionInStructDef>();
    checked::<ChoiceInPacked, ChoiceInPackedDef>();
    checked::<Empty, EmptyDef>();
    checked::<Telemetry, TelemetryDef>();
    checked::<Mode, ModeDef>();
    checked::<Sparse, SparseDef>();
    checked::<Plain, PlainDef>();
    checked::<Level, LevelDef>();
    checked::<Choice, ChoiceDef>();
    checked::<StyleC, StyleCDef>();
    checked::<GenericChoice<u64>, GenericChoiceDef<u64>>();
    checked::<GenericChoice<Padded>, GenericChoiceDef<Padded>>();
}

#[test]
fn lists_copy_as_the_derive_does() {
    copied::<Rusty, RustyDef>();
    copied::<PackedPointer, PackedPointerDef>();
    copied::<Marked, MarkedDef>();
    copied::<MarkedRusty<Mark1>, MarkedRustyDef<Mark1>>();
    copied::<MarkedRusty<Mark16>, MarkedRustyDef<Mark16>>();
    copied::<MarkedRusty<Bits>, MarkedRustyDef<Bits>>();
    copied::<MarkedPacked, MarkedPackedDef>();
    copied::<MarkedTransparent, MarkedTransparentDef>();
    copied::<MarkedEverywhere, MarkedEverywhereDef>();
    copied::<OnlyMarks, OnlyMarksDef>();
    copied::<WithPointer, WithPointerDef>();
}
