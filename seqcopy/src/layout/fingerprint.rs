//! One number for a schema: [`Layout::fingerprint`].

use super::{Field, Layout, Scalar, Shape, Variant};

/// What a schema begins with; the number is that of its format.
pub(crate) const SCHEMA_START: &str = "seqcopy schema 1";

/// The hash of a byte string.
#[cfg(all(feature = "shm", unix, target_pointer_width = "64", not(loom)))]
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(Fnv::START, |hash, byte| hash.byte(*byte)).0
}

/// FNV-1a, 64 bits: fixed by its publication, simple enough for a program in another language.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Fnv {
    const START: Fnv = Fnv(0xcbf2_9ce4_8422_2325);

    const fn byte(self, byte: u8) -> Fnv {
        Fnv((self.0 ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3))
    }

    const fn number(mut self, number: u64) -> Fnv {
        let bytes = number.to_le_bytes();
        let mut i = 0;
        while i < bytes.len() {
            self = self.byte(bytes[i]);
            i += 1;
        }
        self
    }

    const fn text(mut self, text: &str) -> Fnv {
        let bytes = text.as_bytes();
        self = self.number(bytes.len() as u64);
        let mut i = 0;
        while i < bytes.len() {
            self = self.byte(bytes[i]);
            i += 1;
        }
        self
    }

    const fn layout(mut self, layout: &Layout) -> Fnv {
        self = self.byte(kind_code(layout)).number(layout.size as u64).number(layout.align as u64);
        match layout.shape {
            Shape::Scalar(_) | Shape::Pointer { .. } | Shape::Plain | Shape::Skipped => self,
            Shape::Array { element, len } => self.number(len as u64).layout(element),
            Shape::Struct { fields } => self.text(layout.name).fields(fields),
            Shape::Tags { variants, .. } => self.text(layout.name).variants(variants),
            Shape::Choice { tag, payload, variants } => {
                self.text(layout.name).layout(tag).number(payload as u64).variants(variants)
            }
        }
    }

    const fn fields(mut self, fields: &[Field]) -> Fnv {
        self = self.number(fields.len() as u64);
        let mut i = 0;
        while i < fields.len() {
            self = self.text(fields[i].name).number(fields[i].offset as u64).layout(fields[i].layout);
            i += 1;
        }
        self
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // two's complement is what is wanted
    const fn variants(mut self, variants: &[Variant]) -> Fnv {
        self = self.number(variants.len() as u64);
        let mut i = 0;
        while i < variants.len() {
            self = self.text(variants[i].name).number(variants[i].value as u64).fields(variants[i].fields);
            i += 1;
        }
        self
    }
}

/// The byte that stands for a node's kind.
pub(crate) const fn kind_code(layout: &Layout) -> u8 {
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
        Shape::Choice { .. } => b'|',
    }
}

impl Layout {
    /// A hash of the schema: equal for two builds exactly if they agree (up to hash collisions) on the names of
    /// structs, fields and variants, kinds, offsets, sizes, alignments, tags, array lengths, pointer width and
    /// byte order.
    ///
    /// It says nothing about the cut. Meaningful between builds only if [`is_specified`](Layout::is_specified).
    ///
    /// It is FNV-1a-64 over these bytes; numbers are 8 bytes, little-endian; a text is its length in bytes as a
    /// number and then its bytes:
    ///
    /// | part | bytes |
    /// |---|---|
    /// | start | the text `seqcopy schema 1`, the pointer width in bytes (one byte), `<` or `>` for little- or big-endian (one byte), a node |
    /// | node | its kind (one byte), size, alignment, and then |
    /// | `u` `i` `f` `b` `c` | nothing: unsigned, signed, float, bool, char |
    /// | `n` `m` `N` `M` | nothing: non-zero unsigned, signed; the same in an `Option` |
    /// | `p` `q` `#` `_` | nothing: pointer, pointer that is never null, plain bytes, skipped |
    /// | `[` array | length, the element's node |
    /// | `{` struct | name, number of fields, fields |
    /// | `e` `d` tags | name, number of variants, variants; `e` unsigned, `d` signed |
    /// | <code>&#124;</code> enum with fields | name, the tag's node, payload offset, number of variants, variants |
    /// | field | name, offset, node |
    /// | variant | name, discriminant (two's complement), number of fields, fields |
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(u32::LAYOUT.fingerprint(), u32::LAYOUT.fingerprint());
    /// assert_ne!(u32::LAYOUT.fingerprint(), i32::LAYOUT.fingerprint());
    /// ```
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // a pointer is not 256 bytes wide
    pub const fn fingerprint(&self) -> u64 {
        Fnv::START
            .text(SCHEMA_START)
            .byte(size_of::<usize>() as u8)
            .byte(if cfg!(target_endian = "little") { b'<' } else { b'>' })
            .layout(self)
            .0
    }
}
