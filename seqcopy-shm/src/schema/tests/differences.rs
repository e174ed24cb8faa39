//! What two types differ in, by name; what a mark says of a type.

use super::*;

mod other {
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Inner {
        on: bool,
        level: i16,
        letter: u32,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    pub(super) enum Shape {
        _None,
        _Circle { radius: f64 },
        _Label([u8; 4], super::Mode),
    }

    pub(super) mod fewer {
        #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
        #[repr(C)]
        pub(crate) struct Inner {
            on: bool,
            level: i16,
        }
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(i16)]
    pub(super) enum Mode {
        _Off = -3,
        _On = 8,
    }
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Left {
    number: u8,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Right {
    number: u8,
}

#[test]
fn the_first_difference_has_a_name() {
    fn differ<A: Validate, B: Validate>() -> String {
        Schema::of::<A>().difference(&Schema::of::<B>()).map_or("same".into(), |difference| format!("{difference}"))
    }
    assert_eq!(differ::<Inner, Inner>(), "same");
    assert_eq!(differ::<Inner, other::Inner>(), "field `letter`: u32 there, char here");
    assert_eq!(differ::<[Inner; 2], [other::Inner; 2]>(), "field `[..].letter`: u32 there, char here");
    assert_eq!(differ::<Inner, other::fewer::Inner>(), "field `letter`: no field there, `letter` here");
    assert_eq!(differ::<other::fewer::Inner, Inner>(), "field `letter`: `letter` there, no field here");
    assert_eq!(differ::<Shape, other::Shape>(), "field `_Label.0`: array of 4 there, array of 3 here");
    assert_eq!(differ::<Mode, other::Mode>(), "the type: variant `_On` = 8 there, variant `_On` = 7 here");
    assert_eq!(differ::<Mode, i16>(), "the type: i16 there, i16 enum `Mode` here");
    // Two names for one list of fields.
    assert_eq!(differ::<Left, Right>(), "the type: struct `Right` there, struct `Left` here");
    assert_eq!(differ::<[Left; 2], [Right; 2]>(), "field `[..]`: struct `Right` there, struct `Left` here");
    assert_eq!(differ::<SeqOption<u8>, SeqOption<bool>>(), "field `Some.0`: bool there, u8 here");
}

mod own {
    use seqcopy::{SeqCopy, Validate};

    /// Types with the names and the fields of seqcopy's.
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct SeqStr {
        len: u32,
        bytes: [u8; 4],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct SeqVec {
        len: u32,
        elements: [bool; 4],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    #[allow(dead_code)]
    pub(super) enum SeqOption {
        None,
        Some(u16),
    }
}

/// What the layout says a type is more than its shape.
fn said(layout: &Layout) -> [bool; 3] {
    [layout.option_of().is_some(), layout.str_capacity().is_some(), layout.vec_of().is_some()]
}

#[test]
fn a_type_of_the_same_name_is_another_type() {
    fn check<Seqcopys: Validate, Own: Validate>(expected: [bool; 3], difference: &str) {
        round_trip::<Seqcopys>();
        round_trip::<Own>();
        let (seqcopys, own) = (Schema::of::<Seqcopys>(), Schema::of::<Own>());
        let read = |schema: &Schema| said(Schema::decode(schema.as_bytes()).unwrap().layout());
        assert_eq!((read(&seqcopys), read(&own)), (expected, [false; 3]));
        assert_eq!(own.layout().type_name().to_string(), Own::LAYOUT.name());
        assert_ne!(seqcopys.fingerprint(), own.fingerprint());
        assert_eq!(own.difference(&seqcopys).unwrap().to_string(), difference);
        // They differ in a single byte of the schema.
        let bytes = seqcopys.as_bytes().iter().zip(own.as_bytes());
        assert_eq!(bytes.filter(|(a, b)| a != b).count(), 1);
    }
    let there = "the type: seqcopy's `SeqOption` there, u8 enum `SeqOption` with fields here";
    check::<SeqOption<u16>, own::SeqOption>([true, false, false], there);
    let there = "the type: seqcopy's `SeqStr` there, struct `SeqStr` here";
    check::<SeqStr<4>, own::SeqStr>([false, true, false], there);
    let there = "the type: seqcopy's `SeqVec` there, struct `SeqVec` here";
    check::<SeqVec<bool, 4>, own::SeqVec>([false, false, true], there);
}

/// Types whose parts are alike, and which differ in one number of their own.
#[test]
fn a_number_of_the_type_itself_may_differ() {
    let structure = |size, align| {
        let made = RawSchema::new().node(b'{', size, align).text("T").number(1);
        Schema::decode(&made.text("a").number(0).node(b'u', 4, 1).0).unwrap()
    };
    let choice = |of_tag, payload| {
        let made = RawSchema::new().node(b'|', 12, 1).text("T").node(b'u', 2, of_tag).number(payload);
        let made = made.number(1).text("A").number(0).number(1);
        Schema::decode(&made.text("a").number(0).node(b'u', 4, 1).0).unwrap()
    };
    for (here, there, expected) in [
        (structure(4, 1), structure(8, 1), "the type: 8 bytes of struct `T` there, 4 bytes here"),
        (structure(8, 2), structure(8, 4), "the type: alignment 4 there, alignment 2 here"),
        (
            choice(2, 4),
            choice(2, 8),
            "the type: other offsets in u16 enum `T` with fields there, u16 enum `T` with fields here",
        ),
        (
            choice(1, 4),
            choice(2, 4),
            "the type: other offsets in u16 enum `T` with fields there, u16 enum `T` with fields here",
        ),
    ] {
        assert_eq!(here.difference(&there).unwrap().to_string(), expected);
        assert_eq!([here.difference(&here), there.difference(&there)], [None, None]);
    }
}

/// Another process may say of any type that it is one of seqcopy's.
#[test]
fn a_mark_on_a_type_of_another_shape_is_refused() {
    let says = |made: &RawSchema, mark: &str| {
        let error = made.refused();
        assert!(error.ends_with(&format!("the fields of `T` are not those of a `{mark}`")), "{error}");
    };
    // A struct: the size of its length, where that lies, and the kind and size of what follows it.
    let structure = |kind: u8, len: u64, at: u64, fields: u64| {
        let made = RawSchema::new().node(kind, 16, 1).text("T").number(fields);
        made.text("a").number(at).node(b'u', len, 1).text("b").number(8)
    };
    let bytes = |made: RawSchema| made.node(b'[', 4, 1).number(4).node(b'u', 1, 1);
    let flags = |made: RawSchema| made.node(b'[', 4, 1).number(4).node(b'b', 1, 1);
    let words = |made: RawSchema| made.node(b'[', 4, 1).number(2).node(b'u', 2, 1);
    assert_eq!(said(Schema::decode(&bytes(structure(b's', 4, 0, 2)).0).unwrap().layout()), [false, true, false]);
    assert_eq!(said(Schema::decode(&flags(structure(b'v', 4, 0, 2)).0).unwrap().layout()), [false, false, true]);
    says(&flags(structure(b's', 4, 0, 2)), "SeqStr");
    says(&words(structure(b's', 4, 0, 2)), "SeqStr");
    for (kind, mark) in [(b's', "SeqStr"), (b'v', "SeqVec")] {
        says(&bytes(structure(kind, 4, 4, 2)), mark);
        says(&bytes(structure(kind, 8, 0, 2)), mark);
        says(&bytes(structure(kind, 2, 0, 2)), mark);
        says(&structure(kind, 4, 0, 2).node(b'u', 4, 1), mark);
        says(&bytes(structure(kind, 4, 0, 3)).text("c").number(12).node(b'u', 1, 1), mark);
        says(&RawSchema::new().node(kind, 8, 1).text("T").number(0), mark);
        let signed = RawSchema::new().node(kind, 8, 1).text("T").number(2).text("a").number(0).node(b'i', 4, 1);
        says(&bytes(signed.text("b").number(4)), mark);
    }
    // An enum whose variants have this many fields.
    let choice = |variants: &[u64]| {
        let tagged = RawSchema::new().node(b'o', 8, 1).text("T").node(b'u', 1, 1).number(1);
        (0..).zip(variants).fold(tagged.number(variants.len() as u64), |made, (i, fields)| {
            let made = made.text(&format!("v{i}")).number(i).number(*fields);
            (0..*fields).fold(made, |made, f| made.text(&format!("f{f}")).number(f).node(b'u', 1, 1))
        })
    };
    assert_eq!(said(Schema::decode(&choice(&[0, 1]).0).unwrap().layout()), [true, false, false]);
    for fields in [&[1, 0][..], &[1, 1], &[0, 0], &[0, 2], &[0], &[1], &[0, 1, 0]] {
        says(&choice(fields), "SeqOption");
    }
}

/// A type of each shape, as it is called where it differs from a number.
#[test]
fn each_shape_is_called_by_its_name() {
    let made = RawSchema::new;
    let tags = |kind| made().node(kind, 2, 2).text("E").number(1).text("v").number(1).number(0);
    let of_fields =
        made().node(b'|', 4, 2).text("E").node(b'i', 2, 2).number(2).number(1).text("v").number(1).number(0);
    for (there, name) in [
        (made().node(b'#', 3, 1).text("P"), "3 plain bytes `P`"),
        (made().node(b'_', 5, 1), "5 skipped bytes"),
        (made().node(b'[', 6, 2).number(3).node(b'u', 2, 2), "array of 3"),
        (made().node(b'{', 0, 1).text("S").number(0), "struct `S`"),
        (tags(b'e'), "u16 enum `E`"),
        (tags(b'd'), "i16 enum `E`"),
        (of_fields, "i16 enum `E` with fields"),
        (made().node(b'f', 4, 4), "f32"),
    ] {
        let there = Schema::decode(&there.0).unwrap();
        let difference = Schema::of::<u8>().difference(&there).unwrap();
        assert_eq!((difference.there.as_str(), difference.here.as_str()), (name, "u8"));
        assert_eq!(there.difference(&Schema::of::<u8>()).unwrap().here, name);
        assert_eq!(there.difference(&there), None);
    }
    let slice = Schema::of_slice::<u16>(4).unwrap();
    assert_eq!(slice.difference(&Schema::of::<u8>()).unwrap().here, "slice `[u16]`");
    assert_eq!(Schema::of::<SeqStr<4>>().difference(&Schema::of::<u8>()).unwrap().here, "seqcopy's `SeqStr`");
}

/// What is matched by its fields, and the first that can't be.
#[test]
fn types_are_matched_by_their_fields_or_it_is_said_why_not() {
    let made = RawSchema::new;
    // A struct with one field, so that the path has a name.
    let within = |size, inner: &dyn Fn(RawSchema) -> RawSchema| {
        Schema::decode(&inner(made().node(b'{', size, 1).text("S").number(1).text("f").number(0)).0).unwrap()
    };
    let tags = |variants: &[(&str, u64)]| {
        within(1, &|made| {
            let made = made.node(b'e', 1, 1).text("E").number(variants.len() as u64);
            variants.iter().fold(made, |made, (name, tag)| made.text(name).number(*tag).number(0))
        })
    };
    let fields = |tag, variants: &[(&str, u64, u64)]| {
        within(8, &|made| {
            let made = made.node(b'|', 8, 1).text("E").node(tag, 1, 1).number(1).number(variants.len() as u64);
            variants.iter().fold(made, |made, (name, tag, size)| {
                made.text(name).number(*tag).number(1).text("x").number(0).node(b'#', *size, 1).text("P")
            })
        })
    };
    let plain = |name: &str, size| within(size, &|made| made.node(b'#', size, 1).text(name));
    let array = |len| within(len, &|made| made.node(b'[', len, 1).number(len).node(b'u', 1, 1));
    let number = |kind, size| within(size, &|made| made.node(kind, size, 1));
    let said = |there: &str, here: &str| Some(format!("field `f`: {there} there, {here} here"));
    let one = [("A", 1)];
    let cases = [
        (tags(&one), tags(&one), None),
        // Variants that only one has; and one of another number, or of another name.
        (tags(&one), tags(&[("A", 1), ("B", 2)]), None),
        (tags(&[("A", 1), ("B", 2)]), tags(&one), None),
        (tags(&one), tags(&[("A", 2)]), Some("field `f`: variant `A` = 2 there, variant `A` = 1 here".to_owned())),
        (tags(&one), tags(&[("B", 1)]), Some("field `f`: variant `B` = 1 there, variant `A` = 1 here".to_owned())),
        (fields(b'u', &[("A", 1, 2)]), fields(b'u', &[("A", 1, 2), ("B", 2, 7)]), None),
        (
            fields(b'u', &[("A", 1, 2)]),
            fields(b'u', &[("A", 3, 2)]),
            Some("field `f`: variant `A` = 3 there, variant `A` = 1 here".to_owned()),
        ),
        (
            fields(b'u', &[("A", 1, 2)]),
            fields(b'u', &[("A", 1, 3)]),
            Some("field `f.A.x`: 3 plain bytes `P` there, 2 plain bytes `P` here".to_owned()),
        ),
        (
            fields(b'u', &[("A", 1, 2)]),
            fields(b'i', &[("A", 1, 2)]),
            said("i8 enum `E` with fields", "u8 enum `E` with fields"),
        ),
        (plain("P", 3), plain("P", 3), None),
        (plain("P", 3), plain("P", 4), said("4 plain bytes `P`", "3 plain bytes `P`")),
        (plain("P", 3), plain("Q", 3), said("3 plain bytes `Q`", "3 plain bytes `P`")),
        (array(3), array(3), None),
        (array(3), array(4), said("array of 4", "array of 3")),
        (number(b'u', 4), number(b'u', 4), None),
        (number(b'u', 4), number(b'u', 8), said("u64", "u32")),
        (number(b'u', 4), number(b'i', 4), said("i32", "u32")),
        (number(b'b', 1), number(b'u', 1), said("u8", "bool")),
    ];
    for (here, there, expected) in cases {
        assert_eq!(here.difference_by_fields(&there).map(|it| it.to_string()), expected);
    }
}
