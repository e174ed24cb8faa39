//! One step of a copy: an access or several alike, or a loop or a choice with a body; and spans, which vector
//! instructions move as a whole.

use core::ops::Range;

use super::vector::{NEVER, RUN};

use crate::layout::{Extent, Field, Layout, Span, Spans, align_at, low_bit};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// `count` words of one byte, side by side.
    Words1,
    /// Words of two bytes.
    Words2,
    /// Words of four bytes.
    Words4,
    /// Words of eight bytes.
    Words8,
    /// A long run: `count` accesses of one byte.
    Bytes,
    /// A span as a whole, `count` bytes long, for copies that move spans. The others make its body.
    Span,
    /// Data in a span: `count` accesses of one byte, to be made by as many at once as a word of `stride` bytes has, or,
    /// where that is 0, as a long run. Copies that move spans have made them already.
    InSpan,
    /// A pointer.
    Pointer,
    /// The body, once for each of `count` elements that are `stride` apart. Its offsets count from the element.
    Elements,
    /// An enum with fields, `count` bytes long. Its body is an [`Op::Active`] and the accesses of the union of its
    /// variants.
    Enum,
    /// Makes no access. Its body consists of the pieces, the data of the active variant (`active`).
    Active,
    /// A piece: `count` bytes that are data in one variant.
    Piece,
    /// A tag of `count` bytes. Its body consists of [`Op::Variant`]s.
    Tag,
    /// The variant whose tag has these bits. Its body consists of its pieces.
    Variant(u64),
}

impl Op {
    /// Words of this many bytes.
    pub(super) const fn words(width: usize) -> Op {
        match width {
            1 => Op::Words1,
            2 => Op::Words2,
            4 => Op::Words4,
            _ => Op::Words8,
        }
    }

    /// How many bytes one of the accesses has.
    pub(super) const fn width(self) -> usize {
        match self {
            Op::Words2 => 2,
            Op::Words4 => 4,
            Op::Words8 => 8,
            _ => 1,
        }
    }
}

/// One or more accesses of a copy. If a step has a body, the steps of the body follow it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'l> {
    pub(crate) op: Op,
    /// Whether elements lie in a span. Copies that move spans have then already made their accesses.
    pub(crate) in_span: bool,
    pub(crate) at: usize,
    pub(crate) count: usize,
    pub(crate) stride: usize,
    /// How many steps the body has.
    pub(crate) body: usize,
    /// The layout of an element or an enum, if its body was left out.
    pub(crate) layout: Option<&'l Layout>,
}

/// Equal accesses side by side: words, or the single bytes of a long run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub(crate) op: Op,
    pub(crate) at: usize,
    pub(crate) count: usize,
}

impl Group {
    pub(super) const NONE: Group = Group { op: Op::Words1, at: 0, count: 0 };

    /// The offset after the last access. It is inside of the type, so nothing wraps.
    pub(super) const fn end(&self) -> usize {
        self.at.wrapping_add(self.op.width().wrapping_mul(self.count))
    }

    /// The part of its bytes that is in a range, if any is.
    #[inline(always)]
    pub(super) fn overlap(&self, range: Range<usize>) -> Option<Range<usize>> {
        let (at, to) = (self.at, self.end());
        let (start, end) =
            (if at > range.start { at } else { range.start }, if to < range.end { to } else { range.end });
        (start < end).then_some(start..end)
    }
}

impl<'l> Step<'l> {
    pub(crate) const NONE: Step<'l> = Step::new(Op::Active, 0, 0);

    pub(super) const fn new(op: Op, at: usize, count: usize) -> Self {
        Step { op, in_span: false, at, count, stride: 0, body: 0, layout: None }
    }

    /// The accesses of a step that belongs to a run.
    #[inline(always)]
    pub(super) const fn group(&self) -> Group {
        Group { op: self.op, at: self.at, count: self.count }
    }

    /// The bits of the tag in an [`Op::Variant`], or 0.
    #[inline(always)]
    pub(crate) const fn tag(&self) -> u64 {
        if let Op::Variant(tag) = self.op { tag } else { 0 }
    }
}

/// The alignment of the part at `offset`, one of several that are `stride` apart.
pub(crate) const fn base_of_part(base: usize, offset: usize, stride: usize) -> usize {
    let base = align_at(base, offset);
    let apart = low_bit(stride);
    if stride != 0 && apart < base { apart } else { base }
}

/// The bytes of a span.
#[derive(Clone, Copy)]
pub(super) struct Within {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Within {
    /// No span.
    pub(super) const NOTHING: Within = Within { start: 0, end: 0 };
    /// A span around a whole type.
    pub(super) const ALL: Within = Within { start: 0, end: usize::MAX };

    /// Whether the bytes from `start` to `end` are in the span. Either all of them are or none.
    pub(super) const fn has(self, start: usize, end: usize) -> bool {
        start < self.end && end > self.start
    }
}

/// A walk over the fields of a struct, in the order of declaration.
pub(super) struct Fields<'l> {
    all: &'l [Field],
    next: usize,
    /// The offset after the last field that is copied.
    pub(super) reached: usize,
    spans: Spans,
}

impl<'l> Fields<'l> {
    pub(super) const fn from_fields(fields: &'l [Field]) -> Self {
        Fields { all: fields, next: 0, reached: 0, spans: Spans::from_fields(fields) }
    }

    /// The next field, and whether a gap is before it.
    pub(super) const fn next(&mut self) -> Option<(&'l Field, bool)> {
        if self.next == self.all.len() {
            return None;
        }
        let field = &self.all[self.next];
        self.next += 1;
        if !field.is_copied() {
            return Some((field, false));
        }
        let seeks = field.offset() != self.reached;
        self.reached = field.end();
        Some((field, seeks))
    }

    /// The span that this field starts or continues, if it is long enough for vector moves, and whether it starts it.
    pub(super) const fn span_begins(&mut self) -> Option<(Span, bool)> {
        if RUN == NEVER {
            return None;
        }
        match self.spans.begins(self.all, self.next - 1) {
            Some((span, is_first)) if span.end - span.start >= RUN => Some((span, is_first)),
            _ => None,
        }
    }
}

/// The span of an array with padding between its elements.
pub(super) const fn span_of_array(array: Extent) -> Option<Span> {
    match array.span() {
        Some(span) if span.end - span.start >= RUN => Some(span),
        _ => None,
    }
}

/// Whether an array of these elements may have a span of its own.
pub(super) const fn may_be_in_spans(element: &Layout) -> bool {
    RUN != NEVER && element.is_data_and_padding()
}
