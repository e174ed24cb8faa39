//! The output of `show --json`: what is known of a region, and what it holds.

use std::io::Write;
use std::path::Path;

use seqcopy::Layout;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::failure::Failure;
use super::region::Opened;
use super::{region_json, to_json};

pub(super) struct Whole<'a, V> {
    header: Map<String, Json>,
    /// What the number is called, and the number.
    number: (&'static str, u64),
    /// The same of what is there.
    content: (&'static str, V),
    layout: &'a Layout,
}

impl<'a, V: Serialize> Whole<'a, V> {
    pub(super) fn new(
        path: &Path,
        opened: &'a Opened,
        number: (&'static str, u64),
        content: (&'static str, V),
    ) -> Result<Self, Failure> {
        Ok(Whole { header: region_json::header(path, opened)?, number, content, layout: opened.schema().layout() })
    }

    pub(super) fn write(&self, out: &mut impl Write) -> Result<(), Failure> {
        to_json::write(out, self, true)
    }
}

impl<V: Serialize> Serialize for Whole<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        self.header.iter().try_for_each(|(key, value)| object.serialize_entry(key, value))?;
        object.serialize_entry(self.number.0, &self.number.1)?;
        object.serialize_entry(self.content.0, &self.content.1)?;
        object.serialize_entry("schema", &to_json::layout(self.layout))?;
        object.end()
    }
}
