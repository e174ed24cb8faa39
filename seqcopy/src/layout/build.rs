//! The constructors of [`Layout`] that generated code and the crate's own impls call, in constants.
//!
//! They refuse every mistake in a type's layout, so that `cargo check` reports it for every type without parameters.

#![allow(clippy::missing_panics_doc)] // they panic in constants: the message is the documentation

use core::mem::needs_drop;

use super::access::FieldDefault;
use super::node;
use super::node::Skip;
use super::tree::{Field, Layout, Scalar, Shape, Variant};

use crate::primitive::bytes::AtomicPtr;

const NO_DROP: &str = "a payload is duplicated bit by bit, so its type must not implement Drop: store plain data and own the resource elsewhere";

/// The alignment of an address at `offset` from an address aligned to `base`.
pub(crate) const fn align_at(base: usize, offset: usize) -> usize {
    if offset == 0 { base } else { min(base, low_bit(offset)) }
}

/// The largest power of two that divides `n`. `n` is not 0.
pub(crate) const fn low_bit(n: usize) -> usize {
    n & n.wrapping_neg()
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn leaf<T>(name: &'static str, shape: Shape<'static>) -> Layout {
    node::leaf(name, size_of::<T>(), align_of::<T>(), shape)
}

/// A number, `bool` or `char`.
#[must_use]
pub const fn scalar<T>(name: &'static str, kind: Scalar) -> Layout {
    leaf::<T>(name, Shape::Scalar(kind))
}

/// `NonZero` of an integer, or `Option` of one (`optional`).
#[must_use]
pub const fn nonzero<T>(name: &'static str, signed: bool, optional: bool) -> Layout {
    let kind = match (signed, optional) {
        (false, false) => Scalar::NonZeroUnsigned,
        (true, false) => Scalar::NonZeroSigned,
        (false, true) => Scalar::OptionNonZeroUnsigned,
        (true, true) => Scalar::OptionNonZeroSigned,
    };
    leaf::<T>(name, Shape::Scalar(kind))
}

/// A thin pointer.
#[must_use]
pub const fn pointer<T>(name: &'static str, nullable: bool) -> Layout {
    assert!(
        // On targets that align pointers to two bytes, an atomic pointer has a larger alignment than a pointer.
        size_of::<T>() == size_of::<*mut ()>() && align_of::<T>() == align_of::<AtomicPtr<()>>(),
        "this pointer type does not have the size and alignment of an atomic pointer on this target: store an index instead"
    );
    leaf::<T>(name, Shape::Pointer { nullable })
}

/// Bytes that are all initialised in every value.
#[must_use]
#[track_caller]
pub const fn plain<T>(name: &'static str) -> Layout {
    assert!(!needs_drop::<T>(), "{}", NO_DROP);
    leaf::<T>(name, Shape::Plain)
}

/// A type marked `unsafe(plain)`: its author promises that every byte is initialised in every value. `bytes` of them
/// lie in fields.
#[must_use]
#[track_caller]
pub const fn vouched<T>(name: &'static str, specified: bool, bytes: usize) -> Layout {
    assert!(
        bytes == size_of::<T>(),
        "`unsafe(plain)`: some bytes of this type lie in no field, so they are padding, which is not initialised: put fields there, or remove `plain`"
    );
    Layout { specified, ..plain::<T>(name) }
}

/// The sizes of a struct's fields, added up.
#[must_use]
pub const fn sum(sizes: &[usize]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < sizes.len() {
        sum += sizes[i];
        i += 1;
    }
    sum
}

/// The size of a union's largest field.
#[must_use]
pub const fn largest(sizes: &[usize]) -> usize {
    let (mut largest, mut i) = (0, 0);
    while i < sizes.len() {
        largest = max(largest, sizes[i]);
        i += 1;
    }
    largest
}

/// `[T; N]`.
#[must_use]
pub const fn array<T, const N: usize>(element: &'static Layout) -> Layout {
    assert!(size_of::<T>() == element.size, "the layout of the elements");
    let layout = Layout::of_array(element, N);
    assert!(layout.size == size_of::<[T; N]>() && layout.align == align_of::<[T; N]>(), "the layout of the array");
    layout
}

/// A field of a struct.
#[must_use]
pub const fn field(name: &'static str, offset: usize, layout: &'static Layout) -> Field {
    Field::new(name, offset, layout)
}

struct Hole<T>(T);

impl<T> Hole<T> {
    const LAYOUT: &'static Layout = &Layout::of_skipped(size_of::<T>(), align_of::<T>());
}

/// A field that is never read or written. Its type must be `MaybeUninit`: a field of any other type would be returned
/// uninitialised.
#[must_use]
pub const fn skipped<T: Skip>(name: &'static str, offset: usize) -> Field {
    Field::new(name, offset, Hole::<T>::LAYOUT)
}

/// A field of a foreign type `F` that is copied as if it were another type.
#[must_use]
#[track_caller]
pub const fn stand_in<F>(name: &'static str, offset: usize, layout: &'static Layout) -> Field {
    assert!(
        size_of::<F>() == layout.size,
        "`unsafe(as = Type)`: the field and `Type` differ in size, so `Type` does not describe the field: name a `repr(C)` struct or an array with exactly its bytes"
    );
    assert!(!needs_drop::<F>(), "a payload is duplicated bit by bit, so its fields must not implement Drop");
    Field::new(name, offset, layout)
}

/// The field with `#[seqcopy(default = make)]`.
///
/// # Panics
/// If that is not a value of the field's size. Called in constants, so that is a compile-time error.
#[must_use]
#[track_caller]
#[allow(clippy::needless_pass_by_value)] // moved, as the others are
pub const fn with_default<F>(field: Field, make: fn() -> F) -> Field {
    assert!(size_of::<F>() == field.layout.size, "a default of another size than the field");
    Field { default: Some(FieldDefault::new(make)), ..field }
}

/// A struct or tuple; `specified` if its repr fixes the layout.
#[must_use]
#[track_caller]
pub const fn structure<T>(name: &'static str, specified: bool, fields: &'static [Field]) -> Layout {
    assert!(!needs_drop::<T>(), "{}", NO_DROP);
    // Written without calls, because constants are interpreted.
    let (size, count, mut i) = (size_of::<T>(), fields.len(), 0);
    while i < count {
        let field = &fields[i];
        assert!(field.offset + field.layout.size <= size, "a field lies outside its struct");
        i += 1;
    }
    let mut layout = Layout::of_struct(name, size_of::<T>(), align_of::<T>(), fields);
    layout.specified = layout.specified && specified;
    assert!(
        layout.has_aligned_pointers(layout.align),
        "a pointer of a packed type is not aligned, so no single access can copy it: use a larger `packed(N)`, or store an index instead"
    );
    layout
}

/// A variant without fields.
#[must_use]
pub const fn tag(name: &'static str, value: i128) -> Variant {
    Variant { name, value, fields: &[] }
}

/// An enum without fields.
#[must_use]
#[track_caller]
pub const fn tags<T>(name: &'static str, mut signed: bool, variants: &'static [Variant]) -> Layout {
    assert!(!needs_drop::<T>(), "{}", NO_DROP);
    let (bits, mut i) = (8 * size_of::<T>(), 0);
    while i < variants.len() {
        // If the compiler chooses the tag, as for `repr(C)`, a number that needs the highest bit makes the tag
        // unsigned.
        signed = signed && (bits == 0 || bits > 64 || variants[i].value >> (bits - 1) <= 0);
        i += 1;
    }
    leaf::<T>(name, Shape::Tags { signed, variants })
}

/// A field of a variant; its offset comes from [`place`].
#[must_use]
pub const fn part(name: &'static str, layout: &'static Layout) -> Field {
    Field::new(name, 0, layout)
}

/// A skipped field of a variant.
#[must_use]
pub const fn part_skipped<T: Skip>(name: &'static str) -> Field {
    skipped::<T>(name, 0)
}

/// A field of a variant that is copied as another type.
#[must_use]
#[track_caller]
pub const fn part_stand_in<F>(name: &'static str, layout: &'static Layout) -> Field {
    assert!(
        align_of::<F>() == layout.align,
        "`unsafe(as = Type)` in a variant: the field and `Type` differ in alignment, so the fields after it would be misplaced: name a type of the field's alignment"
    );
    stand_in::<F>(name, 0, layout)
}

/// Gives the fields of a variant their offsets, by the algorithm of the Reference for `repr(C)` structs
/// (`layout.repr.c.struct.size-field-offset`): each at the next multiple of its alignment. `offset_of!` can't name
/// a variant's fields on stable. [`enum_with_fields`] compares the resulting size with `size_of`.
#[must_use]
pub const fn place<const N: usize>(start: usize, mut fields: [Field; N]) -> [Field; N] {
    let mut at = start;
    let mut i = 0;
    while i < N {
        at = at.next_multiple_of(fields[i].layout.align);
        fields[i].offset = at;
        at += fields[i].layout.size;
        i += 1;
    }
    fields
}

/// A variant of an enum with fields.
#[must_use]
pub const fn variant(name: &'static str, value: i128, fields: &'static [Field]) -> Variant {
    Variant { name, value, fields }
}

/// An enum with fields. `c_style` for `repr(C, int)`: the fields of each variant form a struct of their own
/// after the tag. Otherwise, for `repr(int)`, the tag is the first field of each variant's struct.
#[must_use]
#[track_caller]
pub const fn enum_with_fields<T>(
    name: &'static str,
    c_style: bool,
    tag: &'static Layout,
    variants: &'static [Variant],
) -> Layout {
    assert!(!needs_drop::<T>(), "{}", NO_DROP);
    // The size and alignment of the union of the variants' structs.
    let (mut end, mut align) = if c_style { (0, 1) } else { (tag.size, tag.align) };
    let mut i = 0;
    while i < variants.len() {
        let fields = variants[i].fields;
        let mut k = 0;
        while k < fields.len() {
            align = max(align, fields[k].layout.align);
            end = max(end, fields[k].end());
            k += 1;
        }
        i += 1;
    }
    let payload = if c_style { tag.size.next_multiple_of(align) } else { 0 };
    let whole = max(align, tag.align);
    let size = (payload + end.next_multiple_of(align)).next_multiple_of(whole);
    assert!(
        size == size_of::<T>() && whole == align_of::<T>(),
        "the layout computed for this enum differs from the compiler's: put attributes that change its repr above the derive"
    );

    let layout = Layout::of_enum(name, size, whole, tag, payload, variants);
    assert!(
        layout.has_aligned_pointers(layout.align),
        "a pointer of a packed type is not aligned, so no single access can copy it: use a larger `packed(N)`, or store an index instead"
    );
    layout
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

impl Layout {
    /// Whether every pointer inside is aligned if the whole is aligned to `base`.
    const fn has_aligned_pointers(&self, base: usize) -> bool {
        if !self.has_pointers {
            return true;
        }
        match self.shape {
            Shape::Pointer { .. } => base >= align_of::<AtomicPtr<()>>(),
            Shape::Array { element, len } => {
                len == 0 || element.size == 0 || element.has_aligned_pointers(min(base, low_bit(element.size)))
            }
            Shape::Struct { fields } => Self::are_pointers_aligned(fields, 0, base),
            Shape::Enum { payload, variants, .. } => {
                let mut i = 0;
                while i < variants.len() {
                    if !Self::are_pointers_aligned(variants[i].fields, payload, base) {
                        return false;
                    }
                    i += 1;
                }
                true
            }
            Shape::Scalar(_) | Shape::Plain | Shape::Skipped | Shape::Tags { .. } => true,
        }
    }

    const fn are_pointers_aligned(fields: &[Field], start: usize, base: usize) -> bool {
        let mut i = 0;
        while i < fields.len() {
            if !fields[i].layout.has_aligned_pointers(align_at(base, start + fields[i].offset)) {
                return false;
            }
            i += 1;
        }
        true
    }
}
