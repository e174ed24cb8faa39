//! What both locks can do, written once: the methods that [`SeqLock`](crate::SeqLock) and its kin share.
//!
//! A macro, because the methods are inherent: users of a lock need no trait in scope, and find them on its page. Each is
//! a line that leads to the functions of this room.

/// Gives a lock its methods. `$name` is its name for the examples, `$read` what there is to say of waiting in `read`,
/// `$fails` when an attempt fails.
macro_rules! vocabulary {
    ($name:literal, [$($generics:tt)*] $lock:ty, algorithm: $algorithm:ty, read: $read:literal, fails: $fails:literal) => {
        #[allow(clippy::needless_pass_by_value)] // a value that is written is given away
        impl<T, $($generics)*> $lock {
            /// Reads the value; tries until it is whole.
            ///
            #[doc = $read]
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" assert_eq!(", $name, "::new(5).read(), 5);")]
            /// ```
            #[inline]
            #[doc(alias = "load")]
            #[doc(alias = "read_seqbegin")]
            #[doc(alias = "read_seqretry")]
            pub fn read(&self) -> T
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::read(self)
            }

            /// One attempt at reading, wait-free.
            ///
            /// # Errors
            #[doc = $fails]
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" assert_eq!(", $name, "::new(5).try_read(), Ok(5));")]
            /// ```
            #[inline]
            pub fn try_read(&self) -> Result<T, $crate::ReadError>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::try_read(self).map(|(value, _)| value)
            }

            /// [`try_read`](Self::try_read), and which write the value comes from. Wait-free.
            ///
            /// # Errors
            #[doc = $fails]
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// let (value, version) = lock.try_read_versioned().unwrap();
            /// assert_eq!((value, version), (5, lock.version()));
            /// ```
            #[inline]
            pub fn try_read_versioned(&self) -> Result<(T, $crate::lock::Version), $crate::ReadError>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::try_read(self)
            }

            /// Reads by a policy of the caller's, who is asked after each failure: spin, yield, sleep, count, give up.
            ///
            /// # Errors
            /// What the policy broke with.
            ///
            /// ```
            /// # use core::ops::ControlFlow;
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// let mut retries = 0;
            /// let value = lock.read_with(|attempt| {
            ///     retries = attempt.number;
            ///     if attempt.number < 1000 { ControlFlow::Continue(()) } else { ControlFlow::Break("gave up") }
            /// });
            /// assert_eq!((value, retries), (Ok(5), 0));
            /// ```
            pub fn read_with<B>(&self, policy: impl FnMut($crate::lock::Attempt) -> core::ops::ControlFlow<B>) -> Result<T, B>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::read_with(self, policy)
            }

            /// [`read`](Self::read) into a buffer of the caller's, with a single copy: for large values.
            ///
            /// ```
            /// # use core::mem::MaybeUninit;
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new([5u8; 4096]);")]
            /// let mut buf = MaybeUninit::uninit();
            /// assert_eq!(lock.read_into(&mut buf)[4095], 5);
            /// ```
            #[inline]
            pub fn read_into<'a>(&self, buf: &'a mut core::mem::MaybeUninit<T>) -> &'a mut T
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::read_into(self, buf).0
            }

            /// [`try_read`](Self::try_read) into a buffer of the caller's.
            ///
            /// # Errors
            /// As for `try_read`; `buf` then holds unspecified bytes.
            ///
            /// ```
            /// # use core::mem::MaybeUninit;
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            /// let mut buf = MaybeUninit::uninit();
            #[doc = concat!(" assert_eq!(", $name, "::new(5).try_read_into(&mut buf), Ok(&mut 5));")]
            /// ```
            #[inline]
            pub fn try_read_into<'a>(&self, buf: &'a mut core::mem::MaybeUninit<T>) -> Result<&'a mut T, $crate::ReadError>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::try_read_into(self, buf)
            }

            /// [`read`](Self::read), and which write the value comes from.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// let (value, version) = lock.read_versioned();
            /// assert!(!lock.has_changed(version));
            /// # assert_eq!(value, 5);
            /// ```
            #[inline]
            pub fn read_versioned(&self) -> (T, $crate::lock::Version)
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::read_versioned(self)
            }

            /// The version of the value as it is. While a write is in progress it still is the old one.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// assert_eq!(lock.version(), lock.read_versioned().1);
            /// ```
            #[inline]
            #[must_use]
            pub fn version(&self) -> $crate::lock::Version
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::Protocol::latest_version(self)
            }

            /// Whether there is another value than that of `known`; true only once it is complete. One load.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// let known = lock.version();
            /// lock.write(6);
            /// assert!(lock.has_changed(known));
            /// ```
            #[inline]
            #[must_use]
            pub fn has_changed(&self, known: $crate::lock::Version) -> bool
            where
                T: $crate::SeqCopy,
            {
                self.version() != known
            }

            /// Reads only if there is another value than that of `known`, which then becomes its version.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::{", $name, ", Version};")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// let mut known = Version::NEVER;
            /// assert_eq!(lock.read_if_changed(&mut known), Some(5));
            /// assert_eq!(lock.read_if_changed(&mut known), None);
            /// ```
            #[inline]
            pub fn read_if_changed(&self, known: &mut $crate::lock::Version) -> Option<T>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::read_if_changed(self, known)
            }

            /// [`read_if_changed`](Self::read_if_changed) with one attempt: `None` if there is no newer value. Wait-free; after an
            /// error `known` is unchanged, so the next call tries again.
            ///
            /// # Errors
            #[doc = $fails]
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::{", $name, ", Version};")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// let mut known = Version::NEVER;
            /// let mut current = 0;
            /// // What a real-time thread does at each call: take the newer value, or keep the old one.
            /// if let Ok(Some(value)) = lock.try_read_if_changed(&mut known) {
            ///     current = value;
            /// }
            /// assert_eq!((current, lock.try_read_if_changed(&mut known)), (5, Ok(None)));
            /// ```
            #[inline]
            pub fn try_read_if_changed(&self, known: &mut $crate::lock::Version) -> Result<Option<T>, $crate::ReadError>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::try_read_if_changed(self, known)
            }

            /// A [`Writer`](crate::Writer) without asking: for interrupt handlers and start-up code that know they are alone,
            /// and the one way to write where the processor has no compare-and-swap (`thumbv6m`, `riscv32imc`).
            ///
            /// Neither takes the claim nor gives it back.
            ///
            /// # Safety
            /// While the `Writer` lives nobody else writes: no other `Writer`, no guard, no writing method of the lock. The end
            /// of the writer before happens-before this call.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" static LOCK: ", $name, "<u32> = ", $name, "::new(5);")]
            /// // SAFETY: nobody else writes.
            /// unsafe { LOCK.writer_unchecked() }.write(6);
            /// assert_eq!(LOCK.read(), 6);
            /// ```
            #[must_use]
            pub unsafe fn writer_unchecked(&self) -> $crate::lock::Writer<'_, T, Self>
            where
                T: $crate::SeqCopy,
            {
                // SAFETY: the same contract.
                unsafe { $crate::lock::Writer::unclaimed(self) }
            }

            /// The value, out of its lock.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" assert_eq!(", $name, "::new(5).into_inner(), 5);")]
            /// ```
            #[must_use]
            pub fn into_inner(self) -> T
            where
                T: $crate::SeqCopy,
            {
                // SAFETY: exclusively ours (I5).
                unsafe { $crate::lock::peek(&self) }
            }
        }

        // By the claim, and so by compare-and-swap.
        #[cfg(target_has_atomic = "8")]
        #[allow(clippy::needless_pass_by_value)] // a value that is written is given away
        impl<T, $($generics)*> $lock {
            /// Writes a value; waits for its turn among writers.
            ///
            /// Waits for ever if a [`Writer`](crate::Writer) or a guard was leaked, or belongs to the calling thread.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// lock.write(6);
            /// assert_eq!(lock.read(), 6);
            /// ```
            #[inline]
            #[doc(alias = "store")]
            #[doc(alias = "write_seqlock")]
            #[doc(alias = "write_seqcount_begin")]
            pub fn write(&self, value: T)
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::write(self, &value);
            }

            /// [`write`](Self::write) of a value that is left where it is: no copy on the way.
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

            /// Writes a value if no other writer is there. Wait-free.
            ///
            /// # Errors
            /// Gives the value back if it is not this writer's turn.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// assert_eq!(lock.try_write(6), Ok(()));
            /// let writer = lock.writer().unwrap();
            /// assert_eq!(lock.try_write(7), Err(7));
            /// ```
            pub fn try_write(&self, value: T) -> Result<(), T>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::try_write(self, value)
            }

            /// Writes a value and gives the one before. No write of another thread comes between.
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
                $crate::lock::update(self, |old| core::mem::replace(old, value))
            }

            /// Changes the value; no write of another thread comes between. Readers go on with the old value until `change`
            /// returns; if it panics, nothing happened. To call this lock's writing methods inside it is to wait for ever.
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

            /// Claims the write side: `None` if a [`Writer`](crate::Writer) or a guard has it. Waits for writes that are in progress.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let lock = ", $name, "::new(5);")]
            /// let writer = lock.writer().unwrap();
            /// assert!(lock.writer().is_none());
            /// drop(writer);
            /// assert!(lock.writer().is_some());
            /// ```
            #[must_use = "dropping the writer gives the write side back at once"]
            pub fn writer(&self) -> Option<$crate::lock::Writer<'_, T, Self>>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::Writer::claim(self)
            }

            /// [`writer`](Self::writer) for a lock in an `Arc`, which it keeps alive.
            ///
            /// ```
            #[doc = concat!(" # use {seqcopy::", $name, ", std::sync::Arc};")]
            #[doc = concat!(" let lock = Arc::new(", $name, "::new(5));")]
            #[doc = concat!(" let mut writer = ", $name, "::writer_arc(&lock).unwrap();")]
            /// writer.write(6);
            /// # assert_eq!(lock.read(), 6);
            /// ```
            #[cfg(feature = "alloc")]
            #[must_use = "dropping the writer gives the write side back at once"]
            pub fn writer_arc(lock: &alloc::sync::Arc<Self>) -> Option<$crate::lock::ArcWriter<T, Self>>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::ArcWriter::claim(lock)
            }

            /// Whether a [`Writer`](crate::Writer) or a guard has the write side. May be out of date when it returns.
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

        #[cfg(not(target_has_atomic = "8"))]
        $crate::lock::absent! { [$($generics)*] $lock }

        // SAFETY: the same contract, kept by the algorithm inside.
        unsafe impl<T: $crate::SeqCopy, $($generics)*> $crate::lock::Protocol<T> for $lock {
            const SPINS: bool = <$algorithm as $crate::lock::Protocol<T>>::SPINS;

            #[inline]
            fn claim(&self) -> &$crate::lock::Claim {
                $crate::lock::Protocol::claim(&self.lock)
            }

            #[inline]
            fn attempt_into(
                &self,
                buf: &mut core::mem::MaybeUninit<T>,
            ) -> Result<$crate::lock::Version, $crate::ReadError> {
                self.lock.attempt_into(buf)
            }

            #[inline]
            fn latest_version(&self) -> $crate::lock::Version {
                $crate::lock::Protocol::latest_version(&self.lock)
            }

            #[inline]
            unsafe fn peek_into(&self, buf: &mut core::mem::MaybeUninit<T>) {
                // SAFETY: the same contract.
                unsafe { self.lock.peek_into(buf) };
            }

            #[inline]
            unsafe fn publish(&self, value: &T) {
                // SAFETY: the same contract.
                unsafe { self.lock.publish(value) };
            }
        }

        impl<T: $crate::SeqCopy, $($generics)*> $crate::lock::Lock<T> for $lock {}

        impl<T: $crate::SeqCopy + core::fmt::Debug, $($generics)*> core::fmt::Debug for $lock {
            /// Shows the value, or why it can't be read just now: never waits.
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let mut lock = f.debug_struct($name);
                match self.try_read() {
                    Ok(value) => lock.field("data", &value).finish(),
                    Err(error) => lock.field("data", &error).finish(),
                }
            }
        }

        // Nothing panics in the middle of a write (I9), and a panic around one leaves the old value.
        impl<T, $($generics)*> core::panic::UnwindSafe for $lock {}
        impl<T, $($generics)*> core::panic::RefUnwindSafe for $lock {}
    };
}
pub(crate) use vocabulary;
