//! The accesses of a copy as C: the cut of the layout, folded into loops.
//!
//! Long runs, which this library moves by vector instructions where it can, are cut into words there: between processes
//! what counts is that no access is wider than what the hardware does at once, and that none touches padding.

use std::fmt::Write;

use seqcopy::Layout;
use seqcopy::layout::{Access, AccessKind};

/// Part of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// `count` words of `width` bytes, one after the other.
    Words { offset: usize, width: usize, count: usize },
    /// A run whose words the C program finds itself.
    Long { offset: usize, len: usize },
    /// `count` times the same, `stride` bytes apart; offsets inside count from the first time.
    Loop { offset: usize, stride: usize, count: usize, body: Vec<Step> },
}

impl Step {
    fn offset(&self) -> usize {
        match self {
            Step::Words { offset, .. } | Step::Long { offset, .. } | Step::Loop { offset, .. } => *offset,
        }
    }

    /// The same, counted from `origin`.
    fn from(&self, origin: usize) -> Step {
        let mut step = self.clone();
        match &mut step {
            Step::Words { offset, .. } | Step::Long { offset, .. } | Step::Loop { offset, .. } => *offset -= origin,
        }
        step
    }

    /// Whether it is the same `stride` bytes further.
    fn repeats(&self, next: &Step, stride: usize) -> bool {
        if self.offset() + stride != next.offset() {
            return false;
        }
        match (self, next) {
            (Step::Words { width, count, .. }, Step::Words { width: w, count: c, .. }) => (width, count) == (w, c),
            (Step::Long { len, .. }, Step::Long { len: l, .. }) => len == l,
            (Step::Loop { stride, count, body, .. }, Step::Loop { stride: s, count: c, body: b, .. }) => {
                (stride, count, body) == (s, c, b)
            }
            _ => false,
        }
    }
}

/// The longest repetition that is looked for, in steps.
const PERIOD: usize = 64;

/// The steps of a copy whose accesses ascend, which is so in every type of a region.
fn steps(accesses: impl Iterator<Item = Access>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for Access { offset, width, kind, .. } in accesses {
        match (kind, steps.last_mut()) {
            (AccessKind::Vector, Some(Step::Long { offset: start, len })) if *start + *len == offset => *len += 1,
            (AccessKind::Vector, _) => steps.push(Step::Long { offset, len: 1 }),
            (_, Some(Step::Words { offset: start, width: before, count }))
                if (*before, *start + *before * *count) == (width, offset) =>
            {
                *count += 1;
            }
            _ => steps.push(Step::Words { offset, width, count: 1 }),
        }
    }
    // Arrays inside arrays: loops first become steps, then parts of others.
    loop {
        let folded = fold(&steps);
        if folded.len() == steps.len() {
            return folded;
        }
        steps = folded;
    }
}

/// One pass: what is repeated becomes a loop.
fn fold(steps: &[Step]) -> Vec<Step> {
    let mut folded = Vec::new();
    let mut i = 0;
    'next: while i < steps.len() {
        for period in 1..=PERIOD.min((steps.len() - i) / 2) {
            let stride = steps[i + period].offset().wrapping_sub(steps[i].offset());
            let repeats = |i: usize| {
                steps[i].offset() < steps[i + period].offset() && steps[i].repeats(&steps[i + period], stride)
            };
            let same = (i..steps.len() - period).take_while(|&i| repeats(i)).count();
            let count = same / period + 1;
            if count > 1 {
                let offset = steps[i].offset();
                let body = steps[i..i + period].iter().map(|step| step.from(offset)).collect();
                folded.push(Step::Loop { offset, stride, count, body });
                i += count * period;
                continue 'next;
            }
        }
        folded.push(steps[i].clone());
        i += 1;
    }
    folded
}

/// The body of the C function that copies `from` to `to`.
pub(super) fn body(layout: &'static Layout, base: usize, prefix: &str) -> String {
    let mut text = String::new();
    write_steps(&mut text, &steps(layout.cut(base)), prefix, 0);
    text
}

fn write_steps(text: &mut String, steps: &[Step], prefix: &str, depth: usize) {
    let indent = "    ".repeat(depth + 1);
    // Each loop has pointers of its own.
    let names = |depth: usize| match depth {
        0 => ("to".to_owned(), "from".to_owned()),
        _ => (format!("to{depth}"), format!("from{depth}")),
    };
    let (to, from) = names(depth);
    let i = format!("i{depth}");
    for step in steps {
        let _ = match step {
            Step::Words { offset, width, count: 1 } => {
                writeln!(text, "{indent}{prefix}_copy{}({to} + {offset}, {from} + {offset});", 8 * width)
            }
            Step::Words { offset, width, count } => writeln!(
                text,
                "{indent}for (size_t {i} = 0; {i} < {count}; {i}++)\n\
                 {indent}    {prefix}_copy{}({to} + {offset} + {i} * {width}, {from} + {offset} + {i} * {width});",
                8 * width
            ),
            Step::Long { offset, len } => {
                writeln!(text, "{indent}{prefix}_copy_long({to} + {offset}, {from} + {offset}, {len});")
            }
            Step::Loop { offset, stride, count, body } => {
                let (inner_to, inner_from) = names(depth + 1);
                let _ = writeln!(
                    text,
                    "{indent}for (size_t {i} = 0; {i} < {count}; {i}++) {{\n\
                     {indent}    unsigned char *{inner_to} = {to} + {offset} + {i} * {stride};\n\
                     {indent}    const unsigned char *{inner_from} = {from} + {offset} + {i} * {stride};"
                );
                write_steps(text, body, prefix, depth + 1);
                writeln!(text, "{indent}}}")
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::command::samples::Sample;

    /// The accesses that a program makes by these steps, long runs as bytes.
    fn unfold(steps: &[Step], origin: usize, found: &mut Vec<(usize, usize)>) {
        for step in steps {
            let at = origin + step.offset();
            match step {
                Step::Words { width, count, .. } => found.extend((0..*count).map(|i| (at + i * width, *width))),
                Step::Long { len, .. } => found.extend((0..*len).map(|i| (at + i, 1))),
                Step::Loop { stride, count, body, .. } => {
                    (0..*count).for_each(|i| unfold(body, at + i * stride, found));
                }
            }
        }
    }

    fn check<T: SeqCopy>(most: usize) {
        let base = align_of::<T>().max(8);
        let folded = steps(T::LAYOUT.cut(base));
        let mut found = Vec::new();
        unfold(&folded, 0, &mut found);
        let cut: Vec<_> = T::LAYOUT.cut(base).map(|access| (access.offset, access.width)).collect();
        assert_eq!(found, cut, "{}", T::LAYOUT.name());
        assert!(folded.len() <= most, "{}: {folded:?}", T::LAYOUT.name());
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

    #[test]
    fn loops_are_the_cut() {
        check::<u8>(1);
        check::<[u64; 16]>(1);
        check::<[u8; 4099]>(3);
        check::<Gappy>(6);
        check::<[Gappy; 1000]>(1);
        check::<[[Gappy; 3]; 7]>(1);
        check::<[SeqOption<[u8; 200]>; 9]>(1);
        check::<([Pair; 9], u8, [Gappy; 4])>(12);
        check::<Sample>(40);
        check::<()>(0);
    }

    #[test]
    fn written_as_c() {
        let expected = "    x_copy16(to + 0, from + 0);
    x_copy64(to + 8, from + 8);
";
        assert_eq!(body(Pair::LAYOUT, 8, "x"), expected);
        let expected = "    for (size_t i0 = 0; i0 < 3; i0++) {
        unsigned char *to1 = to + 0 + i0 * 16;
        const unsigned char *from1 = from + 0 + i0 * 16;
        x_copy16(to1 + 0, from1 + 0);
        x_copy64(to1 + 8, from1 + 8);
    }
";
        assert_eq!(body(<[Pair; 3]>::LAYOUT, 8, "x"), expected);
    }
}
