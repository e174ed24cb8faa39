//! The implementations, behind the same traits: [`Copier`] for bare memory, [`Peer`] for locks and the like.
//!
//! Rules of fairness:
//!
//! * A read ends in a buffer of the caller, behind a `&mut` that is opaque to the compiler. Implementations that can
//!   copy there directly do; those that only return by value say so in [`Peer::BY_VALUE`].
//! * A read by value is what a function returns that is not inlined: [`returned`]. Implementations that have no such
//!   method get a local, and one copy into it.
//! * A write takes one of two values in memory, alternately. Implementations that only take values are given a copy.
//! * Storage that a peer does not allocate itself lies at the start of a page, the caller's memory half a page away, so
//!   that the result does not depend on accidental placement.
//! * A peer is not measured with shapes that its contract excludes, see `cases`.

pub mod baseline;
pub mod buffers;
pub mod copies;
pub mod locks;
pub mod ours;
pub mod slots;
#[cfg(test)]
mod tests;

use std::mem::MaybeUninit;
use std::ptr;

use crate::shapes::Shape;

/// Copies between racy and private memory.
pub trait Copier<T: Shape>: Send + Sync + 'static {
    /// Its name in the table.
    const NAME: &'static str;

    /// Racy memory that holds a value.
    fn new(value: T) -> Self;

    /// Copies the value out of it.
    fn load(&self, buf: &mut MaybeUninit<T>);

    /// Copies a value into it.
    fn store(&self, value: &T);
}

/// Holds a value that one thread writes while others read it.
pub trait Peer<T: Shape> {
    /// Its name in the table.
    const NAME: &'static str;
    /// Whether it reads or writes by value only.
    const BY_VALUE: bool;

    /// The handle of a reading thread.
    type Reader: Reader<T>;
    /// The handle of the writing thread.
    type Writer: Writer<T>;

    /// A new one that holds `value`.
    fn make(value: T) -> Ends<T, Self>;
}

/// The two handles of a [`Peer`].
pub struct Ends<T: Shape, P: Peer<T> + ?Sized> {
    /// Cloned for several readers.
    pub reader: P::Reader,
    /// The single writer.
    pub writer: P::Writer,
}

/// Reads whole values. Where there may be several readers it is `Clone`.
pub trait Reader<T>: Send + 'static {
    /// Reads, with retries until it succeeds.
    fn value(&mut self) -> T;

    /// The same, into a buffer.
    #[inline(always)]
    fn read(&mut self, buf: &mut MaybeUninit<T>) {
        buf.write(self.value());
    }

    /// The same, over an existing value: all bits of it are valid.
    #[inline(always)]
    fn read_to(&mut self, dst: &mut T) {
        // SAFETY: of the same layout; a read puts a value there.
        self.read(unsafe { &mut *ptr::from_mut(dst).cast::<MaybeUninit<T>>() });
    }

    /// Tries once: whether it succeeded. `None` if the peer has no such operation.
    fn attempt(&mut self, buf: &mut MaybeUninit<T>) -> Option<bool> {
        let _ = buf;
        None
    }
}

/// Writes whole values.
pub trait Writer<T>: Send + 'static {
    /// Publishes `value`.
    fn write(&mut self, value: &T);
}

/// A value as a user's function returns it.
#[inline(never)]
pub fn returned<T>(reader: &mut impl Reader<T>) -> T {
    reader.value()
}

/// A value that a user's function makes and publishes.
#[inline(never)]
pub fn publish<T: Shape>(writer: &mut impl Writer<T>, seed: u64) {
    writer.write(&T::value(seed));
}

/// A value that a user's function is given by value and publishes.
#[inline(never)]
pub fn pass_on<T: Shape>(writer: &mut impl Writer<T>, value: T) {
    writer.write(&value);
}

/// The sum of a value's bytes, by a function that reads it by value: `BUFFER` for one that reads it into a buffer.
#[inline(never)]
pub fn used<T: Shape + AsRef<[u8]>, const BUFFER: bool>(reader: &mut impl Reader<T>) -> u32 {
    let sum = |value: &T| value.as_ref().iter().map(|&byte| u32::from(byte)).sum();
    if BUFFER {
        let mut buf = MaybeUninit::uninit();
        reader.read(&mut buf);
        // SAFETY: a read fills the buffer.
        sum(unsafe { buf.assume_init_ref() })
    } else {
        sum(&reader.value())
    }
}

/// A value as a user's function copies it into a buffer, next to [`returned`].
#[inline(never)]
pub fn into_buffer<T>(reader: &mut impl Reader<T>, buf: &mut MaybeUninit<T>) {
    reader.read(buf);
}

/// Places a value at the start of a page and leaks it: benchmarks need not clean up.
pub fn place<L>(content: L) -> &'static L {
    #[repr(C, align(4096))]
    struct Page<L>(L);
    &Box::leak(Box::new(Page(content))).0
}

/// The caller's memory: a buffer for reads, and two values to write alternately.
#[repr(C, align(4096))]
pub struct Caller<T> {
    /// Half a page and a cache line away from what [`place`] places: to the processor, a store and a load whose
    /// addresses differ by slightly more than a multiple of a page look dependent.
    margin: [u8; 2112],
    /// The buffer for reads.
    pub buf: MaybeUninit<T>,
    values: [T; 2],
}

impl<T: Shape> Caller<T> {
    /// The values are those of `seed` and of the next seed.
    #[must_use]
    pub fn new(seed: u64) -> Box<Self> {
        Box::new(Caller { margin: [0; 2112], buf: MaybeUninit::uninit(), values: [T::value(seed), T::value(seed + 1)] })
    }

    /// The value of the `turn`th write.
    #[inline(always)]
    #[must_use]
    pub fn value(&self, turn: u64) -> &T {
        &self.values[usize::from(turn & 1 == 1)]
    }

    /// Makes the memory opaque to the compiler.
    #[must_use]
    pub fn opaque(self: Box<Self>) -> Box<Self> {
        let _ = self.margin;
        std::hint::black_box(self)
    }
}
