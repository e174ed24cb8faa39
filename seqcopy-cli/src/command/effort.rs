//! What is more than can be shown: worked out from the type alone, before anything is made of it.
//!
//! A schema of 256 KiB can promise any number of values, each with a path of kilobytes. The program refuses what would take
//! more memory, more time or more of a screen than an operator has.

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, Variant};
use seqcopy_shm::FileRegion;

use super::expected::NAMED;
use super::text::LETTERS;
use super::types::{is_number, type_name};

/// Of values, in bytes: one is in memory where it is shown, two where they are compared.
const MEMORY: usize = 192 << 20;
/// Of rows, in bytes.
const TEXT: u64 = 64 << 20;
/// Of JSON, in bytes.
const JSON: u64 = 1 << 30;
/// Of a walk over all parts of a value, in what a number of an array takes.
const STEPS: u64 = 1 << 28;
/// Of a drawing: lines, times the steps of a walk over the accesses.
const DRAWING: u64 = 500_000_000;

/// Whether so many values of the region may be read.
pub(super) fn payload(region: &FileRegion, values: usize) -> Result<(), String> {
    let (size, most) = (region.header().payload_size(), MEMORY / values);
    if size > most {
        let name = type_name(region.schema().layout());
        return Err(format!("`{name}` has {size} bytes, more than the {most} that can be shown: read it by a program"));
    }
    Ok(())
}

/// Whether the rows of a value, so many elements of each array, are not too many.
pub(super) fn rows(layout: &Layout, elements: usize) -> Result<(), String> {
    let text = |elements| text(layout, elements as u64, 0);
    if text(elements) <= TEXT {
        return Ok(());
    }
    let name = type_name(layout);
    let fewer = std::iter::successors(Some(elements / 2), |&fewer| (fewer > 0).then_some(fewer / 2));
    Err(match fewer.into_iter().find(|&fewer| text(fewer) <= TEXT) {
        Some(fewer) => format!("`{name}` has too many parts to show so many of each array: try `--elements {fewer}`"),
        None => format!("`{name}` has too many parts to show"),
    })
}

/// Whether all of a value can be written as JSON.
pub(super) fn json(layout: &Layout) -> Result<(), String> {
    walk(layout)?;
    if json_bytes(layout, 2) > JSON {
        return Err(format!(
            "`{}` has too many parts: its JSON would be more than {} MiB",
            type_name(layout),
            JSON >> 20
        ));
    }
    Ok(())
}

/// Whether all parts of a value can be looked at.
pub(super) fn walk(layout: &Layout) -> Result<(), String> {
    if steps(layout) > STEPS {
        return Err(format!("`{}` has too many parts to look at each of them", type_name(layout)));
    }
    Ok(())
}

/// Whether the accesses can be walked over once for each line of a drawing.
pub(super) fn drawing(layout: &Layout) -> bool {
    lines(layout).saturating_mul(access_steps(layout)) <= DRAWING
}

/// Whether a C program can have all parts of a type.
pub(super) fn header(layout: &Layout) -> Result<(), String> {
    if !accesses(layout) {
        return Err(format!("`{}` has too many parts for a C program", type_name(layout)));
    }
    Ok(())
}

/// Whether they can be walked over once.
pub(super) fn accesses(layout: &Layout) -> bool {
    access_steps(layout) <= DRAWING
}

fn sum(fields: &'static [Field], of: &mut dyn FnMut(&'static Field) -> u64) -> u64 {
    fields.iter().fold(0, |sum: u64, field| sum.saturating_add(of(field)))
}

/// The largest of the variants.
fn largest(layout: &Layout, of: &mut dyn FnMut(&'static Variant) -> u64) -> u64 {
    layout.variants().iter().map(of).max().unwrap_or(0)
}

/// What it takes to name a variant, or to say what an invalid tag should have been.
fn variant_text(layout: &Layout) -> u64 {
    let longest = largest(layout, &mut |variant| variant.name().len() as u64);
    let named = layout.variants().iter().take(NAMED).map(|variant| variant.name().len() as u64 + 30).sum::<u64>();
    longest.max(80 + layout.name().len() as u64 + named)
}

/// Of the rows of a value in bytes, at most. Some of it may come to lie on one line, without the paths.
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

/// Of the JSON of a value in bytes, at most, at this depth.
fn json_bytes(layout: &Layout, depth: u64) -> u64 {
    let line = 2 * depth + 2;
    // What is said of bits that are not valid.
    let invalid = 110 + 3 * line;
    let field = |field: &'static Field| {
        json_bytes(field.layout(), depth + 1).saturating_add(field.name().len() as u64 + 4 + line)
    };
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
            let field = |field: &'static Field| {
                json_bytes(field.layout(), depth + 2).saturating_add(field.name().len() as u64 + 6 + line)
            };
            let fields = largest(layout, &mut |variant| sum(variant.fields(), &mut { field }));
            fields.saturating_add(invalid + 3 * line + variant_text(layout))
        }
        _ => 24,
    }
}

/// Of a walk over a value.
fn steps(layout: &Layout) -> u64 {
    let fields = |fields| sum(fields, &mut |field| steps(field.layout()));
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

/// Of a walk over the accesses of a copy.
fn access_steps(layout: &Layout) -> u64 {
    /// The runs of larger enums are not found all at once.
    const AT_ONCE: usize = 1 << 24;
    if layout.size() == 0 {
        return 1;
    }
    let fields = |fields: &'static [Field]| sum(fields, &mut |field| access_steps(field.layout()));
    let below = match layout.shape() {
        Shape::Array { element, .. } if element.is_padding_free() => 0,
        Shape::Array { element, len } => access_steps(element).saturating_mul(len as u64),
        Shape::Struct { fields: list } => {
            // Fields without bytes are stepped over anew for each that follows.
            let empty = list.iter().filter(|field| field.layout().size() == 0).count() as u64;
            fields(list).saturating_add(empty * list.len() as u64)
        }
        Shape::Enum { variants, .. } => {
            let parts = variants.iter().fold(0, |sum: u64, variant| sum.saturating_add(1 + fields(variant.fields())));
            if layout.size() <= AT_ONCE {
                parts.saturating_add(layout.size() as u64 / 8)
            } else {
                // At each byte where something begins or ends all variants are asked.
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
    fn what_would_take_for_ever_is_not() {
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
