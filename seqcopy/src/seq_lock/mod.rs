//! [`SeqLock`]: one copy, read optimistically. Its methods stand in `lock/vocabulary.rs`, those that only it has here and
//! in `guards`, its algorithm in `lock/single_buffer.rs`.

mod guard;
#[cfg(target_has_atomic = "8")]
mod guards;

pub use guard::SeqLockGuard;

use crate::lock::{SingleBuffer, vocabulary};
use crate::primitive::const_fn;
use crate::{Aligned8, AtomicPerByte, SeqCopy};

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
/// One that was current at some moment during the call, or, on weakly ordered hardware, slightly before: never one older
/// than the last write that happens-before the call (by a join, a channel, a lock), and never one older than what the
/// same thread has read already. Whatever the writer did before the write happens-before the read's return, so pointers
/// in the payload may be followed.
///
/// # Progress
/// [`try_read`](Self::try_read), [`try_read_versioned`](Self::try_read_versioned), [`try_read_if_changed`](Self::try_read_if_changed)
/// and [`try_read_into`](Self::try_read_into) are wait-free. [`read`](Self::read) is blocked while a write is being copied in, which
/// takes as long as a copy takes, or as long as the writer is held up in the middle of one. **Real-time threads,
/// interrupt and signal handlers use `try_read`**: one that interrupts the writer on its own processor would wait for
/// ever in `read`. Writers take turns by one atomic byte; with a [`Writer`](crate::Writer) there are no turns, and writes are wait-free.
///
/// # In memory
/// The word at offset 0, the claim at 8, the payload from 16 on, aligned to 8 or as `T` is. So a payload of up to 48 bytes
/// shares a cache line with its word, if the lock begins on one, and a read costs one line. Locks that lie side by side share
/// lines, and a write to one then slows readers of the other: put each into a `CachePadded` (of the crate
/// `crossbeam-utils`), which also makes it begin on a line.
///
/// # In place of the crate `seqlock`
/// `new`, `read`, `lock_write`, `try_lock_write`, `into_inner`, `Default` and `Debug` are there by the same names (`From` is
/// new). What differs: the payload needs `#[derive(SeqCopy)]`, and generic code the bound `T: SeqCopy` in place of `T: Copy`.
/// Readers do not wait while a guard is held, they see the old value until it is dropped. And `get_mut` gives such a guard as
/// well, where the peer gives a `&mut T`: `*lock.get_mut() = value` is the same, a function that wants `&mut T` gets
/// `&mut lock.get_mut()`, and a guard that is kept must end before the lock is read again.
///
/// # Panics
/// A closure that panics leaves the old value and an open lock.
#[doc(alias = "seqlock_t")]
#[doc(alias = "seqcount_t")]
#[doc(alias = "AtomicCell")]
#[repr(C)]
pub struct SeqLock<T> {
    /// The payload at base 8, whatever the alignment of `T`.
    lock: SingleBuffer<AtomicPerByte<Aligned8<T>>>,
}

vocabulary! {
    "SeqLock", [] SeqLock<T>,
    algorithm: SingleBuffer<AtomicPerByte<Aligned8<T>>>,
    read: "After 64 failed attempts with a spin hint it yields to the scheduler between attempts (with feature `std`). It may\nstarve under a writer that never pauses, and must not be called from a handler that may interrupt the writer.",
    fails: "[`Busy`](crate::ReadError::Busy) if a write is in progress, [`Torn`](crate::ReadError::Torn) if one went on\nmeanwhile."
}

#[cfg(not(target_has_atomic = "8"))]
crate::lock::absent! { @ [] SeqLock<T>:
    lock_write(&self) -> SeqLockGuard<'_, T>;
    try_lock_write(&self) -> Option<SeqLockGuard<'_, T>>;
}

impl<T> SeqLock<T> {
    const_fn! {
    /// A lock that holds `value`.
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
        SeqLock { lock: SingleBuffer::new(AtomicPerByte::new(Aligned8(value))) }
    }
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
    pub fn get_mut(&mut self) -> SeqLockGuard<'_, T>
    where
        T: SeqCopy,
    {
        // SAFETY: exclusively borrowed (I5).
        unsafe { SeqLockGuard::new(self, None) }
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
