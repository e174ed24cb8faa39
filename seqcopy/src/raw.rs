//! Loads and stores on memory whose place is not yours to choose: a mapped page, a C struct, a ring's slot.
//!
//! The accesses are those of [`AtomicPerByte<T>`](crate::AtomicPerByte): the cut of `T` at its own alignment, each
//! access relaxed. Order them by a protocol: [`SeqCount`](crate::SeqCount) has one.
//!
//! ```
//! use seqcopy::{SeqCopy, SeqCount, Parity, raw};
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
//! // SAFETY: `page` is alive, aligned and initialised; everybody goes by this word and by `raw`, and there is one writer.
//! unsafe {
//!     let count = SeqCount::<Parity<u32>>::from_ptr(&raw const (*page).sequence);
//!     let sample = &raw mut (*page).sample;
//!     count.write(|| raw::store(sample, &Sample { id: 1, level: 50 }));
//!     let (bits, _) = count.try_read(|| raw::load(sample)).unwrap();
//!     assert_eq!(bits.assume_valid().level, 50);
//! }
//! ```

use core::mem::MaybeUninit;

use crate::{Layout, MaybeInvalid, SeqCopy, copy};

/// Stores a value, piece by piece, relaxed. Padding is not written.
///
/// # Safety
/// * `dst` is aligned for `T` and valid for reads and writes of a `T`, and not derived from a `&T` or by `&raw const`.
/// * Whatever accesses those bytes concurrently does so by [`load`], [`load_into`], [`store`] or
///   [`AtomicPerByte`](crate::AtomicPerByte) with the same `T` and the same version of the crate
///   ([memory model](core::sync::atomic#memory-model-for-atomic-accesses)).
/// * `value` does not lie in `dst`.
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
    // SAFETY: this function's contract; a valid `T` lies at `value`, borrowed and without interior mutability (I3).
    unsafe { copy::store(core::ptr::from_ref(value).cast(), dst) };
}

/// Loads the bits, piece by piece, relaxed. Padding is not read. Works on read-only mappings.
///
/// # Safety
/// * `src` is aligned for `T` and valid for reads of a `T`. It is not derived from a `&T`, which would forbid others to write,
///   nor by `&raw const` of a variable, of a field of one or of a `static`, nor from a `&mut T` by `as *const T`: to the
///   stricter model of aliasing these are shared references, even if nothing ever writes (P19 of `docs/soundness.md`). Take
///   `&raw mut`, or what a mapping, an allocation, [`AtomicPerByte::as_ptr`](crate::AtomicPerByte::as_ptr) give, and fields
///   behind them (`&raw const (*pointer).field`).
/// * Every byte that the cut of `T` reads is initialised: by [`store`], by zeroing in place, or by another process.
///   For types with enums that have fields, assigning a `T` does not do that.
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
    // SAFETY: the same contract.
    unsafe { load_into(src, &mut buf) };
    // SAFETY: every data byte was just written; a move keeps them (P8, P25).
    unsafe { MaybeInvalid::assume_written(buf) }
}

/// Loads the bits into a buffer of the caller's.
///
/// # Safety
/// As for [`load`]; `buf` does not lie in `src`.
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
    // SAFETY: this function's contract; `buf` is exclusively ours (I4).
    unsafe { copy::load(src, buf.as_mut_ptr().cast()) };
    // SAFETY: `load` wrote every data byte (I3, I6).
    unsafe { MaybeInvalid::assume_written_mut(buf) }
}

/// [`load_into`] of a type that is known by its layout only: the data bytes of a value, piece by piece, relaxed.
///
/// # Safety
/// * As for [`load`], of a type with this layout whose values lie at addresses that are multiples of `base`, a power of two: the
///   alignment that others give to the same accesses, that of `T` or of `Aligned8<T>`.
/// * The layout has no pointers.
/// * `dst` is valid for writes of the type's size by this thread alone, and does not lie in `src`. Bytes that are padding are left
///   as they are.
///
/// ```
/// use seqcopy::{SeqCopy, raw};
///
/// let mut memory = [1u16, 2, 3];
/// let mut bytes = [0u8; 6];
/// // SAFETY: locals, of that type, aligned as it is.
/// unsafe { raw::load_by(<[u16; 3]>::LAYOUT, 2, (&raw mut memory).cast(), bytes.as_mut_ptr()) };
/// assert_eq!(bytes, [1u16.to_ne_bytes(), 2u16.to_ne_bytes(), 3u16.to_ne_bytes()].concat()[..]);
/// ```
pub unsafe fn load_by(layout: &Layout, base: usize, src: *const u8, dst: *mut u8) {
    // SAFETY: the same contract (I1, I2, I4).
    unsafe { copy::load_by(layout, base, src, dst) };
}
