//! [`ArcWriter`]: a [`Writer`](crate::Writer) that keeps its lock alive.

#![allow(clippy::needless_pass_by_value)] // a written value is consumed by the call

use alloc::sync::Arc;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;

use super::arc_field::ArcField;
use super::{Lock, Version, peek, publish_value, update_claimed};
use crate::SeqLock;

/// A [`Writer`](crate::Writer) that keeps its lock alive: the lock is in an `Arc`, or a field of an `S` in an `Arc`.
///
/// ```
/// use std::sync::Arc;
/// use seqcopy::{ArcWriter, SeqLatch, SeqLock};
///
/// let lock = Arc::new(SeqLock::new(0));
/// let mut writer = SeqLock::writer_arc(&lock).expect("the only writer");
/// std::thread::spawn(move || writer.write(7)).join().unwrap();
/// assert_eq!(lock.read(), 7);
///
/// struct Shared { name: String, level: SeqLatch<f32>, peak: SeqLatch<f32> }
///
/// /// Owns the right to write the level of what it shares.
/// struct Meter { level: ArcWriter<f32, SeqLatch<f32>, Shared> }
///
/// let shared = Arc::new(Shared { name: "left".into(), level: SeqLatch::new(0.0), peak: SeqLatch::new(0.0) });
/// let mut meter = Meter { level: SeqLatch::writer_of_field(&shared, |shared| &shared.level).expect("the only writer") };
/// meter.level.write(0.5);
/// assert_eq!((shared.level.read(), meter.level.owner().name.as_str()), (0.5, "left"));
/// ```
pub struct ArcWriter<T, L: Lock<T> = SeqLock<T>, S = L> {
    /// Its claim is held.
    lock: ArcField<S, L>,
    /// `Send` but not `Sync`: writes are not synchronised, so only one thread may make them at a time.
    one_thread: PhantomData<Cell<T>>,
}

impl<T, L: Lock<T>, S> ArcWriter<T, L, S> {
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    pub(crate) fn claim(owner: &Arc<S>, field: impl FnOnce(&S) -> &L) -> Option<Self> {
        let lock = ArcField::new(owner, field);
        // Released by this type's own `Drop`.
        core::mem::forget(lock.lock().claim().try_acquire_guard()?);
        Some(ArcWriter { lock, one_thread: PhantomData })
    }

    /// [`Writer::write`](crate::Writer::write).
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// SeqLock::writer_arc(&lock).expect("the only writer").write(2);
    /// assert_eq!(lock.read(), 2);
    /// ```
    #[inline]
    pub fn write(&mut self, value: T) {
        // SAFETY: as in `write_from` (I5 one-writer).
        unsafe { publish_value(self.lock.lock(), &value) };
    }

    /// [`Writer::write_from`](crate::Writer::write_from).
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// SeqLock::writer_arc(&lock).expect("the only writer").write_from(&2);
    /// assert_eq!(lock.read(), 2);
    /// ```
    #[inline]
    pub fn write_from(&mut self, value: &T) {
        // SAFETY: this type holds the claim (I5 one-writer).
        unsafe { self.lock.lock().publish(value) };
    }

    /// [`Writer::replace`](crate::Writer::replace).
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// assert_eq!(SeqLock::writer_arc(&lock).expect("the only writer").replace(2), 1);
    /// ```
    #[inline]
    pub fn replace(&mut self, value: T) -> T {
        let old = self.read();
        self.write(value);
        old
    }

    /// [`Writer::update`](crate::Writer::update).
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// SeqLock::writer_arc(&lock).expect("the only writer").update(|n| *n += 1);
    /// assert_eq!(lock.read(), 2);
    /// ```
    #[inline]
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: this type holds the claim (I5 one-writer).
        unsafe { update_claimed(self.lock.lock(), change) }
    }

    /// [`Writer::read`](crate::Writer::read).
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// assert_eq!(SeqLock::writer_arc(&lock).expect("the only writer").read(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn read(&self) -> T {
        // SAFETY: this type holds the claim (I5 one-writer).
        unsafe { peek(self.lock.lock()) }
    }

    /// [`Writer::version`](crate::Writer::version).
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// assert_eq!(SeqLock::writer_arc(&lock).expect("the only writer").version(), lock.version());
    /// ```
    #[must_use]
    pub fn version(&self) -> Version {
        self.lock.lock().latest_version()
    }

    /// The lock.
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// assert_eq!(SeqLock::writer_arc(&lock).expect("the only writer").lock().read(), 1);
    /// ```
    #[must_use]
    pub fn lock(&self) -> &L {
        self.lock.lock()
    }

    /// The `Arc`.
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// assert!(Arc::ptr_eq(SeqLock::writer_arc(&lock).expect("the only writer").owner(), &lock));
    /// ```
    #[must_use]
    pub fn owner(&self) -> &Arc<S> {
        self.lock.owner()
    }
}

impl<T, L: Lock<T>, S> Drop for ArcWriter<T, L, S> {
    fn drop(&mut self) {
        self.lock.lock().claim().release();
    }
}

impl<T, L: Lock<T>, S> fmt::Debug for ArcWriter<T, L, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArcWriter").field("version", &self.version().to_bits()).finish_non_exhaustive()
    }
}
