//! [`Remote`]: a foreign type with its descriptor; and arrays: `[D; N]` describes `[T; N]` if `D` describes `T`.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use super::{Describe, DescribeValid, remote_bits};
use crate::layout::{self, Layout};
use crate::seq_copy::SeqCopy;
use crate::validity::{Bits, InvalidValue, Validate};

/// A `T` that is copied as `D` says: `SeqLock<Remote<Timespec, TimespecDef>>`.
///
/// `Remote` is for places where no field is that could have the option `with = D`: a lock of the type alone, an option, a generic
/// argument. It has the layout of `T`, dereferences to it, and has those of the traits `Copy`, `Clone`, `Debug`, `Default`, `Eq`,
/// `Ord`, `Hash` that `T` has. [`Describe`] says what can be a `D`.
///
/// ```
/// use seqcopy::{Remote, SeqCopy, SeqLock};
///
/// mod foreign {
///     #[derive(Clone, Copy)]
///     pub struct Timespec { pub sec: i64, pub nsec: u32 }
/// }
///
/// #[derive(SeqCopy)]
/// #[seqcopy(remote = foreign::Timespec)]
/// struct TimespecDef { sec: i64, nsec: u32 }
///
/// static NOW: SeqLock<Remote<foreign::Timespec, TimespecDef>> =
///     SeqLock::new(Remote::new(foreign::Timespec { sec: 1, nsec: 2 }));
/// assert_eq!(NOW.read().nsec, 2);
/// NOW.write(foreign::Timespec { sec: 3, nsec: 4 }.into());
/// assert_eq!(NOW.read().value.sec, 3);
/// ```
#[repr(transparent)]
pub struct Remote<T, D> {
    /// The value.
    pub value: T,
    by: PhantomData<fn() -> D>,
}

impl<T, D> Remote<T, D> {
    /// Wraps a value.
    ///
    /// ```
    /// use core::cmp::Ordering;
    /// use seqcopy::{Remote, SeqCopy};
    ///
    /// #[derive(SeqCopy)]
    /// #[seqcopy(remote = Ordering)]
    /// enum OrderingDef { Less, Equal, Greater }
    ///
    /// const SAME: Remote<Ordering, OrderingDef> = Remote::new(Ordering::Equal);
    /// assert!(SAME.is_eq());
    /// ```
    #[must_use]
    pub const fn new(value: T) -> Self {
        Remote { value, by: PhantomData }
    }
}

// SAFETY: the wrapper has the bytes of `T` and no others (P9 layout), and `D` says of them what this trait promises (I3 exact).
unsafe impl<T, D: Describe<T>> SeqCopy for Remote<T, D> {
    const LAYOUT: &'static Layout = {
        assert!(D::LAYOUT.size() == size_of::<T>() && D::LAYOUT.align() == align_of::<T>());
        D::LAYOUT
    };
}

// SAFETY: the wrapper has no invariant of its own, and `D` says which bits are a `T` (P6 validity, P24 safety).
unsafe impl<T, D: DescribeValid<T>> Validate for Remote<T, D> {
    #[inline(always)]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        // SAFETY: the only field with bytes, at offset 0 (P9 layout).
        D::check(&unsafe { bits.part::<T>(0) })
    }
}

impl<T, D> Deref for Remote<T, D> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T, D> DerefMut for Remote<T, D> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T, D> From<T> for Remote<T, D> {
    fn from(value: T) -> Self {
        Remote::new(value)
    }
}

// Not derived: that would ask the same of `D`.

impl<T: Clone, D> Clone for Remote<T, D> {
    fn clone(&self) -> Self {
        Remote::new(self.value.clone())
    }
}

impl<T: Copy, D> Copy for Remote<T, D> {}

impl<T: Default, D> Default for Remote<T, D> {
    fn default() -> Self {
        Remote::new(T::default())
    }
}

impl<T: fmt::Debug, D> fmt::Debug for Remote<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Display, D> fmt::Display for Remote<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: PartialEq, D> PartialEq for Remote<T, D> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq, D> Eq for Remote<T, D> {}

impl<T: PartialOrd, D> PartialOrd for Remote<T, D> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord, D> Ord for Remote<T, D> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Hash, D> Hash for Remote<T, D> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

// SAFETY: element `i` is at `i * size_of::<T>()` (P9 layout), `D` says of each what it says of a `T`, and the array has no other
// bytes.
unsafe impl<T, D: Describe<T>, const N: usize> Describe<[T; N]> for [D; N] {
    const LAYOUT: &'static Layout = &layout::array::<Remote<T, D>, N>(D::LAYOUT);
}

// SAFETY: an array is valid and safe if its elements are (P6 validity, P24 safety).
unsafe impl<T, D: DescribeValid<T>, const N: usize> DescribeValid<[T; N]> for [D; N] {
    #[inline]
    fn check(bits: &Bits<'_, [T; N]>) -> Result<(), InvalidValue> {
        // All elements without bytes are the same, so one is enough.
        let len = if size_of::<T>() == 0 { N.min(1) } else { N };
        for i in 0..len {
            // SAFETY: element `i` is inside the array, and I6 maybe-invalid for the array implies I6 for the element.
            let element = unsafe { bits.part::<T>(i * size_of::<T>()) };
            let layout = <Self as Describe<[T; N]>>::LAYOUT;
            <Remote<T, D> as Validate>::check(&remote_bits(&element))
                .map_err(|error| error.inside(layout, layout.node_of_element(i)))?;
        }
        Ok(())
    }
}
