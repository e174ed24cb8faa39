//! The schema of a type, which is its description in bytes, and the fingerprint, which is a hash of the schema:
//! [`Layout::schema`], [`Layout::fingerprint`].

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use super::tree::{Field, Layout, Scalar, Shape, Variant};

/// The text at the start of every schema, after its length. The number is the version of the format, which
/// [`Layout::fingerprint`] documents.
///
/// ```
/// use seqcopy::{SeqCopy, layout::SCHEMA_START};
/// assert_eq!(&u32::LAYOUT.schema()[8..][..SCHEMA_START.len()], SCHEMA_START.as_bytes());
/// ```
#[doc(hidden)]
pub const SCHEMA_START: &str = "seqcopy schema 1";

/// FNV-1a, 64 bits, of a byte string: the [fingerprint](Layout::fingerprint) of a type if it is its schema.
///
/// ```
/// use seqcopy::{SeqCopy, layout};
/// assert_eq!(layout::fingerprint_of(&u32::LAYOUT.schema()), u32::LAYOUT.fingerprint());
/// ```
#[must_use]
#[doc(hidden)]
pub const fn fingerprint_of(schema: &[u8]) -> u64 {
    let mut sink = Sink::new(None);
    let mut i = 0;
    while i < schema.len() {
        sink = sink.byte(schema[i]);
        i += 1;
    }
    sink.hash
}

/// Counts and hashes the bytes of a schema and, with a buffer, writes them. One walk does all three, in constants, too.
/// The hash is FNV-1a, which is published and simple to implement in other languages.
struct Sink<'a> {
    hash: u64,
    len: usize,
    buffer: Option<&'a mut [u8]>,
}

impl<'a> Sink<'a> {
    const fn new(buffer: Option<&'a mut [u8]>) -> Self {
        Sink { hash: 0xcbf2_9ce4_8422_2325, len: 0, buffer }
    }

    const fn byte(mut self, byte: u8) -> Self {
        if let Some(buffer) = &mut self.buffer {
            buffer[self.len] = byte;
        }
        self.len += 1;
        self.hash = (self.hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        self
    }

    const fn number(mut self, number: u64) -> Self {
        let bytes = number.to_le_bytes();
        let mut i = 0;
        while i < bytes.len() {
            self = self.byte(bytes[i]);
            i += 1;
        }
        self
    }

    const fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        self = self.number(bytes.len() as u64);
        let mut i = 0;
        while i < bytes.len() {
            self = self.byte(bytes[i]);
            i += 1;
        }
        self
    }

    #[allow(clippy::cast_possible_truncation)] // a pointer is not 256 bytes wide
    const fn schema(self, layout: &Layout) -> Self {
        self.text(SCHEMA_START)
            .byte(size_of::<usize>() as u8)
            .byte(if cfg!(target_endian = "little") { b'<' } else { b'>' })
            .layout(layout)
    }

    const fn layout(mut self, layout: &Layout) -> Self {
        self = self.byte(kind_code(layout)).number(layout.size as u64).number(layout.align as u64);
        match layout.shape {
            Shape::Scalar(_) | Shape::Pointer { .. } | Shape::Skipped => self,
            Shape::Plain => self.text(layout.name),
            Shape::Array { element, len } => self.number(len as u64).layout(element),
            Shape::Struct { fields } => self.text(layout.name).fields(fields),
            Shape::Tags { variants, .. } => self.text(layout.name).variants(variants),
            Shape::Enum { tag, payload, variants } => {
                self.text(layout.name).layout(tag).number(payload as u64).variants(variants)
            }
        }
    }

    const fn fields(mut self, fields: &[Field]) -> Self {
        self = self.number(fields.len() as u64);
        let mut i = 0;
        while i < fields.len() {
            self = self.text(fields[i].name).number(fields[i].offset as u64).layout(fields[i].layout);
            i += 1;
        }
        self
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // two's complement is what is wanted
    const fn variants(mut self, variants: &[Variant]) -> Self {
        self = self.number(variants.len() as u64);
        let mut i = 0;
        while i < variants.len() {
            self = self.text(variants[i].name).number(variants[i].value as u64).fields(variants[i].fields);
            i += 1;
        }
        self
    }
}

/// The byte that encodes a node's kind.
const fn kind_code(layout: &Layout) -> u8 {
    if let Some(mark) = layout.mark {
        return mark as u8;
    }
    match layout.shape {
        Shape::Scalar(Scalar::Unsigned) => b'u',
        Shape::Scalar(Scalar::Signed) => b'i',
        Shape::Scalar(Scalar::Float) => b'f',
        Shape::Scalar(Scalar::Bool) => b'b',
        Shape::Scalar(Scalar::Char) => b'c',
        Shape::Scalar(Scalar::NonZeroUnsigned) => b'n',
        Shape::Scalar(Scalar::NonZeroSigned) => b'm',
        Shape::Scalar(Scalar::OptionNonZeroUnsigned) => b'N',
        Shape::Scalar(Scalar::OptionNonZeroSigned) => b'M',
        Shape::Pointer { nullable: true } => b'p',
        Shape::Pointer { nullable: false } => b'q',
        Shape::Plain => b'#',
        Shape::Skipped => b'_',
        Shape::Array { .. } => b'[',
        Shape::Struct { .. } => b'{',
        Shape::Tags { signed: false, .. } => b'e',
        Shape::Tags { signed: true, .. } => b'd',
        Shape::Enum { .. } => b'|',
    }
}

impl Layout {
    /// A hash of the schema: equal for two builds exactly if they agree (up to hash collisions) on the names of
    /// structs, plain types, fields and variants, kinds, offsets, sizes, alignments, tags, array lengths, pointer width
    /// and byte order.
    ///
    /// The fingerprint says nothing about the partition. It is meaningful between builds only if
    /// [`is_specified`](Layout::is_specified).
    ///
    /// The hash is FNV-1a-64 of the bytes below. A number is 8 bytes, little-endian; a text is its length in bytes, as
    /// a number, and then its bytes:
    ///
    /// | part | bytes |
    /// |---|---|
    /// | start | the text `seqcopy schema 1`, the pointer width in bytes (one byte), `<` or `>` for little- or big-endian (one byte), a node |
    /// | node | its kind (one byte), size, alignment, and then |
    /// | `u` `i` `f` `b` `c` | nothing: unsigned, signed, float, bool, char |
    /// | `n` `m` `N` `M` | nothing: non-zero unsigned, signed; the same in an `Option` |
    /// | `p` `q` `_` | nothing: pointer, pointer that is never null, skipped |
    /// | `#` plain bytes | the type's name; `bytes` if no constant can know it |
    /// | `[` array | length, the element's node |
    /// | `{` struct | name, number of fields, fields |
    /// | `e` `d` tags | name, number of variants, variants; `e` unsigned, `d` signed |
    /// | <code>&#124;</code> enum with fields | name, the tag's node, payload offset, number of variants, variants |
    /// | `o` `s` `v` | a [`SeqOption`](crate::SeqOption), as <code>&#124;</code>; a [`SeqStr`](crate::SeqStr), a [`SeqVec`](crate::SeqVec), as `{` |
    /// | field | name, offset, node |
    /// | variant | name, discriminant (two's complement), number of fields, fields |
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(u32::LAYOUT.fingerprint(), u32::LAYOUT.fingerprint());
    /// assert_ne!(u32::LAYOUT.fingerprint(), i32::LAYOUT.fingerprint());
    /// ```
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        Sink::new(None).schema(self).hash
    }

    /// The schema: a description of the type in bytes, for programs that don't have the type.
    /// [`fingerprint`](Layout::fingerprint) documents them, and the crate `seqcopy-shm` reads them.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// let schema = <[u8; 3]>::LAYOUT.schema();
    /// assert_eq!(&schema[8..24], b"seqcopy schema 1");
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn schema(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![0; Sink::new(None).schema(self).len];
        Sink::new(Some(&mut bytes)).schema(self);
        bytes
    }
}
