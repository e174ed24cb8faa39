//! Parts of a value: a [`List`] of elements, the [`Fields`] of a struct, and the [`Variants`] of an enum.

use std::collections::HashMap;

use super::Value;
use seqcopy::Layout;
use seqcopy::layout::{Field, Path, Shape, Variant, are_numbered};

/// The variants of all large enums in a type, by their tags. A schema can have thousands, and an array millions of
/// values.
///
/// ```
/// # use seqcopy_shm::{Schema, untyped::{Node, Variants}};
/// let schema = Schema::of::<[bool; 3]>();
/// let variants = Variants::from_layout(schema.layout());
/// assert!(matches!(variants.value(schema.layout(), &[0; 3]).look(), Node::List(list) if list.len() == 3));
/// ```
#[derive(Debug)]
pub struct Variants(HashMap<(usize, i128), usize>);

/// Up to this number of variants, a linear search is as fast.
const FEW: usize = 8;

fn address(layout: &Layout) -> usize {
    core::ptr::from_ref(layout).addr()
}

impl Variants {
    /// Tables of a type and its parts.
    #[must_use]
    pub fn from_layout(layout: &Layout) -> Variants {
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

    /// The variant of an enum with that tag.
    pub(super) fn of_tag(&self, layout: &Layout, tag: i128) -> Option<usize> {
        let variants = layout.variants();
        if variants.len() <= FEW {
            return variants.iter().position(|variant| variant.value() == tag);
        }
        // A new layout may have the address of an old one, so the variant that was found is checked.
        let found = self.0.get(&(address(layout), tag)).copied();
        found.filter(|&found| variants.get(found).is_some_and(|variant| variant.value() == tag))
    }
}

/// The elements of an array, which have bytes.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    pub(super) variants: Option<&'a Variants>,
    pub(super) element: &'a Layout,
    pub(super) len: usize,
    pub(super) bytes: &'a [u8],
}

/// ```
/// use seqcopy::SeqVec;
/// use seqcopy_shm::{Schema, untyped::{Node, Value}};
///
/// let schema = Schema::of::<SeqVec<u8, 4>>();
/// let bytes = [&3u32.to_ne_bytes()[..], &[7, 8, 9, 10]].concat();
/// let Node::List(list) = Value::new(schema.layout(), &bytes).look() else { panic!("a list") };
/// assert_eq!((list.element().name(), list.len(), list.is_empty(), list.bytes()), ("u8", 3, false, &[7, 8, 9][..]));
/// assert_eq!((list.iter().count(), list.skip(2).bytes()), (3, &[9][..]));
/// ```
impl<'a> List<'a> {
    /// The type of each.
    #[must_use]
    #[inline]
    pub fn element(self) -> &'a Layout {
        self.element
    }

    /// How many there are.
    #[must_use]
    #[inline]
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The bytes of all elements.
    #[must_use]
    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The elements.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = Value<'a>> {
        let List { variants, element, .. } = self;
        self.bytes.chunks_exact(element.size()).map(move |bytes| Value { variants, layout: element, bytes })
    }

    /// Without the first elements.
    #[must_use]
    pub fn skip(self, first: usize) -> List<'a> {
        let first = first.min(self.len);
        List { len: self.len - first, bytes: &self.bytes[first * self.element.size()..], ..self }
    }
}

/// Fields, in the order of declaration.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    pub(super) variant: Option<&'a str>,
    pub(super) variants: Option<&'a Variants>,
    pub(super) list: &'a [Field],
    pub(super) start: usize,
    pub(super) bytes: &'a [u8],
}

/// ```
/// use seqcopy::SeqOption;
/// use seqcopy_shm::{Schema, untyped::{Node, Value}};
///
/// let schema = Schema::of::<SeqOption<u8>>();
/// let fields = |bytes| match Value::new(schema.layout(), bytes).look() {
///     Node::Fields(fields) => fields,
///     _ => panic!("an enum"),
/// };
/// let [none, some] = [fields(&[0, 9]), fields(&[1, 9])];
/// assert_eq!((none.variant(), none.len(), none.is_empty()), (Some("None"), 0, true));
/// assert_eq!((some.variant(), some.are_numbered()), (Some("Some"), true));
/// let (name, value) = some.iter().next().unwrap();
/// assert!(name == "0" && matches!(value.look(), Node::Unsigned(9)));
/// ```
impl<'a> Fields<'a> {
    /// The name of the variant that they are the fields of; `None` for those of a struct.
    #[must_use]
    #[inline]
    pub fn variant(self) -> Option<&'a str> {
        self.variant
    }

    /// How many there are.
    #[must_use]
    #[inline]
    pub fn len(self) -> usize {
        self.list.len()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.list.is_empty()
    }

    /// The fields, with their names.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.list.iter().map(move |field| {
            let bytes = self.bytes.get(self.start.saturating_add(field.offset())..).unwrap_or_default();
            (field.name(), Value::at(self.variants, field.layout(), bytes))
        })
    }

    /// The path that their names follow: a variant's name is a part of it.
    ///
    /// ```
    /// # use seqcopy::{SeqOption, layout::Path};
    /// # use seqcopy_shm::{Schema, untyped::{Node, Value}};
    /// let schema = Schema::of::<SeqOption<u8>>();
    /// let Node::Fields(fields) = Value::new(schema.layout(), &[1, 9]).look() else { panic!("an enum") };
    /// assert_eq!(fields.path(&Path::Field(&Path::Root, "limit")).to_string(), "limit.Some");
    /// ```
    #[must_use]
    pub fn path<'p>(self, parent: &'p Path<'p>) -> Path<'p>
    where
        'a: 'p,
    {
        self.variant.map_or(*parent, |name| Path::Field(parent, name))
    }

    /// Whether they are the fields of a tuple.
    #[must_use]
    pub fn are_numbered(self) -> bool {
        are_numbered(self.list)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Node, Value};
    use super::*;
    use crate::schema::Schema;
    use crate::schema_builder::SchemaBuilder;

    /// As many variants as are looked up in the table. The first one has this tag.
    fn many(first: i64) -> Schema {
        let names: Vec<String> = (0..20).map(|number| format!("V{number}")).collect();
        let variants: Vec<_> = names.iter().zip(first..).map(|(name, tag)| (&**name, tag)).collect();
        let tag = SchemaBuilder::number("i16").unwrap();
        SchemaBuilder::tags("Many", &tag, &variants).build().unwrap()
    }

    /// After a region was replaced, its layout may have the address of the old one.
    #[test]
    fn what_another_layout_had_is_not_taken() {
        let (old, new) = (many(-5), many(0));
        let mut variants = Variants::from_layout(old.layout());
        let there = std::mem::take(&mut variants.0);
        variants.0 = there.into_iter().map(|((_, tag), found)| ((address(new.layout()), tag), found)).collect();
        let is_valid =
            |tag: i16| !matches!(variants.value(new.layout(), &tag.to_ne_bytes()).look(), Node::Invalid { .. });
        assert_eq!((-6..21).filter(|&tag| is_valid(tag)).count(), 0);
        let variants = Variants::from_layout(new.layout());
        for tag in 0..20i16 {
            let bytes = tag.to_ne_bytes();
            for value in [variants.value(new.layout(), &bytes), Value::new(new.layout(), &bytes)] {
                let Node::Fields(fields) = value.look() else { panic!("{tag}") };
                assert_eq!(fields.variant(), Some(&*format!("V{tag}")));
            }
        }
    }

    /// Enums at any place: in first and later fields, in elements, and in fields of variants.
    #[test]
    fn enums_are_listed_wherever_they_lie() {
        let many = || SchemaBuilder::from(&many(0));
        let byte = || SchemaBuilder::number("u8").unwrap();
        let both = SchemaBuilder::structure("Both", &[("a", many()), ("b", byte()), ("c", many())]);
        let all = both.array(2).option().build().unwrap();
        // Each place has a layout of its own.
        assert_eq!(Variants::from_layout(all.layout()).0.len(), 2 * 20);
        assert_eq!(Variants::from_layout(byte().build().unwrap().layout()).0.len(), 0);
    }
}
