//! [`SeqLockGuard`]: write access that looks like changing the value in place.

use core::fmt;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

use crate::lock::{Claim, copied, publish_value};
use crate::{SeqCopy, SeqLock};

/// A private copy of a lock's value, published when the guard is dropped.
///
/// Dereferencing yields the copy, never the lock's own bytes, so readers see the old value until the drop, also on the same
/// thread. The copy is published only if it was dereferenced mutably; as with the crate `seqlock`, unwinding publishes it,
/// too. [`discard`](Self::discard) drops it unpublished, and [`SeqLock::update`] is all or nothing.
///
/// The guard holds the write claim. A forgotten guard holds it forever; the value is unchanged, and readers are unaffected.
///
/// ```
/// use seqcopy::SeqLock;
///
/// let lock = SeqLock::new(5);
/// {
///     let mut guard = lock.lock_write();
///     *guard += 1;
///     assert_eq!(*guard, 6);
///     assert_eq!(lock.read(), 5); // readers don't wait for guards
/// }
/// assert_eq!(lock.read(), 6);
/// ```
#[must_use = "dropping a guard publishes its value at once"]
pub struct SeqLockGuard<'a, T: SeqCopy> {
    lock: &'a SeqLock<T>,
    /// The claim to release on drop; `None` if the guard comes from a `&mut SeqLock`, which needs none.
    claim: Option<&'a Claim>,
    value: ManuallyDrop<T>,
    changed: bool,
}

impl<'a, T: SeqCopy> SeqLockGuard<'a, T> {
    /// # Safety
    /// `claim` is held for this guard, or it is `None` and the lock is exclusively borrowed for `'a`.
    #[inline]
    pub(crate) unsafe fn new(lock: &'a SeqLock<T>, claim: Option<&'a Claim>) -> Self {
        // SAFETY: this function's contract.
        let value = ManuallyDrop::new(unsafe { copied(lock) });
        SeqLockGuard { lock, claim, value, changed: false }
    }

    /// Drops the guard without publishing its value: that of the lock is unchanged.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let mut guard = lock.lock_write();
    /// *guard = 6;
    /// guard.discard();
    /// assert_eq!(lock.read(), 5);
    /// ```
    pub fn discard(mut self) {
        self.changed = false;
    }
}

impl<T: SeqCopy> Deref for SeqLockGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: SeqCopy> DerefMut for SeqLockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.changed = true;
        &mut self.value
    }
}

impl<T: SeqCopy> Drop for SeqLockGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.changed {
            // A local, so that the compiler sees that the rest of the guard is passed to no function.
            // SAFETY: not used again; a payload has no drop glue (P20 bitwise).
            let value = unsafe { ManuallyDrop::take(&mut self.value) };
            // SAFETY: the claim is held, or the lock is exclusively borrowed (I5 one-writer; `new`).
            unsafe { publish_value(self.lock, &value) };
        }
        if let Some(claim) = self.claim {
            claim.release();
        }
    }
}

impl<T: SeqCopy + fmt::Debug> fmt::Debug for SeqLockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SeqLockGuard").field(&**self).finish()
    }
}

impl<T: SeqCopy + fmt::Display> fmt::Display for SeqLockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
