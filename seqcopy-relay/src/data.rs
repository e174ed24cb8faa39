//! Which bytes of a value are data: the others may have those of earlier values, and stay where they are.

use std::borrow::Cow;

use seqcopy::Layout;
use seqcopy::layout::{Field, Shape};

/// The bytes of a value with zeros for those that are not data of it, such as those of the variants that an enum does not have now.
#[must_use]
pub fn of_value<'b>(layout: &Layout, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    // Otherwise the others are padding, which no writer writes.
    if !layout.has_enum_with_fields() {
        return Cow::Borrowed(bytes);
    }
    let mut data = vec![0; bytes.len()];
    keep(layout, bytes, &mut data);
    Cow::Owned(data)
}

/// Copies what is data of the value at the start of `from`, of which there may be less than the layout says.
fn keep(layout: &Layout, from: &[u8], to: &mut [u8]) {
    let fields = |fields: &[Field], start: usize, to: &mut [u8]| {
        for field in fields {
            let at = start + field.offset();
            if at < from.len() {
                keep(field.layout(), &from[at..], &mut to[at..]);
            }
        }
    };
    match layout.shape() {
        Shape::Skipped => {}
        Shape::Struct { fields: all, .. } => fields(all, 0, to),
        Shape::Array { element, .. } if element.has_enum_with_fields() || !element.is_padding_free() => {
            let (size, end) = (element.size().max(1), layout.size().min(from.len()));
            for (from, to) in from[..end].chunks(size).zip(to.chunks_mut(size)) {
                keep(element, from, to);
            }
        }
        Shape::Enum { tag, payload, variants, .. } => {
            keep(tag, from, to);
            let bits = |bytes: &[u8]| bytes.iter().rev().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
            let mut found = from[..tag.size().min(from.len())].to_vec();
            if cfg!(target_endian = "big") {
                found.reverse();
            }
            let mask = (1u128 << (8 * tag.size())) - 1;
            let is_active = |value: i128| value.cast_unsigned() & mask == bits(&found);
            if let Some(variant) = variants.iter().find(|variant| is_active(variant.value())) {
                fields(variant.fields(), payload, to);
            }
        }
        _ => {
            let end = layout.size().min(from.len());
            to[..end].copy_from_slice(&from[..end]);
        }
    }
}

/// How many places a check of a value looks at, which a type made for it can have many more of than bytes.
#[must_use]
pub fn places(layout: &Layout) -> u64 {
    let all = |fields: &[Field]| fields.iter().fold(1, |sum: u64, field| sum.saturating_add(places(field.layout())));
    match layout.shape() {
        Shape::Array { element, len, .. } => {
            let len = if element.size() == 0 { len.min(1) } else { len };
            places(element).saturating_mul(len as u64).saturating_add(1)
        }
        Shape::Struct { fields, .. } => all(fields),
        Shape::Enum { variants, .. } => {
            variants.iter().fold(2, |sum, variant| sum.saturating_add(all(variant.fields())))
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{of_value, places};
    use seqcopy::{SeqCopy, Validate};

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
        let left = |layout, bytes: &[u8]| of_value(layout, bytes).split(|byte| *byte == 0xee).count() - 1;
        let of_message = |tag| left(Message::LAYOUT, &message(tag));
        assert_eq!((of_message(5), of_message(7), of_value(Message::LAYOUT, &message(5))[0]), (7, 0, 5));
        // A byte, a hole of one byte, two bytes.
        assert_eq!(of_message(250), 3);
        let outer = [vec![0xee; 2], message(7), message(5)].concat();
        assert_eq!(left(Outer::LAYOUT, &outer), 2 + 7);
        // Some of it, as of a slice.
        assert_eq!(*of_value(Outer::LAYOUT, &outer[..3]), outer[..3]);
        assert_eq!(*of_value(u64::LAYOUT, &[0xee; 8]), [0xee; 8]);
    }

    #[test]
    fn places_are_counted() {
        assert_eq!(places(<[u16; 5]>::LAYOUT), 6);
        assert_eq!(places(<[[bool; 0]; 100]>::LAYOUT), 2);
        assert_eq!(places(<[(); 0]>::LAYOUT), 1);
        assert_eq!(places(Outer::LAYOUT), 1 + 1 + 1 + 2 * places(Message::LAYOUT));
    }
}
