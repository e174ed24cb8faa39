//! A value that can be read during a write, from a backup, as Android's properties have it (Android 15, bionic,
//! `libc/system_properties/system_properties.cpp`): while the word is odd the value before is in a second place.
//!
//! An odd word is no reason to try again, so this is no encoding of a [`SeqCount`]'s reader: it is read by
//! [`read_by`], and written by a `SeqCount`.

use seqcopy::seq_count::{Parity, SeqCount, read_by};
use seqcopy::{AtomicPerByte, MaybeInvalid, ReadError, SeqCopy};

use core::sync::atomic::{Ordering, fence};

/// A value, and the one before.
#[derive(Debug)]
#[repr(C)]
pub struct Property<T> {
    word: SeqCount<Parity<u32>>,
    value: AtomicPerByte<T>,
    backup: AtomicPerByte<T>,
}

impl<T: SeqCopy + Copy> Property<T> {
    /// A value.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Property { word: SeqCount::new(0), value: AtomicPerByte::new(value), backup: AtomicPerByte::new(value) }
    }

    /// One attempt. It fails only if a write begins or ends during the copy.
    ///
    /// # Errors
    /// [`ReadError::Torn`]: try again.
    pub fn try_read(&self) -> Result<MaybeInvalid<T>, ReadError> {
        let word = || Ok(self.word.load());
        let load = |&word: &u32| Ok(if word % 2 == 1 { self.backup.load() } else { self.value.load() });
        read_by(word, load, word, |&before, after| before == after).map(|(bits, _)| bits)
    }

    /// Writes a value; `before` is the one that this writer wrote last.
    ///
    /// # Safety
    /// There is one writer.
    pub unsafe fn write(&self, before: &T, value: &T) {
        // A reader of the backup that sees the stores below sees the end of the write before, too.
        fence(Ordering::Release);
        self.backup.store(before);
        // A reader that sees the odd word, which `write` stores relaxed, sees the backup.
        fence(Ordering::Release);
        // SAFETY: one writer. 2^31 writes during one read are excluded by what a property is.
        unsafe { self.word.write(|| self.value.store(value)) };
    }
}
