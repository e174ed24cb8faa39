//! Copies of types of which only the layout is known, and lists of their accesses ([`Layout::each_access`]). Both use
//! the rule of `steps.rs`: a [`Recorder`] runs at run time, too. It then records only headers, and the caller expands
//! an array element or an enum when it reaches it.

use core::cell::{Cell, RefCell};
use core::ops::Range;

use super::step::{Fields, Group, Op, Step, base_of_part};
use super::steps::Recorder;
use super::transfer::Transfer;
use super::vector::Word;

use crate::layout::{Access, AccessKind, Layout, Shape};

/// The most steps of one field if bodies are left out: two runs of seven steps each, a span, and one more.
const MOST: usize = 16;

/// Makes the accesses of a layout.
pub(super) fn accesses<A: Transfer>(transfer: A, layout: &Layout, base: usize, in_span: bool) {
    each_step(layout, base, in_span, &mut |step| make(transfer, step, base));
}

/// Makes the accesses of one step of a layout.
pub(super) fn make<A: Transfer>(transfer: A, step: &Step<'_>, base: usize) {
    let &Step { op, in_span, at, count, stride, .. } = step;
    match op {
        Op::Words1 | Op::Words2 | Op::Words4 | Op::Words8 | Op::Bytes => make_of_run(transfer, &step.group()),
        Op::InSpan => match stride {
            0 => transfer.bytes(at, count),
            1 => transfer.bytes_of_words::<u8>(at, count),
            2 => transfer.bytes_of_words::<u16>(at, count),
            4 => transfer.bytes_of_words::<u32>(at, count),
            _ => {
                #[cfg(target_pointer_width = "64")]
                transfer.bytes_of_words::<u64>(at, count);
            }
        },
        Op::Pointer => transfer.pointer(at),
        Op::Elements => {
            let Some(element) = step.layout else { return };
            let base = base_of_part(base, at, stride);
            for i in transfer.touched(at, stride, count) {
                accesses(transfer.at(at + i * stride), element, base, in_span);
            }
        }
        Op::Enum => {
            let Some(layout) = step.layout else { return };
            let (part, base) = (transfer.at(at), base_of_part(base, at, 0));
            each_step_of_enum(layout, base, &mut |step| make(part, step, base));
        }
        // The body of a span follows the span. The other steps without a body make no access.
        Op::Span | Op::Active | Op::Piece | Op::Tag | Op::Variant(_) => {}
    }
}

/// Makes the accesses of a group. Nothing here panics, because stores use it too (I9 no-panic).
#[inline(always)]
pub(super) fn make_of_run<A: Transfer>(transfer: A, &Group { op, at, count }: &Group) {
    match op {
        Op::Words1 => transfer.words::<u8>(at, count),
        Op::Words2 => transfer.words::<u16>(at, count),
        Op::Words4 => transfer.words::<u32>(at, count),
        #[cfg(target_pointer_width = "64")]
        Op::Words8 => transfer.words::<u64>(at, count),
        Op::Bytes => transfer.bytes(at, count),
        _ => {}
    }
}

/// Calls `each` with the steps of a layout. Bodies are left out.
pub(super) fn each_step<'l>(layout: &'l Layout, base: usize, in_span: bool, each: &mut impl FnMut(&Step<'l>)) {
    let mut steps = [Step::NONE; MOST];
    let mut recorder = Recorder::new(&mut steps, false, base, in_span);
    record(&mut recorder, layout, 0, each);
    recorder.finish();
    recorder.drain(each);
}

/// Does the same as [`Recorder::record`], and passes the steps on after each field.
fn record<'l>(recorder: &mut Recorder<'_, 'l>, layout: &'l Layout, offset: usize, each: &mut impl FnMut(&Step<'l>)) {
    match layout.shape() {
        Shape::Struct { fields } if layout.size() != 0 && !layout.is_dense() => {
            let mut fields = Fields::from_fields(fields);
            while let Some((field, at)) = recorder.next_field(&mut fields, offset) {
                record(recorder, field, at, each);
            }
            recorder.leave(&fields, layout.size(), offset);
        }
        _ => recorder.record(layout, offset),
    }
    recorder.drain(each);
}

/// Passes on an enum with fields: the accesses of the union of its variants.
pub(super) fn each_step_of_enum(layout: &Layout, base: usize, each: &mut impl FnMut(&Step<'_>)) {
    let mut steps = [Step::NONE; MOST];
    let mut recorder = Recorder::new(&mut steps, false, base, false);
    layout.each_run(|run| {
        recorder.run(run.start, run.end, run.is_pointer);
        recorder.drain(each);
    });
}

/// Lists accesses instead of making them. Words side by side, and the bytes of a long run, are listed together.
#[derive(Clone, Copy)]
pub(super) struct Lister<'a> {
    pub(super) each: &'a dyn Fn(Access, usize),
    pub(super) origin: usize,
    /// Shortens a range to the bytes that matter, from the first to the last. Elements of arrays outside of it are left
    /// out. `None` lists everything.
    pub(super) wanted: Option<&'a dyn Fn(Range<usize>) -> Range<usize>>,
}

impl<'a> Lister<'a> {
    pub(super) fn new(each: &'a dyn Fn(Access, usize)) -> Self {
        Lister { each, origin: 0, wanted: None }
    }

    fn list(&self, offset: usize, width: usize, kind: AccessKind, count: usize) {
        if count > 0 {
            (self.each)(Access { offset: self.origin + offset, width, kind }, count);
        }
    }
}

impl Transfer for Lister<'_> {
    fn word<W: Word>(&self, offset: usize) {
        self.list(offset, size_of::<W>(), AccessKind::Word, 1);
    }

    fn words<W: Word>(&self, offset: usize, count: usize) {
        self.list(offset, size_of::<W>(), AccessKind::Word, count);
    }

    fn bytes(&self, offset: usize, len: usize) {
        self.list(offset, 1, AccessKind::Vector, len);
    }

    fn pointer(&self, offset: usize) {
        self.list(offset, size_of::<*mut ()>(), AccessKind::Pointer, 1);
    }

    fn at(&self, offset: usize) -> Self {
        Lister { origin: self.origin + offset, ..*self }
    }

    fn touched(&self, offset: usize, size: usize, count: usize) -> Range<usize> {
        let Some(wanted) = self.wanted else { return 0..count };
        let start = self.origin + offset;
        let bytes = wanted(start..start + size * count);
        if bytes.is_empty() { 0..0 } else { (bytes.start - start) / size..(bytes.end - start).div_ceil(size) }
    }
}

impl Layout {
    /// Calls `each` with every access of a copy of this type, in order, for storage that is aligned to `base`. Loads
    /// and stores make the same accesses.
    ///
    /// Fields are copied in the order of declaration, so offsets ascend if the fields' offsets do. The accesses depend
    /// on the layout, on `base`, on the target's pointer width, and on whether this build moves long runs and spans
    /// with vector instructions, whose bytes count as single accesses (`--cfg seqcopy_portable` turns them off).
    ///
    /// No access of the list touches padding. Padding is never interpreted: it is skipped, or carried along by a move
    /// in inline assembly, which treats bytes as opaque bits. So a lock's padding holds arbitrary bytes of the writer's
    /// process, and a read into a caller's buffer may overwrite the padding of that buffer.
    ///
    /// Storage of a `T` that you place yourself
    /// ([`AtomicPerByte<T>`](crate::AtomicPerByte), [`raw`](crate::raw)) has base `align_of::<T>()`; the locks keep
    /// a `T` at base `max(8, align_of::<T>())`.
    ///
    /// # Panics
    /// If `base` is not a power of two.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// #[derive(SeqCopy)]
    /// #[repr(C)]
    /// struct Sample { id: u32, flags: [u8; 3], ok: bool, level: u16 }
    /// let widths = |base| {
    ///     let mut widths = Vec::new();
    ///     Sample::LAYOUT.each_access(base, |access| widths.push(access.width));
    ///     widths
    /// };
    /// assert_eq!(widths(4), [4, 4, 2]);
    /// # #[cfg(target_pointer_width = "64")]
    /// assert_eq!(widths(8), [8, 2]);
    /// ```
    pub fn each_access(&self, base: usize, mut each: impl FnMut(Access)) {
        self.each_series(base, |first, count| each_of_series(first, count, &mut each));
    }

    /// How many accesses there are, computed without a walk over every element of arrays.
    ///
    /// # Panics
    /// If `base` is not a power of two.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// assert_eq!(<[(u16, u8); 1000]>::LAYOUT.access_count(1), 3000);
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn access_count(&self, base: usize) -> usize {
        assert_is_alignment(base);
        self.count(base, false)
    }

    fn count(&self, base: usize, in_span: bool) -> usize {
        let mut sum = 0usize;
        each_step(self, base, in_span, &mut |step| {
            let counted = Cell::new(0usize);
            if let (Op::Elements, Some(element)) = (step.op, step.layout) {
                let each = element.count(base_of_part(base, step.at, step.stride), step.in_span);
                counted.set(each.saturating_mul(step.count));
            } else {
                let count = |_, count| counted.set(counted.get() + count);
                make(Lister::new(&count), step, base);
            }
            sum = sum.saturating_add(counted.get());
        });
        sum
    }

    /// Calls `each` with the accesses. Equal accesses side by side are passed together, as the first of them and their
    /// number.
    pub(crate) fn each_series(&self, base: usize, each: impl FnMut(Access, usize)) {
        self.series(base, None, each);
    }

    /// Does the same, without array elements that `wanted` leaves out. It receives ranges of bytes, and returns the
    /// part that matters.
    #[cfg(feature = "alloc")]
    pub(crate) fn each_series_of(
        &self,
        base: usize,
        wanted: &dyn Fn(Range<usize>) -> Range<usize>,
        each: impl FnMut(Access, usize),
    ) {
        self.series(base, Some(wanted), each);
    }

    fn series(
        &self,
        base: usize,
        wanted: Option<&dyn Fn(Range<usize>) -> Range<usize>>,
        each: impl FnMut(Access, usize),
    ) {
        assert_is_alignment(base);
        let each = RefCell::new(each);
        let each = |first, count| (each.borrow_mut())(first, count);
        accesses(Lister { wanted, ..Lister::new(&each) }, self, base, false);
    }
}

fn assert_is_alignment(base: usize) {
    assert!(base.is_power_of_two(), "{base} is not an alignment: those are powers of two");
}

/// Calls `each` with equal accesses side by side, one at a time.
pub(super) fn each_of_series(first: Access, count: usize, each: &mut impl FnMut(Access)) {
    for i in 0..count {
        each(Access { offset: first.offset + i * first.width, ..first });
    }
}
