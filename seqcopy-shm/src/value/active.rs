//! [`copy_active`]: a value whose bytes may have been anything where its type has none, such as those of a struct in C.

use seqcopy::Layout;
use seqcopy::layout::{Field, Shape};

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
/// a text, are left alone.
pub(crate) fn copy_active(layout: &Layout, from: &[u8], to: &mut [u8]) {
    let each = |fields: &[Field], start: usize, from: &[u8], to: &mut [u8]| {
        for field in fields {
            let at = start + field.offset();
            copy_active(field.layout(), &from[at..], &mut to[at..]);
        }
    };
    match layout.shape() {
        Shape::Struct { fields: [len, text], .. } if layout.str_capacity().is_some() => {
            let count = from.first_chunk().map_or(0, |len| u32::from_ne_bytes(*len) as usize);
            copy_active(len.layout(), from, to);
            let used = text.offset()..text.offset() + count.min(text.layout().size());
            to[used.clone()].copy_from_slice(&from[used]);
        }
        Shape::Skipped => {}
        Shape::Array { element, .. } if element.size() == 0 => {}
        Shape::Array { element, len, .. } => {
            for at in (0..len).map(|index| index * element.size()) {
                copy_active(element, &from[at..], &mut to[at..]);
            }
        }
        Shape::Struct { fields, .. } => each(fields, 0, from, to),
        Shape::Enum { tag, payload, variants, .. } => {
            let bytes = &from[..tag.size()];
            to[..tag.size()].copy_from_slice(bytes);
            let is_active = |value: i128| {
                let bits = value.to_ne_bytes();
                let start = if cfg!(target_endian = "little") { 0 } else { bits.len() - bytes.len() };
                bits[start..][..bytes.len()] == *bytes
            };
            if let Some(active) = variants.iter().find(|variant| is_active(variant.value())) {
                each(active.fields(), payload, from, to);
            }
        }
        // One number.
        _ => to[..layout.size()].copy_from_slice(&from[..layout.size()]),
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

    #[test]
    fn what_follows_a_text_stays_zeros() {
        assert!(has_inactive(<[SeqStr<3>; 2]>::LAYOUT));
        let (from, mut to) = ([&2u32.to_ne_bytes()[..], &[0xee; 3]].concat(), [0; 7]);
        copy_active(SeqStr::<3>::LAYOUT, &from, &mut to);
        assert_eq!(to, *[&2u32.to_ne_bytes()[..], &[0xee, 0xee, 0]].concat());
    }
}
