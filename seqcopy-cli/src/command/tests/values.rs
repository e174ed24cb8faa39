//! Values of types that are known by their layout, as they are shown: by the library, and by this command.

use seqcopy::{Layout, SeqCopy, SeqOption, SeqStr, SeqVec};

use seqcopy_shm::untyped::{Node, Value, Variants};

use super::samples::{Mode, Sample, image};
use crate::command::text::Text;
use crate::command::to_json;

fn line(value: Value<'_>) -> String {
    Text::Line(value, usize::MAX).to_string()
}

fn shown(layout: &Layout, bytes: &[u8]) -> String {
    let variants = Variants::from_layout(layout);
    let value = line(variants.value(layout, bytes));
    assert_eq!(line(Value::new(layout, bytes)), value);
    value
}

fn field(bytes: &[u8], name: &str) -> String {
    let variants = Variants::from_layout(Sample::LAYOUT);
    let Node::Fields(fields) = variants.value(Sample::LAYOUT, bytes).look() else { panic!("no struct") };
    let value = fields.iter().find(|field| field.0 == name).unwrap().1;
    line(value)
}

#[test]
fn every_kind_of_field() {
    for (name, expected) in [
        ("open", "true"),
        ("mode", "Fast"),
        ("level", "-2"),
        ("ratio", "0.1"),
        ("letter", "'ß'"),
        ("id", "7"),
        ("parent", "None"),
        ("limit", "Some(2.5)"),
        ("outline", "Circle { radius: 3, filled: true }"),
        ("wide", "1267650600228229401496703205376"),
    ] {
        assert_eq!(field(&image(), name), expected, "{name}");
    }
}

#[test]
fn every_kind_of_number_with_its_highest_bit() {
    use core::num::NonZero;
    for (layout, text) in [
        (u8::LAYOUT, "255"),
        (i8::LAYOUT, "-1"),
        (<NonZero<u8>>::LAYOUT, "255"),
        (<NonZero<i8>>::LAYOUT, "-1"),
        (<Option<NonZero<u8>>>::LAYOUT, "255"),
        (<Option<NonZero<i8>>>::LAYOUT, "-1"),
    ] {
        let shown = shown(layout, &[0xff]);
        assert!(shown == text || shown == format!("Some({text})"), "{}: {shown}", layout.name());
    }
}

#[test]
fn invalid_bits_are_shown_where_they_are() {
    let mut bytes = image();
    bytes[0] = 2;
    bytes[1] = 9;
    assert_eq!(field(&bytes, "open"), "INVALID 0x2, expected a `bool`: 0 or 1");
    assert_eq!(field(&bytes, "mode"), "INVALID 0x9, expected a variant of `Mode`: Calm = 0, Fast = 3");
    let surrogate = shown(char::LAYOUT, &0xd800u32.to_ne_bytes());
    assert_eq!(surrogate, "INVALID 0xd800, expected a `char`: a Unicode scalar value");
    let option = shown(SeqOption::<u8>::LAYOUT, &[2, 0]);
    assert_eq!(option, "INVALID 0x2, expected a variant of `SeqOption`: None = 0, Some = 1");
    let zero = shown(core::num::NonZeroU16::LAYOUT, &[0, 0]);
    assert_eq!(zero, "INVALID 0x0, expected a number that is not 0");
}

/// The library checks the bits of a type by the same rules, with the same messages.
#[test]
fn the_rules_are_those_of_the_library() {
    use core::num::{NonZeroI8, NonZeroU32, NonZeroU128};
    let mut invalid = 0;
    for layout in [
        <bool>::LAYOUT,
        <char>::LAYOUT,
        <u8>::LAYOUT,
        <f32>::LAYOUT,
        <NonZeroI8>::LAYOUT,
        <NonZeroU32>::LAYOUT,
        <NonZeroU128>::LAYOUT,
        <Option<NonZeroU32>>::LAYOUT,
        <Mode>::LAYOUT,
    ] {
        for number in (0..300u128).chain([0xd7ff, 0xd800, 0xdfff, 0xe000, 0x10_ffff, 0x11_0000, u128::MAX]) {
            let wide = number.to_ne_bytes();
            let from = if cfg!(target_endian = "little") { 0 } else { wide.len() - layout.size() };
            let bytes = &wide[from..from + layout.size()];
            let (name, shown) = (layout.name(), shown(layout, bytes));
            match (layout.validate(bytes), shown.strip_prefix("INVALID ")) {
                (Ok(()), None) => {}
                (Err(error), Some(reason)) => {
                    assert_eq!(error.to_string(), format!("invalid `{name}`: found {reason}"));
                    invalid += 1;
                }
                (result, _) => panic!("`{name}` of {number:#x}: {shown}, and {result:?}"),
            }
        }
    }
    assert!(invalid > 500, "{invalid}");
}

#[test]
fn any_bytes_are_something() {
    let bytes: Vec<u8> = (0..=255).cycle().take(4 * Sample::LAYOUT.size()).collect();
    for start in 0..256 {
        assert!(shown(Sample::LAYOUT, &bytes[start..]).starts_with("{ open: "));
    }
    for len in 0..Sample::LAYOUT.size() {
        let expected = format!("INVALID 0x0, expected {} bytes, of which only {len} were found", Sample::LAYOUT.size());
        assert_eq!(shown(Sample::LAYOUT, &bytes[..len]), expected);
    }
}

#[test]
fn numbers_of_all_widths() {
    assert_eq!(shown(i8::LAYOUT, &(-1i8).to_ne_bytes()), "-1");
    assert_eq!(shown(i16::LAYOUT, &(-2i16).to_ne_bytes()), "-2");
    assert_eq!(shown(i32::LAYOUT, &(-3i32).to_ne_bytes()), "-3");
    assert_eq!(shown(i64::LAYOUT, &(-4i64).to_ne_bytes()), "-4");
    assert_eq!(shown(u32::LAYOUT, &0x8000_0001u32.to_ne_bytes()), "2147483649");
    assert_eq!(shown(u64::LAYOUT, &u64::MAX.to_ne_bytes()), u64::MAX.to_string());
    assert_eq!(shown(i128::LAYOUT, &i128::MIN.to_ne_bytes()), i128::MIN.to_string());
    assert_eq!(shown(u128::LAYOUT, &u128::MAX.to_ne_bytes()), u128::MAX.to_string());
    assert_eq!(shown(Mode::LAYOUT, &[3]), "Fast");
    assert_eq!(shown(<[(); 1 << 40]>::LAYOUT, &[]), "1099511627776 without bytes");
}

#[test]
fn strings_and_vectors() {
    let name = SeqStr::<8>::LAYOUT;
    let text = |len: u32, text: &[u8]| shown(name, &[&len.to_ne_bytes(), text].concat());
    assert_eq!(text(4, b"left\0\0\0\0"), "\"left\"");
    assert_eq!(text(0, b"left\0\0\0\0"), "\"\"");
    assert_eq!(text(2, "ß\x1b.....".as_bytes()), "\"ß\"");
    assert_eq!(text(8, "ß\x1b.....".as_bytes()), "\"ß\\u{1b}.....\"");
    assert_eq!(text(9, b"leftmost"), "INVALID 0x9, expected a length that is at most the capacity");
    assert_eq!(text(1, "ß......".as_bytes()), "INVALID 0xc3, expected UTF-8");

    // Bytes are shown as a text if all are letters, up to zeros at the end.
    assert_eq!(shown(<[u8; 4]>::LAYOUT, b"ab\0\0"), "\"ab\"");
    assert_eq!(shown(<[u8; 4]>::LAYOUT, b"ab\x1bd"), "[97, 98, 27, 100]");
    assert_eq!(shown(<[u8; 4]>::LAYOUT, b"a\0bc"), "[97, 0, 98, 99]");

    let pairs = SeqVec::<[bool; 2], 2>::LAYOUT;
    let vec = |len: u32, bytes: [u8; 4]| shown(pairs, &[&len.to_ne_bytes(), bytes.as_slice()].concat());
    assert_eq!(vec(0, [1, 1, 0, 1]), "[]");
    assert_eq!(vec(1, [1, 0, 0, 1]), "[[true, false]]");
    assert_eq!(vec(2, [1, 0, 2, 1]), "[[true, false], [INVALID 0x2, expected a `bool`: 0 or 1, true]]");
    assert_eq!(vec(3, [0; 4]), "INVALID 0x3, expected a length that is at most the capacity");
    assert_eq!(shown(SeqVec::<(), 9>::LAYOUT, &3u32.to_ne_bytes()), "3 without bytes");
}

#[test]
fn variants_are_found_among_many() {
    macro_rules! many {
        ($($name:ident = $tag:literal)*) => {
            #[derive(SeqCopy)]
            #[repr(i16)]
            #[allow(dead_code)]
            enum Many { $($name = $tag),* }
            $(
                let tag: i16 = $tag;
                let found = shown(Many::LAYOUT, &tag.to_ne_bytes());
                assert_eq!(found, stringify!($name));
            )*
            for tag in [-2i16, 1, 6, 101, i16::MIN, i16::MAX] {
                let found = shown(Many::LAYOUT, &tag.to_ne_bytes());
                assert!(found.starts_with("INVALID"), "{found}");
            }
        };
    }
    many!(A = 7 B = -300 C = 0 D = 100 E = 2 F = -1 G = 5 H = 300 I = 4 J = 3);
}

/// Each kind has words of its own, by which programs tell them apart.
#[test]
fn every_kind_of_type_has_a_name() {
    use core::num::{NonZeroI8, NonZeroU8};
    let (plain, skipped) = (Layout::of_plain("Opaque", 3, 1), Layout::of_skipped(5, 1));
    let kinds = [
        (u8::LAYOUT, "unsigned"),
        (i8::LAYOUT, "signed"),
        (f32::LAYOUT, "float"),
        (bool::LAYOUT, "bool"),
        (char::LAYOUT, "char"),
        (NonZeroU8::LAYOUT, "non-zero unsigned"),
        (NonZeroI8::LAYOUT, "non-zero signed"),
        (Option::<NonZeroU8>::LAYOUT, "optional non-zero unsigned"),
        (Option::<NonZeroI8>::LAYOUT, "optional non-zero signed"),
        (&plain, "bytes"),
        (&skipped, "skipped"),
        (<[u8; 2]>::LAYOUT, "array"),
        (Sample::LAYOUT, "struct"),
        (Mode::LAYOUT, "enum"),
        (SeqOption::<u8>::LAYOUT, "enum with fields"),
    ];
    for (layout, name) in kinds {
        assert_eq!(to_json::layout(layout)["kind"], name);
    }
}
