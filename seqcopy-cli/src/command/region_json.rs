//! What is known of a region, as JSON: its path, its header, its writer.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use seqcopy_shm::WriterState;
use serde_json::{Map, Value as Json, json};

use super::failure::Failure;
use super::printable::printable_path;
use super::region::Opened;
use super::time::utc;

/// A path as text; if it is not UTF-8, its bytes as well, in hexadecimal digits.
pub(super) fn path(path: &Path) -> Map<String, Json> {
    use std::fmt::Write;
    let mut object = Map::new();
    if let Some(text) = path.to_str() {
        object.insert("path".to_owned(), json!(text));
        return object;
    }
    let mut digits = String::new();
    for byte in path.as_os_str().as_bytes() {
        let _ = write!(digits, "{byte:02x}");
    }
    object.insert("path".to_owned(), json!(printable_path(path)));
    object.insert("path_bytes".to_owned(), json!(digits));
    object
}

/// Whether there is a writer, and which process it is, as far as that is known.
pub(super) fn writer(state: WriterState) -> Json {
    match state {
        WriterState::Alive { pid } => json!({ "state": "alive", "pid": pid }),
        WriterState::Orphaned { pid } => json!({ "state": "orphaned", "pid": pid }),
        WriterState::Held => json!({ "state": "held" }),
        WriterState::Gone => json!({ "state": "gone" }),
        WriterState::Never => json!({ "state": "never" }),
        // Of a later version.
        other => json!({ "state": other.to_string() }),
    }
}

/// The header, after the path.
pub(super) fn header(path: &Path, opened: &Opened) -> Result<Map<String, Json>, Failure> {
    let state = opened.writer_state().map_err(|error| Failure::at(path, error))?;
    let (header, schema) = (opened.header(), opened.schema());
    let mut object = self::path(path);
    let Json::Object(rest) = json!({
        "format": header.format(),
        "size": header.size(),
        "payload_size": header.payload_size(),
        "payload_align": header.payload_align(),
        "buffers": header.buffers(),
        // As text: not every program reads 64 bits from a JSON number.
        "fingerprint": format!("{:#018x}", schema.fingerprint()),
        "pointer_width": size_of::<usize>(),
        "endianness": if cfg!(target_endian = "little") { "little" } else { "big" },
        "buffer_offset": header.buffer_offset(),
        "buffer_stride": header.buffer_stride(),
        "word_offset": header.word_offset(),
        "state_offset": header.state_offset(),
        "schema_offset": header.schema_offset(),
        "schema_len": header.schema_len(),
        "created": utc(header.created()),
        "writer": writer(state),
    }) else {
        unreachable!("an object")
    };
    object.extend(rest);
    if let Opened::Map(map) = opened {
        object.insert("slots".to_owned(), json!(header.slots()));
        // As text: not every program reads 64 bits from a JSON number.
        object.insert("seed".to_owned(), json!(format!("{:#018x}", map.header().seed())));
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn a_path_that_is_not_text_has_its_bytes() {
        let name = Path::new(OsStr::from_bytes(b"/dev/shm/a\xff\xfeb\n"));
        let json = path(name);
        assert_eq!(
            (&json["path"], &json["path_bytes"]),
            (&json!(printable_path(name)), &json!("2f6465762f73686d2f61fffe620a"))
        );
        assert_eq!(path(Path::new("/x")).len(), 1);
    }
}
