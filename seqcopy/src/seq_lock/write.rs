//! How a [`SeqLock`] is written, and how its write side is claimed.

#![allow(clippy::needless_pass_by_value)] // a value that is written is given away

#[cfg(feature = "alloc")]
use crate::lock::ArcWriter;
use crate::lock::{self, Held, Hold, Protocol, SeqLockGuard, Writer};
use crate::{SeqCopy, SeqLock};

impl<T: SeqCopy> SeqLock<T> {
    /// Writes a value; waits for its turn among writers.
    ///
    /// Waits for ever if a [`Writer`] or a guard was leaked, or belongs to the calling thread.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// lock.write(6);
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[inline]
    pub fn write(&self, value: T) {
        lock::write(self, &value);
    }

    /// [`write`](Self::write) of a value that is left where it is: no copy on the way.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([0u8; 4096]);
    /// lock.write_from(&[1; 4096]);
    /// assert_eq!(lock.read()[0], 1);
    /// ```
    #[inline]
    pub fn write_from(&self, value: &T) {
        lock::write(self, value);
    }

    /// Writes a value if no other writer is there. Wait-free.
    ///
    /// # Errors
    /// Gives the value back if it is not this writer's turn.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// assert_eq!(lock.try_write(6), Ok(()));
    /// let guard = lock.lock_write();
    /// assert_eq!(lock.try_write(7), Err(7));
    /// ```
    pub fn try_write(&self, value: T) -> Result<(), T> {
        lock::try_write(self, value)
    }

    /// Writes a value and gives the one before. No write of another thread comes between.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).replace(6), 5);
    /// ```
    #[inline]
    pub fn replace(&self, value: T) -> T {
        lock::update(self, |old| core::mem::replace(old, value))
    }

    /// Changes the value; no write of another thread comes between. Readers go on with the old value until `change`
    /// returns; if it panics, nothing happened. To call this lock's writing methods inside it is to wait for ever.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let hits = SeqLock::new((0u32, 0u64));
    /// let before = hits.update(|hits| { hits.1 += 10; hits.0 });
    /// assert_eq!((before, hits.read()), (0, (0, 10)));
    /// ```
    #[inline]
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        lock::update(self, change)
    }

    /// Claims the write side: `None` if a [`Writer`] or a guard has it. Waits for writes that are in progress.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let writer = lock.writer().unwrap();
    /// assert!(lock.writer().is_none());
    /// drop(writer);
    /// assert!(lock.writer().is_some());
    /// ```
    #[must_use = "dropping the writer gives the write side back at once"]
    pub fn writer(&self) -> Option<Writer<'_, T>> {
        Writer::claim(self)
    }

    /// [`writer`](Self::writer) for a lock in an `Arc`, which it keeps alive.
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(5));
    /// let mut writer = SeqLock::writer_arc(&lock).unwrap();
    /// writer.write(6);
    /// # assert_eq!(lock.read(), 6);
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use = "dropping the writer gives the write side back at once"]
    pub fn writer_arc(lock: &alloc::sync::Arc<Self>) -> Option<ArcWriter<T>> {
        ArcWriter::claim(lock)
    }

    /// A [`Writer`] without asking: for interrupt handlers and start-up code that know they are alone.
    ///
    /// Neither takes the claim nor gives it back.
    ///
    /// # Safety
    /// While the `Writer` lives nobody else writes: no other `Writer`, no guard, no writing method of the lock. The end
    /// of the writer before happens-before this call.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// static LOCK: SeqLock<u32> = SeqLock::new(5);
    /// // SAFETY: nobody else writes.
    /// unsafe { LOCK.writer_unchecked() }.write(6);
    /// assert_eq!(LOCK.read(), 6);
    /// ```
    #[must_use]
    pub unsafe fn writer_unchecked(&self) -> Writer<'_, T> {
        // SAFETY: the same contract.
        unsafe { Writer::unclaimed(self) }
    }

    /// Whether a [`Writer`] or a guard has the write side. May be out of date when it returns.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// assert!(!lock.has_writer());
    /// ```
    #[must_use]
    pub fn has_writer(&self) -> bool {
        self.claim().is_held()
    }

    /// Claims the write side and gives a private copy of the value, to be published when the guard is dropped. Waits for
    /// other writers.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// *lock.lock_write() += 1;
    /// assert_eq!(lock.read(), 6);
    /// ```
    pub fn lock_write(&self) -> SeqLockGuard<'_, T> {
        self.guard(self.claim().take(Hold::Held))
    }

    /// [`lock_write`](Self::lock_write) if no other writer is there.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let guard = lock.try_lock_write().unwrap();
    /// assert!(lock.try_lock_write().is_none());
    /// ```
    pub fn try_lock_write(&self) -> Option<SeqLockGuard<'_, T>> {
        Some(self.guard(self.claim().try_take(Hold::Held)?))
    }

    fn guard(&self, held: Held<'_>) -> SeqLockGuard<'_, T> {
        // Given back by the guard's drop.
        core::mem::forget(held);
        // SAFETY: the claim is held, for this guard (I5).
        unsafe { SeqLockGuard::new(self, Some(self.claim())) }
    }
}
