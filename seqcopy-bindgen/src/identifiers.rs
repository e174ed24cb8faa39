//! Names of a schema as C identifiers and as the names of constants; and words that no name in a header can be:
//! keywords of C and C++, and what the declarations of a header are made of.
//!
//! Nothing else is taken. Names at file scope begin with a prefix of their own, and macros are out of the way where
//! members are declared ([`Types`](crate::types::Types)).

use std::fmt::Write;

/// Whether no type, function, constant or member can have this name.
pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name) || DECLARATIONS.contains(&name)
}

/// Keywords of C up to C23 and of C++ up to C++23, operators with names included, and those of the GNU modes.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
    "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
    "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
    "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "final", "float", "for", "friend", "goto", "if",
    "import", "inline", "int", "long", "module", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr",
    "operator", "or", "or_eq", "override", "private", "protected", "public", "register", "reinterpret_cast", "requires",
    "restrict", "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch",
    "template", "this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "typeof_unqual",
    "union", "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
];

/// Words between which members are declared: without them there would be no declaration, and in C++ a member of the
/// name of a type changes its meaning for the members after it. `defined` can't be a macro, so no `#undef` can name it.
#[rustfmt::skip]
const DECLARATIONS: &[&str] = &[
    "defined", "int16_t", "int32_t", "int64_t", "int8_t", "offsetof", "uint16_t", "uint32_t", "uint64_t", "uint8_t", "uintptr_t",
];

#[cfg(test)]
pub(super) fn keywords() -> impl Iterator<Item = &'static str> {
    KEYWORDS.iter().chain(DECLARATIONS).copied()
}

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
