//! Types that seqcopy does not know, for `unsafe(as = ..)`.

use super::{Model, Rng};

/// A type without `SeqCopy`, laid out like `T`.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct Foreign<T>(
    /// The value.
    pub T,
);

/// A type without `SeqCopy` and without alignment, for numbers of `N` bytes.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct Bytes<const N: usize>(
    /// The bytes.
    pub [u8; N],
);

impl<T: Model> Foreign<T> {
    /// Some value.
    pub fn make(rng: &mut Rng) -> Self {
        Foreign(T::make(rng))
    }
}

impl<const N: usize> Bytes<N> {
    /// Some value.
    pub fn make(rng: &mut Rng) -> Self {
        Bytes(<[u8; N]>::make(rng))
    }
}

/// A cell or lock in a static that only one thread uses, though pointers lie inside.
#[derive(Debug)]
pub struct Share<T>(
    /// The cell.
    pub T,
);

// SAFETY: promised by whoever makes one: a single thread uses it.
unsafe impl<T> Sync for Share<T> {}
