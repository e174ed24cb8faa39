//! [`Variants`]: the variant that a tag names.

use std::collections::HashMap;

use seqcopy::Layout;
use seqcopy::layout::{Shape, Variant};

/// The variants of all large enums in a type, by the enum's layout and the tag. A schema can have thousands.
pub(super) struct Variants(HashMap<(*const Layout, i128), usize>);

/// Up to this number, a linear search is as fast.
const FEW: usize = 8;

impl Variants {
    pub(super) fn of(layout: &Layout) -> Variants {
        let mut all = Variants(HashMap::new());
        all.add(layout);
        all
    }

    fn add(&mut self, layout: &Layout) {
        let variants = layout.variants();
        if variants.len() > FEW {
            let tags =
                variants.iter().enumerate().map(|(i, variant)| ((std::ptr::from_ref(layout), variant.value()), i));
            self.0.extend(tags);
        }
        match layout.shape() {
            Shape::Array { element, .. } => self.add(element),
            Shape::Struct { fields, .. } => fields.iter().for_each(|field| self.add(field.layout())),
            _ => variants.iter().flat_map(Variant::fields).for_each(|field| self.add(field.layout())),
        }
    }

    pub(super) fn of_tag<'a>(&self, layout: &'a Layout, tag: i128) -> Option<&'a Variant> {
        let variants = layout.variants();
        if variants.len() <= FEW {
            return variants.iter().find(|variant| variant.value() == tag);
        }
        self.0.get(&(layout, tag)).map(|&i| &variants[i])
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::value::Value;

    #[test]
    fn variants_are_found_among_many() {
        macro_rules! many {
            ($($name:ident = $tag:literal)*) => {
                #[derive(SeqCopy)]
                #[repr(i16)]
                #[allow(dead_code)]
                enum Many { $($name = $tag),* }
                let variants = Variants::of(Many::LAYOUT);
                $(
                    let tag: i16 = $tag;
                    let found = Value::new(&variants, Many::LAYOUT, &tag.to_ne_bytes()).to_string();
                    assert_eq!(found, stringify!($name));
                )*
                for tag in [-2i16, 1, 6, 101, i16::MIN, i16::MAX] {
                    let found = Value::new(&variants, Many::LAYOUT, &tag.to_ne_bytes()).to_string();
                    assert!(found.starts_with("INVALID"), "{found}");
                }
            };
        }
        many!(A = 7 B = -300 C = 0 D = 100 E = 2 F = -1 G = 5 H = 300 I = 4 J = 3);
    }
}
