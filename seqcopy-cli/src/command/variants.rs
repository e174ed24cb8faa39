//! [`Variants`]: the variant that a tag names.

use std::collections::HashMap;

use seqcopy::Layout;
use seqcopy::layout::{Shape, Variant};

/// The variants of all enums in a type. A schema can have thousands, so they are found by binary search.
pub(super) struct Variants {
    /// By the enum's layout: the indices of its variants, in the order of their tags.
    enums: HashMap<*const Layout, Vec<usize>>,
}

/// Up to so many, a linear search is as fast.
const FEW: usize = 8;

impl Variants {
    pub(super) fn of(layout: &Layout) -> Variants {
        let mut all = Variants { enums: HashMap::new() };
        all.add(layout);
        all
    }

    fn add(&mut self, layout: &Layout) {
        let variants = layout.variants();
        if variants.len() > FEW {
            let mut order: Vec<usize> = (0..variants.len()).collect();
            order.sort_unstable_by_key(|&number| variants[number].value());
            self.enums.insert(layout, order);
        }
        match layout.shape() {
            Shape::Array { element, .. } => self.add(element),
            Shape::Struct { fields } => fields.iter().for_each(|field| self.add(field.layout())),
            _ => variants.iter().flat_map(Variant::fields).for_each(|field| self.add(field.layout())),
        }
    }

    pub(super) fn of_tag<'a>(&self, layout: &'a Layout, tag: i128) -> Option<&'a Variant> {
        let variants = layout.variants();
        match self.enums.get(&std::ptr::from_ref(layout)) {
            None => variants.iter().find(|variant| variant.value() == tag),
            Some(order) => {
                let place = order.binary_search_by_key(&tag, |&number| variants[number].value());
                place.ok().map(|place| &variants[order[place]])
            }
        }
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
