//! Names for C: identifiers from the names of a schema, each given once.

use std::collections::HashMap;
use std::fmt::Write;

/// The names that the header defines so far, and how often each was wanted.
#[derive(Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    /// The wanted name, or one like it if that is taken.
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        while self.0.contains_key(&name) {
            let number = self.0.entry(wanted.to_owned()).or_insert(1);
            *number += 1;
            name = format!("{wanted}_{number}");
        }
        self.0.insert(name.clone(), 1);
        name
    }
}

/// An identifier that is, or looks like, `name`.
pub(super) fn identifier(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() || c == '_' => text.push(c),
            _ if c.is_ascii() => text.push('_'),
            // Compilers differ in which letters they take.
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
    if TAKEN.contains(&text.as_str()) {
        text.push('_');
    }
    text
}

/// The name as constants are written: `VeryFast` becomes `VERY_FAST`.
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

/// Keywords of C and C++, macros of their headers, and what the header itself uses.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "alignas", "alignof", "and", "and_eq", "asm", "assert", "auto", "bitand", "bitor", "bool", "break", "case", "catch",
    "char", "char16_t", "char32_t", "char8_t", "class", "close", "co_await", "co_return", "co_yield", "compl", "concept",
    "const", "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do",
    "double", "dynamic_cast", "else", "enum", "EOF", "errno", "explicit", "export", "extern", "false", "float", "for",
    "friend", "fstat", "goto", "if", "inline", "int", "int16_t", "int32_t", "int64_t", "int8_t", "linux", "long", "memcpy",
    "memset", "mmap", "munmap", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "NULL", "nullptr", "off_t",
    "offsetof", "open", "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
    "requires", "restrict", "return", "sched_yield", "short", "signed", "size_t", "sizeof", "stat", "static",
    "static_assert", "static_cast", "stderr", "stdin", "stdout", "struct", "switch", "template", "this", "thread_local",
    "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "uint16_t", "uint32_t", "uint64_t", "uint8_t",
    "uintptr_t", "union", "unix", "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for (name, expected) in [
            ("at", "at"),
            ("0", "_0"),
            ("class", "class_"),
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

    #[test]
    fn names_are_given_once() {
        let mut names = Names::default();
        assert_eq!(names.fresh("a"), "a");
        assert_eq!(names.fresh("a"), "a_2");
        assert_eq!(names.fresh("a_2"), "a_2_2");
        assert_eq!(names.fresh("a"), "a_3");
    }
}
