//! Copies that follow a type's table in a loop. They make the same accesses as straight-line code, but the functions
//! know no types and are compiled once, in this crate. Unoptimised builds use them, because there the least code is the
//! fastest.

use core::mem::MaybeUninit;

use super::direction::{Load, Store, zero};
use super::step::{Op, Step};
use super::steps::LARGEST_ENUM;
use super::transfer::{CopyActive, Of, Steps, Transfer, Whole};
use crate::seq_copy::SeqCopy;

/// A load by a table. It is passed by reference: unoptimised code stores it piece by piece, and a copy of the whole
/// struct would have to wait for all of these stores.
pub(crate) struct LoadByTable {
    steps: &'static [Step<'static>],
    shared: *const u8,
    private: *mut u8,
}

/// A store by a table. It is passed by reference for the same reason as [`LoadByTable`].
pub(crate) struct StoreByTable {
    steps: &'static [Step<'static>],
    moves_spans: bool,
    private: *const u8,
    shared: *mut u8,
}

/// The load that unoptimised builds make instead of [`load`](super::load).
pub(crate) fn load_by_table<T: SeqCopy>(shared: *const u8, private: *mut u8) -> LoadByTable {
    LoadByTable { steps: Of::<T>::STEPS, shared, private }
}

/// The store that unoptimised builds make instead of [`store`](super::store) or, with `MOVES`, of
/// [`store_owned`](super::store_owned).
pub(crate) fn store_by_table<T: SeqCopy, const MOVES: bool>(private: *const u8, shared: *mut u8) -> StoreByTable {
    StoreByTable { steps: Of::<T>::STEPS, moves_spans: MOVES, private, shared }
}

impl LoadByTable {
    /// The same load, from storage `offset` bytes further.
    pub(crate) fn after(&self, offset: usize) -> Self {
        LoadByTable { shared: self.shared.wrapping_add(offset), ..*self }
    }

    /// # Safety
    /// The contract of [`load`](super::load), for the type of the table.
    pub(crate) unsafe fn run(&self) {
        // SAFETY: the steps are those of the type, and the padding at `private` may become uninitialised; the rest is
        // this function's contract.
        let copy = unsafe { Whole::<Load>::new(self.shared.cast_mut(), self.private) };
        accesses::<_, true>(&copy, self.steps);
    }
}

impl StoreByTable {
    /// The same store, to storage `offset` bytes further.
    pub(crate) fn after(&self, offset: usize) -> Self {
        StoreByTable { shared: self.shared.wrapping_add(offset), ..*self }
    }

    /// # Safety
    /// The contract of [`store`](super::store), for the type of the table, or with `MOVES` that of
    /// [`store_owned`](super::store_owned).
    pub(crate) unsafe fn run(&self) {
        // SAFETY: the steps are those of the type; the rest is this function's contract.
        let copy = unsafe { Whole::<Store>::new(self.shared, self.private.cast_mut()) };
        if self.moves_spans {
            accesses::<_, true>(&copy, self.steps);
        } else {
            accesses::<_, false>(&copy, self.steps);
        }
    }
}

/// Makes the accesses of a table.
#[inline(always)]
pub(super) fn accesses<A: Transfer, const MOVES: bool>(transfer: &A, steps: &'static [Step<'static>]) {
    make::<A, MOVES>(transfer, Rest::from_steps(steps));
}

/// The rest of a table. A slice would cost a few calls and checks for each step in unoptimised code, and could panic in
/// the middle of a write (I9 no-panic).
///
/// Both pointers point into one static table, or to its end, and `end` is not before `next`.
#[derive(Clone, Copy)]
struct Rest {
    next: *const Step<'static>,
    end: *const Step<'static>,
}

impl Rest {
    #[inline(always)]
    fn from_steps(steps: &'static [Step<'static>]) -> Self {
        let next = steps.as_ptr();
        Rest { next, end: next.wrapping_add(steps.len()) }
    }

    #[inline(always)]
    fn is_empty(self) -> bool {
        self.next == self.end
    }

    /// Returns the next step. An `Option` would be more code.
    ///
    /// # Safety
    /// There is one.
    #[inline(always)]
    unsafe fn next(&mut self) -> &'static Step<'static> {
        let step = self.next;
        self.next = step.wrapping_add(1);
        // SAFETY: before the end, by this function's contract, so in a static table, by the invariant of this type.
        unsafe { &*step }
    }

    /// Takes the body of the step that was returned last. The recorder counts only steps that follow, so that many
    /// steps are left.
    #[inline(always)]
    fn body(&mut self, step: &Step<'_>) -> Self {
        let next = self.next;
        self.next = next.wrapping_add(step.body);
        Rest { next, end: self.next }
    }
}

fn make<A: Transfer, const MOVES: bool>(transfer: &A, mut steps: Rest) {
    while !steps.is_empty() {
        // SAFETY: not at the end of the table (I1 partition).
        let step = unsafe { steps.next() };
        match step.op {
            Op::Words1 => transfer.words::<u8>(step.at, step.count),
            Op::Words2 => transfer.words::<u16>(step.at, step.count),
            Op::Words4 => transfer.words::<u32>(step.at, step.count),
            Op::Words8 => {
                #[cfg(target_pointer_width = "64")]
                transfer.words::<u64>(step.at, step.count);
            }
            Op::Bytes => transfer.bytes_in_memory(step.at, step.count),
            // If copies do not move spans, they make the accesses in the body.
            Op::Span => {
                if MOVES {
                    transfer.span_in_memory(step.at, step.count);
                    steps.body(step);
                }
            }
            Op::InSpan => {
                if !MOVES {
                    transfer.bytes_in_memory(step.at, step.count);
                }
            }
            Op::Pointer => transfer.pointer(step.at),
            Op::Elements => {
                let body = steps.body(step);
                if MOVES && step.in_span {
                    continue;
                }
                let touched = transfer.touched(step.at, step.stride, step.count);
                let mut at = step.at.wrapping_add(touched.start.wrapping_mul(step.stride));
                let mut left = touched.end.wrapping_sub(touched.start);
                while left != 0 {
                    make::<A, MOVES>(&transfer.at(at), body);
                    at = at.wrapping_add(step.stride);
                    left = left.wrapping_sub(1);
                }
            }
            Op::Enum => {
                if A::BY_IMAGE {
                    let body = steps.body(step);
                    by_smallest_image::<A>(transfer, step, body);
                } else {
                    // The pieces are copied into an image of the enum, and the accesses after them copy the image.
                    pieces(&mut steps);
                }
            }
            Op::Piece => transfer.piece_in_memory(step.at, step.count),
            Op::Tag => {
                let tag = transfer.tag(step.at, step.count);
                let variant = variant_of(steps.body(step), tag);
                if steps.is_empty() {
                    // The steps without a body, without a call.
                    steps = variant;
                } else {
                    make::<A, MOVES>(transfer, variant);
                }
            }
            // These steps occur only in the body of an enum or of a tag.
            Op::Active | Op::Variant(_) => {}
        }
    }
}

#[inline(always)]
fn by_smallest_image<A: Transfer>(transfer: &A, step: &Step<'_>, body: Rest) {
    macro_rules! smallest {
        ($($size:literal)* else $largest:expr) => {
            match step.count {
                $(..=$size => by_image::<A, { $size / 8 }>(transfer, step, body),)*
                _ => by_image::<A, { $largest / 8 }>(transfer, step, body),
            }
        };
    }
    smallest!(0x40 0x400 0x1_0000 0x2_0000 0x4_0000 0x8_0000 0x10_0000 0x20_0000 0x40_0000 0x80_0000 0x400_0000 else LARGEST_ENUM);
}

/// Copies an enum with fields through an image of at most `WORDS` words. Out of line, so that only copies with such an
/// image reserve stack space for it.
#[inline(never)]
fn by_image<A: Transfer, const WORDS: usize>(transfer: &A, step: &Step<'_>, mut body: Rest) {
    let mut image = MaybeUninit::<[u64; WORDS]>::uninit();
    let to: *mut u8 = image.as_mut_ptr().cast();
    if let Some((active, accesses)) = transfer.image(step.at, step.count, to) {
        // SAFETY: a local, at least as large: no enum of a table is larger than the largest image (I4 private).
        unsafe { zero(to, step.count) };
        let pieces = pieces(&mut body);
        make::<CopyActive, false>(&active, pieces);
        make::<A, false>(&accesses, body);
    }
}

/// Takes the pieces from the front of an enum's body.
#[inline(always)]
fn pieces(body: &mut Rest) -> Rest {
    // SAFETY: the recorder begins the body of an enum with an `Op::Active` (I1 partition).
    let active = unsafe { body.next() };
    body.body(active)
}

/// Copies the pieces of the variant that a tag selects.
pub(super) fn variant<A: Transfer>(transfer: &A, variants: &'static [Step<'static>], tag: u64) {
    make::<A, false>(transfer, variant_of(Rest::from_steps(variants), tag));
}

/// The pieces of the variant with this tag, or none if no variant has it.
#[inline(always)]
fn variant_of(mut variants: Rest, tag: u64) -> Rest {
    while !variants.is_empty() {
        // SAFETY: not at the end of the table (I1 partition).
        let variant = unsafe { variants.next() };
        let body = variants.body(variant);
        if variant.tag() == tag {
            return body;
        }
    }
    variants
}
