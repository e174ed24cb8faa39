//! The methods for parts of [`methods`](super::methods).

/// Gives a lock its methods for parts. `$read` describes how `read_part` waits, `$fails` when an attempt fails, `$stores` what a write
/// stores.
macro_rules! part_methods {
    ($name:literal, [$($generics:tt)*] $lock:ty, storage: $storage:ty, read: $read:literal, fails: $fails:literal, stores: $stores:literal) => {
        // SAFETY: the same contract; the algorithm inside upholds it.
        unsafe impl<T: $crate::SeqCopy, $($generics)*> $crate::lock::InParts<T> for $lock {
            type Storage = $storage;

            #[inline(always)]
            fn attempt_with(&self, load: impl FnOnce(&Self::Storage)) -> Result<$crate::lock::Version, $crate::ReadError> {
                $crate::lock::InParts::<T>::attempt_with(&self.lock, load)
            }

            #[inline(always)]
            fn newest(&self) -> &Self::Storage {
                $crate::lock::InParts::<T>::newest(&self.lock)
            }

            #[inline]
            unsafe fn publish_part<F>(&self, part: $crate::Part<T, F>, value: &F) {
                // SAFETY: the same contract.
                unsafe { $crate::lock::InParts::publish_part(&self.lock, part, value) };
            }
        }

        impl<T, $($generics)*> $lock {
            /// Reads one field, without copying the others: for an `f32` in a kilobyte three loads. Retries until no write, of whatever
            /// field, overlapped; that is less likely the less there is to copy.
            ///
            #[doc = $read]
            ///
            /// The field is of one write, which was current as for [`read`](Self::read). Two calls may see two writes:
            /// [`read_parts`](Self::read_parts) reads several fields of one.
            ///
            /// ```
            #[doc = concat!(" use seqcopy::{SeqCopy, ", $name, ", part};")]
            ///
            /// #[derive(Clone, Copy, SeqCopy)]
            /// struct Telemetry { at: u64, volts: [f32; 250] }
            ///
            #[doc = concat!(" static LAST: ", $name, "<Telemetry> = ", $name, "::new(Telemetry { at: 0, volts: [3.3; 250] });")]
            /// assert_eq!(LAST.read_part(part!(Telemetry, volts).index(17)), 3.3);
            /// ```
            #[inline]
            pub fn read_part<F>(&self, part: $crate::Part<T, F>) -> F
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::read_parts(self, part)
            }

            /// Makes one attempt to read one field. Wait-free.
            ///
            /// # Errors
            #[doc = $fails]
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::{", $name, ", part};")]
            #[doc = concat!(" let lock = ", $name, "::new((1u8, 2u64));")]
            /// assert_eq!(lock.try_read_part(part!((u8, u64), 1)), Ok(2));
            /// ```
            #[inline]
            pub fn try_read_part<F>(&self, part: $crate::Part<T, F>) -> Result<F, $crate::ReadError>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::try_read_parts(self, part)
            }

            /// Reads several fields of one write: a tuple of two to eight parts, which may overlap. Waits as
            /// [`read_part`](Self::read_part) does.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::{SeqCopy, ", $name, ", part};")]
            /// #[derive(Clone, Copy, SeqCopy)]
            /// struct Book { at: u64, bids: [u64; 20], asks: [u64; 20] }
            ///
            #[doc = concat!(" let book = ", $name, "::new(Book { at: 0, bids: [99; 20], asks: [101; 20] });")]
            /// let (bid, ask) = book.read_parts((part!(Book, bids).index(0), part!(Book, asks).index(0)));
            /// assert_eq!(ask - bid, 2);
            /// ```
            #[inline]
            pub fn read_parts<P: $crate::Parts<T>>(&self, parts: P) -> P::Values
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::read_parts(self, parts)
            }

            /// [`read_parts`](Self::read_parts) with a single attempt. Wait-free.
            ///
            /// # Errors
            #[doc = $fails]
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::{", $name, ", part};")]
            #[doc = concat!(" let lock = ", $name, "::new([1u16, 2, 3]);")]
            /// let all = part!([u16; 3]);
            /// assert_eq!(lock.try_read_parts((all.index(2), all.index(0))), Ok((3, 1)));
            /// ```
            #[inline]
            pub fn try_read_parts<P: $crate::Parts<T>>(&self, parts: P) -> Result<P::Values, $crate::ReadError>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::try_read_parts(self, parts)
            }
        }

        // These acquire the write claim, which takes a compare-and-swap.
        #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
        #[allow(clippy::needless_pass_by_value)] // a written value is consumed by the call
        impl<T, $($generics)*> $lock {
            /// Writes one field; the others stay as they are. Blocks as [`write`](Self::write) does. Readers see all of the value before
            /// or all of the value after, with a version of its own, as for any write.
            ///
            #[doc = $stores]
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::{", $name, ", part};")]
            #[doc = concat!(" let lock = ", $name, "::new((1u8, 2u64));")]
            /// lock.write_part(part!((u8, u64), 1), 3);
            /// assert_eq!(lock.read(), (1, 3));
            /// ```
            #[inline]
            pub fn write_part<F>(&self, part: $crate::Part<T, F>, value: F)
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::write_part(self, part, &value);
            }

            /// Calls `change` on a copy of one field, publishes it as [`write_part`](Self::write_part) does, and returns the result;
            /// atomic with respect to other writers. Readers see the old value until `change` has returned. If it panics, the value is
            /// unchanged. Calling a writing method of this lock from inside `change` deadlocks; reading is fine.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::{", $name, ", part};")]
            #[doc = concat!(" let hits = ", $name, "::new([0u32; 64]);")]
            /// hits.update_part(part!([u32; 64]).index(5), |hits| *hits += 1);
            /// assert_eq!(hits.read()[5], 1);
            /// ```
            #[inline]
            pub fn update_part<F, R>(&self, part: $crate::Part<T, F>, change: impl FnOnce(&mut F) -> R) -> R
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::update_part(self, part, change)
            }
        }
    };
}
pub(crate) use part_methods;
