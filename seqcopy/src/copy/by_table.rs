//! Copies by a [`Table`](super::table::Table): the same accesses as by the type's `visit`, made by functions that are compiled in this
//! crate. Unoptimised builds use them; what they do at each access is [`transfer`](super::transfer)'s.

use super::direction::{Load, Store};
use super::table::{Piece, Step};
use super::transfer::Whole;
use super::vector;
use super::word::{Transfer, take};

/// A load whose type is known by its table only.
#[derive(Clone, Copy)]
pub(crate) struct LoadByTable {
    /// Spans are moved as a whole.
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
        // SAFETY: the same contract; the table is that of the type, and the padding at `private` may become uninitialised.
        let copy = unsafe { Whole::<Load>::new(self.shared.cast_mut(), self.private, true) };
        make(&copy, Items::of(self.steps));
    }
}

impl StoreByTable {
    /// The same to storage that lies so many bytes further on.
    pub(crate) fn after(self, offset: usize) -> Self {
        StoreByTable { shared: self.shared.wrapping_add(offset), ..self }
    }

    /// # Safety
    /// That of [`store`](super::store), for the type that the table is of; of [`store_owned`](super::store_owned), if the table is one that
    /// moves spans. Where there is an image, `private` is that.
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

    /// [`Transfer::span`], from memory to memory, if the table is one for transfers that move spans.
    fn span_in_memory(&self, _offset: usize, _len: usize) {}
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

    /// The next item. An `Option` would be more code.
    ///
    /// # Safety
    /// There is one.
    #[inline(always)]
    unsafe fn next(&mut self) -> &'static S {
        let item = self.next;
        self.next = item.wrapping_add(1);
        // SAFETY: before the end, so an item of a static table; the recorder makes no body longer than what follows (I1 partition).
        unsafe { &*item }
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
    while steps.next != steps.end {
        // SAFETY: not at the end of a static table (I1 partition).
        match *unsafe { steps.next() } {
            Step::Words1 { at, count } => transfer.words::<u8>(at, count),
            Step::Words2 { at, count } => transfer.words::<u16>(at, count),
            Step::Words4 { at, count } => transfer.words::<u32>(at, count),
            #[cfg(target_pointer_width = "64")]
            Step::Words8 { at, count } => transfer.words::<u64>(at, count),
            Step::Bytes { at, len } => transfer.bytes_in_memory(at, len),
            Step::Span { at, len } => transfer.span_in_memory(at, len),
            Step::Moved { at, len } => transfer.moved(at, len),
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
    while pieces.next != pieces.end {
        // SAFETY: not at the end of a static table (I1 partition).
        match *unsafe { pieces.next() } {
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
                let tag = unsafe { take_tag(from.wrapping_add(at), width) };
                let mut variants = pieces.body(body);
                while variants.next != variants.end {
                    // SAFETY: not at the end of a static table (I1 partition).
                    let variant = unsafe { variants.next() };
                    let Piece::Variant { bits, body } = *variant else { break };
                    if bits == tag {
                        // SAFETY: the fields of the active variant, by the same contract (I6 maybe-invalid).
                        unsafe { copy_pieces(variants.body(body), from, to) };
                        break;
                    }
                    variants.next = variants.next.wrapping_add(body);
                }
            }
            // Only behind a tag.
            Piece::Variant { .. } => {}
        }
    }
}

/// A tag as a number.
///
/// # Safety
/// At `from` lies an integer of so many bytes, which this thread may read; it needs no alignment (I4 private).
#[inline(always)]
unsafe fn take_tag(from: *const u8, width: usize) -> u64 {
    match width {
        // SAFETY: this function's contract.
        1 => u64::from(unsafe { take::<u8>(from) }),
        // SAFETY: as above.
        2 => u64::from(unsafe { take::<u16>(from) }),
        // SAFETY: as above.
        4 => u64::from(unsafe { take::<u32>(from) }),
        // SAFETY: as above; the derive takes no tag wider than 8 bytes (it refuses `repr(u128)`).
        _ => unsafe { take::<u64>(from) },
    }
}

/// From this size on a call of the system's copy is worth its checks.
const SMALL: usize = 64;

/// Copies bytes as they are: padding stays what it is, and pointers keep their provenance (P8 maybe-uninit, P11 provenance).
///
/// # Safety
/// Different places that are readable and writable for so many bytes, and that no thread writes to meanwhile but this one (I4 private).
pub(crate) unsafe fn copy_private(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: the same contract.
    unsafe { copy(from, to, len) };
}

/// # Safety
/// As for [`copy_private`].
#[inline(always)]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    if len < SMALL {
        // SAFETY: this function's contract.
        unsafe { vector::copy_private(from, to, len) };
    } else {
        // SAFETY: this function's contract.
        unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
    }
}

/// # Safety
/// `to` is writable for so many bytes (I4 private).
#[inline(always)]
unsafe fn zero(to: *mut u8, len: usize) {
    // Not a `static`: the check that no write can panic follows every symbol.
    const ZEROS: *const [u8; SMALL] = &[0; SMALL];
    if len < SMALL {
        // SAFETY: as many zeros, and this function's contract.
        unsafe { vector::copy_private(ZEROS.cast(), to, len) };
    } else {
        // SAFETY: this function's contract.
        unsafe { to.write_bytes(0, len) };
    }
}
