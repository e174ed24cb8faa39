//! The copy engine: which bytes are accessed, in which pieces, and each access itself.
//!
//! [`load`] and [`store`] are the only functions that touch shared bytes. Both drive a type's
//! [`visit`](crate::SeqCopy) through the same [`Partition`], so that they make the same accesses. Module [`word`] defines what an
//! access does on each side.
//!
//! Invariants of this module (docs/soundness.md): I1 partition, I2 init, I4 private.

pub(crate) mod list;
mod partition;
#[cfg(all(test, feature = "derive"))]
mod tests;
mod transfer;
mod vector;
mod word;

pub use list::visited;
pub(crate) use partition::span_begins;

use crate::Layout;
use crate::SeqCopy;
use partition::Partition;
use partition::feed;
use transfer::{Load, Store};

/// From this size on a value that is returned is loaded by a call, straight to where the caller wants it; a smaller one stays in
/// registers.
pub(crate) const LARGE: usize = 192;

/// Loads every data byte of a `T` from shared memory into private memory, by relaxed atomic accesses.
///
/// Afterwards every data byte at `private` is initialised; in an enum with fields those of all variants. Padding at `private` that lies
/// in spans may become uninitialised, and in fact hold what lies in that of `shared`. Other bytes that are data in no value are
/// neither read nor written.
///
/// # Safety
/// * `shared` is aligned for `T`, readable for `size_of::<T>()` bytes for the whole call, and every byte that the
///   partition of `T` reads is initialised (I2 init). It is derived neither from a `&T` nor by `&raw const` of a place that is
///   reached by its name (P19 retag).
/// * Whatever else accesses those bytes during the call does so by [`load`] and [`store`] of the same `T`
///   (I1 partition).
/// * `private` is writable for `size_of::<T>()` bytes by this thread alone; it needs no alignment (I4 private).
#[inline]
pub(crate) unsafe fn load<T: SeqCopy>(shared: *const T, private: *mut u8) {
    let mut partition = Partition::new(Load::new(shared.cast(), private, true), align_of::<T>());
    T::visit(&mut partition, 0);
    partition.flush();
}

/// [`load`] of a type that is known by its layout only, at a base that need not be its alignment. Padding at `private` stays as it is:
/// the caller may look at it.
///
/// # Safety
/// As for [`load`], with `base` for the alignment and `layout` for the type; it has no pointers.
pub(crate) unsafe fn load_by(layout: &Layout, base: usize, shared: *const u8, private: *mut u8) {
    let mut partition = Partition::new(Load::new(shared, private, false), base);
    feed(layout, &mut partition, 0);
    partition.flush();
}

/// Stores every data byte of a value into shared memory, by relaxed atomic accesses.
///
/// Bytes that are data in no value are neither read nor written. Of an enum with fields the bytes of the other
/// variants are written as zeros.
///
/// # Safety
/// * `shared` is aligned for `T` and writable for `size_of::<T>()` bytes for the whole call.
/// * Whatever else accesses those bytes during the call does so by [`load`] and [`store`] of the same `T`
///   (I1 partition).
/// * At `private` lies a `T` whose data bytes are initialised (inside an enum with fields, the tag and those of
///   the variant that it names: I6 maybe-invalid); it is not written during the call, and it does not lie in `shared`.
///   It needs no alignment (I4 private).
#[inline]
pub(crate) unsafe fn store<T: SeqCopy>(private: *const u8, shared: *mut T) {
    let mut partition = Partition::new(Store::new(private, shared.cast(), false), align_of::<T>());
    T::visit(&mut partition, 0);
    partition.flush();
}

/// [`store`] into memory whose padding is the crate's alone, and whose padding may receive any bytes.
///
/// # Safety
/// As for [`store`]; and nothing but [`load`], [`store`] and this accesses the padding of `shared` while others may access `shared`.
/// Skipped fields are not padding: they stay as they are.
#[inline]
pub(crate) unsafe fn store_owned<T: SeqCopy>(private: *const u8, shared: *mut T) {
    // A smaller value can come from registers, or was just made: one wide load of bytes that were stored one field at a time has to wait
    // until they have reached the cache.
    let moves_spans = size_of::<T>() >= LARGE;
    let mut partition = Partition::new(Store::new(private, shared.cast(), moves_spans), align_of::<T>());
    T::visit(&mut partition, 0);
    partition.flush();
}
