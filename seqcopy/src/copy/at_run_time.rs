//! Copies of types that are known by their layout only, and lists of their accesses: by the same rule, since a [`Recorder`] runs at run
//! time, too. It leaves out bodies there, and is asked for those of an element or an enum where one is come to.

use super::span::Fields;
use super::step::{Group, Op, Step, base_of_part};
use super::steps::Recorder;
use super::transfer::Transfer;
use crate::layout::{Layout, Shape};

/// How many steps a field of a struct can have, if bodies are left out: two runs of seven each, a span, and one more.
const MOST: usize = 16;

/// Makes the accesses of a layout.
pub(super) fn accesses<A: Transfer, const MOVES: bool>(transfer: A, layout: &Layout, base: usize, in_span: bool) {
    each_step(layout, base, in_span, &mut |step| make::<A, MOVES>(transfer, step, base));
}

/// Makes those of a step of a layout.
pub(super) fn make<A: Transfer, const MOVES: bool>(transfer: A, step: &Step<'_>, base: usize) {
    let &Step { op, in_span, at, count, stride, .. } = step;
    match op {
        Op::Words1 | Op::Words2 | Op::Words4 | Op::Words8 | Op::Bytes => make_of_run(transfer, &step.group()),
        Op::Span if MOVES => transfer.span(at, count),
        Op::InSpan if MOVES => {}
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
        Op::Elements if MOVES && in_span => {}
        Op::Elements => {
            let Some(element) = step.layout else { return };
            let base = base_of_part(base, at, stride);
            for i in transfer.touched(at, stride, count) {
                accesses::<A, MOVES>(transfer.at(at + i * stride), element, base, in_span);
            }
        }
        Op::Enum => {
            let Some(layout) = step.layout else { return };
            let (part, base) = (transfer.at(at), base_of_part(base, at, 0));
            each_step_of_enum(layout, base, &mut |step| make::<A, MOVES>(part, step, base));
        }
        // The body of a span follows. The others make no access.
        Op::Span | Op::Active | Op::Piece | Op::Tag | Op::Variant => {}
    }
}

/// Makes those of a group. Nothing here panics, since stores come here (I9 no-panic).
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

/// Calls `each` with the steps of a layout, without bodies.
pub(super) fn each_step<'l>(layout: &'l Layout, base: usize, in_span: bool, each: &mut impl FnMut(&Step<'l>)) {
    let mut steps = [Step::NONE; MOST];
    let mut recorder = Recorder::new(&mut steps, false, base, in_span);
    record(&mut recorder, layout, 0, each);
    recorder.finish();
    recorder.drain(each);
}

/// [`Recorder::record`], which passes steps on at each field.
fn record<'l>(recorder: &mut Recorder<'_, 'l>, layout: &'l Layout, offset: usize, each: &mut impl FnMut(&Step<'l>)) {
    match layout.shape() {
        Shape::Struct { fields } if layout.size() != 0 && !layout.is_dense() => {
            let mut fields = Fields::of(fields);
            while let Some((field, at)) = recorder.next_field(&mut fields, offset) {
                record(recorder, field, at, each);
            }
            recorder.leave(&fields, layout.size(), offset);
        }
        _ => recorder.record(layout, offset),
    }
    recorder.drain(each);
}

/// The same of an enum with fields: the accesses of the union of its variants.
pub(super) fn each_step_of_enum(layout: &Layout, base: usize, each: &mut impl FnMut(&Step<'_>)) {
    let mut steps = [Step::NONE; MOST];
    let mut recorder = Recorder::new(&mut steps, false, base, false);
    layout.each_run(|run| {
        recorder.run(run.start, run.end, run.is_pointer);
        recorder.drain(each);
    });
}
