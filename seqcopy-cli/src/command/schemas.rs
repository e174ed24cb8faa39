//! How two types differ, by their schemas.

use std::collections::HashMap;

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, Variant};

use super::types::type_name;

/// How many differences are listed; the others are counted. Each has a path, which can be long.
const LISTED: usize = 1000;

/// The differences found so far.
#[derive(Default)]
struct Lines {
    listed: Vec<String>,
    count: usize,
}

impl Lines {
    fn push(&mut self, line: String) {
        self.count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(line);
        }
    }
}

/// A line for each difference, and none if the layouts agree in everything that the fingerprint covers.
pub(super) fn compare(a: &Layout, b: &Layout) -> Vec<String> {
    let mut lines = Lines::default();
    if a.fingerprint() != b.fingerprint() {
        layouts("", a, b, &mut lines);
        if lines.count == 0 {
            lines
                .push("the fingerprints differ, in a part of the schema that this version does not compare".to_owned());
        }
    }
    if lines.count > LISTED {
        lines.listed.push(format!("... {} more", lines.count - LISTED));
    }
    lines.listed
}

fn layouts(path: &str, a: &Layout, b: &Layout, lines: &mut Lines) {
    let place = || if path.is_empty() { "the type".to_owned() } else { format!("`{path}`") };
    let before = lines.count;
    match (a.shape(), b.shape()) {
        (Shape::Struct { fields: of_a }, Shape::Struct { fields: of_b }) => {
            named(path, a, b, lines);
            fields(path, of_a, of_b, lines);
        }
        (Shape::Array { element: of_a, len }, Shape::Array { element: of_b, len: other }) => {
            if len != other {
                lines.push(format!("{}: {len} elements in A, {other} in B", place()));
            }
            layouts(&format!("{path}[0]"), of_a, of_b, lines);
        }
        (Shape::Tags { variants: of_a, .. }, Shape::Tags { variants: of_b, .. })
            if describe(a, true) == describe(b, true) =>
        {
            named(path, a, b, lines);
            variants(path, of_a, of_b, lines);
        }
        (
            Shape::Enum { tag, variants: of_a, payload },
            Shape::Enum { tag: other, variants: of_b, payload: other_payload },
        ) => {
            named(path, a, b, lines);
            layouts(&step(path, "tag"), tag, other, lines);
            variants(path, of_a, of_b, lines);
            if lines.count == before && payload != other_payload {
                lines.push(format!(
                    "{}: the fields of variants begin at byte {payload} in A, at byte {other_payload} in B",
                    place()
                ));
            }
        }
        _ if describe(a, true) == describe(b, true) => {}
        _ => {
            lines.push(format!("{}: {} in A, {} in B", place(), describe(a, false), describe(b, false)));
            return;
        }
    }
    // Otherwise these usually follow from the differences above.
    if lines.count == before {
        let [of_a, of_b] = [a, b].map(type_name);
        if of_a != of_b {
            lines.push(format!("{}: {of_a} in A, {of_b} in B", place()));
        }
    }
    if lines.count == before && (a.size(), a.align()) != (b.size(), b.align()) {
        lines.push(format!(
            "{}: {} bytes, align {} in A, {} bytes, align {} in B",
            place(),
            a.size(),
            a.align(),
            b.size(),
            b.align()
        ));
    }
}

fn named(path: &str, a: &Layout, b: &Layout, lines: &mut Lines) {
    if a.name() != b.name() {
        let place = if path.is_empty() { "the type".to_owned() } else { format!("`{path}`") };
        lines.push(format!("{place}: named `{}` in A, `{}` in B", a.name(), b.name()));
    }
}

fn fields(path: &str, a: &[Field], b: &[Field], lines: &mut Lines) {
    let (of_a, of_b) = (by_name(a, Field::name), by_name(b, Field::name));
    for field in a {
        let path = step(path, field.name());
        let Some(other) = of_b.get(field.name()) else {
            lines.push(format!("`{path}`: {} in A, not in B", describe(field.layout(), false)));
            continue;
        };
        if field.offset() != other.offset() {
            lines.push(format!("`{path}`: at byte {} in A, at byte {} in B", field.offset(), other.offset()));
        }
        layouts(&path, field.layout(), other.layout(), lines);
    }
    for field in b.iter().filter(|field| !of_a.contains_key(field.name())) {
        lines.push(format!("`{}`: not in A, {} in B", step(path, field.name()), describe(field.layout(), false)));
    }
}

fn variants(path: &str, a: &[Variant], b: &[Variant], lines: &mut Lines) {
    let (of_a, of_b) = (by_name(a, Variant::name), by_name(b, Variant::name));
    for variant in a {
        let path = step(path, variant.name());
        let Some(other) = of_b.get(variant.name()) else {
            lines.push(format!("`{path}`: a variant in A only"));
            continue;
        };
        if variant.value() != other.value() {
            lines.push(format!("`{path}` = {} in A, {} in B", variant.value(), other.value()));
        }
        fields(&path, variant.fields(), other.fields(), lines);
    }
    for variant in b.iter().filter(|variant| !of_a.contains_key(variant.name())) {
        lines.push(format!("`{}`: a variant in B only", step(path, variant.name())));
    }
}

/// By a map, because there may be thousands. No two have one name: the library refuses such schemas.
fn by_name<T>(parts: &[T], name: fn(&T) -> &str) -> HashMap<&str, &T> {
    parts.iter().map(|part| (name(part), part)).collect()
}

/// The path of a part.
fn step(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What a node is, by its kind and width. With `exact`, two nodes of one description differ in their children at most.
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
`mode.Fast` = 1 in A, 2 in B
`mode.Lost`: a variant in A only
`mode.New`: a variant in B only
`legs`: 2 elements in A, 3 in B
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

    #[test]
    fn a_type_of_the_same_name_is_another_type() {
        let lines = compare(<[SeqStr<4>; 2]>::LAYOUT, <[own::SeqStr; 2]>::LAYOUT);
        assert_eq!(lines, ["`[0]`: SeqStr<4> in A, SeqStr in B"]);
    }

    #[test]
    fn kinds_differ() {
        assert_eq!(compare(u16::LAYOUT, old::Mode::LAYOUT), ["the type: u16 in A, enum Mode (u8) in B"]);
        assert_eq!(compare(<[u8; 4]>::LAYOUT, u32::LAYOUT), ["the type: [u8; 4] in A, u32 in B"]);
    }
}
