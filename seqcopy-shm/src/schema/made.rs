//! [`Made`]: descriptions that no program writes, for tests.

use super::Schema;

/// A description in the making.
#[derive(Clone)]
pub(crate) struct Made(pub(crate) Vec<u8>);

impl Made {
    /// What every description begins with.
    pub(crate) fn new() -> Made {
        Made(Schema::of::<u8>().as_bytes()[..26].to_vec())
    }

    pub(crate) fn number(mut self, number: u64) -> Made {
        self.0.extend(number.to_le_bytes());
        self
    }

    pub(crate) fn node(mut self, kind: u8, size: u64, align: u64) -> Made {
        self.0.push(kind);
        self.number(size).number(align)
    }

    pub(crate) fn text(self, text: &str) -> Made {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Made {
        let mut made = self.number(bytes.len() as u64);
        made.0.extend(bytes);
        made
    }

    pub(crate) fn refused(&self) -> String {
        Schema::decode(&self.0).unwrap_err().to_string()
    }
}
