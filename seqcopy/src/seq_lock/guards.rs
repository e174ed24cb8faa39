//! The write side of a [`SeqLock`] by guards, as the crate `seqlock` has it.

use super::SeqLockGuard;
use crate::lock::{ClaimFor, ClaimGuard, Protocol};
use crate::{SeqCopy, SeqLock};

impl<T> SeqLock<T> {
    /// Claims the write side and gives a private copy of the value, to be published when the guard is dropped. Waits for
    /// other writers.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// *lock.lock_write() += 1;
    /// assert_eq!(lock.read(), 6);
    /// ```
    pub fn lock_write(&self) -> SeqLockGuard<'_, T>
    where
        T: SeqCopy,
    {
        self.guard(self.claim().acquire(ClaimFor::Guard))
    }

    /// [`lock_write`](Self::lock_write) if no other writer is there.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let guard = lock.try_lock_write().unwrap();
    /// assert!(lock.try_lock_write().is_none());
    /// ```
    pub fn try_lock_write(&self) -> Option<SeqLockGuard<'_, T>>
    where
        T: SeqCopy,
    {
        Some(self.guard(self.claim().try_acquire(ClaimFor::Guard)?))
    }

    fn guard(&self, claim: ClaimGuard<'_>) -> SeqLockGuard<'_, T>
    where
        T: SeqCopy,
    {
        // Given back by the guard's drop.
        core::mem::forget(claim);
        // SAFETY: the claim is claim, for this guard (I5).
        unsafe { SeqLockGuard::new(self, Some(self.claim())) }
    }
}
