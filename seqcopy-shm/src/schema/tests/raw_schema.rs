//! [`RawSchema`]: schemas that no program writes, for tests.

use crate::Schema;

/// The bytes of a schema that is being built. Nothing is checked.
#[derive(Clone)]
pub(super) struct RawSchema(pub(super) Vec<u8>);

impl RawSchema {
    /// The start of every schema.
    pub(super) fn new() -> RawSchema {
        RawSchema(Schema::of::<u8>().as_bytes()[..26].to_vec())
    }

    pub(super) fn number(mut self, number: u64) -> RawSchema {
        self.0.extend(number.to_le_bytes());
        self
    }

    pub(super) fn node(mut self, kind: u8, size: u64, align: u64) -> RawSchema {
        self.0.push(kind);
        self.number(size).number(align)
    }

    pub(super) fn text(self, text: &str) -> RawSchema {
        self.bytes(text.as_bytes())
    }

    pub(super) fn bytes(self, bytes: &[u8]) -> RawSchema {
        let mut made = self.number(bytes.len() as u64);
        made.0.extend(bytes);
        made
    }

    pub(super) fn refused(&self) -> String {
        Schema::decode(&self.0).unwrap_err().to_string()
    }
}
