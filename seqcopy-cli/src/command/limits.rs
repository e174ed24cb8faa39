//! Refuses types that would take hours, or too much memory, to show. A hostile schema may be made to be slow. The
//! amount of output is not estimated but counted: [`Bounded`].

use std::io;

use seqcopy::Layout;
use seqcopy::layout::{Shape, Variant};

use super::region::{is_number, type_name};

/// The limit for the memory of values, in bytes. There is one value in memory where it is shown, and two where they are
/// compared.
const MEMORY: usize = 192 << 20;
/// The limit for the steps of a walk over all parts of a value.
const STEPS: u64 = 1 << 28;
/// The limit for the steps of sorting: the number of compared parts of keys.
const SORTING: u64 = 1 << 29;
/// The limit for the steps of a drawing: its lines times the steps of a walk over the accesses.
const DRAWING: u64 = 500_000_000;

/// The maximum length of the text of a value, in bytes.
pub(super) const TEXT: u64 = 16 << 20;
/// The maximum length of JSON, in bytes. It takes some seconds, because it is written twice.
pub(super) const JSON: u64 = 256 << 20;

/// Counts up to this many bytes, and keeps none of them. The next byte is an error, which ends the output.
pub(super) struct Bounded {
    left: u64,
}

impl Bounded {
    pub(super) fn new(most: u64) -> Self {
        Bounded { left: most }
    }
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The advice for a value of any size.
const PROGRAM: &str = "a program can read it, by `Region::read_bytes` in Rust or by `seqcopy header` in C";
/// The advice for a map.
const KEY_OR_PROGRAM: &str =
    "`--key` shows an entry, or a program can read it, by `MapReader` in Rust or by `seqcopy header` in C";

/// Whether a value of the type may be read by a command that has `values` values in memory.
pub(super) fn payload(layout: &Layout, values: usize) -> Result<(), String> {
    let (size, most) = (layout.size(), MEMORY / values);
    if size <= most {
        return Ok(());
    }
    let show = if values > 1 && size <= MEMORY { "`seqcopy show` shows it, or " } else { "" };
    let limit = format!("has {size} bytes, and this command reads values of at most {most}");
    Err(format!("`{}` {limit}: {show}{PROGRAM}", type_name(layout)))
}

/// Whether the tables of several maps, each of this size, may be read.
pub(super) fn table(name: &str, bytes: u64, maps: usize) -> Result<(), String> {
    let most = (MEMORY / maps) as u64;
    if bytes <= most {
        return Ok(());
    }
    let limit = format!("has tables of {bytes} bytes, and this command reads maps of at most {most}");
    Err(format!("{name} {limit}: {KEY_OR_PROGRAM}"))
}

/// Whether entries may be sorted by their keys, for each of several maps. There are `count` entries with `bytes` bytes
/// in all, and each needs `overhead` more.
pub(super) fn sort(key: &Layout, count: usize, bytes: usize, overhead: usize, maps: usize) -> Result<(), String> {
    let memory = count.saturating_mul(overhead).saturating_add(bytes);
    // Comparisons, each of which looks at no more than a whole key.
    let comparisons = (count as u64).saturating_mul(u64::from(count.max(1).ilog2()) + 1);
    if memory <= MEMORY / maps && comparisons.saturating_mul(Cost::of(key).steps) <= SORTING / maps as u64 {
        return Ok(());
    }
    Err(format!("{count} entries are too many to sort by their keys: {KEY_OR_PROGRAM}"))
}

/// Whether all parts of `count` values, or slots, may be visited.
pub(super) fn walk(layout: &Layout, count: usize) -> Result<(), String> {
    if Cost::of(layout).steps.saturating_mul(count as u64) <= STEPS {
        return Ok(());
    }
    Err(match count {
        1 => format!("`{}` has too many parts to look at each: {PROGRAM}", type_name(layout)),
        _ => format!("{count} entries of this type are too many to look at each part: {KEY_OR_PROGRAM}"),
    })
}

/// Whether the type can be drawn: each line walks over the accesses.
pub(super) fn drawing(layout: &Layout) -> bool {
    let Cost { lines, accesses, .. } = Cost::of(layout);
    lines.saturating_mul(accesses) <= DRAWING
}

/// Whether all accesses may be visited once.
pub(super) fn accesses(layout: &Layout) -> bool {
    Cost::of(layout).accesses <= DRAWING
}

/// The cost of walks over a type, or over a value of it.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// The parts of a value that a walk visits. A number in an array is a part.
    steps: u64,
    /// The accesses of a copy.
    accesses: u64,
    /// The lines of a drawing.
    lines: u64,
}

impl Cost {
    fn of(layout: &Layout) -> Cost {
        let mut cost = Cost::below(layout);
        cost.steps = cost.steps.saturating_add(16);
        cost.accesses = if layout.size() == 0 { 1 } else { cost.accesses.saturating_add(1) };
        cost.lines += 1;
        cost
    }

    fn below(layout: &Layout) -> Cost {
        match layout.shape() {
            Shape::Array { element, len, .. } => {
                let (one, len) = (Cost::of(element), len as u64);
                let steps = if is_number(element) { 1 } else { one.steps };
                Cost {
                    steps: if element.size() == 0 { 0 } else { steps.saturating_mul(len) },
                    accesses: if element.is_padding_free() { 0 } else { one.accesses.saturating_mul(len) },
                    lines: one.lines,
                }
            }
            Shape::Struct { fields, .. } => {
                let mut all = Cost::sum(fields.iter().map(|field| Cost::of(field.layout())));
                // Fields without bytes are skipped again for each field after them.
                let empty = fields.iter().filter(|field| field.layout().size() == 0).count();
                all.accesses = all.accesses.saturating_add((empty * fields.len()) as u64);
                all
            }
            Shape::Enum { variants, .. } => {
                let of = |variant: &Variant| Cost::sum(variant.fields().iter().map(|field| Cost::of(field.layout())));
                let each: Vec<Cost> = variants.iter().map(of).collect();
                let all = Cost::sum(each.iter().copied());
                let parts = all.accesses.saturating_add(variants.len() as u64);
                // Up to this size all runs are found at once. Otherwise all variants are examined for each byte at
                // which a field of one begins or ends.
                let at_once = layout.size() <= 1 << 24;
                let runs = if at_once { layout.size() as u64 / 8 } else { parts.saturating_mul(parts) };
                Cost {
                    // Only one variant is active.
                    steps: each.iter().map(|cost| cost.steps).max().unwrap_or(0).saturating_add(16),
                    accesses: parts.saturating_add(runs),
                    lines: all.lines + variants.len() as u64,
                }
            }
            Shape::Plain => Cost { steps: layout.size() as u64, ..Cost::default() },
            _ => Cost::default(),
        }
    }

    fn sum(parts: impl Iterator<Item = Cost>) -> Cost {
        parts.fold(Cost::default(), |sum, part| Cost {
            steps: sum.steps.saturating_add(part.steps),
            accesses: sum.accesses.saturating_add(part.accesses),
            lines: sum.lines + part.lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::command::tests::samples::Sample;

    #[derive(SeqCopy)]
    #[repr(C)]
    struct Amplified {
        byte: u8,
        nothing: [(); 3],
        more: [[(); 4]; 5],
    }

    #[derive(Clone, Copy, SeqCopy)]
    // SAFETY: bytes without padding, of which any are valid.
    #[seqcopy(unsafe(plain))]
    #[repr(C)]
    struct Opaque([u8; 1024]);

    #[test]
    fn what_people_have_is_shown() {
        for layout in
            [Sample::LAYOUT, <[[Sample; 100]; 100]>::LAYOUT, <[u8; 64 << 20]>::LAYOUT, <[bool; 1 << 20]>::LAYOUT]
        {
            assert_eq!(walk(layout, 1), Ok(()), "{}", type_name(layout));
            assert!(drawing(layout) && accesses(layout));
        }
        assert_eq!(walk(<[SeqOption<f64>; 1 << 20]>::LAYOUT, 1), Ok(()));
        // An image of four layers.
        assert_eq!(walk(<[[[[u8; 4]; 1920]; 1080]; 4]>::LAYOUT, 1), Ok(()));
    }

    #[test]
    fn values_that_are_too_large_are_refused_with_another_way() {
        let line = |layout, values| payload(layout, values).unwrap_err();
        assert_eq!((payload(<[u8; 96 << 20]>::LAYOUT, 2), payload(<[u8; 192 << 20]>::LAYOUT, 1)), (Ok(()), Ok(())));
        assert_eq!(
            line(<[u8; (96 << 20) + 1]>::LAYOUT, 2),
            "`[u8; 100663297]` has 100663297 bytes, and this command reads values of at most 100663296: `seqcopy show` shows it, \
             or a program can read it, by `Region::read_bytes` in Rust or by `seqcopy header` in C"
        );
        for values in [1, 2] {
            let line = line(<[u8; (192 << 20) + 1]>::LAYOUT, values);
            assert!(!line.contains("`seqcopy show`") && line.contains(": a program can read it, by "), "{line}");
        }
    }

    #[test]
    fn tables_are_as_large_as_there_is_memory_for_each() {
        for maps in [1, 2] {
            let most = (192 << 20) / maps as u64;
            assert!(table("m", most, maps).is_ok());
            let line = table("m", most + 1, maps).unwrap_err();
            assert!(line.contains(&format!("maps of at most {most}: `--key`")), "{line}");
        }
    }

    /// One more than is allowed, for each limit.
    #[test]
    fn limits_hold_from_both_sides() {
        let array = |element: &'static Layout, len: u64| Layout::of_array(element, usize::try_from(len).unwrap());
        // Sixteen steps more than those of the elements.
        for (len, is_possible) in [((1 << 28) - 16, true), ((1 << 28) - 15, false)] {
            assert_eq!(walk(&array(u8::LAYOUT, len), 1).is_ok(), is_possible);
        }
        let steps = Cost::of(u32::LAYOUT).steps;
        let most = usize::try_from((1 << 28) / steps).unwrap();
        assert_eq!([most, most + 1].map(|count| walk(u32::LAYOUT, count).is_ok()), [true, false]);
        // The memory of the entries, and the overhead of each.
        for maps in [1, 2] {
            let bytes = (192 << 20) / maps - 3 * 8;
            let possible = [bytes, bytes + 1].map(|bytes| sort(bool::LAYOUT, 3, bytes, 8, maps).is_ok());
            assert_eq!(possible, [true, false], "{maps}");
        }
        // A few comparisons for each entry.
        for maps in [1, 2] {
            let takes = |count: u64| count * (u64::from(count.ilog2()) + 1) * steps;
            let (mut least, mut most) = (1u64, 1u64 << 29);
            while most - least > 1 {
                let middle = least.midpoint(most);
                if takes(middle) <= (1 << 29) / maps { least = middle } else { most = middle }
            }
            let possible = [least, most]
                .map(|count| sort(u32::LAYOUT, usize::try_from(count).unwrap(), 0, 0, usize::try_from(maps).unwrap()));
            assert!(possible[0].is_ok() && possible[1].is_err(), "{least} {most}");
        }
        // An array of padded elements has their lines and accesses, and one more of each.
        let Cost { accesses: each, lines, .. } = Cost::of(Sample::LAYOUT);
        let most = (500_000_000 - 1) / each;
        assert_eq!([most, most + 1].map(|len| accesses(&array(Sample::LAYOUT, len))), [true, false]);
        let most = (500_000_000 / (lines + 1) - 1) / each;
        assert_eq!([most, most + 1].map(|len| drawing(&array(Sample::LAYOUT, len))), [true, false]);
    }

    /// The steps of the longest variant, and the accesses and lines of all variants. Runs count by size, up to 16 MiB.
    #[test]
    fn enums_cost_what_their_variants_do() {
        #[derive(Clone, Copy, SeqCopy)]
        #[repr(C, u8)]
        #[allow(dead_code)] // known by its layout
        enum Message<const N: usize> {
            One(u8),
            Three([Padded; 3], [Padded; N], u32) = 9,
            Two(u8, u16),
            None,
        }
        #[derive(Clone, Copy, SeqCopy)]
        #[repr(C)]
        struct Padded(u8, u32);
        let padded = Cost::of(Padded::LAYOUT);
        let number = Cost::of(u8::LAYOUT);
        let array = |len: u64| (padded.steps * len + 16, padded.accesses * len + 1, padded.lines + 1);
        let check = |layout: &Layout, len: u64, is_small: bool| {
            let (three, more) = (array(3), array(len));
            let parts = 4 * number.accesses + three.1 + more.1 + 4;
            let runs = if is_small { layout.size() as u64 / 8 } else { parts * parts };
            let Cost { steps, accesses, lines } = Cost::of(layout);
            assert_eq!(steps, three.0 + more.0 + number.steps + 16 + 16);
            assert_eq!(accesses, parts + runs + 1);
            assert_eq!(lines, 4 * number.lines + three.2 + more.2 + 4 + 1);
        };
        check(Message::<1>::LAYOUT, 1, true);
        check(Message::<{ (2 << 20) - 4 }>::LAYOUT, (2 << 20) - 4, true);
        check(Message::<{ (2 << 20) - 3 }>::LAYOUT, (2 << 20) - 3, false);
    }

    #[test]
    fn what_would_take_hours_is_refused() {
        assert!(walk(<[Amplified; 1 << 22]>::LAYOUT, 1).unwrap_err().contains("too many parts"));
        assert!(walk(<[bool; 1 << 27]>::LAYOUT, 1).is_err());
        // Each byte of a plain type is shown.
        assert!(walk(<[Opaque; 1 << 17]>::LAYOUT, 1).is_ok() && walk(<[Opaque; 1 << 19]>::LAYOUT, 1).is_err());
        assert!(walk(Sample::LAYOUT, 1 << 20).unwrap_err().starts_with("1048576 entries"));
        assert!(!accesses(<[Amplified; 1 << 40]>::LAYOUT) || Amplified::LAYOUT.is_padding_free());
        assert!(!accesses(<[Sample; 1 << 30]>::LAYOUT));
    }
}
