//! Queries that walk a layout's tree: the kind of the byte at an offset, the holes, and the part at an offset.

use core::ops::Range;

use super::tree::{Field, Layout, Shape, Variant};

/// The kind of a byte of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteKind {
    /// Data in no value: padding, or part of a skipped field.
    Hole,
    /// Data in some value.
    Data,
    /// Part of a pointer in some value.
    Pointer,
}

/// Bytes of one kind, up to `end`. A piece may end early; the next one then continues it.
#[derive(Clone, Copy)]
struct Piece {
    kind: ByteKind,
    end: usize,
}

/// A maximal run of data bytes, or one pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) is_pointer: bool,
}

impl Layout {
    /// The kind of the byte at `at`, which is less than `size`. The variants of an enum with fields are combined: a
    /// byte is a pointer if it is part of one in some variant, and data if it is data in some variant.
    const fn piece_at(&self, at: usize) -> Piece {
        match self.shape {
            Shape::Scalar(_) | Shape::Plain | Shape::Tags { .. } => Piece { kind: ByteKind::Data, end: self.size },
            Shape::Pointer { .. } => Piece { kind: ByteKind::Pointer, end: self.size },
            Shape::Skipped => Piece { kind: ByteKind::Hole, end: self.size },
            Shape::Array { element, .. } => {
                if element.is_dense() {
                    return Piece { kind: ByteKind::Data, end: self.size };
                }
                let start = at - at % element.size;
                let inner = element.piece_at(at - start);
                Piece { kind: inner.kind, end: start + inner.end }
            }
            Shape::Struct { fields } => Self::piece_in(fields, 0, self.size, at),
            Shape::Enum { tag, payload, variants } => {
                if at < tag.size {
                    return Piece { kind: ByteKind::Data, end: tag.size };
                }
                let mut found = Piece { kind: ByteKind::Hole, end: self.size };
                let mut i = 0;
                while i < variants.len() {
                    let piece = Self::piece_in(variants[i].fields, payload, self.size, at);
                    if matches!(piece.kind, ByteKind::Pointer) {
                        // Pointers are aligned to their size. So the pointers of two variants have either the same
                        // bytes or no byte in common, and no piece that starts before a pointer reaches into it.
                        return piece;
                    }
                    if matches!(piece.kind, ByteKind::Data) {
                        found.kind = ByteKind::Data;
                    }
                    if piece.end < found.end {
                        found.end = piece.end;
                    }
                    i += 1;
                }
                found
            }
        }
    }

    const fn piece_in(fields: &[Field], start: usize, size: usize, at: usize) -> Piece {
        let mut next = size;
        let mut i = 0;
        while i < fields.len() {
            let from = start + fields[i].offset;
            if from <= at && at < from + fields[i].layout.size {
                let inner = fields[i].layout.piece_at(at - from);
                return Piece { kind: inner.kind, end: from + inner.end };
            }
            if at < from && from < next && fields[i].layout.size != 0 {
                next = from;
            }
            i += 1;
        }
        Piece { kind: ByteKind::Hole, end: next }
    }

    /// The first run at or after `from`. `from` is not inside of a run.
    pub(crate) const fn run_from(&self, from: usize) -> Option<Run> {
        let mut at = from;
        while at < self.size {
            let piece = self.piece_at(at);
            match piece.kind {
                ByteKind::Hole => at = piece.end,
                ByteKind::Pointer => return Some(Run { start: at, end: piece.end, is_pointer: true }),
                ByteKind::Data => {
                    let mut end = piece.end;
                    while end < self.size {
                        let more = self.piece_at(end);
                        if !matches!(more.kind, ByteKind::Data) {
                            break;
                        }
                        end = more.end;
                    }
                    return Some(Run { start: at, end, is_pointer: false });
                }
            }
        }
        None
    }

    /// Whether two layouts describe the same bytes in the same way. Names are not compared.
    pub(crate) const fn is_like(&self, other: &Layout) -> bool {
        if self.size != other.size || self.align != other.align || self.nodes != other.nodes {
            return false;
        }
        match (self.shape, other.shape) {
            (Shape::Scalar(a), Shape::Scalar(b)) => a as u8 == b as u8,
            (Shape::Pointer { .. }, Shape::Pointer { .. })
            | (Shape::Plain, Shape::Plain)
            | (Shape::Skipped, Shape::Skipped) => true,
            (Shape::Array { element: a, len: m }, Shape::Array { element: b, len: n }) => m == n && a.is_like(b),
            (Shape::Struct { fields: a }, Shape::Struct { fields: b }) => Self::are_like(a, b),
            (Shape::Tags { variants: a, .. }, Shape::Tags { variants: b, .. }) => Self::are_variants_like(a, b),
            (
                Shape::Enum { tag, payload, variants },
                Shape::Enum { tag: other_tag, payload: other_payload, variants: others },
            ) => tag.is_like(other_tag) && payload == other_payload && Self::are_variants_like(variants, others),
            _ => false,
        }
    }

    const fn are_like(a: &[Field], b: &[Field]) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let mut i = 0;
        while i < a.len() {
            if a[i].offset != b[i].offset || !a[i].layout.is_like(b[i].layout) {
                return false;
            }
            i += 1;
        }
        true
    }

    const fn are_variants_like(a: &[Variant], b: &[Variant]) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let mut i = 0;
        while i < a.len() {
            if a[i].value != b[i].value || !Self::are_like(a[i].fields, b[i].fields) {
                return false;
            }
            i += 1;
        }
        true
    }

    /// The ranges of bytes that are data in no value, in ascending order: padding between fields, padding at the
    /// end, skipped fields. In an enum with fields, a byte that is data in some variant is not a hole.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// #[derive(SeqCopy)]
    /// #[repr(C)]
    /// struct Gappy { a: u8, b: u16, c: u8 }
    /// assert!(Gappy::LAYOUT.holes().eq([1..2, 5..6]));
    /// ```
    #[doc(hidden)]
    pub const fn holes(&self) -> impl Iterator<Item = Range<usize>> + Clone + use<'_> {
        Holes { layout: self, at: 0 }
    }
}

/// The holes of a type.
#[derive(Clone)]
struct Holes<'a> {
    layout: &'a Layout,
    at: usize,
}

impl Iterator for Holes<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let mut start = None;
        while self.at < self.layout.size {
            let piece = self.layout.piece_at(self.at);
            match (piece.kind, start) {
                (ByteKind::Hole, None) => start = Some(self.at),
                (ByteKind::Hole, Some(_)) | (_, None) => {}
                (_, Some(_)) => break,
            }
            self.at = piece.end;
        }
        start.map(|start| start..self.at)
    }
}

/// The offset of a variant's field from the start of the enum.
pub(crate) const fn variant_field(layout: &'static Layout, variant: usize, index: usize) -> usize {
    match layout.shape() {
        Shape::Enum { payload, variants, .. } => payload + variants[variant].fields()[index].offset(),
        _ => panic!("not an enum with fields"),
    }
}

impl Variant {
    /// The discriminant as an unsigned bit pattern of `width` bytes.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // two's complement is what is wanted
    pub(crate) const fn bits(&self, width: usize) -> u64 {
        let bits = self.value as u64;
        if width >= 8 { bits } else { bits & ((1 << (8 * width)) - 1) }
    }
}

/// Why bytes can't be read or written as a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPart {
    /// A skipped field.
    Skipped,
    /// A part of an enum with fields.
    OfVariant,
}

impl Layout {
    /// Why the `size` bytes from `offset` on can't be read or written alone, or `None` if they can.
    pub(crate) const fn why_not_a_part(&self, offset: usize, size: usize) -> Option<NoPart> {
        if size == 0 {
            return None;
        }
        match self.shape {
            Shape::Skipped => Some(NoPart::Skipped),
            Shape::Enum { .. } if size < self.size => Some(NoPart::OfVariant),
            Shape::Array { element, .. } => {
                let at = offset % element.size;
                if at + size <= element.size {
                    return element.why_not_a_part(at, size);
                }
                // The part may contain only some bytes of the first and of the last element.
                let behind = (at + size) % element.size;
                if element.is_split(at, element.size) || element.is_split(0, behind) {
                    Some(NoPart::OfVariant)
                } else {
                    None
                }
            }
            Shape::Struct { fields } => match Self::field_around(fields, offset, size) {
                Some(field) => field.layout.why_not_a_part(offset - field.offset, size),
                None if self.is_split(offset, offset + size) => Some(NoPart::OfVariant),
                None => None,
            },
            _ => None,
        }
    }

    /// Whether the bytes from `start` to `end` contain only a part of an enum with fields.
    const fn is_split(&self, start: usize, end: usize) -> bool {
        if start >= end || !self.has_enum_with_fields {
            return false;
        }
        match self.shape {
            Shape::Enum { .. } => start > 0 || end < self.size,
            Shape::Array { element, .. } => {
                element.is_split(start % element.size, element.size) || element.is_split(0, end % element.size)
            }
            Shape::Struct { fields } => {
                let mut i = 0;
                while i < fields.len() {
                    let (field, at) = (&fields[i], fields[i].offset);
                    let last = if end < field.end() { end } else { field.end() };
                    if last > at && field.layout.is_split(start.saturating_sub(at), last - at) {
                        return true;
                    }
                    i += 1;
                }
                false
            }
            _ => false,
        }
    }

    /// The field that contains the `size` bytes from `offset` on.
    const fn field_around(fields: &'static [Field], offset: usize, size: usize) -> Option<&'static Field> {
        let mut i = 0;
        while i < fields.len() {
            if fields[i].offset <= offset && offset + size <= fields[i].end() {
                return Some(&fields[i]);
            }
            i += 1;
        }
        None
    }

    /// The number of the node at `offset` whose layout equals `part`. Names are not compared.
    pub(crate) fn node_of_part(&self, offset: usize, part: &Layout) -> Option<u64> {
        if offset == 0 && self.is_like(part) {
            return Some(0);
        }
        match self.shape {
            Shape::Array { element, .. } if element.size != 0 => {
                let inside = element.node_of_part(offset % element.size, part)?;
                Some(self.node_of_element(offset / element.size) + inside)
            }
            Shape::Struct { fields } => fields.iter().enumerate().find_map(|(index, field)| {
                if offset < field.offset || field.end() < offset + part.size {
                    return None;
                }
                let inside = field.layout.node_of_part(offset - field.offset, part)?;
                Some(self.node_of_field(index) + inside)
            }),
            _ => None,
        }
    }
}

#[cfg(all(test, feature = "derive"))]
mod tests {
    use crate::SeqCopy;

    #[test]
    fn layouts_are_alike_whatever_the_names() {
        #[derive(SeqCopy)]
        #[repr(C, u8)]
        enum Narrow {
            _A(u32),
            _B,
        }
        #[derive(SeqCopy)]
        #[repr(C, u8)]
        enum Same {
            _X { _y: u32 },
            _Z,
        }
        // A union has the size of one variant, but in the others the second byte of the tag is padding.
        #[derive(SeqCopy)]
        #[repr(C, u16)]
        enum Wide {
            _A(u32),
            _B,
        }
        assert!(Narrow::LAYOUT.is_like(Same::LAYOUT));
        assert!(!Narrow::LAYOUT.is_like(Wide::LAYOUT));
        assert!(<(u8, u16)>::LAYOUT.is_like(<(u8, u16)>::LAYOUT));
        assert!(!<(u8, u16)>::LAYOUT.is_like(<(u8, i16)>::LAYOUT));
        assert!(!<[u8; 4]>::LAYOUT.is_like(u32::LAYOUT));
    }

    /// The layouts of all kinds with eight bytes. Each is like itself, and like no other.
    #[test]
    fn each_kind_is_like_itself_and_no_other() {
        #[derive(SeqCopy)]
        #[repr(C)]
        struct Skipping {
            _a: u32,
            #[seqcopy(skip)]
            _b: core::mem::MaybeUninit<u32>,
        }
        #[derive(SeqCopy)]
        #[repr(u64)]
        enum Tags {
            _A,
        }
        #[derive(SeqCopy)]
        #[repr(C, u32)]
        enum Fields {
            _A(u32),
        }
        let of = [
            (u64::LAYOUT, u64::LAYOUT),
            (i64::LAYOUT, i64::LAYOUT),
            (f64::LAYOUT, f64::LAYOUT),
            (<[u32; 2]>::LAYOUT, <[u32; 2]>::LAYOUT),
            (<(u32, u32)>::LAYOUT, <(u32, u32)>::LAYOUT),
            (Skipping::LAYOUT, Skipping::LAYOUT),
            (Tags::LAYOUT, Tags::LAYOUT),
            (Fields::LAYOUT, Fields::LAYOUT),
            #[cfg(target_pointer_width = "64")]
            (<*const u8>::LAYOUT, <*const u16>::LAYOUT),
        ];
        for (i, (one, _)) in of.iter().enumerate() {
            for (k, (_, other)) in of.iter().enumerate() {
                assert_eq!(one.is_like(other), i == k, "{} and {}", one.name(), other.name());
            }
        }
    }
}
