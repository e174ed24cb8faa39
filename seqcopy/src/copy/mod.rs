//! Copies between shared and private memory. Only this module touches shared bytes that another thread may be storing
//! to.
//!
//! A value is copied word by word, with relaxed atomic accesses that skip padding. Every load and every store of a type
//! must use the same words (the type's *partition*), because two atomic accesses that overlap and differ in size are a
//! data race. So the partition of a type is a constant table: [`steps`] has the rule and records it, [`transfer`] keeps
//! it for each type. Everything that copies follows that table:
//!
//! | what is copied | module | how it follows the table |
//! |---|---|---|
//! | a whole value, optimised build | [`straight`] | straight-line code |
//! | a whole value, unoptimised build | [`by_table`] | a loop |
//! | one field | [`part`] | the accesses that touch the field |
//! | elements of a slice | [`elements`] | the accesses of these elements |
//! | a value whose type is known at run time | [`series`] | a list that is made once |
//!
//! Module [`direction`] says what one access does in each direction. [`vector`] makes runs of accesses at once, with
//! vector instructions.
//!
//! Invariants of this module (docs/reference/soundness.md): I1 partition, I2 init, I4 private.

mod active;
mod by_table;
mod direction;
mod each_access;
mod elements;
#[doc(hidden)]
pub mod in_place;
mod part;
#[cfg(feature = "alloc")]
mod series;
mod step;
mod steps;
#[allow(dead_code)] // in builds that copy by a table
mod straight;
#[cfg(all(test, feature = "derive"))]
mod tests;
mod transfer;
mod vector;

use crate::layout::Layout;
use crate::seq_copy::SeqCopy;
#[allow(unused_imports)] // `Store` in builds that copy by a table
use direction::{Load, Store};
use transfer::{Of, Steps, Whole};

pub(crate) use by_table::{LoadByTable, StoreByTable, load_by_table, store_by_table};
pub(crate) use direction::copy_private;
pub use direction::mover;
pub use elements::Elements;
pub(crate) use part::{load_part, store_part};
#[cfg(feature = "alloc")]
pub use series::{Move, Series};
pub(crate) use straight::{BY_TABLE, LARGE, if_by_table};
pub use vector::LONG;

/// Loads every data byte of a `T` from shared memory into private memory, by relaxed atomic accesses.
///
/// Afterwards every data byte at `private` is initialised; in an enum with fields, the data bytes of all variants.
/// Padding at `private` that lies in spans may become uninitialised: in fact it then holds the bytes of the padding at
/// `shared`. Other bytes that are never data are neither read nor written.
///
/// # Safety
/// * `shared` is aligned for `T`, readable for `size_of::<T>()` bytes for the whole call, and every byte that the
///   partition of `T` reads is initialised (I2 init). It is derived neither from a `&T` nor by `&raw const` of a place
///   that is reached by its name (P19 retag).
/// * Whatever else stores to those bytes during the call does so by [`store`] of the same `T` (I1 partition). Others
///   may read them in any way that is right during such stores, and in any way at all while nothing is stored (P3
///   read-read).
/// * `private` is writable for `size_of::<T>()` bytes by this thread alone; it needs no alignment (I4 private).
#[inline]
pub(crate) unsafe fn load<T: SeqCopy>(shared: *const T, private: *mut u8) {
    if_by_table!({
        same_contract!(load_by_table::<T>(shared.cast(), private).run());
    } else {
        same_contract!(straight::copy::<T, Load, true>(shared.cast_mut(), private));
    });
}

/// Does the same as [`load`], for a caller that returns the value. A small value stays in registers.
///
/// # Safety
/// The contract of [`load`].
#[inline]
pub(crate) unsafe fn load_by_value<T: SeqCopy>(shared: *const T, private: *mut u8) {
    if_by_table!({
        same_contract!(load(shared, private));
    } else {
        if size_of::<T>() < LARGE {
            same_contract!(straight::copy::<T, Load<true>, true>(shared.cast_mut(), private));
        } else {
            same_contract!(load(shared, private));
        }
    });
}

/// Does the same as [`load`] for a type that is known by its layout only, in storage of any alignment (`base`). Padding
/// at `private` keeps its bytes, because the caller may look at them.
///
/// # Safety
/// The contract of [`load`], with `base` for the alignment and `layout` for the type; it has no pointers.
pub(crate) unsafe fn load_by(layout: &Layout, base: usize, shared: *const u8, private: *mut u8) {
    // SAFETY: the steps are those of the layout at `base` (I1 partition, I3 exact); the rest is this function's
    // contract.
    let copy = unsafe { Whole::<Load>::new(shared.cast_mut(), private) };
    each_access::accesses(copy, layout, base, false);
}

/// Stores every data byte of a value into shared memory, by relaxed atomic accesses.
///
/// Bytes that are never data are neither read nor written. In an enum with fields, the bytes of the other variants are
/// written as zeros.
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
    if_by_table!({
        same_contract!(store_by_table::<T, false>(private, shared.cast()).run());
    } else {
        same_contract!(straight::copy::<T, Store, false>(shared, private.cast_mut()));
    });
}

/// Does the same as [`store`], into memory whose padding only this crate uses, so that any bytes may be stored there.
///
/// # Safety
/// The contract of [`store`]; and nothing else accesses the padding of `shared` during the call, nor asks later what it
/// holds. Skipped fields are not padding: they stay as they are.
#[inline]
pub(crate) unsafe fn store_owned<T: SeqCopy>(private: *const u8, shared: *mut T) {
    if_by_table!({
        same_contract!(store_by_table::<T, true>(private, shared.cast()).run());
    } else {
        // A smaller value may come from registers, or has just been made. A wide load of bytes that were stored one
        // field at a time would have to wait until they have reached the cache.
        if size_of::<T>() < LARGE {
            same_contract!(straight::copy::<T, Store, false>(shared, private.cast_mut()));
        } else {
            same_contract!(straight::copy::<T, Store, true>(shared, private.cast_mut()));
        }
    });
}

/// Does the same as [`store_owned`], for a caller that was passed the value. A small value may be in registers.
///
/// # Safety
/// The contract of [`store_owned`].
#[inline]
pub(crate) unsafe fn store_owned_by_value<T: SeqCopy>(private: *const u8, shared: *mut T) {
    if_by_table!({
        same_contract!(store_owned(private, shared));
    } else {
        if size_of::<T>() < LARGE {
            same_contract!(straight::copy::<T, Store<true>, false>(shared, private.cast_mut()));
        } else {
            same_contract!(store_owned(private, shared));
        }
    });
}

/// Copies the data of a value, and no other byte, from one private place to another. In an enum with fields, that is
/// the tag and the fields of the active variant. Can be called in constants, where functions of traits can't.
///
/// # Safety
/// At `from` lies a `T` whose data is initialised (P4 uninit); `to` is another place, writable for its size. Neither
/// needs to be aligned (I4 private).
pub(crate) const unsafe fn copy_active<T: SeqCopy>(from: *const u8, to: *mut u8) {
    // SAFETY: the steps of `T` (I3 exact); the rest is this function's contract.
    unsafe { active::copy_active(const { Of::<T>::STEPS }, from, to) };
}
