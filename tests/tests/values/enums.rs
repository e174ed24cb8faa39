//! Enums whose tags and offsets are computed by the compiler: every width of tag, a single variant and as many as there
//! are tags, fields for which all zeros are invalid, zero-sized fields.

use core::cell::Cell;
use core::fmt::Debug;
use core::marker::PhantomData;
use core::num::NonZero;

use seqcopy::{MaybeInvalid, SeqCopy, SeqLock, Validate};

/// Every value is read back from a lock that was created with one of them and to which the others are written.
fn round_trip<T: SeqCopy + Copy + Debug + PartialEq>(values: &[T]) {
    let lock = SeqLock::new(values[0]);
    assert_eq!(lock.read(), values[0]);
    for value in values.iter().rev() {
        lock.write(*value);
        assert_eq!(lock.read(), *value);
    }
}

/// And their bits are valid.
fn round_trip_and_validate<T: Validate + Copy + Debug + PartialEq>(values: &[T]) {
    round_trip(values);
    for value in values {
        assert_eq!(MaybeInvalid::new(*value).validate().as_ref(), Ok(value));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, i64)]
enum Wide {
    Number(u64) = -2_147_483_648,
    Never(NonZero<u64>) = -1,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(usize)]
enum Single {
    Only { x: u8, y: u64 } = 7,
}

#[derive(Clone, Copy, Debug, SeqCopy)]
#[repr(C, isize)]
enum Pointing {
    Call(fn() -> u8) = -1,
    Nothing,
    At(Option<&'static u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, u16)]
enum Generic<T> {
    One(T) = 65535,
    Empty(PhantomData<Cell<u8>>, [T; 0], ()) = 300,
    Bare {} = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(i8)]
enum Narrow {
    Pair { x: bool, y: char } = -128,
    Last() = 127,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, u8)]
enum Nested {
    Narrow(Narrow),
    Single(Single),
    Generic(Generic<u8>),
}

macro_rules! full {
    ($first:ident $($name:ident)*) => {
        /// Every value of its tag is a variant. The first one has less than the others: what is copied as it is not
        /// whole.
        #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
        #[repr(u8)]
        enum Full {
            $first,
            $($name(u16)),*
        }

        impl Full {
            const ALL: &[Full] = &[Full::$first, $(Full::$name(0xABCD)),*];
        }
    };
}

#[rustfmt::skip]
full! {
    V0 V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15
    V16 V17 V18 V19 V20 V21 V22 V23 V24 V25 V26 V27 V28 V29 V30 V31
    V32 V33 V34 V35 V36 V37 V38 V39 V40 V41 V42 V43 V44 V45 V46 V47
    V48 V49 V50 V51 V52 V53 V54 V55 V56 V57 V58 V59 V60 V61 V62 V63
    V64 V65 V66 V67 V68 V69 V70 V71 V72 V73 V74 V75 V76 V77 V78 V79
    V80 V81 V82 V83 V84 V85 V86 V87 V88 V89 V90 V91 V92 V93 V94 V95
    V96 V97 V98 V99 V100 V101 V102 V103 V104 V105 V106 V107 V108 V109 V110 V111
    V112 V113 V114 V115 V116 V117 V118 V119 V120 V121 V122 V123 V124 V125 V126 V127
    V128 V129 V130 V131 V132 V133 V134 V135 V136 V137 V138 V139 V140 V141 V142 V143
    V144 V145 V146 V147 V148 V149 V150 V151 V152 V153 V154 V155 V156 V157 V158 V159
    V160 V161 V162 V163 V164 V165 V166 V167 V168 V169 V170 V171 V172 V173 V174 V175
    V176 V177 V178 V179 V180 V181 V182 V183 V184 V185 V186 V187 V188 V189 V190 V191
    V192 V193 V194 V195 V196 V197 V198 V199 V200 V201 V202 V203 V204 V205 V206 V207
    V208 V209 V210 V211 V212 V213 V214 V215 V216 V217 V218 V219 V220 V221 V222 V223
    V224 V225 V226 V227 V228 V229 V230 V231 V232 V233 V234 V235 V236 V237 V238 V239
    V240 V241 V242 V243 V244 V245 V246 V247 V248 V249 V250 V251 V252 V253 V254 V255
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
enum LikeC {
    Low = -2_147_483_648,
    Next,
    High = 2_147_483_647,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(i8)]
enum Parametric<const N: usize> {
    Before = -1,
    After = 3,
}

#[test]
fn tags_of_every_width_round_trip() {
    round_trip_and_validate(&[Wide::Number(0), Wide::Number(u64::MAX), Wide::Never(NonZero::<u64>::MIN)]);
    round_trip_and_validate(&[Single::Only { x: 1, y: 2 }, Single::Only { x: 3, y: 4 }]);
    round_trip_and_validate(&[Narrow::Pair { x: true, y: 'y' }, Narrow::Last()]);
    round_trip_and_validate(&[
        Nested::Narrow(Narrow::Last()),
        Nested::Single(Single::Only { x: 5, y: 6 }),
        Nested::Generic(Generic::Bare {}),
    ]);
    round_trip_and_validate(Full::ALL);
    round_trip_and_validate(&[LikeC::Low, LikeC::Next, LikeC::High]);
    round_trip_and_validate(&[Parametric::<3>::Before, Parametric::After]);
}

#[test]
fn zero_sized_fields_and_parameters_round_trip() {
    round_trip_and_validate(&[Generic::One(5u32), Generic::Empty(PhantomData, [], ()), Generic::Bare {}]);
    round_trip_and_validate(&[Generic::One([true; 3]), Generic::Bare {}]);
}

#[test]
fn fields_without_a_zero_value_round_trip() {
    fn seven() -> u8 {
        7
    }
    static BYTE: u8 = 8;
    let lock = SeqLock::new(Pointing::Nothing);
    lock.write(Pointing::Call(seven));
    let Pointing::Call(call) = lock.read() else { panic!("another variant was written") };
    assert_eq!(call(), 7);
    lock.write(Pointing::At(Some(&BYTE)));
    let Pointing::At(Some(byte)) = lock.read() else { panic!("another variant was written") };
    assert_eq!(*byte, 8);
    assert!(matches!(SeqLock::new(Pointing::Nothing).read(), Pointing::Nothing));
}

#[test]
fn the_layout_gives_the_offsets_of_fields() {
    let value = Single::Only { x: 1, y: 2 };
    let Single::Only { x, y } = &value;
    let start = (&raw const value).addr();
    let fields = Single::LAYOUT.variants()[0].fields();
    assert_eq!(fields[0].offset(), (&raw const *x).addr() - start);
    assert_eq!(fields[1].offset(), (&raw const *y).addr() - start);
    assert_eq!(Single::LAYOUT.variants()[0].value(), 7);
    assert_eq!(Wide::LAYOUT.variants()[0].value(), i32::MIN.into());
    assert_eq!(LikeC::LAYOUT.variants()[1].value(), i128::from(i32::MIN) + 1);
}

/// As C has it: an `int`. The fingerprint, too, follows from that.
#[test]
fn tags_of_enums_as_in_c_are_signed() {
    let is_signed = |layout: &seqcopy::Layout| match layout.shape() {
        seqcopy::layout::Shape::Tags { signed, .. } => signed,
        _ => panic!("a tag and no more"),
    };
    assert!(is_signed(LikeC::LAYOUT) && is_signed(Parametric::<3>::LAYOUT));
    let of_c = LikeC::LAYOUT.variants().iter().map(seqcopy::layout::Variant::value);
    assert!(of_c.eq([i128::from(i32::MIN), i128::from(i32::MIN) + 1, i128::from(i32::MAX)]));
}
