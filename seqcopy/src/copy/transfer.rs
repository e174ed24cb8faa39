//! The partition of a type as a constant table, and what a copy does at each of its accesses.
//!
//! [`Recorder`] makes the table of a layout, in a constant ([`Steps`]). A [`Transfer`] is a copy that is told one
//! access after another: [`Whole`] copies a value between shared and private memory, in one [`Direction`] or the other,
//! and [`CopyActive`] copies between two private places. The table is followed by straight-line code (`straight`) or in
//! a loop (`by_table`).
//!
//! The methods of a [`Transfer`] are safe to call, although they access memory. The unsafe code that constructs a
//! [`Whole`] promises that it will be told exactly the steps of its type, at the right base (I1 partition, I3 exact).
//! Some methods run while the sequence word is busy, so nothing here panics (I9 no-panic): there are no assertions and
//! no checked indices, and arithmetic wraps explicitly. Offsets are inside of a type, so nothing really wraps.

use core::marker::PhantomData;
use core::ops::Range;

use super::direction::{self, Direction, Sides};
use super::step::Step;
use super::steps::Recorder;
use super::vector::Word;
use crate::layout::read_number;
use crate::seq_copy::SeqCopy;

/// A list of steps, with bodies.
pub(super) trait Steps {
    const STEPS: &'static [Step<'static>];
}

/// The steps of all of a `T` in storage that is aligned as a `T` is, and to `BASE`.
///
/// Where a type is copied, its layout is evaluated, and so the errors reported that are found there: for a generic
/// type, nothing else may evaluate it.
///
/// ```compile_fail,E0080
/// use seqcopy::{AtomicPerByte, SeqCopy};
///
/// #[derive(SeqCopy)]
/// #[repr(i8)]
/// enum Handle<const N: usize> { Open, Closed }
///
/// impl<const N: usize> Drop for Handle<N> {
///     fn drop(&mut self) {}
/// }
///
/// AtomicPerByte::<Handle<3>>::zeroed().store(&Handle::Closed);
/// ```
pub(super) struct Of<T, const BASE: usize = 1>(PhantomData<T>);

impl<T: SeqCopy, const BASE: usize> Steps for Of<T, BASE> {
    const STEPS: &'static [Step<'static>] = {
        let few = const { &Recorded::<FEW>::for_type::<T, BASE>() };
        match few.len {
            0..=FEW => few.steps.split_at(few.len).0,
            MORE..=64 => recorded::<T, BASE, 64>(),
            65..=1024 => recorded::<T, BASE, 1024>(),
            1025..=16384 => recorded::<T, BASE, 16384>(),
            _ => panic!(
                "a type whose data lies in more than 16384 separate pieces: put neighbours of one type into an array, of which all elements count as one"
            ),
        }
    };
}

/// How many steps are tried first. Few types have more.
const FEW: usize = 16;
const MORE: usize = FEW + 1;

/// A separate function, because the compiler evaluates a constant together with all constants that its body names.
const fn recorded<T: SeqCopy, const BASE: usize, const N: usize>() -> &'static [Step<'static>] {
    let recorded = const { &Recorded::<N>::for_type::<T, BASE>() };
    recorded.steps.split_at(recorded.len).0
}

struct Recorded<const N: usize> {
    steps: [Step<'static>; N],
    len: usize,
}

impl<const N: usize> Recorded<N> {
    const fn for_type<T: SeqCopy, const BASE: usize>() -> Self {
        assert!(T::LAYOUT.size() == size_of::<T>(), "the layout of another type");
        let mut steps = [Step::NONE; N];
        let base = if BASE > align_of::<T>() { BASE } else { align_of::<T>() };
        let mut recorder = Recorder::new(&mut steps, true, base, false);
        recorder.record(T::LAYOUT, 0);
        let len = recorder.finish();
        Recorded { steps, len }
    }
}

/// The index of item `k`. A step and its body are one item. If there are fewer items, the number of steps.
pub(super) const fn item(steps: &[Step<'_>], k: usize) -> usize {
    let (mut index, mut k) = (0, k);
    while k > 0 && index < steps.len() {
        index += 1 + steps[index].body;
        k -= 1;
    }
    index
}

/// How many items there are.
pub(super) const fn items(steps: &[Step<'_>]) -> usize {
    let (mut index, mut count) = (0, 0);
    while index < steps.len() {
        index += 1 + steps[index].body;
        count += 1;
    }
    count
}

/// The body of item `K`.
pub(super) struct Body<S, const K: usize>(PhantomData<S>);

impl<S: Steps, const K: usize> Steps for Body<S, K> {
    const STEPS: &'static [Step<'static>] = {
        let index = item(S::STEPS, K);
        S::STEPS.split_at(index + 1).1.split_at(S::STEPS[index].body).0
    };
}

/// The items from number `FROM` on, at most `COUNT` of them.
pub(super) struct Items<S, const FROM: usize, const COUNT: usize>(PhantomData<S>);

impl<S: Steps, const FROM: usize, const COUNT: usize> Steps for Items<S, FROM, COUNT> {
    const STEPS: &'static [Step<'static>] = {
        let from = S::STEPS.split_at(item(S::STEPS, FROM)).1;
        from.split_at(item(from, COUNT)).0
    };
}

/// A copy, as what it does at each access of the partition.
pub(super) trait Transfer: Copy {
    /// One word at `offset`, which is a multiple of its size.
    fn word<W: Word>(&self, offset: usize);

    /// `count` words side by side.
    #[inline(always)]
    fn words<W: Word>(&self, offset: usize, count: usize) {
        let mut i = 0usize;
        while i < count {
            self.word::<W>(offset.wrapping_add(i.wrapping_mul(size_of::<W>())));
            i = i.wrapping_add(1);
        }
    }

    /// A long run, or a run of any length in a span: accesses of one byte each, which may be made at once.
    fn bytes(&self, offset: usize, len: usize);

    /// Does the same as [`bytes`](Self::bytes), from memory to memory, with little code.
    #[inline(always)]
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        self.bytes(offset, len);
    }

    /// Does the same as [`bytes`](Self::bytes) for the bytes of one word at any offset, with less code.
    #[inline(always)]
    fn bytes_of_word<W: Word>(&self, offset: usize) {
        self.bytes(offset, size_of::<W>());
    }

    /// The bytes of words that lie side by side, `len` bytes in all.
    #[inline(always)]
    fn bytes_of_words<W: Word>(&self, offset: usize, len: usize) {
        let mut i = 0usize;
        while i < len {
            self.bytes_of_word::<W>(offset.wrapping_add(i));
            i = i.wrapping_add(size_of::<W>());
        }
    }

    /// A whole span: accesses of one byte each to its data. The transfer decides about the padding between.
    #[inline(always)]
    fn span(&self, _offset: usize, _len: usize) {}

    /// Does the same as [`span`](Self::span), from memory to memory.
    #[inline(always)]
    fn span_in_memory(&self, offset: usize, len: usize) {
        self.span(offset, len);
    }

    /// One pointer.
    fn pointer(&self, offset: usize);

    /// Which elements of an array have accesses to be made. The elements have `size` bytes each, from `offset` on.
    #[inline(always)]
    fn touched(&self, _offset: usize, _size: usize, count: usize) -> Range<usize> {
        0..count
    }

    /// The same copy, with places counted from `offset`.
    fn at(&self, offset: usize) -> Self;

    /// Whether enums with fields are copied through an [`image`](Self::image).
    const BY_IMAGE: bool = false;

    /// Given a place for an image of the enum at `offset`, returns the copy of the active variant to the image, and the
    /// copy whose accesses read the image. `None` if no accesses are to be made.
    #[inline(always)]
    fn image(&self, _offset: usize, _size: usize, _image: *mut u8) -> Option<(CopyActive, Self)> {
        None
    }

    /// Copies a piece of a value. Only [`CopyActive`] does this.
    #[inline(always)]
    fn piece(&self, _offset: usize, _len: usize) {}

    /// Does the same as [`piece`](Self::piece), with little code.
    #[inline(always)]
    fn piece_in_memory(&self, offset: usize, len: usize) {
        self.piece(offset, len);
    }

    /// The tag at `offset`. Only [`CopyActive`] is asked.
    #[inline(always)]
    fn tag(&self, _offset: usize, _width: usize) -> u64 {
        0
    }
}

/// The copy of a value.
#[derive(Clone, Copy)]
pub(super) struct Whole<D> {
    sides: Sides,
    direction: PhantomData<D>,
}

impl<D: Direction> Whole<D> {
    /// # Safety
    /// The contract of [`load`](super::load), [`store`](super::store) or, if `MOVES`,
    /// [`store_owned`](super::store_owned) of a type, for as long as accesses are made. They are those of the steps of
    /// that type at the base of the storage.
    #[inline(always)]
    pub(super) unsafe fn new(shared: *mut u8, private: *mut u8) -> Self {
        Whole { sides: Sides { shared, private }, direction: PhantomData }
    }
}

impl<D: Direction> Transfer for Whole<D> {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        // SAFETY: inside both places (I3 exact), aligned: words by the partition, pointers by the layout, which was
        // checked for it. Bytes in storage are initialised (I2 init), so are data bytes of a value (P4 uninit, P5
        // scalar) and of an image; all others follow the same partition (I1 partition); the private side is this
        // thread's alone (I4 private).
        unsafe { D::word::<W>(self.sides.at(offset)) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        // SAFETY: what `new` was promised, of single bytes: all others access these one by one as well; those of a run
        // are not pointers (I1 partition, I2 init, I3 exact, I4 private, P4 uninit, P5 scalar).
        unsafe { D::bytes(self.sides.at(offset), len) };
    }

    #[inline(always)]
    fn bytes_of_word<W: Word>(&self, offset: usize) {
        // SAFETY: single bytes, of what `new` was promised (I1 partition, I2 init, I3 exact, I4 private, P4 uninit, P5
        // scalar).
        unsafe { D::bytes_of_word::<W>(self.sides.at(offset)) };
    }

    #[inline(always)]
    fn span(&self, offset: usize, len: usize) {
        // SAFETY: the data is single bytes, of what `new` was promised (I1 partition, I2 init, I3 exact, I4 private, P4
        // uninit, P5 scalar); the rest is padding of the type, which on the shared side nothing else accesses if it is
        // stored to, and which may become uninitialised on the private side if that is: what the caller of `new`
        // promised.
        unsafe { D::span(self.sides.at(offset), len) };
    }

    /// A pointer is never copied as an integer, because it would lose its provenance (P11 provenance). In an enum with
    /// fields, these bytes may belong to another variant. They are then copied as a pointer without provenance.
    #[inline(always)]
    fn pointer(&self, offset: usize) {
        self.word::<*mut ()>(offset);
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        Whole { sides: self.sides.at(offset), ..*self }
    }

    const BY_IMAGE: bool = D::BY_IMAGE;

    #[inline(always)]
    fn image(&self, offset: usize, _size: usize, image: *mut u8) -> Option<(CopyActive, Self)> {
        // Where the whole value would begin if it lay around the image. Only bytes inside of the image are accessed.
        let private = image.wrapping_sub(offset);
        let accesses = Whole { sides: Sides { private, ..self.sides }, ..*self };
        Some((CopyActive { from: self.sides.private, to: private }, accesses))
    }

    #[inline(always)]
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        // SAFETY: single bytes, of what `new` was promised (I1 partition, I2 init, I3 exact, I4 private, P4 uninit, P5
        // scalar).
        unsafe { D::bytes_in_memory(self.sides.at(offset), len) };
    }

    #[inline(always)]
    fn span_in_memory(&self, offset: usize, len: usize) {
        // SAFETY: a span, of what `new` was promised; from memory to memory, padding never becomes a value (I1
        // partition, I2 init, I3 exact, I4 private, P4 uninit, P5 scalar).
        unsafe { D::bytes_in_memory(self.sides.at(offset), len) };
    }
}

/// Copies the pieces of the active variant from a value to the image of an enum. Both are private. Only
/// [`image`](Transfer::image) constructs it, for the steps after an [`Op::Active`](super::step::Op::Active), none of
/// which is an access.
#[derive(Clone, Copy)]
pub(super) struct CopyActive {
    /// Where the value would begin if it lay around the image.
    pub(super) from: *const u8,
    pub(super) to: *mut u8,
}

impl Transfer for CopyActive {
    #[inline(always)]
    fn word<W: Word>(&self, _offset: usize) {}

    #[inline(always)]
    fn bytes(&self, _offset: usize, _len: usize) {}

    #[inline(always)]
    fn pointer(&self, _offset: usize) {}

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        // Inside both places (I3 exact), as in `Sides::at`.
        CopyActive { from: self.from.wrapping_add(offset), to: self.to.wrapping_add(offset) }
    }

    #[inline(always)]
    fn piece(&self, offset: usize, len: usize) {
        let CopyActive { from, to } = self.at(offset);
        // SAFETY: bytes of the active variant, which lies inside the enum (I3 exact): of a value, and of an image, a
        // local, so that they don't overlap (I4 private). They are copied as they are (P8 maybe-uninit, P11
        // provenance).
        unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
    }

    #[inline(always)]
    fn piece_in_memory(&self, offset: usize, len: usize) {
        let CopyActive { from, to } = self.at(offset);
        // SAFETY: inside of both values, which are different places (I3 exact, I4 private).
        unsafe { direction::copy(from, to, len) };
    }

    #[inline(always)]
    fn tag(&self, offset: usize, width: usize) -> u64 {
        // SAFETY: the tag of an enum in the value is an initialised integer of that width (I3 exact, I6 maybe-invalid),
        // and may be read through a cast (P14 tag).
        unsafe { read_number(width, self.from.wrapping_add(offset)) }
    }
}
