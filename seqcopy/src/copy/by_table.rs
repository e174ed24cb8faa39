//! Copies by a [`Table`](super::table::Table): the same accesses as by the type's `visit`, made by functions that are compiled in this
//! crate. Unoptimised builds use them; what they do at each access is [`transfer`](super::transfer)'s.

use core::mem::MaybeUninit;

use super::direction::{Load, Store};
use super::table::{Piece, Step};
use super::transfer::Whole;
use super::word::{Transfer, put, take};
use crate::layout::read_number;

/// A load whose type is known by its table only.
#[derive(Clone, Copy)]
pub(crate) struct LoadByTable {
    pub(super) steps: &'static [Step],
    pub(super) shared: *const u8,
    pub(super) private: *mut u8,
}

/// A store whose type is known by its table only.
#[derive(Clone, Copy)]
pub(crate) struct StoreByTable {
    pub(super) steps: &'static [Step],
    pub(super) private: *const u8,
    pub(super) shared: *mut u8,
}

impl LoadByTable {
    /// The same from storage that lies so many bytes further on.
    pub(crate) fn after(self, offset: usize) -> Self {
        LoadByTable { shared: self.shared.wrapping_add(offset), ..self }
    }

    /// # Safety
    /// That of [`load`](super::load), for the type that the table is of.
    pub(crate) unsafe fn run(&self) {
        // SAFETY: the same contract; the table is that of the type.
        let copy = unsafe { Whole::<Load>::new(self.shared.cast_mut(), self.private, false) };
        make(&copy, Items::of(self.steps));
    }
}

impl StoreByTable {
    /// The same to storage that lies so many bytes further on.
    pub(crate) fn after(self, offset: usize) -> Self {
        StoreByTable { shared: self.shared.wrapping_add(offset), ..self }
    }

    /// # Safety
    /// That of [`store`](super::store), for the type that the table is of. Where there is an image, `private` is that.
    pub(crate) unsafe fn run(&self) {
        // SAFETY: the same contract; the table is that of the type.
        let copy = unsafe { Whole::<Store>::new(self.shared, self.private.cast_mut(), false) };
        make(&copy, Items::of(self.steps));
    }
}

/// A [`Transfer`] that makes the accesses of a table.
pub(super) trait ByTable: Transfer {
    /// [`Transfer::bytes`], from memory to memory. Values stay in registers in optimised code only, so there is nothing to lose.
    fn bytes_in_memory(&self, offset: usize, len: usize);
}

/// Some items of a table. A slice would do, if taking it apart were not a few calls and checks each time in unoptimised code, and
/// possible panics in the middle of a write (I9 no-panic).
struct Items<S> {
    next: *const S,
    end: *const S,
}

impl<S: Copy> Items<S> {
    #[inline(always)]
    fn of(items: &'static [S]) -> Self {
        let next = items.as_ptr();
        Items { next, end: next.wrapping_add(items.len()) }
    }

    /// The next item, if there is one.
    #[inline(always)]
    fn next(&mut self) -> Option<&'static S> {
        if self.next == self.end {
            return None;
        }
        let item = self.next;
        self.next = item.wrapping_add(1);
        // SAFETY: before the end, so an item of a static table; the recorder makes no body longer than what follows (I1 partition).
        Some(unsafe { &*item })
    }

    /// Takes off the next `count` items, of which there are as many: the body of the item before them.
    #[inline(always)]
    fn body(&mut self, count: usize) -> Self {
        let next = self.next;
        self.next = next.wrapping_add(count);
        Items { next, end: self.next }
    }
}

/// Makes the accesses of a table.
pub(super) fn accesses<A: ByTable>(transfer: &A, steps: &'static [Step]) {
    make(transfer, Items::of(steps));
}

fn make<A: ByTable>(transfer: &A, mut steps: Items<Step>) {
    while let Some(step) = steps.next() {
        match *step {
            Step::Words1 { at, count } => transfer.words::<u8>(at, count),
            Step::Words2 { at, count } => transfer.words::<u16>(at, count),
            Step::Words4 { at, count } => transfer.words::<u32>(at, count),
            #[cfg(target_pointer_width = "64")]
            Step::Words8 { at, count } => transfer.words::<u64>(at, count),
            Step::Bytes { at, len } => transfer.bytes_in_memory(at, len),
            Step::Pointer { at } => transfer.pointer(at),
            Step::Elements { mut at, count, stride, body } => {
                let Items { next, end } = steps.body(body);
                let touched = transfer.touched(at, stride, count);
                at = at.wrapping_add(touched.start.wrapping_mul(stride));
                let mut left = touched.end.wrapping_sub(touched.start);
                while left != 0 {
                    make(&transfer.at(at), Items { next, end });
                    at = at.wrapping_add(stride);
                    left = left.wrapping_sub(1);
                }
            }
        }
    }
}

/// Makes a private copy of a value, of the active variants only: the other bytes of its enums become zeros.
///
/// # Safety
/// * At `from` lies a value of the type that `pieces` are of, as for [`store`](super::store).
/// * `image` is writable for its `size` bytes, and somewhere else. Neither needs alignment (I4 private).
pub(super) unsafe fn make_image(pieces: &'static [Piece], from: *const u8, image: *mut u8, size: usize) {
    // SAFETY: writable by this function's contract (I4 private).
    unsafe { zero(image, size) };
    // SAFETY: the same contract.
    unsafe { copy_pieces(Items::of(pieces), from, image) };
}

/// # Safety
/// As for [`make_image`], or for an element of that type.
unsafe fn copy_pieces(mut pieces: Items<Piece>, from: *const u8, to: *mut u8) {
    while let Some(piece) = pieces.next() {
        match *piece {
            Piece::Copy { at, len } => {
                // SAFETY: the pieces lie inside the type, so inside both places (I3 exact, I4 private).
                unsafe { copy(from.wrapping_add(at), to.wrapping_add(at), len) };
            }
            Piece::Elements { mut at, count, stride, body } => {
                let Items { next, end } = pieces.body(body);
                let mut left = count;
                while left != 0 {
                    // SAFETY: an element, by the same contract.
                    unsafe { copy_pieces(Items { next, end }, from.wrapping_add(at), to.wrapping_add(at)) };
                    at = at.wrapping_add(stride);
                    left = left.wrapping_sub(1);
                }
            }
            Piece::Tag { at, width, body } => {
                // SAFETY: a tag lies there, which is initialised in every value (I3 exact, I6 maybe-invalid).
                let tag = unsafe { read_number(width, from.wrapping_add(at)) };
                let mut variants = pieces.body(body);
                while let Some(Piece::Variant { bits, body }) = variants.next() {
                    let fields = variants.body(*body);
                    if *bits == tag {
                        // SAFETY: the fields of the active variant, by the same contract (I6 maybe-invalid).
                        unsafe { copy_pieces(fields, from, to) };
                        break;
                    }
                }
            }
            // Only behind a tag.
            Piece::Variant { .. } => {}
        }
    }
}

/// From this size on a call of the system's copy is worth its checks.
const SMALL: usize = 64;

/// Calls `$word` with a type and an offset for each word of so many bytes: of 16 bytes, then smaller ones.
macro_rules! each_word {
    ($len:ident, $word:ident) => {
        let mut at = 0usize;
        while $len.wrapping_sub(at) >= 16 {
            $word!(u128, at);
            at = at.wrapping_add(16);
        }
        if $len & 8 != 0 {
            $word!(u64, at);
            at = at.wrapping_add(8);
        }
        if $len & 4 != 0 {
            $word!(u32, at);
            at = at.wrapping_add(4);
        }
        if $len & 2 != 0 {
            $word!(u16, at);
            at = at.wrapping_add(2);
        }
        if $len & 1 != 0 {
            $word!(u8, at);
        }
    };
}

/// Copies bytes as they are: padding stays what it is, and pointers keep their provenance (P8 maybe-uninit, P11 provenance).
///
/// # Safety
/// Different places that are readable and writable for so many bytes (I4 private).
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    if len >= SMALL {
        // SAFETY: this function's contract.
        return unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
    }
    macro_rules! word {
        ($word:ty, $at:ident) => {
            // SAFETY: so many bytes are left (I4 private); any bytes are a valid `MaybeUninit` (P8 maybe-uninit).
            let word = unsafe { take::<MaybeUninit<$word>>(from.wrapping_add($at)) };
            // SAFETY: so many bytes are left (I4 private).
            unsafe { put(to.wrapping_add($at), word) };
        };
    }
    each_word!(len, word);
}

/// # Safety
/// `to` is writable for so many bytes (I4 private).
unsafe fn zero(to: *mut u8, len: usize) {
    if len >= SMALL {
        // SAFETY: this function's contract.
        return unsafe { to.write_bytes(0, len) };
    }
    macro_rules! word {
        ($word:ty, $at:ident) => {
            // SAFETY: so many bytes are left (I4 private).
            unsafe { put::<$word>(to.wrapping_add($at), 0) };
        };
    }
    each_word!(len, word);
}
