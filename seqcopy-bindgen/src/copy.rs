//! The copy as C: the [steps](crate::steps) written as assignments, loops and `switch`; and the stores of a writer,
//! which are the same the other way round.
//!
//! They are a partition of their own, not [`Layout::each_access`], which is that of one build: it follows the width of
//! its words and whether it has vectors, and has an access for each element of an array, while a header is the same
//! text wherever it is made, and has a loop. This is why it is allowed. Between a process of this library and a C
//! program there is no common abstract machine whose rule on accesses of different sizes could be broken (P23
//! one-process in seqcopy/docs/reference/soundness.md): a reader and a writer agree on the schema, and everything else
//! is what the hardware does. There, no access is torn within a byte, whatever its width and that of the store that it
//! meets, a move of 16 bytes in assembly included, so that each byte read is one that some store wrote, or that was
//! there before; and fences order accesses of all widths alike. That is all that the protocol asks of a copy (P21
//! snapshot: for each byte, which version wrote it). In a program that has the library as well, the two meet at one
//! address in one thread only: that of the writer, one call after the other. Its readers have mappings of their own.

use std::fmt::Write;
use std::ops::Range;

use seqcopy::Layout;

use crate::steps::{Case, Step, Tag, Words, align_at, base, steps, words};
use crate::types::literal;

/// The body of the C function that copies `from`, aligned as in a region, to `to`, and sets the bytes of `to` that are not
/// data to zeros.
pub(super) fn body(layout: &Layout, prefix: &str) -> String {
    moves(layout, &format!("{prefix}_copy"), Direction::Load)
}

/// The body of the C function that stores `from`, a valid value, to `to`, aligned as in a region.
pub(super) fn stores(layout: &Layout, prefix: &str) -> String {
    moves(layout, &format!("{prefix}_store"), Direction::Store)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Load,
    Store,
}

fn moves(layout: &Layout, verb: &str, direction: Direction) -> String {
    let mut writer = Writer { text: String::new(), verb, direction, numbers: 0, loops: Vec::new() };
    let cleared = (direction == Direction::Load).then_some(layout.size());
    writer.steps(&steps(layout), cleared, base(layout), &Place { to: "to".to_owned(), from: "from".to_owned() }, 1);
    if !writer.text.contains("from") {
        writer.text += "    /* There is no data in it. */\n    (void)to;\n    (void)from;\n";
    }
    writer.text
}

struct Writer<'v> {
    text: String,
    /// How the names of the functions begin that move a part.
    verb: &'v str,
    direction: Direction,
    /// The number of the next variable: none shadows another.
    numbers: usize,
    /// Where the elements lie at which the loops are that are being written: the first one's offset, and the distance
    /// of two.
    loops: Vec<[usize; 2]>,
}

/// The pointers that offsets count from.
struct Place {
    to: String,
    from: String,
}

impl Writer<'_> {
    /// Writes the steps of a part. If it has a length in `cleared`, its bytes that are not data in each value become zeros
    /// before the steps that follow them.
    fn steps(&mut self, steps: &[Step], cleared: Option<usize>, base: usize, place: &Place, depth: usize) {
        let mut reached = 0;
        for (index, step) in steps.iter().enumerate() {
            if let Some(end) = cleared {
                let data = match step {
                    Step::Run { start, end } => *start..*end,
                    Step::Loop { offset, stride, count, .. } => *offset..offset + stride * count,
                    // Up to the next step there are the fields of all variants.
                    Step::Switch { .. } => {
                        let next = steps.get(index + 1).map_or(end, Step::start);
                        next..next
                    }
                };
                self.zeros(reached..data.start, place, depth);
                reached = data.end;
            }
            match step {
                Step::Run { start, end } => {
                    for words in words(*start, *end, base) {
                        self.words(words, place, depth);
                    }
                }
                Step::Loop { offset, stride, count, body } => {
                    let cleared = cleared.map(|_| *stride);
                    self.elements([*offset, *stride, *count], body, cleared, base, place, depth);
                }
                Step::Switch { tag, cases } => self.switch(tag, cases, base, place, depth),
            }
        }
        if let Some(end) = cleared {
            self.zeros(reached..end, place, depth);
        }
    }

    fn zeros(&mut self, bytes: Range<usize>, place: &Place, depth: usize) {
        if !bytes.is_empty() {
            let (indent, to) = ("    ".repeat(depth), &place.to);
            let _ = writeln!(self.text, "{indent}memset({to} + {}, 0, {});", bytes.start, bytes.len());
        }
    }

    fn elements(
        &mut self,
        [offset, stride, count]: [usize; 3],
        body: &[Step],
        cleared: Option<usize>,
        base: usize,
        place: &Place,
        depth: usize,
    ) {
        let (indent, n, Place { to, from }) = ("    ".repeat(depth), self.number(), place);
        let _ = writeln!(
            self.text,
            "{indent}for (size_t i{n} = 0; i{n} < {count}; i{n}++) {{\n\
             {indent}    unsigned char *to{n} = {to} + {offset} + i{n} * {stride};\n\
             {indent}    const unsigned char *from{n} = {from} + {offset} + i{n} * {stride};"
        );
        let inner = Place { to: format!("to{n}"), from: format!("from{n}") };
        self.loops.push([offset, stride]);
        self.steps(body, cleared, align_at(align_at(base, offset), stride), &inner, depth + 1);
        self.loops.pop();
        let _ = writeln!(self.text, "{indent}}}");
    }

    fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers - 1
    }

    fn words(&mut self, words: Words, Place { to, from }: &Place, depth: usize) {
        let (indent, verb) = ("    ".repeat(depth), self.verb);
        if let Words::Fixed { offset, width, .. } = words {
            let is_multiple = |at: &usize| at % width == 0;
            debug_assert!(
                is_multiple(&offset) && self.loops.iter().flatten().all(is_multiple),
                "{:?}, {words:?}",
                self.loops
            );
        }
        let _ = match words {
            Words::Fixed { offset, width, count: 1 } => {
                writeln!(self.text, "{indent}{verb}{}({to} + {offset}, {from} + {offset});", 8 * width)
            }
            Words::Fixed { offset, width: 8, count } => {
                writeln!(self.text, "{indent}{verb}_words({to} + {offset}, {from} + {offset}, {count});")
            }
            Words::Fixed { offset, width, count } => {
                let n = self.number();
                writeln!(
                    self.text,
                    "{indent}for (size_t i{n} = 0; i{n} < {count}; i{n}++)\n\
                     {indent}    {verb}{}({to} + {offset} + i{n} * {width}, {from} + {offset} + i{n} * {width});",
                    8 * width
                )
            }
            Words::Long { offset, len } => {
                writeln!(self.text, "{indent}{verb}_long({to} + {offset}, {from} + {offset}, {len});")
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
            match self.direction {
                Direction::Load => &place.to,
                Direction::Store => &place.from,
            },
            tag.offset
        );
        for Case { values, body } in cases {
            for value in values {
                let _ = writeln!(self.text, "{indent}    case {}:", literal(*value, tag.size, tag.signed));
            }
            self.steps(body, None, base, place, depth + 2);
            let _ = writeln!(self.text, "{indent}        break;");
        }
        let _ = writeln!(self.text, "{indent}    default:\n{indent}        break;\n{indent}    }}\n{indent}}}");
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::steps::tests::{Below, Irregular, Pair};

    #[test]
    fn the_text_does_not_grow_with_the_array() {
        let (few, many) = (body(<[Irregular; 2]>::LAYOUT, "x"), body(<[Irregular; 100_000]>::LAYOUT, "x"));
        assert_eq!(few.lines().count(), many.lines().count());
        assert!(many.len() < 5000, "{many}");
    }

    #[test]
    fn written_as_c() {
        let expected = "    x_copy16(to + 0, from + 0);
    memset(to + 2, 0, 6);
    x_copy64(to + 8, from + 8);
";
        assert_eq!(body(Pair::LAYOUT, "x"), expected);
        let expected = "    for (size_t i0 = 0; i0 < 3; i0++) {
        unsigned char *to0 = to + 0 + i0 * 16;
        const unsigned char *from0 = from + 0 + i0 * 16;
        x_copy16(to0 + 0, from0 + 0);
        memset(to0 + 2, 0, 6);
        x_copy64(to0 + 8, from0 + 8);
    }
";
        assert_eq!(body(<[Pair; 3]>::LAYOUT, "x"), expected);
        assert!(body(<()>::LAYOUT, "x").contains("(void)from;"));
        let expected = "    x_copy8(to + 0, from + 0);
    memset(to + 1, 0, 47);
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
        assert_eq!(body(Below::LAYOUT, "x"), expected);
        // A store writes the same data and nothing else. The tag of the private value decides.
        let lines = expected.lines().filter(|line| !line.contains("memset"));
        let stored = lines.fold(String::new(), |text, line| {
            text + &line.replace("x_copy", "x_store").replace("&tag0, to", "&tag0, from") + "\n"
        });
        assert_eq!(stores(Below::LAYOUT, "x"), stored);
    }

    /// The bytes of a private copy that no step reads are set to zeros, wherever they are.
    #[test]
    fn padding_becomes_zeros() {
        // The number of bytes that the copy sets to zeros.
        let cleared = |text: &str| -> usize {
            let lines = text.lines().filter_map(|line| line.trim().strip_prefix("memset("));
            lines.map(|line| line.trim_end_matches(");").rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum()
        };
        for (layout, expected) in [
            (<(u8, u32)>::LAYOUT, 3),
            (<[u8; 7]>::LAYOUT, 0),
            (<[Pair; 3]>::LAYOUT, 6),
            (SeqOption::<u64>::LAYOUT, 15),
            (<(SeqOption<u64>, u16, Pair)>::LAYOUT, 15 + 6 + 6),
        ] {
            let text = body(layout, "x");
            assert_eq!(cleared(&text), expected, "{text}");
            assert_eq!(cleared(&stores(layout, "x")), 0);
        }
    }

    /// Elements that are not as far apart as a word is wide are not accessed by such words: but the first, they lie at
    /// no multiple of its width.
    #[test]
    fn words_fit_each_element() {
        #[derive(SeqCopy)]
        #[repr(C)]
        #[allow(dead_code)] // for its layout
        struct Gap(u8, [u32; 4]);
        #[derive(SeqCopy)]
        #[repr(C)]
        #[allow(dead_code)] // as above
        struct Many(u64, [Gap; 3]);
        assert_eq!(size_of::<Gap>(), 20);
        for text in [body(<[Gap; 3]>::LAYOUT, "x"), stores(<[Gap; 3]>::LAYOUT, "x")] {
            assert!(!text.contains("64(") && !text.contains("words"), "{text}");
        }
        assert_eq!(body(Many::LAYOUT, "x").matches("64(").count(), 1);
    }
}
