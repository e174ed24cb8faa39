//! What a copy does, step by step: runs of bytes, loops over the elements of arrays, and for each enum with fields a
//! choice by its tag. And in which accesses a run is read.
//!
//! The steps are made from the layout, one for each of its parts: an array is one loop however many elements it has, so
//! their number grows with the type's description, not with its size. Of every copy must be true:
//!
//! * *Every byte of data is read, once.* A leaf is all data; a run is leaves side by side; a struct has the runs of its
//!   fields, an array those of its element as often as it has elements.
//! * *No other byte is read.* Padding and skipped fields are in no run. Of an enum with fields the tag is read first,
//!   and then the fields of the variant that it names: the tag of the private copy decides, so that it is one tag, and
//!   what is copied is decided before anything is checked. Where the tag was torn, or names no variant, other bytes of
//!   the same buffer are read or left out, and the version's check, or that of the bits, refuses the copy. A writer
//!   initialises every byte that is data in some variant, zeros included, before it publishes a region.
//! * *Every access is aligned.* The mapping is by pages, buffers are at multiples of 8 and of the type's alignment;
//!   inside, each offset and each stride is taken into account ([`words`]).

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};

/// A part of a copy. Offsets count from the start of the part that contains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Data bytes side by side.
    Run { start: usize, end: usize },
    /// These steps, `count` times, `stride` bytes apart; their offsets count from the element.
    Loop { offset: usize, stride: usize, count: usize, body: Vec<Step> },
    /// The tag, which has been copied, decides which bytes are data.
    Switch { tag: Tag, cases: Vec<Case> },
}

impl Step {
    /// Where the data begins that this step is about.
    pub(super) fn start(&self) -> usize {
        match self {
            Step::Run { start, .. } => *start,
            Step::Loop { offset, .. } => *offset,
            Step::Switch { tag, .. } => tag.offset + tag.size,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) offset: usize,
    pub(super) size: usize,
    pub(super) signed: bool,
}

/// Variants whose data lies in the same places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) values: Vec<i128>,
    pub(super) body: Vec<Step>,
}

/// The steps for a type.
pub(super) fn steps(layout: &Layout) -> Vec<Step> {
    let mut steps = Vec::new();
    add(&mut steps, layout, 0);
    steps
}

fn add(steps: &mut Vec<Step>, layout: &Layout, offset: usize) {
    match layout.shape() {
        Shape::Skipped => {}
        _ if layout.size() == 0 => {}
        _ if layout.is_padding_free() => push(steps, offset, offset + layout.size()),
        Shape::Array { element, len: 1, .. } => add(steps, element, offset),
        Shape::Array { element, len, .. } => {
            let body = self::steps(element);
            if !body.is_empty() {
                steps.push(Step::Loop { offset, stride: element.size(), count: len, body });
            }
        }
        Shape::Struct { fields, .. } => add_fields(steps, fields, offset),
        Shape::Enum { tag, payload, variants, .. } => {
            push(steps, offset, offset + tag.size());
            let mut cases: Vec<Case> = Vec::new();
            for variant in variants {
                let mut body = Vec::new();
                add_fields(&mut body, variant.fields(), offset + payload);
                match cases.iter_mut().find(|case| case.body == body) {
                    _ if body.is_empty() => {}
                    Some(case) => case.values.push(variant.value()),
                    None => cases.push(Case { values: vec![variant.value()], body }),
                }
            }
            if !cases.is_empty() {
                let signed = matches!(tag.shape(), Shape::Scalar(Scalar::Signed));
                steps.push(Step::Switch { tag: Tag { offset, size: tag.size(), signed }, cases });
            }
        }
        // Other leaves, which are all data.
        _ => push(steps, offset, offset + layout.size()),
    }
}

/// Adds fields in the order of memory, so that neighbours become one run.
fn add_fields(steps: &mut Vec<Step>, fields: &[Field], offset: usize) {
    let mut fields: Vec<&Field> = fields.iter().collect();
    fields.sort_by_key(|field| field.offset());
    for field in fields {
        add(steps, field.layout(), offset + field.offset());
    }
}

fn push(steps: &mut Vec<Step>, start: usize, end: usize) {
    match steps.last_mut() {
        Some(Step::Run { end: reached, .. }) if *reached == start => *reached = end,
        _ => steps.push(Step::Run { start, end }),
    }
}

/// The alignment that values of a type have in a region.
pub(super) fn base(layout: &Layout) -> usize {
    layout.align().max(8)
}

/// The alignment of what lies at an offset from where the alignment is `base`.
pub(super) fn align_at(base: usize, offset: usize) -> usize {
    if offset == 0 { base } else { base.min(1 << offset.trailing_zeros()) }
}

/// How a run is accessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// `count` words of `width` bytes, one after the other.
    Fixed { offset: usize, width: usize, count: usize },
    /// This many bytes, whose alignment the program looks at.
    Long { offset: usize, len: usize },
}

/// From this length on, a run of small known alignment is read by the alignment of its address.
const LONG: usize = 64;

/// The accesses of a run, where offset 0 is aligned to `base`: small ones up to the first multiple of the widest, then
/// the widest, then small ones for the rest.
pub(super) fn words(start: usize, end: usize, base: usize) -> Vec<Words> {
    let widest = base.min(8);
    if widest < 8 && end - start >= LONG {
        return vec![Words::Long { offset: start, len: end - start }];
    }
    let mut words = Vec::new();
    let mut at = start;
    while at < end {
        let mut width = widest.min(align_at(8, at));
        while width > end - at {
            width /= 2;
        }
        let count = if width == widest { (end - at) / width } else { 1 };
        words.push(Words::Fixed { offset: at, width, count });
        at += width * count;
    }
    words
}

#[cfg(test)]
pub(super) mod tests {
    use seqcopy::layout::Variant;
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::samples::Sample;

    /// Makes the accesses of a copy, as the C program would, and counts how often each byte is read.
    fn run(steps: &[Step], base: usize, origin: usize, bytes: &[u8], reads: &mut [u8]) {
        fn read(reads: &mut [u8], at: usize, width: usize) {
            // The whole is aligned to 8.
            assert!(at % width == 0, "{width} bytes at {at}");
            reads[at..at + width].iter_mut().for_each(|count| *count += 1);
        }
        for step in steps {
            match step {
                Step::Run { start, end } => {
                    for words in words(*start, *end, base) {
                        match words {
                            Words::Fixed { offset, width, count } => {
                                (0..count).for_each(|i| read(reads, origin + offset + i * width, width));
                            }
                            Words::Long { offset, len } => (0..len).for_each(|i| read(reads, origin + offset + i, 1)),
                        }
                    }
                }
                Step::Loop { offset, stride, count, body } => {
                    let base = align_at(align_at(base, *offset), *stride);
                    (0..*count).for_each(|i| self::run(body, base, origin + offset + i * stride, bytes, reads));
                }
                Step::Switch { tag, cases } => {
                    let at = origin + tag.offset;
                    assert!(reads[at..at + tag.size].iter().all(|count| *count == 1), "the tag comes first");
                    let value = number(&bytes[at..at + tag.size], tag.signed);
                    if let Some(case) = cases.iter().find(|case| case.values.contains(&value)) {
                        self::run(&case.body, base, origin, bytes, reads);
                    }
                }
            }
        }
    }

    fn number(bytes: &[u8], signed: bool) -> i128 {
        let bits = bytes.iter().rev().fold(0i128, |sum, byte| sum << 8 | i128::from(*byte));
        let limit = 1i128 << (8 * bytes.len());
        if signed && bits >= limit / 2 { bits - limit } else { bits }
    }

    /// Marks the bytes of a value that are data, leaf by leaf.
    fn mark(layout: &Layout, at: usize, bytes: &[u8], data: &mut [u8]) {
        match layout.shape() {
            Shape::Array { element, len, .. } if layout.size() > 0 => {
                (0..len).for_each(|i| mark(element, at + i * element.size(), bytes, data));
            }
            Shape::Skipped | Shape::Array { .. } => {}
            Shape::Struct { fields, .. } => {
                for field in fields {
                    mark(field.layout(), at + field.offset(), bytes, data);
                }
            }
            Shape::Enum { tag, payload, variants, .. } => {
                mark(tag, at, bytes, data);
                let signed = matches!(tag.shape(), Shape::Scalar(Scalar::Signed));
                let value = number(&bytes[at..at + tag.size()], signed);
                for field in variants.iter().filter(|it| it.value() == value).flat_map(Variant::fields) {
                    mark(field.layout(), at + payload + field.offset(), bytes, data);
                }
            }
            _ => data[at..at + layout.size()].iter_mut().for_each(|count| *count += 1),
        }
    }

    fn count(steps: &[Step]) -> usize {
        let inside = |step: &Step| match step {
            Step::Run { .. } => 1,
            Step::Loop { body, .. } => 1 + count(body),
            Step::Switch { cases, .. } => 1 + cases.iter().map(|case| count(&case.body)).sum::<usize>(),
        };
        steps.iter().map(inside).sum()
    }

    /// In at most this many steps, all data in these bytes is read once, and nothing else.
    fn check_image(layout: &Layout, bytes: &[u8], most: usize) {
        let (mut reads, mut data) = (vec![0; layout.size()], vec![0; layout.size()]);
        let steps = steps(layout);
        run(&steps, base(layout), 0, bytes, &mut reads);
        mark(layout, 0, bytes, &mut data);
        assert_eq!(reads, data, "{}: {steps:?}", layout.name());
        assert!(data.iter().all(|count| *count <= 1));
        assert!(count(&steps) <= most, "{}: {steps:?}", layout.name());
    }

    /// Cases for bytes of 0, 1 and 2, which are the tags.
    fn check<T: SeqCopy>(most: usize) {
        for byte in 0..3 {
            check_image(T::LAYOUT, &vec![byte; T::LAYOUT.size()], most);
        }
    }

    #[derive(SeqCopy)]
    #[repr(C)]
    struct Gappy {
        a: u8,
        b: u32,
        c: [Pair; 5],
        d: u16,
    }

    #[derive(SeqCopy)]
    #[repr(C)]
    pub(crate) struct Pair {
        a: u16,
        b: u64,
    }

    #[derive(SeqCopy)]
    #[repr(C, packed)]
    struct Odd {
        a: u8,
        b: [Pair; 3],
        c: SeqOption<[u8; 200]>,
        d: Pair,
    }

    #[derive(SeqCopy)]
    #[repr(i8)]
    #[allow(dead_code)] // only its layout is used
    pub(crate) enum Below {
        A(u64) = -1,
        B([Pair; 2], u64),
        C(u64),
        D,
    }

    /// Fields of many kinds.
    #[derive(SeqCopy)]
    #[repr(C)]
    pub(crate) struct Irregular {
        a: [Gappy; 2],
        b: (u8, u32),
        c: [u8; 3],
        d: [(u8, u16); 5],
        e: SeqOption<Pair>,
        #[seqcopy(skip)]
        f: core::mem::MaybeUninit<u32>,
        g: [Below; 3],
    }

    #[test]
    fn all_data_and_nothing_else() {
        check::<u8>(1);
        check::<[u64; 16]>(1);
        check::<[u8; 4099]>(1);
        check::<Pair>(2);
        check::<Gappy>(6);
        check::<[Gappy; 1000]>(7);
        check::<[[Gappy; 3]; 7]>(8);
        check::<[SeqOption<[u8; 200]>; 9]>(4);
        check::<([Pair; 9], u8, [Gappy; 4])>(12);
        check::<[Odd; 3]>(12);
        check::<[Below; 3]>(12);
        check::<[Irregular; 1000]>(50);
        check::<()>(0);
        check::<Sample>(30);
        let below: Vec<u8> = [[0xff; 48], [0; 48], [1; 48]].concat();
        check_image(<[Below; 3]>::LAYOUT, &below, 12);
    }

    #[test]
    fn words_of_a_run() {
        let fixed = |offset, width, count| Words::Fixed { offset, width, count };
        assert_eq!(words(0, 16, 8), [fixed(0, 8, 2)]);
        assert_eq!(
            words(3, 31, 8),
            [fixed(3, 1, 1), fixed(4, 4, 1), fixed(8, 8, 2), fixed(24, 4, 1), fixed(28, 2, 1), fixed(30, 1, 1)]
        );
        assert_eq!(words(4, 6, 8), [fixed(4, 2, 1)]);
        assert_eq!(words(4, 10, 2), [fixed(4, 2, 3)]);
        assert_eq!(words(1, 65, 2), [Words::Long { offset: 1, len: 64 }]);
        assert_eq!(words(1, 3, 1), [fixed(1, 1, 2)]);
    }
}
