//! [`count`]: how many places a check of a value looks at.

use seqcopy::Layout;
use seqcopy::layout::{Field, Shape};

/// How many places a check of a value looks at, which a type made for it can have many more of than bytes.
#[must_use]
pub fn count(layout: &Layout) -> u64 {
    let all = |fields: &[Field]| fields.iter().fold(1, |sum: u64, field| sum.saturating_add(count(field.layout())));
    match layout.shape() {
        Shape::Array { element, len, .. } => {
            let len = if element.size() == 0 { len.min(1) } else { len };
            count(element).saturating_mul(len as u64).saturating_add(1)
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
    use super::count;
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
    fn places_are_counted() {
        assert_eq!(count(<[u16; 5]>::LAYOUT), 6);
        assert_eq!(count(<[[bool; 0]; 100]>::LAYOUT), 2);
        assert_eq!(count(<[(); 0]>::LAYOUT), 1);
        assert_eq!(count(Outer::LAYOUT), 1 + 1 + 1 + 2 * count(Message::LAYOUT));
    }
}
