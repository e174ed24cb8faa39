//! What is known of a region, as JSON: its path, its header, its writer.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use seqcopy_shm::WriterState;
use serde_json::{Value as Json, json};

use super::failure::Failure;
use super::printable::printable_path;
use super::region::Opened;
use super::time::utc;
use super::to_json::Digits;

/// A path as text; if it is not UTF-8, its bytes as well, in hexadecimal digits.
pub(super) fn path(path: &Path) -> Json {
    match path.to_str() {
        Some(text) => json!({ "path": text }),
        None => json!({
            "path": printable_path(path),
            "path_bytes": Digits(path.as_os_str().as_bytes()).to_string(),
        }),
    }
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
pub(super) fn header(path: &Path, opened: &Opened) -> Result<Json, Failure> {
    let state = opened.writer_state().map_err(|error| Failure::at(path, error))?;
    let header = opened.header();
    let mut object = self::path(path);
    object["format"] = json!(header.format());
    object["size"] = json!(header.size());
    object["payload_size"] = json!(header.payload_size());
    object["payload_align"] = json!(header.payload_align());
    object["buffers"] = json!(header.buffers());
    // As text: not every program reads 64 bits from a JSON number.
    object["fingerprint"] = json!(format!("{:#018x}", opened.schema().fingerprint()));
    object["pointer_width"] = json!(size_of::<usize>());
    object["endianness"] = json!(if cfg!(target_endian = "little") { "little" } else { "big" });
    object["buffer_offset"] = json!(header.buffer_offset());
    object["buffer_stride"] = json!(header.buffer_stride());
    object["word_offset"] = json!(header.word_offset());
    object["state_offset"] = json!(header.state_offset());
    object["schema_offset"] = json!(header.schema_offset());
    object["schema_len"] = json!(header.schema_len());
    object["created"] = json!(utc(header.created()));
    object["writer"] = writer(state);
    if let Opened::Map(map) = opened {
        object["slots"] = json!(header.slots());
        object["seed"] = json!(format!("{:#018x}", map.header().seed()));
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
        assert_eq!(path(Path::new("/x")), json!({ "path": "/x" }));
    }
}
