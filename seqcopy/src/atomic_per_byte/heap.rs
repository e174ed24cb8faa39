//! Constructs values on the heap without a copy on the stack. The locks use these functions, too.

use alloc::boxed::Box;
#[cfg(target_has_atomic = "8")]
use alloc::sync::Arc;
use core::mem::MaybeUninit;

use super::{AtomicPerByte, init};
use crate::seq_copy::SeqCopy;

/// Allocates a box and lets `make` construct a value in it.
///
/// # Safety
/// `make` is passed a place that is aligned and writable for a `C` by this thread alone, and has made a `C` of it when
/// it returns.
pub(crate) unsafe fn boxed<C>(make: impl FnOnce(*mut C)) -> Box<C> {
    let mut place = Box::new_uninit();
    make(place.as_mut_ptr());
    // SAFETY: `make` has written it, by this function's contract (I2 init).
    unsafe { place.assume_init() }
}

/// Does the same as [`boxed`], in an `Arc`.
///
/// # Safety
/// The contract of [`boxed`].
#[cfg(target_has_atomic = "8")]
pub(crate) unsafe fn arc<C>(make: impl FnOnce(*mut C)) -> Arc<C> {
    let mut place = Arc::new_uninit();
    make(Arc::get_mut(&mut place).expect("the only owner").as_mut_ptr());
    // SAFETY: `make` has written it, by this function's contract (I2 init).
    unsafe { place.assume_init() }
}

/// Does the same as [`init`], with a value that a user's function `make` writes into the place, or returns from another
/// place.
///
/// # Safety
/// `place` is aligned and writable for a `T` by this thread alone.
pub(crate) unsafe fn init_with<T: SeqCopy>(place: *mut T, make: impl FnOnce(&mut MaybeUninit<T>) -> &mut T) {
    if T::LAYOUT.has_enum_with_fields() {
        // The user's function initialises only the active variant of an enum, so it must not write to the storage
        // itself (R1 copy-layer).
        let mut apart = Box::new_uninit();
        let value = core::ptr::from_ref(make(&mut apart));
        // SAFETY: a `T` in memory of its own; the rest is this function's contract.
        unsafe { init(place, value) };
    } else {
        // SAFETY: any bytes will do (P8 maybe-uninit); the rest is this function's contract.
        let buf = unsafe { &mut *place.cast::<MaybeUninit<T>>() };
        let value = core::ptr::from_ref(make(buf));
        // If the function returned the place that it was given, the data bytes there are initialised, as in every value
        // of this type (I2 init).
        if !core::ptr::eq(value, place) {
            // SAFETY: a `T` that is elsewhere, since one at another address does not overlap it; the rest is this
            // function's contract.
            unsafe { init(place, value) };
        }
    }
}

impl<T> AtomicPerByte<T> {
    /// Creates an `AtomicPerByte` on the heap: copies `value` straight there. In every build, none of it goes onto the
    /// stack.
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// let frame: Box<[u8; 4096]> = vec![7; 4096].try_into().unwrap();
    /// let cell = AtomicPerByte::boxed(&*frame);
    /// let mut copy = Box::new_uninit();
    /// assert_eq!(cell.load_into(&mut copy).validate_ref().unwrap()[4095], 7);
    /// ```
    #[must_use]
    pub fn boxed(value: &T) -> Box<Self>
    where
        T: SeqCopy,
    {
        // SAFETY: a place of the layout of a `T` (P9 layout: transparent).
        let storage = |place: *mut Self| unsafe { init(place.cast(), value) };
        // SAFETY: the storage of a `T` is all of it (I2 init).
        unsafe { boxed(storage) }
    }

    /// [`boxed`](Self::boxed) of a value that `make` makes where it stays, so that there is only one. Types with enums
    /// with fields are made in a box of their own first.
    ///
    /// If `make` panics, the memory is freed, and nothing else has happened.
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// let cell = AtomicPerByte::<[u8; 4096]>::boxed_with(|place| place.write([7; 4096]));
    /// assert_eq!(cell.load().validate(), Ok([7; 4096]));
    /// ```
    #[must_use]
    pub fn boxed_with(make: impl FnOnce(&mut MaybeUninit<T>) -> &mut T) -> Box<Self>
    where
        T: SeqCopy,
    {
        // SAFETY: a place of the layout of a `T` (P9 layout: transparent).
        let storage = |place: *mut Self| unsafe { init_with(place.cast(), make) };
        // SAFETY: the storage of a `T` is all of it (I2 init).
        unsafe { boxed(storage) }
    }

    /// [`boxed`](Self::boxed) in an `Arc`. (`Arc::from` makes one of a box, by a copy from heap to heap.)
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// let cell = AtomicPerByte::arc(&[7u8; 4096]);
    /// assert_eq!(cell.load().validate(), Ok([7; 4096]));
    /// ```
    #[cfg(target_has_atomic = "8")]
    #[must_use]
    pub fn arc(value: &T) -> Arc<Self>
    where
        T: SeqCopy,
    {
        // SAFETY: a place of the layout of a `T` (P9 layout: transparent).
        let storage = |place: *mut Self| unsafe { init(place.cast(), value) };
        // SAFETY: the storage of a `T` is all of it (I2 init).
        unsafe { arc(storage) }
    }
}
