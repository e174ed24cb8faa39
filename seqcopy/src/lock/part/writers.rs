//! The methods for parts of [`Writer`] and `ArcWriter`.

#![allow(clippy::needless_pass_by_value)] // a written value is consumed by the call

use super::super::{Lock, Writer};
use super::{InParts, peek_part, update_part_claimed};
use crate::Part;

/// Takes the examples' first line.
macro_rules! part_methods_of_writers {
    ($setup:literal) => {
        /// Writes one field; the others stay as they are. Readers see all of the value before or all of the value after, with a version
        /// of its own, as for any write. Wait-free.
        ///
        /// In a [`SeqLock`](crate::SeqLock) only the bytes of the field are stored, and words that it shares with its neighbours. In a
        /// [`SeqLatch`](crate::SeqLatch) the whole value is copied to the next buffer, as by `update`.
        ///
        /// ```
        #[doc = $setup]
        /// writer.write_part(part!((u32, f64), 1), 0.5);
        /// assert_eq!(writer.read(), (1, 0.5));
        /// ```
        #[inline]
        pub fn write_part<F>(&mut self, part: Part<T, F>, value: F) {
            // SAFETY: this is the only writer (I5 one-writer).
            unsafe { InParts::publish_part(self.lock(), part, &value) };
        }

        /// Calls `change` on a copy of one field, publishes it as [`write_part`](Self::write_part) does, and returns the result. If it
        /// panics, nothing is changed. Wait-free but for `change`.
        ///
        /// ```
        #[doc = $setup]
        /// writer.update_part(part!((u32, f64), 0), |count| *count += 1);
        /// assert_eq!(writer.read(), (2, 0.0));
        /// ```
        #[inline]
        pub fn update_part<F, R>(&mut self, part: Part<T, F>, change: impl FnOnce(&mut F) -> R) -> R {
            // SAFETY: this is the only writer (I5 one-writer).
            unsafe { update_part_claimed(self.lock(), part, change) }
        }

        /// One field of the value published last. Never retries, because there is no other writer.
        ///
        /// ```
        #[doc = $setup]
        /// assert_eq!(writer.read_part(part!((u32, f64), 0)), 1);
        /// ```
        #[inline]
        #[must_use]
        pub fn read_part<F>(&self, part: Part<T, F>) -> F {
            // SAFETY: this is the only writer (I5 one-writer).
            unsafe { peek_part(self.lock(), part) }
        }
    };
}

impl<T, L: Lock<T>> Writer<'_, T, L> {
    part_methods_of_writers! {
        " # use seqcopy::{SeqLock, part};\n let lock = SeqLock::new((1, 0.0));\n\
         \x20let mut writer = lock.writer().expect(\"the only writer\");"
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
impl<T, L: Lock<T>, S> super::super::ArcWriter<T, L, S> {
    part_methods_of_writers! {
        " # use {seqcopy::{SeqLock, part}, std::sync::Arc};\n let lock = Arc::new(SeqLock::new((1, 0.0)));\n\
         \x20let mut writer = SeqLock::writer_arc(&lock).expect(\"the only writer\");"
    }
}
