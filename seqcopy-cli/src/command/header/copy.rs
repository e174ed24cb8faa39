//! The copy as C: which bytes of a type are data, as runs, loops over the elements of arrays, and a choice where there is an enum.
//!
//! The steps are made from the layout, one for each of its parts: an array is one loop however many elements it has, so the text
//! grows with the type's description, not with its size. They are a partition of their own, not [`Layout::accesses`], and this is why
//! that is allowed. Between a process of this library and a C program there is no common abstract machine whose rule on accesses of
//! different sizes could be broken (P23 in seqcopy/docs/soundness.md): a reader and a writer agree on the schema, and everything else is
//! what the hardware does. There, an aligned access of up to 8 bytes is not torn within a byte, whatever the width of the store that
//! it meets, so that each byte read is one that some store wrote, or that was there before; and fences order accesses of all widths
//! alike. That is all that the protocol asks of a copy (P21: for each byte, which version wrote it). Besides, of every copy must be
//! true:
//!
//! * *Every byte of data is read, once.* A leaf is all data; a run is leaves side by side; a struct has the runs of its fields, an
//!   array those of its element as often as it has elements.
//! * *No other byte is read.* Padding and skipped fields are in no run. Of an enum with fields the tag is read first, and then the
//!   fields of the variant that it names: the tag of the private copy decides, so that it is one tag, and what is copied is
//!   decided before anything is checked. Where the tag was torn, or is none, other bytes of the same cell are read or left out, and
//!   the version's check, or that of the bits, refuses the copy. A writer initialises every byte that is data in some variant,
//!   zeros included, before it publishes a region.
//! * *Every access is aligned.* The mapping is by pages, cells are at multiples of 8 and of the type's alignment; inside, each
//!   offset and each stride is taken into account ([`words`]).

use std::fmt::Write;

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};

use super::types::literal;

/// Part of a copy. Offsets count from where the part before it in the tree begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Data bytes side by side.
    Run { start: usize, end: usize },
    /// `count` times the same, `stride` bytes apart; offsets inside count from the element.
    Loop { offset: usize, stride: usize, count: usize, body: Vec<Step> },
    /// What is data here depends on the tag, which has been copied.
    Switch { tag: Tag, cases: Vec<Case> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tag {
    offset: usize,
    size: usize,
    signed: bool,
}

/// Variants that have their data at the same places.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Case {
    values: Vec<i128>,
    body: Vec<Step>,
}

/// The steps for a type.
fn steps(layout: &'static Layout) -> Vec<Step> {
    let mut steps = Vec::new();
    add(&mut steps, layout, 0);
    steps
}

fn add(steps: &mut Vec<Step>, layout: &'static Layout, offset: usize) {
    match layout.shape() {
        Shape::Skipped => {}
        _ if layout.size() == 0 => {}
        _ if layout.is_padding_free() => push(steps, offset, offset + layout.size()),
        Shape::Array { element, len: 1 } => add(steps, element, offset),
        Shape::Array { element, len } => {
            let body = self::steps(element);
            if !body.is_empty() {
                steps.push(Step::Loop { offset, stride: element.size(), count: len, body });
            }
        }
        Shape::Struct { fields } => add_fields(steps, fields, offset),
        Shape::Enum { tag, payload, variants } => {
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
        // Leaves that are not called free of padding: there are none.
        _ => push(steps, offset, offset + layout.size()),
    }
}

/// In the order of memory, so that neighbours become one run.
fn add_fields(steps: &mut Vec<Step>, fields: &'static [Field], offset: usize) {
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

/// The alignment that is left at an offset.
fn align_at(base: usize, offset: usize) -> usize {
    if offset == 0 { base } else { base.min(1 << offset.trailing_zeros()) }
}

/// How a run is accessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// `count` words of `width` bytes, one after the other.
    Fixed { offset: usize, width: usize, count: usize },
    /// So many bytes, whose alignment is looked at when the program runs.
    Long { offset: usize, len: usize },
}

/// From this length on, where the alignment that is known is small, that of the address is looked at.
const LONG: usize = 64;

/// The accesses of a run where offset 0 is aligned to `base`: small ones up to the first multiple of the widest, then those, then
/// small ones for the rest.
fn words(start: usize, end: usize, base: usize) -> Vec<Words> {
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

/// The body of the C function that copies `from` to `to`, where both are aligned to `base`.
pub(super) fn body(layout: &'static Layout, base: usize, prefix: &str) -> String {
    let mut writer = Writer { text: String::new(), prefix, numbers: 0 };
    writer.steps(&steps(layout), base, &Place { to: "to".to_owned(), from: "from".to_owned() }, 1);
    if writer.text.is_empty() {
        return "    /* There is no data in it. */\n    (void)to;\n    (void)from;\n".to_owned();
    }
    writer.text
}

struct Writer<'p> {
    text: String,
    prefix: &'p str,
    /// Variables are numbered, so that none hides another.
    numbers: usize,
}

/// The pointers that offsets count from.
struct Place {
    to: String,
    from: String,
}

impl Writer<'_> {
    fn steps(&mut self, steps: &[Step], base: usize, place: &Place, depth: usize) {
        for step in steps {
            match step {
                Step::Run { start, end } => {
                    for words in words(*start, *end, base) {
                        self.words(words, place, depth);
                    }
                }
                Step::Loop { offset, stride, count, body } => {
                    let (indent, n, Place { to, from }) = ("    ".repeat(depth), self.number(), place);
                    let _ = writeln!(
                        self.text,
                        "{indent}for (size_t i{n} = 0; i{n} < {count}; i{n}++) {{\n\
                         {indent}    unsigned char *to{n} = {to} + {offset} + i{n} * {stride};\n\
                         {indent}    const unsigned char *from{n} = {from} + {offset} + i{n} * {stride};"
                    );
                    let inner = Place { to: format!("to{n}"), from: format!("from{n}") };
                    self.steps(body, align_at(align_at(base, *offset), *stride), &inner, depth + 1);
                    let _ = writeln!(self.text, "{indent}}}");
                }
                Step::Switch { tag, cases } => self.switch(tag, cases, base, place, depth),
            }
        }
    }

    fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers - 1
    }

    fn words(&mut self, words: Words, Place { to, from }: &Place, depth: usize) {
        let (indent, prefix) = ("    ".repeat(depth), self.prefix);
        let _ = match words {
            Words::Fixed { offset, width, count: 1 } => {
                writeln!(self.text, "{indent}{prefix}_copy{}({to} + {offset}, {from} + {offset});", 8 * width)
            }
            Words::Fixed { offset, width, count } => {
                let n = self.number();
                writeln!(
                    self.text,
                    "{indent}for (size_t i{n} = 0; i{n} < {count}; i{n}++)\n\
                     {indent}    {prefix}_copy{}({to} + {offset} + i{n} * {width}, {from} + {offset} + i{n} * {width});",
                    8 * width
                )
            }
            Words::Long { offset, len } => {
                writeln!(self.text, "{indent}{prefix}_copy_long({to} + {offset}, {from} + {offset}, {len});")
            }
        };
    }

    fn switch(&mut self, tag: &Tag, cases: &[Case], base: usize, place: &Place, depth: usize) {
        let (indent, n) = ("    ".repeat(depth), self.number());
        let kind = format!("{}int{}_t", if tag.signed { "" } else { "u" }, 8 * tag.size);
        let _ = writeln!(
            self.text,
            "{indent}{{\n{indent}    {kind} tag{n};\n{indent}    memcpy(&tag{n}, {} + {}, sizeof tag{n});\n\
             {indent}    switch (tag{n}) {{",
            place.to, tag.offset
        );
        for Case { values, body } in cases {
            for value in values {
                let _ = writeln!(self.text, "{indent}    case {}:", literal(*value, tag.size, tag.signed));
            }
            self.steps(body, base, place, depth + 2);
            let _ = writeln!(self.text, "{indent}        break;");
        }
        let _ = writeln!(self.text, "{indent}    default:\n{indent}        break;\n{indent}    }}\n{indent}}}");
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::layout::Variant;
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::command::samples::{Sample, image};

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
    fn mark(layout: &'static Layout, at: usize, bytes: &[u8], data: &mut [u8]) {
        match layout.shape() {
            Shape::Array { element, len } if layout.size() > 0 => {
                (0..len).for_each(|i| mark(element, at + i * element.size(), bytes, data));
            }
            Shape::Skipped | Shape::Array { .. } => {}
            Shape::Struct { fields } => {
                for field in fields {
                    mark(field.layout(), at + field.offset(), bytes, data);
                }
            }
            Shape::Enum { tag, payload, variants } => {
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

    /// Of such bytes, all data is read once, and nothing else, in at most so many steps.
    fn check_image(layout: &'static Layout, bytes: &[u8], most: usize) {
        let (mut reads, mut data) = (vec![0; layout.size()], vec![0; layout.size()]);
        let steps = steps(layout);
        run(&steps, layout.align().max(8), 0, bytes, &mut reads);
        mark(layout, 0, bytes, &mut data);
        assert_eq!(reads, data, "{}: {steps:?}", layout.name());
        assert!(data.iter().all(|count| *count <= 1));
        assert!(count(&steps) <= most, "{}: {steps:?}", layout.name());
    }

    /// The same for all tags that are one byte.
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
    struct Pair {
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
    enum Below {
        A(u64) = -1,
        B([Pair; 2], u64),
        C(u64),
        D,
    }

    /// Many fields, none like the one before.
    #[derive(SeqCopy)]
    #[repr(C)]
    struct Irregular {
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
        check_image(Sample::LAYOUT, &image(), 30);
        let below: Vec<u8> = [[0xff; 48], [0; 48], [1; 48]].concat();
        check_image(<[Below; 3]>::LAYOUT, &below, 12);
    }

    #[test]
    fn the_text_does_not_grow_with_the_array() {
        let (few, many) = (body(<[Irregular; 2]>::LAYOUT, 8, "x"), body(<[Irregular; 100_000]>::LAYOUT, 8, "x"));
        assert_eq!(few.lines().count(), many.lines().count());
        assert!(many.len() < 5000, "{many}");
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

    #[test]
    fn written_as_c() {
        let expected = "    x_copy16(to + 0, from + 0);
    x_copy64(to + 8, from + 8);
";
        assert_eq!(body(Pair::LAYOUT, 8, "x"), expected);
        let expected = "    for (size_t i0 = 0; i0 < 3; i0++) {
        unsigned char *to0 = to + 0 + i0 * 16;
        const unsigned char *from0 = from + 0 + i0 * 16;
        x_copy16(to0 + 0, from0 + 0);
        x_copy64(to0 + 8, from0 + 8);
    }
";
        assert_eq!(body(<[Pair; 3]>::LAYOUT, 8, "x"), expected);
        assert!(body(<()>::LAYOUT, 8, "x").contains("(void)from;"));
        let expected = "    x_copy8(to + 0, from + 0);
    {
        int8_t tag0;
        memcpy(&tag0, to + 0, sizeof tag0);
        switch (tag0) {
        case -1:
        case 1:
            x_copy64(to + 8, from + 8);
            break;
        case 0:
            for (size_t i1 = 0; i1 < 2; i1++) {
                unsigned char *to1 = to + 8 + i1 * 16;
                const unsigned char *from1 = from + 8 + i1 * 16;
                x_copy16(to1 + 0, from1 + 0);
                x_copy64(to1 + 8, from1 + 8);
            }
            x_copy64(to + 40, from + 40);
            break;
        default:
            break;
        }
    }
";
        assert_eq!(body(Below::LAYOUT, 8, "x"), expected);
    }
}
