//! Checks of a region before it is read, and of the bits that were read.
//!
//! [`copy_active`] copies only the bytes that have a meaning. The other bytes of a value, such as the padding of a
//! struct in C, may contain anything.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::borrow::Cow;

use seqcopy::layout::{Field, Mark, Shape};
use seqcopy::raw::__shm::Series;
use seqcopy::{Layout, MaybeInvalid, SeqCopy, SeqVec, Validate};

use crate::error::{Error, ErrorKind, ReadValueError, mismatch};
use crate::schema::Schema;

/// A valid value, or the start of one, with zeros for bytes that have no meaning in it. As it is if that is padding
/// only, which no writer writes.
///
/// ```
/// use seqcopy::{Layout, SeqCopy};
/// use seqcopy_shm::untyped::active;
/// assert_eq!(*active(<u32 as SeqCopy>::LAYOUT, &[1, 2, 3, 4]), [1, 2, 3, 4]);
/// // A text of one byte, and what an earlier value has left.
/// assert_eq!(*active(<seqcopy::SeqStr<4> as SeqCopy>::LAYOUT, b"\x01\0\0\0abcd"), *b"\x01\0\0\0a\0\0\0");
/// ```
#[must_use]
pub fn active<'b>(layout: &Layout, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    if !has_inactive(layout) {
        return Cow::Borrowed(bytes);
    }
    let mut active = vec![0; bytes.len()];
    copy_active(layout, bytes, &mut active);
    Cow::Owned(active)
}

/// Whether some bytes have a meaning in some values only, as in a type with text or with enums with fields.
pub(crate) fn has_inactive(layout: &Layout) -> bool {
    match layout.shape() {
        _ if layout.str_capacity().is_some() => true,
        Shape::Enum { .. } => true,
        Shape::Array { element, .. } => has_inactive(element),
        Shape::Struct { fields, .. } => fields.iter().any(|field| has_inactive(field.layout())),
        // A number, or nothing.
        _ => false,
    }
}

/// Copies the bytes that have a meaning in a valid value. Padding, the bytes of other variants of an enum, and the
/// bytes after a text keep their old content. In a slice, elements at the end may be missing.
pub(crate) fn copy_active(layout: &Layout, from: &[u8], to: &mut [u8]) {
    let each = |fields: &[Field], start: usize, from: &[u8], to: &mut [u8]| {
        for field in fields {
            let at = start + field.offset();
            if at < from.len() {
                copy_active(field.layout(), &from[at..], &mut to[at..]);
            }
        }
    };
    let copy = |end: usize, to: &mut [u8]| {
        let end = end.min(from.len());
        to[..end].copy_from_slice(&from[..end]);
    };
    match layout.shape() {
        // Copies the length and the text, which have no gap between them.
        Shape::Struct { fields: [_, text], .. } if layout.str_capacity().is_some() => {
            let count = from.first_chunk().map_or(0, |len| u32::from_ne_bytes(*len) as usize);
            copy(text.offset() + count.min(text.layout().size()), to);
        }
        Shape::Skipped => {}
        Shape::Array { element, .. } if element.size() == 0 => {}
        Shape::Array { element, len, .. } if has_inactive(element) || !element.is_padding_free() => {
            for at in (0..len).map(|index| index * element.size()).take_while(|at| *at < from.len()) {
                copy_active(element, &from[at..], &mut to[at..]);
            }
        }
        Shape::Struct { fields, .. } => each(fields, 0, from, to),
        Shape::Enum { tag, payload, variants, .. } => {
            copy(tag.size(), to);
            if let Some(active) = layout.variant_of(from) {
                each(variants[active].fields(), payload, from, to);
            }
        }
        // A number, or an array in which all bytes have a meaning.
        _ => copy(layout.size(), to),
    }
}

/// Whether a region's type, `there`, is the expected one.
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

/// Does the same as [`validated`], in place.
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

/// Validates elements of a slice. The first one is number `first`.
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
    // Elements without bytes are all the same, so one of them is enough. A small region can have four billion of them.
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

/// The error for a slice whose length is more than the capacity.
#[cold]
pub(crate) fn too_long<T: Validate>(len: u32) -> ReadValueError {
    let mut bits = MaybeInvalid::<SeqVec<T, 0>>::zeroed();
    // SAFETY: the length is at the start, inside of a private copy (I4 private, P9 layout).
    unsafe { bits.as_mut_ptr().cast::<u32>().write(len) };
    bits.validate_ref().map(drop).expect_err("more than 0").into()
}

/// The longest slice of a type. Errors name a place in it, which is the same for every capacity.
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

/// The accesses of a type. Fails if they would need too much memory.
pub(crate) fn series_of(layout: &Layout, base: usize) -> Result<Series, Error> {
    Series::all(layout, base).ok_or_else(|| too_many_gaps(layout))
}

fn too_many_gaps(layout: &Layout) -> Error {
    mismatch("type", "one with at most 2^20 gaps of padding", layout.type_name())
}

/// Zeros, which may not be a valid value.
#[allow(clippy::unnecessary_box_returns)] // values may be too large for the stack
pub(crate) fn zeroed<T>() -> Box<MaybeUninit<T>> {
    let mut buf = Box::new_uninit();
    // SAFETY: a box of that size (I4 private).
    unsafe { core::ptr::write_bytes(core::ptr::from_mut(&mut *buf), 0, 1) };
    buf
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy::{SeqCopy, SeqOption, SeqStr, Validate};

    #[derive(SeqCopy, Validate)]
    #[repr(C)]
    struct Both {
        at: u8,
        level: [SeqOption<u16>; 2],
    }

    #[test]
    fn bytes_of_other_variants_and_padding_stay_zeros() {
        assert!(has_inactive(Both::LAYOUT) && !has_inactive(<[(u8, u32); 3]>::LAYOUT));
        let size = Both::LAYOUT.size();
        let level = &Both::LAYOUT.fields()[1];
        let element = level.layout().size() / 2;
        for tags in 0..4u8 {
            let (mut from, mut to) = (vec![0xee; size], vec![0; size]);
            for index in 0..2 {
                from[level.offset() + index * element] = tags >> index & 1;
            }
            copy_active(Both::LAYOUT, &from, &mut to);
            assert_eq!(to[0], 0xee);
            assert!(to[1..level.offset()].iter().all(|byte| *byte == 0), "padding");
            for index in 0..2 {
                let [tag, rest @ ..] = &to[level.offset() + index * element..][..element] else { panic!("no bytes") };
                let expected = if tags >> index & 1 == 1 { [0, 0xee, 0xee] } else { [0; 3] };
                assert_eq!((*tag, rest), (tags >> index & 1, &expected[..]));
            }
        }
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    #[allow(dead_code)] // known by its layout
    enum Message {
        Key([u8; 7]) = 5,
        Hole(u8, u16) = 250,
        Nothing = 7,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Outer {
        word: u16,
        pair: [Message; 2],
    }

    #[test]
    fn inactive_variants_and_holes_of_active_ones_are_zero() {
        let message = |tag: u8| [vec![tag], vec![0xee; size_of::<Message>() - 1]].concat();
        let left = |layout, bytes: &[u8]| active(layout, bytes).split(|byte| *byte == 0xee).count() - 1;
        let of_message = |tag| left(Message::LAYOUT, &message(tag));
        assert_eq!((of_message(5), of_message(7), active(Message::LAYOUT, &message(5))[0]), (7, 0, 5));
        // A byte, a hole of one byte, two bytes.
        assert_eq!(of_message(250), 3);
        let outer = [vec![0xee; 2], message(7), message(5)].concat();
        assert_eq!(left(Outer::LAYOUT, &outer), 2 + 7);
        // Some of its bytes, as for a slice.
        let first = 2 + size_of::<Message>();
        assert_eq!(*active(Outer::LAYOUT, &outer[..first]), active(Outer::LAYOUT, &outer)[..first]);
        assert_eq!(*active(u64::LAYOUT, &[0xee; 8]), [0xee; 8]);
    }

    #[test]
    fn what_follows_a_text_stays_zeros() {
        assert!(has_inactive(<[SeqStr<3>; 2]>::LAYOUT));
        let (from, mut to) = ([&2u32.to_ne_bytes()[..], &[0xee; 3]].concat(), [0; 7]);
        copy_active(SeqStr::<3>::LAYOUT, &from, &mut to);
        assert_eq!(to, *[&2u32.to_ne_bytes()[..], &[0xee, 0xee, 0]].concat());
    }
}
