//! Finding a part of a value by its path, and the differences between two values.

use std::ops::ControlFlow;

use super::columns::printable;
use super::region::type_name;

use seqcopy::Layout;
use seqcopy::layout::{Field, Path, Shape};
use seqcopy_shm::untyped::{List, Node, Value, Variants};

/// Calls `each` with every place where two values differ, part by part as long as both have the same parts, until
/// `each` breaks.
///
/// Floats are compared by their bits, as they are copied; padding and the bytes of inactive variants are not compared.
pub(super) fn differences<'a>(
    path: &Path<'_>,
    a: Value<'a>,
    b: Value<'a>,
    each: &mut impl FnMut(&Path<'_>, Value<'a>, Value<'a>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if a.bytes() == b.bytes() {
        return ControlFlow::Continue(());
    }
    match (a.look(), b.look()) {
        (Node::Fields(of_a), Node::Fields(of_b)) if of_a.variant() == of_b.variant() => {
            let path = of_a.path(path);
            let mut fields = of_a.iter().zip(of_b.iter());
            fields.try_for_each(|((name, a), (_, b))| differences(&Path::Field(&path, name), a, b, each))
        }
        (Node::List(of_a), Node::List(of_b)) if of_a.len() == of_b.len() => {
            let mut elements = of_a.iter().zip(of_b.iter()).enumerate();
            elements.try_for_each(|(i, (a, b))| differences(&Path::Element(path, i), a, b, each))
        }
        // Some of their bytes do not count: skipped fields are never read, and bytes after a text do not belong to it.
        (Node::Skipped, Node::Skipped) => ControlFlow::Continue(()),
        (Node::Text(text), Node::Text(other)) if text == other => ControlFlow::Continue(()),
        (Node::Invalid { found, .. }, Node::Invalid { found: other, .. }) if found == other => {
            ControlFlow::Continue(())
        }
        _ => each(path, a, b),
    }
}

/// Whether both are equal. They have the same type.
pub(super) fn same<'a>(a: Value<'a>, b: Value<'a>) -> bool {
    differences(&Path::Root, a, b, &mut |_, _, _| ControlFlow::Break(())).is_continue()
}

/// Whether two arrays have the same elements.
pub(super) fn same_elements<'a>(a: List<'a>, b: List<'a>) -> bool {
    a.len() == b.len() && (a.bytes() == b.bytes() || a.iter().zip(b.iter()).all(|(a, b)| same(a, b)))
}

/// A part of a value, and its type.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    offset: usize,
    pub(super) layout: &'a Layout,
}

/// This many names are listed in an error.
const LISTED: usize = 24;

impl<'a> Place<'a> {
    /// The whole value, or the field that the path names.
    pub(super) fn find(root: &'a Layout, path: Option<&str>) -> Result<Place<'a>, String> {
        let mut place = Place { offset: 0, layout: root };
        let Some(path) = path else { return Ok(place) };
        let mut rest = path;
        while !rest.is_empty() {
            let passed = &path[..path.len() - rest.len()];
            if let Some(index) = rest.strip_prefix('[') {
                let (digits, after) =
                    index.split_once(']').ok_or_else(|| format!("`{}`: a `]` is missing", printable(path)))?;
                place = place.element(passed, digits)?;
                rest = after;
            } else {
                let name = match rest.strip_prefix('.') {
                    Some(name) if !passed.is_empty() => name,
                    None if passed.is_empty() => rest,
                    _ => return Err(format!("`{}`: expected a path, as in `pose.legs[2].angle`", printable(path))),
                };
                let end = name.find(['.', '[']).unwrap_or(name.len());
                place = place.field(passed, &name[..end])?;
                rest = &name[end..];
            }
        }
        Ok(place)
    }

    fn element(self, passed: &str, digits: &str) -> Result<Place<'a>, String> {
        let of = self.named(passed);
        let Shape::Array { element, len, .. } = self.layout.shape() else {
            return Err(format!("{of} is not an array: `[{}]` names no element", printable(digits)));
        };
        match digits.parse::<usize>() {
            Ok(index) if index < len => Ok(Place { offset: self.offset + index * element.size(), layout: element }),
            _ => Err(format!("{of} has {len} elements: `[{}]` names none of them", printable(digits))),
        }
    }

    fn field(self, passed: &str, name: &str) -> Result<Place<'a>, String> {
        let (of, wanted) = (self.named(passed), printable(name));
        match self.layout.shape() {
            Shape::Struct { fields, .. } => match fields.iter().find(|field| field.name() == name) {
                Some(field) => Ok(Place { offset: self.offset + field.offset(), layout: field.layout() }),
                None => Err(format!("{of} has no field `{wanted}`: {}", listed(fields))),
            },
            Shape::Array { len, .. } => {
                Err(format!("{of} is an array of {len}: name an element, as in `{passed}[0].{wanted}`"))
            }
            Shape::Enum { .. } => {
                Err(format!("{of} is an enum, whose fields are those of its variant: show it as a whole"))
            }
            _ => Err(format!("{of} has no fields: there is no `{wanted}` in it")),
        }
    }

    /// The name for error messages.
    fn named(self, passed: &str) -> String {
        match passed {
            "" => format!("`{}`", type_name(self.layout)),
            passed => format!("`{}` (`{}`)", printable(passed), type_name(self.layout)),
        }
    }

    /// The part in the bytes of a whole value.
    pub(super) fn value(self, variants: &'a Variants, bytes: &'a [u8]) -> Value<'a> {
        variants.value(self.layout, bytes.get(self.offset..).unwrap_or_default())
    }
}

fn listed(fields: &[Field]) -> String {
    let names: Vec<String> = fields.iter().take(LISTED).map(|field| format!("`{}`", printable(field.name()))).collect();
    match fields.len().checked_sub(LISTED) {
        _ if fields.is_empty() => "it has none".to_owned(),
        None | Some(0) => format!("it has {}", names.join(", ")),
        Some(more) => format!("it has {}, and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::tests::samples::{Sample, image, offset};
    use crate::command::text::Text;
    use seqcopy::{SeqCopy, SeqOption, SeqVec, Validate};
    use seqcopy_shm::untyped::Variants;

    #[test]
    fn differences_have_paths() {
        let (before, mut bytes) = (image(), image());
        bytes[offset("open")] = 0;
        bytes[offset("limit")] = 0;
        bytes[offset("outline") + 8] = 0;
        bytes[offset("history") + 6] = 1;
        bytes[offset("legs") + 4] = 1;
        // Padding in enums and in structs makes no difference.
        bytes[offset("outline") + 11] = 1;
        bytes[offset("legs") + 1] = 1;
        let variants = Variants::from_layout(Sample::LAYOUT);
        let value = |bytes| variants.value(Sample::LAYOUT, bytes);
        let mut lines = Vec::new();
        let end = differences(&Path::Root, value(&before), value(&bytes), &mut |path, a, b| {
            let [a, b] = [a, b].map(|value| Text::Line(value, usize::MAX));
            lines.push(format!("{path} {a} {b}"));
            ControlFlow::Continue(())
        });
        assert!(end.is_continue());
        let [history, length] = [u16::from_ne_bytes([1, 0]).to_string(), u32::from_ne_bytes([1, 0, 0, 0]).to_string()];
        assert_eq!(
            lines,
            [
                "open true false",
                "limit Some(2.5) None",
                "outline.Circle.filled true false",
                &format!("history[3] 0 {history}"),
                &format!("legs[0].length 0 {length}"),
            ]
        );
    }

    /// Lists are compared element by element, and by their length.
    #[test]
    fn lists_are_the_same_if_each_element_is() {
        let legs = <[Leg; 2]>::LAYOUT;
        let variants = Variants::from_layout(legs);
        let same = |a: &[u8], b: &[u8]| {
            let list = |bytes| match variants.value(legs, bytes).look() {
                Node::List(list) => list,
                _ => unreachable!("an array"),
            };
            super::same_elements(list(a), list(b))
        };
        let none = [0u8; 16];
        assert!(same(&none, &none));
        for (byte, is_same) in [(0, false), (4, false), (5, true), (7, true), (8, false), (12, false), (13, true)] {
            let mut other = none;
            other[byte] = 1;
            assert_eq!(same(&none, &other), is_same, "{byte}");
            // The other element differs as well.
            other[if byte < 8 { 8 } else { 0 }] = 1;
            assert!(!same(&none, &other), "{byte}");
        }
    }

    #[test]
    fn elements_beyond_the_length_make_no_difference() {
        let pairs = SeqVec::<[bool; 2], 2>::LAYOUT;
        let variants = Variants::from_layout(pairs);
        let same = |a: &[u8], b: &[u8]| {
            let value = |bytes| variants.value(pairs, bytes);
            super::same(value(a), value(b))
        };
        let vec = |len: u32, bytes: [u8; 4]| [&len.to_ne_bytes(), bytes.as_slice()].concat();
        assert!(same(&vec(1, [1, 0, 0, 0]), &vec(1, [1, 0, 1, 1])));
        assert!(!same(&vec(1, [1, 0, 1, 1]), &vec(2, [1, 0, 1, 1])));
    }

    #[test]
    fn padding_and_other_variants_make_no_difference() {
        let variants = Variants::from_layout(<[SeqOption<u32>; 2]>::LAYOUT);
        let same = |a: &[u8], b: &[u8]| {
            let value = |bytes| variants.value(<[SeqOption<u32>; 2]>::LAYOUT, bytes);
            super::same(value(a), value(b))
        };
        let none = [0u8; 16];
        let mut other = none;
        // Padding after the tag, and the field of `Some`.
        other[1] = 9;
        other[4] = 9;
        assert!(same(&none, &other));
        other[8] = 1;
        assert!(!same(&none, &other));
        let mut some = other;
        some[13] = 1;
        assert!(!same(&some, &other));
        some[13] = 0;
        some[9] = 1;
        assert!(same(&some, &other));
        // Invalid tags are compared as numbers.
        assert!(!same(&[2; 16], &[3; 16]) && same(&[2; 16], &[[2; 1], [2; 1]].concat().repeat(8)));
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Leg {
        angle: f32,
        free: bool,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(u8)]
    #[allow(dead_code)]
    enum Mode {
        Stop,
        Go { speed: u16 },
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Pose {
        at: u64,
        legs: [Leg; 4],
        mode: Mode,
    }

    fn error(path: &str) -> String {
        Place::find(Pose::LAYOUT, Some(path)).err().expect("no such field")
    }

    #[test]
    fn paths_lead_to_their_places() {
        let place = |path| Place::find(Pose::LAYOUT, Some(path)).map(|place| (place.offset, place.layout.name()));
        assert_eq!(place("at"), Ok((0, "u64")));
        assert_eq!(place("legs"), Ok((8, Pose::LAYOUT.fields()[1].layout().name())));
        assert_eq!(place("legs[3]"), Ok((32, "Leg")));
        assert_eq!(place("legs[3].free"), Ok((36, "bool")));
        assert_eq!(place("mode"), Ok((40, "Mode")));
        let element = Place::find(<[[u16; 3]; 2]>::LAYOUT, Some("[1][2]")).map(|place| place.offset);
        assert_eq!(element, Ok(10));
        assert_eq!(Place::find(Pose::LAYOUT, None).map(|place| place.layout.name()), Ok("Pose"));
    }

    #[test]
    fn errors_say_what_there_is() {
        assert_eq!(error("leg"), "`Pose` has no field `leg`: it has `at`, `legs`, `mode`");
        assert_eq!(error("legs[0].z"), "`legs[0]` (`Leg`) has no field `z`: it has `angle`, `free`");
        assert_eq!(error("legs[4]"), "`legs` (`[Leg; 4]`) has 4 elements: `[4]` names none of them");
        assert_eq!(error("legs[-1]"), "`legs` (`[Leg; 4]`) has 4 elements: `[-1]` names none of them");
        assert_eq!(error("legs.free"), "`legs` (`[Leg; 4]`) is an array of 4: name an element, as in `legs[0].free`");
        assert_eq!(error("at.x"), "`at` (`u64`) has no fields: there is no `x` in it");
        assert_eq!(error("at[0]"), "`at` (`u64`) is not an array: `[0]` names no element");
        let mode = "`mode` (`Mode`) is an enum, whose fields are those of its variant: show it as a whole";
        assert_eq!(error("mode.Go.speed"), mode);
        assert_eq!(error("legs[0]."), "`legs[0]` (`Leg`) has no field ``: it has `angle`, `free`");
        assert_eq!(error("at."), "`at` (`u64`) has no fields: there is no `` in it");
        assert_eq!(error("legs[0"), "`legs[0`: a `]` is missing");
        assert_eq!(error(".at"), "`.at`: expected a path, as in `pose.legs[2].angle`");
        assert_eq!(error("legs[0]free"), "`legs[0]free`: expected a path, as in `pose.legs[2].angle`");
        assert_eq!(error("\u{1b}[0"), "`Pose` has no field `\\u{1b}`: it has `at`, `legs`, `mode`");
        let many: Vec<Field> = (0..=LISTED).map(|at| Field::new("a", at, <u8 as SeqCopy>::LAYOUT)).collect();
        assert!(listed(&many[..LISTED]).ends_with(", `a`") && listed(&many).ends_with(", `a`, and 1 more"));
    }
}
