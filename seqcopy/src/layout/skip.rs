//! [`Skip`]: which fields may be skipped.

use core::mem::MaybeUninit;

/// A type whose bytes may be uninitialised in every value, so that copies may leave out a field of it.
///
/// # Safety
/// Uninitialised memory is a valid and safe value of the type, and the type has no interior mutability: private copies of a
/// struct are plain copies, with its skipped fields.
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
