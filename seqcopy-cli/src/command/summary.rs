//! What is known of a region other than its value: path, header, writer, and the drawing of its type.

use std::fmt::Display;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

use seqcopy::Layout;
use seqcopy_shm::{Schema, WriterState};
use serde_json::{Value as Json, json};

use super::failure::Failure;
use super::printable::printable_path;
use super::region::{Opened, base};
use super::to_json::Digits;
use super::{limits, time};

/// The header as text.
pub(super) fn text(path: &Path, opened: &Opened, out: &mut impl Write) -> Result<(), Failure> {
    let header = opened.region().header();
    let writer = opened.region().writer_state().map_err(|error| Failure::at(path, error))?;
    let published = opened.published().map_err(|error| Failure::at(path, error))?;
    let buffers = match header.buffers() {
        1 => "1".to_owned(),
        buffers => format!("{buffers} (a latch)"),
    };
    let ago = match SystemTime::now().duration_since(header.created()) {
        Ok(age) => format!("{} ago", time::span(age)),
        Err(_) => "in the future".to_owned(),
    };
    writeln!(out, "region     {}, {} bytes, format {}", printable_path(path), header.size(), header.format())?;
    let schema = opened.region().schema();
    let capacity =
        Schema::__slice_of(schema.layout()).map_or(String::new(), |(_, _, capacity)| format!(", capacity {capacity}"));
    writeln!(out, "type       {}{capacity}, fingerprint {:#018x}", opened.name(), schema.fingerprint())?;
    writeln!(out, "buffers    {buffers}")?;
    if header.slots() > 0 {
        writeln!(out, "slots      {}, for up to {} entries", header.slots(), header.slots() / 8 * 7)?;
    }
    writeln!(out, "writer     {writer}")?;
    writeln!(out, "published  {published}")?;
    writeln!(out, "created    {}, {ago}", time::utc(header.created()))?;
    Ok(())
}

/// The drawing of a type, unless it would take more than some seconds: each of its lines walks over the accesses, which is nothing
/// for types that people write, but takes hours for a schema that is made to be slow.
pub(super) fn drawing(layout: &Layout) -> Option<impl Display + Copy> {
    limits::drawing(layout).then(|| layout.display(base(layout)))
}

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
        WriterState::Alive { pid, .. } => json!({ "state": "alive", "pid": pid }),
        WriterState::Orphaned { pid, .. } => json!({ "state": "orphaned", "pid": pid }),
        WriterState::Held => json!({ "state": "held" }),
        WriterState::Gone => json!({ "state": "gone" }),
        WriterState::Never => json!({ "state": "never" }),
        // A state that a later version adds.
        other => json!({ "state": other.to_string() }),
    }
}

/// The header as JSON, after the path.
pub(super) fn json(path: &Path, opened: &Opened) -> Result<Json, Failure> {
    let state = opened.region().writer_state().map_err(|error| Failure::at(path, error))?;
    let header = opened.region().header();
    let mut object = self::path(path);
    object["format"] = json!(header.format());
    object["size"] = json!(header.size());
    object["payload_size"] = json!(header.payload_size());
    object["payload_align"] = json!(header.payload_align());
    object["buffers"] = json!(header.buffers());
    // As text: not every program reads 64 bits from a JSON number.
    object["fingerprint"] = json!(format!("{:#018x}", opened.region().schema().fingerprint()));
    object["pointer_width"] = json!(size_of::<usize>());
    object["endianness"] = json!(if cfg!(target_endian = "little") { "little" } else { "big" });
    object["buffer_offset"] = json!(header.buffer_offset());
    object["buffer_stride"] = json!(header.buffer_stride());
    object["word_offset"] = json!(header.word_offset());
    object["state_offset"] = json!(header.state_offset());
    object["schema_offset"] = json!(header.schema_offset());
    object["schema_len"] = json!(header.schema_len());
    object["created"] = json!(time::utc(header.created()));
    object["writer"] = writer(state);
    if let Some((_, _, capacity)) = Schema::__slice_of(opened.region().schema().layout()) {
        object["capacity"] = json!(capacity);
    }
    if let Opened::Map(map) = opened {
        object["slots"] = json!(header.slots());
        object["seed"] = json!(format!("{:#018x}", map.region().header().seed()));
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
