//! [`Shared`]: memory that a child shares; [`Placed`]: a lock in it, with known bytes around it and in its padding.

use core::num::NonZeroUsize;
use core::ops::Range;
use core::ptr::NonNull;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

use seqcopy::{Policy, Sequenced};

use crate::locks::Kind;
use crate::values::{Val, fixed_padding};

/// A mapping that stays shared across a fork.
pub(crate) struct Shared {
    at: NonNull<u8>,
    len: NonZeroUsize,
}

impl Shared {
    pub(crate) fn new(len: usize) -> Shared {
        let len = NonZeroUsize::new(len.next_multiple_of(4096)).expect("at least a page");
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping, wherever there is space.
        let at = unsafe { mmap_anonymous(None, len, access, MapFlags::MAP_SHARED) }.expect("memory");
        Shared { at: at.cast(), len }
    }

    pub(crate) fn at(&self, offset: usize) -> *mut u8 {
        assert!(offset <= self.len.get());
        self.at.as_ptr().wrapping_add(offset)
    }

    pub(crate) fn byte(&self, offset: usize) -> u8 {
        assert!(offset < self.len.get());
        // SAFETY: inside the mapping, which is never unmapped before it is dropped; a child that writes it is stopped.
        unsafe { self.at(offset).read_volatile() }
    }

    pub(crate) fn fill(&self, bytes: Range<usize>, with: u8) {
        for offset in bytes {
            assert!(offset < self.len.get());
            // SAFETY: as for `byte`; no reference to these bytes exists that promises that they don't change.
            unsafe { self.at(offset).write_volatile(with) };
        }
    }

    pub(crate) fn word(&self, offset: usize) -> u64 {
        u64::from_ne_bytes(core::array::from_fn(|byte| self.byte(offset + byte)))
    }

    /// In this process nothing can be written there from now on: an attempt ends it.
    pub(crate) fn make_read_only(&self) {
        // SAFETY: the whole mapping; only the stores of this process are affected, which is what is asked for.
        unsafe { mprotect(self.at.cast(), self.len.get(), ProtFlags::PROT_READ) }.expect("a mapping of this process");
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: nothing that borrows from `self` is left; `Placed::lock` is private to `Placed`, which owns this.
        let _ = unsafe { munmap(self.at.cast(), self.len.get()) };
    }
}

/// Bytes on either side of a lock.
const GUARD: usize = 256;
const FILL: u8 = 0xa5;
/// The locks are `repr(C)`: buffers, the sequence word, the claim.
const WORD_AND_CLAIM: usize = 16;

fn word_offset<T: Val, L: Kind<T>>() -> usize {
    usize::try_from(L::BUFFERS).expect("a small number") * size_of::<T>().next_multiple_of(8)
}

/// A lock in shared memory.
pub(crate) struct Placed<T: 'static, L: Policy + 'static> {
    pub(crate) shared: Shared,
    lock: &'static Sequenced<T, L>,
}

impl<T: Val, L: Kind<T>> Placed<T, L> {
    pub(crate) fn new() -> Self {
        let shared = Shared::new(size_of::<Sequenced<T, L>>() + 2 * GUARD);
        shared.fill(0..shared.len.get(), FILL);
        let at = shared.at(GUARD).cast::<Sequenced<T, L>>();
        assert!(at.is_aligned());
        // SAFETY: inside the mapping, aligned, and used by nothing else yet.
        unsafe { at.write(L::make(T::of(0))) };
        // SAFETY: written above. The mapping lives as long as `shared`, and the reference is given out for as long as
        // `self` only.
        let placed = Placed { lock: unsafe { &*at }, shared };
        assert_eq!(
            size_of::<Sequenced<T, L>>(),
            word_offset::<T, L>() + WORD_AND_CLAIM,
            "the offsets of buffers assumed here"
        );
        for hole in Self::holes() {
            placed.shared.fill(hole..hole + 1, FILL);
        }
        placed
    }

    pub(crate) fn lock(&self) -> &Sequenced<T, L> {
        self.lock
    }

    /// For the process of a child, which ends before the mapping does.
    pub(crate) fn lock_of_child(&self) -> &'static Sequenced<T, L> {
        self.lock
    }

    /// The sequence word, where the locks count in one of 64 bits.
    pub(crate) fn word(&self) -> u64 {
        self.shared.word(GUARD + word_offset::<T, L>())
    }

    /// Padding that no write may change.
    fn holes() -> Vec<usize> {
        let buffers = (0..word_offset::<T, L>()).step_by(size_of::<T>().next_multiple_of(8));
        buffers.flat_map(|buffer| fixed_padding::<T>().into_iter().map(move |hole| GUARD + buffer + hole)).collect()
    }

    /// Whether all bytes are as they were that no write may change.
    pub(crate) fn is_clean(&self) -> bool {
        let end = GUARD + size_of::<Sequenced<T, L>>();
        let mut untouched = (0..GUARD).chain(end..end + GUARD).chain(Self::holes());
        untouched.all(|at| self.shared.byte(at) == FILL)
    }
}
