//! Texts that are compared as a whole with a file that people read: small, as all of them do it by this one function.

/// Compares a text with that of a file, which is included in the test, line by line. With `BLESS=1` it writes the file:
/// read the difference.
///
/// # Panics
/// Where they differ, or if the file can't be written.
#[track_caller]
pub fn is_as_written(file: &str, written: &str, now: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, now).unwrap_or_else(|error| panic!("{file}: {error}"));
        return;
    }
    for (number, (was, is)) in (1..).zip(written.lines().zip(now.lines())) {
        assert_eq!(is, was, "line {number} of {file}; if it is meant: BLESS=1");
    }
    // Checkouts may have other line endings.
    let lines = [written, now].map(|text| text.lines().count());
    assert_eq!(lines[1], lines[0], "{file} has another number of lines; if they are meant: BLESS=1");
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::is_as_written;

    #[test]
    fn each_difference_is_seen() {
        for (now, is_same) in [
            ("a\nb\n", true),
            ("a\r\nb\r\n", true),
            ("a\nc\n", false),
            ("a\n", false),
            ("a\nb\nc\n", false),
            ("a\nb\n\n", false),
            ("", false),
        ] {
            assert_eq!(catch_unwind(|| is_as_written("a file", "a\nb\n", now)).is_ok(), is_same, "{now:?}");
        }
    }
}
