//! [`copy_active`]: a value whose bytes may have been anything where its type has none, such as those of a struct in C.

use std::borrow::Cow;

use seqcopy::Layout;
use seqcopy::layout::{Field, Shape};

/// A valid value, or the start of one, with zeros for bytes that have no meaning in it. As it is if that is padding only, which no writer writes.
///
/// ```
/// use seqcopy::{Layout, SeqCopy};
/// use seqcopy_shm::untyped::active;
/// assert_eq!(*active(<u32 as SeqCopy>::LAYOUT, &[1, 2, 3, 4]), [1, 2, 3, 4]);
/// // A text of one byte, and what an earlier value has left.
/// assert_eq!(*active(<seqcopy::SeqStr<4> as SeqCopy>::LAYOUT, b"\x01\0\0\0abcd"), *b"\x01\0\0\0a\0\0\0");
/// ```
#[must_use]
pub fn active<'b>(layout: &Layout, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    if !has_inactive(layout) {
        return Cow::Borrowed(bytes);
    }
    let mut active = vec![0; bytes.len()];
    copy_active(layout, bytes, &mut active);
    Cow::Owned(active)
}

/// Whether some bytes have a meaning in some values only: in a type that has enums with fields, or text.
pub(crate) fn has_inactive(layout: &Layout) -> bool {
    match layout.shape() {
        _ if layout.str_capacity().is_some() => true,
        Shape::Enum { .. } => true,
        Shape::Array { element, .. } => has_inactive(element),
        Shape::Struct { fields, .. } => fields.iter().any(|field| has_inactive(field.layout())),
        // One number or none.
        _ => false,
    }
}

/// Copies of a valid value the bytes that have a meaning in it. Those of padding, of what other variants of an enum have, and those that follow
/// a text, are left alone. Of a slice, elements at the end may be missing.
pub(crate) fn copy_active(layout: &Layout, from: &[u8], to: &mut [u8]) {
    let each = |fields: &[Field], start: usize, from: &[u8], to: &mut [u8]| {
        for field in fields {
            let at = start + field.offset();
            if at < from.len() {
                copy_active(field.layout(), &from[at..], &mut to[at..]);
            }
        }
    };
    let copy = |end: usize, to: &mut [u8]| {
        let end = end.min(from.len());
        to[..end].copy_from_slice(&from[..end]);
    };
    match layout.shape() {
        // The length, and the text up to there, with nothing in between.
        Shape::Struct { fields: [_, text], .. } if layout.str_capacity().is_some() => {
            let count = from.first_chunk().map_or(0, |len| u32::from_ne_bytes(*len) as usize);
            copy(text.offset() + count.min(text.layout().size()), to);
        }
        Shape::Skipped => {}
        Shape::Array { element, .. } if element.size() == 0 => {}
        Shape::Array { element, len, .. } if has_inactive(element) || !element.is_padding_free() => {
            for at in (0..len).map(|index| index * element.size()).take_while(|at| *at < from.len()) {
                copy_active(element, &from[at..], &mut to[at..]);
            }
        }
        Shape::Struct { fields, .. } => each(fields, 0, from, to),
        Shape::Enum { tag, payload, variants, .. } => {
            copy(tag.size(), to);
            if let Some(active) = layout.variant_of(from) {
                each(variants[active].fields(), payload, from, to);
            }
        }
        // One number, or an array without a byte that has no meaning.
        _ => copy(layout.size(), to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy::{SeqCopy, SeqOption, SeqStr, Validate};

    #[derive(SeqCopy, Validate)]
    #[repr(C)]
    struct Both {
        at: u8,
        level: [SeqOption<u16>; 2],
    }

    #[test]
    fn bytes_of_other_variants_and_padding_stay_zeros() {
        assert!(has_inactive(Both::LAYOUT) && !has_inactive(<[(u8, u32); 3]>::LAYOUT));
        let size = Both::LAYOUT.size();
        let level = &Both::LAYOUT.fields()[1];
        let element = level.layout().size() / 2;
        for tags in 0..4u8 {
            let (mut from, mut to) = (vec![0xee; size], vec![0; size]);
            for index in 0..2 {
                from[level.offset() + index * element] = tags >> index & 1;
            }
            copy_active(Both::LAYOUT, &from, &mut to);
            assert_eq!(to[0], 0xee);
            assert!(to[1..level.offset()].iter().all(|byte| *byte == 0), "padding");
            for index in 0..2 {
                let [tag, rest @ ..] = &to[level.offset() + index * element..][..element] else { panic!("no bytes") };
                let expected = if tags >> index & 1 == 1 { [0, 0xee, 0xee] } else { [0; 3] };
                assert_eq!((*tag, rest), (tags >> index & 1, &expected[..]));
            }
        }
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    #[allow(dead_code)] // known by its layout
    enum Message {
        Key([u8; 7]) = 5,
        Hole(u8, u16) = 250,
        Nothing = 7,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Outer {
        word: u16,
        pair: [Message; 2],
    }

    #[test]
    fn inactive_variants_and_holes_of_active_ones_are_zero() {
        let message = |tag: u8| [vec![tag], vec![0xee; size_of::<Message>() - 1]].concat();
        let left = |layout, bytes: &[u8]| active(layout, bytes).split(|byte| *byte == 0xee).count() - 1;
        let of_message = |tag| left(Message::LAYOUT, &message(tag));
        assert_eq!((of_message(5), of_message(7), active(Message::LAYOUT, &message(5))[0]), (7, 0, 5));
        // A byte, a hole of one byte, two bytes.
        assert_eq!(of_message(250), 3);
        let outer = [vec![0xee; 2], message(7), message(5)].concat();
        assert_eq!(left(Outer::LAYOUT, &outer), 2 + 7);
        // Some of it, as of a slice.
        let first = 2 + size_of::<Message>();
        assert_eq!(*active(Outer::LAYOUT, &outer[..first]), active(Outer::LAYOUT, &outer)[..first]);
        assert_eq!(*active(u64::LAYOUT, &[0xee; 8]), [0xee; 8]);
    }

    #[test]
    fn what_follows_a_text_stays_zeros() {
        assert!(has_inactive(<[SeqStr<3>; 2]>::LAYOUT));
        let (from, mut to) = ([&2u32.to_ne_bytes()[..], &[0xee; 3]].concat(), [0; 7]);
        copy_active(SeqStr::<3>::LAYOUT, &from, &mut to);
        assert_eq!(to, *[&2u32.to_ne_bytes()[..], &[0xee, 0xee, 0]].concat());
    }
}
