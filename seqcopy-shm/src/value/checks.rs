//! What is checked of a region before it is read, and of the bits that were read.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use crate::error::{Error, ErrorKind, ReadValueError, mismatch};
use crate::schema::Schema;
use seqcopy::layout::{Field, Mark};
use seqcopy::raw::__shm::Series;
use seqcopy::{Layout, MaybeInvalid, SeqCopy, SeqVec, Validate};

/// Whether a region's type, `there`, is the one that is expected.
pub(crate) fn check_type(here: &Schema, there: &Schema) -> Result<(), Error> {
    match here.difference(there) {
        None => Ok(()),
        Some(difference) => Err(ErrorKind::Type(difference).into()),
    }
}

/// Validates the bits of a successful attempt.
///
/// # Safety
/// Every data byte of the buffer is written.
#[inline(always)]
pub(crate) unsafe fn validated<T: Validate>(buf: MaybeUninit<T>) -> Result<T, ReadValueError> {
    // SAFETY: every data byte is written, by this function's contract (I6 maybe-invalid).
    let bits = unsafe { MaybeInvalid::assume_written(buf) };
    Ok(bits.validate()?)
}

/// [`validated`], in place.
///
/// # Safety
/// The contract of [`validated`].
#[inline(always)]
pub(crate) unsafe fn validated_mut<T: Validate>(buf: &mut MaybeUninit<T>) -> Result<&mut T, ReadValueError> {
    // SAFETY: every data byte is written, by this function's contract (I6 maybe-invalid).
    let bits = unsafe { MaybeInvalid::assume_written_mut(buf) };
    bits.validate_ref()?;
    // SAFETY: validated (P24 safety), and borrowed exclusively since.
    Ok(unsafe { bits.assume_valid_mut() })
}

/// Validates elements of a slice, of which the first is number `first`.
///
/// # Safety
/// Every data byte of the elements is written.
pub(crate) unsafe fn check_elements<T: Validate>(
    elements: &[MaybeUninit<T>],
    first: usize,
) -> Result<(), ReadValueError> {
    if T::ANY_BITS {
        return Ok(());
    }
    // All elements without bytes are the same, so one is enough: there may be four billion in a small region.
    let count = if size_of::<T>() == 0 { elements.len().min(1) } else { elements.len() };
    for (index, element) in (first..).zip(&elements[..count]) {
        // SAFETY: every data byte is written, by this function's contract (I6 maybe-invalid).
        let bits = unsafe { MaybeInvalid::assume_written_ref(element) };
        if let Err(error) = bits.validate_ref() {
            let offset = Longest::<T>::OFFSET + index * size_of::<T>();
            return Err(error.in_part(Longest::<T>::LAYOUT, offset, T::LAYOUT).into());
        }
    }
    Ok(())
}

/// The error for the length of a slice that is more than the capacity.
#[cold]
pub(crate) fn too_long<T: Validate>(len: u32) -> ReadValueError {
    let mut bits = MaybeInvalid::<SeqVec<T, 0>>::zeroed();
    // SAFETY: the length is at the start, inside of a private copy (I4 private, P9 layout).
    unsafe { bits.as_mut_ptr().cast::<u32>().write(len) };
    bits.validate_ref().map(drop).expect_err("more than 0").into()
}

/// The longest slice of a type: errors in a slice name a place in it, which is the same for every capacity.
struct Longest<T>(PhantomData<T>);

impl<T: Validate> Longest<T> {
    const CAPACITY: usize = {
        let most = (isize::MAX as usize) / 2 / if size_of::<T>() == 0 { 1 } else { size_of::<T>() };
        if most < u32::MAX as usize { most } else { u32::MAX as usize }
    };
    const ELEMENTS: &'static Layout = &Layout::of_array(T::LAYOUT, Self::CAPACITY);
    const OFFSET: usize = Schema::offset_of_elements::<T>();
    const FIELDS: &'static [Field] =
        &[Field::new("len", 0, u32::LAYOUT), Field::new("elements", Self::OFFSET, Self::ELEMENTS)];
    const LAYOUT: &'static Layout = {
        let size = Self::OFFSET + Self::ELEMENTS.size();
        &Layout::of_struct("SeqVec", size.next_multiple_of(Self::OFFSET), Self::OFFSET, Self::FIELDS).marked(Mark::List)
    };
}

/// The accesses of a type, which must not need more memory than is sensible.
pub(crate) fn series_of(layout: &Layout, base: usize) -> Result<Series, Error> {
    Series::all(layout, base).ok_or_else(|| too_many_gaps(layout))
}

fn too_many_gaps(layout: &Layout) -> Error {
    mismatch("type", "one with at most 2^20 gaps of padding", layout.type_name())
}

/// Zeros, which need not be a valid value.
#[allow(clippy::unnecessary_box_returns)] // values may be too large for the stack
pub(crate) fn zeroed<T>() -> Box<MaybeUninit<T>> {
    let mut buf = Box::new_uninit();
    // SAFETY: a box of that size (I4 private).
    unsafe { core::ptr::write_bytes(core::ptr::from_mut(&mut *buf), 0, 1) };
    buf
}
