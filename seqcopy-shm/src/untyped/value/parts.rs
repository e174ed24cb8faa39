//! Parts of a value: [`List`]s of elements, and [`Fields`].

use seqcopy::Layout;
use seqcopy::layout::{Field, Path, are_numbered};

use super::{Value, Variants};

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
