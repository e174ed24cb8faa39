//! The places in which two values of one type differ.

use std::ops::ControlFlow;

use seqcopy::layout::Path;

use seqcopy_shm::untyped::{List, Node, Value};

/// Calls `each` with every such place until it breaks: part by part, as long as both have the same parts.
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
        // Not all of their bytes count: skipped ones are never read, and those beyond a text are no part of it.
        (Node::Skipped, Node::Skipped) => ControlFlow::Continue(()),
        (Node::Text(text), Node::Text(other)) if text == other => ControlFlow::Continue(()),
        (Node::Invalid { found, .. }, Node::Invalid { found: other, .. }) if found == other => {
            ControlFlow::Continue(())
        }
        _ => each(path, a, b),
    }
}

/// Whether both are the same value of one type.
pub(super) fn same<'a>(a: Value<'a>, b: Value<'a>) -> bool {
    differences(&Path::Root, a, b, &mut |_, _, _| ControlFlow::Break(())).is_continue()
}

/// Whether two arrays have the same elements.
pub(super) fn same_elements<'a>(a: List<'a>, b: List<'a>) -> bool {
    a.len() == b.len() && (a.bytes() == b.bytes() || a.iter().zip(b.iter()).all(|(a, b)| same(a, b)))
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption, SeqVec};

    use super::*;
    use crate::command::tests::samples::{Sample, image, offset};
    use crate::command::text::Text;
    use seqcopy_shm::untyped::Variants;

    #[test]
    fn differences_have_paths() {
        let (before, mut bytes) = (image(), image());
        bytes[offset("open")] = 0;
        bytes[offset("limit")] = 0;
        bytes[offset("outline") + 8] = 0;
        bytes[offset("history") + 6] = 1;
        bytes[offset("legs") + 4] = 1;
        // Padding, in an enum and in a struct, makes no difference.
        bytes[offset("outline") + 11] = 1;
        bytes[offset("legs") + 1] = 1;
        let variants = Variants::of(Sample::LAYOUT);
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

    #[test]
    fn elements_beyond_the_length_make_no_difference() {
        let pairs = SeqVec::<[bool; 2], 2>::LAYOUT;
        let variants = Variants::of(pairs);
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
        let variants = Variants::of(<[SeqOption<u32>; 2]>::LAYOUT);
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
}
