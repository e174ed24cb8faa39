//! Valid bit patterns are accepted, invalid ones refused, and the error names the field.

use seqcopy::{AtomicPerByte, Bits, InvalidValue, MaybeInvalid, SeqCopy, SeqOption, Validate, field, field_copy};
use seqcopy_tests::corpus::{
    Choice, ChoiceInPacked, Level, Mode, Nested, Outer, Packed, Padded, Sample, Sparse, StyleC, Telemetry,
};

/// Overwrites bytes of a private copy.
fn poke<T>(bits: &mut MaybeInvalid<T>, offset: usize, bytes: &[u8]) {
    assert!(offset + bytes.len() <= size_of::<T>());
    // SAFETY: inside the private copy.
    let start = unsafe { bits.as_mut_ptr().cast::<u8>().add(offset) };
    // SAFETY: as above.
    unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
}

/// The bits of a value with some bytes overwritten.
fn with<T: Sample>(value: &T, offset: usize, bytes: &[u8]) -> MaybeInvalid<T> {
    let mut bits = AtomicPerByte::new(value.clone()).load();
    poke(&mut bits, offset, bytes);
    bits
}

fn refused<T: Sample + Validate>(value: &T, offset: usize, bytes: &[u8]) -> InvalidValue {
    with(value, offset, bytes).validate().expect_err("invalid bits")
}

#[test]
fn stored_values_are_valid() {
    fn passes<T: Sample + Validate>() {
        for value in T::samples() {
            assert_eq!(AtomicPerByte::new(value.clone()).load().validate().as_ref(), Ok(&value));
            let cell = AtomicPerByte::new(T::samples()[0].clone());
            cell.store(&value);
            assert_eq!(cell.load().validate_ref(), Ok(&value));
        }
    }
    passes::<Padded>();
    passes::<Packed>();
    passes::<Nested>();
    passes::<Mode>();
    passes::<Sparse>();
    passes::<Level>();
    passes::<Choice>();
    passes::<StyleC>();
    passes::<Outer>();
    passes::<ChoiceInPacked>();
    passes::<Telemetry>();
    passes::<SeqOption<[Padded; 9]>>();
    passes::<[(); 4]>();
}

#[test]
fn each_kind_of_leaf_is_checked() {
    assert_eq!(refused(&true, 0, &[2]).to_string(), "invalid `bool`: found 0x2, expected a `bool`: 0 or 1");
    assert_eq!(
        refused(&'a', 0, &0xd800u32.to_ne_bytes()).to_string(),
        "invalid `char`: found 0xd800, expected a `char`: a Unicode scalar value"
    );
    assert!(with(&'a', 0, &0x10_ffffu32.to_ne_bytes()).validate().is_ok());
    assert!(with(&'a', 0, &0x11_0000u32.to_ne_bytes()).validate().is_err());
    assert_eq!(
        refused(&core::num::NonZeroU8::MIN, 0, &[0]).to_string(),
        "invalid `NonZero<u8>`: found 0x0, expected a number that is not 0"
    );
    assert!(with(&core::num::NonZeroU128::MIN, 0, &(1u128 << 127).to_ne_bytes()).validate().is_ok());
    assert!(with(&core::num::NonZeroU128::MIN, 0, &[0; 16]).validate().is_err());
    assert_eq!(with(&Some(core::num::NonZeroU32::MIN), 0, &[0; 4]).validate(), Ok(None));
    assert_eq!(
        refused(&Mode::On, 0, &[2]).to_string(),
        "invalid `Mode`: found 0x2, expected a variant of `Mode`: Off = 0, On = 1, Auto = 7"
    );
    for good in [-300i16, 0, 300] {
        assert!(with(&Sparse::Zero, 0, &good.to_ne_bytes()).validate().is_ok());
    }
    for bad in [-301i16, 1, 301, i16::MIN] {
        assert!(with(&Sparse::Zero, 0, &bad.to_ne_bytes()).validate().is_err(), "{bad}");
    }
    assert!(with(&Level::Least, 0, &u64::MAX.to_ne_bytes()).validate().is_ok());
    assert!(with(&Level::Least, 0, &1u64.to_ne_bytes()).validate().is_err());
}

#[test]
fn exactly_the_tags_of_variants_are_valid() {
    // Exactly those of 256 tags that variants have are valid. All other bits are zero, which is valid for every field.
    for tag in 0..=u8::MAX {
        let mut bits = MaybeInvalid::<Choice>::zeroed();
        poke(&mut bits, 0, &[tag]);
        assert_eq!(bits.validate().is_ok(), [0, 1, 9, 10].contains(&tag), "{tag}");
    }
}

#[test]
fn only_the_active_variant_is_checked() {
    let mixed = Choice::Mixed { a: 1, b: true, c: 2 };
    let Choice::Mixed { b, .. } = &mixed else { unreachable!() };
    let offset = core::ptr::from_ref(b).addr() - (&raw const mixed).addr();
    let error = refused(&mixed, offset, &[7]);
    assert_eq!((error.path().to_string().as_str(), error.offset(), error.found()), ("Mixed.b", offset, 7));
    // The same byte is not data of `Small`.
    assert!(with(&Choice::Small(1), offset, &[7]).validate().is_ok());
}

#[test]
fn error_paths_reach_any_depth() {
    let value = Telemetry::samples().remove(0);
    let offset = |name| Telemetry::LAYOUT.fields().iter().find(|field| field.name() == name).unwrap().offset();
    assert_eq!(refused(&value, offset("online"), &[9]).path().to_string(), "online");
    let error = refused(&value, offset("battery"), &[3]);
    assert_eq!(error.path().to_string(), "battery");
    assert_eq!(error.layout().name(), "Telemetry");
    // state: Padded(1, Padded { .. f: bool .. })
    let Choice::Padded(_, padded) = &value.state else { unreachable!() };
    let inside = core::ptr::from_ref(&padded.f).addr() - (&raw const value).addr();
    let error = refused(&value, inside, &[4]);
    assert_eq!((error.path().to_string().as_str(), error.offset()), ("state.Padded.1.f", inside));
    assert_eq!(
        error.to_string(),
        format!("invalid `Telemetry`: `state.Padded.1.f` at byte {inside} is 0x4, expected a `bool`: 0 or 1")
    );

    let nested = Nested::samples().remove(0);
    let inside = core::ptr::from_ref(&nested.padded[1].f).addr() - (&raw const nested).addr();
    assert_eq!(refused(&nested, inside, &[2]).path().to_string(), "padded[1].f");

    // An enum in an enum in an array.
    let outers = [Outer::Number(1), Outer::Inner(Choice::Mixed { a: 1, b: true, c: 2 })];
    let bits = AtomicPerByte::new(outers).load();
    let Outer::Inner(Choice::Mixed { b, .. }) = &outers[1] else { unreachable!() };
    let inside = core::ptr::from_ref(b).addr() - (&raw const outers).addr();
    let mut bits = bits;
    poke(&mut bits, inside, &[2]);
    let error = bits.validate().unwrap_err();
    assert_eq!((error.path().to_string().as_str(), error.offset()), ("[1].Inner.0.Mixed.b", inside));
}

#[test]
fn the_first_invalid_field_is_reported() {
    let mut bits = MaybeInvalid::<[bool; 9]>::zeroed();
    for i in [4, 7] {
        poke(&mut bits, i, &[2]);
    }
    assert_eq!(bits.validate().unwrap_err().path().to_string(), "[4]");
}

#[test]
fn packed_fields_are_checked_in_place() {
    let packed = Packed::samples().remove(0);
    let error = refused(&packed, core::mem::offset_of!(Packed, c), &0xdfffu32.to_ne_bytes());
    assert_eq!((error.path().to_string().as_str(), error.offset()), ("c", 9));
    let value = ChoiceInPacked { a: 1, b: Choice::Mixed { a: 1, b: true, c: 2 }, c: SeqOption::Some(1) };
    assert_eq!(refused(&value, 1, &[8]).path().to_string(), "b");
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = Text::looks_right)]
struct Text {
    len: u8,
    bytes: [u8; 7],
}

impl Text {
    fn looks_right(bits: &MaybeInvalid<Text>) -> Result<(), &'static str> {
        let len = *field!(bits, Text, len).validate_ref().map_err(|_| "len")?;
        if len <= 7 { Ok(()) } else { Err("`len` is larger than the buffer") }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
enum Message {
    Quiet,
    Say([Text; 2]),
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, packed)]
// SAFETY: the hook reads a number only.
#[seqcopy(unsafe(check = Even::is_even))]
struct Even {
    odd_place: u8,
    number: u32,
    message: Message,
}

impl Even {
    fn is_even(&self) -> Result<(), &'static str> {
        // The hook gets a complete copy with the alignment of its type, which is packed: any address.
        if self.number % 2 == 0 { Ok(()) } else { Err("`number` must be even") }
    }
}

impl Sample for Text {
    fn samples() -> Vec<Self> {
        vec![Text { len: 7, bytes: *b"welcome" }]
    }
}

impl Sample for Even {
    fn samples() -> Vec<Self> {
        let text = Text { len: 1, bytes: *b"a      " };
        [Message::Say([text; 2]), Message::Quiet].map(|message| Even { odd_place: 1, number: 2, message }).into()
    }
}

#[test]
fn hooks_are_called_at_any_depth() {
    assert_eq!(refused(&Text::samples()[0], 0, &[8]).to_string(), "invalid `Text`: `len` is larger than the buffer");
    let even = Even::samples().remove(0);
    assert_eq!(with(&even, 0, &[9]).validate().map(|even| even.odd_place), Ok(9));
    // In a packed struct, in a variant, in an array.
    let base = core::mem::offset_of!(Even, message);
    let text = base + 1 + 8;
    let error = refused(&even, text, &[200]);
    assert_eq!((error.path().to_string().as_str(), error.offset()), ("message.Say.0[1]", text));
    assert_eq!(
        error.to_string(),
        format!("invalid `Even`: `message.Say.0[1]` at byte {text}: `len` is larger than the buffer")
    );
    assert_eq!(refused(&even, 1, &3u32.to_ne_bytes()).to_string(), "invalid `Even`: `number` must be even");
    assert_eq!(AtomicPerByte::new(Even::samples()[1]).load().validate(), Ok(Even::samples()[1]));
    // A hook runs after the checks of the fields.
    let mut both = with(&even, 1, &3u32.to_ne_bytes());
    poke(&mut both, text, &[200]);
    assert_eq!(both.validate().unwrap_err().path().to_string(), "message.Say.0[1]");
}

#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: a number is its only field.
#[seqcopy(unsafe(plain))]
struct Percent(u8);

// SAFETY: every byte is a valid `Percent`; a safe one is at most 100.
unsafe impl Validate for Percent {
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        // SAFETY: one byte, initialised.
        if unsafe { bits.as_ptr().cast::<u8>().read() } <= 100 { Ok(()) } else { Err(bits.refuse("more than all")) }
    }
}

impl Sample for Percent {
    fn samples() -> Vec<Self> {
        vec![Percent(1)]
    }
}

#[test]
fn a_manual_impl_is_called_for_each_element() {
    assert!(with(&Percent(1), 0, &[100]).validate().is_ok());
    let bits = AtomicPerByte::new([Percent(1), Percent(101)]).load();
    assert_eq!(bits.validate().unwrap_err().to_string(), "invalid `array`: `[1]` at byte 1: more than all");
}

#[test]
fn fields_of_unchecked_bits() {
    let padded = with(&Padded::new(1), core::mem::offset_of!(Padded, f), &[7]);
    assert_eq!(field!(padded, Padded, b).validate_ref(), Ok(&0x0101_0101_0101_0101));
    assert!(field!(padded, Padded, f).validate_ref().is_err());
    let packed = with(&Packed::samples()[0], 9, &[0, 0xd8, 0, 0]);
    assert_eq!(field_copy!(packed, Packed, b).validate(), Ok(u64::MAX / 5));
    assert_eq!(field!(&packed, Packed, a).validate_ref(), Ok(&1));
}

#[test]
fn conversions_between_maybe_uninit_and_maybe_invalid() {
    let mut buf = with(&Padded::new(3), core::mem::offset_of!(Padded, f), &[1]).written();
    // SAFETY: written.
    assert!(unsafe { MaybeInvalid::assume_written_ref(&buf) }.validate_ref().is_ok());
    // SAFETY: written.
    *unsafe { MaybeInvalid::assume_written_mut(&mut buf) } = MaybeInvalid::new(Padded::new(4));
    // SAFETY: written.
    let bits = unsafe { MaybeInvalid::assume_written(buf) };
    let copy = bits;
    assert_eq!((copy.validate(), bits.validate()), (Ok(Padded::new(4)), Ok(Padded::new(4))));
    assert_eq!(format!("{bits:?}"), "MaybeInvalid<seqcopy_tests::corpus::Padded>");
    assert_eq!(MaybeInvalid::new([1u16, 2]).as_bytes().len(), 4);
}

#[test]
fn errors_are_small() {
    fn is_error<E: core::error::Error + Send + Sync + 'static>() {}
    assert!(size_of::<InvalidValue>() <= 64);
    is_error::<InvalidValue>();
    is_error::<seqcopy::ReadError>();
}

/// `check` of an enum with fields is asked only about bits whose tag and fields are valid.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
#[seqcopy(check = Sign::is_shown)]
enum Sign {
    Off,
    On(bool),
}

impl Sign {
    fn is_shown(bits: &MaybeInvalid<Sign>) -> Result<(), &'static str> {
        // SAFETY: the bytes of a value without padding in this variant; only the tag is looked at.
        let tag = unsafe { bits.as_ptr().cast::<u8>().read() };
        assert!(tag < 2, "asked about a tag of {tag}");
        if tag == 0 { Err("not shown") } else { Ok(()) }
    }
}

impl Sample for Sign {
    fn samples() -> Vec<Self> {
        vec![Sign::Off, Sign::On(true)]
    }
}

#[test]
fn a_check_of_an_enum_with_fields_comes_after_its_tag() {
    assert!(refused(&Sign::On(true), 0, &[0]).to_string().contains("not shown"));
    let error = refused(&Sign::On(true), 0, &[7]).to_string();
    assert!(error.contains("found 0x7, expected a variant"), "{error}");
    let error = refused(&Sign::On(true), 1, &[2]).to_string();
    assert!(error.contains("bool"), "{error}");
}

/// A variant with a field that is not copied before one that is checked.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // made of bits
enum Holed {
    Nothing,
    Flag(#[seqcopy(skip)] core::mem::MaybeUninit<bool>, bool),
}

#[test]
fn fields_behind_a_skipped_one_are_checked() {
    let bits = |bytes: [u8; 3]| {
        let mut bits = MaybeInvalid::<Holed>::zeroed();
        poke(&mut bits, 0, &bytes);
        bits
    };
    assert!(bits([1, 7, 1]).validate().is_ok() && bits([0, 7, 7]).validate().is_ok());
    let error = bits([1, 1, 7]).validate().unwrap_err();
    assert_eq!(error.to_string(), "invalid `Holed`: `Flag.1` at byte 2 is 0x7, expected a `bool`: 0 or 1");
}

/// A type whose check needs an alignment, in a packed one: at addresses that have none.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = Span::is_ordered)]
struct Span {
    low: u32,
    high: u32,
}

impl Span {
    fn is_ordered(bits: &MaybeInvalid<Span>) -> Result<(), &'static str> {
        let [low, high] = [field!(bits, Span, low), field!(bits, Span, high)].map(|end| end.validate_ref().copied());
        if low.ok() <= high.ok() { Ok(()) } else { Err("`low` is above `high`") }
    }
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C, packed)]
struct Record {
    kind: u8,
    span: Span,
}

#[test]
fn checks_of_fields_at_odd_addresses() {
    let mut bits = MaybeInvalid::<[Record; 4]>::zeroed();
    assert!(bits.validate_ref().is_ok());
    poke(&mut bits, 2 * 9 + 1, &2u32.to_ne_bytes());
    assert_eq!(bits.validate_ref().unwrap_err().path().to_string(), "[2].span");
    poke(&mut bits, 2 * 9 + 5, &2u32.to_ne_bytes());
    assert!(bits.validate().is_ok());
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // only its layout is used
enum Six {
    A,
    B,
    C,
    D,
    E,
    F,
}

#[test]
fn six_variants_are_all_of_them() {
    let message = Six::LAYOUT.validate(&[9]).unwrap_err().to_string();
    assert!(message.ends_with("F = 5"), "{message}");
}
