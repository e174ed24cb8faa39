//! The corpus: every shape that the derive and the crate's own impls accept, with values to store.

#![allow(missing_docs)] // the names are enough
#![allow(clippy::missing_panics_doc, clippy::must_use_candidate, clippy::cast_lossless)] // helpers for tests, not an API

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::num::{NonZeroI16, NonZeroU8, NonZeroU32, NonZeroU128, Saturating, Wrapping};
use core::ptr::NonNull;

use seqcopy::{Aligned8, SeqCopy, SeqOption, Validate};

pub use standard::*;
pub use unseen::*;
pub use wide::*;

/// A type with values to test.
pub trait Sample: SeqCopy + Clone + PartialEq + core::fmt::Debug {
    fn samples() -> Vec<Self>;
}

macro_rules! samples {
    ($($type:ty: $values:expr;)*) => {$(
        impl Sample for $type {
            fn samples() -> Vec<Self> {
                Vec::from($values)
            }
        }
    )*};
}

pub mod padded;
mod standard;
mod unseen;
mod wide;

/// Calls a macro with every type of the corpus: `each!(Type, ...)`.
#[macro_export]
macro_rules! corpus {
    ($each:ident) => {
        use $crate::corpus::*;
        $each! {
            u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64, bool, char, (),
            core::num::NonZeroU8, core::num::NonZeroI16, core::num::NonZeroU128, Option<core::num::NonZeroU32>,
            core::num::Wrapping<u32>, core::num::Saturating<u8>, core::marker::PhantomData<String>,
            *const u8, *mut u64, core::ptr::NonNull<u8>, Option<core::ptr::NonNull<u8>>, Option<&'static u32>,
            fn(u8) -> u8, Option<unsafe extern "C" fn()>,
            [u8; 37], [u8; 0], [[u16; 3]; 5], [(); 4], [Padded; 4], [bool; 3], [*const u8; 3],
            (u8, u64, u16), (u32,), (u8, Padded, bool),
            Padded, Tuple, Unit, Rusty, Nested, Packed, Packed2, PackedPointer, Wide, Transparent, Generic<u8>,
            Generic<Padded>, Many<3>, Many<0>, WithSkip, WithAs, Gappy, AllWidths, Mode, Sparse, Plain, Level, Choice,
            StyleC, GenericChoice<u64>, GenericChoice<Padded>, Outer, WithPointer, ChoiceInPacked, [Choice; 3],
            SeqOption<u64>, SeqOption<u8>, SeqOption<Choice>, SeqOption<[Padded; 9]>, OptionInStruct, Aligned8<[u8; 13]>,
            Aligned8<Choice>, Empty, Telemetry,
            OnlyOne, Slots<u64, 0>, Slots<u16, 3>, MarkedRusty<OnlyOne>, MarkedRusty<Slots<u64, 0>>,
            core::net::Ipv4Addr, core::net::Ipv6Addr, core::net::SocketAddrV4, [core::net::SocketAddrV4; 3],
            core::cmp::Ordering, core::ops::Range<u32>, core::ops::Range<Padded>, core::ops::RangeFrom<u16>,
            core::ops::RangeTo<bool>, core::ops::RangeToInclusive<u64>, seqcopy::SeqDuration, [seqcopy::SeqDuration; 2],
            Peer, seqcopy::SeqStr<12>, seqcopy::SeqStr<7>, seqcopy::SeqStr<0>, [seqcopy::SeqStr<6>; 3],
            seqcopy::SeqVec<u8, 5>, seqcopy::SeqVec<Padded, 3>, seqcopy::SeqVec<Choice, 2>, seqcopy::SeqVec<*const u8, 2>,
            seqcopy::SeqVec<(), 4>, seqcopy::SeqVec<u64, 0>, Named,
            Bits, [Bits; 0], [Bits; 7], Mark1, Mark4, Mark16, [Mark4; 5], Marked, [Marked; 3], MarkedRusty<Mark1>,
            MarkedRusty<Mark2>, MarkedRusty<Mark4>, MarkedRusty<Mark16>, MarkedRusty<[Bits; 0]>, MarkedRusty<Bits>,
            MarkedPacked, MarkedTransparent, MarkedEverywhere, OnlyMarks, (u8, OnlyMarks, u32), (u8, Mark4, u32), Marking,
            [Marking; 3], MarkingC, SeqOption<Mark16>, SeqOption<Marked>, Aligned8<Mark4>, Aligned8<(u8, Mark2, u16)>,
            SkipsAligned, LongTag, [LongTag; 2], LastTag, BothWide, Six, Seven, Fields24, Fields25,
        }
    };
}

static TARGETS: [u8; 4] = [1, 2, 3, 4];
static NUMBERS: [u32; 2] = [7, 8];

fn pointer(index: usize) -> *const u8 {
    &raw const TARGETS[index]
}

fn non_null(index: usize) -> NonNull<u8> {
    NonNull::from(&TARGETS[index])
}

fn twice(n: u8) -> u8 {
    n.wrapping_mul(2)
}

fn half(n: u8) -> u8 {
    n / 2
}

unsafe extern "C" fn nothing() {}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Padded {
    pub a: u8,
    pub b: u64,
    pub c: u32,
    pub d: u16,
    pub e: [u16; 5],
    pub f: bool,
    pub g: f32,
}

impl Padded {
    pub const fn new(n: u8) -> Self {
        let m = n as u16;
        Padded {
            a: n,
            b: 0x0101_0101_0101_0101 * n as u64,
            c: 0x0101_0101 * n as u32,
            d: 0x0101 * m,
            e: [m, m + 1, m + 2, m + 3, m + 4],
            f: n % 2 == 1,
            g: n as f32,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Tuple(pub u8, pub u32, pub [u8; 3]);

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Unit;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
pub struct Rusty {
    pub a: u8,
    pub b: u64,
    pub c: u16,
    pub d: (),
    pub e: u32,
    pub f: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Nested {
    pub first: Tuple,
    pub flag: bool,
    pub padded: [Padded; 2],
    pub unit: Unit,
    pub last: char,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, packed)]
pub struct Packed {
    pub a: u8,
    pub b: u64,
    pub c: char,
    pub d: Tuple,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, packed(2))]
pub struct Packed2 {
    pub a: u8,
    pub b: u64,
    pub c: [u32; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C, packed(8))]
pub struct PackedPointer {
    pub a: u32,
    pub b: *const u8,
    pub c: u128,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, align(64))]
pub struct Wide {
    pub a: u8,
    pub b: [u32; 20],
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(transparent)]
pub struct Transparent(pub Padded, pub PhantomData<String>);

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Generic<T> {
    pub a: u8,
    pub b: T,
    pub c: [[T; 2]; 2],
    pub d: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Many<const N: usize> {
    pub a: [u16; N],
    pub b: u32,
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
pub struct WithSkip {
    #[seqcopy(skip)]
    pub word: MaybeUninit<u32>,
    pub a: u8,
    #[seqcopy(skip)]
    pub reserved: [MaybeUninit<u16>; 3],
    pub b: u64,
}

impl PartialEq for WithSkip {
    fn eq(&self, other: &Self) -> bool {
        (self.a, self.b) == (other.a, other.b)
    }
}

/// Stands for a type of another crate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Foreign {
    pub sec: i64,
    pub nsec: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct WithAs {
    pub a: u8,
    // SAFETY: all bytes are data, and any two numbers are a valid value.
    #[seqcopy(unsafe(as = [i64; 2]))]
    pub at: Foreign,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Gappy {
    pub a: u8,
    pub b: u16,
    pub c: u8,
    pub d: u32,
    pub e: u8,
    pub f: u64,
    pub g: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct AllWidths {
    pub a: u64,
    pub b: u32,
    pub c: u16,
    pub d: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
pub enum Mode {
    Off,
    On,
    Auto = 7,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(i16)]
pub enum Sparse {
    Low = -300,
    Zero = 0,
    High = 300,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub enum Plain {
    A,
    B,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u64)]
pub enum Level {
    Most = u64::MAX,
    Least = 0,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
pub enum Choice {
    None,
    Small(u8),
    Mixed { a: u16, b: bool, c: u64 } = 9,
    Padded(u8, Padded),
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, i16)]
pub enum StyleC {
    A(u8, u8) = -5,
    B(u64),
    C,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, u8)]
pub enum GenericChoice<T> {
    One(T),
    Two([T; 2]),
    Neither,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u32)]
pub enum Outer {
    Inner(Choice),
    Both(StyleC, Mode),
    Number(u128),
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(u8)]
pub enum WithPointer {
    Address(*const u8),
    Number(u32),
    Pair(u16, Option<&'static u32>),
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, packed)]
pub struct ChoiceInPacked {
    pub a: u8,
    pub b: Choice,
    pub c: SeqOption<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct OptionInStruct {
    pub a: SeqOption<bool>,
    pub b: [SeqOption<u32>; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Empty {}

/// As large and mixed as a real payload.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Telemetry {
    pub at: u64,
    pub cores: [f32; 7],
    pub mode: Mode,
    pub online: bool,
    pub battery: SeqOption<u8>,
    pub disks: [Gappy; 3],
    pub state: Choice,
    pub check: u32,
}

const fn gappy(n: u8) -> Gappy {
    Gappy { a: n, b: 2 * n as u16, c: 3, d: 4 * n as u32, e: 5, f: 6 * n as u64, g: n }
}

const MIXED: Choice = Choice::Mixed { a: 0xabcd, b: true, c: u64::MAX };

samples! {
    u8: [0, 255]; u16: [0, 0x1234]; u32: [0, 0x1234_5678]; u64: [0, u64::MAX / 3]; u128: [0, u128::MAX / 7];
    usize: [0, usize::MAX]; i8: [-1, 7]; i16: [-1, 7]; i32: [-1, 7]; i64: [-1, i64::MIN]; i128: [-1, i128::MIN];
    isize: [-1, isize::MIN]; f32: [0.0, 1.5]; f64: [-0.0, f64::MIN_POSITIVE]; bool: [true, false];
    char: ['a', '\u{10ffff}']; (): [()];
    NonZeroU8: [NonZeroU8::MIN, NonZeroU8::MAX]; NonZeroI16: [NonZeroI16::MIN, NonZeroI16::MAX];
    NonZeroU128: [NonZeroU128::MIN, NonZeroU128::MAX]; Option<NonZeroU32>: [None, Some(NonZeroU32::MAX)];
    Wrapping<u32>: [Wrapping(7)]; Saturating<u8>: [Saturating(7)]; PhantomData<String>: [PhantomData];
    *const u8: [core::ptr::null(), pointer(1)]; *mut u64: [core::ptr::null_mut()];
    NonNull<u8>: [non_null(0), non_null(3)]; Option<NonNull<u8>>: [None, Some(non_null(2))];
    Option<&'static u32>: [None, Some(&NUMBERS[1])];
    fn(u8) -> u8: [twice as fn(u8) -> u8, half as fn(u8) -> u8];
    Option<unsafe extern "C" fn()>: [None, Some(nothing as unsafe extern "C" fn())];
    [u8; 37]: [[0; 37], core::array::from_fn(|i| u8::try_from(i).unwrap())]; [u8; 0]: [[]];
    [[u16; 3]; 5]: [[[1, 2, 3]; 5], [[u16::MAX; 3]; 5]]; [(); 4]: [[(); 4]];
    [Padded; 4]: [[Padded::new(1), Padded::new(2), Padded::new(3), Padded::new(4)]];
    [bool; 3]: [[true, false, true]]; [*const u8; 3]: [[pointer(0), core::ptr::null(), pointer(2)]];
    (u8, u64, u16): [(1, 2, 3), (255, u64::MAX, 9)]; (u32,): [(7,)];
    (u8, Padded, bool): [(1, Padded::new(9), true)];
    Padded: [Padded::new(0), Padded::new(7), Padded::new(255)];
    Tuple: [Tuple(1, 2, [3, 4, 5])]; Unit: [Unit];
    Rusty: [Rusty { a: 1, b: 2, c: 3, d: (), e: 4, f: true }];
    Nested: [Nested {
        first: Tuple(1, 2, [3, 4, 5]), flag: true, padded: [Padded::new(5), Padded::new(6)], unit: Unit, last: 'z',
    }];
    Packed: [Packed { a: 1, b: u64::MAX / 5, c: 'x', d: Tuple(9, 8, [7, 6, 5]) }];
    Packed2: [Packed2 { a: 1, b: 2, c: [3, 4, 5] }];
    PackedPointer: [PackedPointer { a: 1, b: pointer(3), c: u128::MAX / 9 }];
    Wide: [Wide { a: 1, b: core::array::from_fn(|i| u32::try_from(i).unwrap()) }];
    Transparent: [Transparent(Padded::new(3), PhantomData)];
    Generic<u8>: [Generic { a: 1, b: 2, c: [[3, 4], [5, 6]], d: true }];
    Generic<Padded>: [Generic { a: 1, b: Padded::new(2), c: [[Padded::new(3); 2]; 2], d: false }];
    Many<3>: [Many { a: [1, 2, 3], b: 4 }]; Many<0>: [Many { a: [], b: 4 }];
    WithSkip: [WithSkip { word: MaybeUninit::uninit(), a: 1, reserved: [MaybeUninit::uninit(); 3], b: 2 }];
    WithAs: [WithAs { a: 1, at: Foreign { sec: 2, nsec: -3 } }];
    Gappy: [gappy(1), gappy(40)]; AllWidths: [AllWidths { a: 1, b: 2, c: 3, d: 4 }];
    Mode: [Mode::Off, Mode::On, Mode::Auto]; Sparse: [Sparse::Low, Sparse::Zero, Sparse::High];
    Plain: [Plain::A, Plain::B]; Level: [Level::Most, Level::Least];
    Choice: [Choice::None, Choice::Small(5), MIXED, Choice::Padded(1, Padded::new(2)), Choice::None];
    StyleC: [StyleC::A(1, 2), StyleC::B(u64::MAX), StyleC::C];
    GenericChoice<u64>: [GenericChoice::One(1), GenericChoice::Two([2, 3]), GenericChoice::Neither];
    GenericChoice<Padded>: [GenericChoice::Two([Padded::new(1); 2]), GenericChoice::One(Padded::new(2))];
    Outer: [Outer::Inner(MIXED), Outer::Both(StyleC::B(7), Mode::Auto), Outer::Number(u128::MAX), Outer::Inner(Choice::None)];
    WithPointer: [WithPointer::Address(pointer(2)), WithPointer::Number(7), WithPointer::Pair(3, Some(&NUMBERS[0]))];
    ChoiceInPacked: [ChoiceInPacked { a: 1, b: MIXED, c: SeqOption::Some(2) }, ChoiceInPacked { a: 1, b: Choice::None, c: SeqOption::None }];
    [Choice; 3]: [[Choice::None, MIXED, Choice::Small(1)], [MIXED, Choice::Padded(4, Padded::new(4)), Choice::None]];
    SeqOption<u64>: [SeqOption::None, SeqOption::Some(7)]; SeqOption<u8>: [SeqOption::Some(7), SeqOption::None];
    SeqOption<Choice>: [SeqOption::Some(MIXED), SeqOption::None, SeqOption::Some(Choice::None)];
    SeqOption<[Padded; 9]>: [SeqOption::None, SeqOption::Some([Padded::new(9); 9])];
    OptionInStruct: [OptionInStruct { a: Some(true).into(), b: [None.into(), Some(1).into(), None.into()] }];
    Aligned8<[u8; 13]>: [Aligned8([7; 13])]; Aligned8<Choice>: [Aligned8(MIXED), Aligned8(Choice::None)]; Empty: [Empty {}];
    Telemetry: [Telemetry {
        at: 1, cores: [0.5; 7], mode: Mode::Auto, online: true, battery: SeqOption::Some(80),
        disks: [gappy(1), gappy(2), gappy(3)], state: Choice::Padded(1, Padded::new(1)), check: 9,
    }, Telemetry {
        at: 2, cores: [1.5; 7], mode: Mode::Off, online: false, battery: SeqOption::None,
        disks: [gappy(4), gappy(5), gappy(6)], state: Choice::None, check: 10,
    }];
}
