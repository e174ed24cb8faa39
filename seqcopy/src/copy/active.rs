//! The active variant: which bytes of a value with enums are data, told once, by the pieces of [`Op::Active`].
//!
//! A store into storage copies them into an image of the enum (`straight`, `by_table`); constants copy them, and the data around them, by
//! [`copy_active`].

use super::step::{Op, Step};
use super::steps::Recorder;
use crate::layout::{Field, Layout, Shape, read_number};

impl<'l> Recorder<'_, 'l> {
    /// The pieces of an enum with fields.
    pub(super) const fn active(&mut self, layout: &'l Layout, offset: usize) {
        let header = self.begin(Step::NONE);
        self.stand_at(offset);
        self.pieces(layout, offset);
        self.end_piece();
        self.end(header);
    }

    /// What is data in the value: padding is left out, since it may be data in another variant.
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
                    let variant = self.begin(Step::of_variant(variants[i].bits(tag.size())));
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

/// Copies the data of a value and no other byte: of an enum with fields, the tag and the fields of the active variant. Of a table, so that
/// it runs in constants.
///
/// # Safety
/// `steps` are those of the type of a value, or of a part of it (I3 exact), with bodies. The value lies at `from`, its data initialised
/// (P4 uninit); `to` is another place, writable for its size. Neither place needs to be aligned (I4 private).
pub(super) const unsafe fn copy_active(steps: &[Step<'_>], from: *const u8, to: *mut u8) {
    let mut next = 0;
    while next < steps.len() {
        let step = &steps[next];
        let (_, behind) = steps.split_at(next + 1);
        let (body, _) = behind.split_at(step.body);
        next += 1 + step.body;
        let len = match step.op {
            Op::Words1 | Op::Bytes | Op::InSpan | Op::Piece => step.count,
            Op::Words2 => 2 * step.count,
            Op::Words4 => 4 * step.count,
            Op::Words8 => 8 * step.count,
            Op::Pointer => size_of::<*mut ()>(),
            Op::Span | Op::Elements | Op::Enum | Op::Active | Op::Tag | Op::Variant => 0,
        };
        let (source, target) = (from.wrapping_add(step.at), to.wrapping_add(step.at));
        // SAFETY: data of the value, at the same place of both (I3 exact, I4 private); a copy of bytes keeps provenance, since no step
        // ends inside a pointer (P11 provenance).
        unsafe { core::ptr::copy_nonoverlapping(source, target, len) };
        match step.op {
            // SAFETY: the same contract: the data of a span lies in the same value.
            Op::Span => unsafe { copy_active(body, from, to) },
            Op::Elements => {
                let mut i = 0;
                while i < step.count {
                    let offset = i * step.stride;
                    // SAFETY: the steps of an element, which lies there (P9 layout, I3 exact).
                    unsafe { copy_active(body, source.wrapping_add(offset), target.wrapping_add(offset)) };
                    i += 1;
                }
            }
            Op::Enum => {
                // The accesses behind them are of all variants.
                let (_, active) = body.split_at(1);
                let (active, _) = active.split_at(body[0].body);
                // SAFETY: the data of an enum in the value (I3 exact).
                unsafe { copy_active(active, from, to) };
            }
            Op::Tag => {
                // SAFETY: the tag of an enum in the value, an initialised integer (P14 tag, I6 maybe-invalid).
                let tag = unsafe { read_number(step.count, source) };
                let mut i = 0;
                while i < body.len() {
                    let (_, variant) = body.split_at(i + 1);
                    let (variant, _) = variant.split_at(body[i].body);
                    if body[i].bits() == tag {
                        // SAFETY: of the fields of the active variant (I6 maybe-invalid).
                        unsafe { copy_active(variant, from, to) };
                    }
                    i += 1 + body[i].body;
                }
            }
            _ => {}
        }
    }
}
