//! Spans, as the partition sees them: where the vectors' length counts.

use super::vector::{NEVER, RUN};
use crate::layout::{Extent, Field, Layout, Span, Spans};

/// The bytes of a span.
#[derive(Clone, Copy)]
pub(super) struct Within {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Within {
    /// No span.
    pub(super) const NOTHING: Within = Within { start: 0, end: 0 };
    /// A span in which all of a type lies.
    pub(super) const ALL: Within = Within { start: 0, end: usize::MAX };

    /// Whether bytes from `start` to `end`, all of which or none of which are in the span, are.
    pub(super) const fn has(self, start: usize, end: usize) -> bool {
        start < self.end && end > self.start
    }
}

/// A walk over the fields of a struct, in the order of declaration.
pub(super) struct Fields<'l> {
    all: &'l [Field],
    next: usize,
    /// The offset after the last field of which something is copied.
    pub(super) reached: usize,
    spans: Spans,
}

impl<'l> Fields<'l> {
    pub(super) const fn of(fields: &'l [Field]) -> Self {
        Fields { all: fields, next: 0, reached: 0, spans: Spans::of(fields) }
    }

    /// The next field, and whether it lies elsewhere than after the last one.
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

    /// The span that the walk comes into at that field, if it is long enough for vectors, and whether that is the first time.
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

/// The span of an array, if its elements leave padding between them.
pub(super) const fn span_of_array(array: Extent) -> Option<Span> {
    match array.span() {
        Some(span) if span.end - span.start >= RUN => Some(span),
        _ => None,
    }
}

/// Whether an array of such elements may have a span of its own.
pub(super) const fn may_be_in_spans(element: &Layout) -> bool {
    RUN != NEVER && element.is_data_and_padding()
}
