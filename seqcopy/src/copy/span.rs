//! Spans, as the partition sees them: where the vectors' length counts.

use super::vector::{NEVER, RUN};
use crate::layout::{Extent, Field, Layout, Span};

/// A span, and how it is moved.
#[derive(Clone, Copy)]
pub(super) struct Within {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its data was moved already, together with its padding.
    pub(super) is_moved: bool,
}

impl Within {
    pub(super) const NONE: Within = Within { start: 0, end: 0, is_moved: false };

    /// Whether bytes from `start` to `end`, all of which or none of which are in the span, are.
    #[inline(always)]
    pub(super) const fn has(self, start: usize, end: usize) -> bool {
        start < self.end && end > self.start
    }

    /// What a part from `offset` to `end` that is partitioned on its own, with an origin of its own, lies in.
    #[inline(always)]
    pub(super) const fn of_part(self, offset: usize, end: usize) -> Within {
        if self.has(offset, end) { Within { start: 0, end: usize::MAX, is_moved: self.is_moved } } else { Within::NONE }
    }
}

/// The span that a walk comes into at a field, if it is long enough for vectors, and whether that is the first time.
pub(super) const fn span_begins(fields: &[Field], index: usize) -> Option<(Span, bool)> {
    if RUN == NEVER {
        return None;
    }
    match Layout::span_begins(fields, index) {
        Some((span, is_first)) if span.end - span.start >= RUN => Some((span, is_first)),
        _ => None,
    }
}

/// The same for the fields of a struct. Most have no span, and the search for one takes the interpreter of constants a while.
pub(crate) const fn span_begins_in(layout: &'static Layout, index: usize) -> Option<(Span, bool)> {
    if layout.is_padding_free() || layout.size() < RUN { None } else { span_begins(layout.fields(), index) }
}

/// The span of an array, if its elements leave padding between them.
#[inline(always)]
pub(super) const fn span_of_array(array: Extent) -> Option<Span> {
    match array.span() {
        Some(span) if span.end.wrapping_sub(span.start) >= RUN => Some(span),
        _ => None,
    }
}

/// Whether an array of such elements may have a span of its own.
pub(super) const fn may_be_in_spans(element: &Layout) -> bool {
    RUN != NEVER && element.is_data_and_padding()
}
