//! The copy engine: which bytes are accessed, in which pieces, and each access itself.
//!
//! [`load`] and [`store`] are the only functions that touch shared bytes that may be stored to meanwhile. Both drive a type's
//! [`visit`](crate::SeqCopy) through the same [`Partition`], so that they make the same accesses. Module [`word`] defines what an
//! access does on each side.
//!
//! In unoptimised builds both follow a [`Table`] instead, a constant that the partition's rule was recorded in.
//!
//! Invariants of this module (docs/soundness.md): I1 partition, I2 init, I4 private.

mod by_table;
mod direction;
pub(crate) mod list;
mod part;
mod partition;
mod span;
mod table;
#[cfg(all(test, feature = "derive"))]
mod tests;
mod transfer;
mod tree_copy;
mod vector;
mod word;

pub use list::{tabled, visited};
pub(crate) use span::span_begins_in;
pub use tree_copy::TreeCopy;
pub use vector::LONG;

use crate::Layout;
use crate::SeqCopy;
use crate::seq_copy::announce;
pub(crate) use by_table::{LoadByTable, StoreByTable, copy_private};
use core::mem::MaybeUninit;
use direction::{Direction, Load, Store};
pub(crate) use part::{load_part, store_part};
use partition::Partition;
use partition::feed;
use table::Table;
use transfer::Whole;

/// From this size on a value that is returned is loaded by a call, straight to where the caller wants it; a smaller one stays in
/// registers, of which there are 16 with 16 bytes each, and every copy of it is made by blocks. From memory to memory a loop is
/// faster earlier ([`LONG`]).
pub(crate) const LARGE: usize = 257;

/// Keeps the first block in builds in which copies are made by a table, and the second one in others. Tables are for builds without
/// optimisation, of which `debug_assertions` are the sign that is seen here. Under Miri copies are made as in optimised builds.
/// `--cfg seqcopy_copy="table"` and `"visit"` choose.
///
/// Not an `if` on a constant: the compiler evaluates the constants of every function that is named, also in branches that are never
/// taken, and a table takes it a few milliseconds.
#[cfg(any(seqcopy_copy = "table", all(debug_assertions, not(any(miri, loom, seqcopy_copy = "visit")))))]
macro_rules! if_by_table {
    ($table:block else $visit:block) => {
        $table
    };
}
#[cfg(not(any(seqcopy_copy = "table", all(debug_assertions, not(any(miri, loom, seqcopy_copy = "visit"))))))]
macro_rules! if_by_table {
    ($table:block else $visit:block) => {
        $visit
    };
}
pub(crate) use if_by_table;

/// Whether copies are made by a table, for decisions between blocks that name none.
pub(crate) const BY_TABLE: bool = if_by_table!({ true } else { false });

/// Whether there is a table of `T` for copies that move spans as a whole, or that don't: not if it would be too long.
pub(crate) const fn has_table<T: SeqCopy, const MOVES_SPANS: bool>() -> bool {
    Table::<T, MOVES_SPANS>::EXISTS
}

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
///   any way that is right beside such stores, and in any way at all while nothing is stored (P3 read-read).
/// * `private` is writable for `size_of::<T>()` bytes by this thread alone; it needs no alignment (I4 private).
#[inline]
pub(crate) unsafe fn load<T: SeqCopy>(shared: *const T, private: *mut u8) {
    if_by_table!({
        // SAFETY: the same contract.
        unsafe { load_unoptimised(shared, private) };
    } else {
        // SAFETY: the same contract.
        unsafe { load_by_visit(shared, private) };
    });
}

/// [`load`] of a value that the caller is given by value. A small one stays in registers.
///
/// # Safety
/// As for [`load`].
#[inline]
pub(crate) unsafe fn load_value<T: SeqCopy>(shared: *const T, private: *mut u8) {
    if_by_table!({
        // SAFETY: the same contract.
        unsafe { load_unoptimised(shared, private) };
    } else {
        if size_of::<T>() < LARGE {
            // SAFETY: the same contract.
            unsafe { by_visit::<T, Load<true>>(shared.cast_mut(), private, true) };
        } else {
            // SAFETY: the same contract.
            unsafe { load_by_visit(shared, private) };
        }
    });
}

/// # Safety
/// As for [`load`].
unsafe fn load_unoptimised<T: SeqCopy>(shared: *const T, private: *mut u8) {
    if const { has_table::<T, true>() } {
        // SAFETY: the same contract.
        unsafe { load_by_table::<T>(shared.cast(), private).run() };
    } else {
        // SAFETY: the same contract.
        unsafe { load_by_visit(shared, private) };
    }
}

/// # Safety
/// As for [`load`].
#[inline(always)]
unsafe fn load_by_visit<T: SeqCopy>(shared: *const T, private: *mut u8) {
    // SAFETY: the same contract.
    unsafe { by_visit::<T, Load>(shared.cast_mut(), private, true) };
}

/// Both directions of a copy, by the type's `visit`.
///
/// # Safety
/// As for [`Whole::new`].
#[cfg_attr(not(seqcopy_outlined), inline(always))]
#[cfg_attr(seqcopy_outlined, inline(never))] // once for each type, where thousands of them are compiled: ci/random.sh
unsafe fn by_visit<T: SeqCopy, D: Direction>(shared: *mut T, private: *mut u8, moves_spans: bool) {
    // SAFETY: the same contract; what is driven by the `visit` of `T` is the partition at its alignment (I1 partition, I3 exact).
    let copy = unsafe { Whole::<D>::new(shared.cast(), private, moves_spans) };
    let mut partition = Partition::new(copy, align_of::<T>());
    announce::<T, _>(&mut partition, 0);
    partition.flush();
}

/// What [`load`] does where there are tables. `T` must have one.
pub(crate) fn load_by_table<T: SeqCopy>(shared: *const u8, private: *mut u8) -> LoadByTable {
    LoadByTable { steps: Table::<T, true>::STEPS, shared, private }
}

/// [`load`] of a type that is known by its layout only, at a base that need not be its alignment. Padding at `private` stays as it is:
/// the caller may look at it.
///
/// # Safety
/// As for [`load`], with `base` for the alignment and `layout` for the type; it has no pointers.
pub(crate) unsafe fn load_by(layout: &Layout, base: usize, shared: *const u8, private: *mut u8) {
    // SAFETY: the same contract (I3 exact).
    unsafe { by_tree::<Load>(layout, base, shared.cast_mut(), private, false) };
}

/// Both directions of a copy, by the tree of a layout.
///
/// # Safety
/// As for [`Whole::new`], with `base` for the alignment and `layout` for the type.
#[inline]
unsafe fn by_tree<D: Direction>(layout: &Layout, base: usize, shared: *mut u8, private: *mut u8, moves_spans: bool) {
    // SAFETY: the same contract; what is driven by the tree is the partition at `base` (I1 partition, I3 exact).
    let copy = unsafe { Whole::<D>::new(shared, private, moves_spans) };
    let mut partition = Partition::new(copy, base);
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
    if_by_table!({
        // SAFETY: the same contract.
        unsafe { store_unoptimised::<T, false>(private, shared) };
    } else {
        // SAFETY: the same contract.
        unsafe { store_by_visit::<T, false>(private, shared, false) };
    });
}

/// [`store`] into memory whose padding is the crate's alone, and whose padding may receive any bytes.
///
/// # Safety
/// As for [`store`]; and nothing else accesses the padding of `shared` during the call, nor asks later what it holds. Skipped fields are
/// not padding: they stay as they are.
#[inline]
pub(crate) unsafe fn store_owned<T: SeqCopy>(private: *const u8, shared: *mut T) {
    if_by_table!({
        // SAFETY: the same contract.
        unsafe { store_unoptimised::<T, true>(private, shared) };
    } else {
        // SAFETY: the same contract.
        unsafe { store_owned_by_visit(private, shared) };
    });
}

/// [`store_owned`] of a value that the caller was given by value. A small one may be in registers.
///
/// # Safety
/// As for [`store_owned`].
#[inline]
pub(crate) unsafe fn store_owned_value<T: SeqCopy>(private: *const u8, shared: *mut T) {
    if_by_table!({
        // SAFETY: the same contract.
        unsafe { store_unoptimised::<T, true>(private, shared) };
    } else {
        if size_of::<T>() < LARGE {
            // SAFETY: the same contract.
            unsafe { store_by_visit::<T, true>(private, shared, false) };
        } else {
            // SAFETY: the same contract.
            unsafe { store_by_visit::<T, false>(private, shared, true) };
        }
    });
}

/// # Safety
/// As for [`store_owned`].
#[inline(always)]
unsafe fn store_owned_by_visit<T: SeqCopy>(private: *const u8, shared: *mut T) {
    // A smaller value can come from registers, or was just made: one wide load of bytes that were stored one field at a time has to wait
    // until they have reached the cache.
    // SAFETY: the same contract.
    unsafe { store_by_visit::<T, false>(private, shared, size_of::<T>() >= LARGE) };
}

/// # Safety
/// As for [`store`], or, if spans are to be moved as a whole, [`store_owned`].
unsafe fn store_unoptimised<T: SeqCopy, const MOVES_SPANS: bool>(private: *const u8, shared: *mut T) {
    if const { has_table::<T, MOVES_SPANS>() } {
        // SAFETY: the same contract.
        let run = |store: StoreByTable| unsafe { store.run() };
        // SAFETY: the same contract.
        unsafe { store_by_table::<T, MOVES_SPANS>(private, shared.cast(), run) };
    } else {
        // SAFETY: the same contract.
        unsafe { store_by_visit::<T, false>(private, shared, MOVES_SPANS) };
    }
}

/// # Safety
/// As for [`store`], or, if spans are to be moved as a whole, [`store_owned`].
#[inline(always)]
unsafe fn store_by_visit<T: SeqCopy, const IN_REGISTERS: bool>(private: *const u8, shared: *mut T, moves_spans: bool) {
    // SAFETY: the same contract.
    unsafe { by_visit::<T, Store<IN_REGISTERS>>(shared, private.cast_mut(), moves_spans) };
}

/// Passes on what [`store`] or, if spans are to be moved as a whole, [`store_owned`] does where there are tables. `T` must have one.
/// The place of the value is still that of the caller's, or an image of it that lives as long as the call.
///
/// # Safety
/// At `private` lies a `T` as for [`store`].
pub(crate) unsafe fn store_by_table<T: SeqCopy, const MOVES_SPANS: bool>(
    private: *const u8,
    shared: *mut u8,
    then: impl FnOnce(StoreByTable),
) {
    if const { Table::<T, MOVES_SPANS>::HAS_IMAGE } {
        // SAFETY: the same contract.
        unsafe { store_image_by_table::<T, MOVES_SPANS>(private, shared, then) };
    } else {
        then(StoreByTable { steps: Table::<T, MOVES_SPANS>::STEPS, private, shared });
    }
}

/// Enums with fields are copied into an image first. A function of its own, because its frame is as large as the value: only types with
/// such enums pay for it, which have a table only if they are small.
///
/// # Safety
/// As for [`store_by_table`].
#[inline(never)]
unsafe fn store_image_by_table<T: SeqCopy, const MOVES_SPANS: bool>(
    private: *const u8,
    shared: *mut u8,
    then: impl FnOnce(StoreByTable),
) {
    let mut image = MaybeUninit::<T>::uninit();
    let image: *mut u8 = image.as_mut_ptr().cast();
    // SAFETY: a `T` lies there, by this function's contract, and the image is another place of that size (I4 private).
    unsafe { by_table::make_image(Table::<T, MOVES_SPANS>::PIECES, private, image, size_of::<T>()) };
    then(StoreByTable { steps: Table::<T, MOVES_SPANS>::STEPS, private: image, shared });
}

/// A way to make a copy, for tests of both.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// That of optimised builds.
    Visit,
    /// That of unoptimised ones; types without a table are copied as in the others.
    Table,
}

impl Form {
    /// [`load`](crate::raw::load_into) in this form.
    ///
    /// # Safety
    /// As there.
    pub unsafe fn load<T: SeqCopy>(self, shared: *const T, private: *mut u8) {
        match self {
            // SAFETY: the same contract.
            Form::Visit => unsafe { load_by_visit(shared, private) },
            // SAFETY: the same contract.
            Form::Table => unsafe { load_unoptimised(shared, private) },
        }
    }

    /// [`store`](crate::raw::store) in this form.
    ///
    /// # Safety
    /// As there.
    pub unsafe fn store<T: SeqCopy>(self, private: &T, shared: *mut T) {
        let private = core::ptr::from_ref(private).cast();
        match self {
            // SAFETY: the same contract.
            Form::Visit => unsafe { store_by_visit::<T, false>(private, shared, false) },
            // SAFETY: the same contract.
            Form::Table => unsafe { store_unoptimised::<T, false>(private, shared) },
        }
    }

    /// The store of a lock in this form.
    ///
    /// # Safety
    /// As for [`store`](crate::raw::store); and nothing else looks at the padding of `shared`.
    pub unsafe fn store_owned<T: SeqCopy>(self, private: &T, shared: *mut T) {
        let private = core::ptr::from_ref(private).cast();
        match self {
            // SAFETY: the same contract.
            Form::Visit => unsafe { store_owned_by_visit(private, shared) },
            // SAFETY: the same contract.
            Form::Table => unsafe { store_unoptimised::<T, true>(private, shared) },
        }
    }
}
