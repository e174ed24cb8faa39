//! Rows in columns.

use std::fmt::{self, Display, Formatter, Write};

use super::bounded::{Bounded, TEXT};
use super::columns::columns;
use super::failure::Failure;
use super::text::{Row, rows};
use super::types::type_name;
use super::value::Value;

/// The widths of the first two columns: those of their widest entries, but at most `WIDEST`.
pub(super) struct Table {
    path: usize,
    kind: usize,
}

impl Table {
    const WIDEST: usize = 40;

    /// For the rows of a value, which this writes once, to see whether they are too many.
    pub(super) fn of(value: Value<'_>, elements: usize) -> Result<Table, Failure> {
        Self::up_to(TEXT, value, elements)
    }

    fn up_to(most: u64, value: Value<'_>, elements: usize) -> Result<Table, Failure> {
        let (mut table, mut bounded) = (Table { path: 0, kind: 0 }, Bounded::new(most));
        let widen = |width: &mut usize, text: &dyn Display| {
            if *width < Self::WIDEST {
                *width = columns(text).clamp(*width, Self::WIDEST);
            }
        };
        let written = rows(value, None, elements, &mut |row| {
            widen(&mut table.path, &row.path);
            widen(&mut table.kind, &type_name(row.layout));
            writeln!(bounded, "{}", table.line(row))
        });
        written.map(|()| table).map_err(|_| too_long(most, elements))
    }

    /// A row's line, not truncated.
    pub(super) fn line<'l>(&self, row: &'l Row<'_, '_>) -> impl Display + 'l {
        Line { widths: (self.path, self.kind), row }
    }
}

/// What is said instead of too many rows, or too long ones.
pub(super) fn too_long(most: u64, elements: usize) -> Failure {
    Failure::Message(format!(
        "with {elements} elements of each array, this would be more than {} MiB of text: try fewer `--elements`, `--json`, or a field",
        most >> 20
    ))
}

struct Line<'l, 'a, 'p> {
    widths: (usize, usize),
    row: &'l Row<'a, 'p>,
}

impl Display for Line<'_, '_, '_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Line { widths: (path, kind), row } = self;
        let column = |f: &mut Formatter<'_>, text: &dyn Display, width: usize| {
            write!(f, "{text}{:1$}", "", width.saturating_sub(columns(text)))
        };
        column(f, &row.path, *path)?;
        f.write_str(if row.path.is_root() { "" } else { "  " })?;
        column(f, &type_name(row.layout), *kind)?;
        write!(f, "  {}", row.text)
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::tests::samples::{Sample, image};
    use crate::command::variants::Variants;

    fn lines(bytes: &[u8], elements: usize) -> Vec<String> {
        let variants = Variants::of(Sample::LAYOUT);
        let value = Value::new(&variants, Sample::LAYOUT, bytes);
        let table = Table::of(value, elements).unwrap();
        let mut lines = Vec::new();
        let result: Result<(), ()> = rows(value, None, elements, &mut |row| {
            lines.push(table.line(row).to_string());
            Ok(())
        });
        assert_eq!(result, Ok(()));
        lines
    }

    #[test]
    fn a_row_for_each_field() {
        let expected = "\
open bool true
mode Mode Fast
level i16 -2
ratio f32 0.1
letter char 'ß'
id NonZero<u16> 7
parent Option<NonZero<u32>> None
limit SeqOption<f64> Some(2.5)
outline Outline Circle { radius: 3, filled: true }
wide u128 1267650600228229401496703205376
history [u16; 40] [500, 0, ... 38 more]
legs[0] Leg { id: 0, length: 0, ready: None }
legs[1] Leg { id: 0, length: 12, ready: None }
legs[2..] [Leg; 3] ... 1 more
name [u8; 8] \"left\"";
        let lines = lines(&image(), 2);
        let squeezed: Vec<_> = lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(squeezed.join("\n"), expected);
        assert_eq!(lines[0], "open       bool                  true");
    }

    #[test]
    fn rows_that_are_too_long_are_refused() {
        let (variants, image) = (Variants::of(Sample::LAYOUT), image());
        let value = Value::new(&variants, Sample::LAYOUT, &image);
        assert!(Table::up_to(5000, value, 3).is_ok());
        let refused = Table::up_to(500, value, 3).err().unwrap();
        assert!(matches!(refused, Failure::Message(line) if line.contains("fewer `--elements`")));
        // More elements than there is memory, and more than anything has.
        let (variants, many) = (Variants::of(<[[[u8; 4]; 1000]; 1000]>::LAYOUT), vec![0xa5; 4_000_000]);
        let value = Value::new(&variants, <[[[u8; 4]; 1000]; 1000]>::LAYOUT, &many);
        assert!(Table::up_to(100_000, value, usize::MAX).is_err() && Table::up_to(100_000, value, 10).is_ok());
    }

    #[test]
    fn invalid_bits_are_marked() {
        let mut bytes = image();
        bytes[0] = 2;
        assert!(lines(&bytes, 2)[0].ends_with("INVALID 0x2, expected a `bool`: 0 or 1"));
    }
}
