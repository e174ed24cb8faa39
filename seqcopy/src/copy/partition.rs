//! The cut: which accesses a type is copied by. Written once, here, and used by loads, stores, the picture and
//! the tests alike, because two atomic accesses that overlap without being the same are undefined behaviour (P2).
//!
//! The rule, a pure function of the layout and of the alignment that the storage guarantees:
//!
//! 1. Data bytes that are announced side by side form a run, across fields and nested structs.
//! 2. A run is cut into the widest words, at most [`WORD`] wide, that their offsets allow: small ones up to the
//!    first aligned offset, then wide ones, then small ones for the rest.
//!    In builds with vector moves, if at least [`RUN`] bytes are left behind the first small ones, they are cut into single
//!    bytes instead: that is what a vector move is made of, as far as the language is concerned.
//! 3. A pointer is one access of its own and ends the run.
//! 4. An array of dense elements is one run. Of other arrays each element is cut by itself, all elements alike:
//!    a loop over one straight line.
//! 5. An enum with fields is cut by itself, as the union of its variants: a byte that is data in some variant is
//!    data, a word that is a pointer in some variant is a pointer.

use super::vector::RUN;
use super::visitor::{Choice, Visitor};
use super::word::{WORD, Word};
use crate::SeqCopy;
use crate::layout::{Field, Layout, Run, Shape, align_at, count_accesses, low_bit};

/// What is done at each access of the cut.
pub(crate) trait Transfer: Clone {
    /// One word at `offset`, which is a multiple of its size.
    fn word<W: Word>(&self, offset: usize);

    /// `count` words, one after the other.
    #[inline(always)]
    fn words<W: Word>(&self, offset: usize, count: usize) {
        for i in 0..count {
            self.word::<W>(offset + i * size_of::<W>());
        }
    }

    /// A long run, as accesses of one byte each, to be made all at once.
    fn bytes(&self, offset: usize, len: usize);

    /// One pointer.
    fn pointer(&self, offset: usize);

    /// Which of an array's elements, which are all cut alike, are worth walking over; `accesses` counts those of one. Tools
    /// that look for a part of the cut need not see every element.
    #[inline(always)]
    fn elements(&self, len: usize, _accesses: impl FnOnce() -> usize) -> core::ops::Range<usize> {
        0..len
    }

    /// The same access for places counted from `offset`.
    fn at(&self, offset: usize) -> Self;

    /// An enum with fields at `offset`: makes ready its private side and calls `cut` with the access of the area.
    /// A store has to lay the active variant out between zeros first; a load has nothing to do.
    fn area<E: Choice>(&self, offset: usize, cut: impl FnOnce(Self));
}

/// Merges announcements into runs and cuts them.
///
/// All fields are constants once inlined, so that a visit becomes straight-line code.
#[derive(Clone)]
pub(crate) struct Merge<A> {
    transfer: A,
    /// The pending run.
    start: usize,
    end: usize,
    /// The alignment of offset 0.
    base: usize,
}

impl<A: Transfer> Merge<A> {
    #[inline(always)]
    pub(crate) fn new(transfer: A, base: usize) -> Self {
        Merge { transfer, start: 0, end: 0, base }
    }

    /// The same for other accesses, from the beginning.
    pub(crate) fn anew<B: Transfer>(&self, transfer: B) -> Merge<B> {
        Merge::new(transfer, self.base)
    }

    /// Makes the accesses of the pending run. To be called at the end of a walk.
    #[inline(always)]
    pub(crate) fn flush(&mut self) {
        let (mut at, end, base) = (self.start, self.end, self.base);
        self.start = end;
        // Up to where the widest word fits. A width that the base does not allow is never reached by these.
        if base > 1 && at & 1 != 0 && at < end {
            self.transfer.word::<u8>(at);
            at += 1;
        }
        if base > 2 && at & 2 != 0 && end - at >= 2 {
            self.transfer.word::<u16>(at);
            at += 2;
        }
        #[cfg(target_pointer_width = "64")]
        if base > 4 && at & 4 != 0 && end - at >= 4 {
            self.transfer.word::<u32>(at);
            at += 4;
        }
        if end - at >= RUN {
            self.transfer.bytes(at, end - at);
            return;
        }
        let widest = if base < WORD { base } else { WORD };
        let count = (end - at) / widest;
        match widest {
            #[cfg(target_pointer_width = "64")]
            8 => self.transfer.words::<u64>(at, count),
            4 => self.transfer.words::<u32>(at, count),
            2 => self.transfer.words::<u16>(at, count),
            _ => self.transfer.words::<u8>(at, count),
        }
        at += count * widest;
        // What is left is shorter than the widest word.
        if end - at >= 4 {
            self.transfer.word::<u32>(at);
            at += 4;
        }
        if end - at >= 2 {
            self.transfer.word::<u16>(at);
            at += 2;
        }
        if end > at {
            self.transfer.word::<u8>(at);
        }
    }

    #[inline(always)]
    fn stand_at(&mut self, offset: usize) {
        self.start = offset;
        self.end = offset;
    }

    /// A cutter of its own for the part at `offset`, one of several that are `stride` apart.
    #[inline(always)]
    fn part(&self, transfer: A, offset: usize, stride: usize) -> Self {
        let base = align_at(self.base, offset);
        let apart = low_bit(stride);
        let base = if stride != 0 && apart < base { apart } else { base };
        Merge::new(transfer, base)
    }

    #[inline(always)]
    fn run(&mut self, run: Run) {
        if run.is_pointer {
            self.transfer.pointer(run.start);
        } else {
            self.stand_at(run.start);
            self.end = run.end;
            self.flush();
        }
    }
}

impl<A: Transfer> Visitor for Merge<A> {
    #[inline(always)]
    fn data(&mut self, offset: usize, len: usize) {
        debug_assert_eq!(offset, self.end, "bytes were neither announced nor jumped over (I3)");
        self.end = offset + len;
    }

    #[inline(always)]
    fn pointer(&mut self, offset: usize) {
        debug_assert_eq!(offset, self.end, "bytes were neither announced nor jumped over (I3)");
        self.flush();
        self.transfer.pointer(offset);
        self.stand_at(offset + size_of::<*mut ()>());
    }

    #[inline(always)]
    fn array<T: SeqCopy>(&mut self, offset: usize, len: usize) {
        let size = size_of::<T>();
        if size == 0 || len == 0 {
            return;
        }
        if const { T::LAYOUT.is_dense() } {
            self.data(offset, len * size);
            return;
        }
        self.flush();
        for i in 0..len {
            // A cutter with its own origin, not an offset that grows: else the offsets in the loop are no
            // constants and every step of the cut becomes a jump.
            let mut part = self.part(self.transfer.at(offset + i * size), offset, size);
            T::visit(&mut part, 0);
            part.flush();
        }
        self.stand_at(offset + len * size);
    }

    #[inline(always)]
    fn choice<E: Choice>(&mut self, offset: usize) {
        debug_assert_eq!(offset, self.end, "bytes were neither announced nor jumped over (I3)");
        self.flush();
        self.transfer.area::<E>(offset, |transfer| {
            let mut part = self.part(transfer, offset, 0);
            Runs::<E>::cut(&mut part);
        });
        self.stand_at(offset + size_of::<E>());
    }

    #[inline(always)]
    fn seek(&mut self, next: usize) {
        self.flush();
        self.stand_at(next);
    }
}

/// The runs of an enum's area, as constants.
struct Runs<E>(core::marker::PhantomData<E>);

/// How many runs are unrolled; what is beyond is a loop over a table.
const UNROLLED: usize = 8;
/// How many runs an enum may have: the size of the table.
const MOST: usize = 1024;

impl<E: Choice> Runs<E> {
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

    /// A method, not something that takes a closure: closures can't be told to be inlined.
    #[inline(always)]
    fn cut<A: Transfer>(part: &mut Merge<A>) {
        macro_rules! unrolled {
            ($($i:literal)*) => {$(
                if const { $i < Self::COUNT } {
                    part.run(const { Self::FIRST[$i] });
                }
            )*};
        }
        unrolled!(0 1 2 3 4 5 6 7);
        if const { UNROLLED < Self::COUNT } {
            let table = const { &Self::ALL };
            for run in &table[UNROLLED..Self::COUNT] {
                part.run(*run);
            }
        }
    }
}

/// The second way to drive a [`Merge`]: from the constant tree, for tools that have a type's layout only. It makes
/// the announcements that the type's `visit` makes.
pub(crate) fn feed<A: Transfer>(layout: &Layout, merge: &mut Merge<A>, offset: usize) {
    if layout.size() == 0 {
        return;
    }
    match layout.shape() {
        Shape::Skipped => {}
        Shape::Scalar(_) | Shape::Plain | Shape::Tags { .. } => merge.data(offset, layout.size()),
        Shape::Pointer { .. } => merge.pointer(offset),
        Shape::Array { element, len } => {
            if element.is_dense() {
                merge.data(offset, layout.size());
                return;
            }
            merge.flush();
            let like = merge.part(merge.transfer.clone(), offset, element.size());
            for i in merge.transfer.elements(len, || count_accesses(element, &like)) {
                let at = offset + i * element.size();
                let mut part = merge.part(merge.transfer.at(at), offset, element.size());
                feed(element, &mut part, 0);
                part.flush();
            }
            merge.stand_at(offset + layout.size());
        }
        Shape::Struct { fields } => feed_fields(fields, layout.size(), merge, offset),
        Shape::Choice { .. } => {
            merge.flush();
            let mut part = merge.part(merge.transfer.at(offset), offset, 0);
            layout.each_run(|run| part.run(run));
            merge.stand_at(offset + layout.size());
        }
    }
}

fn feed_fields<A: Transfer>(fields: &[Field], size: usize, merge: &mut Merge<A>, offset: usize) {
    for (index, field) in fields.iter().enumerate() {
        if Layout::seeks_before(fields, index, 0) {
            merge.seek(offset + field.offset());
        }
        feed(field.layout(), merge, offset + field.offset());
    }
    if Layout::reached(fields, fields.len(), 0) != size {
        merge.seek(offset + size);
    }
}
