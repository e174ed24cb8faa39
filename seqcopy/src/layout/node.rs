//! The constructors of [`Layout`] from its parts. `build` uses them for types whose sizes the compiler gives, and
//! schemas for sizes that were read. They derive the facts of a node from its children.

use core::mem::MaybeUninit;

use super::access::Extent;
use super::access::Mark;
use super::tree::{Field, Layout, Scalar, Shape, Variant};

/// A node without children.
pub(super) const fn leaf(name: &'static str, size: usize, align: usize, shape: Shape<'static>) -> Layout {
    Layout {
        name,
        size,
        align,
        shape,
        mark: None,
        nodes: 1,
        padding_free: size == 0 || !matches!(shape, Shape::Skipped),
        has_pointers: matches!(shape, Shape::Pointer { .. }),
        has_enum_with_fields: false,
        has_skipped: matches!(shape, Shape::Skipped) && size != 0,
        specified: true,
        extent: Extent::of_leaf(size),
    }
}

/// Layouts of types that the program has only a description of. They repeat what the caller says: whether any type has
/// such a layout is not checked, and no safe function relies on it.
///
/// ```
/// use seqcopy::Layout;
/// use seqcopy::layout::{Field, Scalar};
///
/// static NUMBER: Layout = Layout::of_scalar("u16", Scalar::Unsigned, 2, 2);
/// static FIELDS: [Field; 2] = [Field::new("id", 0, &NUMBER), Field::new("level", 2, &NUMBER)];
/// static SAMPLE: Layout = Layout::of_struct("Sample", 4, 2, &FIELDS);
///
/// assert!(SAMPLE.is_padding_free() && SAMPLE.is_specified());
/// assert_eq!(SAMPLE.fields()[1].offset(), 2);
/// ```
#[doc(hidden)]
impl Layout {
    /// A number, `bool` or `char`.
    ///
    /// ```
    /// # use seqcopy::{Layout, layout::Scalar};
    /// assert_eq!(Layout::of_scalar("f32", Scalar::Float, 4, 4).size(), 4);
    /// ```
    #[must_use]
    pub const fn of_scalar(name: &'static str, kind: Scalar, size: usize, align: usize) -> Layout {
        leaf(name, size, align, Shape::Scalar(kind))
    }

    /// Bytes that are all initialised in every value.
    ///
    /// ```
    /// # use seqcopy::Layout;
    /// assert!(Layout::of_plain("key", 16, 1).is_padding_free());
    /// ```
    #[must_use]
    pub const fn of_plain(name: &'static str, size: usize, align: usize) -> Layout {
        leaf(name, size, align, Shape::Plain)
    }

    /// Bytes that are never read or written.
    ///
    /// ```
    /// # use seqcopy::Layout;
    /// assert!(!Layout::of_skipped(8, 8).is_padding_free());
    /// ```
    #[must_use]
    pub const fn of_skipped(size: usize, align: usize) -> Layout {
        leaf("skipped", size, align, Shape::Skipped)
    }

    /// An array of `len` elements.
    ///
    /// ```
    /// # use seqcopy::{Layout, SeqCopy};
    /// assert_eq!(Layout::of_array(<u16 as SeqCopy>::LAYOUT, 3).size(), 6);
    /// ```
    ///
    /// # Panics
    /// If the array is larger than the address space.
    #[must_use]
    pub const fn of_array(element: &'static Layout, len: usize) -> Layout {
        let Some(size) = element.size.checked_mul(len) else { panic!("an array larger than memory") };
        // An array of elements of size 0 counts as one element, which is visited and validated once.
        let counted = if element.size == 0 && len > 0 { 1 } else { len as u64 };
        Layout {
            name: "array",
            size,
            align: element.align,
            shape: Shape::Array { element, len },
            mark: None,
            nodes: counted.saturating_mul(element.nodes).saturating_add(1),
            // An array of length 0 has no padding, even if its elements have some.
            padding_free: len == 0 && !element.has_enum_with_fields || element.padding_free,
            has_pointers: element.has_pointers,
            has_enum_with_fields: element.has_enum_with_fields,
            has_skipped: element.has_skipped,
            specified: element.specified,
            // The size was checked above, so it does not overflow.
            extent: element.extent.repeated(element.size, len),
        }
    }

    /// A struct whose layout its repr fixes.
    ///
    /// ```
    /// # use seqcopy::{Layout, SeqCopy, layout::Field};
    /// static FIELDS: [Field; 1] = [Field::new("at", 0, <u64 as SeqCopy>::LAYOUT)];
    /// assert_eq!(Layout::of_struct("Time", 8, 8, &FIELDS).name(), "Time");
    /// ```
    #[must_use]
    pub const fn of_struct(name: &'static str, size: usize, align: usize, fields: &'static [Field]) -> Layout {
        let mut layout = leaf(name, size, align, Shape::Struct { fields });
        let data = layout.add_facts_of(fields);
        layout.extent = Extent::EMPTY;
        let (count, mut i) = (fields.len(), 0);
        while i < count {
            layout.extent.add(fields[i].offset, fields[i].layout.extent);
            i += 1;
        }
        // Fields do not overlap, so they leave no hole exactly if their sizes add up to the size of the struct
        // (soundness.md, P9 layout).
        layout.padding_free = layout.padding_free && data == size as u128;
        layout
    }

    /// An enum without fields: an integer that takes only the values of the variants.
    ///
    /// ```
    /// # use seqcopy::{Layout, layout::Variant};
    /// static VARIANTS: [Variant; 2] = [Variant::new("Off", 0, &[]), Variant::new("On", 1, &[])];
    /// assert_eq!(Layout::of_tags("Switch", 1, 1, false, &VARIANTS).variants().len(), 2);
    /// ```
    #[must_use]
    pub const fn of_tags(
        name: &'static str,
        size: usize,
        align: usize,
        signed: bool,
        variants: &'static [Variant],
    ) -> Layout {
        leaf(name, size, align, Shape::Tags { signed, variants })
    }

    /// An enum with fields, whose offsets count from `payload`. The tag lies at offset 0.
    ///
    /// ```
    /// # use seqcopy::{Layout, SeqCopy, layout::{Field, Variant}};
    /// static FIELDS: [Field; 1] = [Field::new("0", 0, <u32 as SeqCopy>::LAYOUT)];
    /// static VARIANTS: [Variant; 2] = [Variant::new("None", 0, &[]), Variant::new("Some", 1, &FIELDS)];
    /// assert!(Layout::of_enum("Maybe", 8, 4, <u8 as SeqCopy>::LAYOUT, 4, &VARIANTS).has_enum_with_fields());
    /// ```
    #[must_use]
    pub const fn of_enum(
        name: &'static str,
        size: usize,
        align: usize,
        tag: &'static Layout,
        payload: usize,
        variants: &'static [Variant],
    ) -> Layout {
        let mut layout = leaf(name, size, align, Shape::Enum { tag, payload, variants });
        // The tag counts as a node.
        layout.nodes = 2;
        layout.has_enum_with_fields = true;
        let mut i = 0;
        while i < variants.len() {
            layout.add_facts_of(variants[i].fields);
            i += 1;
        }
        // The value decides which bytes are data.
        layout.padding_free = false;
        layout
    }

    /// Adds the facts of fields to the facts of their parent, and returns the sum of the fields' sizes.
    ///
    /// Every derived layout calls this in the interpreter of constants, where calls and branches are expensive. The
    /// sums can't overflow, because there are fewer fields than bytes of memory.
    #[allow(clippy::cast_possible_truncation)] // not above the largest `u64`
    const fn add_facts_of(&mut self, fields: &[Field]) -> u128 {
        let (mut nodes, mut data) = (self.nodes as u128, 0);
        let (count, mut i) = (fields.len(), 0);
        while i < count {
            let child = fields[i].layout;
            i += 1;
            data += child.size as u128;
            nodes += child.nodes as u128;
            self.padding_free &= child.padding_free;
            self.has_pointers |= child.has_pointers;
            self.has_enum_with_fields |= child.has_enum_with_fields;
            self.has_skipped |= child.has_skipped;
            self.specified &= child.specified;
        }
        self.nodes = if nodes > u64::MAX as u128 { u64::MAX } else { nodes as u64 };
        data
    }

    /// This type with a mark. The caller has checked that it has the shape that the mark names.
    #[must_use]
    pub const fn marked(self, mark: Mark) -> Layout {
        Layout { mark: Some(mark), ..self }
    }

    /// The mark. For seqcopy-shm.
    #[must_use]
    pub const fn mark(&self) -> Option<Mark> {
        self.mark
    }
}

impl Field {
    /// A field, or a field of a variant.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, layout::Field};
    /// assert_eq!(Field::new("at", 8, <u64 as SeqCopy>::LAYOUT).name(), "at");
    /// ```
    #[must_use]
    #[doc(hidden)]
    pub const fn new(name: &'static str, offset: usize, layout: &'static Layout) -> Field {
        Field { name, offset, layout, default: None }
    }
}

impl Variant {
    /// A variant. In an enum without fields, `fields` is empty.
    ///
    /// ```
    /// # use seqcopy::layout::Variant;
    /// assert_eq!(Variant::new("Off", 0, &[]).value(), 0);
    /// ```
    #[must_use]
    #[doc(hidden)]
    pub const fn new(name: &'static str, value: i128, fields: &'static [Field]) -> Variant {
        Variant { name, value, fields }
    }
}

/// A type whose bytes may be uninitialised in every value, so that copies may leave out a field of it.
///
/// # Safety
/// Uninitialised memory is a valid and safe value of the type, and the type has no interior mutability: private copies
/// of a struct are plain copies, with its skipped fields.
#[diagnostic::on_unimplemented(
    message = "`#[seqcopy(skip)]` is for fields that are `MaybeUninit` of a `Copy` type, not for `{Self}`",
    label = "this field can't be skipped",
    note = "make the field a `MaybeUninit` of a number or an array, or remove `skip` so that it is copied",
    note = "a sequence word inside is a `MaybeUninit<u32>` with `#[seqcopy(word = Parity<u32>)]`, reached by `raw::Page`"
)]
pub unsafe trait Skip {}

// SAFETY: MaybeUninit has no validity requirement (P8 maybe-uninit), and no `Copy` type holds an `UnsafeCell`
// (P20 bitwise).
#[diagnostic::do_not_recommend]
unsafe impl<T: Copy> Skip for MaybeUninit<T> {}
// SAFETY: an array of such (P8 maybe-uninit).
unsafe impl<T: Skip, const N: usize> Skip for [T; N] {}
