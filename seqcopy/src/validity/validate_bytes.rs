//! [`Layout::validate`] applies the rules of [`Validate`](crate::Validate) to bits of a type of which only the layout
//! is known.
//!
//! `tests/tests/values/validate_bytes.rs` compares it with `derive(Validate)`: the same verdict, path and text for the
//! same bits.

use crate::layout::{Field, Layout, Scalar, Shape, has_each_tag, number_of};
use crate::validity::invalid_value::{InvalidValue, Reason};

/// The rule that the bits of a scalar violate, or `None`. `found` is the number. For the rules about zero, it may be
/// any number that is 0 exactly if the bits are.
#[inline(always)]
pub(crate) const fn broken_rule(kind: Scalar, found: u64) -> Option<Reason> {
    match kind {
        Scalar::Bool if found > 1 => Some(Reason::Bool),
        #[allow(clippy::cast_possible_truncation)] // compared first
        Scalar::Char if found > u32::MAX as u64 || char::from_u32(found as u32).is_none() => Some(Reason::Char),
        Scalar::NonZeroUnsigned | Scalar::NonZeroSigned if found == 0 => Some(Reason::Zero),
        _ => None,
    }
}

impl Layout {
    /// Checks the bits of a value of this type by the rules of [`derive(Validate)`](macro@crate::Validate), for
    /// programs that do not have the type itself. Bytes of padding, of skipped fields and of inactive variants are
    /// ignored.
    ///
    /// A [`SeqStr`](crate::SeqStr) and a [`SeqVec`](crate::SeqVec) are known by a mark, so their lengths and the text
    /// are checked as well. The layout contains neither another type's own `check` nor the invariants of plain types,
    /// so those are not checked.
    ///
    /// # Errors
    /// Names the first invalid place, in the order of declaration. The whole value is rejected if `bytes.len()` is not
    /// the size of the type, or if the type has pointers, whose validity bits cannot prove.
    ///
    /// ```
    /// use seqcopy::SeqCopy;
    ///
    /// let error = <[bool; 3]>::LAYOUT.validate(&[1, 0, 2]).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid `array`: `[2]` at byte 2 is 0x2, expected a `bool`: 0 or 1");
    /// ```
    pub fn validate(&self, bytes: &[u8]) -> Result<(), InvalidValue<&Layout>> {
        if bytes.len() != self.size() {
            return Err(InvalidValue::new(
                self,
                bytes.len() as u64,
                Reason::Custom("the number of bytes is not the size of the type"),
            ));
        }
        if self.has_pointers() {
            return Err(InvalidValue::new(
                self,
                0,
                Reason::Custom("it has pointers, which mean nothing outside their process"),
            ));
        }
        validate_node(self, bytes)
    }

    /// A slice of `seqcopy-shm`, a struct of length and elements: what lies past its last element may be any bytes, and
    /// may be left out. For seqcopy-shm, which is pinned to this version.
    #[doc(hidden)]
    pub fn validate_slice(&self, bytes: &[u8]) -> Result<(), InvalidValue<&Layout>> {
        let Shape::Struct { fields: [len, elements] } = self.shape() else { return self.validate(bytes) };
        let Shape::Array { element, len: capacity } = elements.layout().shape() else { return self.validate(bytes) };
        let wrong = |found, why| Err(InvalidValue::new(self, found, Reason::Custom(why)));
        if self.has_pointers() || bytes.len() > self.size() || bytes.len() < elements.offset() {
            return self.validate(bytes);
        }
        let count = number(&bytes[len.offset()..][..len.layout().size()]);
        if count > capacity as u64 {
            return wrong(count, "the length is more than the capacity");
        }
        #[allow(clippy::cast_possible_truncation)] // at most the capacity
        let used = count as usize * element.size();
        let Some(used) = bytes[elements.offset()..].get(..used) else {
            return wrong(count, "there are fewer elements than its length");
        };
        if element.takes_any_bits() || count == 0 {
            return Ok(());
        }
        used.chunks_exact(element.size().max(1)).enumerate().try_for_each(|(index, bytes)| {
            validate_node(element, bytes).map_err(|error| {
                let error = error.inside(elements.layout(), elements.layout().node_of_element(index));
                error.inside(self, self.node_of_field(1))
            })
        })
    }

    /// Whether all bits are valid, so that there is nothing to check. For the crates that are pinned to this version.
    #[doc(hidden)]
    #[must_use]
    pub fn takes_any_bits(&self) -> bool {
        let all = |fields: &[Field]| fields.iter().all(|field| field.layout().takes_any_bits());
        match self.shape() {
            Shape::Scalar(kind) => {
                !matches!(kind, Scalar::Bool | Scalar::Char | Scalar::NonZeroUnsigned | Scalar::NonZeroSigned)
            }
            Shape::Plain | Shape::Skipped => true,
            Shape::Array { element, len } => len == 0 || element.takes_any_bits(),
            Shape::Struct { fields } => self.mark().is_none() && all(fields),
            Shape::Tags { variants, .. } => has_each_tag(self.size(), variants),
            Shape::Enum { tag, variants, .. } => {
                has_each_tag(tag.size(), variants) && variants.iter().all(|variant| all(variant.fields()))
            }
            Shape::Pointer { .. } => false,
        }
    }
}

/// Validates the value at the beginning of `bytes`.
fn validate_node<'a>(layout: &'a Layout, bytes: &[u8]) -> Result<(), InvalidValue<&'a Layout>> {
    match layout.shape() {
        Shape::Scalar(kind) => match broken_rule(kind, number(&bytes[..layout.size()])) {
            None => Ok(()),
            Some(reason) => Err(InvalidValue::new(layout, number(&bytes[..layout.size()]), reason)),
        },
        Shape::Plain | Shape::Skipped | Shape::Pointer { .. } => Ok(()),
        Shape::Array { element, .. } if element.takes_any_bits() => Ok(()),
        Shape::Array { element, len } => {
            // Elements without bytes are all the same, so one of them is enough.
            let len = if element.size() == 0 { len.min(1) } else { len };
            (0..len).try_for_each(|index| {
                validate_node(element, &bytes[index * element.size()..])
                    .map_err(|error| error.inside(layout, layout.node_of_element(index)))
            })
        }
        Shape::Struct { fields } => {
            check_length(layout, bytes)?;
            each_field(layout, fields, 0, bytes, |index| layout.node_of_field(index))
        }
        Shape::Tags { .. } => {
            let wrong = || InvalidValue::new(layout, number(&bytes[..layout.size()]), Reason::Tag);
            layout.variant_of(bytes).map(|_| ()).ok_or_else(wrong)
        }
        Shape::Enum { tag, payload, variants } => {
            let Some(variant) = layout.variant_of(bytes) else {
                return Err(InvalidValue::new(layout, number(&bytes[..tag.size()]), Reason::Tag));
            };
            let node = |index| layout.node_of_variant_field(variant, index);
            each_field(layout, variants[variant].fields(), payload, bytes, node)
        }
    }
}

/// Validates the length of a `SeqStr` or a `SeqVec`, and the text.
fn check_length<'a>(layout: &'a Layout, bytes: &[u8]) -> Result<(), InvalidValue<&'a Layout>> {
    let text = layout.str_capacity();
    let (Some(capacity), [len, array]) = (text.or(layout.vec_of().map(|(_, capacity)| capacity)), layout.fields())
    else {
        return Ok(());
    };
    let count = number(&bytes[len.offset()..][..len.layout().size()]);
    let wrong = |field: &'a Field, index, found, why| {
        Err(InvalidValue::new(field.layout(), found, Reason::Custom(why)).inside(layout, layout.node_of_field(index)))
    };
    if count > capacity as u64 {
        return wrong(len, 0, count, "more than the capacity");
    }
    #[allow(clippy::cast_possible_truncation)] // at most the capacity
    let used = &bytes[array.offset()..][..if text.is_some() { count as usize } else { 0 }];
    match core::str::from_utf8(used) {
        Ok(_) => Ok(()),
        Err(_) => wrong(array, 1, 0, "the text is not UTF-8"),
    }
}

fn each_field<'a>(
    layout: &'a Layout,
    fields: &'a [Field],
    start: usize,
    bytes: &[u8],
    node: impl Fn(usize) -> u64,
) -> Result<(), InvalidValue<&'a Layout>> {
    for (index, field) in fields.iter().enumerate() {
        if !field.layout().takes_any_bits() {
            validate_node(field.layout(), &bytes[start + field.offset()..])
                .map_err(|error| error.inside(layout, node(index)))?;
        }
    }
    Ok(())
}

/// The number that these bytes represent. For more than eight bytes, any number that is 0 exactly if all bytes are.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bits
fn number(bytes: &[u8]) -> u64 {
    let bits = number_of(bytes, false) as u128;
    (bits >> 64) as u64 | bits as u64
}

#[cfg(test)]
mod tests {
    use crate::layout::{Field, Variant};
    use crate::{Layout, SeqCopy};

    static FLAG: [Field; 1] = [Field::new("flag", 0, bool::LAYOUT)];

    static EACH_TAG: [Variant; 256] = {
        let mut all = [const { Variant::new("Without", 0, &[]) }; 256];
        let mut tag = 0;
        while tag < 256 {
            let (name, fields): (_, &'static [Field]) = if tag == 255 { ("With", &FLAG) } else { ("Without", &[]) };
            all[tag] = Variant::new(name, tag as i128, fields);
            tag += 1;
        }
        all
    };

    static OF_EACH_TAG: Layout = Layout::of_enum("OfEachTag", 2, 1, u8::LAYOUT, 1, &EACH_TAG);

    /// Every tag selects a variant, and the variant's field is still validated. So is an enum in an array.
    #[test]
    fn an_enum_with_each_tag_has_fields_that_are_not_any_bits() {
        let array = Layout::of_array(&OF_EACH_TAG, 2);
        assert!(!OF_EACH_TAG.takes_any_bits() && !array.takes_any_bits());
        for (bytes, is_valid) in [([254, 7], true), ([255, 1], true), ([255, 7], false)] {
            assert_eq!(OF_EACH_TAG.validate(&bytes).is_ok(), is_valid);
            assert_eq!(array.validate(&[[0, 7], bytes].concat()).is_ok(), is_valid);
        }
        assert!(<[bool; 0]>::LAYOUT.takes_any_bits() && !<[bool; 1]>::LAYOUT.takes_any_bits());
    }
}
