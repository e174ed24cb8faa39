//! [`field!`](crate::field) and [`field_copy!`](crate::field_copy): one field of bits that have not been checked yet.

use core::mem::MaybeUninit;

use crate::validity::maybe_invalid::MaybeInvalid;

/// A view of one field of a [`MaybeInvalid`](crate::MaybeInvalid) struct: `field!(bits, path::Type, name)` is a
/// `&MaybeInvalid<FieldType>`.
///
/// No `&Type` is created, so the other fields may hold invalid bits. Rejected at compile time: unions, fields that are only
/// reached through `Deref`, and unaligned fields of packed types, for which there is [`field_copy!`](crate::field_copy).
///
/// ```
/// use seqcopy::{MaybeInvalid, field};
///
/// #[repr(C)]
/// struct Frame { ready: bool, level: u16 }
///
/// let mut bits = MaybeInvalid::<Frame>::zeroed();
/// // SAFETY: inside the private copy.
/// unsafe { bits.as_mut_ptr().cast::<u8>().write(7) };
/// assert_eq!(field!(bits, Frame, level).validate_ref(), Ok(&0));
/// assert!(field!(bits, Frame, ready).validate_ref().is_err());
/// ```
#[macro_export]
macro_rules! field {
    ($bits:expr, $type:path, $name:tt) => {{
        $crate::__field_guard!($type, $name);
        const {
            let buf = $crate::__private_0_1_0::core::mem::MaybeUninit::<$type>::uninit();
            // SAFETY: a place inside `buf`; only its address is taken (P10 raw-place).
            let field = unsafe { &raw const (*buf.as_ptr()).$name };
            $crate::__private_0_1_0::assert_aligned(
                $crate::__private_0_1_0::core::mem::align_of::<$type>(),
                $crate::__private_0_1_0::core::mem::offset_of!($type, $name),
                field,
            );
        }
        let bits: &$crate::MaybeInvalid<$type> = &$bits;
        // SAFETY: a place inside the bits; only its address is taken (P10 raw-place).
        let field = unsafe { &raw const (*bits.as_ptr()).$name };
        // SAFETY: `field` is a field of `bits` (I6 maybe-invalid), and aligned, as asserted above.
        unsafe { $crate::__private_0_1_0::field_ref(bits, field) }
    }};
    ($bits:expr, $name:tt) => {
        $crate::__private_0_1_0::core::compile_error!(
            "the type of the bits is missing: write `field!(bits, path::Type, field)`"
        )
    };
}

/// A copy of one field of a [`MaybeInvalid`](crate::MaybeInvalid) struct, which may be packed:
/// `field_copy!(bits, path::Type, name)` is a `MaybeInvalid<FieldType>`.
///
/// ```
/// use seqcopy::{MaybeInvalid, field_copy};
///
/// #[repr(C, packed)]
/// struct Frame { ready: bool, level: u16 }
///
/// let bits = MaybeInvalid::new(Frame { ready: true, level: 9 });
/// assert_eq!(field_copy!(bits, Frame, level).validate(), Ok(9));
/// ```
#[macro_export]
macro_rules! field_copy {
    ($bits:expr, $type:path, $name:tt) => {{
        $crate::__field_guard!($type, $name);
        let bits: &$crate::MaybeInvalid<$type> = &$bits;
        // SAFETY: a place inside the bits; only its address is taken (P10 raw-place).
        let field = unsafe { &raw const (*bits.as_ptr()).$name };
        // SAFETY: `field` is a field of `bits` (I6 maybe-invalid).
        unsafe { $crate::__private_0_1_0::field_value(bits, field) }
    }};
    ($bits:expr, $name:tt) => {
        $crate::__private_0_1_0::core::compile_error!(
            "the type of the bits is missing: write `field_copy!(bits, path::Type, field)`"
        )
    };
}

/// A pattern matches the type's own field, never one reached through `Deref`, and rustc rejects `..` for unions.
#[doc(hidden)]
#[macro_export]
macro_rules! __field_guard {
    ($type:path, $name:tt) => {
        let _ = |value: &$type| {
            let $type { $name: _, .. } = value;
        };
    };
}

/// Rejects a field that may be unaligned, to which there can be no reference.
///
/// # Panics
/// If it may be. Called in constants, so that is a compile-time error.
pub const fn assert_aligned<F>(align: usize, offset: usize, _field: *const F) {
    assert!(
        align >= align_of::<F>() && offset % align_of::<F>() == 0,
        "`field!` cannot return a reference to an unaligned field of a packed type: use `field_copy!`"
    );
}

/// The reference that `field!` returns.
///
/// # Safety
/// `field` points to a field inside `bits` and is aligned.
#[must_use]
pub const unsafe fn field_ref<S, F>(_bits: &MaybeInvalid<S>, field: *const F) -> &MaybeInvalid<F> {
    // SAFETY: inside `bits`, whose lifetime the result has; aligned by this function's contract. I6 maybe-invalid for the whole
    // implies I6 for each field.
    unsafe { &*field.cast::<MaybeInvalid<F>>() }
}

/// The copy that `field_copy!` returns.
///
/// # Safety
/// `field` points to a field inside `bits`.
#[must_use]
pub const unsafe fn field_value<S, F>(_bits: &MaybeInvalid<S>, field: *const F) -> MaybeInvalid<F> {
    // SAFETY: inside `bits`; any bits are a valid `MaybeUninit` (P8 maybe-uninit).
    let value = unsafe { field.cast::<MaybeUninit<F>>().read_unaligned() };
    // SAFETY: I6 maybe-invalid for the whole implies I6 for each field.
    unsafe { MaybeInvalid::assume_written(value) }
}
