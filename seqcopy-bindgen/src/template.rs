//! The part of the header that is the same for all types. It is C, in `c/type.h` for what stands around all, in
//! `c/handles.h` for the functions of handles and in `c/direct.h` for those that read and write without a call, part by
//! part. A part is put where `@+part@` stands, and marks such as `@name@` are replaced.

use std::collections::HashSet;

use seqcopy::Layout;
use seqcopy_shm::Header;

use crate::identifiers::constant;

const TYPE: &str = include_str!("c/type.h");
const HANDLES: &str = include_str!("c/handles.h");
const DIRECT: &str = include_str!("c/direct.h");

/// What a region holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Value,
    Slice,
    Map,
}

/// The largest value without padding whose accesses a header makes. The library moves larger ones in less time, because it
/// chooses instructions for the processor that it runs on.
const LARGEST: usize = 128;

/// How values of a type are read and written without a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direct {
    /// By accesses in the header.
    Each,
    /// By a function of the library that moves bytes: without padding, all of them are data.
    Whole,
}

impl Direct {
    /// `None` for maps and slices, which are read and written by a call. A slice may have another capacity in the region
    /// than the struct has.
    pub(super) fn of(layout: &Layout, holds: Holds) -> Option<Direct> {
        let is_whole = layout.is_padding_free();
        match holds {
            Holds::Slice | Holds::Map => None,
            Holds::Value if is_whole && layout.size() > LARGEST => Some(Direct::Whole),
            Holds::Value => Some(Direct::Each),
        }
    }
}

/// What differs from type to type.
pub(super) struct Parts {
    pub(super) holds: Holds,
    /// The type as Rust calls it, or the two of a map, as code.
    pub(super) rust_name: String,
    /// The beginning of the names of types and functions.
    pub(super) prefix: String,
    /// The beginning of the names of constants.
    pub(super) upper: String,
    pub(super) types: String,
    /// The lines of a macro that compares a struct of the program with the type.
    pub(super) same: String,
    pub(super) schema: Vec<u8>,
    /// How values are read without a call, and the check of their bits.
    pub(super) direct: Option<(Direct, String)>,
    /// The copy of a value, where the header makes it.
    pub(super) copy: String,
    /// The stores of a value, where the header makes them.
    pub(super) stores: String,
}

/// The names that the templates define.
pub(super) fn names(prefix: &str) -> HashSet<String> {
    let upper = constant(prefix);
    let marks = [("@name@", prefix), ("@NAME@", &upper)].into_iter();
    let all = marks.flat_map(|mark| [TYPE, HANDLES, DIRECT].map(|text| (mark, text)));
    all.flat_map(|((mark, own), text): (_, &str)| {
        text.split(mark).skip(1).map(move |rest| format!("{own}{}", words(rest).next().unwrap_or_default()))
    })
    .collect()
}

/// Whether the header uses this word outside comments and texts: as the name of a variable, or of something that it
/// calls.
pub(super) fn uses(name: &str) -> bool {
    // Words of the copy and of the checks, which have numbered variables: `i0`, `at1`, `tag2`.
    let is_generated =
        ["at", "from", "i", "memset", "tag", "to"].contains(&name.trim_end_matches(|c: char| c.is_ascii_digit()));
    let code = [TYPE, HANDLES, DIRECT]
        .into_iter()
        .flat_map(|text| text.split("/*").filter_map(|part| part.split("*/").last()));
    // The program at the top stands in a comment.
    let mut lines = code.flat_map(str::lines).filter(|line| !line.starts_with(" *"));
    // Between two marks there is code, and in a mark its name.
    is_generated
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

/// A part of a file of parts.
fn part_of(file: &'static str, name: &str) -> &'static str {
    let mut parts = file.split("@=").skip(1).filter_map(|part| part.split_once("@\n"));
    parts.find(|(of, _)| *of == name).expect("a part of that name").1
}

/// The functions of a region with values, or slices of them.
fn of_values(parts: &Parts) -> String {
    let direct = |name| part_of(DIRECT, name);
    let (mut before, mut read, mut write) =
        (String::new(), direct("read_by_call").to_owned(), direct("write_by_call").to_owned());
    if let Some((how, _)) = parts.direct {
        let is_each = how == Direct::Each;
        before = [direct("places"), if is_each { direct("copies") } else { "" }, direct("valid")].concat();
        before += if is_each { direct("stores") } else { "" };
        let before_load = if is_each { "" } else { direct("mover") };
        let way = |each, whole| if is_each { direct(each) } else { direct(whole) };
        read = direct("read_direct")
            .replace("@+before@\n", before_load)
            .replace("@+load@\n", way("load_each", "load_whole"));
        write = direct("write_direct").replace("@+store@\n", way("store_each", "store_whole"));
    }
    let slice = if parts.holds == Holds::Slice { part_of(HANDLES, "slice") } else { "" };
    [&before, part_of(HANDLES, "value"), slice].concat().replace("@+write@\n", &write).replace("@+read@\n", &read)
}

pub(super) fn assemble(layout: &Layout, header: &Header, parts: &Parts) -> String {
    let is_map = parts.holds == Holds::Map;
    let own = if is_map { part_of(HANDLES, "map").to_owned() } else { of_values(parts) };
    let handles = |name| part_of(HANDLES, name);
    let mut text = TYPE.replace("@+use@\n", handles(if is_map { "use_map" } else { "use_value" }));
    text = text.replace("@+handles@\n", handles("handles")).replace("@+own@\n", &own);
    text = text.replace("@+type@\n", if is_map { "" } else { handles("type") });
    text = text.replace("@+same@\n", if is_map { "" } else { handles("same") });
    // A member without bytes does not exist in C: the address of any is passed then.
    let member = |name: &str| {
        let is_there = layout.fields().iter().any(|field| field.name() == name && field.layout().size() > 0);
        if is_there { format!("&entry->{name}, sizeof entry->{name}") } else { "&entry->stamp, 0".to_owned() }
    };
    let checks = parts.direct.as_ref().map_or("", |(_, checks)| checks);
    let values = [
        ("@schema@", bytes(&parts.schema)),
        ("@fingerprint@", format!("{:#018x}", header.fingerprint())),
        ("@buffer_offset@", header.buffer_offset().to_string()),
        ("@buffer_stride@", header.buffer_stride().to_string()),
        ("@word_offset@", header.word_offset().to_string()),
        ("@order@", if cfg!(target_endian = "little") { "LITTLE" } else { "BIG" }.to_owned()),
        ("@library@", if is_map { "seqcopy_map" } else { "seqcopy" }.to_owned()),
        ("@key@", member("key")),
        ("@value@", member("value")),
        ("@types@", parts.types.trim_end().to_owned()),
        ("@same@\n", parts.same.clone()),
        ("@checks@", checks.trim_end().to_owned()),
        ("@copy@", parts.copy.trim_end().to_owned()),
        ("@stores@", parts.stores.trim_end().to_owned()),
        ("@rust@", parts.rust_name.clone()),
        ("@name@", parts.prefix.clone()),
        ("@NAME@", parts.upper.clone()),
    ];
    for (mark, value) in values {
        text = text.replace(mark, &value);
    }
    text
}

/// Bytes as elements of an array in C.
fn bytes(all: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().fold("   ".to_owned(), |text, byte| text + &format!(" {byte},"));
    all.chunks(28).map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_template() {
        let names = names("Quote");
        for name in
            ["Quote", "Quote_reader", "Quote_reader_read", "Quote_copy64", "QUOTE_FINGERPRINT", "QUOTE_WORD_OFFSET"]
        {
            assert!(names.contains(name), "{name}: {names:?}");
        }
        // Every name that a header begins with its prefix, of each template.
        for text in [TYPE, HANDLES, DIRECT] {
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
        for name in ["status", "out", "handle", "self", "i", "i12", "at", "tag0", "memcpy"] {
            assert!(uses(name), "{name}");
        }
        // Words of comments and messages.
        for name in ["value", "writer", "damaged", "name", "copy", "map"] {
            assert!(!uses(name), "{name}");
        }
    }
}
