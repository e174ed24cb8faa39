//! Who copies, each behind the same traits: [`Copier`] for bare memory, [`Peer`] for what keeps a value whole.
//!
//! Rules of fairness:
//!
//! * What is read lands in memory of the caller's, which the compiler must believe to be looked at. Implementations that
//!   can, copy there directly; those that only return by value say so in [`Peer::BY_VALUE`].
//! * What is written lies in memory and is one of two values in turn. Implementations that only take values are given
//!   a copy.
//! * Whatever is not an allocation of the peer's own lies at the start of a page, what is copied to or from it half a
//!   page away: no accident of placement decides.
//! * Shapes that a peer's own contract excludes are not given to it, see `cases`.

pub mod baseline;
pub mod copies;
pub mod locks;
pub mod ours;
pub mod slots;
#[cfg(test)]
mod tests;

use std::mem::MaybeUninit;

use crate::shapes::Shape;

/// Copies between racy and private memory.
pub trait Copier<T: Shape>: Send + Sync + 'static {
    /// Its name in the table.
    const NAME: &'static str;

    /// Racy memory that holds a value.
    fn new(value: T) -> Self;

    /// Copies out of it.
    fn load(&self, buf: &mut MaybeUninit<T>);

    /// Copies into it.
    fn store(&self, value: &T);
}

/// Holds a value that one thread writes while others read it.
pub trait Peer<T: Shape> {
    /// Its name in the table.
    const NAME: &'static str;
    /// Whether a read comes back by value only, or a write goes in so.
    const BY_VALUE: bool;

    /// For one reading thread.
    type Reader: Reader<T>;
    /// For the writing thread.
    type Writer: Writer<T>;

    /// A new one that holds `value`.
    fn make(value: T) -> Ends<T, Self>;
}

/// The ends of a [`Peer`].
pub struct Ends<T: Shape, P: Peer<T> + ?Sized> {
    /// To be cloned for several readers.
    pub reader: P::Reader,
    /// The only one.
    pub writer: P::Writer,
}

/// Reads whole values.
pub trait Reader<T>: Clone + Send + 'static {
    /// Reads until it works.
    fn read(&mut self, buf: &mut MaybeUninit<T>);

    /// Tries once, if the peer can: whether it worked.
    fn attempt(&mut self, buf: &mut MaybeUninit<T>) -> Option<bool> {
        let _ = buf;
        None
    }
}

/// Writes.
pub trait Writer<T>: Send + 'static {
    /// Makes `value` the one that is read.
    fn write(&mut self, value: &T);
}

/// Puts something at the start of a page, for ever: benchmarks need not clean up.
pub fn place<L>(content: L) -> &'static L {
    #[repr(C, align(4096))]
    struct Page<L>(L);
    &Box::leak(Box::new(Page(content))).0
}

/// The caller's side: where reads land, and two values to write in turn.
#[repr(C, align(4096))]
pub struct Desk<T> {
    /// Half a page and a cache line away from what is [`place`]d: a store and a load whose addresses differ by a little
    /// more than a multiple of a page look dependent to the processor.
    margin: [u8; 2112],
    /// Where reads land.
    pub buf: MaybeUninit<T>,
    values: [T; 2],
}

impl<T: Shape> Desk<T> {
    /// A desk with values of their own.
    #[must_use]
    pub fn new(seed: u64) -> Box<Self> {
        Box::new(Desk { margin: [0; 2112], buf: MaybeUninit::uninit(), values: [T::value(seed), T::value(seed + 1)] })
    }

    /// The value for the `turn`th write.
    #[inline(always)]
    #[must_use]
    pub fn value(&self, turn: u64) -> &T {
        &self.values[usize::from(turn & 1 == 1)]
    }

    /// Keeps the compiler from reasoning about the place.
    #[must_use]
    pub fn opaque(self: Box<Self>) -> Box<Self> {
        let _ = self.margin;
        std::hint::black_box(self)
    }
}
