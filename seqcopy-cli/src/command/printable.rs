//! Text that fits one line of a terminal and has no effect on it.
//!
//! Paths, names of processes and messages of the system may hold any character, those that clear the screen or reverse the
//! direction of writing included.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Whether a terminal shows the character in its place: not a control character, not one that changes the direction of writing,
/// and not one that is invisible.
pub(super) fn is_printable(c: char) -> bool {
    if matches!(c, '"' | '\'' | '\\') {
        return true;
    }
    // By the rules of `Debug`, which leave an accent as it is if it follows a letter.
    let mut text = [b'a'; 5];
    let len = 1 + c.encode_utf8(&mut text[1..]).len();
    std::str::from_utf8(&text[..len]).is_ok_and(|text| text.escape_debug().count() == 2)
}

/// The text, its other characters escaped as in Rust: `\n`, `\u{1b}`.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c.to_string() } else { c.escape_default().to_string() }).collect()
}

/// A path as text. Bytes that are not UTF-8 are written as `\xff`.
pub(super) fn printable_path(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text += &printable(chunk.valid());
        text += &chunk.invalid().escape_ascii().to_string();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line() {
        assert_eq!(printable("a\nb\x1b[2J"), "a\\nb\\u{1b}[2J");
        assert_eq!(printable("größe 漢字 नाम \u{202e}\u{ad}\u{9b}"), "größe 漢字 नाम \\u{202e}\\u{ad}\\u{9b}");
    }

    #[test]
    fn bytes_of_a_path_that_are_not_text() {
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/dev/shm/a\xff\xfeb\n"));
        assert_eq!(printable_path(path), "/dev/shm/a\\xff\\xfeb\\n");
    }
}
