//! [`Mark`]: what a type is beyond its shape. [`FieldDefault`]: the value of a field that another type does not have.

use core::fmt;
use core::mem::transmute;

/// Which of the crate's own types it is, of those whose values are more than their fields. They say so themselves: a user's struct
/// with the name and the fields of one of them is a struct like any other.
///
/// The numbers are the kinds of their nodes in a schema. Named neither `Option` nor `Vec`, since the compiler would then give the full
/// paths of these in its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// [`SeqOption`](crate::SeqOption): an enum of a variant without fields and one with a single field.
    Optional = b'o',
    /// [`SeqStr`](crate::SeqStr): a struct of a length, a `u32` at its start, and an array of `u8`.
    Text = b's',
    /// [`SeqVec`](crate::SeqVec): the same with elements of any type.
    List = b'v',
}

impl fmt::Display for Mark {
    /// The name of the type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mark::Optional => "SeqOption",
            Mark::Text => "SeqStr",
            Mark::List => "SeqVec",
        })
    }
}

/// A function that returns a value of a field's type, whichever that is, and what writes it.
#[derive(Debug, Clone, Copy)]
pub struct FieldDefault {
    make: fn(),
    put: unsafe fn(fn(), *mut u8),
}

impl FieldDefault {
    pub(super) const fn new<F>(make: fn() -> F) -> FieldDefault {
        /// # Safety
        /// `make` was a function that returns an `F`, and `place` is writable for one.
        unsafe fn put<F>(make: fn(), place: *mut u8) {
            // SAFETY: it was one, by this function's contract: back to the type that it had (P8 maybe-uninit).
            let make = unsafe { transmute::<fn(), fn() -> F>(make) };
            same_contract!(place.cast::<F>().write_unaligned(make()));
        }
        // SAFETY: a function pointer of another type, which only `put` calls, once it has its own again (P9 layout).
        FieldDefault { make: unsafe { transmute::<fn() -> F, fn()>(make) }, put: put::<F> }
    }

    /// Writes such a value.
    ///
    /// # Safety
    /// `place` is writable by this thread alone for the size of the field's type (I4 private). It needs no alignment.
    pub unsafe fn put(self, place: *mut u8) {
        // SAFETY: both are of one type (`new`); the place is this function's contract (I4 private).
        unsafe { (self.put)(self.make, place) };
    }
}

#[cfg(test)]
mod tests {
    use crate::SeqCopy;
    use crate::layout::{field, with_default};

    #[test]
    fn a_default_is_written_anywhere() {
        let field = with_default::<u32>(field("level", 0, u32::LAYOUT), || 0x0102_0304);
        let mut bytes = [9u8; 6];
        // SAFETY: four bytes of a local (I4 private).
        unsafe { field.default().expect("just given").put(bytes[1..5].as_mut_ptr()) };
        assert_eq!(bytes[1..5], 0x0102_0304u32.to_ne_bytes());
        assert_eq!((bytes[0], bytes[5]), (9, 9));
    }

    #[test]
    #[should_panic(expected = "another size than the field")]
    fn a_default_has_the_size_of_its_field() {
        let _ = with_default::<u16>(field("level", 0, u32::LAYOUT), || 5);
    }
}
