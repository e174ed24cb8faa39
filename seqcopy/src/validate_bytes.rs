//! [`Layout::validate`]: the rules of [`Validate`](crate::Validate) for bits of a type that is known by its layout.

use crate::invalid_value::{InvalidValue, Reason};
use crate::layout::{Field, Layout, Scalar, Shape, Variant};

/// The rule that the bits of a scalar break. `found` is the number, or for rules about zero any that is 0 exactly if the number is.
#[inline(always)]
pub(crate) const fn broken_rule(kind: Scalar, found: u64) -> Option<Reason> {
    match kind {
        Scalar::Bool if found > 1 => Some(Reason::Bool),
        #[allow(clippy::cast_possible_truncation)] // looked at before
        Scalar::Char if found > u32::MAX as u64 || char::from_u32(found as u32).is_none() => Some(Reason::Char),
        Scalar::NonZeroUnsigned | Scalar::NonZeroSigned if found == 0 => Some(Reason::Zero),
        _ => None,
    }
}

impl Layout {
    /// Checks the bits of a value of this type by the rules of [`derive(Validate)`](macro@crate::Validate): for programs that
    /// don't have the type. Bytes of padding, of skipped fields and of inactive variants may be anything.
    ///
    /// A type's own `check` is not known here, nor what a plain type makes of its bytes.
    ///
    /// # Errors
    /// Names the first place that is not valid, in the order of declaration. The whole is refused if `bytes` are not as many as
    /// the type has, or if it has pointers, which no bits prove.
    ///
    /// ```
    /// use seqcopy::SeqCopy;
    ///
    /// let error = <[bool; 3]>::LAYOUT.validate(&[1, 0, 2]).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid `array`: `[2]` at byte 2 is 0x2, expected a `bool`: 0 or 1");
    /// ```
    pub fn validate(&'static self, bytes: &[u8]) -> Result<(), InvalidValue> {
        if bytes.len() != self.size() {
            return Err(InvalidValue::new(
                self,
                bytes.len() as u64,
                Reason::Custom("the bytes are not as many as the type has"),
            ));
        }
        if self.has_pointers() {
            return Err(InvalidValue::new(
                self,
                0,
                Reason::Custom("it has pointers, which mean nothing outside of their process"),
            ));
        }
        check(self, bytes)
    }

    /// Whether all bits are valid, so that there is nothing to look at.
    fn takes_any_bits(&self) -> bool {
        match self.shape() {
            Shape::Scalar(kind) => {
                !matches!(kind, Scalar::Bool | Scalar::Char | Scalar::NonZeroUnsigned | Scalar::NonZeroSigned)
            }
            Shape::Plain | Shape::Skipped => true,
            Shape::Array { element, len } => len == 0 || element.takes_any_bits(),
            Shape::Struct { fields } => fields.iter().all(|field| field.layout().takes_any_bits()),
            Shape::Pointer { .. } | Shape::Tags { .. } | Shape::Enum { .. } => false,
        }
    }
}

/// The bits of a `layout`, which begin at the first of `bytes`.
fn check(layout: &'static Layout, bytes: &[u8]) -> Result<(), InvalidValue> {
    match layout.shape() {
        Shape::Scalar(kind) => match broken_rule(kind, number(&bytes[..layout.size()])) {
            None => Ok(()),
            Some(reason) => Err(InvalidValue::new(layout, number(&bytes[..layout.size()]), reason)),
        },
        Shape::Plain | Shape::Skipped | Shape::Pointer { .. } => Ok(()),
        Shape::Array { element, .. } if element.takes_any_bits() => Ok(()),
        Shape::Array { element, len } => {
            // Elements without bytes are all alike, and count as one.
            let len = if element.size() == 0 { len.min(1) } else { len };
            (0..len).try_for_each(|index| {
                check(element, &bytes[index * element.size()..])
                    .map_err(|error| error.inside(layout, layout.node_of_element(index)))
            })
        }
        Shape::Struct { fields } => each_field(layout, fields, 0, bytes, |index| layout.node_of_field(index)),
        Shape::Tags { variants, .. } => {
            let found = number(&bytes[..layout.size()]);
            active(variants, layout.size(), found)
                .map_or(Err(InvalidValue::new(layout, found, Reason::Tag)), |_| Ok(()))
        }
        Shape::Enum { tag, payload, variants } => {
            let found = number(&bytes[..tag.size()]);
            let Some(variant) = active(variants, tag.size(), found) else {
                return Err(InvalidValue::new(layout, found, Reason::Tag));
            };
            let node = |index| layout.node_of_variant_field(variant, index);
            each_field(layout, variants[variant].fields(), payload, bytes, node)
        }
    }
}

fn each_field(
    layout: &'static Layout,
    fields: &'static [Field],
    start: usize,
    bytes: &[u8],
    node: impl Fn(usize) -> u64,
) -> Result<(), InvalidValue> {
    for (index, field) in fields.iter().enumerate() {
        if !field.layout().takes_any_bits() {
            check(field.layout(), &bytes[start + field.offset()..])
                .map_err(|error| error.inside(layout, node(index)))?;
        }
    }
    Ok(())
}

/// The variant that a tag names.
fn active(variants: &[Variant], width: usize, tag: u64) -> Option<usize> {
    variants.iter().position(|variant| variant.bits(width) == tag)
}

/// The number that lies in so many bytes; of more than eight, one that is 0 exactly if it is.
fn number(bytes: &[u8]) -> u64 {
    if bytes.len() > 8 {
        return bytes.iter().fold(0, |all, byte| all | u64::from(*byte));
    }
    let mut number = [0; 8];
    if cfg!(target_endian = "little") {
        number[..bytes.len()].copy_from_slice(bytes);
    } else {
        number[8 - bytes.len()..].copy_from_slice(bytes);
    }
    u64::from_ne_bytes(number)
}
