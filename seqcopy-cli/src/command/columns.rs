//! How wide text is on a terminal, and truncating it to a width.

use std::fmt::{self, Display, Write};

use unicode_width::UnicodeWidthChar;

/// How many columns of a terminal the text takes.
pub(super) fn columns(text: impl Display) -> usize {
    let mut count = Count(0);
    // `Count` never returns an error; one of the text's own ends it early.
    let _ = write!(count, "{text}");
    count.0
}

/// Chinese characters take two columns, combining accents none.
fn width(c: char) -> usize {
    c.width().unwrap_or(0)
}

struct Count(usize);

impl Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.chars().map(width).sum::<usize>();
        Ok(())
    }
}

/// The text, truncated to this many columns, with `...` at the end. No more of it is formatted than fits.
pub(super) fn fit(text: impl Display, most: usize) -> String {
    let mut line = Truncated { text: String::new(), columns: 0, most };
    if write!(line, "{text}").is_err() {
        while line.columns > most.saturating_sub(3) {
            let Some(last) = line.text.pop() else { break };
            line.columns -= width(last);
        }
        line.text.push_str(&"..."[..most.min(3)]);
    }
    line.text
}

/// Takes what fits; more is an error.
struct Truncated {
    text: String,
    columns: usize,
    most: usize,
}

impl Write for Truncated {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.columns + width(c) > self.most {
                return Err(fmt::Error);
            }
            self.columns += width(c);
            self.text.push(c);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_truncated() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdefg", 6), "abc...");
        assert_eq!(fit("abcdefg", 2), "..");
        assert_eq!(fit(format_args!("{}{}", "abc", "defg"), 6), "abc...");
    }

    #[test]
    fn columns_are_counted_not_characters() {
        assert_eq!(columns("漢字"), 4);
        assert_eq!(columns("a\u{301}"), 1);
        // Half a character can't be shown.
        assert_eq!(fit("漢字漢字", 8), "漢字漢字");
        assert_eq!(fit("漢字漢字", 7), "漢字...");
        assert_eq!(fit("漢字漢字", 6), "漢...");
        assert!((0..9).all(|most| columns(fit("漢字漢字a\u{301}", most)) <= most));
    }
}
