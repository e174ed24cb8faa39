//! `Option` of types that are never zero or null, the only ones whose layout is specified.

use crate::SeqCopy;
use crate::bits::Bits;
use crate::invalid_value::InvalidValue;
use crate::layout::Layout;
use crate::validate::Validate;

/// A type whose `Option` has the same size, with all zeros for `None`.
///
/// # Safety
/// The documentation of `core::option` ("Representation") guarantees that layout, and `OPTION` describes it
/// (P12 niche).
#[diagnostic::on_unimplemented(
    message = "the layout of `Option<{Self}>` is not specified",
    label = "unspecified layout",
    note = "use `seqcopy::SeqOption<{Self}>`: the same enum with a specified layout, with `From` in both directions",
    note = "the layout of `Option` is specified for `NonZero` integers, `NonNull<T>`, `&'static T` and function pointers"
)]
pub unsafe trait Niche: Sized {
    const OPTION: Layout;
}

// SAFETY: a number or a pointer, initialised in every value (P12 niche).
unsafe impl<T: Niche> SeqCopy for Option<T> {
    const LAYOUT: &'static Layout = &T::OPTION;
}

/// A [`Niche`] that is a number.
///
/// # Safety
/// Any bits are a valid and safe `Option<Self>`.
#[diagnostic::on_unimplemented(
    message = "bits of `Option<{Self}>` cannot be checked",
    label = "an address means nothing in another process",
    note = "store an index or an offset"
)]
pub unsafe trait NumberNiche: Niche {}

// SAFETY: 0 is `None`, any other number is `Some` (P12 niche).
unsafe impl<T: NumberNiche> Validate for Option<T> {
    #[inline(always)]
    fn check(_bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        Ok(())
    }
}
