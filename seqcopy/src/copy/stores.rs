//! [`Stores`]: the stores of a type that is known by its layout only. They are found once, before any of them is made: while the sequence
//! word is busy nothing may panic (I9 no-panic), which [`at_run_time`](super::at_run_time) does not promise.

use alloc::vec::Vec;
use core::ops::Range;

use super::direction::{Sides, Store};
use super::part::PartCopy;
use super::transfer::{Transfer, Whole};
use crate::Layout;
use crate::layout::AccessKind;

/// How many series there may be. They are kept in memory, and the layout may come from another machine.
const MOST: usize = 1 << 20;

/// By which accesses values of a type are stored, of which only the layout is known.
#[derive(Debug, Clone)]
pub struct Stores(Vec<Series>);

/// Equal accesses side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series {
    pub(super) at: usize,
    pub(super) width: usize,
    count: usize,
    /// Whether they are single bytes, made all at once.
    pub(super) is_run: bool,
}

impl Series {
    /// Where what is accessed ends: inside of the type, so nothing wraps.
    pub(super) fn end(&self) -> usize {
        self.at.wrapping_add(self.width.wrapping_mul(self.count))
    }

    /// Those of a layout, unless there are too many.
    #[track_caller]
    pub(super) fn all(layout: &Layout, base: usize) -> Option<Vec<Series>> {
        assert!(!layout.has_pointers(), "pointers are not bytes");
        let (mut all, mut fits) = (Vec::new(), true);
        layout.each_series(base, |first, count| {
            fits &= all.len() < MOST;
            if fits {
                let is_run = matches!(first.kind, AccessKind::Vector);
                all.push(Series { at: first.offset, width: first.width, count, is_run });
            }
        });
        fits.then_some(all)
    }
}

impl Stores {
    /// Those of a layout, in storage that is aligned to `base`. `None` if there are more than 2^20 groups of equal accesses side by side.
    ///
    /// # Panics
    /// If `base` is not a power of two, or the type has pointers, whose provenance bytes do not have.
    #[must_use]
    #[track_caller]
    pub fn of(layout: &Layout, base: usize) -> Option<Self> {
        Series::all(layout, base).map(Stores)
    }

    /// Stores the data bytes of a value. Of an enum with fields those of all variants are stored as they are.
    ///
    /// # Safety
    /// * `shared` is aligned to the base and writable for the size of the type. Whatever else accesses those bytes during the call does so by
    ///   the partition of the same type at the same base (I1 partition).
    /// * `value` is as long, initialised, not written during the call, and not in `shared`. It needs no alignment.
    #[inline]
    pub unsafe fn store(&self, value: *const u8, shared: *mut u8) {
        // Most types that are shared are one run.
        if let [Series { at, count, is_run: true, .. }] = *self.0 {
            // SAFETY: as in `store_each` (I1 partition, I2 init, I3 exact, I4 private).
            unsafe { bytes(value.wrapping_add(at), shared.wrapping_add(at), count) };
        } else {
            // SAFETY: the same contract.
            unsafe { self.store_each(value, shared) };
        }
    }

    /// # Safety
    /// As for [`store`](Self::store).
    unsafe fn store_each(&self, value: *const u8, shared: *mut u8) {
        // SAFETY: the accesses of this layout at this base (I1 partition, I3 exact), by the contract; all bytes are initialised (I2 init,
        // P4 uninit), and those of the value are this thread's (I4 private). A store reads the private side only.
        let copy = unsafe { Whole::<Store>::new(shared, value.cast_mut()) };
        for &Series { at, width, count, is_run } in &self.0 {
            if is_run {
                // SAFETY: as above (I1 partition, I2 init, I3 exact, I4 private).
                unsafe { bytes(value.wrapping_add(at), shared.wrapping_add(at), count) };
            } else {
                words(&copy, at, width, count);
            }
        }
    }

    /// Stores the data bytes of a range, such as some elements of a slice, by the accesses that have some of them. What else such an access
    /// has is loaded first, and stored as it is.
    ///
    /// # Safety
    /// * As for [`store`](Self::store), but `value` is the place of the first byte of the range, which lies inside of the type, and has
    ///   the bytes of the range only.
    /// * The bytes of `shared` are initialised (I2 init). No other thread stores to them during the call, and all stores made before
    ///   happen-before it (I5 one-writer).
    pub unsafe fn store_range(&self, value: *const u8, shared: *mut u8, range: Range<usize>) {
        let sides = Sides { shared, private: value.cast_mut() };
        // SAFETY: accesses of this layout at this base (I1 partition, I3 exact) to initialised bytes (I2 init, P4 uninit), by the only writer
        // (I5 one-writer). Those of the range are this thread's (I4 private), and a store reads the private side only.
        let part = unsafe { PartCopy::<Store>::new(sides, range.start, range.len()) };
        let first = self.0.partition_point(|series| series.end() <= range.start);
        for series @ &Series { at, width, count, is_run } in self.0.iter().skip(first) {
            let (from, until) = (at.max(range.start), series.end().min(range.end));
            if from >= until {
                break;
            }
            if is_run {
                let value = value.wrapping_add(from.wrapping_sub(range.start));
                // SAFETY: single bytes of a run, inside of the range (I1 partition, I2 init, I3 exact, I4 private).
                unsafe { bytes(value, shared.wrapping_add(from), until.wrapping_sub(from)) };
            } else {
                words(&part, at, width, count);
            }
        }
    }
}

/// Words of a width that is known when this runs.
#[inline(always)]
fn words(copy: &impl Transfer, at: usize, width: usize, count: usize) {
    match width {
        1 => copy.words::<u8>(at, count),
        2 => copy.words::<u16>(at, count),
        4 => copy.words::<u32>(at, count),
        #[cfg(target_pointer_width = "64")]
        8 => copy.words::<u64>(at, count),
        // There are no others.
        _ => {}
    }
}

/// One copy of this code, which is long; programs in C call it too.
///
/// # Safety
/// As for a `Word::store` of each byte; as many are initialised in the value, which no other thread writes.
#[inline(never)]
pub unsafe extern "C" fn bytes(value: *const u8, shared: *mut u8, len: usize) {
    // SAFETY: this function's contract (I1 partition, I2 init, I4 private).
    unsafe { Whole::<Store>::new(shared, value.cast_mut()) }.bytes(0, len);
}

#[cfg(all(test, feature = "derive"))]
mod tests {
    use super::*;
    use crate::{Aligned8, SeqCopy, SeqOption};

    #[derive(Clone, Copy, SeqCopy)]
    #[seqcopy(crate = crate)]
    #[repr(C)]
    struct Sample {
        id: u16,
        level: SeqOption<u64>,
        list: [(u8, u32); 5],
        ok: bool,
    }

    /// What is stored by the layout is what a load of the type finds, and padding is left alone.
    fn stores_what_loads_find<T: SeqCopy>() {
        const FILL: u8 = 0xa5;
        let size = size_of::<T>();
        let value: Vec<u8> = (0..size).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
        let stores = Stores::of(T::LAYOUT, align_of::<Aligned8<T>>()).unwrap();
        let mut shared = core::mem::MaybeUninit::<Aligned8<T>>::uninit();
        // Not by way of a shared reference: all accesses are atomic, loads included.
        let shared: *mut u8 = shared.as_mut_ptr().cast();
        // SAFETY: a local of that size (I4 private).
        unsafe { core::ptr::write_bytes(shared, FILL, size_of::<Aligned8<T>>()) };
        // SAFETY: a local, aligned, and the bytes of a vector of that length (I1 partition, I4 private).
        unsafe { stores.store(value.as_ptr(), shared) };
        let mut found = alloc::vec![FILL; size];
        // SAFETY: a local, initialised above, aligned to the base (I1 partition, I2 init).
        unsafe { crate::raw::load_by(T::LAYOUT, align_of::<Aligned8<T>>(), shared, found.as_mut_ptr()) };
        let mut data = alloc::vec![false; size];
        T::LAYOUT.each_access(align_of::<Aligned8<T>>(), |access| {
            data[access.offset..access.offset + access.width].fill(true);
        });
        for (at, is_data) in data.into_iter().enumerate() {
            // SAFETY: inside of the local (I4 private).
            let stored = unsafe { shared.add(at) };
            // SAFETY: initialised above (P4 uninit).
            let stored = unsafe { stored.read() };
            assert_eq!(stored, if is_data { value[at] } else { FILL }, "{at}");
            assert_eq!(found[at], stored, "{at}");
        }
    }

    #[test]
    fn every_data_byte_and_no_other() {
        stores_what_loads_find::<Sample>();
        stores_what_loads_find::<[u8; 100]>();
        stores_what_loads_find::<[(u8, u32); 8]>();
        stores_what_loads_find::<()>();
    }

    #[test]
    fn a_range_is_stored_and_nothing_else() {
        fn of<T: SeqCopy>() {
            let (size, base) = (size_of::<T>(), align_of::<Aligned8<T>>());
            let stores = Stores::of(T::LAYOUT, base).unwrap();
            let mut is_data = alloc::vec![false; size];
            T::LAYOUT.each_access(base, |access| is_data[access.offset..access.offset + access.width].fill(true));
            let mut shared = core::mem::MaybeUninit::<Aligned8<T>>::uninit();
            let shared: *mut u8 = shared.as_mut_ptr().cast();
            let steps = if cfg!(miri) { (size / 3 + 1, size / 4 + 1) } else { (1, 1) };
            for start in (0..=size).step_by(steps.0) {
                for end in (start..=size).step_by(steps.1).chain([size]) {
                    for at in 0..size {
                        // SAFETY: a local of that size (I4 private).
                        unsafe { shared.wrapping_add(at).write(u8::try_from(at % 100).unwrap()) };
                    }
                    let value: Vec<u8> = (start..end).map(|at| u8::try_from(100 + at % 100).unwrap()).collect();
                    // SAFETY: a local, initialised above, aligned to the base (I1 partition, I2 init, I5 one-writer), and the bytes of a vector
                    // of that length (I4 private).
                    unsafe { stores.store_range(value.as_ptr(), shared, start..end) };
                    for (at, is_data) in is_data.iter().enumerate() {
                        // SAFETY: inside of the local, initialised above (I4 private, P4 uninit).
                        let stored = unsafe { shared.wrapping_add(at).read() };
                        let is_new = *is_data && (start..end).contains(&at);
                        let byte = u8::try_from(if is_new { 100 + at % 100 } else { at % 100 }).unwrap();
                        assert_eq!(stored, byte, "{at} of {start}..{end} in {}", T::LAYOUT.type_name());
                    }
                }
            }
        }
        of::<Sample>();
        of::<[(u8, u32); 8]>();
        of::<[[u8; 3]; 5]>();
        of::<[u16; 9]>();
        of::<[u64; 20]>();
        of::<[u8; 100]>();
        of::<()>();
    }

    #[test]
    #[cfg_attr(miri, ignore = "a million steps")]
    fn the_list_is_bounded() {
        // Two series in each element, unless their place lets them be one.
        const LEN: usize = MOST / 2;
        assert!(Stores::of(<[(u8, u32); LEN]>::LAYOUT, 8).is_some());
        assert!(Stores::of(<[(u8, u32); LEN + 1]>::LAYOUT, 8).is_none());
    }
}
