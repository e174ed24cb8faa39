//! The screen that `watch` and `plot` draw on: on a terminal each frame is drawn over the last one.
//!
//! No mode of the terminal is changed, and the cursor stays visible after the last line, so there is nothing to restore however the program
//! ends.

use std::fmt::Display;
use std::io;
use std::io::{IsTerminal, Write};

use super::columns::fit;
use super::region::Failure;

pub(super) struct Screen {
    is_terminal: bool,
    columns: usize,
    lines: usize,
    /// How many lines the last frame has.
    drawn: usize,
}

impl Screen {
    pub(super) fn new() -> Self {
        Screen { is_terminal: io::stdout().is_terminal(), columns: 100, lines: usize::MAX, drawn: 0 }
    }

    /// A terminal may change its size at any time.
    pub(super) fn measure(&mut self) {
        if self.is_terminal {
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
            // The usual size, for a terminal that does not report its own.
            let (columns, lines) = size.map_or((80, 24), |size| (size.ws_col.into(), size.ws_row.into()));
            (self.columns, self.lines) = if columns == 0 || lines == 0 { (80, 24) } else { (columns, lines) };
        }
    }

    /// How many columns and lines there are; where it is no terminal, as many as a usual one has.
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
    /// What a terminal gets, all at once, so that no half of a frame is seen.
    text: Vec<u8>,
    /// How many lines it has so far.
    lines: usize,
    /// Where the last of them begins: it is replaced if more follow than fit.
    last: usize,
    /// How many don't fit.
    more: usize,
}

impl<W: Write> Sheet<'_, W> {
    /// A line, and whether it is to be emphasised. What does not fit is left out: a line that wraps, or scrolls, can't be drawn over.
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
            // What is left of a longer frame.
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
    use crate::command::columns::columns;

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
        // Rows as far as they fit, over all of the last frame.
        let text = draw(&mut screen, &[("a", false); 4]);
        assert!(text.starts_with("\x1b[4A\ra") && text.matches('a').count() == 4, "{text:?}");
        // The last one is counted as well where one does not fit.
        let text = draw(&mut screen, &[("a", false); 5]);
        assert!(text.matches("a\x1b").count() == 3 && text.contains("  ... 2..."), "{text:?}");
        // By columns: these characters are two wide.
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

    /// In a file each frame follows the last, after an empty line.
    #[test]
    fn frames_follow_each_other_where_there_is_no_terminal() {
        let mut screen = Screen { is_terminal: false, columns: 80, lines: 24, drawn: 0 };
        let frames = [&[("a", false)][..], &[("b", true)], &[("c", false), ("d", false)], &[("e", false)]];
        let text: Vec<String> = frames.map(|frame| draw(&mut screen, frame)).into();
        assert_eq!(text, ["a\n", "\nb\n", "\nc\nd\n", "\ne\n"]);
    }
}
