//! What is checked of a region before it is read, and of the bits that were read.

use core::mem::MaybeUninit;

use super::{Error, ErrorKind, ReadValueError, Schema};
use seqcopy::{MaybeInvalid, Validate};

/// Whether a region holds values of `T`.
pub(crate) fn check<T: Validate>(there: &Schema) -> Result<(), Error> {
    match Schema::of::<T>().difference(there) {
        None => Ok(()),
        Some(difference) => Err(ErrorKind::Type(difference).into()),
    }
}

/// Whether a region holds values of `T`, and was not closed: what every reader asks of a region.
pub(crate) fn check_open<T: Validate>(there: &Schema, is_closed: bool) -> Result<(), Error> {
    check::<T>(there)?;
    if is_closed { Err(ErrorKind::Closed.into()) } else { Ok(()) }
}

/// Validates the bits of a successful attempt.
///
/// # Safety
/// Every data byte of the buffer is written.
#[inline(always)]
pub(crate) unsafe fn validated<T: Validate>(buf: MaybeUninit<T>) -> Result<T, ReadValueError> {
    // SAFETY: this function's contract (I6 maybe-invalid).
    let bits = unsafe { MaybeInvalid::assume_written(buf) };
    Ok(bits.validate()?)
}

/// The same, in place.
///
/// # Safety
/// As for [`validated`].
#[inline(always)]
pub(crate) unsafe fn validated_mut<T: Validate>(buf: &mut MaybeUninit<T>) -> Result<&mut T, ReadValueError> {
    // SAFETY: this function's contract (I6 maybe-invalid).
    let bits = unsafe { MaybeInvalid::assume_written_mut(buf) };
    bits.validate_ref()?;
    // SAFETY: validated (P24 safety), and borrowed exclusively since.
    Ok(unsafe { bits.assume_valid_mut() })
}
