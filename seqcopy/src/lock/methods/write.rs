//! The writing half of [`methods`](super::methods).

/// Gives a lock its writing methods.
macro_rules! write_methods {
    ($name:literal, [$($generics:tt)*] $lock:ty) => {
        impl<T, $($generics)*> $lock {
            /// Creates a [`Writer`](crate::Writer) without acquiring the write claim: for interrupt handlers and start-up code
            /// known to be the only writer, and the only way to write on processors without compare-and-swap (`thumbv6m`,
            /// `riscv32imc`).
            ///
            /// Dropping this `Writer` does not release the claim either. It can be made in a constant or a `static`.
            ///
            /// # Safety
            /// * While the `Writer` exists there is no other writer: no other `Writer`, no guard, no writing method of the lock.
            /// * The end of the previous writer happens-before this call.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" static LOCK: ", $name, "<u32> = ", $name, "::new(5);")]
            /// // SAFETY: the only writer.
            /// unsafe { LOCK.writer_unchecked() }.write(6);
            /// assert_eq!(LOCK.read(), 6);
            /// ```
            #[must_use]
            pub const unsafe fn writer_unchecked(&self) -> $crate::lock::Writer<'_, T, Self>
            where
                T: $crate::SeqCopy,
            {
                // SAFETY: the same contract.
                unsafe { $crate::lock::Writer::unclaimed(self) }
            }
        }

        // These acquire the write claim, which takes a compare-and-swap.
        #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
        #[allow(clippy::needless_pass_by_value)] // a written value is consumed by the call
        impl<T, $($generics)*> $lock {
            /// Writes a value. Blocks while another writer holds the write claim: it spins 64 times, then yields between
            /// attempts (with feature `std`). Readers never block it.
            ///
            /// **A call that never returns:** it waits for as long as a [`Writer`](crate::Writer) or a guard exists. If the calling thread
            /// holds it, or if it was leaked, that is forever: write through the `Writer`, or call [`try_write`](Self::try_write),
            /// which returns.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// lock.write(6);
            /// assert_eq!(lock.read(), 6);
            /// ```
            #[inline]
            #[doc(alias = "store")]
            #[doc(alias = "set")]
            #[doc(alias = "publish")]
            #[doc(alias = "write_seqlock")]
            #[doc(alias = "write_seqcount_begin")]
            pub fn write(&self, value: T)
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::write_value(self, &value);
            }

            /// [`write`](Self::write) by reference: copies straight from `value`, without moving it first.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new([0u8; 4096]);")]
            /// lock.write_from(&[1; 4096]);
            /// assert_eq!(lock.read()[0], 1);
            /// ```
            #[inline]
            pub fn write_from(&self, value: &T)
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::write(self, value);
            }

            /// Writes a value unless another writer holds the write claim. Wait-free.
            ///
            /// # Errors
            /// Returns the value if another writer holds the claim.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// assert_eq!(lock.try_write(6), Ok(()));
            /// let writer = lock.writer().expect("the only writer");
            /// assert_eq!(lock.try_write(7), Err(7));
            /// ```
            #[inline]
            pub fn try_write(&self, value: T) -> Result<(), T>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::try_write(self, value)
            }

            /// Writes a value and returns the previous one, atomically with respect to other writers. Blocks as
            /// [`write`](Self::write) does.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" assert_eq!(", $name, "::new(5).replace(6), 5);")]
            /// ```
            #[inline]
            #[doc(alias = "swap")]
            pub fn replace(&self, value: T) -> T
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::replace(self, &value)
            }

            /// Calls `change` on a copy of the value, publishes the copy and returns the result; atomic with respect to other
            /// writers. Blocks as [`write`](Self::write) does.
            ///
            /// Readers see the old value until `change` has returned. If it panics, the value is unchanged. Calling a writing
            /// method of this lock from inside `change` deadlocks; reading is fine.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let hits = ", $name, "::new((0u32, 0u64));")]
            /// let before = hits.update(|hits| { hits.1 += 10; hits.0 });
            /// assert_eq!((before, hits.read()), (0, (0, 10)));
            /// ```
            #[inline]
            #[doc(alias = "fetch_update")]
            #[doc(alias = "fetch_add")]
            #[doc(alias = "compare_exchange")]
            pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::update(self, change)
            }

            /// Acquires the write claim for as long as the [`Writer`](crate::Writer) exists. Waits for a `write` or `update` in
            /// progress, but returns `None` if another `Writer` or a guard holds the claim. Say so where you unwrap it, as in
            /// `expect("the only writer")`: the panic of `unwrap` names no reason.
            ///
            /// Where several threads write, share the lock and call [`write`](Self::write) or [`update`](Self::update), or put the
            /// `Writer` into a mutex. A `Writer` borrows the lock: for a thread that is not scoped, put the lock into a `static`, or
            /// into an `Arc` and call `writer_arc`.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// let writer = lock.writer().expect("the only writer");
            /// assert!(lock.writer().is_none());
            /// drop(writer);
            /// assert!(lock.writer().is_some());
            /// ```
            #[must_use = "dropping the writer releases the write claim at once"]
            pub fn writer(&self) -> Option<$crate::lock::Writer<'_, T, Self>>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::Writer::claim(self)
            }

            /// [`writer`](Self::writer) of a lock in an `Arc`, which the writer keeps alive.
            ///
            /// ```
            #[doc = concat!(" # use {seqcopy::", $name, ", std::sync::Arc};")]
            #[doc = concat!(" let lock = Arc::new(", $name, "::new(5));")]
            #[doc = concat!(" let mut writer = ", $name, "::writer_arc(&lock).expect(\"the only writer\");")]
            /// writer.write(6);
            /// # assert_eq!(lock.read(), 6);
            /// ```
            #[cfg(all(feature = "alloc", target_has_atomic = "8"))]
            #[must_use = "dropping the writer releases the write claim at once"]
            pub fn writer_arc(lock: &alloc::sync::Arc<Self>) -> Option<$crate::lock::ArcWriter<T, Self>>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::ArcWriter::claim(lock, |lock| lock)
            }

            /// Whether a [`Writer`](crate::Writer) or a guard holds the write claim. The answer may be outdated on return.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// assert!(!lock.has_writer());
            /// ```
            #[must_use]
            pub fn has_writer(&self) -> bool
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::Protocol::claim(self).has_guard()
            }
        }

        #[cfg(not(any(target_has_atomic = "8", feature = "portable-atomic")))]
        $crate::lock::absent! { [$($generics)*] $lock }
    };
}
pub(crate) use write_methods;
