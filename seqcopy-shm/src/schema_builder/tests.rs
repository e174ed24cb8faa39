//! Types that are built, compared with those of Rust, and what is refused.

use super::*;
use seqcopy::{SeqCopy, SeqOption, SeqStr, SeqVec, Validate};

#[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
struct Inner {
    small: u8,
    large: u32,
}

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Outer {
    on: bool,
    inner: [Inner; 2],
    wide: i128,
    option: SeqOption<Inner>,
    list: SeqVec<u64, 3>,
    text: SeqStr<5>,
    mode: Mode,
}

#[derive(SeqCopy, Validate)]
#[repr(i16)]
#[allow(dead_code)] // only its layout is used
enum Mode {
    Low = -5,
    High = 7,
}

#[derive(SeqCopy, Validate)]
#[repr(C, align(128))]
struct Line {
    at: u64,
}

fn number(name: &str) -> SchemaBuilder {
    SchemaBuilder::number(name).expect("a number")
}

fn inner() -> SchemaBuilder {
    SchemaBuilder::structure("Inner", &[("small", number("u8")), ("large", number("u32"))])
}

#[test]
fn what_is_built_is_what_rust_has() {
    let mode = SchemaBuilder::tags("Mode", &number("i16"), &[("Low", -5), ("High", 7)]);
    let outer = SchemaBuilder::structure(
        "Outer",
        &[
            ("on", number("bool")),
            ("inner", inner().array(2)),
            ("wide", number("i128")),
            ("option", inner().option()),
            ("list", number("u64").list(3)),
            ("text", SchemaBuilder::string(5)),
            ("mode", mode),
        ],
    );
    assert_eq!(outer.build(), Ok(Schema::of::<Outer>()));
    let [byte, line] = [number("u8"), SchemaBuilder::structure_at("Line", 128, 128, &[("at", 0, number("u64"))])];
    assert_eq!(SchemaBuilder::map(&byte, &line).build(), Ok(Schema::of_map::<u8, Line>()));
    assert_eq!(SchemaBuilder::map(&number("u64"), &inner()).build(), Ok(Schema::of_map::<u64, Inner>()));
}

/// The table of the page on the format, of elements aligned to this, of this size: the elements begin a line of the
/// cache.
#[test]
fn a_slice_is_a_list_whose_elements_begin_a_line() {
    fn check<T: Validate>(builder: &SchemaBuilder, capacity: usize, start: usize, size: usize) {
        let schema = builder.slice(capacity).build().unwrap();
        let layout = schema.layout();
        let [len, elements] = layout.fields() else { panic!("two fields") };
        assert_eq!((layout.name(), len.name(), elements.name()), ("SeqVec", "len", "elements"));
        assert_eq!((len.offset(), len.layout().name(), elements.offset()), (0, "u32", start));
        assert_eq!((layout.size(), layout.align(), elements.layout().size()), (size, start, capacity * size_of::<T>()));
        assert_eq!(Schema::of_slice::<T>(capacity).as_ref(), Some(&schema));
        assert_eq!(schema.capacity(), Some(capacity));
        let fewer = builder.slice(1).build().unwrap();
        assert_eq!(fewer.with_capacity(capacity), Some(schema));
    }
    check::<Inner>(&inner(), 0, 64, 64);
    check::<Inner>(&inner(), 7, 64, 64 + 64);
    check::<u8>(&number("u8"), 65, 64, 64 + 128);
    let line = SchemaBuilder::structure_at("Line", 128, 128, &[("at", 0, number("u64"))]);
    check::<Line>(&line, 3, 128, 4 * 128);
}

#[test]
fn every_number_is_that_of_rust() {
    macro_rules! each {
        ($($number:ident)*) => {
            $(assert_eq!(number(stringify!($number)).build(), Ok(Schema::of::<$number>()), stringify!($number));)*
        };
    }
    #[allow(clippy::wildcard_imports)] // all of them
    use core::num::*;
    each! { bool char f32 f64 u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 }
    // Rust writes them in both ways.
    assert_eq!(number("NonZero<i16>").build(), Ok(Schema::of::<NonZeroI16>()));
    assert_eq!(number("NonZero<u128>").build(), Ok(Schema::of::<NonZeroU128>()));
    for name in ["NonZero<>", "NonZero<f32>", "NonZero<u8", "NonZero<é>", "NonZero<u7>"] {
        assert!(SchemaBuilder::number(name).is_none(), "{name}");
    }
    each! { NonZeroU8 NonZeroU16 NonZeroU32 NonZeroU64 NonZeroU128 NonZeroI8 NonZeroI16 NonZeroI32 NonZeroI64 NonZeroI128 }
}

#[test]
fn as_many_names_have_tags_as_wide() {
    let all: Vec<String> = (0..257).map(|number| format!("V{number}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for (count, size) in [(1, 1), (256, 1), (257, 2)] {
        let schema = SchemaBuilder::names("Mode", &all[..count]).build().unwrap();
        assert_eq!((schema.layout().size(), schema.layout().align()), (size, size));
        assert_eq!(schema.validate(&vec![0; size]), Ok(()));
        assert!(size == 1 && count == 256 || schema.validate(&vec![0xff; size]).is_err());
    }
}

/// No bytes are damaged where a type is described: what is wrong is a name or a number that a program has written.
#[test]
fn what_can_be_no_type_is_named() {
    let structure = |fields: &[(&str, SchemaBuilder)]| SchemaBuilder::structure("Pose", fields);
    let one = |name| structure(&[(name, number("u8"))]);
    let long = "n".repeat(257);
    for (builder, why) in [
        (one(""), "\"\" is not a valid name of a field"),
        (one("a b"), "\"a b\" is not a valid name of a field"),
        (one(&long), "a name of 257 bytes, at most 256 are allowed"),
        (structure(&[("a", number("u8")), ("a", number("u8"))]), "two fields are called `a`"),
        (SchemaBuilder::structure("", &[]), "\"\" is not a valid name of a type"),
        (SchemaBuilder::names("Mode", &[]), "an enum without fields needs variants, and none of them may have fields"),
        (SchemaBuilder::names("Mode", &[""]), "\"\" is not a valid name of a variant"),
        (SchemaBuilder::names("Mode", &["A", "A"]), "two variants are called `A`"),
        (one("").array(2).option(), "\"\" is not a valid name of a field"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!((error.at(), error.to_string()), (0, format!("this can't be a type: {why}")));
    }
}

/// Each type has the one before twice, or lies in it, and many have the same: memory and time grow as what describes
/// them does.
#[test]
#[cfg_attr(miri, ignore = "a million types take an hour there")]
fn what_doubles_or_is_deep_is_refused_before_it_is_written() {
    let pair = |of: &SchemaBuilder| SchemaBuilder::structure("P", &[("a", of.clone()), ("b", of.clone())]);
    let doubled = |times| (0..times).fold(number("u8"), |of, _| pair(&of));
    assert!(doubled(10).build().is_ok());
    for times in [12, 24, 60] {
        let error = doubled(times).build().unwrap_err().to_string();
        assert!(error.starts_with("this can't be a type: its description has "), "{times}: {error}");
    }
    let deep = |times| (0..times).fold(number("u8"), |of, _| of.array(1));
    assert!(deep(64).build().is_ok());
    for builder in [deep(65), deep(66), deep(1_000_000), pair(&deep(100)), deep(70).option(), doubled(100)] {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains("more than 64 deep") || error.contains("at most 262144"), "{error}");
    }
    // Uses of a long one, each of which would have a copy: 34 GB.
    let long = SchemaBuilder::from(&doubled(11).build().unwrap());
    let names: Vec<String> = (0..200_000).map(|number| format!("f{number}")).collect();
    let fields: Vec<_> = names.iter().map(|name| (&**name, long.clone())).collect();
    assert!(SchemaBuilder::structure("Many", &fields).build().is_err());
    assert_eq!(long.build(), doubled(11).build());
}

#[test]
fn what_is_too_large_is_refused() {
    let large = number("u64").array(usize::MAX / 4).array(5);
    for kind in [large.clone(), large.option(), large.list(2), large.slice(2), SchemaBuilder::map(&large, &large)] {
        assert!(kind.build().is_err());
    }
}

#[test]
fn what_a_type_is_called_after_its_field() {
    for (field, name) in [
        ("best_level", "BestLevel"),
        ("a", "A"),
        ("_private__word_", "PrivateWord"),
        ("alreadyMixed_CASE", "AlreadyMixedCASE"),
        ("0", "Field0"),
        ("12_tone", "Field12Tone"),
        ("_", "Field"),
        ("", "Field"),
        ("\u{e9}tat_\u{df}", "\u{c9}tatSS"),
    ] {
        assert_eq!(SchemaBuilder::name_of_field(field), name, "{field:?}");
    }
}

/// As text, too, at the limit and past it, whichever type is inside; and where a deep one is put beside another.
#[test]
fn types_as_text_are_as_deep_as_may_be() {
    let parse = |text: &str| SchemaBuilder::parse(text, &|_| None).map(|kind| kind.build());
    for (before, after) in [("[", "; 1]"), ("SeqOption<", ">"), ("SeqVec<", ", 1>")] {
        let text = |times| format!("{}u8{}", before.repeat(times), after.repeat(times));
        assert!(matches!(parse(&text(20)), Ok(Ok(_))), "{before}");
        assert!(parse(&text(64)).is_ok(), "as text: {before}");
        let why = parse(&text(65)).unwrap_err();
        assert_eq!(why, format!("{:?}: types inside types more than 64 deep", text(65)));
    }
    assert!(matches!(parse("[[u8; 1]; 1]"), Ok(Ok(_))));
    let deep = |times| (0..times).fold(number("u8"), |of, _| of.array(1));
    // Those that are as deep as may be go on, with all that they have.
    for times in [63, 64] {
        let fields = [("a", number("u8")), ("deep", deep(times)), ("z", number("u16"))];
        match SchemaBuilder::structure("P", &fields).build() {
            Ok(schema) => assert_eq!((times, schema.layout().fields().len()), (63, 3)),
            Err(error) => assert!(times == 64 && error.to_string().contains("more than 64 deep"), "{error}"),
        }
    }
    // Whichever of two is too deep, before and after it.
    for fields in [["a", "deep"], ["deep", "z"]] {
        let of = |field: &str| if field == "deep" { deep(66) } else { number("u8") };
        let fields = fields.map(|field| (field, of(field)));
        let error = SchemaBuilder::structure("P", &fields).build().unwrap_err().to_string();
        assert!(error.contains("more than 64 deep"), "{error}");
    }
}
