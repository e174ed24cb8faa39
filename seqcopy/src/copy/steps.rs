//! The rule of the partition: which words copy a type. Two atomic accesses that overlap and differ in size are
//! undefined behaviour (P2 mixed-size), so there is one rule. It is written here, as constant functions. Loads, stores,
//! the picture of a type and the tests all use it.
//!
//! The rule, a pure function of the layout and of the alignment that the storage guarantees:
//!
//! 1. Data bytes that lie side by side form a run, across fields and nested structs, which are walked in the order of
//!    declaration. A dense type, which has neither padding nor a pointer nor an enum with fields, is data throughout,
//!    whatever the order of its fields.
//! 2. A run is partitioned into the widest words, at most [`WORD`] wide, that their offsets allow: small ones up to the
//!    first aligned offset, then wide ones, then small ones for the rest.
//!    In builds with vector moves, if at least [`RUN`] bytes are left after the first small ones, they become single
//!    bytes instead: as far as the language is concerned, a vector move is made of these.
//! 3. A pointer is one access of its own and ends the run.
//! 4. An array of dense elements is dense itself. Of other arrays each element is partitioned on its own, all elements
//!    alike.
//! 5. An enum with fields is partitioned on its own, as the union of its variants: a byte that is data in some variant
//!    is data, a word that is a pointer in some variant is a pointer.
//! 6. In builds with vector moves, all data of a span of at least [`RUN`] bytes becomes single bytes, for every
//!    transfer, because some move the padding of the span along. A span is an array whose elements consist of data and
//!    padding only, or fields of a struct that do and lie next to each other in memory, from their first byte of data
//!    to the last one, if there is padding between. Pointers, skipped fields and enums with fields are in no span. The
//!    fields of a struct with more than 128 that lie in another order than they are declared in form none.
//!
//! What the rule gives is a list of [`Step`]s. For a type it is a constant ([`transfer`](super::transfer)); for a
//! layout that is known at run time only, the same functions run then ([`each_access`](super::each_access)). No store
//! runs them: while the sequence word is busy, the table is followed, never made (I9 no-panic).

use super::step::{Fields, Op, Step, Within, base_of_part, may_be_in_spans, span_of_array};
use super::vector::RUN;
use super::vector::WORD;

use crate::layout::{Layout, Shape, Span};

/// The largest enum with fields. Stores make an image of it in a local variable, whose size must be one of those
/// written down in the code.
pub(super) const LARGEST_ENUM: usize = 1 << 30;

/// Records the partition of a type: its steps, in the order in which copies make them.
pub(crate) struct Recorder<'s, 'l> {
    steps: &'s mut [Step<'l>],
    /// The number of steps. Steps without space are only counted.
    len: usize,
    /// Whether arrays and enums are followed by their bodies.
    nests: bool,
    /// Where the pending run or piece begins.
    start: usize,
    end: usize,
    /// The alignment of offset 0.
    base: usize,
    /// The last span that the walk entered.
    span: Within,
    /// The step of the span whose body is being recorded.
    open: Option<usize>,
}

impl<'s, 'l> Recorder<'s, 'l> {
    pub(crate) const fn new(steps: &'s mut [Step<'l>], nests: bool, base: usize, is_in_span: bool) -> Self {
        let span = if is_in_span { Within::ALL } else { Within::NOTHING };
        Recorder { steps, len: 0, nests, start: 0, end: 0, base, span, open: None }
    }

    /// Ends a walk. Returns the number of steps, which may be more than there was space for.
    pub(crate) const fn finish(&mut self) -> usize {
        self.flush();
        self.close();
        self.len
    }

    /// Passes on the recorded steps, and empties the list. Only for a recorder that leaves out bodies.
    pub(crate) fn drain(&mut self, each: &mut impl FnMut(&Step<'l>)) {
        assert!(self.len <= self.steps.len(), "a field has more steps than fit in");
        self.steps.iter().take(self.len).for_each(each);
        self.len = 0;
    }

    const fn set(&mut self, index: usize, step: Step<'l>) {
        if index < self.steps.len() {
            self.steps[index] = step;
        }
    }

    const fn push(&mut self, step: Step<'l>) {
        self.set(self.len, step);
        self.len += 1;
    }

    /// Records a step outside of spans.
    pub(super) const fn add(&mut self, op: Op, at: usize, count: usize) {
        self.close();
        self.push(Step::new(op, at, count));
    }

    /// Records a step whose body is recorded next. Returns its index.
    pub(super) const fn begin(&mut self, step: Step<'l>) -> usize {
        self.push(step);
        self.len - 1
    }

    /// Ends the body of a step.
    pub(super) const fn end(&mut self, header: usize) {
        if self.nests && header < self.steps.len() {
            self.steps[header].body = self.len - header - 1;
            self.steps[header].layout = None;
        }
    }

    /// Ends the body of a span, because the next step is in no span, or in another one.
    const fn close(&mut self) {
        if let Some(header) = self.open {
            self.open = None;
            self.end(header);
        }
    }

    /// Ends the pending run, and partitions it.
    const fn flush(&mut self) {
        let (mut at, end) = (self.start, self.end);
        self.start = end;
        if at >= end {
            return;
        }
        let in_span = self.span.has(at, end);
        let widest = if self.base < WORD { self.base } else { WORD };
        // Small words up to the first offset at which the widest word fits.
        let mut width = 1;
        while width < widest {
            if at & width != 0 && end - at >= width {
                self.words(at, width, 1, in_span);
                at += width;
            }
            width *= 2;
        }
        if end - at >= RUN {
            if in_span {
                self.in_span(at, end - at, 0);
            } else {
                self.add(Op::Bytes, at, end - at);
            }
            return;
        }
        let count = (end - at) / widest;
        self.words(at, widest, count, in_span);
        at += count * widest;
        // The rest is shorter than the widest word.
        while width > 1 {
            width /= 2;
            if end - at >= width {
                self.words(at, width, 1, in_span);
                at += width;
            }
        }
    }

    /// Records words, or single bytes in a span. Even in a span they are moved word by word: the fields of a value that
    /// was just made are in registers, or in stores for which a wider load would have to wait.
    const fn words(&mut self, at: usize, width: usize, count: usize, in_span: bool) {
        if count == 0 {
        } else if in_span {
            self.in_span(at, count * width, width);
        } else {
            self.add(Op::words(width), at, count);
        }
    }

    const fn in_span(&mut self, at: usize, count: usize, stride: usize) {
        self.push(Step { stride, ..Step::new(Op::InSpan, at, count) });
    }

    pub(super) const fn stand_at(&mut self, offset: usize) {
        self.start = offset;
        self.end = offset;
    }

    const fn seek(&mut self, offset: usize) {
        self.flush();
        self.stand_at(offset);
    }

    const fn data(&mut self, offset: usize, len: usize) {
        // A run does not continue after a span.
        if offset != self.end || offset == self.span.end {
            self.seek(offset);
        }
        self.end = offset + len;
    }

    /// Enters a span, unless the walk is already in this span or in a larger one.
    const fn enter(&mut self, span: Span, is_first: bool) {
        if self.span.has(span.start, span.end) {
            return;
        }
        self.flush();
        self.close();
        if is_first {
            self.open = Some(self.begin(Step::new(Op::Span, span.start, span.end - span.start)));
        }
        self.span = Within { start: span.start, end: span.end };
    }

    /// Records all of a type at `offset`.
    pub(crate) const fn record(&mut self, layout: &'l Layout, offset: usize) {
        if layout.size() == 0 {
            return;
        }
        if layout.is_dense() {
            return self.data(offset, layout.size());
        }
        match layout.shape() {
            // All other types are dense here.
            Shape::Skipped | Shape::Scalar(_) | Shape::Plain | Shape::Tags { .. } => {}
            Shape::Pointer { .. } => {
                self.flush();
                self.add(Op::Pointer, offset, 1);
                self.stand_at(offset + size_of::<*mut ()>());
            }
            Shape::Array { element, len } => {
                self.flush();
                if may_be_in_spans(element) {
                    if let Some(span) = span_of_array(layout.extent()) {
                        self.enter(span.shifted_by(offset), true);
                    }
                }
                self.elements(element, offset, len);
                self.stand_at(offset + layout.size());
            }
            Shape::Struct { fields } => {
                let mut fields = Fields::from_fields(fields);
                while let Some((field, at)) = self.next_field(&mut fields, offset) {
                    self.record(field, at);
                }
                self.leave(&fields, layout.size(), offset);
            }
            Shape::Enum { .. } => {
                self.flush();
                self.variants(layout, offset);
                self.stand_at(offset + layout.size());
            }
        }
    }

    /// Continues with the next field of a struct at `offset`. Returns its layout and place.
    pub(super) const fn next_field(&mut self, fields: &mut Fields<'l>, offset: usize) -> Option<(&'l Layout, usize)> {
        let Some((field, seeks)) = fields.next() else { return None };
        let at = offset + field.offset();
        if seeks {
            self.seek(at);
        }
        // The body of a span contains nothing else.
        if !self.span.has(at, offset + field.end()) {
            if let Some((span, is_first)) = fields.span_begins() {
                self.enter(span.shifted_by(offset), is_first);
            }
        }
        Some((field.layout(), at))
    }

    /// Ends a struct at `offset`.
    pub(super) const fn leave(&mut self, fields: &Fields<'l>, size: usize, offset: usize) {
        if fields.reached != size {
            self.seek(offset + size);
        }
    }

    /// Records the elements of an array. Each is partitioned on its own.
    const fn elements(&mut self, element: &'l Layout, offset: usize, count: usize) {
        let stride = element.size();
        if let Shape::Array { element, len } = element.shape() {
            // An array of arrays is one loop.
            return self.elements(element, offset, count * len);
        }
        let end = offset + count * stride;
        let in_span = self.span.has(offset, end);
        if !in_span {
            self.close();
        }
        let step = Step { in_span, stride, layout: Some(element), ..Step::new(Op::Elements, offset, count) };
        let header = self.begin(step);
        if !self.nests {
            return;
        }
        let outer = (self.base, self.span, self.open);
        self.base = base_of_part(self.base, offset, stride);
        self.span = if in_span { Within::ALL } else { Within::NOTHING };
        self.open = None;
        self.stand_at(0);
        self.record(element, 0);
        self.flush();
        self.close();
        (self.base, self.span, self.open) = outer;
        self.end(header);
    }

    /// Records an enum with fields.
    const fn variants(&mut self, layout: &'l Layout, offset: usize) {
        self.close();
        let step = Step { layout: Some(layout), ..Step::new(Op::Enum, offset, layout.size()) };
        let header = self.begin(step);
        if !self.nests {
            return;
        }
        assert!(
            layout.size() <= LARGEST_ENUM,
            "an enum with fields of more than a gigabyte: an image of it, on the stack, is stored"
        );
        self.active(layout, offset);
        let outer = (self.base, self.span);
        self.base = base_of_part(self.base, offset, 0);
        self.span = Within::NOTHING;
        let mut at = 0;
        while let Some(run) = layout.run_from(at) {
            self.run(offset + run.start, offset + run.end, run.is_pointer);
            at = run.end;
        }
        (self.base, self.span) = outer;
        self.end(header);
    }

    /// Records a run of the union of an enum's variants.
    pub(crate) const fn run(&mut self, start: usize, end: usize, is_pointer: bool) {
        if is_pointer {
            self.add(Op::Pointer, start, 1);
        } else {
            self.stand_at(start);
            self.end = end;
            self.flush();
        }
    }

    /// Ends the pending piece.
    pub(super) const fn end_piece(&mut self) {
        if self.start < self.end {
            self.add(Op::Piece, self.start, self.end - self.start);
        }
        self.start = self.end;
    }

    /// Records a piece. It is merged with its neighbour.
    pub(super) const fn piece(&mut self, at: usize, len: usize) {
        if at != self.end {
            self.end_piece();
            self.start = at;
        }
        self.end = at + len;
    }
}
