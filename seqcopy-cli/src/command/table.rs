//! Rows in columns.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};

use super::bounded::Bounded;
use super::columns::columns;
use super::failure::Failure;
use super::text::{Label, Row};
use super::types::type_name;

/// The widths of the first two columns: those of their widest entries, but at most `WIDEST`.
pub(super) struct Table {
    label: usize,
    kind: usize,
}

impl Table {
    const WIDEST: usize = 40;

    /// For these rows, which are written once, to see whether they are longer than the given number of bytes.
    pub(super) fn of(
        most: u64,
        elements: usize,
        rows: impl FnOnce(&mut dyn FnMut(&Row<'_, '_>) -> io::Result<()>) -> io::Result<()>,
    ) -> Result<Table, Failure> {
        let (mut table, mut bounded) = (Table { label: 0, kind: 0 }, Bounded::new(most));
        let widen = |width: &mut usize, text: &dyn Display| {
            if *width < Self::WIDEST {
                *width = columns(text).clamp(*width, Self::WIDEST);
            }
        };
        let written = rows(&mut |row| {
            match &row.label {
                Label::Field(path, layout) => {
                    widen(&mut table.label, path);
                    widen(&mut table.kind, &type_name(layout));
                }
                Label::Key(key) => widen(&mut table.label, key),
                Label::None => {}
            }
            writeln!(bounded, "{}", table.line(row))
        });
        written.map(|()| table).map_err(|_| {
            Failure::Message(format!(
                "with {elements} elements of each array, this would be more than {} MiB of text: try fewer `--elements`, \
                 `--json`, or a field",
                most >> 20
            ))
        })
    }

    /// A row's line without its mark, not truncated.
    pub(super) fn line<'l>(&'l self, row: &'l Row<'_, '_>) -> impl Display + 'l {
        Line { table: self, row }
    }
}

struct Line<'l, 'a, 'p> {
    table: &'l Table,
    row: &'l Row<'a, 'p>,
}

impl Display for Line<'_, '_, '_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Line { table, row } = self;
        let mut column =
            |text: &dyn Display, width: usize| write!(f, "{text}{:1$}  ", "", width.saturating_sub(columns(text)));
        match &row.label {
            Label::Field(path, layout) => {
                // A value that is one row has no paths.
                if table.label > 0 {
                    column(path, table.label)?;
                }
                column(&type_name(layout), table.kind)?;
            }
            Label::Key(key) => column(key, table.label)?,
            Label::None => {}
        }
        write!(f, "{}", row.text)
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::bounded::TEXT;
    use crate::command::tests::samples::{Sample, image};
    use crate::command::text::rows;
    use seqcopy_shm::untyped::Variants;

    fn lines(bytes: &[u8], elements: usize) -> Vec<String> {
        let variants = Variants::of(Sample::LAYOUT);
        let value = variants.value(Sample::LAYOUT, bytes);
        let table = Table::of(TEXT, elements, |each| rows(value, None, elements, each)).unwrap();
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
        let value = variants.value(Sample::LAYOUT, &image);
        let up_to = |most, value, elements| Table::of(most, elements, |each| rows(value, None, elements, each));
        assert!(up_to(5000, value, 3).is_ok());
        let refused = up_to(500, value, 3).err().unwrap();
        assert!(matches!(refused, Failure::Message(line) if line.contains("fewer `--elements`")));
        // More elements than there is memory, and more than anything has.
        let (variants, many) = (Variants::of(<[[[u8; 4]; 1000]; 1000]>::LAYOUT), vec![0xa5; 4_000_000]);
        let value = variants.value(<[[[u8; 4]; 1000]; 1000]>::LAYOUT, &many);
        assert!(up_to(100_000, value, usize::MAX).is_err() && up_to(100_000, value, 10).is_ok());
    }

    #[test]
    fn invalid_bits_are_marked() {
        let mut bytes = image();
        bytes[0] = 2;
        assert!(lines(&bytes, 2)[0].ends_with("INVALID 0x2, expected a `bool`: 0 or 1"));
    }
}
