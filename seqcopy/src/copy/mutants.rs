//! What mutants do in place of the steps of a copy. Names as in `docs/mutations.md`.

use core::mem::MaybeUninit;

use super::word::Word;
use crate::mutation::{chosen, ran};
use crate::primitive::Relaxed;
use crate::primitive::bytes::AtomicU8;

/// The image of an enum's value, zeroed before the value is laid out in it.
pub(crate) fn zeroed<E>(image: &mut MaybeUninit<E>) -> Option<()> {
    if chosen() == "im01" {
        ran();
        *image = MaybeUninit::uninit();
    }
    None
}

/// A store of a word.
pub(crate) fn store_word<W: Word>(word: W, shared: *mut u8) -> Option<()> {
    if chosen() != "im03" || size_of::<W>() == 1 {
        return None;
    }
    for index in 0..size_of::<W>() {
        // SAFETY: inside the word, which is an integer (P5).
        let byte = unsafe { (&raw const word).cast::<u8>().add(index).read() };
        // SAFETY: inside the word (I3).
        let shared = unsafe { shared.add(index) };
        // SAFETY: none, others access it as a part of a word: that is the mutation (I1).
        unsafe { AtomicU8::from_ptr(shared) }.store(byte, Relaxed);
    }
    Some(())
}
