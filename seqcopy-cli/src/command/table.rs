//! Rows in columns.

use std::fmt::{self, Display, Formatter};

use super::columns::columns;
use super::text::{Before, Row, rows};
use super::types::type_name;
use super::value::Value;

/// The widths of the first two columns: those of their widest entries, but at most `WIDEST`.
pub(super) struct Table {
    path: usize,
    kind: usize,
}

impl Table {
    const WIDEST: usize = 40;

    /// For the rows of a value, which this walks over once.
    pub(super) fn of(value: Value<'_>, elements: usize) -> Table {
        let mut table = Table { path: 0, kind: 0 };
        let widen = |width: &mut usize, text: &dyn Display| {
            if *width < Self::WIDEST {
                *width = columns(text).clamp(*width, Self::WIDEST);
            }
        };
        let result: Result<(), ()> = rows(value, Before::Unknown, elements, &mut |row| {
            widen(&mut table.path, &row.path);
            widen(&mut table.kind, &type_name(row.layout));
            Ok(())
        });
        debug_assert!(result.is_ok());
        table
    }

    /// A row's line, not truncated.
    pub(super) fn line<'l>(&self, row: &'l Row<'_, '_>) -> impl Display + 'l {
        Line { widths: (self.path, self.kind), row }
    }
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
    use crate::command::samples::{Sample, image};
    use crate::command::variants::Variants;

    fn lines(bytes: &[u8], elements: usize) -> Vec<String> {
        let variants = Variants::of(Sample::LAYOUT);
        let value = Value::new(&variants, Sample::LAYOUT, bytes);
        let table = Table::of(value, elements);
        let mut lines = Vec::new();
        let result: Result<(), ()> = rows(value, Before::Unknown, elements, &mut |row| {
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
    fn invalid_bits_are_marked() {
        let mut bytes = image();
        bytes[0] = 2;
        assert!(lines(&bytes, 2)[0].ends_with("INVALID 0x2, expected a `bool`: 0 or 1"));
    }
}
