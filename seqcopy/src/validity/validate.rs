//! [`Validate`] decides with code made for each type whether bits from an untrusted source are a valid value.
//!
//! The same rules exist in three more forms: with a layout (`validate_bytes`), as a list (`Rules` in seqcopy-shm), and
//! in C (`check` in seqcopy-bindgen). This form is the reference. `tests/tests/values/validate_bytes.rs` compares the
//! form with a layout.

use crate::layout::{self, Layout, Scalar, Shape, Variant};
use crate::seq_copy::SeqCopy;
use crate::validity::bits::Bits;
use crate::validity::invalid_value::{InvalidValue, Reason};
use crate::validity::maybe_invalid::MaybeInvalid;

/// Types whose bits can be checked: bits that pass are a valid **and safe** value, even if another process wrote them.
///
/// Derive it together with [`SeqCopy`]. It is a second consent: `SeqCopy` allows values to be duplicated bitwise,
/// `Validate` states that *any bits that pass the check are a value that safe code may use*. The derived check covers
/// every field (a `bool` is 0 or 1, a `char` is a scalar value, a tag names a variant, a `NonZero` is not zero); of an
/// enum, only the fields of the variant that the tag names. If your type has invariants beyond those of its fields,
/// check them in a hook:
///
/// * `#[seqcopy(check = path)]`, `path: fn(&MaybeInvalid<Self>) -> Result<(), &'static str>`: safe; reads fields with
///   [`field!`](crate::field).
/// * `#[seqcopy(unsafe(check = path))]`, `path: fn(&Self) -> Result<(), &'static str>`: receives a `Self` whose bits
///   and fields have passed, but whose own invariant may not hold yet. It must only use the fields, and is part of the
///   type's unsafe code, hence `unsafe`.
///
/// A hook runs after the checks of the fields and their types' hooks, on an aligned private copy.
///
/// ```
/// use seqcopy::{MaybeInvalid, SeqCopy, Validate, field};
///
/// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
/// #[repr(C)]
/// #[seqcopy(check = ordered)]
/// struct Range { from: u32, to: u32, open: bool }
///
/// fn ordered(bits: &MaybeInvalid<Range>) -> Result<(), &'static str> {
///     let from = *field!(bits, Range, from).validate_ref().unwrap();
///     let to = *field!(bits, Range, to).validate_ref().unwrap();
///     if from <= to { Ok(()) } else { Err("`from` must not exceed `to`") }
/// }
///
/// let bits = MaybeInvalid::new(Range { from: 9, to: 1, open: false });
/// let error = bits.validate().unwrap_err();
/// assert_eq!(error.to_string(), "invalid `Range`: `from` must not exceed `to`");
/// ```
///
/// A field with `#[seqcopy(unsafe(as = Type))]` is checked as a `Type`: you then also promise that bits valid for
/// `Type`, with any padding bytes, are valid and safe for the field. A type with `#[seqcopy(unsafe(plain))]` does not
/// declare which bytes are valid, so the derive rejects it; write an `unsafe impl`, as here.
///
/// ```
/// use seqcopy::{Bits, InvalidValue, MaybeInvalid, SeqCopy, Validate};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(transparent)]
/// // SAFETY: its only field is a number.
/// #[seqcopy(unsafe(plain))]
/// struct Percent(u8);
///
/// // SAFETY: each byte is a valid `Percent`, and up to 100 a safe one. All bytes of a plain type are initialised.
/// unsafe impl Validate for Percent {
///     fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
///         if bits.copy().as_bytes()[0] <= 100 { Ok(()) } else { Err(bits.refuse("more than 100")) }
///     }
/// }
///
/// assert!(MaybeInvalid::new(Percent(100)).validate().is_ok());
/// assert!(MaybeInvalid::new(Percent(101)).validate().is_err());
/// ```
///
/// `Validate` requires a specified layout: `repr(C)`, `repr(transparent)` or an integer repr. Not implemented for
/// pointers, references and function pointers (an address means nothing in another process, and bits cannot prove that
/// it points to a live object), nor for tuples (no specified layout).
///
/// # Safety
/// `check` returns `Ok` only for bits that are a valid and safe `Self` (P6 validity, P24 safety in
/// `docs/reference/soundness.md`). It reads initialised bytes only (I6 maybe-invalid): bytes of a variant only after
/// the tag has been found to name it. No other item of the trait is defined.
#[cfg_attr(
    not(feature = "derive"),
    diagnostic::on_unimplemented(
        note = "`#[derive(Validate)]` is not there: enable the feature `derive` of seqcopy, which `default-features = false` turns off"
    )
)]
#[diagnostic::on_unimplemented(
    message = "bits of `{Self}` cannot be checked",
    label = "`{Self}` does not implement `Validate`",
    note = "if it is your own type, add `#[derive(SeqCopy, Validate)]` and `#[repr(C)]` to it",
    note = "pointers, references and function pointers mean nothing outside their process: store an index or an offset",
    note = "tuples have no specified layout: use a `repr(C)` struct",
    note = "for text use `seqcopy::SeqStr<N>`, for a vector `SeqVec<T, N>`, for an `Option` `SeqOption<T>`, for a `Duration` `SeqDuration`"
)]
pub unsafe trait Validate: SeqCopy {
    /// Checks the bits.
    ///
    /// # Errors
    /// Names the first place whose bits are invalid for its type, in the order of declaration.
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue>;

    /// Whether `check` refuses no bits, whatever they are: true of numbers, vectors and addresses, and of what this
    /// crate and a derive make of them, never of a type with a hook, which a derive gives no such constant, nor of an
    /// enum. A field of such a type needs no check, and no code for it.
    #[doc(hidden)]
    const ANY_BITS: bool = false;

    /// [`ANY_BITS`](Self::ANY_BITS) together with the layout. One constant, so that a field without `Validate` is
    /// reported once.
    #[doc(hidden)]
    const SEEN: (bool, &'static Layout) = (Self::ANY_BITS, Self::LAYOUT);

    /// How many hooks `check` calls, as the derive was given them.
    #[doc(hidden)]
    const HOOKS: usize = 0;

    /// Whether field `I` of `S` is valid. `S` is a `Self`, or a foreign type that `Self` describes. If not, `result`
    /// receives the error. The field's address is passed for its type only.
    #[doc(hidden)]
    #[inline(always)]
    fn is_valid_field<S: Validate, const I: usize>(
        bits: &Bits<'_, S>,
        _field: *const Self,
        result: &mut Result<(), InvalidValue>,
    ) -> bool {
        if const { Self::ANY_BITS } {
            return const { is_part::<S, Self, I>() };
        }
        match inside::<S, I>(Self::check(&part_of::<S, Self, I>(bits))) {
            Ok(()) => true,
            failure => {
                *result = failure;
                false
            }
        }
    }
}

impl<T: Validate> MaybeInvalid<T> {
    /// The value, of a type of which any bits are one: a number, an array of these, a `derive(Validate)` struct whose
    /// fields are such types. No check is made, and nothing can fail, so there is no panic in a kernel's clock and no
    /// error that never occurs.
    ///
    /// All other types are rejected at compile time, those that [`validate`](Self::validate) is for: a type with a
    /// field that has invalid bits (a `bool`, a `char`, an enum, a `NonZero`), with a hook (`check = path`), or whose
    /// `Validate` is written by hand; and fields that are described by [`Bytemuck`](crate::Bytemuck) and
    /// [`Zerocopy`](crate::Zerocopy), which are checked by these crates.
    ///
    /// ```
    /// use seqcopy::{AtomicPerByte, SeqCopy, Validate};
    ///
    /// #[derive(Clone, Copy, SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct Sample { at: u64, volts: [f32; 3] }
    ///
    /// let shared = AtomicPerByte::<Sample>::zeroed();
    /// assert_eq!(shared.load().value().volts, [0.0; 3]);
    /// ```
    ///
    /// ```compile_fail
    /// # use seqcopy::MaybeInvalid;
    /// let _ = MaybeInvalid::new(true).value();
    /// ```
    #[inline]
    #[must_use]
    pub const fn value(self) -> T {
        const {
            assert!(
                T::ANY_BITS,
                "`value` needs a type of which any bits are a value: this one has a field or a check that refuses some, so use `validate`"
            );
        }
        // SAFETY: `check` would accept them, whatever they are, and `Validate` promises that such bits are valid and
        // safe (I7 checked).
        unsafe { self.assume_valid() }
    }

    /// Checks the bits and converts them to a value.
    ///
    /// # Errors
    /// Names the first place whose bits are invalid for its type. The bits are consumed; to keep them, use
    /// [`validate_ref`](Self::validate_ref).
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// assert_eq!(MaybeInvalid::<char>::zeroed().validate(), Ok('\0'));
    /// ```
    pub fn validate(self) -> Result<T, InvalidValue> {
        T::check(&Bits::of(&self))?;
        // SAFETY: checked, and `Validate` promises that bits that pass are valid and safe (I7 checked). It is not
        // implemented for pointers.
        Ok(unsafe { self.assume_valid() })
    }

    /// Checks the bits and returns a reference to the value.
    ///
    /// # Errors
    /// The errors of [`validate`](Self::validate).
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// assert_eq!(MaybeInvalid::new(true).validate_ref(), Ok(&true));
    /// ```
    pub fn validate_ref(&self) -> Result<&T, InvalidValue> {
        T::check(&Bits::of(self))?;
        // SAFETY: checked, as in `validate` (I7 checked).
        Ok(unsafe { self.assume_valid_ref() })
    }
}

// The functions that generated code calls. The safe ones verify their arguments, and those that can't are `unsafe`.

const MISMATCH: &str = "`derive(Validate)` and `derive(SeqCopy)` were given different types: put attributes that change the type above both";

/// The address of the bits.
#[inline(always)]
#[must_use]
pub const fn start<S>(bits: &Bits<'_, S>) -> *const S {
    bits.as_ptr()
}

/// The address of a field as that of the type that it is checked as.
#[inline(always)]
#[must_use]
pub const fn described<F, T>(field: *const F) -> *const T {
    field.cast()
}

/// Rejects a derived check whose fields differ from those that `derive(SeqCopy)` was given, or are in another order.
/// `names` are those of the fields that it checks, all but the skipped ones, each followed by a line break. And one
/// that calls another number of hooks.
///
/// # Panics
/// If they differ. Called in constants, so that is a compile-time error.
#[track_caller]
pub const fn has_fields<S: Validate>(names: &str) {
    assert!(layout::are_named(S::LAYOUT.fields(), names), "{}", MISMATCH);
    has_hooks(S::HOOKS, S::HOOKS_GIVEN);
}

/// Rejects a derived check with another number of hooks than `derive(SeqCopy)` was given.
///
/// # Panics
/// If they differ. Called in constants, so that is a compile-time error.
#[track_caller]
pub const fn has_hooks(derived: usize, given: usize) {
    assert!(derived == given, "{}", MISMATCH);
}

/// Rejects a derived check whose variants, discriminants or fields differ from those that `derive(SeqCopy)` was given,
/// or are in another order.
///
/// # Panics
/// If they differ. Called in constants, so that is a compile-time error.
#[track_caller]
pub const fn has_variants<S: Validate>(expected: &[(i128, &str)]) {
    has_hooks(S::HOOKS, S::HOOKS_GIVEN);
    let variants = S::LAYOUT.variants();
    assert!(variants.len() == expected.len(), "{}", MISMATCH);
    let mut i = 0;
    while i < expected.len() {
        let (value, names) = expected[i];
        assert!(variants[i].value() == value && layout::are_named(variants[i].fields(), names), "{}", MISMATCH);
        i += 1;
    }
}

/// Whether any bits of field `I` of `S` are a value, as the type says that it is checked as.
///
/// # Panics
/// If that is laid out in another way than the field. Called in constants, so that is a compile-time error.
#[must_use]
pub const fn any_bits<S: Validate, const I: usize>((any_bits, layout): (bool, &Layout)) -> bool {
    assert!(S::LAYOUT.fields()[I].layout().is_like(layout), "{}", MISMATCH);
    any_bits
}

/// Asserts that field `I` is an `F`, or a foreign type that `F` describes.
#[track_caller]
const fn is_part<S: Validate, F: Validate, const I: usize>() -> bool {
    assert!(S::LAYOUT.fields()[I].layout().is_like(F::LAYOUT), "{}", MISMATCH);
    true
}

/// The bits of field `I`, which is an `F` or a foreign type described by `F`.
#[inline(always)]
#[must_use]
pub fn part_of<'a, S: Validate, F: Validate, const I: usize>(bits: &Bits<'a, S>) -> Bits<'a, F> {
    const { is_part::<S, F, I>() };
    // SAFETY: the layout has the field's true offset (I3 exact), there is an `F`, as asserted above, and I6
    // maybe-invalid for the whole implies I6 for a field.
    unsafe { bits.part(const { S::LAYOUT.fields()[I].offset() }) }
}

/// The bits of field `I` of variant `K`.
///
/// # Safety
/// The tag of the bits, as returned by [`read_tag`], is that of variant `K`. The fields of all other variants may be
/// uninitialised (I6 maybe-invalid).
#[inline(always)]
#[must_use]
pub unsafe fn part_of_variant<'a, S: Validate, F: Validate, const K: usize, const I: usize>(
    bits: &Bits<'a, S>,
) -> Bits<'a, F> {
    const {
        assert!(S::LAYOUT.variants()[K].fields()[I].layout().is_like(F::LAYOUT), "{}", MISMATCH);
    }
    // SAFETY: as for `part_of`; I6 maybe-invalid holds for the fields of the variant that the tag names, which is this
    // one by this function's contract.
    unsafe { bits.part(const { layout::variant_field(S::LAYOUT, K, I) }) }
}

/// Extends the path of an error in field `I` by `S`.
///
/// # Errors
/// The extended error.
#[inline(always)]
pub fn inside<S: Validate, const I: usize>(result: Result<(), InvalidValue>) -> Result<(), InvalidValue> {
    result.map_err(|error| error.inside(S::LAYOUT, const { S::LAYOUT.node_of_field(I) }))
}

/// Extends the path of an error in field `I` of variant `K` by `S`.
///
/// # Errors
/// The extended error.
#[inline(always)]
pub fn inside_variant<S: Validate, const K: usize, const I: usize>(
    result: Result<(), InvalidValue>,
) -> Result<(), InvalidValue> {
    result.map_err(|error| error.inside(S::LAYOUT, const { S::LAYOUT.node_of_variant_field(K, I) }))
}

/// The tag of an enum with fields, whose type is the integer `Tag`.
#[inline(always)]
#[must_use]
pub fn read_tag<S: Validate, Tag: Validate>(bits: &Bits<'_, S>) -> Tag {
    const {
        let Shape::Enum { tag, .. } = S::LAYOUT.shape() else { panic!("{}", MISMATCH) };
        assert!(
            matches!(tag.shape(), Shape::Scalar(Scalar::Unsigned | Scalar::Signed))
                && tag.is_like(Tag::LAYOUT)
                && Tag::ANY_BITS,
            "{}",
            MISMATCH
        );
    }
    // SAFETY: the tag is an integer at offset 0 (I3 exact) and initialised (P14 tag, I6 maybe-invalid); a `Tag` is as
    // large, and any bits are a valid one (I7 checked).
    unsafe { bits.as_ptr().cast::<Tag>().read_unaligned() }
}

/// The error for a tag that names no variant.
///
/// # Errors
/// Always.
#[cold]
pub fn bad_tag<S: Validate>(bits: &Bits<'_, S>) -> Result<(), InvalidValue> {
    let found = match S::LAYOUT.shape() {
        // SAFETY: the tag is initialised (I6 maybe-invalid).
        Shape::Enum { tag, .. } => unsafe { layout::read_tag(tag, bits.as_ptr().cast()) },
        _ => 0,
    };
    Err(InvalidValue::new(S::LAYOUT, found, Reason::Tag))
}

/// Checks an enum without fields.
///
/// # Errors
/// If the bits are not the tag of a variant.
#[inline(always)]
pub fn check_tag<S: Validate>(bits: &Bits<'_, S>) -> Result<(), InvalidValue> {
    const {
        assert!(matches!(S::LAYOUT.shape(), Shape::Tags { .. }), "{}", MISMATCH);
    }
    // SAFETY: an enum without fields: at most eight bytes wide, all data (I6 maybe-invalid).
    let found = unsafe { bits.number() };
    let known = if let Some((low, high)) = const { tag_range(S::LAYOUT) } {
        found.wrapping_sub(low) <= high.wrapping_sub(low)
    } else {
        S::LAYOUT.variants().iter().any(|variant| variant.bits(size_of::<S>()) == found)
    };
    if known { Ok(()) } else { Err(InvalidValue::new(S::LAYOUT, found, Reason::Tag)) }
}

/// The smallest and the largest tag, if all values in between are tags. Then one comparison is enough.
const fn tag_range(layout: &'static Layout) -> Option<(u64, u64)> {
    let variants: &[Variant] = layout.variants();
    let (mut low, mut high) = (u64::MAX, 0);
    let mut i = 0;
    while i < variants.len() {
        let bits = variants[i].bits(layout.size());
        low = if bits < low { bits } else { low };
        high = if bits > high { bits } else { high };
        i += 1;
    }
    // Discriminants are distinct, so the range is complete if there are as many discriminants as values in it.
    if i > 0 && high - low == i as u64 - 1 { Some((low, high)) } else { None }
}

/// Calls the hook of `check = path`. The parameter is a function pointer for the sake of rustc's messages: for a
/// function with a wrong signature it then prints both signatures, where for an `impl FnOnce` it suggests a closure,
/// which the derive rejects.
///
/// # Errors
/// The hook's error.
#[inline(always)]
pub fn hook<S: Validate>(
    bits: &Bits<'_, S>,
    hook: fn(&MaybeInvalid<S>) -> Result<(), &'static str>,
) -> Result<(), InvalidValue> {
    hook(&bits.copy()).map_err(|reason| bits.refuse(reason))
}

/// Calls the hook of `unsafe(check = path)`.
///
/// # Errors
/// The hook's error.
///
/// # Safety
/// The bits are a valid `S` whose fields are safe, and the hook requires no more than that.
#[inline(always)]
pub unsafe fn hook_valid<S: Validate>(
    bits: &Bits<'_, S>,
    hook: fn(&S) -> Result<(), &'static str>,
) -> Result<(), InvalidValue> {
    let copy = bits.copy();
    // SAFETY: valid by this function's contract; safe enough for the hook, which is part of the type's unsafe code
    // (P24 safety).
    hook(unsafe { copy.assume_valid_ref() }).map_err(|reason| bits.refuse(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type whose attribute below `derive(SeqCopy)` has removed a check.
    struct Dropped;

    // SAFETY: without data (I3 exact).
    unsafe impl SeqCopy for Dropped {
        const LAYOUT: &'static Layout = <[u8; 0]>::LAYOUT;
        const HOOKS_GIVEN: usize = 1;
    }

    // SAFETY: there are no bits (I7 checked).
    unsafe impl Validate for Dropped {
        fn check(_: &Bits<'_, Self>) -> Result<(), InvalidValue> {
            Ok(())
        }
    }

    #[test]
    fn a_struct_whose_check_was_dropped_is_refused() {
        assert!(std::panic::catch_unwind(|| has_fields::<Dropped>("")).is_err());
    }

    #[test]
    fn an_enum_whose_check_was_dropped_is_refused() {
        assert!(std::panic::catch_unwind(|| has_variants::<Dropped>(&[])).is_err());
    }
}
