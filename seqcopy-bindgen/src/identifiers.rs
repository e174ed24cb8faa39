//! Names of a schema as C identifiers, and as the names of constants.

use std::fmt::Write;

/// An identifier that is `name`, or resembles it. It may be taken.
pub(super) fn identifier(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() || c == '_' => text.push(c),
            _ if c.is_ascii() => text.push('_'),
            // Compilers differ in which letters they accept.
            _ => {
                let _ = write!(text, "u{:04x}", u32::from(c));
            }
        }
    }
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        // The fields of tuples are numbers.
        text.insert(0, '_');
    }
    let second = text.as_bytes().get(1).copied();
    let is_reserved = text.starts_with('_') && second.is_none_or(|c| c == b'_' || c.is_ascii_uppercase());
    if is_reserved {
        text.insert(0, 'x');
    }
    text
}

/// The name in the style of constants: `VeryFast` becomes `VERY_FAST`.
pub(super) fn constant(name: &str) -> String {
    let mut text = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            text.push('_');
        }
        text.push(c.to_ascii_uppercase());
        before = c;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for (name, expected) in [
            ("at", "at"),
            ("0", "_0"),
            ("Größe", "Gru00f6u00dfe"),
            ("__at", "x__at"),
            ("_At", "x_At"),
            ("_at", "_at"),
            ("_", "x_"),
            ("NonZero<u8>", "NonZero_u8_"),
            ("", "x_"),
        ] {
            assert_eq!(identifier(name), expected, "{name}");
        }
    }

    #[test]
    fn constants() {
        for (name, expected) in [("VeryFast", "VERY_FAST"), ("Utf8Text", "UTF8_TEXT"), ("HTTP", "HTTP"), ("a_b", "A_B")]
        {
            assert_eq!(constant(name), expected);
        }
    }
}
