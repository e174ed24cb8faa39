//! Schemas: decoded again, damaged in every way, made up. These tests also run under Miri.

mod damages;
mod differences;
mod raw_schema;

use super::*;
use crate::schema_builder::SchemaBuilder;
use raw_schema::RawSchema;
use seqcopy::{SeqCopy, SeqOption, SeqStr, SeqVec};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Inner {
    on: bool,
    level: i16,
    letter: char,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i16)]
enum Mode {
    _Off = -3,
    _On = 7,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, u8)]
enum Shape {
    _None,
    _Circle { radius: f64 },
    _Label([u8; 3], Mode),
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Outer {
    at: u64,
    inner: [Inner; 2],
    mode: Mode,
    shape: Shape,
    maybe: SeqOption<u32>,
    name: SeqStr<5>,
    flags: SeqVec<bool, 3>,
    id: core::num::NonZero<u32>,
    wide: u128,
    rest: [[f32; 2]; 3],
    nothing: [(); 5],
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, packed(2))]
struct Packed {
    a: u8,
    b: u64,
}

fn round_trip<T: Validate>() {
    let schema = Schema::of::<T>();
    assert_eq!(schema.fingerprint(), T::LAYOUT.fingerprint(), "the bytes are those that the fingerprint hashes");
    let read = Schema::decode(schema.as_bytes()).unwrap();
    assert_eq!(schema.difference(&read), None);
    let layout = read.layout();
    assert_eq!(layout.fingerprint(), T::LAYOUT.fingerprint());
    assert!(core::ptr::eq(layout, read.clone().layout()), "made once");
    assert_eq!(layout.is_padding_free(), T::LAYOUT.is_padding_free());
    assert_eq!(layout.has_enum_with_fields(), T::LAYOUT.has_enum_with_fields());
    assert!(layout.holes().eq(T::LAYOUT.holes()));
    for base in [1, 8, 64] {
        let [read, own] = [layout, T::LAYOUT].map(|layout| {
            let mut accesses = Vec::new();
            layout.each_access(base, |access| accesses.push(access));
            accesses
        });
        assert_eq!(read, own, "tools copy as programs do");
    }
}

#[test]
fn what_is_written_is_read() {
    round_trip::<u8>();
    round_trip::<i128>();
    round_trip::<bool>();
    round_trip::<[f64; 3]>();
    round_trip::<Inner>();
    round_trip::<Mode>();
    round_trip::<Shape>();
    round_trip::<Packed>();
    round_trip::<Outer>();
    round_trip::<SeqOption<[u16; 40]>>();
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(transparent)]
struct Transparent(core::marker::PhantomData<u8>, u32, ());

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[allow(non_camel_case_types)]
struct r#type<const N: usize> {
    r#fn: [u8; N],
    größe: u16,
    _reserved: (),
}

#[test]
fn every_name_of_a_program_is_one_of_a_schema() {
    round_trip::<Transparent>();
    round_trip::<r#type<3>>();
    round_trip::<()>();
    round_trip::<core::marker::PhantomData<u8>>();
    let schema = Schema::of::<r#type<3>>();
    assert_eq!((schema.layout().name(), schema.layout().fields()[0].name()), ("type", "fn"));
    assert_eq!(Schema::of::<Transparent>().layout().fields()[1].name(), "1");
}

/// A length of one byte, the longest of these, of two, and more.
#[test]
fn names_of_any_length_are_read() {
    for len in [1, 127, 128, 129, 255, 256] {
        let name = "n".repeat(len);
        let number = SchemaBuilder::number("u16").unwrap();
        let schema = SchemaBuilder::structure(&name, &[(&name, number)]).build().unwrap();
        let read = Schema::decode(schema.as_bytes()).unwrap();
        assert_eq!((read.layout().name(), read.layout().fields()[0].name()), (&*name, &*name));
        assert_eq!(Schema::of_layout(read.layout()), schema);
    }
}

#[test]
fn cut_off_anywhere_it_is_refused() {
    let schema = Schema::of::<Outer>();
    let bytes = schema.as_bytes();
    let step = if cfg!(miri) { 83 } else { 1 };
    for len in (0..bytes.len()).step_by(step) {
        let error = Schema::decode(&bytes[..len]).unwrap_err();
        assert!(error.at() <= len, "{error}");
    }
    let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
    assert!(Schema::decode(&longer).unwrap_err().to_string().ends_with("1 bytes too many"));
}

/// An accepted schema can be walked: accesses and holes stay inside, and drawing ends.
fn walk(schema: &Schema) {
    let layout = schema.layout();
    if layout.size() > 1 << 16 {
        return;
    }
    layout.each_access(8, |access| assert!(access.offset + access.width <= layout.size()));
    assert!(layout.holes().all(|hole| hole.end <= layout.size()));
    let _ = layout.display(8).to_string();
}

#[test]
fn every_changed_byte_is_noticed_or_harmless() {
    let schema = Schema::of::<Outer>();
    let step = if cfg!(miri) { 211 } else { 1 };
    for at in (0..schema.as_bytes().len()).step_by(step) {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = schema.as_bytes().to_vec();
            bytes[at] ^= flip;
            if let Ok(other) = Schema::decode(&bytes) {
                walk(&other);
                assert_ne!(other.fingerprint(), schema.fingerprint());
                assert!(schema.difference(&other).is_some());
            }
        }
    }
}

#[test]
fn lies_are_refused() {
    let made = || RawSchema::new();
    let says = |made: RawSchema, why: &str| {
        let error = made.refused();
        assert!(error.contains(why), "{error}\n{why}");
    };
    says(made().node(b'u', 3, 1), "is not 3 bytes wide");
    says(made().node(b'u', 8, 3), "3 is not a valid alignment");
    says(made().node(b'u', 8, 16), "not a multiple of the alignment");
    says(made().node(b'u', u64::MAX, 1), "18446744073709551615 is not a valid size");
    says(made().node(b'?', 1, 1), "kind 0x3f is unknown");
    says(made().node(b'p', 8, 8), "a pointer, which means nothing outside its process");
    // Counts that the bytes can't hold, and invalid names.
    says(made().node(b'{', 8, 8).text("S").number(1 << 40), "parts can't be described in 0 bytes");
    says(made().node(b'{', 8, 8).text("").number(0), "is not a valid name");
    says(made().node(b'{', 8, 8).text("\x1b[2J").number(0), r#""\u{1b}[2J" is not a valid name"#);
    says(made().node(b'{', 8, 8).text("a\u{202e}b").number(0), "is not a valid name of a type");
    says(made().node(b'{', 8, 8).text("a\u{61c}b").number(0), "is not a valid name of a type");
    says(made().node(b'{', 8, 8).text("0").number(0), "is not a valid name of a type");
    assert!(Schema::decode(&made().node(b'{', 8, 8).text("नाम").number(0).0).is_ok());
    says(made().node(b'{', 8, 8).bytes(b"\xff").number(0), "not valid UTF-8");
    says(made().node(b'{', 8, 8).number(1 << 20), "a name of 1048576 bytes");
    // Arrays that are not as large as their elements together.
    says(made().node(b'[', 8, 1).number(9).node(b'u', 1, 1), "an array of 9 elements");
    says(made().node(b'[', 0, 1).number(1 << 61).node(b'u', 8, 1), "an array of 2305843009213693952 elements");
    // Fields outside, and on top of each other.
    let two =
        |b: u64| made().node(b'{', 8, 4).text("S").number(2).text("a").number(0).node(b'u', 4, 4).text("b").number(b);
    assert!(Schema::decode(&two(4).node(b'u', 4, 4).0).is_ok());
    says(two(8).node(b'u', 4, 4), "field `b` ends after the end of its type, at 8");
    says(two(3).node(b'u', 4, 4), "fields overlap");
    // In an order that is not that of memory.
    let swapped = made().node(b'{', 8, 4).text("S").number(2).text("a").number(4).node(b'u', 4, 4).text("b").number(0);
    says(swapped.node(b'u', 4, 4), "field `b` begins before the end of the one declared before it");
    // Fields of size 0 may lie anywhere.
    let nothing = made().node(b'{', 4, 4).text("S").number(3).text("a").number(4).node(b'#', 0, 1).text("P");
    let nothing = nothing.text("b").number(0).node(b'u', 4, 4).text("c").number(0).node(b'#', 0, 1);
    assert!(Schema::decode(&nothing.clone().text("P").0).is_ok());
    // Plain bytes have the name of a type.
    assert!(Schema::decode(&nothing.0).is_err());
    // Two parts of the same name.
    let twice = made().node(b'{', 8, 4).text("S").number(2).text("a").number(0).node(b'u', 4, 4).text("a").number(4);
    says(twice.node(b'u', 4, 4), "two fields are called `a`");
    let twice = made().node(b'e', 1, 1).text("E").number(2).text("v").number(0).number(0).text("v").number(1).number(0);
    says(twice, "two variants are called `v`");
    // Enums: tags that don't fit, duplicate tags, no tags.
    let tags = |size: u64, values: &[u64]| {
        let start = made().node(b'e', size, size).text("E").number(values.len() as u64);
        (0..).zip(values).fold(start, |made, (i, value)| made.text(&format!("v{i}")).number(*value).number(0))
    };
    assert!(Schema::decode(&tags(1, &[0, 255]).0).is_ok());
    says(tags(1, &[256]), "which its tag of 1 bytes can't hold");
    says(tags(1, &[3, 3]), "two variants have the same tag");
    says(tags(1, &[]), "an enum without fields needs variants");
    says(tags(16, &[1]), "can't hold");
    let with_tag = |tag: u8, offset: u64| {
        made()
            .node(b'|', 8, 4)
            .text("E")
            .node(tag, 4, 4)
            .number(0)
            .number(1)
            .text("v")
            .number(0)
            .number(1)
            .text("f")
            .number(offset)
    };
    assert!(Schema::decode(&with_tag(b'u', 4).node(b'u', 4, 4).0).is_ok());
    says(with_tag(b'u', 0).node(b'u', 4, 4), "overlap the tag");
    says(with_tag(b'f', 4).node(b'u', 4, 4), "a tag must be an integer");
}

#[test]
#[cfg_attr(miri, ignore = "large, and covers nothing that the smaller ones do not")]
fn trees_are_no_deeper_than_their_readers_can_go() {
    let deep = |levels: usize| {
        let made = (0..levels).fold(RawSchema::new(), |made, _| made.node(b'[', 1, 1).number(1));
        Schema::decode(&made.node(b'u', 1, 1).0)
    };
    assert!(deep(64).is_ok());
    assert!(deep(65).unwrap_err().to_string().contains("more than 64 deep"));
    assert!(deep(9000).unwrap_err().to_string().contains("more than 64 deep"));
}

#[test]
#[cfg_attr(miri, ignore = "large, and covers nothing that the smaller ones do not")]
fn no_type_has_more_places_than_can_be_walked() {
    // A hundred in each byte.
    let crowd = |len: u64| {
        let element = RawSchema::new().node(b'[', len, 1).number(len).node(b'{', 1, 1).text("S").number(100);
        let fields = (0..99).fold(element, |made, i| made.text(&format!("f{i}")).number(0).node(b'_', 0, 1));
        Schema::decode(&fields.text("last").number(0).node(b'u', 1, 1).0)
    };
    // 101 places for each of the elements, and one; at most 65,536, and 64 for each byte.
    walk(&crowd(1771).unwrap());
    let error = crowd(1772).unwrap_err().to_string();
    assert!(error.contains("a type of 1772 bytes with 178973 places"), "{error}");
    let many = (0..3000).fold(RawSchema::new().node(b'{', 0, 1).text("S").number(3000), |made, i| {
        made.text(&format!("f{i}")).number(0).node(b'[', 0, 1).number(1 << 40).node(b'#', 0, 1).text("P")
    });
    walk(&Schema::decode(&many.0).unwrap());
}

#[test]
fn a_type_as_large_as_can_be_is_one() {
    for size in [1 << 58, 1 << 60, isize::MAX as u64] {
        walk(&Schema::decode(&RawSchema::new().node(b'#', size, 1).text("P").0).unwrap());
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn a_slice_is_no_larger_than_memory() {
    let slice = Schema::of_slice::<[u64; 1 << 29]>(1).unwrap();
    let most = isize::MAX as usize >> 32;
    for (capacity, is_possible) in [(most, true), (most + 1, false), (usize::MAX, false)] {
        assert_eq!(slice.with_capacity(capacity).is_some(), is_possible, "{capacity}");
    }
}

#[test]
fn what_is_used_of_a_slice_ends_with_it() {
    let slice = Schema::of_slice::<u16>(10).unwrap();
    let value = [&7u32.to_ne_bytes()[..], &[0; 60 + 14]].concat();
    assert_eq!((slice.used(&value), slice.used(&value[..70]), slice.used(&value[..3])), (64 + 14, 70, 3));
    assert_eq!(slice.used(&[0xff; 80]), 80);
}

#[test]
fn a_damaged_schema_says_where() {
    let mut bytes = Schema::of::<Outer>().as_bytes().to_vec();
    let end = bytes.len();
    assert_eq!(Schema::decode(&bytes[..end - 1]).unwrap_err().at(), end - 8);
    bytes[end - 16] = 0xff;
    let error = Schema::decode(&bytes).unwrap_err();
    assert!(error.at() > end - 40 && error.to_string().contains(&format!("at byte {}:", error.at())), "{error}");
}

#[test]
#[cfg_attr(miri, ignore = "large, and covers nothing that the smaller ones do not")]
fn too_long_is_too_long() {
    let bytes = std::vec![0; MAX_BYTES + 1];
    assert!(Schema::decode(&bytes).unwrap_err().to_string().contains("at most 262144 are allowed"));
    assert!(!Schema::decode(&bytes[1..]).unwrap_err().to_string().contains("are allowed"));
    let named = |len| Schema::decode(&RawSchema::new().node(b'#', 1, 1).text(&"a".repeat(len)).0);
    assert!(named(256).is_ok());
    assert!(named(257).unwrap_err().to_string().contains("a name of 257 bytes, at most 256 are allowed"));
    let aligned = |align| Schema::decode(&RawSchema::new().node(b'#', 1 << 30, align).text("P").0);
    assert!(aligned(1 << 29).is_ok());
    assert!(aligned(1 << 30).unwrap_err().to_string().contains("not a valid alignment"));
}

/// The layout that is made of a schema has that schema: what a skipped field has as its alignment, too.
#[test]
fn a_layout_made_of_a_schema_has_the_same_schema() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Hole {
        at: u64,
        #[seqcopy(skip)]
        skipped: core::mem::MaybeUninit<u32>,
        on: bool,
    }
    for schema in [Schema::of::<Outer>(), Schema::of::<Hole>(), Schema::of_slice::<Hole>(3).unwrap()] {
        assert_eq!(Schema::of_layout(schema.layout()), schema);
    }
}

/// How many places a walk over a value visits: what it stops at, and each of its parts, once more for what they are
/// parts of.
#[test]
fn a_walk_visits_each_place_once() {
    let places = |schema: Schema| schema.layout().nodes();
    assert_eq!([places(Schema::of::<u8>()), places(Schema::of::<[u8; 0]>()), places(Schema::of::<Mode>())], [1, 1, 1]);
    assert_eq!([places(Schema::of::<[u16; 5]>()), places(Schema::of::<[[bool; 2]; 3]>())], [6, 10]);
    // Itself, and three; one more for its tag, and those of all variants.
    assert_eq!([places(Schema::of::<Inner>()), places(Schema::of::<Shape>())], [4, 2 + 1 + (1 + 3) + 1]);
    assert_eq!(places(Schema::of::<SeqOption<u32>>()), 2 + 1);
}

#[cfg(target_pointer_width = "64")] // a discriminant of `repr(C)` is an `isize` first
#[test]
fn an_enum_of_c_may_need_the_bit_of_the_sign() {
    #[derive(Clone, Copy, seqcopy::SeqCopy)]
    #[repr(C)]
    #[allow(dead_code, clippy::enum_clike_unportable_variant)] // only its layout counts; for 64 bits
    enum Large {
        Zero,
        Half = 0x8000_0000,
    }
    let schema = Schema::decode(&Large::LAYOUT.schema()).unwrap();
    assert_eq!(schema.layout().variant_of(&0x8000_0000u32.to_ne_bytes()), Some(1));
}
