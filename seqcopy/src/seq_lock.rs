//! [`SeqLock`]: one copy, read optimistically.

use core::fmt;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use core::panic::{RefUnwindSafe, UnwindSafe};

#[cfg(feature = "alloc")]
use crate::lock::ArcWriter;
use crate::lock::{self, Attempt, Claim, Held, Hold, Protocol, SeqLockGuard, Version, Writer};
use crate::seq_count::SeqCount;
use crate::{Aligned8, AtomicPerByte, Parity, ReadError, SeqCopy, copy};

/// A sequence lock: readers copy the value and check afterwards that nobody wrote meanwhile.
///
/// Reading writes nothing, so any number of readers on any number of processors don't disturb each other or the
/// writer. Writers never wait for readers. The price: a reader that meets a write tries again, and under a writer that
/// never pauses it may do so for ever.
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
/// One that was current at some moment during the call, or, where the machine lets it, shortly before: never one older
/// than the last write that happens-before the call (by a join, a channel, a lock), and never one older than what the
/// same thread has read already. Whatever the writer did before the write happens-before the read's return, so pointers
/// in the payload may be followed.
///
/// # Progress
/// [`try_read`](Self::try_read) is wait-free. [`read`](Self::read) is blocked while a write is being copied in, which
/// takes as long as a copy takes, or as long as the writer is held up in the middle of one. **Real-time threads,
/// interrupt and signal handlers use `try_read`**: one that interrupts the writer on its own processor would wait for
/// ever in `read`. Writers take turns by one atomic byte; with a [`Writer`] there are no turns, and writes are wait-free.
///
/// # In place of the crate `seqlock`
/// `new`, `read`, `lock_write`, `try_lock_write`, `get_mut`, `into_inner`, `Default`, `From` and `Debug` are there by
/// the same names; the payload needs `#[derive(SeqCopy)]`. One difference: readers do not wait while a guard is held,
/// they see the old value until it is dropped.
///
/// # Panics
/// A closure that panics leaves the old value and an open lock.
#[repr(C)]
pub struct SeqLock<T> {
    /// Odd only while a value is copied in, by the holder of the claim (I5).
    count: SeqCount<Parity<u64>>,
    claim: Claim,
    /// At base 8, whatever the alignment of `T`. Written by `publish` only.
    value: AtomicPerByte<Aligned8<T>>,
}

impl<T> UnwindSafe for SeqLock<T> {}
// A panic in the middle of a write can't happen, and around one it leaves the old value.
impl<T> RefUnwindSafe for SeqLock<T> {}

// SAFETY: P21. The count accepts a read only if all loads saw the stores of one `publish`, or the constructor; I1 and I2
// hold for the cell; a `T` that was stored as a whole and loaded as a whole is that `T` (I7).
unsafe impl<T: SeqCopy> Protocol<T> for SeqLock<T> {
    #[inline]
    fn claim(&self) -> &Claim {
        &self.claim
    }

    #[inline]
    fn try_read_into(&self, room: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        let token = self.count.read_begin_owned()?;
        self.load_into(room);
        if self.count.read_end(token) { Ok(Version::of(token.word() >> 1)) } else { Err(ReadError::Torn) }
    }

    #[inline]
    fn version(&self) -> Version {
        // An odd word still belongs to the version before.
        Version::of(self.count.load() >> 1)
    }

    #[inline]
    unsafe fn peek_into(&self, room: &mut MaybeUninit<T>) {
        // Nobody publishes meanwhile, so the bits are the last value.
        self.load_into(room);
    }

    #[inline]
    unsafe fn publish(&self, value: &T) {
        let payload = || {
            // SAFETY: the cell is aligned and writable through its UnsafeCell; shared access follows the cut (I1). The
            // data of an `Aligned8<T>` is that of its `T` at offset 0, which lies at `value`.
            unsafe { copy::store::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.value.as_ptr()) };
        };
        // SAFETY: the claim is held by the caller (I5), and its release and acquire order one writer behind the other.
        unsafe { self.count.write(payload) };
    }
}

impl<T: SeqCopy> SeqLock<T> {
    /// Copies the bits, which may be a mix of several values.
    #[inline(always)]
    fn load_into(&self, room: &mut MaybeUninit<T>) {
        // SAFETY: the cell is aligned, readable and initialised (I2); shared access follows the cut (I1). The data of an
        // `Aligned8<T>` is that of its `T` at offset 0, for which `room` has place (I4).
        unsafe { copy::load::<Aligned8<T>>(self.value.as_ptr(), room.as_mut_ptr().cast()) };
    }

    /// A lock that holds `value`.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// static LOCK: SeqLock<u32> = SeqLock::new(5);
    /// assert_eq!(LOCK.read(), 5);
    /// ```
    pub const fn new(value: T) -> Self {
        SeqLock { count: SeqCount::new(0), claim: Claim::new(), value: AtomicPerByte::new(Aligned8(value)) }
    }

    /// Reads the value; tries until it is whole.
    ///
    /// After 64 failed attempts with a spin hint it yields to the scheduler between attempts (with feature `std`). It may
    /// starve under a writer that never pauses, and must not be called from a handler that may interrupt the writer.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).read(), 5);
    /// ```
    #[inline]
    pub fn read(&self) -> T {
        lock::read(self).0
    }

    /// One attempt at reading, wait-free.
    ///
    /// # Errors
    /// [`Busy`](ReadError::Busy) if a write is in progress, [`Torn`](ReadError::Torn) if one went on meanwhile.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).try_read(), Ok(5));
    /// ```
    #[inline]
    pub fn try_read(&self) -> Result<T, ReadError> {
        lock::try_read(self).map(|(value, _)| value)
    }

    /// Reads by a policy of the caller's, who is asked after each failure: spin, yield, sleep, count, give up.
    ///
    /// # Errors
    /// What the policy broke with.
    ///
    /// ```
    /// # use core::ops::ControlFlow;
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let mut retries = 0;
    /// let value = lock.read_with(|attempt| {
    ///     retries = attempt.number;
    ///     if attempt.number < 1000 { ControlFlow::Continue(()) } else { ControlFlow::Break("gave up") }
    /// });
    /// assert_eq!((value, retries), (Ok(5), 0));
    /// ```
    pub fn read_with<B>(&self, policy: impl FnMut(Attempt) -> ControlFlow<B>) -> Result<T, B> {
        lock::read_with(self, policy)
    }

    /// [`read`](Self::read) into memory of the caller's: for large values that should be copied once.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([5u8; 4096]);
    /// let mut room = MaybeUninit::uninit();
    /// assert_eq!(lock.read_into(&mut room)[4095], 5);
    /// ```
    #[inline]
    pub fn read_into<'a>(&self, room: &'a mut MaybeUninit<T>) -> &'a mut T {
        lock::read_into(self, room).0
    }

    /// [`try_read`](Self::try_read) into memory of the caller's.
    ///
    /// # Errors
    /// As for `try_read`; `room` then holds unspecified bytes.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::SeqLock;
    /// let mut room = MaybeUninit::uninit();
    /// assert_eq!(SeqLock::new(5).try_read_into(&mut room), Ok(&mut 5));
    /// ```
    #[inline]
    pub fn try_read_into<'a>(&self, room: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadError> {
        lock::try_read_into(self, room)
    }

    /// [`read`](Self::read), and which write the value comes from.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let (value, version) = lock.read_versioned();
    /// assert!(!lock.has_changed(version));
    /// # assert_eq!(value, 5);
    /// ```
    #[inline]
    pub fn read_versioned(&self) -> (T, Version) {
        lock::read(self)
    }

    /// The version of the value as it is. While a write is in progress it still is the old one.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// assert_eq!(lock.version(), lock.read_versioned().1);
    /// ```
    #[inline]
    #[must_use]
    pub fn version(&self) -> Version {
        Protocol::version(self)
    }

    /// Whether there is another value than that of `known`; true only once it is complete. One load.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let known = lock.version();
    /// lock.write(6);
    /// assert!(lock.has_changed(known));
    /// ```
    #[inline]
    #[must_use]
    pub fn has_changed(&self, known: Version) -> bool {
        self.version() != known
    }

    /// Reads only if there is another value than that of `known`, which then becomes its version.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// let lock = SeqLock::new(5);
    /// let mut known = Version::NEVER;
    /// assert_eq!(lock.read_if_changed(&mut known), Some(5));
    /// assert_eq!(lock.read_if_changed(&mut known), None);
    /// ```
    #[inline]
    pub fn read_if_changed(&self, known: &mut Version) -> Option<T> {
        lock::read_if_changed(self, known)
    }

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
        self.claim.is_held()
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
        self.guard(self.claim.take(Hold::Held))
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
        Some(self.guard(self.claim.try_take(Hold::Held)?))
    }

    fn guard(&self, held: Held<'_>) -> SeqLockGuard<'_, T> {
        // Given back by the guard's drop.
        core::mem::forget(held);
        // SAFETY: the claim is held, for this guard.
        unsafe { SeqLockGuard::new(self, Some(&self.claim)) }
    }

    /// A guard without a claim, since nobody else is there: `*lock.get_mut() = value` works as it does with a
    /// reference. It is not a reference, because a plain assignment to the lock's own bytes would leave some of them
    /// uninitialised (of a smaller variant of an enum, say).
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let mut lock = SeqLock::new(5);
    /// *lock.get_mut() += 1;
    /// assert_eq!(lock.read(), 6);
    /// ```
    pub fn get_mut(&mut self) -> SeqLockGuard<'_, T> {
        // SAFETY: exclusively borrowed.
        unsafe { SeqLockGuard::new(self, None) }
    }

    /// The value, out of its lock.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).into_inner(), 5);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> T {
        // SAFETY: exclusively ours.
        unsafe { lock::peek(&self) }
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

impl<T: SeqCopy + fmt::Debug> fmt::Debug for SeqLock<T> {
    /// Shows the value, or that it is being written: never waits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lock = f.debug_struct("SeqLock");
        match self.try_read() {
            Ok(value) => lock.field("data", &value).finish(),
            Err(error) => lock.field("data", &error).finish(),
        }
    }
}
