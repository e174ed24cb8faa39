//! The active variant: which bytes of a value with enums are data, stated once, by the pieces of [`Op::Active`].
//!
//! A store into storage copies them into an image of the enum (`straight`, `by_table`); constants copy them, and the
//! data around them, by [`copy_active`].

use core::mem::MaybeUninit;

use super::step::{Op, Step};
use super::steps::Recorder;
use crate::layout::{Field, Layout, Shape, read_number};

impl<'l> Recorder<'_, 'l> {
    /// Records the pieces of an enum with fields: the data of each variant.
    pub(super) const fn active(&mut self, layout: &'l Layout, offset: usize) {
        let header = self.begin(Step::NONE);
        self.stand_at(offset);
        self.pieces(layout, offset);
        self.end_piece();
        self.end(header);
    }

    /// Records the data of a layout. Padding is left out, because it may be data in another variant.
    const fn pieces(&mut self, layout: &'l Layout, at: usize) {
        if layout.size() == 0 {
            return;
        }
        if layout.is_dense() {
            return self.piece(at, layout.size());
        }
        match layout.shape() {
            Shape::Skipped => {}
            Shape::Scalar(_) | Shape::Plain | Shape::Tags { .. } | Shape::Pointer { .. } => {
                self.piece(at, layout.size());
            }
            Shape::Struct { fields } => self.pieces_of_fields(fields, at),
            Shape::Array { element, len } => {
                self.end_piece();
                let step = Step { op: Op::Elements, at, count: len, stride: element.size(), ..Step::NONE };
                let header = self.begin(step);
                self.stand_at(0);
                self.pieces(element, 0);
                self.end_piece();
                self.end(header);
                self.stand_at(at + layout.size());
            }
            Shape::Enum { tag, payload, variants } => {
                self.piece(at, tag.size());
                self.end_piece();
                let header = self.begin(Step { op: Op::Tag, at, count: tag.size(), ..Step::NONE });
                let mut i = 0;
                while i < variants.len() {
                    let variant = self.begin(Step::new(Op::Variant(variants[i].bits(tag.size())), 0, 0));
                    self.pieces_of_fields(variants[i].fields(), at + payload);
                    self.end_piece();
                    self.end(variant);
                    i += 1;
                }
                self.end(header);
            }
        }
    }

    const fn pieces_of_fields(&mut self, fields: &'l [Field], offset: usize) {
        let mut i = 0;
        while i < fields.len() {
            self.pieces(fields[i].layout(), offset + fields[i].offset());
            i += 1;
        }
    }
}

/// Copies the data of a value and no other byte. In an enum with fields, that is the tag and the fields of the active
/// variant. It follows a table, so that it can run in constants.
///
/// # Safety
/// `steps` are those of the type of a value (I3 exact), with bodies. The value lies at `from`, its data initialised (P4
/// uninit); `to` is another place, writable for its size. Neither place needs to be aligned (I4 private).
pub(super) const unsafe fn copy_active(steps: &[Step<'_>], from: *const u8, to: *mut u8) {
    // SAFETY: all steps, for the places of this function's contract (I3 exact, I4 private).
    unsafe { copy(steps, 0, steps.len(), from, to, 0) };
}

/// Makes the steps from number `next` up to `end`, whose offsets count from `base`. It takes numbers, not slices: in
/// constants the compiler counts calls, and refuses a large array after two million of them, most of which would split
/// slices.
/// # Safety
/// The contract of [`copy_active`], of a part of the value that lies at `base`.
const unsafe fn copy(steps: &[Step<'_>], mut next: usize, end: usize, from: *const u8, to: *mut u8, base: usize) {
    while next < end {
        let step = &steps[next];
        let (body, at) = (next + 1, base + step.at);
        next = body + step.body;
        let len = match step.op {
            Op::Words1 | Op::Bytes | Op::InSpan | Op::Piece => step.count,
            Op::Words2 => 2 * step.count,
            Op::Words4 => 4 * step.count,
            Op::Words8 => 8 * step.count,
            Op::Pointer => size_of::<*mut ()>(),
            Op::Span | Op::Elements | Op::Enum | Op::Active | Op::Tag | Op::Variant(_) => 0,
        };
        if len != 0 {
            // SAFETY: data of the value, at the same place of both (I3 exact, I4 private); a copy of bytes keeps
            // provenance, since no step ends inside a pointer (P11 provenance).
            unsafe { copy_bytes(from.wrapping_add(at), to.wrapping_add(at), len) };
            continue;
        }
        match step.op {
            // SAFETY: the data of a span lies in the same value (I3 exact).
            Op::Span => unsafe { copy(steps, body, next, from, to, base) },
            Op::Elements => {
                let mut i = 0;
                while i < step.count {
                    // SAFETY: the steps of an element, which lies there (P9 layout, I3 exact).
                    unsafe { copy(steps, body, next, from, to, at + i * step.stride) };
                    i += 1;
                }
            }
            // The accesses after the pieces belong to all variants.
            // SAFETY: the data of an enum in the value (I3 exact).
            Op::Enum => unsafe { copy(steps, body + 1, body + 1 + steps[body].body, from, to, base) },
            Op::Tag => {
                // SAFETY: the tag of an enum in the value, an initialised integer (P14 tag, I6 maybe-invalid).
                let tag = unsafe { read_number(step.count, from.wrapping_add(at)) };
                let mut i = body;
                while i < next {
                    let variant = i;
                    i += 1 + steps[variant].body;
                    if steps[variant].tag() == tag {
                        // SAFETY: of the fields of the active variant (I6 maybe-invalid).
                        unsafe { copy(steps, variant + 1, i, from, to, base) };
                        break;
                    }
                }
            }
            _ => {}
        }
    }
}

/// Copies the few bytes of most pieces without a call.
///
/// # Safety
/// Different places that are readable and writable for this many bytes, and that no thread writes to meanwhile but this
/// one (I4 private).
#[allow(clippy::ptr_as_ptr)] // a `cast` is a call
const unsafe fn copy_bytes(from: *const u8, to: *mut u8, len: usize) {
    macro_rules! match_len {
        ($($few:literal)*) => {
            match len {
                $($few => {
                    type Few = [MaybeUninit<u8>; $few];
                    // SAFETY: aligned everywhere, and any bytes are valid (P8 maybe-uninit); the rest is this
                    // function's contract.
                    let bytes = unsafe { *(from as *const Few) };
                    // SAFETY: writable for them, by this function's contract (I4 private).
                    unsafe { *(to as *mut Few) = bytes };
                })*
                _ => same_contract!(core::ptr::copy_nonoverlapping(from, to, len)),
            }
        };
    }
    match_len!(1 2 4);
}
