//! The partition: which accesses a type is copied by. Written once, here, and used by loads, stores, the picture and
//! the tests alike, because two atomic accesses that overlap without being the same are undefined behaviour
//! (P2 mixed-size).
//!
//! The rule, a pure function of the layout and of the alignment that the storage guarantees:
//!
//! 1. Data bytes that are announced side by side form a run, across fields and nested structs. A dense type, which has neither
//!    padding nor a pointer nor an enum with fields, is announced at once, whatever the order of its fields.
//! 2. A run is partitioned into the widest words, at most [`WORD`] wide, that their offsets allow: small ones up to the
//!    first aligned offset, then wide ones, then small ones for the rest.
//!    In builds with vector moves, if at least [`RUN`] bytes are left after the first small ones, they become single
//!    bytes instead: as far as the language is concerned, a vector move is made of these.
//! 3. A pointer is one access of its own and ends the run.
//! 4. An array of dense elements is dense itself. Of other arrays each element is partitioned on its own, all elements alike:
//!    a loop around straight-line code.
//! 5. An enum with fields is partitioned on its own, as the union of its variants: a byte that is data in some variant is
//!    data, a word that is a pointer in some variant is a pointer.
//! 6. In builds with vector moves, all data of a span of at least [`RUN`] bytes becomes single bytes, for every transfer, because
//!    some move the padding of the span along. A span is an array whose elements consist of data and padding only, or fields of a
//!    struct that do and lie next to each other in memory, from their first byte of data to the last one, if there is padding
//!    between. Pointers, skipped fields and enums with fields are in no span.
//!
//! A store makes these accesses while the sequence word is busy, so nothing here panics (I9 no-panic): no assertion, no
//! index, and arithmetic that wraps where an unoptimised build would check it. Offsets and lengths lie inside a type, so
//! none of it ever does wrap.

use super::list::count_accesses;
use super::span::{Within, may_be_in_spans, span_begins, span_of_array};
use super::vector::RUN;
use super::word::{Transfer, WORD, Word};
use crate::SeqCopy;
use crate::layout::{Field, Layout, Run, Shape, Span, align_at, low_bit};
use crate::seq_copy::visitor::{EnumWithFields, Visitor};

/// Merges announcements into runs, and partitions those into accesses.
///
/// All fields are constants once inlined, so that a visit becomes straight-line code.
#[derive(Clone)]
pub(crate) struct Partition<A> {
    transfer: A,
    /// The pending run.
    start: usize,
    end: usize,
    /// The alignment of offset 0.
    base: usize,
    /// The span that the walk was in last.
    span: Within,
}

/// What a run is partitioned into, and how announcements become runs: functions of a [`Partition`], and constant functions of the
/// [`Recorder`](super::table::Recorder) of tables. A trait has no constant functions, so the rule is stamped twice.
macro_rules! rule {
    ($($const:tt)?) => {
    /// Makes the accesses of the pending run. To be called at the end of a walk.
    #[cfg_attr(not(seqcopy_outlined), inline(always))]
    #[cfg_attr(seqcopy_outlined, inline(never))] // as `by_visit`: it is most of the machine code of a copy
    pub(crate) $($const)? fn flush(&mut self) {
        let (mut at, end, base) = (self.start, self.end, self.base);
        self.start = end;
        let in_span = at < end && self.span.has(at, end);
        if in_span && self.span.is_moved {
            self.transfer.moved(at, left(at, end));
            return;
        }
        // Up to where the widest word fits. A width that the base does not allow is never reached by these.
        if base > 1 && at & 1 != 0 && at < end {
            self.word::<u8>(&mut at, in_span);
        }
        if base > 2 && at & 2 != 0 && left(at, end) >= 2 {
            self.word::<u16>(&mut at, in_span);
        }
        #[cfg(target_pointer_width = "64")]
        if base > 4 && at & 4 != 0 && left(at, end) >= 4 {
            self.word::<u32>(&mut at, in_span);
        }
        if left(at, end) >= RUN {
            self.transfer.bytes(at, left(at, end));
            return;
        }
        match if base < WORD { base } else { WORD } {
            #[cfg(target_pointer_width = "64")]
            8 => self.words::<u64>(&mut at, end, in_span),
            4 => self.words::<u32>(&mut at, end, in_span),
            2 => self.words::<u16>(&mut at, end, in_span),
            _ => self.words::<u8>(&mut at, end, in_span),
        }
        // What is left is shorter than the widest word.
        if left(at, end) >= 4 {
            self.word::<u32>(&mut at, in_span);
        }
        if left(at, end) >= 2 {
            self.word::<u16>(&mut at, in_span);
        }
        if at < end {
            self.word::<u8>(&mut at, in_span);
        }
    }

    /// A word; in a span, its bytes. They are moved at once even so, and as a word is: the fields of a value that was just made are
    /// in registers, or in stores that no wider load could wait for without delay.
    #[inline(always)]
    $($const)? fn word<W: Word>(&mut self, at: &mut usize, in_span: bool) {
        if in_span {
            self.transfer.bytes_of_words::<W>(*at, 1);
        } else {
            self.transfer.word::<W>(*at);
        }
        *at = at.wrapping_add(size_of::<W>());
    }

    /// As many words as fit.
    #[inline(always)]
    $($const)? fn words<W: Word>(&mut self, at: &mut usize, end: usize, in_span: bool) {
        let count = left(*at, end) / size_of::<W>();
        if in_span {
            self.transfer.bytes_of_words::<W>(*at, count);
        } else {
            self.transfer.words::<W>(*at, count);
        }
        *at = at.wrapping_add(count.wrapping_mul(size_of::<W>()));
    }

    #[inline(always)]
    $($const)? fn stand_at(&mut self, offset: usize) {
        self.start = offset;
        self.end = offset;
    }

    /// The alignment of the part at `offset`, one of several that are `stride` apart.
    #[inline(always)]
    $($const)? fn base_of_part(&self, offset: usize, stride: usize) -> usize {
        let base = align_at(self.base, offset);
        let apart = low_bit(stride);
        if stride != 0 && apart < base { apart } else { base }
    }

    #[inline(always)]
    $($const)? fn run(&mut self, run: Run) {
        if run.is_pointer {
            self.transfer.pointer(run.start);
        } else {
            self.stand_at(run.start);
            self.end = run.end;
            self.flush();
        }
    }

    #[inline(always)]
    $($const)? fn on_data(&mut self, offset: usize, len: usize) {
        if len == 0 {
            return;
        }
        if offset != self.end {
            self.go_astray(offset);
        }
        // A run does not continue behind a span. Fields that go on with data there lie in the span too, so no derived walk comes here;
        // out of line, since an inlined `flush` for each field takes the compiler longer than all the rest.
        if offset == self.span.end && self.start < offset {
            self.go_astray(offset);
        }
        self.end = offset.wrapping_add(len);
    }

    #[inline(always)]
    $($const)? fn on_pointer(&mut self, offset: usize) {
        self.flush();
        self.transfer.pointer(offset);
        self.stand_at(offset.wrapping_add(size_of::<*mut ()>()));
    }

    #[inline(always)]
    $($const)? fn on_seek(&mut self, next: usize) {
        self.flush();
        self.stand_at(next);
    }

    #[inline(always)]
    $($const)? fn on_span(&mut self, span: Span, is_first: bool) {
        if self.span.has(span.start, span.end) {
            // In a larger one, or in this one already.
            return;
        }
        self.flush();
        let is_moved = self.transfer.moves_spans();
        if is_moved && is_first {
            self.transfer.span(span.start, left(span.start, span.end));
        }
        self.span = Within { start: span.start, end: span.end, is_moved };
    }
    };
}
pub(super) use rule;

impl<A: Transfer> Partition<A> {
    rule! {}

    #[inline(always)]
    pub(crate) fn new(transfer: A, base: usize) -> Self {
        Partition { transfer, start: 0, end: 0, base, span: Within::NONE }
    }

    /// The same for other accesses, from the beginning.
    pub(crate) fn with_transfer<B: Transfer>(&self, transfer: B) -> Partition<B> {
        Partition { span: self.span, ..Partition::new(transfer, self.base) }
    }

    /// For a walk that announces data elsewhere than where it stands: ends the pending run. No walk that keeps the rules
    /// (I3 exact) comes here, and optimised code has no such call. A walk that breaks them would otherwise give the run an
    /// arbitrary length.
    #[cold]
    #[inline(never)]
    fn astray(mut self, offset: usize) -> Self {
        self.seek(offset);
        self
    }

    #[inline(always)]
    fn go_astray(&mut self, offset: usize) {
        *self = self.clone().astray(offset);
    }

    /// A new partition for the part at `offset`, one of several that are `stride` apart. `end` is that of all of them.
    #[inline(always)]
    fn part(&self, transfer: A, offset: usize, stride: usize, end: usize) -> Self {
        let part = Partition::new(transfer, self.base_of_part(offset, stride));
        Partition { span: self.span.of_part(offset, end), ..part }
    }

    /// Elements of an array in the tree, each partitioned on its own.
    fn elements(&mut self, element: &Layout, offset: usize, len: usize) {
        let end = offset + len * element.size();
        let like = self.part(self.transfer.clone(), offset, element.size(), end);
        for i in self.transfer.elements(len, || count_accesses(element, &like)) {
            let at = offset + i * element.size();
            let mut part = self.part(self.transfer.at(at), offset, element.size(), end);
            feed(element, &mut part, 0);
            part.flush();
        }
    }

    /// An enum with fields in the tree.
    fn variants(&mut self, layout: &Layout, offset: usize) {
        let mut part = self.part(self.transfer.at(offset), offset, 0, offset + layout.size());
        layout.each_run(|run| part.run(run));
    }
}

impl<A: Transfer> Visitor for Partition<A> {
    #[inline(always)]
    fn data(&mut self, offset: usize, len: usize) {
        self.on_data(offset, len);
    }

    #[inline(always)]
    fn pointer(&mut self, offset: usize) {
        self.on_pointer(offset);
    }

    #[inline(always)]
    fn array<T: SeqCopy>(&mut self, offset: usize, len: usize) {
        let size = size_of::<T>();
        if size == 0 || len == 0 {
            return;
        }
        if const { T::LAYOUT.is_dense() } {
            self.data(offset, len.wrapping_mul(size));
            return;
        }
        self.flush();
        let end = offset.wrapping_add(len.wrapping_mul(size));
        if const { may_be_in_spans(T::LAYOUT) } {
            if let Some(span) = span_of_array(const { T::LAYOUT.extent() }.repeated(size, len)) {
                self.on_span(span.behind(offset), true);
            }
            if self.span.is_moved && self.span.has(offset, end) && !A::NOTES_MOVED {
                self.stand_at(end);
                return;
            }
        }
        for i in self.transfer.touched(offset, size, len) {
            // A partition with its own origin, not an offset that grows: else the offsets in the loop are not constants, and
            // every step becomes a jump.
            let at = offset.wrapping_add(i.wrapping_mul(size));
            let mut part = self.part(self.transfer.at(at), offset, size, end);
            T::visit(&mut part, 0);
            part.flush();
        }
        self.stand_at(end);
    }

    #[inline(always)]
    fn enum_with_fields<E: EnumWithFields>(&mut self, offset: usize) {
        self.flush();
        let end = offset.wrapping_add(size_of::<E>());
        self.transfer.enum_with_fields::<E>(offset, |transfer| {
            let mut part = self.part(transfer, offset, 0, end);
            Runs::<E>::accesses(&mut part);
        });
        self.stand_at(end);
    }

    #[inline(always)]
    fn seek(&mut self, next: usize) {
        self.on_seek(next);
    }

    #[inline(always)]
    fn span(&mut self, span: Span, is_first: bool) {
        self.on_span(span, is_first);
    }
}

/// The runs of an enum with fields, as constants.
struct Runs<E>(core::marker::PhantomData<E>);

/// How many runs are unrolled; a loop over a table handles the others.
const UNROLLED: usize = 8;
/// How many runs an enum may have: the size of the table.
const MOST: usize = 1024;

impl<E: EnumWithFields> Runs<E> {
    const COUNT: usize = {
        let count = E::LAYOUT.run_count();
        assert!(
            count <= MOST,
            "an enum with fields may have at most 1024 separate runs of data: box the big variant's array in a padding-free type, or keep it beside the enum"
        );
        count
    };
    const FIRST: [Run; UNROLLED] = Self::table();
    /// Filled only where it is used: every constant that a function names is evaluated, also in dead branches.
    #[allow(clippy::large_stack_arrays)] // a constant, used by reference
    const ALL: [Run; MOST] = if Self::COUNT > UNROLLED { Self::table() } else { [Run::EMPTY; MOST] };
    /// Those that are not unrolled.
    const REST: &'static [Run] =
        if Self::COUNT > UNROLLED { Self::ALL.split_at(Self::COUNT).0.split_at(UNROLLED).1 } else { &[] };

    const fn table<const N: usize>() -> [Run; N] {
        let mut runs = [Run::EMPTY; N];
        let mut i = 0;
        let mut at = 0;
        while i < N {
            match E::LAYOUT.run_from(at) {
                Some(run) => {
                    runs[i] = run;
                    at = run.end;
                }
                None => break,
            }
            i += 1;
        }
        runs
    }

    /// A method that takes no closure, since inlining can't be forced on closures.
    #[inline(always)]
    fn accesses<A: Transfer>(part: &mut Partition<A>) {
        macro_rules! unrolled {
            ($($i:literal)*) => {$(
                if const { $i < Self::COUNT } {
                    part.run(const { Self::FIRST[$i] });
                }
            )*};
        }
        unrolled!(0 1 2 3 4 5 6 7);
        if const { UNROLLED < Self::COUNT } {
            for run in const { Self::REST } {
                part.run(*run);
            }
        }
    }
}

/// How many bytes lie between `at` and `end`, which is not before `at`.
#[inline(always)]
pub(super) const fn left(at: usize, end: usize) -> usize {
    end.wrapping_sub(at)
}

/// The second way to drive the rule: from the constant tree. It makes the announcements that the type's `visit` makes, but those of
/// no bytes, which do not count. Stamped twice as well: for tools that have a type's layout only, and for tables.
macro_rules! walk {
    ([$visibility:vis $($const:ident)?] $feed:ident $feed_fields:ident [$($generics:tt)*] $partition:ty) => {
        $visibility $($const)? fn $feed<$($generics)*>(layout: &Layout, partition: &mut $partition, offset: usize) {
            if layout.size() == 0 {
                return;
            }
            // As `announce` does.
            if layout.is_dense() {
                partition.on_data(offset, layout.size());
                return;
            }
            match layout.shape() {
                // All others of these are dense.
                Shape::Skipped | Shape::Scalar(_) | Shape::Plain | Shape::Tags { .. } => {}
                Shape::Pointer { .. } => partition.on_pointer(offset),
                Shape::Array { element, len } => {
                    partition.flush();
                    if may_be_in_spans(element) {
                        if let Some(span) = span_of_array(layout.extent()) {
                            partition.on_span(span.behind(offset), true);
                        }
                    }
                    partition.elements(element, offset, len);
                    partition.stand_at(offset + layout.size());
                }
                Shape::Struct { fields } => $feed_fields(fields, layout.size(), partition, offset),
                Shape::Enum { .. } => {
                    partition.flush();
                    partition.variants(layout, offset);
                    partition.stand_at(offset + layout.size());
                }
            }
        }

        $($const)? fn $feed_fields<$($generics)*>(fields: &[Field], size: usize, partition: &mut $partition, offset: usize) {
            let mut index = 0;
            while index < fields.len() {
                let field = &fields[index];
                if Layout::seeks_before(fields, index, 0) {
                    partition.on_seek(offset + field.offset());
                }
                // Inside of a span there is nothing else to find.
                if !partition.span.has(offset + field.offset(), offset + field.end()) {
                    if let Some((span, is_first)) = span_begins(fields, index) {
                        partition.on_span(span.behind(offset), is_first);
                    }
                }
                $feed(field.layout(), partition, offset + field.offset());
                index += 1;
            }
            if Layout::reached(fields, fields.len(), 0) != size {
                partition.on_seek(offset + size);
            }
        }
    };
}
pub(super) use walk;

walk! { [pub(super)] feed feed_fields [A: Transfer] Partition<A> }
