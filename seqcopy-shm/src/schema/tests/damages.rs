//! Schemas that are damaged: what is said of each, whole; and the limits of what an enum may be, from both sides.

use super::raw_schema::RawSchema;
use super::*;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Small {
    on: bool,
    mode: Sign,
    part: Part,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i8)]
#[allow(dead_code)] // only its layout is used
enum Sign {
    Minus = -1,
    Plus = 2,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, u16)]
#[allow(dead_code)] // only its layout is used
enum Part {
    None,
    Some { a: u8, b: u16 },
}

/// Each byte that is not 0 with its lowest bit changed, with its highest, and the schema cut off before it: a line for
/// each, and for what follows it with the same words none. `BLESS=1 cargo test -p seqcopy-shm --lib
/// schema::tests::damages` writes the file: read the difference.
#[test]
#[cfg_attr(
    any(miri, target_endian = "big", not(target_pointer_width = "64")),
    ignore = "slow, and the lines are those of one kind of machine"
)]
fn what_is_said_of_a_damage_is_what_was_said() {
    use std::fmt::Write;
    let schema = Schema::of::<Small>();
    let mut now = String::new();
    for how in ["^ 01", "^ 80", "cut off"] {
        let mut before = String::new();
        for at in (0..schema.as_bytes().len()).filter(|at| schema.as_bytes()[*at] != 0) {
            let mut bytes = schema.as_bytes().to_vec();
            match how {
                "^ 01" => bytes[at] ^= 0x01,
                "^ 80" => bytes[at] ^= 0x80,
                _ => bytes.truncate(at),
            }
            let said = match Schema::decode(&bytes) {
                Err(error) => error.to_string(),
                Ok(_) => "another type".to_owned(),
            };
            if said != before {
                writeln!(now, "{at:3} {how}: {said}").unwrap();
            }
            before = said;
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema/tests/damages.txt");
    seqcopy_harness::is_as_written(file, include_str!("damages.txt"), &now);
}

/// An enum without fields, with these tags.
fn of_tags(kind: u8, size: u64, tags: &[i128]) -> RawSchema {
    let start = RawSchema::new().node(kind, size, size).text("E").number(tags.len() as u64);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // two's complement
    (0..).zip(tags).fold(start, |made, (at, tag)| made.text(&format!("v{at}")).number(*tag as u64).number(0))
}

/// An enum with fields: a tag of this kind and size, and the fields of its variants, as offset and size, after
/// `payload` bytes.
fn of_fields(kind: u8, tag: u64, size: u64, payload: u64, tags: &[i128], fields: &[(u64, u64)]) -> RawSchema {
    let start = RawSchema::new().node(b'|', size, 1).text("E").node(kind, tag, 1).number(payload);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // two's complement
    (0..).zip(tags).fold(start.number(tags.len() as u64), |made, (at, tag)| {
        let made = made.text(&format!("v{at}")).number(*tag as u64).number(fields.len() as u64);
        (0..).zip(fields).fold(made, |made, (at, (offset, size))| {
            made.text(&format!("f{at}")).number(*offset).node(b'#', *size, 1).text("P")
        })
    })
}

#[test]
fn tags_are_those_that_fit() {
    let limits: [(u64, [i128; 2], [i128; 2]); 4] = [
        (1, [i8::MIN.into(), i8::MAX.into()], [u8::MIN.into(), u8::MAX.into()]),
        (2, [i16::MIN.into(), i16::MAX.into()], [u16::MIN.into(), u16::MAX.into()]),
        (4, [i32::MIN.into(), i32::MAX.into()], [u32::MIN.into(), u32::MAX.into()]),
        (8, [i64::MIN.into(), i64::MAX.into()], [u64::MIN.into(), u64::MAX.into()]),
    ];
    for (width, signed, unsigned) in limits {
        for (kinds, [least, most]) in [([b'd', b'i'], signed), ([b'e', b'u'], unsigned)] {
            for tag in [least, least + 1, most - 1, most] {
                let made = Schema::decode(&of_tags(kinds[0], width, &[tag]).0).unwrap();
                let found: Vec<_> = made.layout().variants().iter().map(seqcopy::layout::Variant::value).collect();
                assert_eq!(found, [tag], "{width}");
                assert!(Schema::decode(&of_fields(kinds[1], width, 16, width, &[tag], &[(0, 1)]).0).is_ok(), "{tag}");
            }
            if width < 8 {
                for tag in [least - 1, most + 1].into_iter().filter(|tag| *tag >= 0 || kinds[0] == b'd') {
                    let why = format!("variant `v0` is {tag}, which its tag of {width} bytes can't hold");
                    let error = of_tags(kinds[0], width, &[tag]).refused();
                    assert!(error.contains(&why), "{error}");
                    let error = of_fields(kinds[1], width, 16, width, &[tag], &[(0, 1)]).refused();
                    assert!(error.contains(&why), "{error}");
                }
            }
        }
    }
    // Whatever their order.
    for tags in [[3, 1, 3], [1, 3, 3], [3, 3, 1]] {
        assert!(of_tags(b'e', 1, &tags).refused().contains("two variants have the same tag"));
    }
    assert!(Schema::decode(&of_tags(b'e', 1, &[3, 1, 2]).0).is_ok());
}

/// As many bytes as its elements have, and aligned as they are; an array without elements, too.
#[test]
fn an_array_is_what_its_elements_make() {
    let of = |size, align, len| RawSchema::new().node(b'[', size, align).number(len).node(b'u', 4, 4);
    for (size, len) in [(12, 3), (4, 1), (0, 0)] {
        assert!(Schema::decode(&of(size, 4, len).0).is_ok(), "{len}");
        for (other_size, align) in [(size + 4, 4), (size, 1), (size, 2), (size, 8)] {
            let why = format!("an array of {len} elements of 4 bytes is not {other_size} bytes");
            let error = of(other_size, align, len).refused();
            // The alignment is looked at first.
            let is_before = other_size % align != 0;
            assert!(
                error.contains(&why) || is_before && error.contains("is not a multiple of the alignment"),
                "{error}"
            );
        }
    }
    assert!(of(0, 4, 1 << 62).refused().contains("elements of 4 bytes is not 0 bytes"));
}

#[test]
fn fields_of_variants_lie_in_their_enum_and_after_the_tag() {
    let said = |tag, size, payload, fields: &[(u64, u64)]| {
        let tags: &[i128] = if fields.is_empty() { &[] } else { &[0, 1] };
        match Schema::decode(&of_fields(b'u', tag, size, payload, tags, fields).0) {
            Ok(_) => String::new(),
            Err(error) => error.to_string().split(": ").skip(1).collect::<Vec<_>>().join(": "),
        }
    };
    let after = |at| format!("field `f{at}` ends after the end of its type, at 16");
    let overlap = "field `f1` begins before the end of the one declared before it: fields overlap";
    for (tag, payload, fields, expected) in [
        // Up to the end, and one byte more.
        (4, 4, &[(0, 12)][..], ""),
        (4, 4, &[(0, 13)], &after(0)),
        (4, 4, &[(11, 1)], ""),
        (4, 4, &[(12, 1)], &after(0)),
        (4, 4, &[(12, 0)], ""),
        (4, 4, &[(13, 0)], &after(0)),
        // Side by side, and one byte less; what has no size overlaps nothing.
        (4, 4, &[(0, 4), (4, 8)], ""),
        (4, 4, &[(0, 4), (3, 8)], overlap),
        (4, 4, &[(4, 4), (0, 4)], overlap),
        (4, 4, &[(4, 4), (0, 0)], ""),
        (4, 4, &[(0, 4), (4, 9)], &after(1)),
        // Offsets that count from the start.
        (4, 0, &[(4, 12)], ""),
        (4, 0, &[(3, 12)], "fields of variant `v0` overlap the tag"),
        (4, 0, &[(0, 0)], ""),
        (2, 1, &[(0, 1)], "fields of variant `v0` overlap the tag"),
        (2, 1, &[(1, 1)], ""),
        // Beyond what can be counted.
        (4, 4, &[(isize::MAX as u64, isize::MAX as u64)], &after(0)),
        (4, isize::MAX as u64, &[(isize::MAX as u64, 1)], &after(0)),
        (4, 4, &[], "an enum without variants has no values"),
        (3, 4, &[(0, 1)], "a scalar of kind Unsigned is not 3 bytes wide"),
    ] {
        assert_eq!(said(tag, 16, payload, fields), expected, "{tag} {payload} {fields:?}");
    }
    let no_tag = "a tag must be an integer of at most 8 bytes";
    assert_eq!((said(8, 8, 8, &[(0, 0)]), said(8, 7, 7, &[(0, 0)])), (String::new(), no_tag.to_owned()));
    let of_16 = of_fields(b'u', 16, 32, 16, &[], &[]).refused();
    assert!(of_16.contains(no_tag), "{of_16}");
    // One variant with fields is enough.
    let one = of_tags(b'e', 1, &[0]).0;
    let mixed = RawSchema::new().node(b'e', 1, 1).text("E").number(2).text("a").number(0).number(0).text("b").number(1);
    let mixed = mixed.number(1).text("f").number(0).node(b'#', 0, 1).text("P");
    assert!(Schema::decode(&one).is_ok() && mixed.refused().contains("none of them may have fields"));
}

/// Where what was refused begins.
#[test]
fn a_damage_is_where_it_is_said_to_be() {
    let start = RawSchema::new();
    let at = |made: RawSchema| Schema::decode(&made.0).unwrap_err().at();
    let end = |made: &RawSchema| made.0.len();
    // Sizes and counts, at the number; names, at their length; types, at their kind.
    assert_eq!(at(start.clone().node(b'u', u64::MAX, 1)), end(&start) + 1);
    let named = start.clone().node(b'{', 8, 8);
    assert_eq!(at(named.clone().number(257)), end(&named));
    assert_eq!(at(named.clone().bytes(b"\xff")), end(&named));
    assert_eq!(at(named.clone().text("0")), end(&named));
    let counted = named.clone().text("S");
    assert_eq!(at(counted.clone().number(1)), end(&counted));
    assert_eq!(at(start.clone().node(b'u', 3, 1)), end(&start));
    let variant = start.clone().node(b'e', 1, 1).text("E").number(1);
    assert_eq!(at(variant.clone().text("v").number(256).number(0)), end(&variant));
    // The machine, and the version.
    let of = |byte: usize, to: u8| {
        let mut bytes = Schema::of::<u8>().as_bytes().to_vec();
        bytes[byte] = to;
        Schema::decode(&bytes).unwrap_err().at()
    };
    assert_eq!([of(8, b'x'), of(8 + 15, b'2'), of(0, 0xff), of(24, 3), of(25, b'x')], [0, 0, 0, 24, 24]);
    // What is too much as a whole, at the start.
    let bytes = [Schema::of::<u8>().as_bytes(), &[0]].concat();
    assert_eq!(Schema::decode(&bytes).unwrap_err().at(), bytes.len() - 1);
}
