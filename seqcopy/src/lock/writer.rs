//! A [`Writer`] is exclusive write access to a lock. A [`Handle`] is how it holds the lock: by reference, in an `Arc`
//! ([`ArcField`](arc::ArcField)), or with a wake-up.

#![allow(clippy::needless_pass_by_value)] // a written value is consumed by the call

use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use super::ClaimGuard;
use super::{Algorithm, Claimed, Held, Lock, Policy, SeqLatch, SeqLock, Sequenced, Version};
use crate::seq_copy::SeqCopy;
use crate::validity::Part;

/// Exclusive write access to a lock: holds the write claim, and writes without waiting and without a read-modify-write
/// instruction.
///
/// Dropping it releases the claim. While it exists, the lock's own `write`, `update` and `replace` block, so calling
/// them on the thread that holds the `Writer` deadlocks. A leaked `Writer` holds the claim forever; readers are
/// unaffected.
///
/// A writer can be sent to another thread (if `T: Send`) but not shared. For several writing threads, put it behind any
/// mutex.
///
/// All methods are wait-free; `update` calls your closure. What readers see is described at
/// [`SeqLock`](crate::SeqLock).
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
///
/// # Naming the type
/// `Writer<'_, T>` writes a [`SeqLock<T>`](crate::SeqLock), and `Writer<'_, T, SeqLatch<T>>` a
/// [`SeqLatch`](crate::SeqLatch). `H` says how the writer keeps its lock: it is `&L` here, and another type for an
/// [`ArcWriter`](crate::ArcWriter) or the writer of a `Watched`.
///
/// ```
/// use seqcopy::{SeqLatch, Writer};
///
/// static LEVEL: SeqLatch<u32, 4> = SeqLatch::from_value(0);
///
/// struct Sensor { level: Writer<'static, u32, SeqLatch<u32, 4>> }
///
/// let mut sensor = Sensor { level: LEVEL.writer().expect("the only writer") };
/// sensor.level.write(7);
/// assert_eq!(LEVEL.read(), 7);
/// ```
pub struct Writer<'a, T, L = SeqLock<T>, H = &'a L> {
    /// The claim, or `None` for `writer_unchecked`. Declared before `lock`, because it must be dropped first.
    _claim: Option<Held<H>>,
    lock: H,
    /// `Send` but not `Sync`: writes are not synchronised, so only one thread may make them at a time.
    one_thread: PhantomData<Cell<T>>,
    of: PhantomData<(&'a (), L)>,
}

/// The [`Writer`] of a [`SeqLatch`].
#[doc(hidden)]
pub type LatchWriter<'a, T, const BUFFERS: usize = 2> = Writer<'a, T, SeqLatch<T, BUFFERS>>;

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
impl<T, L: Lock, H: Handle<Target = L>> Writer<'_, T, L, H> {
    pub(crate) fn claim(lock: H) -> Option<Self> {
        let guard = ClaimGuard::try_acquire_guard(&*lock)?;
        // SAFETY: this one, which is dropped after the claim (I5 one-writer).
        let claim = Some(unsafe { guard.into_held().kept_by() });
        Some(Writer { _claim: claim, lock, one_thread: PhantomData, of: PhantomData })
    }
}

impl<'a, T, L: Lock> Writer<'a, T, L> {
    /// Takes over the claim, even if another writer was leaked.
    pub(super) fn exclusive(lock: &'a mut L) -> Self {
        lock.algorithm().claim().take_over();
        // SAFETY: taken over: what was leaked does not release it (I5 one-writer).
        let claim = Some(unsafe { Held::new(lock) });
        Writer { _claim: claim, lock, one_thread: PhantomData, of: PhantomData }
    }

    /// # Safety
    /// There is no other writer while this one exists, and the end of the previous one happens-before this call.
    pub(super) const unsafe fn unclaimed(lock: &'a L) -> Self {
        Writer { _claim: None, lock, one_thread: PhantomData, of: PhantomData }
    }
}

impl<'a, T, L> Writer<'a, T, L> {
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

impl<T, L, H: Handle<Target = L>> Writer<'_, T, L, H> {
    #[inline(always)]
    pub(super) fn claimed(&self) -> Claimed<'_, L> {
        // SAFETY: this is the only writer, by the claim or by the promise made to `unclaimed`, and not shared between
        // threads. A `Handle` gives the same lock each time (I5 one-writer).
        unsafe { Claimed::new(&self.lock) }
    }
}

impl<T: SeqCopy, P: Policy, H: Handle<Target = Sequenced<T, P>>> Writer<'_, T, Sequenced<T, P>, H> {
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
        self.claimed().publish_value(&value);
        self.lock.written();
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
        self.claimed().publish(value);
        self.lock.written();
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

    /// Calls `change` on a copy of the value, publishes the copy and returns the result. Readers see the old value
    /// until `change` has returned; if it panics, the value is unchanged.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([1, 2]);
    /// lock.writer().expect("the only writer").update(|pair| pair[1] = 3);
    /// assert_eq!(lock.read(), [1, 3]);
    /// ```
    #[inline]
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = self.claimed().update(change);
        self.lock.written();
        result
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
        self.claimed().peek()
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
        self.lock.algorithm.latest_version()
    }

    /// Writes one field; the others stay as they are. Readers see all of the value before or all of the value after,
    /// with a version of its own, as for any write. Wait-free.
    ///
    /// In a [`SeqLock`](crate::SeqLock) only the bytes of the field are stored, and words that it shares with its
    /// neighbours. In a [`SeqLatch`](crate::SeqLatch) the whole value is copied to the next buffer, as by `update`.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, part};
    /// let lock = SeqLock::new((1, 0.0));
    /// let mut writer = lock.writer().expect("the only writer");
    /// writer.write_part(part!((u32, f64), 1), 0.5);
    /// assert_eq!(writer.read(), (1, 0.5));
    /// ```
    #[inline]
    pub fn write_part<F>(&mut self, part: Part<T, F>, value: F) {
        self.claimed().publish_part(part, &value);
        self.lock.written();
    }

    /// Calls `change` on a copy of one field, publishes it as [`write_part`](Self::write_part) does, and returns the
    /// result. If it panics, nothing is changed. Wait-free but for `change`.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, part};
    /// let lock = SeqLock::new((1, 0.0));
    /// let mut writer = lock.writer().expect("the only writer");
    /// writer.update_part(part!((u32, f64), 0), |count| *count += 1);
    /// assert_eq!(writer.read(), (2, 0.0));
    /// ```
    #[inline]
    pub fn update_part<F, R>(&mut self, part: Part<T, F>, change: impl FnOnce(&mut F) -> R) -> R {
        let result = self.claimed().update_part(part, change);
        self.lock.written();
        result
    }

    /// One field of the value published last. Never retries, because there is no other writer.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, part};
    /// let lock = SeqLock::new((1, 0.0));
    /// let mut writer = lock.writer().expect("the only writer");
    /// assert_eq!(writer.read_part(part!((u32, f64), 0)), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn read_part<F>(&self, part: Part<T, F>) -> F {
        self.claimed().peek_part(part)
    }
}

impl<T: SeqCopy, P: Policy, H: Handle<Target = Sequenced<T, P>>> fmt::Debug for Writer<'_, T, Sequenced<T, P>, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("version", &self.version().to_bits()).finish_non_exhaustive()
    }
}

/// How a [`Writer`] has its lock: `&L`, or something that keeps the lock alive, or something that notifies others of
/// writes.
///
/// # Safety
/// A handle dereferences to the same lock each time (I5 one-writer), which stays where it is while this exists,
/// wherever this is moved to (I10 handle).
#[allow(unreachable_pub)] // in the interface of handles, but not nameable
pub unsafe trait Handle: Deref {
    /// Called after each write.
    #[inline(always)]
    fn written(&self) {}
}

// SAFETY: a reference is to one lock, which it borrows (I10 handle).
unsafe impl<L> Handle for &L {}

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub(super) mod arc {
    use alloc::sync::Arc;
    use core::marker::PhantomData;
    use core::ops::Deref;
    use core::ptr::NonNull;

    use super::super::SeqLock;
    use super::{Handle, Writer};

    /// A [`Writer`](crate::Writer) that keeps its lock alive: the lock is in an `Arc`, or a field of an `S` in an
    /// `Arc`.
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
    pub type ArcWriter<T, L = SeqLock<T>, S = L> = Writer<'static, T, L, ArcField<S, L>>;

    impl<T, L, S> ArcWriter<T, L, S> {
        /// The lock.
        ///
        /// ```
        /// # use {seqcopy::SeqLock, std::sync::Arc};
        /// let lock = Arc::new(SeqLock::new(1));
        /// assert_eq!(SeqLock::writer_arc(&lock).expect("the only writer").lock().read(), 1);
        /// ```
        #[must_use]
        pub fn lock(&self) -> &L {
            &self.lock
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

    /// A lock in an `Arc`, or in a field of what is there, which this keeps alive.
    ///
    /// I10 handle: the closure that chose the lock returned a reference that may live as long as a borrow of the `S`
    /// could. So the lock is in what `owner` keeps alive, which nothing moves, drops or mutably borrows while this
    /// exists; or it lives forever; or it lives as long as a lifetime that `S` names, as the `'x` of `fn(&'x ())`, and
    /// then this type must go on naming that one.
    #[allow(unreachable_pub)] // in the interface of handles, but not nameable
    #[allow(missing_debug_implementations)]
    pub struct ArcField<S, L> {
        owner: Arc<S>,
        lock: NonNull<L>,
        /// Invariant in `S`. If it were covariant, `fn(&'x ())` could become `fn(&'static ())`, and this handle could
        /// outlive the lock.
        same_owner: PhantomData<fn(S) -> S>,
    }

    // SAFETY: it gives out `&L` and `&Arc<S>`, and may drop the `S` (I10 handle).
    unsafe impl<S, L: Sync> Send for ArcField<S, L> where Arc<S>: Send {}
    // SAFETY: it gives out `&L` and `&Arc<S>` (I10 handle).
    unsafe impl<S, L: Sync> Sync for ArcField<S, L> where Arc<S>: Sync {}

    impl<S, L> ArcField<S, L> {
        /// Calls `field` once, because a second call could return another lock.
        pub(in crate::lock) fn new(owner: &Arc<S>, field: impl FnOnce(&S) -> &L) -> Self {
            ArcField { owner: Arc::clone(owner), lock: NonNull::from(field(owner)), same_owner: PhantomData }
        }

        pub(in crate::lock) fn owner(&self) -> &Arc<S> {
            &self.owner
        }
    }

    impl<S, L> Deref for ArcField<S, L> {
        type Target = L;

        #[inline]
        fn deref(&self) -> &L {
            // SAFETY: the reference that `field` returned is still valid, since `owner` and the lifetimes in its type
            // are (I10 handle).
            unsafe { self.lock.as_ref() }
        }
    }

    // SAFETY: as for `deref`: the one lock that `new` found, which moving an `Arc` does not move (I10 handle).
    unsafe impl<S, L> Handle for ArcField<S, L> {}

    impl<S, L> Clone for ArcField<S, L> {
        fn clone(&self) -> Self {
            ArcField { owner: Arc::clone(&self.owner), lock: self.lock, same_owner: PhantomData }
        }
    }
}
