//! Types without `SeqCopy`, for `unsafe(as = ..)`, and one with `unsafe(plain)`.

use seqcopy::SeqCopy;

use super::{Model, Node, Rng, Rule};

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

/// `N` plain bytes, aligned like `A`; `N` is often 0.
#[derive(Debug, Clone, Copy, SeqCopy)]
// SAFETY: the array of `A` has no bytes, those of the other are numbers.
#[seqcopy(unsafe(plain))]
#[repr(C)]
pub struct Unseen<A, const N: usize>(
    /// The alignment.
    pub [A; 0],
    /// The bytes.
    pub [u8; N],
);

impl<A: 'static, const N: usize> Model for Unseen<A, N> {
    fn node() -> Node {
        Node::Leaf { size: N, rule: Rule::Any }
    }

    fn make(rng: &mut Rng) -> Self {
        Unseen([], <[u8; N]>::make(rng))
    }
}

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

/// Storage or a lock in a static that only one thread uses, although it contains pointers.
#[derive(Debug)]
pub struct Share<T>(
    /// The storage or lock.
    pub T,
);

// SAFETY: by the contract of the type, a single thread uses it.
unsafe impl<T> Sync for Share<T> {}
