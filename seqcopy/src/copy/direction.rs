//! The direction of a copy. [`Load`] and [`Store`] say what one access does. This file also has the plain copies of
//! private memory that unoptimised builds make around the accesses.

use super::vector::Word;
use super::vector::{self, Mover};
use crate::layout::{put, take};

/// From this size on, a call of the system's `memcpy` costs less than a loop.
const SMALL: usize = 64;

/// Copies bytes as they are: padding stays what it is, and pointers keep their provenance (P8 maybe-uninit, P11
/// provenance).
///
/// # Safety
/// Different places that are readable and writable for this many bytes, and that no thread writes to meanwhile but this
/// one (I4 private).
pub(crate) unsafe fn copy_private(from: *const u8, to: *mut u8, len: usize) {
    same_contract!(copy(from, to, len));
}

/// # Safety
/// The contract of [`copy_private`].
#[inline(always)]
pub(super) unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    if len < SMALL {
        same_contract!(vector::copy_private(from, to, len));
    } else {
        same_contract!(core::ptr::copy_nonoverlapping(from, to, len));
    }
}

/// Writes zeros.
///
/// # Safety
/// `to` is writable for this many bytes (I4 private).
#[inline(always)]
pub(super) unsafe fn zero(to: *mut u8, len: usize) {
    // Not a `static`, because `ci/asm.sh` follows every symbol to check that no write can panic.
    const ZEROS: *const [u8; SMALL] = &[0; SMALL];
    if len < SMALL {
        // SAFETY: as many zeros, and this function's contract.
        unsafe { vector::copy_private(ZEROS.cast(), to, len) };
    } else {
        same_contract!(to.write_bytes(0, len));
    }
}

/// The two places of a copy. The direction says which of them is only read.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    pub(super) shared: *mut u8,
    pub(super) private: *mut u8,
}

impl Sides {
    /// Both places, `offset` bytes further.
    #[inline(always)]
    pub(super) fn at(self, offset: usize) -> Sides {
        // Inside both places, since all accesses lie inside the type (I3 exact). Unoptimised `add` would check that.
        Sides { shared: self.shared.wrapping_add(offset), private: self.private.wrapping_add(offset) }
    }
}

/// Which way a copy goes.
///
/// All functions have the same contract, for the bytes that each of them names:
/// * The bytes that are read are initialised, and the bytes that are written are writable.
/// * Only this thread accesses the private bytes (I4 private). They need no alignment.
/// * All other threads access the shared bytes in the same way: as this word, or as single bytes (I1 partition).
pub(super) trait Direction: Copy {
    /// One access to a word, which is aligned at the shared side.
    ///
    /// # Safety
    /// The trait's contract, of the bytes of a `W`.
    unsafe fn word<W: Word>(sides: Sides);

    /// One access to an aligned word, which copies `len` of its bytes and skips the first `before`. A store leaves the
    /// other bytes as they are.
    /// # Safety
    /// The contract of [`word`](Self::word), but the private side has the `len` bytes only. `before + len` is not more
    /// than the bytes of a `W`. What a store loads was stored last: no other thread stores, and all earlier stores
    /// happen-before this (I5 one-writer).
    unsafe fn part_of_word<W: Word>(sides: Sides, before: usize, len: usize);

    /// Accesses to single bytes, none of which belongs to a pointer.
    ///
    /// # Safety
    /// The trait's contract.
    unsafe fn bytes(sides: Sides, len: usize);

    /// Copies a run or a [`span`](Self::span) with little code, for a private side that is in memory anyway.
    ///
    /// # Safety
    /// The trait's contract; for a span, that of `span`.
    unsafe fn bytes_in_memory(sides: Sides, len: usize);

    /// Does the same as [`bytes`](Self::bytes), for exactly the bytes of one word.
    ///
    /// # Safety
    /// The trait's contract.
    unsafe fn bytes_of_word<W: Word>(sides: Sides);

    /// Accesses to the data bytes of a span. [`Whole::new`](super::transfer::Whole::new) says what the padding contains
    /// afterwards.
    /// # Safety
    /// The trait's contract, of the data. All of the span lies inside both places, and its padding may become what it
    /// does.
    unsafe fn span(sides: Sides, len: usize);

    /// Whether enums with fields are copied through an image. Then all of the enum must be on the private side.
    const BY_IMAGE: bool;
}

/// From shared to private memory. With `IN_REGISTERS`, the private side is a value that the caller returns, which may
/// be in registers.
#[derive(Clone, Copy)]
pub(super) struct Load<const IN_REGISTERS: bool = false>;

impl<const IN_REGISTERS: bool> Direction for Load<IN_REGISTERS> {
    #[inline(always)]
    unsafe fn word<W: Word>(Sides { shared, private }: Sides) {
        // SAFETY: aligned, initialised, accessed by all others as this word (I1 partition), by the trait's contract.
        let word = unsafe { W::load_word(shared) };
        // SAFETY: writable by this thread alone (I4 private).
        unsafe { put(private, word) };
    }

    #[inline(always)]
    unsafe fn part_of_word<W: Word>(Sides { shared, private }: Sides, before: usize, len: usize) {
        // SAFETY: aligned, initialised, accessed by all others as this word, by the trait's contract (I1 partition).
        let word = unsafe { W::load_word(shared) };
        let part = (&raw const word).cast::<u8>().wrapping_add(before);
        // SAFETY: bytes of a local word, and as many that are writable by this thread alone (I4 private).
        unsafe { part.copy_to_nonoverlapping(private, len) };
    }

    #[inline(always)]
    unsafe fn bytes(Sides { shared, private }: Sides, len: usize) {
        if IN_REGISTERS {
            same_contract!(vector::load_to_registers(shared, private, len));
        } else {
            same_contract!(vector::load_run(shared, private, len));
        }
    }

    #[inline(always)]
    unsafe fn bytes_in_memory(Sides { shared, private }: Sides, len: usize) {
        same_contract!(vector::in_memory(shared, private, len));
    }

    #[inline(always)]
    unsafe fn bytes_of_word<W: Word>(Sides { shared, private }: Sides) {
        same_contract!(vector::load_word::<W>(shared, private));
    }

    #[inline(always)]
    unsafe fn span(sides: Sides, len: usize) {
        // SAFETY: bytes of this function's contract; the story does not access padding at the shared side, and makes it
        // uninitialised at the private one (I1 partition, I4 private).
        unsafe { Self::bytes(sides, len) };
    }

    const BY_IMAGE: bool = false;
}

/// From private to shared memory. With `IN_REGISTERS`, the value may be in registers.
#[derive(Clone, Copy)]
pub(super) struct Store<const IN_REGISTERS: bool = false>;

impl<const IN_REGISTERS: bool> Direction for Store<IN_REGISTERS> {
    #[inline(always)]
    unsafe fn word<W: Word>(Sides { shared, private }: Sides) {
        // SAFETY: initialised, and not written meanwhile (I4 private), by the trait's contract.
        let word = unsafe { take::<W>(private) };
        // SAFETY: aligned, writable, accessed by all others as this word (I1 partition), by the trait's contract.
        unsafe { word.store_word(shared) };
    }

    #[inline(always)]
    unsafe fn part_of_word<W: Word>(sides: Sides, before: usize, len: usize) {
        let Sides { shared, private } = sides;
        if len == size_of::<W>() {
            // SAFETY: the whole word, by this function's contract (I1 partition, I4 private).
            return unsafe { Self::word::<W>(sides) };
        }
        // SAFETY: aligned, initialised (I2 init), accessed by all others as this word (I1 partition).
        let mut word = unsafe { W::load_word(shared) };
        let part = (&raw mut word).cast::<u8>().wrapping_add(before);
        // SAFETY: bytes that are initialised and not written meanwhile (I4 private), to a local word, which may have
        // any such bytes.
        unsafe { private.copy_to_nonoverlapping(part, len) };
        // SAFETY: as for the load (I1 partition). The other bytes are those that were stored last (I5 one-writer).
        unsafe { word.store_word(shared) };
    }

    #[inline(always)]
    unsafe fn bytes(Sides { shared, private }: Sides, len: usize) {
        if IN_REGISTERS {
            same_contract!(vector::store_registers(private, shared, len));
        } else {
            same_contract!(vector::store_run(private, shared, len));
        }
    }

    #[inline(always)]
    unsafe fn bytes_in_memory(Sides { shared, private }: Sides, len: usize) {
        same_contract!(vector::in_memory(private, shared, len));
    }

    #[inline(always)]
    unsafe fn bytes_of_word<W: Word>(Sides { shared, private }: Sides) {
        same_contract!(vector::store_word::<W>(private, shared));
    }

    #[inline(always)]
    unsafe fn span(Sides { shared, private }: Sides, len: usize) {
        // SAFETY: padding at the shared side receives any bytes (I1 partition, I4 private); the rest is this function's
        // contract.
        unsafe { vector::store_span(private, shared, len) };
    }

    /// The variant decides which bytes of the value are data, but the partition is the same for all variants. So the
    /// active variant is first copied into an image of zeros, and the accesses copy the image. The zeros are written in
    /// place, since a move of the image could lose them (P8 maybe-uninit).
    const BY_IMAGE: bool = true;
}

/// What loads the bytes of runs of this length, or what stores them, for programs in C. Its contract is that of a
/// `Word::load` of each byte, or of a `Word::store`; the first place is what is copied, the second where it goes.
#[must_use]
pub fn mover(is_load: bool, len: usize) -> Mover {
    unsafe extern "C" fn load_for_c(from: *const u8, to: *mut u8, len: usize) {
        same_contract!(Load::<false>::bytes(Sides { shared: from.cast_mut(), private: to }, len));
    }
    unsafe extern "C" fn store_for_c(from: *const u8, to: *mut u8, len: usize) {
        same_contract!(Store::<false>::bytes(Sides { shared: to, private: from.cast_mut() }, len));
    }
    vector::mover(len).unwrap_or(if is_load { load_for_c } else { store_for_c })
}
