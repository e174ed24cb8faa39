//! The names that a schema may contain: exactly the names that the derive can write.
//!
//! A schema comes from another process, and its names are printed on terminals, in JSON and in C programs. The derive
//! writes Rust identifiers (raw ones without their `r#`), the indices of tuple fields, and `()`. These consist of
//! letters, digits, marks and `_`. Accepting nothing else keeps out control characters, invisible characters, and those
//! that change the direction of text.

use core::fmt;
use std::collections::HashSet;

/// The kind of item that has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// A struct, an enum or plain bytes. The name has no path and no parameters.
    Type,
    Field,
    Variant,
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Of::Type => "a type",
            Of::Field => "a field",
            Of::Variant => "a variant",
        })
    }
}

/// Whether a program can use `name` for an item of this kind.
pub(super) fn is_name(of: Of, name: &str) -> bool {
    match of {
        // The unit type is the only one whose name is not an identifier.
        Of::Type => name == "()" || is_identifier(name),
        Of::Variant => is_identifier(name),
        Of::Field => is_identifier(name) || is_index(name),
    }
}

/// Whether `name` is a Rust identifier: Unicode's `XID_Start` or `_`, then `XID_Continue`.
///
/// Keywords are accepted, because most of them are names as raw identifiers.
fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    match chars.next() {
        // `_` alone is not an identifier.
        Some('_') if chars.as_str().is_empty() => false,
        Some(first) => (first == '_' || unicode_ident::is_xid_start(first)) && chars.all(is_continue),
        None => false,
    }
}

fn is_continue(c: char) -> bool {
    // Unicode lets joiners continue an identifier, Rust does not.
    unicode_ident::is_xid_continue(c) && !matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether `name` is the index of a tuple field, without leading zeros.
fn is_index(name: &str) -> bool {
    let is_short = name.len() <= 9 && (name == "0" || !name.starts_with('0'));
    is_short && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first name that occurs for the second time.
pub(super) fn first_twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_programs() {
        for name in ["a", "_a", "__", "type", "Self", "größe", "नाम", "漢字", "עברית", "a\u{301}", "T1", "PhantomData"]
        {
            for of in [Of::Type, Of::Field, Of::Variant] {
                assert!(is_name(of, name), "{of}: {name}");
            }
        }
        for name in [
            "", "_", "r#type", "a b", "a-b", "a.b", "a::b", "a<b>", "'a", "1a", "\u{301}a", "a\u{0}", "[0]", "a\n",
            "\x1b",
        ] {
            for of in [Of::Type, Of::Field, Of::Variant] {
                assert!(!is_name(of, name), "{of}: {name}");
            }
        }
        assert!(is_name(Of::Type, "()") && !is_name(Of::Field, "()") && !is_name(Of::Variant, "()"));
        for name in ["0", "1", "10", "999999999"] {
            assert!(is_name(Of::Field, name) && !is_name(Of::Type, name) && !is_name(Of::Variant, name), "{name}");
        }
        for name in ["00", "01", "+1", "1000000000", "٣"] {
            assert!(!is_name(Of::Field, name), "{name}");
        }
    }

    /// The category `Cf` of Unicode 16, which are invisible characters that control how text is drawn. Also the line
    /// and paragraph separators.
    #[rustfmt::skip]
    const FORMAT: &[core::ops::RangeInclusive<u32>] = &[
        0x00ad..=0x00ad, 0x0600..=0x0605, 0x061c..=0x061c, 0x06dd..=0x06dd, 0x070f..=0x070f, 0x0890..=0x0891, 0x08e2..=0x08e2,
        0x180e..=0x180e, 0x200b..=0x200f, 0x202a..=0x202e, 0x2060..=0x2064, 0x2066..=0x206f, 0xfeff..=0xfeff, 0xfff9..=0xfffb,
        0x110bd..=0x110bd, 0x110cd..=0x110cd, 0x13430..=0x1343f, 0x1bca0..=0x1bca3, 0x1d173..=0x1d17a, 0xe0001..=0xe0001,
        0xe0020..=0xe007f, 0x2028..=0x2029,
    ];

    #[test]
    #[cfg_attr(miri, ignore = "a million characters, and no unsafe code")]
    fn nothing_invisible_that_directs_the_text_is_in_a_name() {
        for c in FORMAT.iter().cloned().flatten().filter_map(char::from_u32) {
            assert!(!is_continue(c) && !unicode_ident::is_xid_start(c), "{c:?}");
        }
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            assert!(!(is_continue(c) && (c.is_control() || c.is_whitespace())), "{c:?}");
        }
    }

    #[test]
    fn what_occurs_twice_is_found() {
        assert_eq!(first_twice(["a", "b", "c"].into_iter()), None);
        assert_eq!(first_twice(["a", "b", "a", "b"].into_iter()), Some("a"));
    }
}
