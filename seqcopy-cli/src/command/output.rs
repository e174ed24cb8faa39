//! Printing: rows in columns, and the [`Screen`] that `watch` and `plot` draw on.
//!
//! What is printed once is written to [`Bounded`] first, and only then to standard output: so what is too long is
//! refused before a byte of it is printed, and no JSON is ever cut off. A value in memory is the same both times.
//!
//! On a terminal each frame of a [`Screen`] is drawn over the last one. No mode of the terminal is changed, and the
//! cursor stays visible after the last line, so there is nothing to restore however the program ends.

use std::fmt::{Display, Formatter};
use std::io::{IsTerminal, Write};
use std::{fmt, io};

use super::columns::{columns, fit};
use super::limits::Bounded;
use super::region::{Failure, type_name};
use super::text::{Label, Row};

/// The widths of the first two columns: those of their widest entries, but at most `WIDEST`.
pub(super) struct Table {
    label: usize,
    kind: usize,
}

impl Table {
    const WIDEST: usize = 40;

    /// The table for these rows. Writes them once, to find out whether they are longer than the given number of bytes.
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
                // A value that is a single row has no path.
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

pub(super) struct Screen {
    is_terminal: bool,
    columns: usize,
    lines: usize,
    /// The number of lines of the last frame.
    drawn: usize,
}

impl Screen {
    pub(super) fn new() -> Self {
        Screen { is_terminal: io::stdout().is_terminal(), columns: 100, lines: usize::MAX, drawn: 0 }
    }

    /// Asks for the size of the terminal, which may change at any time.
    pub(super) fn measure(&mut self) {
        if self.is_terminal {
            #[cfg(unix)]
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| (size.ws_col, size.ws_row));
            #[cfg(windows)]
            let size: Option<(u16, u16)> = None;
            // The usual size, if a terminal does not report its own.
            let (columns, lines) = size.map_or((80, 24), |(columns, lines)| (columns.into(), lines.into()));
            (self.columns, self.lines) = if columns == 0 || lines == 0 { (80, 24) } else { (columns, lines) };
        }
    }

    /// The number of columns and lines. If the output is not a terminal, the usual size.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.columns.min(160), self.lines.clamp(10, 60))
    }

    /// Begins a frame, over the last one.
    pub(super) fn begin<'s, W: Write>(&'s mut self, out: &'s mut W) -> Result<Sheet<'s, W>, Failure> {
        let mut text = Vec::new();
        if self.drawn > 0 && self.is_terminal {
            write!(text, "\x1b[{}A\r", self.drawn)?;
        } else if self.drawn > 0 {
            writeln!(out)?;
        }
        Ok(Sheet { screen: self, out, text, lines: 0, last: 0, more: 0 })
    }
}

/// A frame that is being drawn, line by line.
pub(super) struct Sheet<'s, W> {
    screen: &'s mut Screen,
    out: &'s mut W,
    /// The text for the terminal, written at once, so that no half frame is seen.
    text: Vec<u8>,
    /// The number of lines so far.
    lines: usize,
    /// Where the last line begins. It is replaced if more lines follow than fit.
    last: usize,
    /// The number of lines that don't fit.
    more: usize,
}

impl<W: Write> Sheet<'_, W> {
    /// Adds a line, perhaps emphasised. A line that is too long is cut off, because a frame with a wrapped or scrolled
    /// line can't be drawn over.
    pub(super) fn line(&mut self, line: impl Display, is_emphasised: bool) -> Result<(), Failure> {
        if self.lines == self.screen.lines.saturating_sub(1).max(3) {
            self.more += 1;
            return Ok(());
        }
        self.lines += 1;
        self.last = self.text.len();
        let line = fit(line, self.screen.columns);
        if self.screen.is_terminal {
            let (begin, end) = if is_emphasised { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
            writeln!(self.text, "{begin}{line}{end}\x1b[K")?;
        } else {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> Result<(), Failure> {
        if self.more > 0 {
            let more = self.more + 1;
            self.text.truncate(self.last);
            self.lines -= 1;
            self.line(
                format_args!("  ... {more} more lines: enlarge the terminal, or show fewer `--elements`"),
                false,
            )?;
        }
        if self.screen.is_terminal {
            // Clears the rest of a longer frame.
            write!(self.text, "\x1b[J")?;
        }
        self.screen.drawn = self.lines;
        self.out.write_all(&self.text)?;
        self.out.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::tests::samples::{Sample, image};
    use crate::command::text::rows;
    use seqcopy::SeqCopy;
    use seqcopy_shm::untyped::Variants;
    use std::fmt;
    use std::fmt::{Display, Formatter};
    use std::io::Write;

    use crate::command::limits::TEXT;

    fn lines(bytes: &[u8], elements: usize) -> Vec<String> {
        let variants = Variants::from_layout(Sample::LAYOUT);
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
        let (variants, image) = (Variants::from_layout(Sample::LAYOUT), image());
        let value = variants.value(Sample::LAYOUT, &image);
        let up_to = |most, value, elements| Table::of(most, elements, |each| rows(value, None, elements, each));
        assert!(up_to(5000, value, 3).is_ok());
        let refused = up_to(500, value, 3).err().unwrap();
        assert!(matches!(refused, Failure::Message(line) if line.contains("fewer `--elements`")));
        // More elements than there is memory for, and than any value has.
        let (variants, many) = (Variants::from_layout(<[[[u8; 4]; 1000]; 1000]>::LAYOUT), vec![0xa5; 4_000_000]);
        let value = variants.value(<[[[u8; 4]; 1000]; 1000]>::LAYOUT, &many);
        assert!(up_to(100_000, value, usize::MAX).is_err() && up_to(100_000, value, 10).is_ok());
    }

    #[test]
    fn invalid_bits_are_marked() {
        let mut bytes = image();
        bytes[0] = 2;
        assert!(lines(&bytes, 2)[0].ends_with("INVALID 0x2, expected a `bool`: 0 or 1"));
    }

    /// Output that never ends, unless its writer returns an error.
    struct Endless;

    impl Display for Endless {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            for _ in 0..1_000_000 {
                f.write_str("word")?;
            }
            panic!("it does not stop")
        }
    }

    fn draw(screen: &mut Screen, lines: &[(&str, bool)]) -> String {
        let mut out = Vec::new();
        let mut sheet = screen.begin(&mut out).unwrap();
        for (line, is_emphasised) in lines {
            sheet.line(line, *is_emphasised).unwrap();
        }
        sheet.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn frames_fit_the_terminal() {
        let mut screen = Screen { is_terminal: true, columns: 10, lines: 5, drawn: 0 };
        let text = draw(&mut screen, &[("line 0 is long", false); 9]);
        assert_eq!(text.matches('\n').count(), 4);
        assert!(text.starts_with("line 0 ...\x1b[K\n") && text.ends_with("\n  ... 6...\x1b[K\n\x1b[J"), "{text:?}");
        // As many rows as fit, drawn over all of the last frame.
        let text = draw(&mut screen, &[("a", false); 4]);
        assert!(text.starts_with("\x1b[4A\ra") && text.matches('a').count() == 4, "{text:?}");
        // If a row does not fit, the last one counts as missing, too.
        let text = draw(&mut screen, &[("a", false); 5]);
        assert!(text.matches("a\x1b").count() == 3 && text.contains("  ... 2..."), "{text:?}");
        // Counted in columns. These characters take two.
        let text = draw(&mut screen, &[("漢字漢字漢字漢字漢字", false)]);
        let line = text.split("\x1b[K").next().unwrap().rsplit('\r').next().unwrap();
        assert!(columns(line) <= 10 && line.starts_with("漢字漢"), "{line}");
    }

    #[test]
    fn a_frame_is_drawn_over_the_last() {
        let mut screen = Screen { is_terminal: true, columns: 80, lines: 24, drawn: 0 };
        assert_eq!(draw(&mut screen, &[("a", false), ("b", true)]), "a\x1b[K\n\x1b[1mb\x1b[0m\x1b[K\n\x1b[J");
        assert_eq!(draw(&mut screen, &[("c", false)]), "\x1b[2A\rc\x1b[K\n\x1b[J");
    }

    /// A hundred columns, and as many lines as there are.
    #[test]
    fn a_file_has_lines_of_a_hundred_columns() {
        let mut screen = Screen { is_terminal: false, ..Screen::new() };
        let (long, longer) = ("a".repeat(100), "b".repeat(101));
        let text = draw(&mut screen, &[(&long, false), (&longer, false)]);
        assert_eq!(text, format!("{long}\n{}...\n", &longer[..97]));
        let many = vec![("a", false); 1000];
        assert_eq!(draw(&mut screen, &many).lines().count(), 1001);
    }

    /// In a file, each frame follows the last one, after an empty line.
    #[test]
    fn frames_follow_each_other_where_there_is_no_terminal() {
        let mut screen = Screen { is_terminal: false, columns: 80, lines: 24, drawn: 0 };
        let frames = [&[("a", false)][..], &[("b", true)], &[("c", false), ("d", false)], &[("e", false)]];
        let text: Vec<String> = frames.map(|frame| draw(&mut screen, frame)).into();
        assert_eq!(text, ["a\n", "\nb\n", "\nc\nd\n", "\ne\n"]);
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
