//! Loads and stores make the accesses of the partition: a direction takes them down where others make them.

mod elements;
#[cfg(feature = "alloc")]
mod series;

use core::cell::RefCell;
use core::mem::MaybeUninit;
use core::ops::Range;
use std::thread_local;
use std::vec::Vec;

use super::direction::{Direction, Sides};
use super::part::copy_part;
use super::transfer::{Of, Steps, Whole};
use super::vector::Word;
use super::{by_table, copy_active, straight};
use crate::{Aligned8, SeqCopy, SeqLatch, SeqLock, SeqOption};

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
#[repr(C)]
struct LowC {
    a: u32,
    b: Low,
    c: u64,
}

/// At an offset that is aligned less than the whole.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C, u32)]
#[allow(dead_code)]
enum Low {
    A,
    B([u32; 2]),
}

/// Data follows an enum inside of a variant.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(u8)]
enum Followed {
    A(SeqOption<u32>, u64),
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

/// What is accessed at the shared side: where, how many bytes, and whether that is a span.
type Noted = (usize, usize, bool);

thread_local! {
    static NOTED: RefCell<Vec<Noted>> = const { RefCell::new(Vec::new()) };
}

/// Notes accesses and makes none. The shared side is counted from address 0.
#[derive(Clone, Copy)]
struct Note<const BY_IMAGE: bool>;

#[inline(never)] // else what thousands of accesses inline takes minutes to compile
fn note(sides: Sides, len: usize, is_span: bool) {
    NOTED.with_borrow_mut(|noted| noted.push((sides.shared.addr(), len, is_span)));
}

#[inline(never)]
fn note_bytes(sides: Sides, len: usize) {
    (0..len).for_each(|i| note(sides.at(i), 1, false));
}

impl<const BY_IMAGE: bool> Direction for Note<BY_IMAGE> {
    unsafe fn word<W: Word>(sides: Sides) {
        note(sides, size_of::<W>(), false);
    }

    unsafe fn part_of_word<W: Word>(sides: Sides, before: usize, len: usize) {
        assert!(len > 0 && before + len <= size_of::<W>());
        note(sides, size_of::<W>(), false);
    }

    unsafe fn bytes(sides: Sides, len: usize) {
        note_bytes(sides, len);
    }

    unsafe fn bytes_in_memory(sides: Sides, len: usize) {
        note_bytes(sides, len);
    }

    unsafe fn bytes_of_word<W: Word>(sides: Sides) {
        note_bytes(sides, size_of::<W>());
    }

    unsafe fn span(sides: Sides, len: usize) {
        note(sides, len, true);
    }

    const BY_IMAGE: bool = BY_IMAGE;
}

/// The accesses of the list.
fn partition_of<T: SeqCopy>() -> Vec<Noted> {
    let mut accesses = Vec::new();
    T::LAYOUT.each_access(align_of::<T>(), |access| accesses.push((access.offset, access.width, false)));
    accesses
}

/// Both forms of a copy make the accesses of the list, whichever form this build copies in.
fn follows_the_partition<T: SeqCopy>(value: T) {
    in_both_forms::<T, true>(&value);
    in_both_forms::<T, false>(&value);
    in_both_forms::<Aligned8<T>, true>(&Aligned8(value));
}

/// `BY_IMAGE` as stores do, which ask the value for its variants.
fn in_both_forms<T: SeqCopy, const BY_IMAGE: bool>(value: &T) {
    let private = core::ptr::from_ref(value).cast::<u8>().cast_mut();
    let name = T::LAYOUT.name();
    // SAFETY: no access is made of the shared side; of the private one the variants' data is read.
    let copy = unsafe { Whole::<Note<BY_IMAGE>>::new(core::ptr::null_mut(), private) };
    by_table::accesses::<_, false>(&copy, Of::<T>::STEPS);
    assert_eq!(NOTED.take(), partition_of::<T>(), "in a loop, {name}");
    // SAFETY: no access is made of the shared side; the private one is a place for a value (I4 private).
    unsafe { straight::copy::<T, Note<BY_IMAGE>, false>(core::ptr::null_mut(), private) };
    assert_eq!(NOTED.take(), partition_of::<T>(), "straight, {name}");
    // SAFETY: no access is made of the shared side; the private one is a place for a value (I4 private).
    unsafe { straight::copy::<T, Note<BY_IMAGE>, true>(core::ptr::null_mut(), private) };
    let moved = NOTED.take();
    with_spans::<T>(&moved);
    by_table::accesses::<_, true>(&copy, Of::<T>::STEPS);
    let mut in_a_loop = NOTED.take();
    // A span is one run there.
    let spans =
        |noted: &[Noted]| noted.iter().filter(|it| it.2).flat_map(|&(at, len, _)| at..at + len).collect::<Vec<_>>();
    let in_spans = spans(&moved);
    in_a_loop.retain(|it| !in_spans.contains(&it.0));
    assert!(in_a_loop.iter().eq(moved.iter().filter(|it| !it.2)), "with spans in a loop, {name}");
}

/// A copy that moves spans makes the other accesses of the list, and in each span there are single bytes only.
fn with_spans<T: SeqCopy>(moved: &[Noted]) {
    let spans: Vec<Range<usize>> = moved.iter().filter(|it| it.2).map(|&(at, len, _)| at..at + len).collect();
    let mut expected = partition_of::<T>();
    for span in &spans {
        let inside = |it: &Noted| span.contains(&it.0);
        assert!(expected.iter().filter(|it| inside(it)).all(|it| it.1 == 1), "{moved:?}");
        assert!(expected.iter().any(|it| it.0 == span.start) && expected.iter().any(|it| it.0 == span.end - 1));
        expected.retain(|it| !inside(it));
    }
    assert!(expected.iter().eq(moved.iter().filter(|it| !it.2)), "{}: {moved:?}", T::LAYOUT.name());
}

#[test]
fn loads_and_stores_make_the_accesses_of_the_partition() {
    follows_the_partition(7u8);
    follows_the_partition([7u8; 37]);
    follows_the_partition(u128::MAX);
    follows_the_partition(PADDED);
    follows_the_partition([PADDED; 3]);
    follows_the_partition(PACKED);
    follows_the_partition(LowC { a: 1, b: Low::B([2; 2]), c: 3 });
    follows_the_partition(Followed::A(SeqOption::Some(1), 2));
    // Storage may be aligned to more than the distance of its elements is.
    follows_the_partition([Uneven { a: [1; 2], b: 2 }; 1]);
    follows_the_partition([Small { a: 1, b: 2 }; 3]);
    follows_the_partition([[Small { a: 1, b: 2 }; 13]; 5]);
    follows_the_partition(SPANS);
    follows_the_partition([SPANS; 2]);
    follows_the_partition(SHUFFLED);
    follows_the_partition((1u8, [SHUFFLED; 2], 3u64));
    let choices = [
        EnumWithFields::A,
        EnumWithFields::B(1, 2),
        EnumWithFields::C { pointer: core::ptr::null(), inner: SeqOption::Some(1) },
        EnumWithFields::C { pointer: core::ptr::null(), inner: SeqOption::None },
    ];
    for choice in choices.into_iter().step_by(if cfg!(miri) { 3 } else { 1 }) {
        // Accesses do not depend on the variant.
        follows_the_partition(choice);
        follows_the_partition([choice; 2]);
        follows_the_partition(Rust { a: 1, b: (2, choice), c: [PACKED; 2], d: [[1; 33]; 2] });
    }
}

/// By a table, whatever form this build copies in: the accesses do not show what an image has.
#[test]
fn what_follows_an_enum_in_a_variant_is_copied() {
    type Storage = Aligned8<Followed>;
    for inner in [SeqOption::Some(1), SeqOption::None] {
        let value = Aligned8(Followed::A(inner, 2));
        let (mut shared, mut loaded) = (MaybeUninit::<Storage>::zeroed(), MaybeUninit::<Storage>::zeroed());
        let (private, at) = ((&raw const value).cast(), shared.as_mut_ptr().cast());
        // SAFETY: a value and its storage, which no other thread has (I1 partition, I2 init, I4 private).
        unsafe { by_table::store_by_table::<Storage, false>(private, at).run() };
        // SAFETY: that storage, and a local for a value (I1 partition, I2 init, I4 private).
        unsafe { by_table::load_by_table::<Storage>(at, loaded.as_mut_ptr().cast()).run() };
        // SAFETY: zeros, and the data of a value over them: a tag, numbers (P14 tag).
        assert_eq!(unsafe { loaded.assume_init() }.0, value.0);
    }
}

/// Where other variants have fields, a copy leaves what was there, whatever the value has: a move may leave anything.
#[test]
fn of_enums_the_active_variants_alone_are_copied() {
    type Two = [EnumWithFields; 2];
    let (mut from, mut to) = ([0xff; size_of::<Two>()], [0; size_of::<Two>()]);
    // `A`, which has no fields, and `B`.
    (from[0], from[size_of::<EnumWithFields>()]) = (0, 1);
    // SAFETY: the tags of two variants, of which one has numbers as fields; initialised bytes (P4 uninit, I4 private).
    unsafe { copy_active::<Two>(from.as_ptr(), to.as_mut_ptr()) };
    let (first, second) = to.split_at(size_of::<EnumWithFields>());
    assert!(first.iter().all(|byte| *byte == 0), "{first:x?}");
    let data = second.iter().map(|byte| usize::from(*byte == 0xff)).sum::<usize>();
    assert_eq!((second[0], data), (1, size_of::<u16>() + size_of::<u64>()), "{second:x?}");
}

/// More steps than straight-line code is made of, more variants than are compared one by one, and an enum that is
/// large.
#[test]
#[cfg_attr(miri, ignore = "takes half an hour there")]
#[allow(clippy::large_stack_arrays)] // an enum that is larger than the images of most
fn large_types_follow_the_partition() {
    #[derive(Clone, Copy, SeqCopy)]
    #[seqcopy(crate = crate)]
    #[repr(C, u8)]
    enum Large {
        Bytes([u8; 1 << 16]),
    }
    /// Two steps for each element.
    #[derive(Clone, Copy, SeqCopy)]
    #[seqcopy(crate = crate)]
    #[repr(C, u8)]
    enum Gaps {
        Gaps([(u8, *const u8); 200]),
    }
    let gaps = Gaps::Gaps([(7, core::ptr::null()); 200]);
    follows_the_partition(Large::Bytes([7; 1 << 16]));
    follows_the_partition(gaps);
    follows_the_partition((gaps, gaps, gaps));
}

/// The accesses of the partition that touch a part, and no others, for every part of some types.
#[test]
fn a_part_is_copied_by_the_accesses_that_touch_it() {
    /// `enums` are where its enums with fields lie.
    fn exactly<T: SeqCopy>(value: &T, enums: &[Range<usize>]) {
        let private = core::ptr::from_ref(value).cast::<u8>().cast_mut();
        let expected = partition_of::<T>();
        // Under Miri some of them.
        let (step, next) = if cfg!(miri) { (7, 11) } else { (1, 1) };
        for from in (0..=size_of::<T>()).step_by(step) {
            for to in (from + 1..=size_of::<T>()).step_by(next) {
                // Enums with fields are inside of a part, or outside.
                if enums.iter().any(|it| from < it.end && to > it.start && (from > it.start || to < it.end)) {
                    continue;
                }
                let touch = |&&(at, width, _): &&Noted| at < to && at + width > from;
                let expected: Vec<_> = expected.iter().filter(touch).copied().collect();
                let sides = Sides { shared: core::ptr::null_mut(), private: private.wrapping_add(from) };
                // SAFETY: no access is made.
                unsafe { copy_part::<T, Note<false>>(sides, from, to - from) };
                assert_eq!(NOTED.take(), expected, "load of {from}..{to} of {}", T::LAYOUT.name());
                // SAFETY: no access is made of the shared side; at the private one lies a part of a value.
                unsafe { copy_part::<T, Note<true>>(sides, from, to - from) };
                assert_eq!(NOTED.take(), expected, "store of {from}..{to} of {}", T::LAYOUT.name());
            }
        }
    }
    exactly(&PADDED, &[]);
    exactly(&Aligned8(PADDED), &[]);
    exactly(&[PADDED; 2], &[]);
    exactly(&PACKED, &[]);
    exactly(&[7u16; 9], &[]);
    exactly(&Aligned8([7u8; 37]), &[]);
    exactly(&(1u8, 2u64, 3u16, true), &[]);
    exactly(&[(Small { a: 1, b: 2 }, 3u64); 3], &[]);
    let choice = size_of::<u64>()..size_of::<u64>() + size_of::<EnumWithFields>();
    exactly(&Beside(1, EnumWithFields::B(2, 3), 4), &[choice]);
}

/// An enum between words.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Beside(u64, EnumWithFields, u16);

/// Payload of an enum and what lies after it, as one field.
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

/// These bytes, of which the first eight are an enum.
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
        assert_eq!(AsNested::LAYOUT.why_not_a_part(from, len).is_none(), is_part, "{from} {len}");
    }
    for (from, len, is_part) in [(12, 12, true), (8, 12, true), (8, 16, true), (4, 12, false), (0, 16, false)] {
        assert_eq!(<[Nested; 2]>::LAYOUT.why_not_a_part(from, len).is_none(), is_part, "two: {from} {len}");
    }
    // A latch stores the whole value.
    let latch = SeqLatch::<_, 2>::new(old);
    latch.write_part(tail, new);
    assert_eq!(latch.read().flat, Flat { tag: 1, tail: new });
    // Parts next to the enum, and around it.
    lock.write_part(crate::part!(AsNested, flat), Flat { tag: 0, tail: Tail(5, 6) });
    lock.write_part(tail.then(crate::part!(Tail, 1)), 7);
    assert_eq!(lock.read().flat, Flat { tag: 0, tail: Tail(5, 7) });
}
