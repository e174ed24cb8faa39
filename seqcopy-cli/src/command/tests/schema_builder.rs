//! [`SchemaBuilder`]: schemas that no program writes, for tests.

use seqcopy_shm::Schema;

/// How many bytes every schema begins with: a text of 16 letters after its length, the width of a pointer, the byte
/// order.
pub(in super::super) const START: usize = 8 + 16 + 2;

/// A schema, written part by part.
pub(in super::super) struct SchemaBuilder(Vec<u8>);

impl SchemaBuilder {
    pub(in super::super) fn new() -> Self {
        SchemaBuilder(Schema::of::<u8>().as_bytes()[..START].to_vec())
    }

    pub(in super::super) fn number(mut self, number: usize) -> Self {
        self.0.extend((number as u64).to_le_bytes());
        self
    }

    pub(in super::super) fn text(mut self, text: &str) -> Self {
        self = self.number(text.len());
        self.0.extend(text.bytes());
        self
    }

    pub(in super::super) fn node(mut self, kind: u8, size: usize, align: usize) -> Self {
        self.0.push(kind);
        self.number(size).number(align)
    }

    /// A struct whose fields all have this kind and size, `stride` bytes apart.
    pub(in super::super) fn structure(
        self,
        name: &str,
        names: &[&str],
        (kind, field): (u8, usize),
        stride: usize,
    ) -> Self {
        let size = (names.len() * stride).max(1);
        let builder = self.node(b'{', size, 1).text(name).number(names.len());
        names.iter().enumerate().fold(builder, |builder, (i, name)| {
            let builder = builder.text(name).number(i * stride).node(kind, field, 1);
            // Plain bytes have a name.
            if kind == b'#' { builder.text("Bytes") } else { builder }
        })
    }

    pub(in super::super) fn schema(self) -> Schema {
        Schema::decode(&self.0).expect("a schema")
    }
}
