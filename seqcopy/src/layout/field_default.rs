//! [`FieldDefault`]: the value of a field that another type does not have.

use core::mem::transmute;

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
            // SAFETY: this function's contract: back to the type that it had (P8 maybe-uninit).
            let make = unsafe { transmute::<fn(), fn() -> F>(make) };
            // SAFETY: this function's contract (I4 private).
            unsafe { place.cast::<F>().write_unaligned(make()) };
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
