//! What was read from a region as one line of JSON: those members of the output of `seqcopy show --json` that are the
//! content, and not facts about the region.

use seqcopy::Version;
use seqcopy_shm::Schema;
use seqcopy_shm::untyped::Variants;
use serde::Serialize;

use super::key::Entry;
use super::to_json::{self, AsJson};
use crate::__Content as Content;

#[derive(Serialize)]
#[serde(untagged)]
enum View<'a> {
    Value { version: u64, value: AsJson<'a> },
    Map { generation: u64, entries: Vec<Entry<'a>> },
}

/// The content of a region with this schema, or why it has no JSON of at most `most` bytes.
pub(crate) fn view(schema: &Schema, content: Content<'_>, version: Version, most: u64) -> Result<Vec<u8>, String> {
    let (layout, number) = (schema.layout(), version.to_bits());
    let variants = Variants::from_layout(layout);
    let view = match content {
        Content::Value(bytes) if bytes.len() != layout.size() => {
            return Err(format!("a value of {} bytes, expected {}", bytes.len(), layout.size()));
        }
        Content::Value(bytes) => View::Value { version: number, value: AsJson(variants.value(layout, bytes)) },
        Content::Entries(entries) => {
            let [_, key, value] = layout.fields() else { return Err("not the schema of a map".to_owned()) };
            let entries = Entry::sorted([key.layout(), value.layout()], &variants, entries, 1)?;
            View::Map { generation: number, entries }
        }
    };
    to_json::line_up_to(most, &view)
}
