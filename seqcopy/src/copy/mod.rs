//! The copy engine: which bytes are accessed, in which pieces, and each access itself.
//!
//! Only what is here touches shared bytes that may be stored to meanwhile. [`load`] and [`store`] of a whole value follow the same constant
//! table ([`transfer`]), which the rule of [`steps`] was recorded in, so that they make the same accesses: optimised builds by straight-line code,
//! unoptimised ones in a loop. One field ([`part`]) and some elements ([`elements`]) are copied by those of these accesses that touch them; a
//! type that is known at run time only, by a list of them ([`series`]). Module [`vector`] defines what an access does on each side (`words`), and
//! how runs of them are made at once.
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
/// Afterwards every data byte at `private` is initialised; in an enum with fields those of all variants. Padding at `private` that lies
/// in spans may become uninitialised, and in fact hold what lies in that of `shared`. Other bytes that are data in no value are
/// neither read nor written.
///
/// # Safety
/// * `shared` is aligned for `T`, readable for `size_of::<T>()` bytes for the whole call, and every byte that the
///   partition of `T` reads is initialised (I2 init). It is derived neither from a `&T` nor by `&raw const` of a place that is
///   reached by its name (P19 retag).
/// * Whatever else stores to those bytes during the call does so by [`store`] of the same `T` (I1 partition). Others may read them in
///   any way that is right during such stores, and in any way at all while nothing is stored (P3 read-read).
/// * `private` is writable for `size_of::<T>()` bytes by this thread alone; it needs no alignment (I4 private).
#[inline]
pub(crate) unsafe fn load<T: SeqCopy>(shared: *const T, private: *mut u8) {
    if_by_table!({
        same_contract!(load_by_table::<T>(shared.cast(), private).run());
    } else {
        same_contract!(straight::copy::<T, Load, true>(shared.cast_mut(), private));
    });
}

/// [`load`] of a value that the caller is given by value. A small one stays in registers.
///
/// # Safety
/// The contract of [`load`].
#[inline]
pub(crate) unsafe fn load_value<T: SeqCopy>(shared: *const T, private: *mut u8) {
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

/// [`load`] of a type that is known by its layout only, at a base that need not be its alignment. Padding at `private` stays as it is:
/// the caller may look at it.
///
/// # Safety
/// The contract of [`load`], with `base` for the alignment and `layout` for the type; it has no pointers.
pub(crate) unsafe fn load_by(layout: &Layout, base: usize, shared: *const u8, private: *mut u8) {
    // SAFETY: the steps are those of the layout at `base` (I1 partition, I3 exact); the rest is this function's contract.
    let copy = unsafe { Whole::<Load>::new(shared.cast_mut(), private) };
    each_access::accesses(copy, layout, base, false);
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
    if_by_table!({
        same_contract!(store_by_table::<T, false>(private, shared.cast()).run());
    } else {
        same_contract!(straight::copy::<T, Store, false>(shared, private.cast_mut()));
    });
}

/// [`store`] into memory whose padding is the crate's alone, and whose padding may receive any bytes.
///
/// # Safety
/// The contract of [`store`]; and nothing else accesses the padding of `shared` during the call, nor asks later what it holds. Skipped fields are
/// not padding: they stay as they are.
#[inline]
pub(crate) unsafe fn store_owned<T: SeqCopy>(private: *const u8, shared: *mut T) {
    if_by_table!({
        same_contract!(store_by_table::<T, true>(private, shared.cast()).run());
    } else {
        // A smaller value can come from registers, or was just made: one wide load of bytes that were stored one field at a time has to
        // wait until they have reached the cache.
        if size_of::<T>() < LARGE {
            same_contract!(straight::copy::<T, Store, false>(shared, private.cast_mut()));
        } else {
            same_contract!(straight::copy::<T, Store, true>(shared, private.cast_mut()));
        }
    });
}

/// [`store_owned`] of a value that the caller was given by value. A small one may be in registers.
///
/// # Safety
/// The contract of [`store_owned`].
#[inline]
pub(crate) unsafe fn store_owned_value<T: SeqCopy>(private: *const u8, shared: *mut T) {
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

/// Copies the data of a value and no other byte from one private place to another: of an enum with fields, the tag and the fields of the
/// active variant. In constants, too, where no function of a trait can be called.
///
/// # Safety
/// At `from` lies a `T` whose data is initialised (P4 uninit); `to` is another place, writable for its size. Neither needs to be aligned
/// (I4 private).
pub(crate) const unsafe fn copy_active<T: SeqCopy>(from: *const u8, to: *mut u8) {
    // SAFETY: the steps of `T` (I3 exact); the rest is this function's contract.
    unsafe { active::copy_active(const { Of::<T>::STEPS }, from, to) };
}
