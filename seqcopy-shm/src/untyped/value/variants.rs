//! [`Variants`]: the variant that a tag names, where there are many.

use std::collections::HashMap;

use seqcopy::Layout;
use seqcopy::layout::{Shape, Variant};

/// The variants of all large enums in a type, by their tags. A schema can have thousands, and an array millions of values.
///
/// ```
/// # use seqcopy_shm::{Schema, untyped::{Node, Variants}};
/// let schema = Schema::of::<[bool; 3]>();
/// let variants = Variants::of(schema.layout());
/// assert!(matches!(variants.value(schema.layout(), &[0; 3]).look(), Node::List(list) if list.len() == 3));
/// ```
#[derive(Debug)]
pub struct Variants(HashMap<(usize, i128), usize>);

/// Up to this number, a linear search is as fast.
const FEW: usize = 8;

fn address(layout: &Layout) -> usize {
    core::ptr::from_ref(layout).addr()
}

impl Variants {
    /// Those of a type and its parts.
    #[must_use]
    pub fn of(layout: &Layout) -> Variants {
        let mut all = Variants(HashMap::new());
        all.add(layout);
        all
    }

    fn add(&mut self, layout: &Layout) {
        let variants = layout.variants();
        if variants.len() > FEW {
            let tags = variants.iter().enumerate().map(|(i, variant)| ((address(layout), variant.value()), i));
            self.0.extend(tags);
        }
        match layout.shape() {
            Shape::Array { element, .. } => self.add(element),
            Shape::Struct { fields, .. } => fields.iter().for_each(|field| self.add(field.layout())),
            _ => variants.iter().flat_map(Variant::fields).for_each(|field| self.add(field.layout())),
        }
    }

    /// Which variant of an enum has that tag.
    pub(super) fn of_tag(&self, layout: &Layout, tag: i128) -> Option<usize> {
        let variants = layout.variants();
        if variants.len() <= FEW {
            return variants.iter().position(|variant| variant.value() == tag);
        }
        // A layout may lie where another one was: what is found there is looked at.
        let found = self.0.get(&(address(layout), tag)).copied();
        found.filter(|&found| variants.get(found).is_some_and(|variant| variant.value() == tag))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Node, Value};
    use super::*;
    use crate::{Schema, SchemaBuilder};

    /// As many variants as are looked up, which begin with this tag.
    fn many(first: i64) -> Schema {
        let names: Vec<String> = (0..20).map(|number| format!("V{number}")).collect();
        let variants: Vec<_> = names.iter().zip(first..).map(|(name, tag)| (&**name, tag)).collect();
        let tag = SchemaBuilder::number("i16").unwrap();
        SchemaBuilder::tags("Many", &tag, &variants).build().unwrap()
    }

    /// A region may be replaced, and its new layout lie where the old one did.
    #[test]
    fn what_another_layout_had_is_not_taken() {
        let (old, new) = (many(-5), many(0));
        let mut variants = Variants::of(old.layout());
        let there = std::mem::take(&mut variants.0);
        variants.0 = there.into_iter().map(|((_, tag), found)| ((address(new.layout()), tag), found)).collect();
        let is_valid =
            |tag: i16| !matches!(variants.value(new.layout(), &tag.to_ne_bytes()).look(), Node::Invalid { .. });
        assert_eq!((-6..21).filter(|&tag| is_valid(tag)).count(), 0);
        let variants = Variants::of(new.layout());
        for tag in 0..20i16 {
            let bytes = tag.to_ne_bytes();
            for value in [variants.value(new.layout(), &bytes), Value::new(new.layout(), &bytes)] {
                let Node::Fields(fields) = value.look() else { panic!("{tag}") };
                assert_eq!(fields.variant(), Some(&*format!("V{tag}")));
            }
        }
    }
}
