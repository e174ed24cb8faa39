//! Write access to a [`SeqLock`] by guards, as in the crate `seqlock`.

use super::SeqLockGuard;
use crate::lock::{ClaimFor, ClaimGuard, Protocol};
use crate::{SeqCopy, SeqLock};

impl<T> SeqLock<T> {
    /// Acquires the write claim and returns a guard over a private copy of the value, which is published when the guard is
    /// dropped. Blocks while another writer holds the claim, and deadlocks if the calling thread does.
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

    /// [`lock_write`](Self::lock_write), or `None` if another writer holds the write claim. Wait-free.
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
        // Released by the guard's `Drop`.
        core::mem::forget(claim);
        // SAFETY: the claim is held, for this guard (I5 one-writer).
        unsafe { SeqLockGuard::new(self, Some(self.claim())) }
    }
}
