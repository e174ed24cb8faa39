//! [`SeqLockGuard`]: write access that looks like changing the value in place.

use core::fmt;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use super::{ClaimFor, ClaimGuard};
use super::{Claimed, Held, SeqLock};
use crate::copy::BY_TABLE;
use crate::seq_copy::SeqCopy;

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
    /// The claim; `None` if the guard comes from a `&mut SeqLock`, which needs none.
    _claim: Option<Held<&'a SeqLock<T>>>,
    /// Always initialised, and never dropped: a payload has no drop glue (P20 bitwise).
    value: MaybeUninit<T>,
    changed: bool,
}

impl<'a, T: SeqCopy> SeqLockGuard<'a, T> {
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[inline]
    pub(super) fn new(lock: &'a SeqLock<T>, claim: ClaimGuard<'a, SeqLock<T>>) -> Self {
        let mut value = MaybeUninit::uninit();
        claim.claimed().copy_into(&mut value);
        SeqLockGuard { lock, _claim: Some(claim.into_held()), value, changed: false }
    }

    #[inline]
    pub(super) fn exclusive(lock: &'a mut SeqLock<T>) -> Self {
        let mut value = MaybeUninit::uninit();
        Claimed::exclusive(lock).copy_into(&mut value);
        SeqLockGuard { lock, _claim: None, value, changed: false }
    }

    #[inline(always)]
    fn claimed(&self) -> Claimed<'_, SeqLock<T>> {
        // SAFETY: the claim is held, or the lock was exclusively borrowed for `'a` (I5 one-writer).
        unsafe { Claimed::new(self.lock) }
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
        // SAFETY: `new` filled it with the last value (I7 checked), whose data moves along with the guard (P8 maybe-uninit).
        unsafe { self.value.assume_init_ref() }
    }
}

impl<T: SeqCopy> DerefMut for SeqLockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.changed = true;
        // SAFETY: `new` filled it with the last value (I7 checked), whose data moves along with the guard (P8 maybe-uninit).
        unsafe { self.value.assume_init_mut() }
    }
}

impl<T: SeqCopy> Drop for SeqLockGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.changed {
            if BY_TABLE {
                // Without optimisation every move of the value is a copy.
                self.claimed().publish(&**self);
            } else {
                // A local, so that the compiler sees that the rest of the guard is passed to no function.
                // SAFETY: read and validated when the guard was made (I7 checked), and not used again; a payload has no drop glue (P20 bitwise).
                let value = unsafe { self.value.assume_init_read() };
                self.claimed().publish_value(&value);
            }
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
