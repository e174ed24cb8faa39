//! Loads and stores through raw pointers, for memory whose place you cannot choose: a mapped page, a C struct, the slot
//! of a ring.
//!
//! The accesses are those of [`AtomicPerByte<T>`](crate::AtomicPerByte): the partition of `T` for its own alignment,
//! each access relaxed. A protocol must order them, such as that of [`SeqCount`](crate::seq_count::SeqCount). [`Page`]
//! is for types whose word lies among their fields.
//!
//! ```
//! use seqcopy::{SeqCopy, raw, seq_count::{SeqCount, Parity}};
//!
//! // A header as a C program would declare it.
//! #[repr(C)]
//! struct Page { sequence: u32, sample: Sample }
//! #[derive(Clone, Copy, SeqCopy)]
//! #[repr(C)]
//! struct Sample { id: u16, level: u32 }
//!
//! let mut page = Page { sequence: 0, sample: Sample { id: 0, level: 0 } };
//! let page = &raw mut page;
//! // SAFETY: `page` is live, aligned and initialised; all accesses are made by this word and by `raw`, and there is one writer.
//! unsafe {
//!     let count = SeqCount::<Parity<u32>>::from_ptr(&raw const (*page).sequence);
//!     let sample = &raw mut (*page).sample;
//!     count.write(|| raw::store(sample, &Sample { id: 1, level: 50 }));
//!     let (bits, _) = count.try_read(|| raw::load(sample)).unwrap();
//!     assert_eq!(bits.assume_valid().level, 50);
//! }
//! ```

use core::mem::MaybeUninit;

pub use crate::page::Page;
#[doc(hidden)]
pub use crate::page::WordInside;

/// For seqcopy-shm, its C library and the Python package, which depend on exactly this version.
#[doc(hidden)]
pub mod __shm {
    pub use super::store_part;
    pub use crate::copy::{Elements, in_place, mover};
    #[cfg(feature = "alloc")]
    pub use crate::copy::{Move, Series};
}

use crate::atomic_per_byte::{Aligned8, AtomicPerByte};
use crate::copy::{self, Elements};
use crate::layout::Layout;
use crate::seq_copy::SeqCopy;
use crate::validity::{MaybeInvalid, Part};

/// Stores a value by relaxed atomic accesses, in unspecified order. Padding is not written. Wait-free.
///
/// # Safety
/// * `dst` is aligned for `T` and valid for reads and writes of a `T`, and not derived from a `&T`, by `&raw const`, or
///   from a `&mut T` by `as *const T`.
/// * Concurrent accesses to these bytes are made by [`load`], [`load_into`], [`store`] or
///   [`AtomicPerByte`], with the same `T` and the same version of the crate
///   ([memory model](core::sync::atomic#memory-model-for-atomic-accesses)).
/// * `value` does not overlap `dst`.
///
/// ```
/// # use seqcopy::raw;
/// let mut memory = [0u16; 4];
/// // SAFETY: a local.
/// unsafe { raw::store(&raw mut memory, &[1, 2, 3, 4]) };
/// assert_eq!(memory, [1, 2, 3, 4]);
/// ```
#[inline]
pub unsafe fn store<T: SeqCopy>(dst: *mut T, value: &T) {
    // SAFETY: `value` is a valid `T`, borrowed and without interior mutability (I3 exact); the rest is this function's
    // contract.
    unsafe { copy::store(core::ptr::from_ref(value).cast(), dst) };
}

/// Loads the bits by relaxed atomic accesses, in unspecified order. Padding may be uninitialised. Wait-free; works on
/// read-only mappings.
///
/// # Safety
/// * `src` is aligned for `T` and valid for reads of a `T`. It is not derived from a `&T`, which would forbid
///   concurrent writes, nor by `&raw const` from a variable, a field of one or a `static`, nor from a `&mut T` by `as
///   *const T`: under the stricter aliasing model these count as shared references, even if nothing ever writes (P19
///   retag in `docs/reference/soundness.md`). Use `&raw mut`, or the pointer that a mapping, an allocation or
///   [`AtomicPerByte::as_ptr`](crate::AtomicPerByte::as_ptr) returned, and places inside of it (`&raw const
///   (*pointer).field`).
/// * Every byte that the partition of `T` reads is initialised: by [`store`], by zeroing in place, or by another
///   process. For types that contain enums with fields, assigning a `T` does not suffice.
/// * Concurrent accesses as for [`store`].
///
/// ```
/// # use seqcopy::raw;
/// let mut memory = 5u64;
/// // SAFETY: a local.
/// assert_eq!(unsafe { raw::load(&raw mut memory) }.validate(), Ok(5));
/// ```
#[inline]
pub unsafe fn load<T: SeqCopy>(src: *const T) -> MaybeInvalid<T> {
    let mut buf = MaybeUninit::uninit();
    same_contract!(load_into(src, &mut buf));
    // SAFETY: every data byte was just written; a move keeps them (P8 maybe-uninit, P25 enum-move).
    unsafe { MaybeInvalid::assume_written(buf) }
}

/// [`load`] into a caller-provided buffer. Its padding may be overwritten, too; skipped fields are left unchanged.
///
/// # Safety
/// The contract of [`load`]; `buf` does not overlap `src`.
///
/// ```
/// # use {core::mem::MaybeUninit, seqcopy::raw};
/// let mut memory = 5u64;
/// let mut buf = MaybeUninit::uninit();
/// // SAFETY: locals.
/// assert_eq!(unsafe { raw::load_into(&raw mut memory, &mut buf) }.validate_ref(), Ok(&5));
/// ```
#[inline]
pub unsafe fn load_into<T: SeqCopy>(src: *const T, buf: &mut MaybeUninit<T>) -> &mut MaybeInvalid<T> {
    // SAFETY: `buf` is exclusively borrowed (I4 private); the rest is this function's contract.
    unsafe { copy::load(src, buf.as_mut_ptr().cast()) };
    // SAFETY: `load` wrote every data byte (I3 exact, I6 maybe-invalid).
    unsafe { MaybeInvalid::assume_written_mut(buf) }
}

/// [`load`] of as many elements as `buf` has, from `src` on: for frames and texts whose length is known at run time
/// only. Wait-free.
///
/// The accesses are those of [`load`] of an array of that type and length, which is at the alignment of `T`, not those
/// of single elements. Elements without padding share words, and long runs of them are copied by vectors.
///
/// # Safety
/// * The contract of [`load`], for an array of that length, which lies in one allocation; `buf` does not overlap it.
/// * Concurrent accesses are made by `load_slice` and [`store_slice`] with the same address and the same length, or as
///   an array of that length. Other lengths may be partitioned in another way. Only of types whose alignment is 1 and
///   that have neither padding nor enums with fields, such as `u8`, any parts may be accessed: all their accesses are
///   single bytes.
///
/// ```
/// # use {core::mem::MaybeUninit, seqcopy::raw};
/// let mut memory = [1u16, 2, 3, 4];
/// let mut buf = [MaybeUninit::<u16>::uninit(); 4];
/// // SAFETY: locals.
/// let bits = unsafe { raw::load_slice((&raw mut memory).cast(), &mut buf) };
/// assert_eq!(bits[3].value(), 4);
/// ```
#[inline]
pub unsafe fn load_slice<T: SeqCopy>(src: *const T, buf: &mut [MaybeUninit<T>]) -> &mut [MaybeInvalid<T>] {
    let (count, private) = (buf.len(), buf.as_mut_ptr());
    // SAFETY: an array of that length, whose accesses these are (I1 partition, I2 init); `buf` is exclusively borrowed
    // (I4 private).
    unsafe { Elements::load_array(src, private.cast(), count) };
    // SAFETY: every data byte of each element was just written (I3 exact, I6 maybe-invalid); a `MaybeInvalid` is laid
    // out like a `MaybeUninit` (transparent). The same borrow.
    unsafe { core::slice::from_raw_parts_mut(private.cast(), count) }
}

/// [`store`] of all elements of a slice, from `dst` on. Wait-free. The accesses are those of [`load_slice`].
///
/// # Safety
/// * The contract of [`store`], for an array of that length, which lies in one allocation; every byte of it that is
///   data is initialised.
/// * Concurrent accesses as for [`load_slice`]. No other thread stores to the array during the call, and all stores
///   made before happen-before it.
///
/// ```
/// # use seqcopy::raw;
/// let mut memory = [0u16; 4];
/// // SAFETY: a local.
/// unsafe { raw::store_slice((&raw mut memory).cast(), &[1u16, 2, 3, 4]) };
/// assert_eq!(memory, [1, 2, 3, 4]);
/// ```
#[inline]
pub unsafe fn store_slice<T: SeqCopy>(dst: *mut T, values: &[T]) {
    // SAFETY: an array of that length, whose accesses these are (I1 partition, I2 init, I5 one-writer); `values` are
    // valid, borrowed and without interior mutability (I3 exact).
    unsafe { Elements::store_array(values.as_ptr(), dst, values.len()) };
}

/// Loads the bits of one field: of the accesses of [`load`] those that touch the field, each of them whole. Wait-free;
/// works on read-only mappings.
///
/// Do not read a field by an access of its own, such as an `AtomicU32` at its address: where it shares a word with its
/// neighbours, that is undefined behaviour during a [`store`], which writes the word.
///
/// # Safety
/// The contract of [`load`] of the whole value.
///
/// ```
/// use seqcopy::{SeqCopy, part, raw};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Sample { at: u64, volts: [f32; 60] }
///
/// let mut memory = Sample { at: 7, volts: [3.3; 60] };
/// // SAFETY: a local.
/// let bits = unsafe { raw::load_part(&raw mut memory, part!(Sample, volts).index(4)) };
/// assert_eq!(bits.validate(), Ok(3.3));
/// ```
#[inline]
pub unsafe fn load_part<T: SeqCopy, F>(src: *const T, part: Part<T, F>) -> MaybeInvalid<F> {
    // SAFETY: only loaded from; the rest is this function's contract.
    let shared = unsafe { AtomicPerByte::from_ptr(src.cast_mut()) };
    shared.load_part(part)
}

/// Stores one field of the value in an [`Aligned8`], by those accesses of [`store`] that touch it; the bytes of its
/// neighbours stay as they are. For seqcopy-shm, which is pinned to this version.
///
/// # Safety
/// * As for [`store`]. Every byte that the partition of `T` reads is initialised.
/// * No other thread stores to these bytes during the call, and all stores made before happen-before it.
#[inline(always)]
pub unsafe fn store_part<T: SeqCopy, F>(dst: *mut Aligned8<T>, part: Part<T, F>, value: &F) {
    let value = core::ptr::from_ref(value).cast();
    // SAFETY: a `T` in shared memory, by this function's contract (I1 partition, I2 init, I5 one-writer); an `F` lies
    // there in a `T`, and this at offset 0 (I3 exact). It is borrowed (I4 private).
    unsafe { copy::store_part::<Aligned8<T>>(value, dst, part.offset(), size_of::<F>()) };
}

/// [`load_into`] for a type of which only the layout is known: loads the data bytes of a value by relaxed atomic
/// accesses.
///
/// # Safety
/// * As for [`load`], for a type with this layout. `base` is a power of two and divides the address `src`; it is the
///   alignment for which concurrent accesses are partitioned: that of `T`, or of `Aligned8<T>`.
/// * The layout has no pointers.
/// * `dst` is valid for writes of the type's size, not accessed by other threads, and does not overlap `src`. Bytes
///   that are padding are left unchanged.
///
/// ```
/// use seqcopy::{SeqCopy, raw};
///
/// let mut memory = [1u16, 2, 3];
/// let mut bytes = [0u8; 6];
/// // SAFETY: locals, of this type and aligned for it.
/// unsafe { raw::load_by(<[u16; 3]>::LAYOUT, 2, (&raw mut memory).cast(), bytes.as_mut_ptr()) };
/// assert_eq!(bytes, [1u16.to_ne_bytes(), 2u16.to_ne_bytes(), 3u16.to_ne_bytes()].concat()[..]);
/// ```
pub unsafe fn load_by(layout: &Layout, base: usize, src: *const u8, dst: *mut u8) {
    same_contract!(copy::load_by(layout, base, src, dst));
}
