//! Comparing two types by their schemas.

use std::collections::HashMap;

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, Variant};

use super::region::type_name;

/// How many differences are listed; the others are counted. Each has a path, which can be long.
const LISTED: usize = 1000;

/// The differences found so far.
#[derive(Default)]
struct Lines {
    listed: Vec<String>,
    count: usize,
}

impl Lines {
    /// Adds a line if the texts for a path differ.
    fn compare(&mut self, path: &str, a: &str, b: &str) {
        if a == b {
            return;
        }
        self.count += 1;
        if self.listed.len() < LISTED {
            let place = if path.is_empty() { "the type".to_owned() } else { format!("`{path}`") };
            self.listed.push(format!("{place}: {a} in A, {b} in B"));
        }
    }
}

/// Describes a missing part.
const ABSENT: &str = "not";

/// A line for each difference, and none if the layouts agree in everything that the fingerprint covers.
pub(super) fn compare(a: &Layout, b: &Layout) -> Vec<String> {
    let mut lines = Lines::default();
    if a.fingerprint() != b.fingerprint() {
        layouts("", a, b, &mut lines);
        if lines.count == 0 {
            let line = "the fingerprints differ, in a part of the schema that this version does not compare";
            lines.listed.push(line.to_owned());
        }
    }
    if lines.count > LISTED {
        lines.listed.push(format!("... {} more", lines.count - LISTED));
    }
    lines.listed
}

fn layouts(path: &str, a: &Layout, b: &Layout, lines: &mut Lines) {
    let before = lines.count;
    let named = |layout: &Layout| format!("named `{}`", layout.name());
    match (a.shape(), b.shape()) {
        (Shape::Struct { fields: of_a, .. }, Shape::Struct { fields: of_b, .. }) => {
            lines.compare(path, &named(a), &named(b));
            fields(path, of_a, of_b, lines);
        }
        (Shape::Array { element: of_a, len, .. }, Shape::Array { element: of_b, len: other, .. }) => {
            let elements = |len| format!("{len} elements");
            lines.compare(path, &elements(len), &elements(other));
            layouts(&format!("{path}[0]"), of_a, of_b, lines);
        }
        (Shape::Tags { variants: of_a, .. }, Shape::Tags { variants: of_b, .. })
            if describe(a, true) == describe(b, true) =>
        {
            lines.compare(path, &named(a), &named(b));
            variants(path, of_a, of_b, lines);
        }
        (
            Shape::Enum { tag, variants: of_a, payload, .. },
            Shape::Enum { tag: other, variants: of_b, payload: other_payload, .. },
        ) => {
            lines.compare(path, &named(a), &named(b));
            layouts(&step(path, "tag"), tag, other, lines);
            variants(path, of_a, of_b, lines);
            if lines.count == before {
                let begin = |payload| format!("fields of variants from byte {payload}");
                lines.compare(path, &begin(payload), &begin(other_payload));
            }
        }
        _ if describe(a, true) == describe(b, true) => {}
        _ => return lines.compare(path, &describe(a, false), &describe(b, false)),
    }
    // These differences usually follow from those above.
    if lines.count == before {
        lines.compare(path, &type_name(a), &type_name(b));
    }
    if lines.count == before {
        let size = |layout: &Layout| format!("{} bytes, align {}", layout.size(), layout.align());
        lines.compare(path, &size(a), &size(b));
    }
}

fn fields(path: &str, a: &[Field], b: &[Field], lines: &mut Lines) {
    let kind = |field: Option<&Field>| field.map_or(ABSENT.to_owned(), |field| describe(field.layout(), false));
    let offset = |field: &Field| format!("at byte {}", field.offset());
    by_name(a, b, Field::name, |name, a, b| {
        let path = step(path, name);
        let (Some(a), Some(b)) = (a, b) else { return lines.compare(&path, &kind(a), &kind(b)) };
        lines.compare(&path, &offset(a), &offset(b));
        layouts(&path, a.layout(), b.layout(), lines);
    });
}

fn variants(path: &str, a: &[Variant], b: &[Variant], lines: &mut Lines) {
    let kind = |variant: Option<&Variant>| variant.map_or(ABSENT.to_owned(), |it| format!("variant {}", it.value()));
    by_name(a, b, Variant::name, |name, a, b| {
        let path = step(path, name);
        lines.compare(&path, &kind(a), &kind(b));
        if let (Some(a), Some(b)) = (a, b) {
            fields(&path, a.fields(), b.fields(), lines);
        }
    });
}

/// Calls `each` with the parts of each name. Names are unique, because the library refuses other schemas.
fn by_name<'a, T>(
    a: &'a [T],
    b: &'a [T],
    name: fn(&T) -> &str,
    mut each: impl FnMut(&str, Option<&'a T>, Option<&'a T>),
) {
    // There may be thousands of names.
    let mut of_b: HashMap<_, _> = b.iter().map(|part| (name(part), part)).collect();
    for part in a {
        each(name(part), Some(part), of_b.remove(name(part)));
    }
    for part in b.iter().filter(|part| of_b.contains_key(name(part))) {
        each(name(part), None, Some(part));
    }
}

/// The path of a part.
fn step(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Describes a node by its kind and width. With `exact`, nodes with equal descriptions differ only in their children.
fn describe(layout: &Layout, exact: bool) -> String {
    let bits = 8 * layout.size();
    match layout.shape() {
        Shape::Scalar(Scalar::Unsigned) => format!("u{bits}"),
        Shape::Scalar(Scalar::Signed) => format!("i{bits}"),
        Shape::Scalar(_) => format!("{} of {bits} bits", layout.name()),
        Shape::Tags { signed, .. } => {
            let name = if exact { "" } else { layout.name() };
            format!("enum {name} ({}{bits})", if signed { 'i' } else { 'u' })
        }
        Shape::Enum { .. } => format!("enum {} with fields", layout.name()),
        Shape::Struct { .. } => format!("struct {}", layout.name()),
        Shape::Plain => format!("{} plain bytes {}", layout.size(), layout.name()),
        Shape::Skipped => format!("{} skipped bytes", layout.size()),
        _ => type_name(layout),
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption, SeqStr};

    use super::*;

    mod old {
        use super::*;
        #[derive(SeqCopy)]
        #[repr(C)]
        #[allow(dead_code)]
        pub(super) struct Pose {
            pub(super) at: u64,
            pub(super) mode: Mode,
            pub(super) legs: [Leg; 2],
            pub(super) gone: bool,
        }
        #[derive(SeqCopy)]
        #[repr(u8)]
        #[allow(dead_code)]
        pub(super) enum Mode {
            Calm,
            Fast,
            Lost,
        }
        #[derive(SeqCopy)]
        #[repr(C)]
        #[allow(dead_code)]
        pub(super) struct Leg {
            pub(super) length: f32,
            pub(super) ready: SeqOption<u8>,
        }
    }

    mod new {
        use super::*;
        #[derive(SeqCopy)]
        #[repr(C)]
        #[allow(dead_code)]
        pub(super) struct Pose {
            pub(super) at: i64,
            pub(super) mode: Mode,
            pub(super) legs: [Leg; 3],
            pub(super) come: u8,
        }
        #[derive(SeqCopy)]
        #[repr(u8)]
        #[allow(dead_code)]
        pub(super) enum Mode {
            Calm,
            Fast = 2,
            New,
        }
        #[derive(SeqCopy)]
        #[repr(C)]
        #[allow(dead_code)]
        pub(super) struct Leg {
            pub(super) length: f32,
            pub(super) ready: SeqOption<u16>,
        }
    }

    #[test]
    fn every_difference_is_named() {
        let expected = "\
`at`: u64 in A, i64 in B
`mode.Fast`: variant 1 in A, variant 2 in B
`mode.Lost`: variant 2 in A, not in B
`mode.New`: not in A, variant 3 in B
`legs`: 2 elements in A, 3 elements in B
`legs[0].ready.Some.0`: u8 in A, u16 in B
`gone`: bool of 8 bits in A, not in B
`come`: not in A, u8 in B";
        let mut lines = compare(old::Pose::LAYOUT, new::Pose::LAYOUT);
        // Offsets follow from the rest.
        lines.retain(|line| !line.contains("at byte"));
        assert_eq!(lines.join("\n"), expected);
        assert!(compare(old::Pose::LAYOUT, old::Pose::LAYOUT).is_empty());
    }

    mod own {
        #[derive(seqcopy::SeqCopy)]
        #[repr(C)]
        #[allow(dead_code)]
        pub(super) struct SeqStr {
            len: u32,
            bytes: [u8; 4],
        }
    }

    /// A thousand are listed, and the others counted.
    #[test]
    fn many_differences_are_counted() {
        let of = |count: usize, kind: &str| {
            let names: Vec<_> = (0..count).map(|number| format!("f{number}")).collect();
            let number = seqcopy_shm::SchemaBuilder::number(kind).unwrap();
            let fields: Vec<_> = names.iter().map(|name| (name.as_str(), number.clone())).collect();
            seqcopy_shm::SchemaBuilder::structure("Many", &fields).build().unwrap()
        };
        for count in [999, 1000, 1001, 1002] {
            let lines = compare(of(count, "u32").layout(), of(count, "f32").layout());
            assert_eq!(lines.len(), count.min(1001));
            let last = if count > 1000 {
                format!("... {} more", count - 1000)
            } else {
                format!("`f{}`: u32 in A, f32 of 32 bits in B", count - 1)
            };
            assert_eq!(lines.last(), Some(&last));
        }
    }

    #[test]
    fn a_type_of_the_same_name_is_another_type() {
        let lines = compare(<[SeqStr<4>; 2]>::LAYOUT, <[own::SeqStr; 2]>::LAYOUT);
        assert_eq!(lines, ["`[0]`: SeqStr<4> in A, SeqStr in B"]);
    }

    /// The variants are the same, but the tag has another width or sign.
    #[test]
    fn tags_differ() {
        macro_rules! with_tags {
            ($($name:ident: $($repr:ident),*;)*) => {$(
                mod $name {
                    #[derive(seqcopy::SeqCopy)]
                    #[repr($($repr),*)]
                    #[allow(dead_code)]
                    pub(super) enum Step {
                        None,
                        By { x: u8 },
                    }
                }
            )*};
        }
        with_tags! {
            one: C, u8;
            two: C, u16;
            signed: C, i8;
        }
        assert_eq!(compare(one::Step::LAYOUT, two::Step::LAYOUT), ["`tag`: u8 in A, u16 in B"]);
        assert_eq!(compare(one::Step::LAYOUT, signed::Step::LAYOUT), ["`tag`: u8 in A, i8 in B"]);
        assert!(compare(two::Step::LAYOUT, two::Step::LAYOUT).is_empty());
    }

    mod apart {
        #[derive(seqcopy::SeqCopy)]
        #[repr(u16)]
        #[allow(dead_code)]
        pub(super) enum Mode {
            Calm,
            Fast,
            Lost,
        }
        #[derive(seqcopy::SeqCopy)]
        #[repr(C, align(16))]
        #[allow(dead_code)]
        pub(super) struct Leg {
            pub(super) length: f32,
            pub(super) ready: seqcopy::SeqOption<u8>,
        }
    }

    /// The parts are the same, but the whole has another width or size.
    #[test]
    fn wholes_differ() {
        let lines = compare(old::Mode::LAYOUT, apart::Mode::LAYOUT);
        assert_eq!(lines, ["the type: enum Mode (u8) in A, enum Mode (u16) in B"]);
        let lines = compare(old::Leg::LAYOUT, apart::Leg::LAYOUT);
        assert_eq!(lines, ["the type: 8 bytes, align 4 in A, 16 bytes, align 16 in B"]);
    }

    #[test]
    fn kinds_differ() {
        assert_eq!(compare(u16::LAYOUT, old::Mode::LAYOUT), ["the type: u16 in A, enum Mode (u8) in B"]);
        assert_eq!(compare(<[u8; 4]>::LAYOUT, u32::LAYOUT), ["the type: [u8; 4] in A, u32 in B"]);
        // Each difference in its own words, next to a type that is like none of them.
        for (layout, words) in [
            (i16::LAYOUT, "i16"),
            (u128::LAYOUT, "u128"),
            (f32::LAYOUT, "f32 of 32 bits"),
            (bool::LAYOUT, "bool of 8 bits"),
            (char::LAYOUT, "char of 32 bits"),
            (<core::num::NonZero<i32>>::LAYOUT, "NonZero<i32> of 32 bits"),
            (old::Leg::LAYOUT, "struct Leg"),
            (SeqOption::<u8>::LAYOUT, "enum SeqOption with fields"),
            (SeqStr::<4>::LAYOUT, "struct SeqStr"),
            (&Layout::of_plain("Opaque", 3, 1), "3 plain bytes Opaque"),
            (&Layout::of_skipped(5, 1), "5 skipped bytes"),
        ] {
            assert_eq!(compare(layout, old::Mode::LAYOUT), [format!("the type: {words} in A, enum Mode (u8) in B")]);
            assert_eq!(compare(old::Mode::LAYOUT, layout), [format!("the type: enum Mode (u8) in A, {words} in B")]);
        }
    }
}
