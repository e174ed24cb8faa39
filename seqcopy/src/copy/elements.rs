//! Copies of some elements of an array whose length is known at run time only. [`Elements`] finds the accesses to one
//! element in the partition of the whole array, once. A copy of some elements makes these accesses only, so its time
//! does not depend on the length of the array.
//!
//! Stores run this code while the sequence word is busy, so only the constructors of [`Elements`] may panic (I9
//! no-panic).

use core::marker::PhantomData;

use super::direction::{Direction, Load, Sides, Store};
use super::each_access::{each_step, make_of_run};
use super::part::{PartCopy, any_bytes};
use super::step::{Group, Op, Step, base_of_part};
use super::straight::if_by_table;
use super::transfer::{Of, Transfer, Whole};
use super::vector::{RUN, WORD, Word};
use crate::layout::Layout;
use crate::seq_copy::SeqCopy;

/// Where the `T`s of an array lie in a value of which only the layout is known, and by which accesses they are copied.
///
/// A single `T` without padding counts as an array of one, such as the length before the elements.
#[derive(Debug)]
pub struct Elements<T> {
    /// The offset of the first element.
    offset: usize,
    accesses: Accesses,
    of: PhantomData<fn() -> T>,
}

#[derive(Debug, Clone, Copy)]
#[allow(clippy::large_enum_variant)] // there is one for each array
enum Accesses {
    /// Single bytes, because the elements belong to a long run that begins on a cache line.
    Bytes,
    /// The accesses of a run. Elements without padding may share a word with their neighbours.
    Run([Group; MOST]),
    /// Single bytes in a span around elements with padding.
    Span { at: usize, len: usize },
    /// The accesses of a `T` in storage with this alignment, for each element.
    Each { base: usize },
}

/// The most steps of a run: small words, then wide ones or single bytes, then small ones.
const MOST: usize = 7;

impl<T> Clone for Elements<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Elements<T> {}

impl<T: SeqCopy> Elements<T> {
    /// The `T`s of an array at this `offset` of a value with this layout, in storage that is aligned to `base`; this
    /// many there are in the array.
    ///
    /// # Panics
    /// If the array is not inside, or something else lies there.
    #[must_use]
    #[track_caller]
    pub fn from_layout(layout: &Layout, base: usize, offset: usize, capacity: usize) -> Self {
        let end = size_of::<T>().checked_mul(capacity).and_then(|len| len.checked_add(offset));
        let Some(end) = end.filter(|&end| end <= layout.size()) else { panic!("an array that is not inside") };
        let mut run = [Group::NONE; MOST];
        let (mut len, mut other) = (0, None);
        each_step(layout, base, false, &mut |step| {
            let &Step { op, at, count, in_span, .. } = step;
            match op {
                Op::Words1 | Op::Words2 | Op::Words4 | Op::Words8 | Op::Bytes | Op::Span => {}
                Op::Elements if at == offset && !in_span => {
                    // No word is wider than this, so a greater alignment makes no difference.
                    let base = base_of_part(base, at, size_of::<T>()).min(WORD.max(align_of::<T>()));
                    other = Some(Accesses::Each { base });
                    return;
                }
                _ => return,
            }
            let group = Group { op: if op == Op::Span { Op::Bytes } else { op }, at, count };
            if group.overlap(offset..end).is_none() {
            } else if op == Op::Span && !T::LAYOUT.is_dense() {
                other = Some(Accesses::Span { at, len: count });
            } else {
                run[len] = group;
                len += 1;
            }
        });
        assert!(T::LAYOUT.is_dense() || other.is_some() || end == offset, "something else lies there");
        // Single bytes continue to the end of a run.
        let run = if run[0].op == Op::Bytes { Accesses::Bytes } else { Accesses::Run(run) };
        Elements { offset, accesses: other.unwrap_or(run), of: PhantomData }
    }

    /// A placeholder without accesses, for slices whose elements are read field by field.
    #[must_use]
    pub const fn none() -> Self {
        Elements { offset: 0, accesses: Accesses::Run([Group::NONE; MOST]), of: PhantomData }
    }

    /// Loads `count` elements from number `first` on into private memory, as [`raw::load_into`](crate::raw::load_into)
    /// does. Padding at `private` may become uninitialised, or hold the padding bytes of `shared`.
    ///
    /// # Safety
    /// * At `shared` lies a value with the layout and the alignment that this was made for, to which the contract of
    ///   `load_into` applies; whatever else accesses it does so by the same partition (I1 partition, I2 init).
    /// * The elements are inside of the array, and `private` is writable for them by this thread alone (I4 private).
    #[inline]
    pub unsafe fn load_elements(&self, shared: *const u8, first: usize, count: usize, private: *mut T) {
        let sides = Sides { shared: shared.cast_mut(), private: private.cast() };
        same_contract!(self.copy::<Load, true>(sides, first, count));
    }

    /// Stores `count` elements, as number `first` and those that follow. Padding is not written.
    ///
    /// # Safety
    /// * As for [`load_elements`](Self::load_elements), of shared memory that is writable; the elements at `private`
    ///   are valid, and not in it.
    /// * Its bytes are initialised (I2 init). No other thread stores to them during the call, and all stores made
    ///   before happen-before it (I5 one-writer).
    #[inline]
    pub unsafe fn store_elements(&self, private: *const T, first: usize, count: usize, shared: *mut u8) {
        same_contract!(self.copy::<Store, false>(Sides { shared, private: private.cast_mut().cast() }, first, count));
    }

    /// Does the same as [`store_elements`](Self::store_elements), into memory whose padding only this crate uses, so
    /// that any bytes may be stored there.
    ///
    /// # Safety
    /// The contract of [`store_elements`](Self::store_elements). Nothing else accesses the padding of `shared` during
    /// the call, nor asks later what it holds.
    #[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
    #[inline]
    pub(crate) unsafe fn store_owned(&self, private: *const T, first: usize, count: usize, shared: *mut u8) {
        same_contract!(self.copy::<Store, true>(Sides { shared, private: private.cast_mut().cast() }, first, count));
    }

    /// Loads a whole array whose length is known at run time only, at its own alignment, with the accesses of that
    /// array.
    ///
    /// # Safety
    /// The contract of [`load`](super::load) for an array of this length, which has no more bytes than an array can
    /// have.
    #[inline]
    pub(crate) unsafe fn load_array(shared: *const T, private: *mut T, len: usize) {
        let sides = Sides { shared: shared.cast_mut().cast(), private: private.cast() };
        same_contract!(Self::copy_array::<Load, true>(sides, len));
    }

    /// Stores such an array.
    ///
    /// # Safety
    /// The contract of [`store`](super::store) for an array of this length, which has no more bytes than an array can
    /// have.
    #[inline]
    pub(crate) unsafe fn store_array(private: *const T, shared: *mut T, len: usize) {
        let sides = Sides { shared: shared.cast(), private: private.cast_mut().cast() };
        same_contract!(Self::copy_array::<Store, false>(sides, len));
    }

    /// # Safety
    /// The contract of [`load_array`](Self::load_array) or [`store_array`](Self::store_array), as the direction says.
    #[inline(always)]
    pub(super) unsafe fn copy_array<D: Direction, const MOVES: bool>(sides: Sides, len: usize) {
        let size = len.wrapping_mul(size_of::<T>());
        if !T::LAYOUT.is_dense() {
            let elements = Self::from_layout(&Layout::of_array(T::LAYOUT, len), align_of::<T>(), 0, len);
            same_contract!(elements.copy::<D, MOVES>(sides, 0, len));
        } else if size >= RUN || align_of::<T>() == 1 {
            // Dense elements form one run. It begins and ends at a multiple of its widest word, unless it is long and
            // consists of single bytes.
            if size != 0 {
                // SAFETY: initialised bytes of elements that any bytes make (I1 partition, I2 init, I4 private, P4
                // uninit, P5 scalar).
                unsafe { any_bytes::<D>(sides, size) };
            }
        } else {
            let widest = if align_of::<T>() < WORD { align_of::<T>() } else { WORD };
            // SAFETY: the words below are the partition of this array (I1 partition, I2 init, I3 exact, I4 private).
            let whole = unsafe { Whole::<D>::new(sides.shared, sides.private) };
            make_of_run(whole, &Group { op: Op::words(widest), at: 0, count: size / widest });
        }
    }

    /// # Safety
    /// The contract of [`load_elements`](Self::load_elements), [`store_elements`](Self::store_elements) or
    /// [`store_owned`](Self::store_owned), as the direction says.
    #[inline(always)]
    pub(super) unsafe fn copy<D: Direction, const MOVES: bool>(&self, sides: Sides, first: usize, count: usize) {
        // Inside of the array, so nothing wraps.
        let from = self.offset.wrapping_add(first.wrapping_mul(size_of::<T>()));
        let len = count.wrapping_mul(size_of::<T>());
        if !matches!(self.accesses, Accesses::Bytes) {
            same_contract!(self.copy_else::<D, MOVES>(sides, from, count, len));
        } else if len != 0 {
            let sides = Sides { shared: sides.shared.wrapping_add(from), ..sides };
            if len == size_of::<u32>() {
                // The length before the elements of a slice, where this is a constant.
                // SAFETY: data of these elements, initialised in storage (I2 init) and in values (P4 uninit, P5
                // scalar), and no pointers; all others access it byte by byte (I1 partition), and the private side is
                // this thread's alone (I4 private).
                unsafe { D::bytes_of_word::<u32>(sides) };
            } else {
                // SAFETY: initialised bytes of elements that any bytes make (I1 partition, I2 init, I4 private, P4
                // uninit, P5 scalar).
                unsafe { any_bytes::<D>(sides, len) };
            }
        }
    }

    /// Copies `count` elements, the `len` bytes from offset `from` on. [`copy`](Self::copy) handles the frequent case
    /// itself.
    ///
    /// # Safety
    /// The contract of [`copy`](Self::copy).
    #[inline(never)]
    unsafe fn copy_else<D: Direction, const MOVES: bool>(&self, sides: Sides, from: usize, count: usize, len: usize) {
        // SAFETY: the steps below are those of the value that touch these elements (I1 partition, I3 exact); the rest
        // is this function's contract.
        let part = || unsafe { PartCopy::<D>::new(sides, from, len) };
        let from = Sides { shared: sides.shared.wrapping_add(from), ..sides };
        match self.accesses {
            Accesses::Bytes => {}
            Accesses::Run(ref run) => run.iter().for_each(|group| make_of_run(part(), group)),
            Accesses::Span { at, len } if MOVES => part().span(at, len),
            // SAFETY: these elements; the data of a `T`, which has no pointers, has single bytes in a span (I1
            // partition).
            Accesses::Span { .. } => each::<T, _, false, 1>(count, |at| unsafe { InBytes::<D>::new(from.at(at)) }),
            Accesses::Each { base } => {
                let whole = |at| {
                    let Sides { shared, private } = from.at(at);
                    // SAFETY: one of these elements, copied by the steps of a `T` in storage of that alignment (I1
                    // partition).
                    unsafe { Whole::<D>::new(shared, private) }
                };
                match base {
                    _ if base == align_of::<T>() => each::<T, _, MOVES, 1>(count, whole),
                    2 => each::<T, _, MOVES, 2>(count, whole),
                    4 => each::<T, _, MOVES, 4>(count, whole),
                    _ => each::<T, _, MOVES, 8>(count, whole),
                }
            }
        }
    }
}

/// Makes the accesses of `count` elements, each of them a `T` in storage that is aligned to `BASE`.
#[inline(always)]
fn each<T: SeqCopy, A: Transfer, const MOVES: bool, const BASE: usize>(count: usize, element: impl Fn(usize) -> A) {
    for i in 0..count {
        let transfer = element(i.wrapping_mul(size_of::<T>()));
        if_by_table!({
            super::by_table::accesses::<A, MOVES>(&transfer, <Of<T, BASE> as super::transfer::Steps>::STEPS);
        } else {
            (const { super::straight::run::<Of<T, BASE>, A, MOVES>() })(transfer);
        });
    }
}

/// Copies a value that is inside of a span: byte by byte, whichever words its own partition has.
#[derive(Clone, Copy)]
struct InBytes<D> {
    sides: Sides,
    direction: PhantomData<D>,
}

impl<D: Direction> InBytes<D> {
    /// # Safety
    /// The contract of [`Whole::new`]. The partition is that of a span around the value.
    #[inline(always)]
    unsafe fn new(sides: Sides) -> Self {
        InBytes { sides, direction: PhantomData }
    }
}

impl<D: Direction> Transfer for InBytes<D> {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        // SAFETY: data of the value (I3 exact), initialised in storage (I2 init) and in a value (P4 uninit, P5 scalar);
        // all others access it byte by byte (I1 partition), and the private side is this thread's alone (I4 private).
        unsafe { D::bytes_of_word::<W>(self.sides.at(offset)) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        // SAFETY: bytes of an element, at both sides inside of what was promised (I1 partition, I2 init, I3 exact, I4
        // private, P4 uninit, P5 scalar).
        unsafe { D::bytes(self.sides.at(offset), len) };
    }

    /// A span has no pointers.
    #[inline(always)]
    fn pointer(&self, _offset: usize) {}

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        InBytes { sides: self.sides.at(offset), ..*self }
    }
}
