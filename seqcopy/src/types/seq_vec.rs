//! [`SeqVec`]: a vector of fixed capacity.

use core::cmp::Ordering;
use core::fmt::{self, Debug, Formatter};
use core::hash::{Hash, Hasher};
use core::mem::offset_of;
use core::ops::{Deref, DerefMut};
use core::slice;

use crate::layout::{self, Layout, Mark};
use crate::seq_copy::SeqCopy;
use crate::types::CapacityError;
use crate::validity::{self, Bits, InvalidValue, Reason, Validate};

/// A vector of at most `N` elements, for payloads.
///
/// `repr(C)`: the length, a `u32`, then `N` elements. All of them are values of `T`, those beyond the length, too: what
/// [`new`](Self::new) filled them with, or elements that were removed. So the vector is copied like a struct with an
/// array, whatever its length, and there is nothing uninitialised in it.
///
/// A `SeqVec` dereferences to `[T]`, and is compared, ordered, hashed and printed as one.
///
/// [`Validate`] accepts the bits if the length is at most `N` and all `N` elements are valid. The C header of `seqcopy
/// header` checks both, too.
///
/// ```
/// use seqcopy::{SeqCopy, SeqLock, SeqVec, Validate};
///
/// #[derive(Clone, Copy, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Scan { at: u64, echoes: SeqVec<f32, 4> }
///
/// static SCAN: SeqLock<Scan> = SeqLock::new(Scan { at: 0, echoes: SeqVec::new(0.0) });
///
/// SCAN.update(|scan| scan.echoes.push(1.5))?;
/// let mut echoes = SCAN.read().echoes;
/// assert_eq!(echoes, [1.5]);
/// echoes[0] = 2.0;
/// echoes.extend_from_slice(&[3.0, 4.0])?;
/// assert_eq!(echoes.iter().sum::<f32>(), 9.0);
/// assert!(echoes.extend_from_slice(&[5.0, 6.0]).is_err());
/// # Ok::<(), seqcopy::CapacityError>(())
/// ```
#[derive(Clone, Copy)]
#[repr(C)]
pub struct SeqVec<T, const N: usize> {
    /// At most `N`.
    len: u32,
    elements: [T; N],
}

impl<T, const N: usize> SeqVec<T, N> {
    /// Without elements. `fill` initialises the space for them. With elements: [`from_slice`](Self::from_slice), or
    /// `from` of an array.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// const NONE: SeqVec<u16, 8> = SeqVec::new(0);
    /// assert!(NONE.is_empty());
    /// ```
    #[must_use]
    pub const fn new(fill: T) -> Self
    where
        T: Copy,
    {
        const { assert!(N <= u32::MAX as usize, "the length of a `SeqVec` is a `u32`") }
        SeqVec { len: 0, elements: [fill; N] }
    }

    /// With these elements: `try_from`, by the name under which it is looked for.
    ///
    /// # Errors
    /// If there is no space for all of them.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// assert_eq!(SeqVec::<u16, 2>::from_slice(&[1, 2]).unwrap(), [1, 2]);
    /// assert!(SeqVec::<u16, 2>::from_slice(&[1, 2, 3]).is_err());
    /// ```
    pub fn from_slice(elements: &[T]) -> Result<Self, CapacityError>
    where
        T: Copy + Default,
    {
        let mut vec = Self::default();
        vec.extend_from_slice(elements)?;
        Ok(vec)
    }

    /// The elements.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// assert_eq!(SeqVec::<u16, 8>::from([1, 2]).as_slice(), [1, 2]);
    /// ```
    #[must_use]
    pub const fn as_slice(&self) -> &[T] {
        self.elements.split_at(self.len as usize).0
    }

    /// The elements, to be changed.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// let mut vec = SeqVec::<u16, 8>::from([2, 1]);
    /// vec.as_mut_slice().sort();
    /// assert_eq!(vec, [1, 2]);
    /// ```
    #[must_use]
    pub const fn as_mut_slice(&mut self) -> &mut [T] {
        self.elements.split_at_mut(self.len as usize).0
    }

    /// How many elements there is space for.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// assert_eq!(SeqVec::<u16, 8>::new(0).capacity(), 8);
    /// ```
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Appends an element.
    ///
    /// # Errors
    /// If there is no space. The vector is then unchanged.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// let mut vec = SeqVec::<u16, 2>::from([1]);
    /// assert!(vec.push(2).is_ok() && vec.push(3).is_err());
    /// assert_eq!(vec, [1, 2]);
    /// ```
    pub fn push(&mut self, element: T) -> Result<(), CapacityError> {
        *self.elements.get_mut(self.len as usize).ok_or(CapacityError::new(N + 1, N))? = element;
        self.len += 1;
        Ok(())
    }

    /// Appends copies of the elements.
    ///
    /// # Errors
    /// If there is not enough space. The vector is then unchanged.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// let mut vec = SeqVec::<u16, 4>::from([1]);
    /// assert!(vec.extend_from_slice(&[2, 3]).is_ok() && vec.extend_from_slice(&[4, 5]).is_err());
    /// assert_eq!(vec, [1, 2, 3]);
    /// ```
    #[allow(clippy::cast_possible_truncation)] // at most `N`, which fits
    pub fn extend_from_slice(&mut self, elements: &[T]) -> Result<(), CapacityError>
    where
        T: Copy,
    {
        let start = self.len();
        let space = self.elements[start..]
            .get_mut(..elements.len())
            .ok_or(CapacityError::new(start.saturating_add(elements.len()), N))?;
        space.copy_from_slice(elements);
        self.len = (start + elements.len()) as u32;
        Ok(())
    }

    /// Removes the last element and returns it.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// let mut vec = SeqVec::<u16, 8>::from([1, 2]);
    /// assert_eq!((vec.pop(), vec.len()), (Some(2), 1));
    /// ```
    pub fn pop(&mut self) -> Option<T>
    where
        T: Copy,
    {
        let last = *self.last()?;
        self.len -= 1;
        Some(last)
    }

    /// Keeps the first `len` elements; all, if there are not more.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// let mut vec = SeqVec::<u16, 8>::from([1, 2, 3]);
    /// vec.truncate(1);
    /// assert_eq!(vec, [1]);
    /// ```
    #[allow(clippy::cast_possible_truncation)] // less than `self.len`
    pub const fn truncate(&mut self, len: usize) {
        if len < self.len as usize {
            self.len = len as u32;
        }
    }

    /// Removes all elements.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// let mut vec = SeqVec::<u16, 8>::from([1, 2]);
    /// vec.clear();
    /// assert!(vec.is_empty());
    /// ```
    pub const fn clear(&mut self) {
        self.len = 0;
    }
}

/// An empty vector. Its space is initialised with `T::default()`.
impl<T: Copy + Default, const N: usize> Default for SeqVec<T, N> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T, const N: usize> Deref for SeqVec<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T, const N: usize> DerefMut for SeqVec<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }
}

impl<T, const N: usize> AsRef<[T]> for SeqVec<T, N> {
    fn as_ref(&self) -> &[T] {
        self
    }
}

impl<T, const N: usize> AsMut<[T]> for SeqVec<T, N> {
    fn as_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<T: Copy + Default, const N: usize> TryFrom<&[T]> for SeqVec<T, N> {
    type Error = CapacityError;

    fn try_from(elements: &[T]) -> Result<Self, CapacityError> {
        Self::from_slice(elements)
    }
}

/// An array that has space; the compiler refuses a longer one.
///
/// ```compile_fail,E0080
/// let _ = seqcopy::SeqVec::<u16, 2>::from([1, 2, 3]);
/// ```
impl<T: Copy + Default, const N: usize, const M: usize> From<[T; M]> for SeqVec<T, N> {
    #[allow(clippy::cast_possible_truncation)] // at most `N`, which fits
    fn from(elements: [T; M]) -> Self {
        const { assert!(M <= N, "the array is longer than the capacity of the `SeqVec`") }
        let mut vec = Self::default();
        vec.elements[..M].copy_from_slice(&elements);
        vec.len = M as u32;
        vec
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a SeqVec<T, N> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> slice::Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a mut SeqVec<T, N> {
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;

    fn into_iter(self) -> slice::IterMut<'a, T> {
        self.iter_mut()
    }
}

impl<T: PartialEq, const N: usize, const M: usize> PartialEq<SeqVec<T, M>> for SeqVec<T, N> {
    fn eq(&self, other: &SeqVec<T, M>) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<T: Eq, const N: usize> Eq for SeqVec<T, N> {}

impl<T: PartialEq, const N: usize> PartialEq<[T]> for SeqVec<T, N> {
    fn eq(&self, other: &[T]) -> bool {
        self.as_slice() == other
    }
}

impl<T: PartialEq, const N: usize> PartialEq<&[T]> for SeqVec<T, N> {
    fn eq(&self, other: &&[T]) -> bool {
        self.as_slice() == *other
    }
}

impl<T: PartialEq, const N: usize, const M: usize> PartialEq<[T; M]> for SeqVec<T, N> {
    fn eq(&self, other: &[T; M]) -> bool {
        self.as_slice() == other
    }
}

impl<T: PartialOrd, const N: usize> PartialOrd for SeqVec<T, N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.as_slice().partial_cmp(other.as_slice())
    }
}

impl<T: Ord, const N: usize> Ord for SeqVec<T, N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl<T: Hash, const N: usize> Hash for SeqVec<T, N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl<T: Debug, const N: usize> Debug for SeqVec<T, N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

// Written by hand, as the derives would write it, because this crate must compile without the derives. A test compares
// both (`tests/tests/values/by_hand.rs`).

// SAFETY: the only fields keep what an implementation promises, and are named at their true offsets (I3 exact); the
// rest is padding.
unsafe impl<T: SeqCopy, const N: usize> SeqCopy for SeqVec<T, N> {
    const LAYOUT: &'static Layout = &layout::structure::<Self>(
        "SeqVec",
        true,
        const {
            &[
                layout::field("len", offset_of!(Self, len), u32::LAYOUT),
                layout::field("elements", offset_of!(Self, elements), <[T; N]>::LAYOUT),
            ]
        },
    )
    .marked(Mark::List);
}

// SAFETY: the layout is specified; bits pass if the length is at most `N`, the one invariant, and all elements pass
// (I6 maybe-invalid, P24 safety).
unsafe impl<T: Validate, const N: usize> Validate for SeqVec<T, N> {
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        // SAFETY: a scalar of four bytes (P5 scalar).
        let len = unsafe { validity::part_of::<Self, u32, 0>(bits).number() };
        if len > N as u64 {
            let reason = Reason::Custom("more than the capacity");
            return validity::inside::<Self, 0>(Err(InvalidValue::new(u32::LAYOUT, len, reason)));
        }
        let elements = validity::part_of::<Self, [T; N], 1>(bits);
        validity::inside::<Self, 1>(<[T; N]>::check(&elements))
    }
}
