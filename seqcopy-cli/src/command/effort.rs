//! Refuses values and types that are too large to show. That is estimated from the type alone, before anything is read.
//!
//! A schema of 256 KiB can describe any number of values, each with a path of kilobytes. The command refuses what would take more
//! memory, more time or more of a screen than a user has, and says what to do instead.

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, Variant};

use super::expected::NAMED;
use super::text::LETTERS;
use super::types::{is_number, type_name};

/// The memory for values, in bytes. One value is in memory where it is shown, two where they are compared.
const MEMORY: usize = 192 << 20;
/// The text of all rows, in bytes.
const TEXT: u64 = 64 << 20;
/// The JSON of a value, in bytes.
const JSON: u64 = 1 << 30;
/// The steps of a walk over all parts of a value, of which a number in an array takes one.
const STEPS: u64 = 1 << 28;
/// The steps of sorting: parts of keys that are compared.
const SORTING: u64 = 1 << 29;
/// The steps of a drawing: its lines, times the steps of a walk over the accesses.
const DRAWING: u64 = 500_000_000;

/// What reads a value of any size.
const PROGRAM: &str = "a program can read it, by `FileRegion::read_bytes` in Rust or by `seqcopy header` in C";

/// Whether a value of the type may be read by a command that has so many values in memory.
pub(super) fn payload(layout: &Layout, values: usize) -> Result<(), String> {
    let (size, most) = (layout.size(), MEMORY / values);
    if size > most {
        let name = type_name(layout);
        let show = if values > 1 && size <= MEMORY { "`seqcopy show` shows it, or " } else { "" };
        let limit = format!("has {size} bytes, and this command reads values of at most {most}");
        return Err(format!("`{name}` {limit}: {show}{PROGRAM}"));
    }
    Ok(())
}

/// Whether the tables of so many maps, each of so many bytes, may be read.
pub(super) fn table(name: &str, bytes: u64, maps: usize) -> Result<(), String> {
    let most = (MEMORY / maps) as u64;
    if bytes > most {
        return Err(format!(
            "{name} has tables of {bytes} bytes, and this command reads maps of at most {most}: `--key` shows an entry, or a program \
             can read it, by `MapReader` in Rust or by `seqcopy header` in C"
        ));
    }
    Ok(())
}

/// Whether so many entries, which have so many bytes and take `overhead` bytes each beside them, can be sorted by their keys, for each
/// of so many maps.
pub(super) fn sort(key: &Layout, count: usize, bytes: usize, overhead: usize, maps: usize) -> Result<(), String> {
    let memory = count.saturating_mul(overhead).saturating_add(bytes);
    // Comparisons, each of which looks at a whole key at most.
    let comparisons = (count as u64).saturating_mul(u64::from(count.max(1).ilog2()) + 1);
    if memory > MEMORY / maps || comparisons.saturating_mul(steps(key)) > SORTING / maps as u64 {
        return Err(format!(
            "{count} entries are too many to sort by their keys: `--key` shows one, or a program can read them, by `MapReader` in Rust \
             or by `seqcopy header` in C"
        ));
    }
    Ok(())
}

/// Whether so many entries can be shown, with so many elements of each array.
pub(super) fn entries(slot: &Layout, count: usize, elements: usize) -> Result<(), String> {
    if text(slot, elements as u64, 0).saturating_mul(count as u64) > TEXT {
        return Err(format!("{count} entries of this type are too many to show: try fewer `--elements`, or `--key`"));
    }
    Ok(())
}

/// Whether so many entries can be written as JSON.
pub(super) fn json_entries(slot: &Layout, count: usize) -> Result<(), String> {
    walk_entries(slot, count)?;
    if json_bytes(slot, 4).saturating_mul(count as u64) > JSON {
        return Err(format!(
            "the JSON of {count} entries of this type would have more than {} MiB: `--key` shows one",
            JSON >> 20
        ));
    }
    Ok(())
}

/// Whether all parts of so many entries can be looked at.
pub(super) fn walk_entries(slot: &Layout, count: usize) -> Result<(), String> {
    if steps(slot).saturating_mul(count as u64) > STEPS {
        return Err(format!("{count} entries of this type are too many to look at each part: `--key` shows one"));
    }
    Ok(())
}

/// Whether the rows of a value can be shown, with so many elements of each array.
pub(super) fn rows(layout: &Layout, elements: usize) -> Result<(), String> {
    let text = |elements| text(layout, elements as u64, 0);
    if text(elements) <= TEXT {
        return Ok(());
    }
    let name = type_name(layout);
    let fewer = std::iter::successors(Some(elements / 2), |&fewer| (fewer > 0).then_some(fewer / 2));
    Err(match fewer.into_iter().find(|&fewer| text(fewer) <= TEXT) {
        Some(fewer) => {
            format!("`{name}` has too many parts to show {elements} elements of each array: try `--elements {fewer}`")
        }
        None => format!("`{name}` has too many parts to show: try `seqcopy show --json`, or {PROGRAM}"),
    })
}

/// Whether all of a value can be written as JSON.
pub(super) fn json(layout: &Layout) -> Result<(), String> {
    walk(layout)?;
    if json_bytes(layout, 2) > JSON {
        return Err(format!(
            "`{}` has too many parts: its JSON would have more than {} MiB: try `seqcopy show` without `--json`, or {PROGRAM}",
            type_name(layout),
            JSON >> 20
        ));
    }
    Ok(())
}

/// Whether all parts of a value can be looked at.
pub(super) fn walk(layout: &Layout) -> Result<(), String> {
    if steps(layout) > STEPS {
        return Err(format!(
            "`{}` has too many parts to look at each: `seqcopy show` shows the first of each array, or {PROGRAM}",
            type_name(layout)
        ));
    }
    Ok(())
}

/// Whether the type can be drawn: each line walks over the accesses.
pub(super) fn drawing(layout: &Layout) -> bool {
    lines(layout).saturating_mul(access_steps(layout)) <= DRAWING
}

/// Whether the accesses can be walked over once.
pub(super) fn accesses(layout: &Layout) -> bool {
    access_steps(layout) <= DRAWING
}

fn sum(fields: &[Field], of: &mut dyn FnMut(&Field) -> u64) -> u64 {
    fields.iter().fold(0, |sum: u64, field| sum.saturating_add(of(field)))
}

/// The largest of the variants.
fn largest(layout: &Layout, of: &mut dyn FnMut(&Variant) -> u64) -> u64 {
    layout.variants().iter().map(of).max().unwrap_or(0)
}

/// The longest text for a tag: the variant's name, or what an invalid tag should have been.
fn variant_text(layout: &Layout) -> u64 {
    let longest = largest(layout, &mut |variant| variant.name().len() as u64);
    let named = layout.variants().iter().take(NAMED).map(|variant| variant.name().len() as u64 + 30).sum::<u64>();
    longest.max(80 + layout.name().len() as u64 + named)
}

/// The rows of a value, in bytes, at most: parts that share a line have no paths.
fn text(layout: &Layout, elements: u64, path: u64) -> u64 {
    let row = 100 + path + type_name(layout).len() as u64;
    let below = match layout.shape() {
        Shape::Array { element, .. } if element.size() == 0 => 0,
        Shape::Array { element, len } if is_number(element) => {
            42 * elements.min(len as u64) + (LETTERS.min(layout.size()) as u64)
        }
        Shape::Array { element, len } => {
            row.saturating_add(elements.min(len as u64).saturating_mul(text(element, elements, path + 24)))
        }
        // Each byte may be one that is escaped.
        Shape::Struct { .. } if layout.str_capacity().is_some() => 6 * LETTERS.min(layout.size()) as u64,
        Shape::Struct { fields } => {
            sum(fields, &mut |field| text(field.layout(), elements, path + 1 + field.name().len() as u64))
        }
        Shape::Tags { .. } => variant_text(layout),
        Shape::Enum { .. } => {
            let fields = largest(layout, &mut |variant| {
                let path = path + 1 + variant.name().len() as u64;
                sum(variant.fields(), &mut |field| text(field.layout(), elements, path + 1 + field.name().len() as u64))
            });
            variant_text(layout).saturating_add(fields)
        }
        Shape::Plain => 3 * (2 * elements).min(layout.size() as u64),
        _ => 60,
    };
    row.saturating_add(below)
}

/// The JSON of a value at this depth, in bytes, at most.
fn json_bytes(layout: &Layout, depth: u64) -> u64 {
    let line = 2 * depth + 2;
    // The object for invalid bits.
    let invalid = 110 + 3 * line;
    let field =
        |field: &Field| json_bytes(field.layout(), depth + 1).saturating_add(field.name().len() as u64 + 4 + line);
    match layout.shape() {
        Shape::Scalar(Scalar::Unsigned | Scalar::Signed) => [3, 6, 11, 21, 42][layout.size().ilog2().min(4) as usize],
        Shape::Scalar(Scalar::Float) => 26,
        Shape::Scalar(_) => invalid,
        Shape::Tags { .. } => invalid + variant_text(layout),
        Shape::Plain => 2 * layout.size() as u64 + 2,
        Shape::Array { element, .. } if element.size() == 0 => 60 + line,
        Shape::Array { element, len } => {
            (json_bytes(element, depth + 1).saturating_add(line)).saturating_mul(len as u64).saturating_add(line)
        }
        Shape::Struct { fields } => sum(fields, &mut { field }).saturating_add(line + 2),
        Shape::Enum { .. } => {
            let field = |field: &Field| {
                json_bytes(field.layout(), depth + 2).saturating_add(field.name().len() as u64 + 6 + line)
            };
            let fields = largest(layout, &mut |variant| sum(variant.fields(), &mut { field }));
            fields.saturating_add(invalid + 3 * line + variant_text(layout))
        }
        _ => 24,
    }
}

/// The steps of a walk over a value.
fn steps(layout: &Layout) -> u64 {
    let fields = |fields: &[Field]| sum(fields, &mut |field| steps(field.layout()));
    match layout.shape() {
        Shape::Array { element, .. } if element.size() == 0 => 16,
        Shape::Array { element, len } if is_number(element) => 16 + len as u64,
        Shape::Array { element, len } => steps(element).saturating_mul(len as u64).saturating_add(16),
        Shape::Struct { fields: list } => fields(list).saturating_add(16),
        Shape::Enum { .. } => largest(layout, &mut |variant| fields(variant.fields())).saturating_add(32),
        Shape::Tags { .. } => 32,
        Shape::Plain => 16 + layout.size() as u64,
        _ => 16,
    }
}

/// How many lines a drawing has.
fn lines(layout: &Layout) -> u64 {
    let fields = |fields| sum(fields, &mut |field| lines(field.layout()));
    1 + match layout.shape() {
        Shape::Array { element, .. } => lines(element),
        Shape::Struct { fields: list } => fields(list),
        Shape::Enum { variants, .. } => variants.iter().map(|variant| 1 + fields(variant.fields())).sum(),
        _ => 0,
    }
}

/// The steps of a walk over the accesses of a copy.
fn access_steps(layout: &Layout) -> u64 {
    /// Up to this size an enum's runs are found all at once.
    const AT_ONCE: usize = 1 << 24;
    if layout.size() == 0 {
        return 1;
    }
    let fields = |fields: &[Field]| sum(fields, &mut |field| access_steps(field.layout()));
    let below = match layout.shape() {
        Shape::Array { element, .. } if element.is_padding_free() => 0,
        Shape::Array { element, len } => access_steps(element).saturating_mul(len as u64),
        Shape::Struct { fields: list } => {
            // Fields without bytes are skipped again for each field that follows.
            let empty = list.iter().filter(|field| field.layout().size() == 0).count() as u64;
            fields(list).saturating_add(empty * list.len() as u64)
        }
        Shape::Enum { variants, .. } => {
            let parts = variants.iter().fold(0, |sum: u64, variant| sum.saturating_add(1 + fields(variant.fields())));
            if layout.size() <= AT_ONCE {
                parts.saturating_add(layout.size() as u64 / 8)
            } else {
                // All variants are looked at for each byte where a field of one begins or ends.
                parts.saturating_mul(parts)
            }
        }
        _ => 0,
    };
    below.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::command::samples::Sample;

    #[derive(SeqCopy)]
    #[repr(C)]
    struct Amplified {
        byte: u8,
        nothing: [(); 3],
        more: [[(); 4]; 5],
    }

    #[test]
    fn what_people_have_is_shown() {
        for layout in
            [Sample::LAYOUT, <[[Sample; 100]; 100]>::LAYOUT, <[u8; 64 << 20]>::LAYOUT, <[bool; 1 << 20]>::LAYOUT]
        {
            assert_eq!((rows(layout, 16), json(layout)), (Ok(()), Ok(())), "{}", type_name(layout));
            assert!(drawing(layout) && accesses(layout));
        }
        assert_eq!(json(<[SeqOption<f64>; 1 << 20]>::LAYOUT), Ok(()));
        // An image of four layers.
        assert_eq!(rows(<[[[[u8; 4]; 1920]; 1080]; 4]>::LAYOUT, 16), Ok(()));
        assert_eq!(json(<[[[[u8; 4]; 1920]; 1080]; 4]>::LAYOUT), Ok(()));
    }

    #[test]
    fn values_that_are_too_large_are_refused_with_another_way() {
        let line = |layout, values| payload(layout, values).unwrap_err();
        assert_eq!((payload(<[u8; 96 << 20]>::LAYOUT, 2), payload(<[u8; 192 << 20]>::LAYOUT, 1)), (Ok(()), Ok(())));
        assert_eq!(
            line(<[u8; (96 << 20) + 1]>::LAYOUT, 2),
            "`[u8; 100663297]` has 100663297 bytes, and this command reads values of at most 100663296: `seqcopy show` shows it, \
             or a program can read it, by `FileRegion::read_bytes` in Rust or by `seqcopy header` in C"
        );
        for values in [1, 2] {
            let line = line(<[u8; (192 << 20) + 1]>::LAYOUT, values);
            assert!(!line.contains("`seqcopy show`") && line.contains(": a program can read it, by "), "{line}");
        }
    }

    #[test]
    fn what_would_take_hours_is_refused() {
        assert!(json(<[Amplified; 1 << 22]>::LAYOUT).unwrap_err().contains("too many parts"));
        assert!(json(<[bool; 1 << 27]>::LAYOUT).is_err());
        let many = <[[[[[[Sample; 16]; 16]; 16]; 16]; 16]; 16]>::LAYOUT;
        let words = rows(many, 16).unwrap_err();
        assert!(words.ends_with("try `--elements 4`"), "{words}");
        assert_eq!(rows(many, 4), Ok(()));
        assert!(!accesses(<[Amplified; 1 << 40]>::LAYOUT) || Amplified::LAYOUT.is_padding_free());
        assert!(!accesses(<[Sample; 1 << 30]>::LAYOUT));
    }
}
