//! Loads and stores make the accesses of the partition: each access is noted where it is made.

use core::mem::MaybeUninit;
use std::vec::Vec;

use super::direction::Store;
use super::partition::Partition;
use super::table::Table;
use super::transfer::{Whole, trace};
use super::{Form, has_table};
use crate::seq_copy::visitor::{EnumWithFields as AnyChoice, Visitor};
use crate::{Aligned8, AtomicPerByte, SeqCopy, SeqLock, SeqOption, raw};

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Padded {
    a: u8,
    b: u64,
    c: [u16; 7],
    d: *const u8,
    e: bool,
}

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C, packed(2))]
struct Packed(u8, u64, [Small; 3]);

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Small {
    a: u32,
    b: u8,
}

/// 12 bytes.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Uneven {
    a: [u32; 2],
    b: u8,
}

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(u8)]
enum EnumWithFields {
    A,
    B(u16, u64),
    C { pointer: *const u8, inner: SeqOption<u32> },
}

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
struct Rust {
    a: u8,
    b: (u64, EnumWithFields),
    c: [Packed; 2],
    d: [[u8; 33]; 2],
}

/// Data and padding only, in several ways; and between pointers.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Spans {
    a: u8,
    b: u64,
    c: *const u8,
    d: [Small; 9],
    e: (u16, u64, [Small; 2]),
    f: EnumWithFields,
    g: Small,
    h: u64,
    i: u8,
}

/// Its order in memory is the compiler's, and a walk may come into a span twice.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
struct Shuffled {
    a: u8,
    b: *const u8,
    c: (u64, u8),
    d: [Small; 5],
    e: *const u8,
    f: [u16; 7],
    g: Small,
}

const SPANS: Spans = Spans {
    a: 1,
    b: 2,
    c: core::ptr::null(),
    d: [Small { a: 3, b: 4 }; 9],
    e: (5, 6, [Small { a: 7, b: 8 }; 2]),
    f: EnumWithFields::A,
    g: Small { a: 9, b: 10 },
    h: 11,
    i: 12,
};
const SHUFFLED: Shuffled = Shuffled {
    a: 1,
    b: core::ptr::null(),
    c: (2, 3),
    d: [Small { a: 4, b: 5 }; 5],
    e: core::ptr::null(),
    f: [6; 7],
    g: Small { a: 7, b: 8 },
};
const PADDED: Padded = Padded { a: 1, b: 2, c: [3; 7], d: core::ptr::null(), e: true };
const PACKED: Packed = Packed(1, 2, [Small { a: 3, b: 4 }; 3]);

fn partition_of<T: SeqCopy>() -> Vec<(usize, usize)> {
    T::LAYOUT.accesses(align_of::<T>()).map(|access| (access.offset, access.width)).collect()
}

/// Offsets are noted from the start of the part that is partitioned on its own, so only the widths are compared where there are
/// parts.
fn follows_the_partition<T: SeqCopy + Copy>(value: T) {
    follows_it_in_both_forms(value);
    follows_it_in_both_forms(Aligned8(value));
    let expected: Vec<usize> = partition_of::<T>().iter().map(|access| access.1).collect();
    let widths = || trace::take().iter().map(|access| access.1).collect::<Vec<_>>();
    trace::take();
    let cell = AtomicPerByte::new(value);
    assert_eq!(widths(), [0usize; 0], "`new` is exclusive and makes no atomic access");
    cell.store(&value);
    assert_eq!(widths(), expected, "store of {}", T::LAYOUT.name());
    let _ = cell.load();
    assert_eq!(widths(), expected, "load of {}", T::LAYOUT.name());
    // SAFETY: a cell's bytes; raw accesses agree with its own.
    unsafe { raw::store(cell.as_ptr(), &value) };
    assert_eq!(widths(), expected, "raw store of {}", T::LAYOUT.name());
    // SAFETY: as above.
    let _ = unsafe { raw::load(cell.as_ptr()) };
    assert_eq!(widths(), expected, "raw load of {}", T::LAYOUT.name());

    let expected: Vec<usize> = partition_of::<Aligned8<T>>().iter().map(|access| access.1).collect();
    let lock = SeqLock::new(value);
    lock.write(value);
    assert_eq!(widths(), expected, "write of {}", T::LAYOUT.name());
    lock.read();
    assert_eq!(widths(), expected, "read of {}", T::LAYOUT.name());
}

/// Whatever form this build copies in, both forms make the same accesses.
fn follows_it_in_both_forms<T: SeqCopy + Copy>(value: T) {
    let expected: Vec<usize> = partition_of::<T>().iter().map(|access| access.1).collect();
    let cell = AtomicPerByte::new(value);
    let mut buf = MaybeUninit::<T>::uninit();
    trace::take();
    for form in [Form::Visit, Form::Table] {
        let widths = || trace::take().iter().map(|access| access.1).collect::<Vec<_>>();
        // SAFETY: a cell's bytes, which only this thread uses.
        unsafe { form.store(&value, cell.as_ptr()) };
        assert_eq!(widths(), expected, "{form:?}: store of {}", T::LAYOUT.name());
        // SAFETY: as above. The cell is this function's own, its padding included.
        unsafe { form.store_owned(&value, cell.as_ptr()) };
        assert_eq!(widths(), expected, "{form:?}: store of {} in a lock", T::LAYOUT.name());
        // SAFETY: as above, and a local.
        unsafe { form.load(cell.as_ptr().cast_const(), buf.as_mut_ptr().cast()) };
        assert_eq!(widths(), expected, "{form:?}: load of {}", T::LAYOUT.name());
    }
}

#[test]
fn loads_and_stores_make_the_accesses_of_the_partition() {
    follows_the_partition(7u8);
    follows_the_partition([7u8; 37]);
    follows_the_partition(u128::MAX);
    follows_the_partition(PADDED);
    follows_the_partition([PADDED; 3]);
    follows_the_partition(PACKED);
    // Storage may be aligned to more than the distance of its elements is.
    follows_the_partition([Uneven { a: [1; 2], b: 2 }; 1]);
    follows_the_partition([Small { a: 1, b: 2 }; 3]);
    follows_the_partition([[Small { a: 1, b: 2 }; 13]; 5]);
    follows_the_partition(SPANS);
    follows_the_partition([SPANS; 2]);
    follows_the_partition(SHUFFLED);
    follows_the_partition((1u8, [SHUFFLED; 2], 3u64));
    for choice in [
        EnumWithFields::A,
        EnumWithFields::B(1, 2),
        EnumWithFields::C { pointer: core::ptr::null(), inner: SeqOption::Some(1) },
        EnumWithFields::C { pointer: core::ptr::null(), inner: SeqOption::None },
    ] {
        // The same accesses whatever the variant.
        follows_the_partition(choice);
        follows_the_partition([choice; 2]);
        follows_the_partition(Rust { a: 1, b: (2, choice), c: [PACKED; 2], d: [[1; 33]; 2] });
    }
}

/// More steps than a table may have, and an enum that is too large for a second copy on the stack.
#[test]
#[cfg_attr(miri, ignore = "takes half an hour there")]
fn types_without_a_table_are_copied_by_their_visit() {
    #[derive(Clone, Copy, PartialEq, Debug, SeqCopy)]
    #[seqcopy(crate = crate)]
    #[repr(C, u8)]
    enum Large {
        Bytes([u8; 1 << 14]),
    }
    /// Two steps for each element.
    #[derive(Clone, Copy, SeqCopy)]
    #[seqcopy(crate = crate)]
    #[repr(C, u8)]
    enum Gaps {
        Gaps([(u8, *const u8); 200]),
    }
    type Many = (Gaps, Gaps, Gaps);
    let gaps = Gaps::Gaps([(7, core::ptr::null()); 200]);
    assert!(!has_table::<Many, false>() && !has_table::<Large, true>());
    assert!(has_table::<[Padded; 5000], true>(), "a loop is one step");
    assert!(has_table::<SeqOption<[u8; 1000]>, true>() && has_table::<Gaps, false>());
    assert_eq!(Table::<Many, true>::STEPS.len(), 0);
    follows_it_in_both_forms(Large::Bytes([7; 1 << 14]));
    follows_it_in_both_forms(gaps);
    follows_it_in_both_forms((gaps, gaps, gaps));
}

#[test]
fn offsets_are_those_of_the_partition() {
    // Types without parts, so that what is noted are offsets from the start.
    fn exactly<T: SeqCopy + Copy>(value: T) {
        let cell = AtomicPerByte::new(value);
        trace::take();
        cell.store(&value);
        assert_eq!(trace::take(), partition_of::<T>());
        let _ = cell.load();
        assert_eq!(trace::take(), partition_of::<T>());
    }
    exactly(PADDED);
    exactly([7u16; 9]);
    exactly((1u8, 2u64, 3u16, true));
    exactly(EnumWithFields::B(1, 2));
}

/// What a partition makes of announcements.
fn merged(announce: impl FnOnce(&mut Partition<Whole<Store>>)) -> Vec<(usize, usize)> {
    let (mut from, mut to) = ([0u64; 4], [0u64; 4]);
    trace::take();
    // SAFETY: two locals; what is announced lies inside.
    let copy = unsafe { Whole::<Store>::new(to.as_mut_ptr().cast(), from.as_mut_ptr().cast(), false) };
    let mut partition = Partition::new(copy, 8);
    announce(&mut partition);
    partition.flush();
    trace::take()
}

#[test]
fn announcements_of_no_bytes_move_nothing() {
    let with_marks = merged(|partition| {
        partition.data(16, 0);
        partition.seek(8);
        partition.data(8, 2);
        partition.data(0, 0);
        partition.data(10, 2);
        partition.data(24, 0);
    });
    assert_eq!(with_marks, [(8, 4)]);
}

#[test]
fn a_walk_that_goes_astray_makes_no_run_of_its_own() {
    // Without a `seek`: onwards, and back behind the beginning of the run. No byte twice, by accesses of two sizes: Miri stops there.
    let astray = merged(|partition| {
        partition.data(12, 1);
        partition.data(16, 4);
        partition.data(20, 4);
        partition.data(2, 2);
        partition.pointer(24);
        partition.data(0, 1);
    });
    let word = size_of::<usize>();
    let wide = if word == 8 { [(16, 8)].as_slice() } else { &[(16, 4), (20, 4)] };
    assert_eq!(astray, [&[(12, 1)], wide, &[(2, 2), (24, word), (0, 1)]].concat());
}

/// Counts announcements.
struct Count(usize);

impl Visitor for Count {
    fn data(&mut self, _: usize, _: usize) {
        self.0 += 1;
    }

    fn pointer(&mut self, _: usize) {
        self.0 += 1;
    }

    fn array<T: SeqCopy>(&mut self, _: usize, _: usize) {
        self.0 += 1;
    }

    fn enum_with_fields<E: AnyChoice>(&mut self, _: usize) {
        self.0 += 1;
    }

    fn seek(&mut self, _: usize) {
        self.0 += 1;
    }
}

#[test]
fn a_leaf_without_bytes_announces_nothing() {
    let mut count = Count(0);
    crate::private::leaf::<(), _>(&mut count, 4);
    assert_eq!(count.0, 0);
    crate::private::leaf::<u8, _>(&mut count, 4);
    assert_eq!(count.0, 1);
}

/// The accesses of the partition that touch a part, and no others, for every part of some types.
#[test]
fn a_part_is_copied_by_the_accesses_that_touch_it() {
    /// `enums` are where its enums with fields lie.
    fn exactly<T: SeqCopy + Copy>(value: T, enums: &[core::ops::Range<usize>]) {
        let expected: Vec<(usize, usize)> =
            T::LAYOUT.accesses(align_of::<T>()).map(|access| (access.offset, access.width)).collect();
        let cell = AtomicPerByte::new(value);
        let mut part = MaybeUninit::<T>::uninit();
        // Under Miri some of them.
        let (step, next) = if cfg!(miri) { (5, 7) } else { (1, 1) };
        for from in (0..=size_of::<T>()).step_by(step) {
            for to in (from + 1..=size_of::<T>()).step_by(next) {
                // Enums with fields are inside of a part, or outside.
                if enums.iter().any(|it| from < it.end && to > it.start && (from > it.start || to < it.end)) {
                    continue;
                }
                let touch = |&&(at, width): &&(usize, usize)| at < to && at + width > from;
                let expected: Vec<_> = expected.iter().filter(touch).copied().collect();
                let private: *mut u8 = part.as_mut_ptr().cast();
                trace::take();
                // SAFETY: a cell's bytes, which only this thread uses, and a local that is large enough.
                unsafe { super::load_part(cell.as_ptr().cast_const(), private, from, to - from) };
                assert_eq!(trace::take(), expected, "load of {from}..{to} of {}", T::LAYOUT.name());
                // SAFETY: as above. What lies there was just loaded.
                unsafe { super::store_part(private, cell.as_ptr(), from, to - from) };
                assert_eq!(trace::take(), expected, "store of {from}..{to} of {}", T::LAYOUT.name());
            }
        }
    }
    exactly(PADDED, &[]);
    exactly(Aligned8(PADDED), &[]);
    exactly([PADDED; 2], &[]);
    exactly(PACKED, &[]);
    exactly([7u16; 9], &[]);
    exactly(Aligned8([7u8; 37]), &[]);
    exactly((1u8, 2u64, 3u16, true), &[]);
    exactly([(Small { a: 1, b: 2 }, 3u64); 3], &[]);
    let choice = size_of::<u64>()..size_of::<u64>() + size_of::<EnumWithFields>();
    exactly(Beside(1, EnumWithFields::B(2, 3), 4), &[choice]);
}

/// An enum between words.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Beside(u64, EnumWithFields, u16);

/// Payload of an enum and what lies behind it, as one field.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Tail(u32, u32);

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Flat {
    tag: u32,
    tail: Tail,
}

/// The same bytes, of which the first eight are an enum.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Nested(OfWords, u32);

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(u32)]
#[allow(dead_code)] // a description of bytes
enum OfWords {
    A(u32),
    B(i32),
}

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
struct AsNested {
    // SAFETY: numbers only, and the tag is 0 or 1.
    #[seqcopy(unsafe(as = Nested))]
    flat: Flat,
}

#[test]
fn a_part_that_splits_an_enum_is_stored_whole_or_not() {
    use crate::{SeqLatch, SeqLock};
    let old = AsNested { flat: Flat { tag: 1, tail: Tail(2, 3) } };
    let new = Tail(20, 30);
    let tail = crate::part!(AsNested, flat).then(crate::part!(Flat, tail));
    let lock = SeqLock::new(old);
    assert_eq!(lock.read_part(tail), old.flat.tail);
    lock.write_part(tail, new);
    let found = lock.read().flat.tail;
    assert!(found == old.flat.tail || found == new, "half of a field was stored: {found:?}");
    // `part!` of it does not compile.
    for (from, len, is_part) in [(0, 12, true), (8, 4, true), (0, 8, true), (4, 4, false), (4, 8, false), (0, 4, false)]
    {
        assert_eq!(AsNested::LAYOUT.no_part(from, len).is_none(), is_part, "{from} {len}");
    }
    for (from, len, is_part) in [(12, 12, true), (8, 12, true), (8, 16, true), (4, 12, false), (0, 16, false)] {
        assert_eq!(<[Nested; 2]>::LAYOUT.no_part(from, len).is_none(), is_part, "two: {from} {len}");
    }
    // A latch stores the whole value.
    let latch = SeqLatch::<_, 2>::new(old);
    latch.write_part(tail, new);
    assert_eq!(latch.read().flat, Flat { tag: 1, tail: new });
    // Parts beside the enum, and around it.
    lock.write_part(crate::part!(AsNested, flat), Flat { tag: 0, tail: Tail(5, 6) });
    lock.write_part(tail.then(crate::part!(Tail, 1)), 7);
    assert_eq!(lock.read().flat, Flat { tag: 0, tail: Tail(5, 7) });
}
