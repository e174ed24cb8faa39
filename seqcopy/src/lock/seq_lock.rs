//! [`SeqLock`] has a single buffer, which is read optimistically. This file constructs it. Its methods are in
//! `methods`, its algorithm is in `algorithms.rs`. A [`SeqLockGuard`] is write access that looks like changing the
//! value in place.

use core::fmt;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use super::{ClaimFor, ClaimGuard};
use super::{Claimed, Held, SeqLockPolicy, Sequenced, SingleBuffer};
use crate::atomic_per_byte;
use crate::copy::BY_TABLE;
use crate::primitive::const_fn;
use crate::seq_copy::SeqCopy;

/// A sequence lock: readers copy the value, then check that no write overlapped the copy.
///
/// Readers write nothing to shared memory, so any number of them disturb neither each other nor the writer, and writers
/// never wait for readers. In return, a reader that overlaps a write retries, and may starve if the writer never
/// pauses.
///
/// ```
/// use seqcopy::{SeqCopy, SeqLock};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(C)]
/// struct Quote { symbol: u32, bid: f64, ask: f64, open: bool }
///
/// static QUOTE: SeqLock<Quote> = SeqLock::new(Quote { symbol: 1, bid: 0.0, ask: 0.0, open: false });
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| QUOTE.write(Quote { symbol: 1, bid: 9.5, ask: 9.6, open: true }));
///     let quote = QUOTE.read(); // all of one write
///     assert_eq!(quote.bid > 0.0, quote.open);
/// });
/// ```
///
/// # Which write does a read see?
/// One that was current at some moment during the call or, on weakly ordered hardware, slightly before: never one older
/// than the last write that happens-before the call (through a join, a channel or another lock), and never one older
/// than what the same thread has already read. Whatever the writer did before the write happens-before the return of
/// the read, so pointers in the payload may be followed.
///
/// # Progress
/// [`try_read`](Sequenced::try_read), [`try_read_versioned`](Sequenced::try_read_versioned),
/// [`try_read_if_changed`](Sequenced::try_read_if_changed) and [`try_read_into`](Sequenced::try_read_into) are
/// wait-free. [`read`](Sequenced::read) is blocked while a write is in progress: for the duration of a copy, or for as
/// long as the writer is stopped in the middle of one. **Real-time threads, interrupt and signal handlers use
/// `try_read`**: a handler that interrupts the writer on its own processor would wait forever in `read`.
///
/// Writers exclude each other by the write claim, one atomic byte, and block while another holds it. A
/// [`Writer`](crate::Writer) keeps the claim, and its writes are wait-free.
///
/// # In memory
/// The payload is at offset 0; the sequence word follows at the next multiple of 8, then the claim. A payload of up to
/// 56 bytes thus shares a cache line with its word if the lock starts on one, and a read touches one line. Large
/// payloads are copied fastest where the lock starts on a line. Adjacent locks may share a line, and a write to one
/// then slows readers of the other: wrap each in `CachePadded` (of the crate `crossbeam-utils`), which also aligns it
/// to a line.
///
/// # In place of the crate `seqlock`
/// `new`, `read`, `lock_write`, `try_lock_write`, `into_inner`, `Default` and `Debug` are used in the same way (`From`
/// is new). The differences: the payload needs `#[derive(SeqCopy)]`, and generic code the bound `T: Copy + SeqCopy`
/// instead of `T: Copy`. Readers do not wait while a guard is held; they see the old value until it is dropped. And
/// `get_mut` returns such a guard instead of a `&mut T`: `*lock.get_mut() = value` works unchanged, a function that
/// expects a `&mut T` is passed `&mut lock.get_mut()`, and a guard kept in a variable must be dropped before the lock
/// is read again.
///
/// # Panics
/// No method panics by itself. If the closure of [`update`](Sequenced::update) panics, the value is unchanged and the
/// write claim is released: there is no poisoning. A guard that a panic drops publishes its copy if it was changed;
/// `update` never does.
#[doc(alias = "seqlock_t")]
#[doc(alias = "seqcount_t")]
#[doc(alias = "AtomicCell")]
pub type SeqLock<T> = Sequenced<T, SeqLockPolicy>;

impl<T> SeqLock<T> {
    const_fn! {
    /// Creates a lock that holds `value`.
    ///
    /// Without optimisation this takes stack for two more `T`s, in addition to the argument and the result; and
    /// `Box::new(SeqLock::new(value))` for four in all. `SeqLock::boxed` takes none.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// static LOCK: SeqLock<u32> = SeqLock::new(5);
    /// assert_eq!(LOCK.read(), 5);
    /// ```
    pub const fn new(value: T) -> Self
    where
        T: SeqCopy,
    {
        let mut lock = MaybeUninit::<Self>::uninit();
        // SAFETY: the field of a local (P10 raw-place).
        let place = unsafe { &raw mut (*lock.as_mut_ptr()).algorithm };
        // SAFETY: a place in a local (I4 private).
        let payload = unsafe { SingleBuffer::init(place) };
        // SAFETY: the payload of that place. The data of an `Aligned8<T>` is that of its `T` at offset 0, and the
        // storage begins there (P9 layout: transparent).
        unsafe { atomic_per_byte::init(payload.cast::<T>(), &raw const value) };
        core::mem::forget(value);
        // SAFETY: all fields were written (I2 init), and a move keeps the data bytes of storage (P8 maybe-uninit, P25
        // enum-move).
        unsafe { lock.as_ptr().read() }
    }
    }
}

impl<T: SeqCopy + Default> Default for SeqLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: SeqCopy> From<T> for SeqLock<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// A private copy of a lock's value, published when the guard is dropped.
///
/// Dereferencing yields the copy, never the lock's own bytes, so readers see the old value until the drop, also on the
/// same thread. The copy is published only if it was dereferenced mutably; as with the crate `seqlock`, unwinding
/// publishes it, too. [`discard`](Self::discard) drops it unpublished, and [`SeqLock::update`] is all or nothing.
///
/// The guard holds the write claim. A forgotten guard holds it forever; the value is unchanged, and readers are
/// unaffected.
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
    /// The claim. A guard from a `&mut SeqLock` needs none and has `None`.
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

    /// Drops the guard without publishing its value. The lock keeps the old value.
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
        // SAFETY: `new` filled it with the last value (I7 checked), whose data moves along with the guard (P8
        // maybe-uninit).
        unsafe { self.value.assume_init_ref() }
    }
}

impl<T: SeqCopy> DerefMut for SeqLockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.changed = true;
        // SAFETY: `new` filled it with the last value (I7 checked), whose data moves along with the guard (P8
        // maybe-uninit).
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
                // SAFETY: read and validated when the guard was made (I7 checked), and not used again; a payload has no
                // drop glue (P20 bitwise).
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
    /// `*lock.get_mut() = value` works as with a reference, and in optimised builds does not load what it overwrites.
    /// It is not one, because a plain assignment to the lock's own bytes could leave some of them uninitialised, such
    /// as those beyond a smaller variant of an enum.
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
    /// Acquires the write claim and returns a guard over a private copy of the value, which is published when the guard
    /// is dropped. Blocks while another writer holds the claim, and deadlocks if the calling thread does.
    ///
    /// The copy costs time: of 4 KiB, `lock.lock_write()[7] += 1` takes 92 ns on a Zen 4 and
    /// [`update`](SeqLock::update) 86. A value that replaces the old one as a whole is best written by
    /// [`write_from`](SeqLock::write_from), which takes 50; `*lock.lock_write() = value` does not load the old one in
    /// optimised builds, but above 256 bytes still copies twice (94 ns).
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
