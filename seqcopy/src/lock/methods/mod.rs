//! The methods of [`SeqLock`](crate::SeqLock) and [`SeqLatch`](crate::SeqLatch), written once.
//!
//! They are inherent, so that callers need no trait in scope and find them on the type's page; hence macros. Each method
//! forwards to a function of [`lock`](super).

mod part;
mod read;
mod split;
mod write;

pub(crate) use part::part_methods;
pub(crate) use read::read_methods;
pub(crate) use split::split_methods;
pub(crate) use write::write_methods;

/// Gives a lock its methods and the trait impls that both locks share. `$name` is its name in the examples; `$read` describes
/// how `read` waits, `$fails` when an attempt fails.
macro_rules! methods {
    ($name:literal, [$($generics:tt)*] $lock:ty, algorithm: $algorithm:ty, read: $read:literal, fails: $fails:literal) => {
        $crate::lock::read_methods! { $name, [$($generics)*] $lock, read: $read, fails: $fails }

        $crate::lock::write_methods! { $name, [$($generics)*] $lock }

        $crate::lock::split_methods! { $name, [$($generics)*] $lock }

        // SAFETY: the same contract; the algorithm inside upholds it.
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
                $crate::copy::if_by_table!({
                    $crate::lock::Unoptimised::attempt_unoptimised(&self.lock, buf)
                } else {
                    self.lock.attempt_into(buf)
                })
            }

            #[inline]
            fn attempt_value(
                &self,
                buf: &mut core::mem::MaybeUninit<T>,
            ) -> Result<$crate::lock::Version, $crate::ReadError> {
                $crate::copy::if_by_table!({
                    $crate::lock::Unoptimised::attempt_unoptimised(&self.lock, buf)
                } else {
                    self.lock.attempt_value(buf)
                })
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
            unsafe fn copy_into(&self, buf: &mut core::mem::MaybeUninit<T>) {
                // SAFETY: the same contract.
                unsafe { self.lock.copy_into(buf) };
            }

            #[inline]
            unsafe fn publish(&self, value: &T) {
                $crate::copy::if_by_table!({
                    // SAFETY: the same contract.
                    unsafe { $crate::lock::Unoptimised::publish_unoptimised(&self.lock, value) }
                } else {
                    // SAFETY: the same contract.
                    unsafe { self.lock.publish(value) }
                })
            }

            #[inline]
            unsafe fn publish_by_value(&self, value: &T) {
                $crate::copy::if_by_table!({
                    // SAFETY: the same contract.
                    unsafe { $crate::lock::Unoptimised::publish_unoptimised(&self.lock, value) }
                } else {
                    // SAFETY: the same contract.
                    unsafe { self.lock.publish_by_value(value) }
                })
            }
        }

        impl<T: $crate::SeqCopy, $($generics)*> $crate::lock::Lock<T> for $lock {}

        impl<T: $crate::SeqCopy + core::fmt::Debug, $($generics)*> core::fmt::Debug for $lock {
            /// Shows the value, or why it could not be read. One attempt, so it never blocks.
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let mut lock = f.debug_struct($name);
                match self.try_read() {
                    Ok(value) => lock.field("data", &value).finish(),
                    Err(error) => lock.field("data", &error).finish(),
                }
            }
        }

        // Nothing panics between the steps of a write (I9 no-panic), and a panic before one leaves the old value.
        impl<T, $($generics)*> core::panic::UnwindSafe for $lock {}
        impl<T, $($generics)*> core::panic::RefUnwindSafe for $lock {}
    };
}
pub(crate) use methods;
