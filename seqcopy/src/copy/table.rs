//! The partition of a type as a constant table, for copies that know no types.
//!
//! Unoptimised code is fast where it is little, so there the copies are not made of each type's `visit`, compiled in the crate that
//! uses the type, but of a table, by functions that are compiled once, in this crate (`by_table`). The [`Recorder`] fills the table
//! by the very rule that a [`Partition`](super::partition::Partition) follows, in constants, from the tree.

use core::marker::PhantomData;

use super::partition::{left, rule, walk};
use super::span::{Within, may_be_in_spans, span_begins, span_of_array};
use super::transfer::trace;
use super::vector::RUN;
use super::word::{WORD, Word};
use crate::SeqCopy;
use crate::layout::{Field, Layout, Run, Shape, Span, align_at, low_bit};

/// Some accesses of a copy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// `count` words of one byte, side by side.
    Words1 { at: usize, count: usize },
    /// Words of two bytes.
    Words2 { at: usize, count: usize },
    /// Words of four bytes.
    Words4 { at: usize, count: usize },
    /// Words of eight bytes.
    #[cfg(target_pointer_width = "64")]
    Words8 { at: usize, count: usize },
    /// A long run, or some of a span, by bytes.
    Bytes { at: usize, len: usize },
    /// A span as a whole.
    Span { at: usize, len: usize },
    /// A run in a span that is moved as a whole. Only in the crate's own tests.
    Moved { at: usize, len: usize },
    /// A pointer.
    Pointer { at: usize },
    /// The next `body` steps, once for each of `count` elements that are `stride` apart.
    Elements { at: usize, count: usize, stride: usize, body: usize },
}

/// What a private copy of a value is made of that holds the data of the active variants, and nothing of the others.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Piece {
    /// So many bytes.
    Copy { at: usize, len: usize },
    /// The next `body` pieces, once for each of `count` elements.
    Elements { at: usize, count: usize, stride: usize, body: usize },
    /// A tag, which decides about the next `body` pieces: they are [`Piece::Variant`]s, each followed by its fields.
    Tag { at: usize, width: usize, body: usize },
    /// The next `body` pieces, if the tag has these bits.
    Variant { bits: u64, body: usize },
}

/// As many items as fit; the others are counted.
struct List<S, const N: usize> {
    items: [S; N],
    len: usize,
}

impl<S: Copy, const N: usize> List<S, N> {
    const fn push(&mut self, item: S) {
        self.set(self.len, item);
        self.len += 1;
    }

    const fn set(&mut self, index: usize, item: S) {
        if index < N {
            self.items[index] = item;
        }
    }
}

/// Records accesses as steps.
struct Record<const N: usize> {
    steps: List<Step, N>,
    /// Where the part that is partitioned on its own begins.
    origin: usize,
    /// Whether spans are moved as a whole.
    moves_spans: bool,
}

impl<const N: usize> Record<N> {
    const fn word<W>(&mut self, offset: usize) {
        self.words::<W>(offset, 1);
    }

    const fn words<W>(&mut self, offset: usize, count: usize) {
        if count == 0 {
            return;
        }
        let at = self.origin + offset;
        self.steps.push(match size_of::<W>() {
            1 => Step::Words1 { at, count },
            2 => Step::Words2 { at, count },
            4 => Step::Words4 { at, count },
            #[cfg(target_pointer_width = "64")]
            8 => Step::Words8 { at, count },
            _ => panic!("no word is this wide"),
        });
    }

    const fn bytes(&mut self, offset: usize, len: usize) {
        self.steps.push(Step::Bytes { at: self.origin + offset, len });
    }

    const fn bytes_of_words<W>(&mut self, offset: usize, count: usize) {
        if count != 0 {
            self.bytes(offset, count * size_of::<W>());
        }
    }

    const fn pointer(&mut self, offset: usize) {
        self.steps.push(Step::Pointer { at: self.origin + offset });
    }

    const fn moves_spans(&self) -> bool {
        self.moves_spans
    }

    const fn span(&mut self, offset: usize, len: usize) {
        self.steps.push(Step::Span { at: self.origin + offset, len });
    }

    const fn moved(&mut self, offset: usize, len: usize) {
        if trace::IS_ON {
            self.steps.push(Step::Moved { at: self.origin + offset, len });
        }
    }
}

/// A [`Partition`](super::partition::Partition) in constants.
struct Recorder<const N: usize> {
    transfer: Record<N>,
    start: usize,
    end: usize,
    base: usize,
    span: Within,
}

impl<const N: usize> Recorder<N> {
    rule! { const }

    const fn of(layout: &Layout, base: usize, moves_spans: bool) -> Self {
        let steps = List { items: [Step::Pointer { at: 0 }; N], len: 0 };
        let transfer = Record { steps, origin: 0, moves_spans };
        let mut recorder = Recorder { transfer, start: 0, end: 0, base, span: Within::NONE };
        record(layout, &mut recorder, 0);
        recorder.flush();
        recorder
    }

    const fn go_astray(&mut self, offset: usize) {
        self.on_seek(offset);
    }

    /// Begins a part at `offset`; returns what is to be put back afterwards.
    const fn begin(&mut self, origin: usize, base: usize, span: Within) -> (usize, usize, Within) {
        let outer = (self.transfer.origin, self.base, self.span);
        self.transfer.origin = origin;
        self.base = base;
        self.span = span;
        self.stand_at(0);
        outer
    }

    const fn finish(&mut self, outer: (usize, usize, Within)) {
        self.flush();
        (self.transfer.origin, self.base, self.span) = outer;
    }

    const fn elements(&mut self, element: &Layout, offset: usize, count: usize) {
        let stride = element.size();
        let header = self.transfer.steps.len;
        self.transfer.pointer(offset); // replaced below
        let at = self.transfer.origin + offset;
        let span = self.span.of_part(offset, offset + count * stride);
        let outer = self.begin(0, self.base_of_part(offset, stride), span);
        record(element, self, 0);
        self.finish(outer);
        let body = self.transfer.steps.len - header - 1;
        if body == 0 {
            // In a span that is moved as a whole.
            self.transfer.steps.len = header;
        } else {
            self.transfer.steps.set(header, Step::Elements { at, count, stride, body });
        }
    }

    const fn variants(&mut self, layout: &Layout, offset: usize) {
        let span = self.span.of_part(offset, offset + layout.size());
        let outer = self.begin(self.transfer.origin + offset, self.base_of_part(offset, 0), span);
        let mut at = 0;
        while let Some(run) = layout.run_from(at) {
            self.run(run);
            at = run.end;
        }
        self.finish(outer);
    }
}

walk! { [const] record record_fields [const N: usize] Recorder<N> }

/// Records pieces. Neighbours become one.
struct Pieces<const N: usize> {
    list: List<Piece, N>,
    start: usize,
    end: usize,
}

impl<const N: usize> Pieces<N> {
    const fn of(layout: &Layout) -> Self {
        let list = List { items: [Piece::Copy { at: 0, len: 0 }; N], len: 0 };
        let mut pieces = Pieces { list, start: 0, end: 0 };
        pieces.add(layout, 0, false);
        pieces.flush();
        pieces
    }

    const fn flush(&mut self) {
        if self.start < self.end {
            self.list.push(Piece::Copy { at: self.start, len: self.end - self.start });
        }
        self.start = self.end;
    }

    const fn copy(&mut self, at: usize, len: usize) {
        if at != self.end {
            self.flush();
            self.start = at;
        }
        self.end = at + len;
    }

    const fn fields(&mut self, fields: &[Field], offset: usize, in_variant: bool) {
        let mut i = 0;
        while i < fields.len() {
            self.add(fields[i].layout(), offset + fields[i].offset(), in_variant);
            i += 1;
        }
    }

    /// A place for a piece that is known when its body is.
    const fn header(&mut self) -> usize {
        self.flush();
        self.list.push(Piece::Copy { at: 0, len: 0 });
        self.list.len - 1
    }

    const fn since(&mut self, header: usize) -> usize {
        self.flush();
        self.list.len - header - 1
    }

    /// In a variant padding is left out, since it may be another variant's data.
    const fn add(&mut self, layout: &Layout, at: usize, in_variant: bool) {
        if layout.size() == 0 {
            return;
        }
        if layout.is_dense() || !in_variant && !layout.has_enum_with_fields() {
            self.copy(at, layout.size());
            return;
        }
        match layout.shape() {
            Shape::Skipped => {}
            Shape::Scalar(_) | Shape::Plain | Shape::Tags { .. } | Shape::Pointer { .. } => {
                self.copy(at, layout.size());
            }
            Shape::Struct { fields } => self.fields(fields, at, in_variant),
            Shape::Array { element, len } => {
                let header = self.header();
                self.start = 0;
                self.end = 0;
                self.add(element, 0, in_variant);
                let body = self.since(header);
                let piece = Piece::Elements { at, count: len, stride: element.size(), body };
                self.list.set(header, piece);
                self.start = at + layout.size();
                self.end = self.start;
            }
            Shape::Enum { tag, payload, variants } => {
                self.copy(at, tag.size());
                let header = self.header();
                let mut i = 0;
                while i < variants.len() {
                    let variant = self.header();
                    self.fields(variants[i].fields(), at + payload, true);
                    let body = self.since(variant);
                    self.list.set(variant, Piece::Variant { bits: variants[i].bits(tag.size()), body });
                    i += 1;
                }
                let body = self.since(header);
                self.list.set(header, Piece::Tag { at, width: tag.size(), body });
            }
        }
    }
}

/// The tables of a type: for copies that move spans as a whole, padding included, or for those that go around all padding.
pub(crate) struct Table<T, const MOVES_SPANS: bool>(PhantomData<T>);

/// The longest table. Longer ones would be longer than the code.
const MOST: usize = 1024;

/// The largest value of which a copy is made on the stack.
const LARGEST_IMAGE: usize = 1 << 14;

/// Chooses the smallest of some arrays that is long enough, so that no table is much larger than what is in it. Each is made by a function
/// of its own, because a constant is evaluated together with every constant that its text names.
macro_rules! smallest {
    ($count:expr, $sized:ident::<$type:ty, $moves_spans:ident>, $($len:literal)*) => {
        match $count {
            $(0..=$len => $sized::<$type, $moves_spans, $len>(),)*
            _ => &[],
        }
    };
}

impl<T: SeqCopy, const MOVES_SPANS: bool> Table<T, MOVES_SPANS> {
    const COUNT: usize = Recorder::<0>::of(T::LAYOUT, align_of::<T>(), MOVES_SPANS).transfer.steps.len;

    const PIECE_COUNT: usize = if Self::HAS_IMAGE { Pieces::<0>::of(T::LAYOUT).list.len } else { 0 };

    /// Whether a store first makes a private copy: an enum with fields holds bytes of which only some are data in this value.
    pub(crate) const HAS_IMAGE: bool = T::LAYOUT.has_enum_with_fields();

    /// Whether there are tables of this type. If not, its copies are made of its `visit`.
    pub(crate) const EXISTS: bool =
        Self::COUNT <= MOST && (!Self::HAS_IMAGE || (Self::PIECE_COUNT <= MOST && size_of::<T>() <= LARGEST_IMAGE));

    /// The accesses of storage of this type.
    pub(crate) const STEPS: &'static [Step] = smallest!(Self::COUNT, steps::<T, MOVES_SPANS>, 2 8 32 128 1024);

    /// What the private copy is made of, if there is one.
    pub(crate) const PIECES: &'static [Piece] = smallest!(Self::PIECE_COUNT, pieces::<T, MOVES_SPANS>, 0 8 32 128 1024);
}

const fn steps<T: SeqCopy, const MOVES_SPANS: bool, const N: usize>() -> &'static [Step] {
    let recorded = const { &Recorder::<N>::of(T::LAYOUT, align_of::<T>(), MOVES_SPANS).transfer.steps.items };
    recorded.split_at(Table::<T, MOVES_SPANS>::COUNT).0
}

const fn pieces<T: SeqCopy, const MOVES_SPANS: bool, const N: usize>() -> &'static [Piece] {
    const { &Pieces::<N>::of(T::LAYOUT).list.items }.split_at(Table::<T, MOVES_SPANS>::PIECE_COUNT).0
}
