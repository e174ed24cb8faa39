//! Copies as straight-line code. Every step of a type's table becomes a call of a function, which a constant selects,
//! with constant arguments. All these functions are inlined, so the result is a sequence of loads and stores.
//!
//! The constant is a *function pointer*. An `if` on a constant would instantiate both branches, because the compiler
//! evaluates the constants of everything that a function names, even in a dead branch. With a function pointer, only
//! the selected function is instantiated, so the code follows the table: it has a loop only if the type has an array,
//! and a choice only if the type has an enum. The call of a constant pointer is a direct call. (A compiler that does
//! not see this makes slower copies, with the same accesses.)
//!
//! Stores run this code while the sequence word is busy, so it can't panic (I9 no-panic), except in constants.

use core::mem::MaybeUninit;

use super::by_table;
use super::direction::Direction;
use super::step::{Op, Step};
use super::transfer::{Body, CopyActive, Items, Of, Steps, Transfer, Whole, item, items};
use super::vector::Word;
use crate::seq_copy::SeqCopy;

/// Copies a value in either direction, with straight-line code.
///
/// # Safety
/// The contract of [`Whole::new`].
#[inline(always)]
pub(super) unsafe fn copy<T: SeqCopy, D: Direction, const MOVES: bool>(shared: *mut T, private: *mut u8) {
    // SAFETY: the steps are those of `T` at its alignment (I1 partition, I3 exact); the rest is this function's
    // contract.
    let copy = unsafe { Whole::<D>::new(shared.cast(), private) };
    (const { run::<Of<T>, Whole<D>, MOVES>() })(copy);
}

/// A function that makes the accesses of a step, given its offset and its count.
type Make<A> = fn(A, usize, usize);

/// How many items one function makes.
const CHUNK: usize = 8;

/// How many items are combined from functions of that size, so that no type is nested deeply.
const MANY: usize = 64;

/// With more items than this, a loop follows the table.
const MOST: usize = 1024;

#[inline(always)]
fn nothing<A>(_transfer: A, _at: usize, _count: usize) {}

#[inline(always)]
fn word<A: Transfer, W: Word>(transfer: A, at: usize, _count: usize) {
    transfer.word::<W>(at);
}

#[inline(always)]
fn words<A: Transfer, W: Word>(transfer: A, at: usize, count: usize) {
    transfer.words::<W>(at, count);
}

#[inline(always)]
fn bytes_of_words<A: Transfer, W: Word>(transfer: A, at: usize, len: usize) {
    transfer.bytes_of_words::<W>(at, len);
}

#[inline(always)]
fn bytes<A: Transfer>(transfer: A, at: usize, len: usize) {
    transfer.bytes(at, len);
}

#[inline(always)]
fn span<A: Transfer>(transfer: A, at: usize, len: usize) {
    transfer.span(at, len);
}

/// Makes the accesses in the body of a span, which skip its padding.
#[inline(always)]
fn in_span<S: Steps, A: Transfer, const K: usize>(transfer: A, _at: usize, _len: usize) {
    (const { run::<Body<S, K>, A, false>() })(transfer);
}

#[inline(always)]
fn pointer<A: Transfer>(transfer: A, at: usize, _count: usize) {
    transfer.pointer(at);
}

#[inline(always)]
fn piece<A: Transfer>(transfer: A, at: usize, len: usize) {
    transfer.piece(at, len);
}

/// Offsets count from each element, not from the array. Otherwise those in the loop would not be constants.
#[inline(always)]
fn elements<S: Steps, A: Transfer, const MOVES: bool, const K: usize>(transfer: A, at: usize, count: usize) {
    let stride = const { S::STEPS[item(S::STEPS, K)].stride };
    for i in transfer.touched(at, stride, count) {
        (const { run::<Body<S, K>, A, MOVES>() })(transfer.at(at.wrapping_add(i.wrapping_mul(stride))));
    }
}

/// Copies an enum with fields with the accesses of all variants.
#[inline(always)]
fn union<S: Steps, A: Transfer, const K: usize>(transfer: A, _at: usize, _size: usize) {
    (const { run::<Body<S, K>, A, false>() })(transfer);
}

/// Copies an enum with fields through an image of at most `WORDS` words.
#[inline(always)]
fn image<S: Steps, A: Transfer, const K: usize, const WORDS: usize>(transfer: A, at: usize, size: usize) {
    let mut image = MaybeUninit::<[u64; WORDS]>::uninit();
    let to: *mut u8 = image.as_mut_ptr().cast();
    if let Some((active, accesses)) = transfer.image(at, size, to) {
        // SAFETY: a local, which `image_of` chose to be at least as large (I4 private).
        unsafe { to.write_bytes(0, size) };
        (const { run::<Body<Body<S, K>, 0>, CopyActive, false>() })(active);
        (const { run::<Body<S, K>, A, false>() })(accesses);
    }
}

/// Selects the function with the smallest image that is large enough.
const fn image_of<S: Steps, A: Transfer, const K: usize>(size: usize) -> Make<A> {
    macro_rules! smallest {
        ($($size:literal)*) => {
            match size {
                $(..=$size => image::<S, A, K, { $size / 8 }>,)*
                _ => panic!("a larger enum than tables have"),
            }
        };
    }
    smallest!(
        0x10 0x20 0x40 0x80 0x100 0x200 0x400 0x800 0x1000 0x2000 0x4000 0x8000 0x1_0000 0x2_0000 0x4_0000
        0x8_0000 0x10_0000 0x20_0000 0x40_0000 0x80_0000 0x100_0000 0x200_0000 0x400_0000 0x800_0000 0x1000_0000 0x2000_0000 0x4000_0000
    )
}

#[inline(always)]
fn tag<S: Steps, A: Transfer, const K: usize>(transfer: A, at: usize, width: usize) {
    let tag = transfer.tag(at, width);
    (const { variants::<Body<S, K>, A>() })(transfer, tag);
}

const fn words_of<A: Transfer, W: Word>(step: &Step<'_>) -> Make<A> {
    if step.count == 1 { word::<A, W> } else { words::<A, W> }
}

/// Selects the function that makes item `K`.
const fn op<S: Steps, A: Transfer, const MOVES: bool, const K: usize>() -> Make<A> {
    let index = item(S::STEPS, K);
    if index == S::STEPS.len() {
        return nothing::<A>;
    }
    let step = &S::STEPS[index];
    match step.op {
        Op::Words1 => words_of::<A, u8>(step),
        Op::Words2 => words_of::<A, u16>(step),
        Op::Words4 => words_of::<A, u32>(step),
        #[cfg(target_pointer_width = "64")]
        Op::Words8 => words_of::<A, u64>(step),
        Op::Bytes => bytes::<A>,
        Op::Span if MOVES => span::<A>,
        Op::Span => in_span::<S, A, K>,
        Op::InSpan if MOVES => nothing::<A>,
        Op::InSpan => match step.stride {
            0 => bytes::<A>,
            1 => bytes_of_words::<A, u8>,
            2 => bytes_of_words::<A, u16>,
            4 => bytes_of_words::<A, u32>,
            #[cfg(target_pointer_width = "64")]
            8 => bytes_of_words::<A, u64>,
            _ => panic!("no word is this wide"),
        },
        Op::Pointer => pointer::<A>,
        Op::Elements if MOVES && step.in_span => nothing::<A>,
        Op::Elements => elements::<S, A, MOVES, K>,
        Op::Enum if A::BY_IMAGE => image_of::<S, A, K>(step.count),
        Op::Enum => union::<S, A, K>,
        Op::Piece => piece::<A>,
        Op::Tag => tag::<S, A, K>,
        Op::Active | Op::Variant(_) => nothing::<A>,
        #[cfg(not(target_pointer_width = "64"))]
        Op::Words8 => panic!("no word is this wide"),
    }
}

/// The offset and the count of item `K`.
const fn place<S: Steps, const K: usize>() -> (usize, usize) {
    let index = item(S::STEPS, K);
    if index < S::STEPS.len() { (S::STEPS[index].at, S::STEPS[index].count) } else { (0, 0) }
}

/// Selects the function that makes all items of a table.
pub(super) const fn run<S: Steps, A: Transfer, const MOVES: bool>() -> fn(A) {
    match items(S::STEPS) {
        0 => run0::<A>,
        1 => run1::<S, A, MOVES>,
        2 => run2::<S, A, MOVES>,
        3 => run3::<S, A, MOVES>,
        4 => run4::<S, A, MOVES>,
        5 | 6 => run6::<S, A, MOVES>,
        7..=CHUNK => run8::<S, A, MOVES>,
        9..=MANY => run_on::<S, A, MOVES>,
        65..=MOST => run_many::<S, A, MOVES>,
        _ => in_a_loop::<S, A, MOVES>,
    }
}

macro_rules! runs {
    ($($name:ident $($rest:ident)?: $($k:literal)*;)*) => {$(
        #[inline(always)]
        fn $name<S: Steps, A: Transfer, const MOVES: bool>(transfer: A) {
            $(
                let (at, count) = const { place::<S, $k>() };
                (const { op::<S, A, MOVES, $k>() })(transfer, at, count);
            )*
            $((const { $rest::<Items<S, CHUNK, MANY>, A, MOVES>() })(transfer);)?
        }
    )*};
}
runs! {
    run1: 0;
    run2: 0 1;
    run3: 0 1 2;
    run4: 0 1 2 3;
    run6: 0 1 2 3 4 5;
    run8: 0 1 2 3 4 5 6 7;
    run_on run: 0 1 2 3 4 5 6 7;
}

#[inline(always)]
fn run0<A>(_transfer: A) {}

/// Calls the functions for all items, at most [`MOST`], in groups of [`MANY`].
macro_rules! each_many {
    ($all:ident::<$s:ident, [$($parameter:ident),*]>($($argument:ident),*)) => {
        each_many! { $all $s [$($parameter),*] ($($argument),*)
            0 64 128 192 256 320 384 448 512 576 640 704 768 832 896 960 }
    };
    ($all:ident $s:ident $parameters:tt $arguments:tt $($from:literal)*) => {
        $( each_many! { @ $all $s $parameters $arguments $from } )*
    };
    (@ $all:ident $s:ident [$($parameter:ident),*] $arguments:tt $from:literal) => {
        (const { $all::<Items<$s, $from, MANY>, $($parameter),*>() })$arguments;
    };
}

#[inline(always)]
fn run_many<S: Steps, A: Transfer, const MOVES: bool>(transfer: A) {
    each_many!(run::<S, [A, MOVES]>(transfer));
}

fn in_a_loop<S: Steps, A: Transfer, const MOVES: bool>(transfer: A) {
    by_table::accesses::<A, MOVES>(&transfer, S::STEPS);
}

/// Selects the function that copies the pieces of the variant with a given tag.
const fn variants<S: Steps, A: Transfer>() -> fn(A, u64) {
    match items(S::STEPS) {
        0 => choose0::<A>,
        1 => choose1::<S, A>,
        2 => choose2::<S, A>,
        3 | 4 => choose4::<S, A>,
        5..=CHUNK => choose8::<S, A>,
        9..=MANY => choose_on::<S, A>,
        65..=MOST => choose_many::<S, A>,
        _ => choose_in_a_loop::<S, A>,
    }
}

macro_rules! choices {
    ($($name:ident $($rest:ident)?: $($k:literal)*;)*) => {$(
        #[inline(always)]
        fn $name<S: Steps, A: Transfer>(transfer: A, tag: u64) {
            $(
                if tag == const { bits::<S, $k>() } {
                    return (const { pieces::<S, A, $k>() })(transfer);
                }
            )*
            $((const { $rest::<Items<S, CHUNK, MANY>, A>() })(transfer, tag);)?
        }
    )*};
}
choices! {
    choose1: 0;
    choose2: 0 1;
    choose4: 0 1 2 3;
    choose8: 0 1 2 3 4 5 6 7;
    choose_on variants: 0 1 2 3 4 5 6 7;
}

#[inline(always)]
fn choose_many<S: Steps, A: Transfer>(transfer: A, tag: u64) {
    each_many!(variants::<S, [A]>(transfer, tag));
}

fn choose_in_a_loop<S: Steps, A: Transfer>(transfer: A, tag: u64) {
    by_table::variant(&transfer, S::STEPS, tag);
}

#[inline(always)]
fn choose0<A>(_transfer: A, _tag: u64) {}

/// The tag of variant `K`. If there is no such variant, the tag of the first one, which has already been compared.
const fn bits<S: Steps, const K: usize>() -> u64 {
    S::STEPS[if K < items(S::STEPS) { item(S::STEPS, K) } else { 0 }].tag()
}

const fn pieces<S: Steps, A: Transfer, const K: usize>() -> fn(A) {
    if K < items(S::STEPS) { run::<Body<S, K>, A, false>() } else { run0::<A> }
}

/// From this size on, a value that is returned is loaded by a call, straight to the place where the caller wants it. A
/// smaller value stays in registers (16 registers of 16 bytes), and blocks make every copy of it. From memory to
/// memory, a loop is faster from a smaller size on ([`LONG`](super::LONG)).
pub(crate) const LARGE: usize = 257;

/// Expands to the first block in builds that copy by a table, and to the second one in all others. Builds without
/// optimisation copy by a table. A macro can't see the optimisation level, so it uses `debug_assertions` as the sign.
/// Miri runs the straight-line code. `--cfg seqcopy_copy="table"` and `"straight"` override the choice.
///
/// An `if` on a constant would not do. The compiler evaluates the constants of every function that a body names, even
/// in a branch that is never taken, and the constants of the straight-line code take a few milliseconds for each type.
#[cfg(any(seqcopy_copy = "table", all(debug_assertions, not(any(miri, loom, seqcopy_copy = "straight")))))]
macro_rules! if_by_table {
    ($table:block else $straight:block) => {
        $table
    };
}
#[cfg(not(any(seqcopy_copy = "table", all(debug_assertions, not(any(miri, loom, seqcopy_copy = "straight"))))))]
macro_rules! if_by_table {
    ($table:block else $straight:block) => {
        $straight
    };
}
pub(crate) use if_by_table;

/// Whether this build copies by a table. For decisions whose branches instantiate no straight-line copy.
pub(crate) const BY_TABLE: bool = if_by_table!({ true } else { false });
