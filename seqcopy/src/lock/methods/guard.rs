//! The methods of [`SeqLock`] that make guards, as in the crate `seqlock`.

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use super::super::{ClaimFor, ClaimGuard};
use super::super::{SeqLock, SeqLockGuard};
use crate::SeqCopy;

impl<T> SeqLock<T> {
    /// A guard that needs no claim, since the lock is exclusively borrowed. Never blocks.
    ///
    /// `*lock.get_mut() = value` works as with a reference, and in optimised builds does not load what it overwrites. It is not one, because a plain assignment to the lock's own bytes
    /// could leave some of them uninitialised, such as those beyond a smaller variant of an enum.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let mut lock = SeqLock::new(5);
    /// *lock.get_mut() += 1;
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[inline]
    pub fn get_mut(&mut self) -> SeqLockGuard<'_, T>
    where
        T: SeqCopy,
    {
        SeqLockGuard::exclusive(self)
    }
}

// These acquire the write claim, which takes a compare-and-swap.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
impl<T> SeqLock<T> {
    /// Acquires the write claim and returns a guard over a private copy of the value, which is published when the guard is
    /// dropped. Blocks while another writer holds the claim, and deadlocks if the calling thread does.
    ///
    /// The copy costs time: of 4 KiB, `lock.lock_write()[7] += 1` takes 92 ns on a Zen 4 and [`update`](SeqLock::update) 86. A value
    /// that replaces the old one as a whole is best written by [`write_from`](SeqLock::write_from), which takes 50;
    /// `*lock.lock_write() = value` does not load the old one in optimised builds, but above 256 bytes still copies twice (94 ns).
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// *lock.lock_write() += 1;
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[inline]
    pub fn lock_write(&self) -> SeqLockGuard<'_, T>
    where
        T: SeqCopy,
    {
        SeqLockGuard::new(self, ClaimGuard::acquire(self, ClaimFor::Guard))
    }

    /// [`lock_write`](Self::lock_write), or `None` if another writer holds the write claim. Wait-free.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let guard = lock.try_lock_write().unwrap();
    /// assert!(lock.try_lock_write().is_none());
    /// ```
    #[inline]
    pub fn try_lock_write(&self) -> Option<SeqLockGuard<'_, T>>
    where
        T: SeqCopy,
    {
        Some(SeqLockGuard::new(self, ClaimGuard::try_acquire(self, ClaimFor::Guard)?))
    }
}
