//! The part of the header that is the same for all types: opening a region and reading it. It is C, in `reader.h` for a region with
//! one value and in `map.h` for a map, with marks such as `@name@` that are replaced; what both have is in `common.h`, part by part,
//! and is put where `@+part@` stands.

use std::collections::HashSet;
use std::sync::LazyLock;

use seqcopy::Layout;

use super::identifiers::constant;

/// For a region with one value.
pub(super) static VALUE: LazyLock<String> = LazyLock::new(|| with_common(include_str!("reader.h")));
/// For a map.
static MAP: LazyLock<String> = LazyLock::new(|| with_common(include_str!("map.h")));

/// A template with the parts that it shares with the other.
fn with_common(template: &str) -> String {
    let parts = include_str!("common.h").split("@=").skip(1);
    parts.fold(template.to_owned(), |text, part| {
        let (name, part) = part.split_once("@\n").expect("a name");
        text.replace(&format!("@+{name}@\n"), part)
    })
}

/// Where the parts of a region lie: numbers of its header that follow from the type alone.
pub(super) struct Place {
    pub(super) fingerprint: u64,
    pub(super) buffer_offset: u64,
    pub(super) buffer_stride: u64,
    pub(super) word_offset: u64,
    pub(super) state_offset: u64,
    pub(super) schema_len: u64,
}

/// What differs in the header of a map: the layout is that of a slot, and `copy` copies a value.
pub(super) struct Slot {
    pub(super) copy_key: String,
    pub(super) key_size: usize,
    pub(super) key_offset: usize,
    pub(super) value_offset: usize,
}

/// What differs from type to type.
pub(super) struct Parts {
    /// The type as Rust calls it.
    pub(super) rust_name: String,
    /// The beginning of the names of types and functions.
    pub(super) prefix: String,
    /// The beginning of the names of constants.
    pub(super) upper: String,
    pub(super) types: String,
    pub(super) checks: String,
    pub(super) copy: String,
    /// Of a map.
    pub(super) slot: Option<Slot>,
}

/// The names that the templates define.
pub(super) fn names(prefix: &str) -> Vec<String> {
    let all = [&*VALUE, &*MAP].into_iter();
    let mut names: Vec<String> = all
        .flat_map(|text| {
            let functions = text.split("@name@").skip(1).map(|rest| format!("{prefix}{}", word(rest)));
            let constants = text.split("@NAME@").skip(1).map(|rest| format!("{}{}", constant(prefix), word(rest)));
            functions.chain(constants).collect::<Vec<_>>()
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether the header uses this word: as the name of a parameter or a variable, or of something that it calls.
pub(super) fn uses(name: &str) -> bool {
    static USED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let mut used = HashSet::new();
        for text in [&*VALUE, &*MAP] {
            collect(text, &mut used);
        }
        used
    });
    // The numbered variables of the copy and of the checks: `i0`, `at1`, `tag2`.
    let is_numbered = ["at", "from", "i", "tag", "to"].contains(&name.trim_end_matches(|c: char| c.is_ascii_digit()));
    is_numbered || USED.contains(name)
}

/// Adds the words of a template.
fn collect<'t>(mut rest: &'t str, used: &mut HashSet<&'t str>) {
    while let Some(c) = rest.chars().next() {
        let end = match c {
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            // A mark.
            '@' => {
                let after = rest[1..].find('@').map_or(rest.len(), |end| end + 2);
                after + word(&rest[after..]).len()
            }
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            _ if c.is_ascii_alphabetic() || c == '_' => {
                used.insert(word(rest));
                word(rest).len()
            }
            _ => c.len_utf8(),
        };
        rest = &rest[end..];
    }
}

/// The identifier, or the rest of one, at the beginning of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

pub(super) fn assemble(layout: &Layout, place: &Place, parts: &Parts) -> String {
    let mut text = if parts.slot.is_some() { MAP.clone() } else { VALUE.clone() };
    let numbers = [
        ("@fingerprint@", format!("{:#018x}", place.fingerprint)),
        ("@payload_size@", layout.size().to_string()),
        ("@payload_align@", layout.align().to_string()),
        ("@buffer_offset@", place.buffer_offset.to_string()),
        ("@buffer_stride@", place.buffer_stride.to_string()),
        ("@word_offset@", place.word_offset.to_string()),
        ("@state_offset@", place.state_offset.to_string()),
        ("@schema_len@", place.schema_len.to_string()),
        ("@byte_order@", if cfg!(target_endian = "little") { "1" } else { "2" }.to_owned()),
        ("@order@", if cfg!(target_endian = "little") { "LITTLE" } else { "BIG" }.to_owned()),
        ("@types@", parts.types.trim_end().to_owned()),
        ("@checks@", parts.checks.trim_end().to_owned()),
        ("@copy@", parts.copy.trim_end().to_owned()),
        ("@rust@", parts.rust_name.clone()),
        ("@name@", parts.prefix.clone()),
        ("@NAME@", parts.upper.clone()),
    ];
    let slot = parts.slot.as_ref().map(|slot| {
        [
            ("@copy_key@", slot.copy_key.trim_end().to_owned()),
            ("@key_size@", slot.key_size.to_string()),
            ("@key_offset@", slot.key_offset.to_string()),
            ("@value_offset@", slot.value_offset.to_string()),
            // The offset of the first slot in a table.
            ("@table_header@", layout.align().max(64).to_string()),
        ]
    });
    for (mark, value) in slot.into_iter().flatten().chain(numbers) {
        text = text.replace(mark, &value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_template() {
        let names = names("Quote");
        for name in ["Quote", "Quote_region", "Quote_try_read", "Quote_copy64", "QUOTE_FINGERPRINT", "QUOTE_READ_TORN"]
        {
            assert!(names.contains(&name.to_owned()), "{name}: {names:?}");
        }
    }

    #[test]
    fn words_of_the_template() {
        for name in ["region", "status", "out", "buffers", "i", "i12", "at", "tag0", "memcpy"] {
            assert!(uses(name), "{name}");
        }
        // Words of comments and messages.
        for name in ["value", "writer", "damaged", "name", "_open", "copy"] {
            assert!(!uses(name), "{name}");
        }
    }
}
