//! [`Writer`]: exclusive write access to a lock.

#![allow(clippy::needless_pass_by_value)] // a written value is consumed by the call

use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;

use super::{Lock, Version, peek, publish_value, update_claimed};
use crate::{SeqLatch, SeqLock};

/// Exclusive write access to a lock: holds the write claim, and writes without waiting and without a read-modify-write
/// instruction.
///
/// Dropping it releases the claim. While it exists, the lock's own `write`, `update` and `replace` block, so calling them on the
/// thread that holds the `Writer` deadlocks. A leaked `Writer` holds the claim forever; readers are unaffected.
///
/// It can be sent to another thread (if `T: Send`) but not shared. For several writing threads, put it behind any mutex.
///
/// All methods are wait-free; `update` calls your closure. What readers see is described at [`SeqLock`](crate::SeqLock).
///
/// ```
/// use seqcopy::SeqLock;
///
/// static LEVEL: SeqLock<u32> = SeqLock::new(0);
///
/// let mut writer = LEVEL.writer().expect("the only writer");
/// writer.write(7);
/// assert!(LEVEL.writer().is_none());
/// assert_eq!(LEVEL.read(), 7);
/// ```
pub struct Writer<'a, T, L: Lock<T> = SeqLock<T>> {
    lock: &'a L,
    /// Whether to release the claim on drop.
    claimed: bool,
    /// `Send` but not `Sync`: writes are not synchronised, so only one thread may make them at a time.
    one_thread: PhantomData<Cell<T>>,
}

/// The [`Writer`] of a [`SeqLatch`].
///
/// ```
/// use seqcopy::{LatchWriter, SeqLatch};
///
/// static LEVEL: SeqLatch<u32, 4> = SeqLatch::from_value(0);
///
/// struct Sensor { level: LatchWriter<'static, u32, 4> }
///
/// let mut sensor = Sensor { level: LEVEL.writer().expect("the only writer") };
/// sensor.level.write(7);
/// assert_eq!(LEVEL.read(), 7);
/// ```
pub type LatchWriter<'a, T, const BUFFERS: usize = 2> = Writer<'a, T, SeqLatch<T, BUFFERS>>;

impl<'a, T, L: Lock<T>> Writer<'a, T, L> {
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    pub(crate) fn claim(lock: &'a L) -> Option<Self> {
        // Released by this type's own `Drop`.
        core::mem::forget(lock.claim().try_acquire_guard()?);
        Some(Writer { lock, claimed: true, one_thread: PhantomData })
    }

    /// Takes the claim over, whatever was leaked before.
    pub(crate) fn exclusive(lock: &'a mut L) -> Self {
        lock.claim().take_over();
        Writer { lock, claimed: true, one_thread: PhantomData }
    }

    /// # Safety
    /// There is no other writer while this one exists, and the end of the previous one happens-before this call.
    pub(crate) const unsafe fn unclaimed(lock: &'a L) -> Self {
        Writer { lock, claimed: false, one_thread: PhantomData }
    }

    /// Publishes a value.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(1);
    /// lock.writer().expect("the only writer").write(2);
    /// assert_eq!(lock.read(), 2);
    /// ```
    #[inline]
    pub fn write(&mut self, value: T) {
        // SAFETY: as in `write_from` (I5 one-writer).
        unsafe { publish_value(self.lock, &value) };
    }

    /// Publishes a value by reference: copies straight from `value`, without moving it first.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([0u8; 4096]);
    /// lock.writer().expect("the only writer").write_from(&[1; 4096]);
    /// assert_eq!(lock.read()[0], 1);
    /// ```
    #[inline]
    pub fn write_from(&mut self, value: &T) {
        // SAFETY: this is the only writer, by the claim or by the promise made to `unclaimed` (I5 one-writer).
        unsafe { self.lock.publish(value) };
    }

    /// Publishes a value and returns the previous one.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(1);
    /// assert_eq!(lock.writer().expect("the only writer").replace(2), 1);
    /// ```
    #[inline]
    pub fn replace(&mut self, value: T) -> T {
        let old = self.read();
        self.write(value);
        old
    }

    /// Calls `change` on a copy of the value, publishes the copy and returns the result. Readers see the old value until
    /// `change` has returned; if it panics, the value is unchanged.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([1, 2]);
    /// lock.writer().expect("the only writer").update(|pair| pair[1] = 3);
    /// assert_eq!(lock.read(), [1, 3]);
    /// ```
    #[inline]
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: this is the only writer, by the claim or by the promise made to `unclaimed` (I5 one-writer).
        unsafe { update_claimed(self.lock, change) }
    }

    /// The value published last. Never retries, because there is no other writer.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(1).writer().expect("the only writer").read(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn read(&self) -> T {
        // SAFETY: this is the only writer, by the claim or by the promise made to `unclaimed` (I5 one-writer).
        unsafe { peek(self.lock) }
    }

    /// The version of the value published last.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(1);
    /// assert_eq!(lock.writer().expect("the only writer").version(), lock.version());
    /// ```
    #[must_use]
    pub fn version(&self) -> Version {
        self.lock.latest_version()
    }

    /// The lock.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(1);
    /// assert_eq!(lock.writer().expect("the only writer").lock().read(), 1);
    /// ```
    #[must_use]
    pub fn lock(&self) -> &'a L {
        self.lock
    }
}

impl<T, L: Lock<T>> Drop for Writer<'_, T, L> {
    fn drop(&mut self) {
        if self.claimed {
            self.lock.claim().release();
        }
    }
}

impl<T, L: Lock<T>> fmt::Debug for Writer<'_, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("version", &self.version().to_bits()).finish_non_exhaustive()
    }
}
