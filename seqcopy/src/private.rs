//! What generated code calls, and nothing else. The module's name carries the version, so that the output of one
//! version's derive can't meet another version's runtime (the crates are pinned to each other as well).
//!
//! Any crate can call it all the same. What trusts its caller is `unsafe`; what each trusts stands in
//! `docs/soundness.md`, "What generated code calls", which a test holds against this file.

pub use ::core;

pub use crate::copy::visited;
pub use crate::layout::{
    Probe, c_number, enum_with_fields, field, is_variant, largest, lies, next_tag, number, part, part_skipped,
    part_stand_in, place, probe, skipped, stand_in, structure, sum, tag, tags, value, variant, vouched,
};
pub use crate::seq_copy::visitor::{EnumWithFields, Visitor};
pub use crate::validate::{
    bad_tag, check_tag, has_fields, has_variants, hook, hook_valid, inside, inside_variant, part_of, part_of_variant,
    read_tag,
};

use core::mem::MaybeUninit;

use crate::layout::{Field, Layout, Shape, variant_field};
use crate::{MaybeInvalid, SeqCopy};

/// Brings the visitor to field `I` of `S` and returns where that is.
#[inline(always)]
pub fn at<S: SeqCopy, const I: usize, V: Visitor>(visitor: &mut V, base: usize) -> usize {
    let offset = base.wrapping_add(const { S::LAYOUT.fields()[I].offset() });
    if const { Layout::seeks_before(S::LAYOUT.fields(), I, 0) } {
        visitor.seek(offset);
    }
    offset
}

/// Brings the visitor to the end of `S`.
#[inline(always)]
pub fn finish<S: SeqCopy, V: Visitor>(visitor: &mut V, base: usize) {
    if const { Layout::reached(S::LAYOUT.fields(), S::LAYOUT.fields().len(), 0) != S::LAYOUT.size() } {
        visitor.seek(base.wrapping_add(size_of::<S>()));
    }
}

/// Announces a type that is data throughout; nothing if it has no bytes: the visitor need not stand at such a field.
#[inline(always)]
pub fn leaf<S: SeqCopy, V: Visitor>(visitor: &mut V, base: usize) {
    const { assert_described::<S>() }
    if const { size_of::<S>() != 0 } {
        visitor.data(base, size_of::<S>());
    }
}

/// Announces an enum with fields.
#[inline(always)]
pub fn visit_enum<S: EnumWithFields, V: Visitor>(visitor: &mut V, base: usize) {
    const { assert_described::<S>() }
    visitor.enum_with_fields::<S>(base);
}

/// Makes the compiler build the tree of a type that is copied, and so whatever it refuses there: of a type with parameters
/// nothing else may ask for it.
///
/// ```compile_fail,E0080
/// use seqcopy::{AtomicPerByte, SeqCopy};
///
/// #[derive(SeqCopy)]
/// #[repr(i8)]
/// enum Handle<const N: usize> { Open, Closed }
///
/// impl<const N: usize> Drop for Handle<N> {
///     fn drop(&mut self) {}
/// }
///
/// AtomicPerByte::<Handle<3>>::zeroed().store(&Handle::Closed);
/// ```
const fn assert_described<S: SeqCopy>() {
    assert!(S::LAYOUT.size() == size_of::<S>(), "the layout of another type");
}

/// Brings the visitor to field `I` of variant `K` of `S` and returns where that is.
#[inline(always)]
pub fn at_variant<S: SeqCopy, const K: usize, const I: usize, V: Visitor>(visitor: &mut V, base: usize) -> usize {
    let offset = base.wrapping_add(const { variant_field(S::LAYOUT, K, I) });
    if const { variant_seeks(S::LAYOUT, K, I) } {
        visitor.seek(offset);
    }
    offset
}

/// Brings the visitor to the end of the enum `S`, from wherever its variant's fields end.
#[inline(always)]
pub fn finish_variant<S: SeqCopy, V: Visitor>(visitor: &mut V, base: usize) {
    visitor.seek(base.wrapping_add(size_of::<S>()));
}

/// Whether the walk over a variant, which begins behind the tag, must jump to reach the field.
const fn variant_seeks(layout: &'static Layout, variant: usize, index: usize) -> bool {
    match layout.shape() {
        Shape::Enum { tag, payload, variants } => {
            let fields: &[Field] = variants[variant].fields();
            // Offsets of fields count from the payload, the tag's end from the enum; the tag never lies behind.
            Layout::seeks_before(fields, index, tag.size().wrapping_sub(payload))
        }
        _ => panic!("not an enum with fields"),
    }
}

/// Does nothing. The derive calls it with the user's own word `unsafe`, for the lint `unsafe_code`.
///
/// # Safety
/// What the option around which the word stands asks for.
pub const unsafe fn promised() {}

/// Refuses a field that a reference can't point at.
pub const fn assert_aligned<F>(align: usize, offset: usize, _field: *const F) {
    assert!(
        align >= align_of::<F>() && offset % align_of::<F>() == 0,
        "`field!` can't give a reference to a field of a packed type that is not aligned: use `field_copy!`"
    );
}

/// The view that `field!` gives.
///
/// # Safety
/// `field` points to a field inside `bits` and is aligned.
#[must_use]
pub const unsafe fn field_ref<S, F>(_bits: &MaybeInvalid<S>, field: *const F) -> &MaybeInvalid<F> {
    // SAFETY: inside `bits`, whose borrow the result takes over; aligned by this function's contract. What I6 says
    // of the whole it says of each field.
    unsafe { &*field.cast::<MaybeInvalid<F>>() }
}

/// The copy that `field_copy!` gives.
///
/// # Safety
/// `field` points to a field inside `bits`.
#[must_use]
pub const unsafe fn field_value<S, F>(_bits: &MaybeInvalid<S>, field: *const F) -> MaybeInvalid<F> {
    // SAFETY: inside `bits`; `MaybeUninit` takes any bits (P8).
    let value = unsafe { field.cast::<MaybeUninit<F>>().read_unaligned() };
    // SAFETY: what I6 says of the whole it says of each field.
    unsafe { MaybeInvalid::assume_written(value) }
}
