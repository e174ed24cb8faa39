//! Rows in columns, and [`Bounded`]: how long they may become.
//!
//! What is printed is written to this first, and only then to standard output: so what is too long is refused before a byte of it is
//! printed, and no JSON is ever cut off. A value in memory is the same both times.

use std::fmt::{Display, Formatter};
use std::io::Write;
use std::{fmt, io};

use super::columns::columns;
use super::region::{Failure, type_name};
use super::text::{Label, Row};

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

/// The most text that is printed of a value, in bytes.
pub(super) const TEXT: u64 = 16 << 20;
/// The most JSON. Some seconds: it is written twice.
pub(super) const JSON: u64 = 256 << 20;

/// Counts this many bytes, and keeps none of them. The next is an error, which ends what is writing.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::table::TEXT;
    use crate::command::tests::samples::{Sample, image};
    use crate::command::text::rows;
    use seqcopy::SeqCopy;
    use seqcopy_shm::untyped::Variants;
    use std::fmt;
    use std::fmt::{Display, Formatter};
    use std::io::Write;

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

    /// Something that never ends, unless its writer does.
    struct Endless;

    impl Display for Endless {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            for _ in 0..1_000_000 {
                f.write_str("word")?;
            }
            panic!("it does not stop")
        }
    }

    #[test]
    fn it_stops_at_its_end() {
        assert!(write!(Bounded::new(4000), "{Endless}").is_err());
        assert!(write!(Bounded::new(3), "{}{}", 12, 3).is_ok());
        assert!(write!(Bounded::new(2), "{}{}", 12, 3).is_err());
        let error = Bounded::new(3).write_all(b"four").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
