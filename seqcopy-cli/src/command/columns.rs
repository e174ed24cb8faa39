//! Layout of one line in a terminal: how wide text is, which characters are safe to print, and how dates and durations
//! look.
//!
//! Paths, names of processes and messages of the system may hold any character, those that clear the screen or reverse
//! the direction of writing included.

use std::fmt;
use std::fmt::{Display, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use unicode_width::UnicodeWidthChar;

/// The number of terminal columns that the text takes.
pub(super) fn columns(text: impl Display) -> usize {
    let mut count = Count(0);
    // `Count` never returns an error. If the text itself returns one, it ends there.
    let _ = write!(count, "{text}");
    count.0
}

/// Chinese characters take two columns, and combining accents take none.
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

/// The text, truncated to this many columns, with `...` at the end. Only the part that fits is formatted.
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

/// Accepts the text that fits. More is an error.
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

/// Whether a terminal shows the character in its place: not a control character, not one that changes the direction of
/// writing, and not one that is invisible.
pub(super) fn is_printable(c: char) -> bool {
    if matches!(c, '"' | '\'' | '\\') {
        return true;
    }
    // The rules of `Debug`, which do not escape an accent after a letter.
    let mut text = [b'a'; 5];
    let len = 1 + c.encode_utf8(&mut text[1..]).len();
    std::str::from_utf8(&text[..len]).is_ok_and(|text| text.escape_debug().count() == 2)
}

/// The text, with other characters escaped as in Rust: `
/// `, `\u{1b}`.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c.to_string() } else { c.escape_default().to_string() }).collect()
}

/// A path as text. Bytes that are not UTF-8 are written as `\xff`.
pub(super) fn printable_path(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text += &printable(chunk.valid());
        text += &chunk.invalid().escape_ascii().to_string();
    }
    text
}

/// `2026-11-20T10:42:32Z`.
pub(super) fn utc(time: SystemTime) -> String {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i128::from(after.as_secs()),
        Err(before) => -i128::from(before.duration().as_secs()),
    };
    let (days, second) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Year, month and day for a number of days since 1970-01-01. The calculation begins years in March, so that the leap
/// day is the last day.
fn date(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468; // since 0000-03-01
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097)); // of 400 years
    let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // March is 0
    let number = if month < 10 { month + 3 } else { month - 9 };
    (400 * era + year + i128::from(number <= 2), number, day - (153 * month + 2) / 5 + 1)
}

/// `0.25 s`, `3 min`, `5 h`.
pub(super) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.2} s", duration.as_secs_f64()),
        10..120 => format!("{} s", duration.as_secs()),
        120..7200 => format!("{} min", duration.as_secs() / 60),
        7200..172_800 => format!("{} h", duration.as_secs() / 3600),
        _ => format!("{} days", duration.as_secs() / 86400),
    }
}

/// The rate per second.
#[allow(clippy::cast_precision_loss)] // a few digits are shown
pub(super) fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// The seconds since 1970, as `date +%s` has them.
pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// Rates with three digits.
pub(super) fn rate(rate: f64) -> String {
    match rate {
        _ if rate < 10.0 => format!("{rate:.1}"),
        _ if rate < 10_000.0 => format!("{rate:.0}"),
        _ if rate < 10_000_000.0 => format!("{:.0} thousand", rate / 1e3),
        _ => format!("{:.1} million", rate / 1e6),
    }
}

/// `41 kB`, `1.2 MB`: of 1000, as files are counted.
pub(super) fn bytes(count: f64) -> String {
    let (unit, name) = match count {
        _ if count < 1e3 => (1.0, "bytes"),
        _ if count < 1e6 => (1e3, "kB"),
        _ if count < 1e9 => (1e6, "MB"),
        _ => (1e9, "GB"),
    };
    let digits = usize::from(count >= 1e3 && count / unit < 10.0);
    format!("{:.digits$} {name}", count / unit)
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
        // A character that has no width moves nothing.
        assert_eq!(columns("a\u{1}b"), 2);
        // Half a character can't be shown.
        assert_eq!(fit("漢字漢字", 8), "漢字漢字");
        assert_eq!(fit("漢字漢字", 7), "漢字...");
        assert_eq!(fit("漢字漢字", 6), "漢...");
        assert!((0..9).all(|most| columns(fit("漢字漢字a\u{301}", most)) <= most));
    }

    #[test]
    fn messages_are_one_line() {
        assert_eq!(printable("a\nb\x1b[2J"), "a\\nb\\u{1b}[2J");
        assert_eq!(printable("größe 漢字 नाम \u{202e}\u{ad}\u{9b}"), "größe 漢字 नाम \\u{202e}\\u{ad}\\u{9b}");
    }

    #[test]
    #[cfg(unix)]
    fn bytes_of_a_path_that_are_not_text() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(OsStr::from_bytes(b"/dev/shm/a\xff\xfeb\n"));
        assert_eq!(printable_path(path), "/dev/shm/a\\xff\\xfeb\\n");
    }

    #[test]
    #[cfg_attr(windows, ignore = "its times end in the year 30828")]
    fn dates() {
        let at = |seconds| utc(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(36_000), "1970-01-01T10:00:00Z");
        assert_eq!(at(951_868_799), "2000-02-29T23:59:59Z");
        assert_eq!(at(951_868_800), "2000-03-01T00:00:00Z");
        assert_eq!(at(1_795_171_352), "2026-11-20T10:42:32Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(utc(UNIX_EPOCH - Duration::from_secs(1)), "1969-12-31T23:59:59Z");
        // Far beyond any real date, as a damaged header may contain it.
        assert!(at(1 << 40).ends_with('Z'));
    }

    /// The first and last days of all months from 1600 to 2500, counted one by one.
    #[test]
    fn dates_are_those_of_the_calendar() {
        let (mut days, mut seen) = (-135_140i64, 0); // from 1970 back to 1600
        for year in 1600..=2500 {
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for (month, length) in (1..).zip(lengths) {
                assert_eq!(date(days.into()), (year, month, 1));
                days += length;
                assert_eq!(date((days - 1).into()), (year, month, i128::from(length)));
                seen += 1;
            }
        }
        assert_eq!(seen, 901 * 12);
    }

    #[test]
    fn spans() {
        assert_eq!(span(Duration::from_millis(250)), "0.25 s");
        assert_eq!(span(Duration::from_secs(300)), "5 min");
        assert_eq!(span(Duration::from_millis(9990)), "9.99 s");
        for (seconds, text) in [(10, "10 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h")] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        assert_eq!([172_799, 172_800].map(|seconds| span(Duration::from_secs(seconds))), ["47 h", "2 days"]);
        assert_eq!([259_199, 259_200].map(|seconds| span(Duration::from_secs(seconds))), ["2 days", "3 days"]);
        assert_eq!(span(Duration::from_secs(10_000_000)), "115 days");
    }

    #[test]
    fn sizes_have_two_or_three_digits() {
        for (count, text) in
            [(0.0, "0 bytes"), (999.0, "999 bytes"), (1_240.0, "1.2 kB"), (41_000.0, "41 kB"), (4.3e9, "4.3 GB")]
        {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn rates_are_short() {
        for (number, text) in [
            (0.0, "0.0"),
            (9.94, "9.9"),
            (10.0, "10"),
            (250.4, "250"),
            (9999.0, "9999"),
            (10_000.0, "10 thousand"),
            (123_456.0, "123 thousand"),
            (9_999_000.0, "9999 thousand"),
            (10_000_000.0, "10.0 million"),
            (12_345_678.0, "12.3 million"),
        ] {
            assert_eq!(rate(number), text);
        }
    }
}
