//! [`Rules`] are the checks of a value's bits as a list that is made once. A walk over the layout would take longer
//! than the copy.
//!
//! The tests below compare the list with the walk, which is [`Layout::validate`], bit by bit.

use core::ops::Range;

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};

/// The maximum number of rules. Types with more are walked.
const MOST: usize = 64;

/// How the bytes of a value are checked.
#[derive(Debug, Clone)]
pub(crate) enum Rules {
    /// With these rules. All other bits are valid. There may be no rule.
    Each(Vec<Rule>),
    /// With [`Schema::validate`](crate::Schema::validate).
    Walk,
}

#[derive(Debug, Clone)]
pub(crate) enum Rule {
    /// A number of at most 8 bytes is in a range.
    Number { at: usize, width: usize, least: u64, most: u64 },
    /// A number is a `char`.
    Char { at: usize },
    /// A text is UTF-8.
    Text(Text),
    /// A number is the tag of one of these variants, and the rules of that variant hold.
    Variants { at: usize, width: usize, variants: Vec<(u64, Vec<Rule>)> },
}

/// A text in a value. `at` is the offset of its length, which is not larger than `bytes`.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    at: usize,
    bytes: Range<usize>,
}

impl Text {
    /// The text and the bytes after it. `None` if its length is not valid, or the value ends before.
    #[inline]
    fn split<'v>(&self, value: &'v [u8]) -> Option<(&'v [u8], &'v [u8])> {
        let bytes = value.get(self.bytes.clone())?;
        let len = usize::try_from(number(value, self.at, 4)).ok()?;
        bytes.split_at_checked(len)
    }

    /// Whether the bytes after the text are zeros.
    #[inline]
    pub(crate) fn is_followed_by_zeros(&self, value: &[u8]) -> bool {
        self.split(value).is_some_and(|(_, rest)| rest.iter().all(|byte| *byte == 0))
    }
}

impl Rules {
    pub(crate) fn from_layout(layout: &Layout) -> Rules {
        let mut rules = Vec::new();
        if Space(MOST).add(layout, 0, &mut rules) { Rules::Each(rules) } else { Rules::Walk }
    }

    /// Whether these bytes are a valid value, of the right size. If not, or if that is not known, the walk decides, and
    /// says why.
    #[inline]
    pub(crate) fn hold(&self, value: &[u8]) -> bool {
        match self {
            Rules::Each(rules) => all_hold(rules, value),
            Rules::Walk => false,
        }
    }

    /// Does the same for values side by side. `size` is the size of each, and not 0.
    #[inline]
    pub(crate) fn hold_for_each(&self, values: &[u8], size: usize) -> bool {
        matches!(self, Rules::Each(rules) if rules.is_empty())
            || values.chunks_exact(size).all(|value| self.hold(value))
    }

    /// The texts that every value has, if the list is complete.
    pub(crate) fn texts(&self) -> Option<Vec<Text>> {
        let Rules::Each(rules) = self else { return None };
        let text = |rule: &Rule| if let Rule::Text(text) = rule { Some(text.clone()) } else { None };
        Some(rules.iter().filter_map(text).collect())
    }
}

#[inline]
fn all_hold(rules: &[Rule], value: &[u8]) -> bool {
    rules.iter().all(|rule| rule.holds(value))
}

#[inline]
fn number(value: &[u8], at: usize, width: usize) -> u64 {
    let bytes = &value[at..];
    match width {
        1 => bytes[0].into(),
        2 => bytes.first_chunk().map_or(0, |bytes| u16::from_ne_bytes(*bytes).into()),
        4 => bytes.first_chunk().map_or(0, |bytes| u32::from_ne_bytes(*bytes).into()),
        _ => bytes.first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes)),
    }
}

impl Rule {
    #[inline]
    fn holds(&self, value: &[u8]) -> bool {
        match self {
            &Rule::Number { at, width, least, most } => (least..=most).contains(&number(value, at, width)),
            &Rule::Char { at } => u32::try_from(number(value, at, 4)).is_ok_and(|c| char::from_u32(c).is_some()),
            Rule::Text(text) => text.split(value).is_some_and(|(text, _)| core::str::from_utf8(text).is_ok()),
            Rule::Variants { at, width, variants } => {
                let tag = number(value, *at, *width);
                variants.iter().find(|(it, _)| *it == tag).is_some_and(|(_, rules)| all_hold(rules, value))
            }
        }
    }
}

/// The number of further rules that fit.
struct Space(usize);

impl Space {
    fn push(&mut self, rule: Rule, rules: &mut Vec<Rule>) -> bool {
        let fits = self.0 > 0;
        if fits {
            self.0 -= 1;
            rules.push(rule);
        }
        fits
    }

    /// Adds the rules of a type at offset `at`. Returns whether the list is complete.
    fn add(&mut self, layout: &Layout, at: usize, rules: &mut Vec<Rule>) -> bool {
        if layout.takes_any_bits() {
            return true;
        }
        let width = layout.size();
        let number = |width, least, most| Rule::Number { at, width, least, most };
        let is_number = |width| matches!(width, 1 | 2 | 4 | 8);
        match layout.shape() {
            Shape::Scalar(Scalar::Bool) => self.push(number(1, 0, 1), rules),
            Shape::Scalar(Scalar::NonZeroUnsigned | Scalar::NonZeroSigned) => {
                is_number(width) && self.push(number(width, 1, u64::MAX), rules)
            }
            Shape::Scalar(Scalar::Char) => self.push(Rule::Char { at }, rules),
            Shape::Tags { variants, .. } if !variants.is_empty() => {
                let mut tags: Vec<_> = variants.iter().map(|variant| bits(variant.value(), width)).collect();
                tags.sort_unstable();
                // The tags are usually 0, 1, 2 and so on, in some order.
                let rule = if tags.iter().zip(0..).all(|(tag, number)| *tag == number) {
                    number(width, 0, tags.len() as u64 - 1)
                } else {
                    Rule::Variants { at, width, variants: tags.into_iter().map(|tag| (tag, Vec::new())).collect() }
                };
                is_number(width) && self.push(rule, rules)
            }
            Shape::Enum { tag, payload, variants, .. } => {
                let (width, mut each) = (tag.size(), Vec::new());
                let is_all = variants.iter().all(|variant| {
                    let mut rules = Vec::new();
                    let is_all = self.add_fields(variant.fields(), at + payload, &mut rules);
                    each.push((bits(variant.value(), width), rules));
                    is_all
                });
                is_all && is_number(width) && self.push(Rule::Variants { at, width, variants: each }, rules)
            }
            Shape::Array { element, len, .. } => {
                len <= MOST && (0..len).all(|index| self.add(element, at + index * element.size(), rules))
            }
            Shape::Struct { fields, .. } => match (layout.mark(), fields, layout.vec_of()) {
                (None, ..) => self.add_fields(fields, at, rules),
                (Some(_), [_, text], None) if layout.str_capacity().is_some() => {
                    let start = at + text.offset();
                    self.push(Rule::Text(Text { at, bytes: start..start + text.layout().size() }), rules)
                }
                (Some(_), [_, elements], Some((_, capacity))) => {
                    self.push(number(4, 0, capacity as u64), rules)
                        && self.add(elements.layout(), at + elements.offset(), rules)
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn add_fields(&mut self, fields: &[Field], at: usize, rules: &mut Vec<Rule>) -> bool {
        fields.iter().all(|field| self.add(field.layout(), at + field.offset(), rules))
    }
}

/// A discriminant as a number of this width.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // two's complement is what is wanted
fn bits(value: i128, width: usize) -> u64 {
    if width < 8 { value as u64 & ((1 << (8 * width)) - 1) } else { value as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema_builder::SchemaBuilder;
    use core::num::{NonZeroI8, NonZeroU64, NonZeroU128};
    use seqcopy::{MaybeInvalid, SeqCopy, SeqOption, SeqStr, SeqVec, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(u16)]
    enum Mode {
        Idle = 1,
        Off = 0,
        Moving = 2,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(i8)]
    enum Sign {
        Minus = -1,
        Plus = 1,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    enum Event {
        None = 7,
        Key(bool, u8) = 250,
        Signed { sign: Sign, at: u16 } = 3,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Sample {
        on: [bool; 2],
        id: NonZeroI8,
        at: NonZeroU64,
        mode: Mode,
        level: f32,
        sign: Sign,
        letter: char,
        name: SeqStr<5>,
        flags: SeqVec<bool, 3>,
        numbers: SeqVec<u16, 2>,
        limit: SeqOption<Mode>,
        events: [Event; 2],
    }

    fn sample(name: &str, letter: char, events: [Event; 2]) -> Vec<u8> {
        let mut bits = MaybeInvalid::<Sample>::zeroed();
        bits.write(Sample {
            on: [true, false],
            id: NonZeroI8::MIN,
            at: NonZeroU64::MAX,
            mode: Mode::Moving,
            level: 0.5,
            sign: Sign::Minus,
            letter,
            name: SeqStr::try_from(name).unwrap(),
            flags: SeqVec::from_slice(&[true]).unwrap(),
            numbers: SeqVec::from_slice(&[7]).unwrap(),
            limit: if name.is_empty() { SeqOption::None } else { SeqOption::Some(Mode::Idle) },
            events,
        });
        // SAFETY: zeroed where there is padding, and only data was written since (I2 init, I4 private).
        unsafe { core::slice::from_raw_parts(bits.as_ptr().cast::<u8>(), size_of::<Sample>()) }.to_vec()
    }

    #[test]
    fn an_enum_that_has_each_tag_takes_any_bits() {
        let tag = SchemaBuilder::number("u8").unwrap();
        for count in [1, 255, 256] {
            let names: Vec<String> = (0..count).map(|number| format!("V{number}")).collect();
            let variants: Vec<(&str, i64)> = names.iter().map(String::as_str).zip(0..).collect();
            let schema = SchemaBuilder::tags("Byte", &tag, &variants).build().unwrap();
            let (layout, rules) = (schema.layout(), Rules::from_layout(schema.layout()));
            assert_eq!(layout.takes_any_bits(), count == 256);
            for byte in 0..=255 {
                let is_valid = usize::from(byte) < count;
                let found = (rules.hold(&[byte]), layout.validate(&[byte]).is_ok());
                assert_eq!(found, (is_valid, is_valid), "{byte} of {count}");
            }
        }
    }

    /// For every byte of some valid values, and every number that it can have.
    #[test]
    fn rules_and_walk_agree() {
        let layout = Sample::LAYOUT;
        let rules = Rules::from_layout(layout);
        assert!(matches!(&rules, Rules::Each(rules) if rules.len() == 16), "{rules:?}");
        let key = Event::Key(true, 9);
        let signed = Event::Signed { sign: Sign::Plus, at: 7 };
        let mut both = [0; 2];
        let all = [
            sample("", 'a', [key, Event::None]),
            sample("abé", '\u{d7ff}', [signed, key]),
            sample("\u{10ffff}", '\u{10ffff}', [Event::None, signed]),
        ];
        for valid in all.into_iter().skip(if cfg!(miri) { 2 } else { 0 }) {
            assert!(rules.hold(&valid) && layout.validate(&valid).is_ok());
            for at in (0..layout.size()).step_by(if cfg!(miri) { 3 } else { 1 }) {
                for byte in (0..=255).step_by(if cfg!(miri) { 127 } else { 1 }) {
                    let mut bytes = valid.clone();
                    bytes[at] = byte;
                    let is_valid = layout.validate(&bytes).is_ok();
                    assert_eq!(rules.hold(&bytes), is_valid, "{byte} at {at}");
                    both[usize::from(is_valid)] += 1;
                }
            }
        }
        assert!(both.iter().all(|count| *count > if cfg!(miri) { 20 } else { 10_000 }), "{both:?}");
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    #[allow(dead_code)] // known by its layout
    enum Wide {
        None,
        Many([bool; 65]),
    }

    /// Also if the rules belong to a variant.
    #[test]
    fn what_has_too_many_rules_is_walked() {
        for layout in [<[bool; 65]>::LAYOUT, <[SeqOption<bool>; 33]>::LAYOUT, NonZeroU128::LAYOUT, Wide::LAYOUT] {
            assert!(matches!(Rules::from_layout(layout), Rules::Walk), "{}", layout.name());
            assert!(!Rules::from_layout(layout).hold(&vec![0; layout.size()]), "{}", layout.name());
        }
        assert!(Rules::from_layout(<[u64; 1000]>::LAYOUT).hold(&[0xff; 8000]));
        assert!(matches!(Rules::from_layout(<[bool; 64]>::LAYOUT), Rules::Each(_)));
        assert!(matches!(Rules::from_layout(<[SeqOption<bool>; 32]>::LAYOUT), Rules::Each(_)));
        assert!(
            Rules::from_layout(SeqVec::<u8, 100>::LAYOUT).hold(&[&100u32.to_ne_bytes()[..], &[0xff; 100]].concat())
        );
    }
}
