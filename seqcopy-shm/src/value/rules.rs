//! [`Rules`]: what is checked of a value's bits, as a list that is made once. A walk over the layout takes longer than the copy.

use seqcopy::Layout;
use seqcopy::layout::{Scalar, Shape};

/// How many numbers may have a rule. Types with more are walked.
const MOST: usize = 64;

/// How the bytes of a value are checked.
#[derive(Debug)]
pub(crate) enum Rules {
    /// These numbers must lie in their ranges; all other bits are valid. There may be no such number.
    Ranges(Vec<Range>),
    /// By [`Schema::validate`](crate::Schema::validate).
    Walk,
}

/// A number of at most 8 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    at: usize,
    width: usize,
    least: u64,
    most: u64,
}

impl Rules {
    pub(crate) fn of(layout: &Layout) -> Rules {
        let mut ranges = Vec::new();
        if add(layout, 0, &mut ranges) { Rules::Ranges(ranges) } else { Rules::Walk }
    }

    /// Whether these are the bytes of a valid value, as many as it has. If not, or if it is not known, the walk says so, and why.
    #[inline]
    pub(crate) fn hold(&self, value: &[u8]) -> bool {
        match self {
            Rules::Ranges(ranges) => ranges.iter().all(|range| range.holds(value)),
            Rules::Walk => false,
        }
    }

    /// The same of values side by side, of `size` bytes each, which is not 0.
    #[inline]
    pub(crate) fn hold_for_each(&self, values: &[u8], size: usize) -> bool {
        matches!(self, Rules::Ranges(ranges) if ranges.is_empty())
            || values.chunks_exact(size).all(|value| self.hold(value))
    }
}

impl Range {
    #[inline]
    fn holds(&self, value: &[u8]) -> bool {
        let bytes = &value[self.at..];
        let number = match self.width {
            1 => bytes[0].into(),
            2 => bytes.first_chunk().map_or(0, |bytes| u16::from_ne_bytes(*bytes).into()),
            4 => bytes.first_chunk().map_or(0, |bytes| u32::from_ne_bytes(*bytes).into()),
            _ => bytes.first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes)),
        };
        (self.least..=self.most).contains(&number)
    }
}

/// Adds the ranges of a type that lies there; returns whether they are all of its rules.
fn add(layout: &Layout, at: usize, ranges: &mut Vec<Range>) -> bool {
    if layout.takes_any_bits() {
        return true;
    }
    let width = layout.size();
    let mut range = |least, most| {
        let is_number = matches!(width, 1 | 2 | 4 | 8) && ranges.len() < MOST;
        if is_number {
            ranges.push(Range { at, width, least, most });
        }
        is_number
    };
    match layout.shape() {
        Shape::Scalar(Scalar::Bool) => range(0, 1),
        Shape::Scalar(Scalar::NonZeroUnsigned | Scalar::NonZeroSigned) => range(1, u64::MAX),
        // The tags are 0, 1, 2 and so on, in some order.
        Shape::Tags { variants, .. } => {
            let mut tags: Vec<_> = variants.iter().map(seqcopy::layout::Variant::value).collect();
            tags.sort_unstable();
            tags.iter().zip(0..).all(|(tag, number)| *tag == number) && range(0, variants.len() as u64 - 1)
        }
        Shape::Array { element, len, .. } => {
            len <= MOST && (0..len).all(|index| add(element, at + index * element.size(), ranges))
        }
        Shape::Struct { fields, .. } if layout.mark().is_none() => {
            fields.iter().all(|field| add(field.layout(), at + field.offset(), ranges))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::num::{NonZeroI8, NonZeroU64};
    use seqcopy::{SeqCopy, SeqOption, SeqStr, Validate};

    #[derive(SeqCopy, Validate)]
    #[repr(u16)]
    enum Mode {
        Idle = 1,
        Off = 0,
        Moving = 2,
    }

    #[derive(SeqCopy, Validate)]
    #[repr(i8)]
    enum Sign {
        Minus = -1,
        Plus = 1,
    }

    #[derive(SeqCopy, Validate)]
    #[repr(C)]
    struct Sample {
        on: [bool; 2],
        id: NonZeroI8,
        at: NonZeroU64,
        mode: Mode,
        level: f32,
    }

    /// For every byte of a valid value, and every number that it can be.
    #[test]
    fn rules_and_walk_agree() {
        let layout = Sample::LAYOUT;
        let Rules::Ranges(ranges) = Rules::of(layout) else { panic!("there are few") };
        assert_eq!(ranges.len(), 5);
        let mut valid = vec![0; layout.size()];
        valid[2] = 1;
        valid[layout.fields()[2].offset()] = 1;
        let mut both = [0; 2];
        for at in 0..layout.size() {
            for byte in 0..=255 {
                let mut bytes = valid.clone();
                bytes[at] = byte;
                let is_valid = layout.validate(&bytes).is_ok();
                assert_eq!(Rules::of(layout).hold(&bytes), is_valid, "{byte} at {at}");
                both[usize::from(is_valid)] += 1;
            }
        }
        assert!(both[0] > 1000 && both[1] > 1000, "{both:?}");
    }

    #[test]
    fn what_is_no_range_is_walked() {
        for layout in [Sign::LAYOUT, char::LAYOUT, <[bool; 65]>::LAYOUT, SeqOption::<u8>::LAYOUT, SeqStr::<4>::LAYOUT] {
            assert!(matches!(Rules::of(layout), Rules::Walk), "{}", layout.name());
            assert!(!Rules::of(layout).hold(&vec![0; layout.size()]), "{}", layout.name());
        }
        assert!(Rules::of(<[u64; 1000]>::LAYOUT).hold(&[0xff; 8000]));
        assert!(matches!(Rules::of(<[bool; 64]>::LAYOUT), Rules::Ranges(_)));
    }
}
