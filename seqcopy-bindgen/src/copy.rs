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

use seqcopy::Layout;
use seqcopy::layout::Shape;

use crate::steps::{Case, Step, Tag, Words, align_at, base, steps, words};
use crate::types::literal;

/// The body of the C function that copies `from`, aligned as in a region, to `to`.
pub(super) fn body(layout: &Layout, prefix: &str) -> String {
    moves(layout, &format!("{prefix}_copy"))
}

/// The body of the C function that stores `from` to `to`, aligned as in a region. The type's data lies in the same
/// places in each value, apart from texts, which are stored with the zeros after them.
pub(super) fn stores(layout: &Layout, prefix: &str) -> String {
    moves(layout, &format!("{prefix}_store"))
}

/// The body of the C function that sets what lies after each text to zeros. Empty if there is no text.
pub(super) fn clears(layout: &Layout, prefix: &str) -> String {
    let mut text = String::new();
    clear(&mut text, layout, prefix, "at", 0, 0);
    text
}

fn clear(text: &mut String, layout: &Layout, prefix: &str, at: &str, offset: usize, depth: usize) {
    let indent = "    ".repeat(depth + 1);
    match (layout.shape(), layout.fields()) {
        (_, [_, bytes]) if layout.str_capacity().is_some() => {
            let (start, size) = (offset + bytes.offset(), bytes.layout().size());
            if size > 0 {
                let len = format!("{prefix}_length({at} + {offset})");
                let _ = writeln!(text, "{indent}memset({at} + {start} + {len}, 0, {size} - {len});");
            }
        }
        (Shape::Array { element, len, .. }, _) => {
            let (i, inner) = (format!("i{depth}"), format!("at{}", depth + 1));
            let mut body = String::new();
            clear(&mut body, element, prefix, &inner, 0, depth + 1);
            if !body.is_empty() {
                let _ = writeln!(
                    text,
                    "{indent}for (size_t {i} = 0; {i} < {len}; {i}++) {{\n\
                     {indent}    unsigned char *{inner} = {at} + {offset} + {i} * {};\n{body}{indent}}}",
                    element.size()
                );
            }
        }
        (Shape::Struct { .. }, fields) => {
            for field in fields {
                clear(text, field.layout(), prefix, at, offset + field.offset(), depth);
            }
        }
        _ => {}
    }
}

fn moves(layout: &Layout, verb: &str) -> String {
    let mut writer = Writer { text: String::new(), verb, numbers: 0, loops: Vec::new() };
    writer.steps(&steps(layout), base(layout), &Place { to: "to".to_owned(), from: "from".to_owned() }, 1);
    if writer.text.is_empty() {
        return "    /* There is no data in it. */\n    (void)to;\n    (void)from;\n".to_owned();
    }
    writer.text
}

struct Writer<'v> {
    text: String,
    /// How the names of the functions begin that move a part.
    verb: &'v str,
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
    fn steps(&mut self, steps: &[Step], base: usize, place: &Place, depth: usize) {
        for step in steps {
            match step {
                Step::Run { start, end } => {
                    for words in words(*start, *end, base) {
                        self.words(words, place, depth);
                    }
                }
                Step::Loop { offset, stride, count, body } => {
                    self.elements(*offset, *stride, *count, body, base, place, depth);
                }
                Step::Switch { tag, cases } => self.switch(tag, cases, base, place, depth),
            }
        }
    }

    #[allow(clippy::too_many_arguments)] // all about one loop
    fn elements(
        &mut self,
        offset: usize,
        stride: usize,
        count: usize,
        body: &[Step],
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
        self.steps(body, align_at(align_at(base, offset), stride), &inner, depth + 1);
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
    use seqcopy::SeqCopy;

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
    x_copy64(to + 8, from + 8);
";
        assert_eq!(body(Pair::LAYOUT, "x"), expected);
        let expected = "    for (size_t i0 = 0; i0 < 3; i0++) {
        unsigned char *to0 = to + 0 + i0 * 16;
        const unsigned char *from0 = from + 0 + i0 * 16;
        x_copy16(to0 + 0, from0 + 0);
        x_copy64(to0 + 8, from0 + 8);
    }
";
        assert_eq!(body(<[Pair; 3]>::LAYOUT, "x"), expected);
        assert!(body(<()>::LAYOUT, "x").contains("(void)from;"));
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
        assert_eq!(body(Below::LAYOUT, "x"), expected);
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
