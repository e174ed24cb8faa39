//! [`Layout`], and the types of its nodes.

use super::access::Extent;
use super::access::{FieldDefault, Mark};

/// Where the data of a type lies: size, alignment, fields with their offsets, holes, variants.
///
/// A `Layout` is constant data. Get one from [`SeqCopy::LAYOUT`](crate::SeqCopy::LAYOUT). (`seqcopy-shm` makes layouts
/// of types that another program has, and frees them. So what a layout hands out is borrowed from it.)
///
/// ```
/// use seqcopy::SeqCopy;
///
/// #[derive(SeqCopy)]
/// #[repr(C)]
/// struct Sample { flag: bool, at: u64 }
///
/// let layout = Sample::LAYOUT;
/// assert_eq!((layout.name(), layout.size(), layout.align()), ("Sample", 16, align_of::<u64>()));
/// assert_eq!(layout.fields()[1].name(), "at");
/// assert!(!layout.is_padding_free());
/// assert_eq!(layout.holes().next(), Some(1..align_of::<u64>()));
/// ```
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // independent facts about a type
pub struct Layout {
    pub(super) name: &'static str,
    pub(super) size: usize,
    pub(super) align: usize,
    pub(super) shape: Shape<'static>,
    pub(super) mark: Option<Mark>,
    /// The number of nodes of this tree. Each array element and the fields of all variants count.
    /// [`InvalidValue`](crate::InvalidValue) identifies a place by its number in this order.
    pub(super) nodes: u64,
    pub(super) padding_free: bool,
    pub(super) has_pointers: bool,
    pub(super) has_enum_with_fields: bool,
    pub(super) has_skipped: bool,
    pub(super) specified: bool,
    /// The extent of the data, if the type consists of data and padding only.
    pub(super) extent: Extent,
}

/// What a [`Layout`] node is.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Shape<'a> {
    /// One number, `bool` or `char`.
    Scalar(Scalar),
    /// A thin pointer. `nullable` says whether all zeros is one of its values.
    #[non_exhaustive]
    Pointer {
        /// `true` for raw pointers and for `Option` of a pointer that is never null.
        nullable: bool,
    },
    /// Bytes that are all initialised in every value. Only the name of their type ([`Layout::name`]) is known.
    Plain,
    /// A field marked `#[seqcopy(skip)]`: a hole with a name.
    Skipped,
    /// `len` elements, one after the other.
    #[non_exhaustive]
    Array {
        /// The layout of each.
        element: &'a Layout,
        /// How many.
        len: usize,
    },
    /// Fields at fixed offsets, in the order of declaration. Tuples are structs whose fields are numbered.
    #[non_exhaustive]
    Struct {
        /// The fields.
        fields: &'a [Field],
    },
    /// An enum without fields: an integer that takes only the listed values.
    #[non_exhaustive]
    Tags {
        /// Whether the tag is a signed integer.
        signed: bool,
        /// The variants; their fields are empty.
        variants: &'a [Variant],
    },
    /// An enum with fields: a tag, and the fields of the variant that the tag selects.
    #[non_exhaustive]
    Enum {
        /// The integer type of the tag, which lies at offset 0.
        tag: &'a Layout,
        /// The offset from which the offsets of the variants' fields count.
        payload: usize,
        /// The variants.
        variants: &'a [Variant],
    },
}

/// What kind of number a scalar is. Its width is the layout's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scalar {
    /// An unsigned integer.
    Unsigned,
    /// A signed integer, two's complement.
    Signed,
    /// An IEEE 754 number; copied as bits, never as a float.
    Float,
    /// `bool`: 0 or 1.
    Bool,
    /// `char`: a Unicode scalar value.
    Char,
    /// An unsigned integer that is never 0.
    NonZeroUnsigned,
    /// A signed integer that is never 0.
    NonZeroSigned,
    /// `Option<NonZero<_>>` of an unsigned integer: 0 is `None`.
    OptionNonZeroUnsigned,
    /// `Option<NonZero<_>>` of a signed integer: 0 is `None`.
    OptionNonZeroSigned,
}

/// A named place inside a struct or a variant.
#[derive(Debug)]
pub struct Field {
    pub(super) name: &'static str,
    pub(super) offset: usize,
    pub(super) layout: &'static Layout,
    pub(super) default: Option<FieldDefault>,
}

/// One variant of an enum.
#[derive(Debug)]
pub struct Variant {
    pub(super) name: &'static str,
    pub(super) value: i128,
    pub(super) fields: &'static [Field],
}

impl Layout {
    /// The name of the type as its author wrote it, without parameters.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(u32::LAYOUT.name(), "u32");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &str {
        self.name
    }

    /// `size_of` of the type, in bytes.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(<[u32; 3]>::LAYOUT.size(), 12);
    /// ```
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// `align_of` of the type, in bytes.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(<[u16; 3]>::LAYOUT.align(), 2);
    /// ```
    #[must_use]
    pub const fn align(&self) -> usize {
        self.align
    }

    /// What this node is, with its children.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, layout::{Scalar, Shape}};
    /// assert!(matches!(f32::LAYOUT.shape(), Shape::Scalar(Scalar::Float)));
    /// ```
    #[must_use]
    pub const fn shape(&self) -> Shape<'_> {
        self.shape
    }

    /// The fields of a struct or tuple, in the order of declaration; empty for everything else.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// let fields = <(u8, u32)>::LAYOUT.fields();
    /// assert_eq!((fields[0].name(), fields[1].layout().name()), ("0", "u32"));
    /// ```
    #[must_use]
    pub const fn fields(&self) -> &[Field] {
        match self.shape {
            Shape::Struct { fields } => fields,
            _ => &[],
        }
    }

    /// The variants of an enum, in the order of declaration; empty for everything else.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqOption};
    /// let variants = SeqOption::<u32>::LAYOUT.variants();
    /// assert_eq!((variants[1].name(), variants[1].value()), ("Some", 1));
    /// ```
    #[must_use]
    pub const fn variants(&self) -> &[Variant] {
        match self.shape {
            Shape::Tags { variants, .. } | Shape::Enum { variants, .. } => variants,
            _ => &[],
        }
    }

    /// Whether every byte is data in **every** value. Never true of an enum with fields: which of its bytes are
    /// data depends on the variant.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqOption};
    /// assert!(<[u32; 4]>::LAYOUT.is_padding_free());
    /// assert!(!SeqOption::<u8>::LAYOUT.is_padding_free());
    /// ```
    #[must_use]
    pub const fn is_padding_free(&self) -> bool {
        self.padding_free
    }

    /// Whether the type contains a pointer. Its bytes mean nothing in another process, and are never exposed as bytes.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert!(<(u64, *const u8)>::LAYOUT.has_pointers());
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub const fn has_pointers(&self) -> bool {
        self.has_pointers
    }

    /// Whether the type contains an enum with fields, so that which bytes are data depends on the value.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqOption};
    /// assert!(<[SeqOption<u32>; 2]>::LAYOUT.has_enum_with_fields());
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub const fn has_enum_with_fields(&self) -> bool {
        self.has_enum_with_fields
    }

    /// Whether the language specifies this layout: `repr(C)`, `repr(transparent)`, integer reprs, arrays and scalars,
    /// in every part. Only such types have the same layout in two builds.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert!(<[u64; 2]>::LAYOUT.is_specified());
    /// assert!(!<(u8, u64)>::LAYOUT.is_specified());
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub const fn is_specified(&self) -> bool {
        self.specified
    }

    /// Whether every byte is data that may be merged with its neighbours, so that there is no padding and no pointer.
    pub(crate) const fn is_dense(&self) -> bool {
        self.padding_free && !self.has_pointers
    }

    /// How many places a walk over a value visits: the type, and each of its parts. For seqcopy-shm.
    #[doc(hidden)]
    #[must_use]
    pub const fn nodes(&self) -> u64 {
        self.nodes
    }
}

impl Field {
    /// The field's name; numbers for tuples. Raw identifiers lose their `r#`.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(<(u8,)>::LAYOUT.fields()[0].name(), "0");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &str {
        self.name
    }

    /// Offset in bytes from the start of the struct, or, in a variant, from the enum's
    /// [`payload`](Shape::Enum::payload).
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(<([u8; 4],)>::LAYOUT.fields()[0].offset(), 0);
    /// ```
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The layout of the field's type.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(<(u8, bool)>::LAYOUT.fields()[1].layout().name(), "bool");
    /// ```
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        self.layout
    }

    /// What `#[seqcopy(default)]` gives the field where a region has none of its name. For seqcopy-shm.
    #[doc(hidden)]
    #[must_use]
    pub const fn default(&self) -> Option<FieldDefault> {
        self.default
    }

    /// Whether copies access the field. Skipped fields and fields of size 0 are not accessed.
    pub(crate) const fn is_copied(&self) -> bool {
        self.layout.size != 0 && !matches!(self.layout.shape, Shape::Skipped)
    }

    pub(crate) const fn end(&self) -> usize {
        self.offset + self.layout.size
    }
}

impl Variant {
    /// The variant's name.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqOption};
    /// assert_eq!(SeqOption::<u8>::LAYOUT.variants()[0].name(), "None");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &str {
        self.name
    }

    /// The discriminant.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqOption};
    /// assert_eq!(SeqOption::<u8>::LAYOUT.variants()[0].value(), 0);
    /// ```
    #[must_use]
    pub const fn value(&self) -> i128 {
        self.value
    }

    /// The variant's fields, in the order of declaration.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqOption};
    /// assert_eq!(SeqOption::<u8>::LAYOUT.variants()[1].fields()[0].name(), "0");
    /// ```
    #[must_use]
    pub const fn fields(&self) -> &[Field] {
        self.fields
    }
}
