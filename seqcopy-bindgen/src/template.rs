//! The part of the header that is the same for all types: opening a region and reading it. It is C, in `c/reader.h` for a region with
//! one value and in `c/map.h` for a map, with marks such as `@name@` that are replaced; what both have is in `c/common.h`, part by
//! part, and is put where `@+part@` stands.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::LazyLock;

use seqcopy::Layout;
use seqcopy_shm::{Header, Schema};

use crate::fields::{FieldHash, Fields};
use crate::identifiers::constant;

/// For a region with one value.
static VALUE: LazyLock<String> =
    LazyLock::new(|| with_common(&include_str!("c/reader.h").replace("@+grown@\n", GROWN)));
/// For structs: a region whose type has grown.
const GROWN: &str = include_str!("c/grown.h");
/// For both, once in a program: what keeps it alive when a file is truncated.
const TRUNCATION: &str = include_str!("c/truncation.h");
/// For a map.
static MAP: LazyLock<String> = LazyLock::new(|| with_common(include_str!("c/map.h")));

/// For types whose copy leaves bytes alone.
const ZEROS: &str = "    /* Padding, which is not copied, is zeros. */\n    memset(to, 0, sizeof *out);\n";

/// A part of a file of parts.
fn part_of(file: &'static str, name: &str) -> &'static str {
    let mut parts = file.split("@=").skip(1).filter_map(|part| part.split_once("@\n"));
    parts.find(|(of, _)| *of == name).expect("a part of that name").1
}

/// The largest value whose accesses a program with the library makes by itself, each for itself, and the largest of one that is moved at once:
/// larger ones the library moves in less time, by what the processor has for it.
const LARGEST: [usize; 2] = [256, 128];

/// What a program needs that has the library, for a region of this type.
fn library(layout: &Layout, parts: &Parts) -> String {
    let part = |name| part_of(include_str!("c/library.h"), name);
    let (is_map, is_slice) = (parts.slot.is_some(), Schema::__slice_of(layout).is_some());
    let is_whole = is_whole(layout);
    let is_small = layout.size() <= LARGEST[usize::from(is_whole)];
    let handles = match (is_map, is_slice) {
        (true, _) => part("map_handles").to_owned(),
        (_, true) => [part("value_handles"), part("slice_handles")].concat(),
        _ => part("value_handles").to_owned(),
    };
    let of_type = if is_map { "" } else { part("functions_of_type") };
    // A slice may have another capacity there than the struct has.
    let read = part(if (is_small || is_whole) && !is_slice { "read_direct" } else { "read_by_call" });
    let write = match parts.stores {
        Some(_) if is_small => {
            [part("stores"), part("write_direct")].concat().replace("@+store@\n", part("store_each"))
        }
        Some(_) if is_whole => part("write_direct").replace("@+store@\n", part("store_whole")),
        _ => part("write_by_call").to_owned(),
    };
    let text = part("library").replace("@+handles@\n", &handles).replace("@+functions_of_type@\n", of_type);
    let text = text.replace("@+read@\n", read).replace("@+write@\n", &write);
    text.replace("@move@", if is_small { "NULL" } else { "direct->move" })
}

/// Whether a copy is one of all bytes.
fn is_whole(layout: &Layout) -> bool {
    layout.is_padding_free() && Schema::__slice_of(layout).is_none()
}

/// A template with the parts that it shares with the other.
fn with_common(template: &str) -> String {
    let parts = include_str!("c/common.h").split("@=").skip(1);
    parts.fold(template.to_owned(), |text, part| {
        let (name, part) = part.split_once("@\n").expect("a name");
        text.replace(&format!("@+{name}@\n"), part)
    })
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
    /// The type as Rust calls it, or the two of a map.
    pub(super) rust_name: String,
    /// The beginning of the names of types and functions.
    pub(super) prefix: String,
    /// The beginning of the names of constants.
    pub(super) upper: String,
    pub(super) types: String,
    pub(super) checks: String,
    pub(super) copy: String,
    /// How a value is stored without a call, if its data lies in the same places in each.
    pub(super) stores: Option<String>,
    /// A map.
    pub(super) slot: Option<Slot>,
    pub(super) schema: Vec<u8>,
}

/// The names that the templates define.
pub(super) fn names(prefix: &str) -> HashSet<String> {
    let upper = constant(prefix);
    let marks = [("@name@", prefix), ("@NAME@", &upper)].into_iter();
    let all = marks.flat_map(|mark| [(mark, &**VALUE), (mark, &**MAP), (mark, include_str!("c/library.h"))]);
    all.flat_map(|((mark, own), text): (_, &str)| {
        text.split(mark).skip(1).map(move |rest| format!("{own}{}", words(rest).next().unwrap_or_default()))
    })
    .collect()
}

/// Whether the header uses this word outside comments and texts: as the name of a variable, or of something that it calls.
pub(super) fn uses(name: &str) -> bool {
    // The numbered variables of the copy and of the checks: `i0`, `at1`, `tag2`.
    let is_numbered = ["at", "from", "i", "tag", "to"].contains(&name.trim_end_matches(|c: char| c.is_ascii_digit()));
    let code = [&**VALUE, &**MAP, include_str!("c/library.h")]
        .into_iter()
        .flat_map(|text| text.split("/*").filter_map(|part| part.split("*/").last()));
    let mut lines = code.flat_map(str::lines);
    // Between two marks there is code, and in a mark its name.
    is_numbered
        || lines.any(|line| !line.contains('"') && line.split('@').step_by(2).flat_map(words).any(|word| word == name))
}

/// Without those that follow an arrow, which are names of members.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split("->").enumerate().flat_map(move |(index, text)| {
        let text = if index == 0 { text } else { text.trim_start_matches(is_word) };
        text.split(move |c| !is_word(c))
    })
}

pub(super) fn assemble(layout: &Layout, header: &Header, parts: &Parts) -> String {
    let fields = Fields::of(layout).filter(|_| parts.slot.is_none());
    let mut text = match (&parts.slot, &fields) {
        (Some(_), _) => MAP.clone(),
        (_, Some(_)) => VALUE.clone(),
        _ => VALUE.replace(GROWN, ""),
    };
    text.push_str(&library(layout, parts));
    let numbers = [
        ("@schema@", bytes(&parts.schema)),
        ("@fingerprint@", format!("{:#018x}", header.fingerprint())),
        ("@payload_size@", layout.size().to_string()),
        ("@payload_align@", layout.align().to_string()),
        ("@buffer_offset@", header.buffer_offset().to_string()),
        ("@buffer_stride@", header.buffer_stride().to_string()),
        ("@word_offset@", header.word_offset().to_string()),
        ("@state_offset@", header.state_offset().to_string()),
        ("@schema_len@", header.schema_len().to_string()),
        ("@byte_order@", if cfg!(target_endian = "little") { "1" } else { "2" }.to_owned()),
        ("@order@", if cfg!(target_endian = "little") { "LITTLE" } else { "BIG" }.to_owned()),
        ("@truncation@", TRUNCATION.trim_end().to_owned()),
        ("@types@", parts.types.trim_end().to_owned()),
        ("@checks@", parts.checks.trim_end().to_owned()),
        ("@copy@", parts.copy.trim_end().to_owned()),
        ("@stores@", parts.stores.as_deref().unwrap_or_default().trim_end().to_owned()),
        ("@zeros@\n", if is_whole(layout) { "" } else { ZEROS }.to_owned()),
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
    let fields = fields.map(|fields| {
        [
            ("@schema_start@", format!("{:#018x}", fields.start)),
            ("@fields@", fields.each.iter().map(row).collect::<Vec<_>>().join("\n")),
        ]
    });
    for (mark, value) in slot.into_iter().flatten().chain(fields.into_iter().flatten()).chain(numbers) {
        text = text.replace(mark, &value);
    }
    text
}

/// Bytes as elements of an array in C.
fn bytes(all: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().fold("   ".to_owned(), |text, byte| text + &format!(" {byte},"));
    all.chunks(28).map(line).collect::<Vec<_>>().join("\n")
}

/// A field as an element of an array in C.
fn row(FieldHash { name, len, hash }: &FieldHash) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => text.push(char::from(byte)),
            // Not as C reads a `?`, a `"`, or a byte beyond ASCII.
            _ => {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
    }
    format!("        {{ \"{text}\", {len}, UINT64_C({hash:#018x}) }},")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_template() {
        let names = names("Quote");
        for name in ["Quote", "Quote_region", "Quote_try_read", "Quote_copy64", "QUOTE_FINGERPRINT", "QUOTE_READ_TORN"]
        {
            assert!(names.contains(name), "{name}: {names:?}");
        }
        // Every name that a header begins with its prefix, of each template.
        for text in [&**VALUE, &**MAP, include_str!("c/library.h")] {
            let own = text.replace("@name@", "Quote").replace("@NAME@", "QUOTE");
            let mut found = 0;
            for word in words(&own).filter(|word| word.starts_with("Quote") || word.starts_with("QUOTE")) {
                assert!(names.contains(word), "{word}");
                found += 1;
            }
            assert!(found > 5, "{own}");
        }
    }

    #[test]
    fn words_of_the_template() {
        for name in ["region", "status", "out", "buffers", "i", "i12", "at", "tag0", "memcpy", "stat"] {
            assert!(uses(name), "{name}");
        }
        // Words of comments and messages.
        for name in ["value", "writer", "damaged", "name", "copy", "map"] {
            assert!(!uses(name), "{name}");
        }
    }
}
