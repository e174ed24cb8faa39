//! Copies of elements make the accesses of the partition of the whole that touch them, and no others.

use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ops::Range;
use std::vec::Vec;

use crate::copy::each_access;

use super::super::direction::Sides;
use super::super::elements::Elements;
use super::super::part::PartCopy;
use super::super::transfer::Transfer;
use super::super::vector::Word;
use super::{EnumWithFields, NOTED, Note, Noted, PACKED, Packed, Padded, SHUFFLED, SPANS, Small, Uneven};

use crate::{Layout, SeqCopy, SeqOption, SeqVec};

/// Small and aligned to two bytes, with padding.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Flagged(u16, u8);

/// Aligned to one byte, and not dense.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C, u8)]
enum Bytes {
    A([u8; 3]),
    B(u8),
}

/// Aligned to two.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C, u16)]
enum Halves {
    A([u16; 3]),
    B(u8),
}

/// The accesses of the partition of `layout` that touch the bytes from `from` to `to`.
fn expected(layout: &Layout, base: usize, from: usize, to: usize) -> Vec<Noted> {
    let mut noted = Vec::new();
    layout.each_access(base, |it| {
        if from < to && it.offset < to && it.offset + it.width > from {
            noted.push((it.offset, it.width, false));
        }
    });
    noted
}

/// Copies that move spans make the accesses that are `expected`, and others to single bytes of the part's padding.
fn check_moved(moved: &[Noted], expected: &[Noted], part: Range<usize>, name: &str) {
    let moved: Vec<Noted> = moved
        .iter()
        .flat_map(|&(at, len, is_span)| {
            let (count, width) = if is_span { (len, 1) } else { (1, len) };
            (0..count).map(move |i| (at + i, width, false))
        })
        .collect();
    assert!(expected.iter().all(|it| moved.contains(it)), "{name}: {moved:?}, not {expected:?}");
    let of_padding = |at| expected.iter().all(|it| at < it.0 || at >= it.0 + it.1);
    let is_right = |it: &Noted| expected.contains(it) || it.1 == 1 && part.contains(&it.0) && of_padding(it.0);
    assert!(moved.iter().all(is_right), "{name}: {moved:?}, not {expected:?}");
}

/// Every stretch of some elements.
fn each_stretch<T: SeqCopy + Copy>(layout: &Layout, base: usize, offset: usize, value: T, capacity: usize) {
    let elements = Elements::<T>::from_layout(layout, base, offset, capacity);
    let values = std::vec![value; capacity];
    let sides = Sides { shared: core::ptr::null_mut(), private: values.as_ptr().cast_mut().cast() };
    for first in 0..=capacity {
        for count in 0..=capacity - first {
            let (from, to) = (offset + first * size_of::<T>(), offset + (first + count) * size_of::<T>());
            let expected = expected(layout, base, from, to);
            let name = std::format!("{} at {offset}, base {base}, {first}+{count} of {capacity}", T::LAYOUT.name());
            // SAFETY: no access is made of the shared side; at the private one lie as many values (I4 private).
            unsafe { elements.copy::<Note<false>, false>(sides, first, count) };
            assert_eq!(NOTED.take(), expected, "load, {name}");
            // SAFETY: at the private side lie as many values, and no access is made of the other (I4 private).
            unsafe { elements.copy::<Note<true>, false>(sides, first, count) };
            assert_eq!(NOTED.take(), expected, "store, {name}");
            // SAFETY: at the private side lie as many values, and no access is made of the other (I4 private).
            unsafe { elements.copy::<Note<true>, true>(sides, first, count) };
            let moved = NOTED.take();
            check_moved(&moved, &expected, from..to, &name);
            // SAFETY: no access is made (I3 exact).
            let part = unsafe { PartCopy::<Note<false>>::new(sides, from, to - from) };
            each_access::accesses(part, layout, base, false);
            assert_eq!(NOTED.take(), self::expected(layout, base, from, to), "by the layout, {name}");
        }
    }
}

/// In arrays, and after a length, as in a [`SeqVec`].
fn lists_of<T: SeqCopy + Copy, const N: usize>(value: T) {
    let list = <SeqVec<T, N>>::LAYOUT;
    let offset = list.fields()[1].offset();
    for base in [1, 2, 4, 8, 16] {
        if base >= align_of::<T>() {
            each_stretch(&Layout::of_array(T::LAYOUT, N), base, 0, value, N);
        }
        if base >= list.align() {
            each_stretch(list, base, offset, value, N);
            each_stretch(list, base, 0, 7u32, 1);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes half an hour there, and makes no access")]
fn elements_are_copied_by_the_accesses_that_touch_them() {
    lists_of::<_, 0>(7u8);
    lists_of::<_, 1>(7u64);
    lists_of::<_, 5>(7u8);
    lists_of::<_, 6>([7u8; 5]);
    lists_of::<_, 7>(7u16);
    lists_of::<_, 5>([7.0f32; 3]);
    lists_of::<_, 4>(7u64);
    lists_of::<_, 3>(u128::MAX);
    lists_of::<_, 4>(Flagged(1, 2));
    lists_of::<_, 3>([Flagged(1, 2); 2]);
    lists_of::<_, 5>(Small { a: 1, b: 2 });
    lists_of::<_, 3>(Uneven { a: [1; 2], b: 2 });
    lists_of::<_, 3>(PACKED);
    lists_of::<_, 3>(Padded { a: 1, b: 2, c: [3; 7], d: core::ptr::null(), e: true });
    lists_of::<_, 3>(core::ptr::null::<u8>());
    for value in [Bytes::A([1; 3]), Bytes::B(2)] {
        lists_of::<_, 4>(value);
    }
    for value in [Halves::A([1; 3]), Halves::B(2)] {
        lists_of::<_, 4>(value);
    }
    for value in [EnumWithFields::B(1, 2), EnumWithFields::C { pointer: core::ptr::null(), inner: SeqOption::Some(1) }]
    {
        lists_of::<_, 3>(value);
    }
    lists_of::<_, 4>(SPANS);
    lists_of::<_, 2>(SHUFFLED);
    lists_of::<_, 3>([PACKED; 2]);
}

/// A whole slice, by the accesses of the array that it is; of dense elements at an alignment of 1, any part of it.
fn slices_of<T: SeqCopy + Copy>(value: T, longest: usize) {
    let values = std::vec![value; longest];
    let sides = Sides { shared: core::ptr::null_mut(), private: values.as_ptr().cast_mut().cast() };
    for len in 0..=longest {
        let whole = expected(&Layout::of_array(T::LAYOUT, len), align_of::<T>(), 0, len * size_of::<T>());
        // SAFETY: no access is made of the shared side; at the private one lie as many values (I4 private).
        unsafe { Elements::<T>::copy_array::<Note<false>, false>(sides, len) };
        assert_eq!(NOTED.take(), whole, "load of {len} {}", T::LAYOUT.name());
        // SAFETY: no access is made of the shared side; at the private one lie as many values (I4 private).
        unsafe { Elements::<T>::copy_array::<Note<true>, false>(sides, len) };
        assert_eq!(NOTED.take(), whole, "store of {len} {}", T::LAYOUT.name());
        let is_bytes = align_of::<T>() == 1 && T::LAYOUT.is_dense();
        assert!(!is_bytes || whole.iter().all(|it| it.1 == 1), "any parts of bytes may be accessed");
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes long there, and makes no access")]
fn slices_are_copied_by_the_accesses_of_an_array() {
    slices_of(7u8, 300);
    slices_of([7u8; 5], 70);
    slices_of(true, 130);
    slices_of(7u16, 200);
    slices_of(7.0f32, 150);
    slices_of(7u64, 60);
    slices_of((), 5);
    slices_of(Flagged(1, 2), 70);
    slices_of(Small { a: 1, b: 2 }, 70);
    slices_of(PACKED, 20);
    slices_of(core::ptr::null::<u8>(), 20);
    slices_of(Bytes::A([1; 3]), 20);
    slices_of(EnumWithFields::B(1, 2), 10);
    slices_of(Padded { a: 1, b: 2, c: [3; 7], d: core::ptr::null(), e: true }, 10);
    slices_of(SPANS, 5);
}

#[test]
#[should_panic(expected = "an array that is not inside")]
fn an_array_that_is_longer_than_the_value_is_refused() {
    let _ = Elements::<u16>::from_layout(<[u16; 4]>::LAYOUT, 2, 0, 5);
}

#[test]
#[should_panic(expected = "something else lies there")]
fn another_type_is_refused() {
    let _ = Elements::<Packed>::from_layout(<[u16; 100]>::LAYOUT, 2, 0, 2);
}

/// There and back, every stretch; and nothing else changes.
#[test]
fn elements_are_loaded_and_stored() {
    const COUNT: usize = 9;
    let layout = &Layout::of_array(Flagged::LAYOUT, COUNT);
    let elements = Elements::<Flagged>::from_layout(layout, 2, 0, COUNT);
    let values: Vec<_> =
        (0..COUNT).map(|i| Flagged(u16::try_from(i).unwrap() | 0x100, 0x80 | u8::try_from(i).unwrap())).collect();
    for first in 0..=COUNT {
        for count in 0..=COUNT - first {
            let mut shared = [Flagged(0, 0); COUNT];
            let place: *mut u8 = (&raw mut shared).cast();
            // SAFETY: locals, of this layout, and this thread's alone (I1 partition, I4 private).
            unsafe { elements.store_elements(values[first..].as_ptr(), first, count, place) };
            let mut loaded = [const { MaybeUninit::<Flagged>::uninit() }; COUNT];
            // SAFETY: locals, of this layout, and this thread's alone (I1 partition, I4 private).
            unsafe { elements.load_elements(place, first, count, loaded.as_mut_ptr().cast()) };
            for i in 0..COUNT {
                let stored = i >= first && i < first + count;
                let found = shared[i];
                assert_eq!((found.0, found.1), if stored { (values[i].0, values[i].1) } else { (0, 0) });
                if stored {
                    // SAFETY: just loaded, from values (I7 checked).
                    let read = unsafe { loaded[i - first].assume_init() };
                    assert_eq!((read.0, read.1), (values[i].0, values[i].1));
                }
            }
        }
    }
}

/// Counts the elements that a walk comes to, of which it is told that two are touched.
#[derive(Clone, Copy)]
struct Visits<'c>(&'c Cell<usize>);

impl Transfer for Visits<'_> {
    fn word<W: Word>(&self, _offset: usize) {}

    fn bytes(&self, _offset: usize, _len: usize) {}

    fn pointer(&self, _offset: usize) {}

    fn touched(&self, _offset: usize, _size: usize, _count: usize) -> Range<usize> {
        3..5
    }

    fn at(&self, _offset: usize) -> Self {
        self.0.set(self.0.get() + 1);
        *self
    }
}

/// The time that a part takes does not depend on the array's length.
#[test]
fn elements_that_are_not_touched_are_not_visited() {
    let visits = Cell::new(0);
    each_access::accesses(Visits(&visits), &Layout::of_array(Small::LAYOUT, 100), 4, false);
    assert_eq!(visits.get(), 2);
}
