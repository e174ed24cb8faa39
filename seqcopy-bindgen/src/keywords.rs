//! Words that no name in a header can be: keywords of C and C++, and what the declarations of a header are made of.
//!
//! Nothing else is taken. Names at file scope begin with a prefix of their own, and macros are out of the way where members are
//! declared ([`Types`](crate::types::Types)).

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

/// Words between which members are declared: without them there would be no declaration, and in C++ a member of the name of a type
/// changes its meaning for the members after it. `defined` can't be a macro, so no `#undef` can name it.
#[rustfmt::skip]
const DECLARATIONS: &[&str] = &[
    "defined", "int16_t", "int32_t", "int64_t", "int8_t", "offsetof", "uint16_t", "uint32_t", "uint64_t", "uint8_t", "uintptr_t",
];

#[cfg(test)]
pub(super) fn keywords() -> impl Iterator<Item = &'static str> {
    KEYWORDS.iter().chain(DECLARATIONS).copied()
}
