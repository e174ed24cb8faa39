//! [`SeqLock`]: a single buffer, read optimistically, and how one is made. Its methods are in `methods`, its algorithm in
//! `single_buffer.rs`.

use core::mem::MaybeUninit;

use super::{SeqLockPolicy, Sequenced, SingleBuffer};
use crate::atomic_per_byte;
use crate::primitive::const_fn;
use crate::seq_copy::SeqCopy;

/// A sequence lock: readers copy the value, then check that no write overlapped the copy.
///
/// Readers write nothing to shared memory, so any number of them disturb neither each other nor the writer, and writers never
/// wait for readers. In return, a reader that overlaps a write retries, and may starve if the writer never pauses.
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
/// One that was current at some moment during the call or, on weakly ordered hardware, slightly before: never one older than
/// the last write that happens-before the call (through a join, a channel or another lock), and never one older than what the
/// same thread has already read. Whatever the writer did before the write happens-before the return of the read, so pointers
/// in the payload may be followed.
///
/// # Progress
/// [`try_read`](Sequenced::try_read), [`try_read_versioned`](Sequenced::try_read_versioned), [`try_read_if_changed`](Sequenced::try_read_if_changed)
/// and [`try_read_into`](Sequenced::try_read_into) are wait-free. [`read`](Sequenced::read) is blocked while a write is in progress: for the
/// duration of a copy, or for as long as the writer is stopped in the middle of one. **Real-time threads, interrupt and signal
/// handlers use `try_read`**: a handler that interrupts the writer on its own processor would wait forever in `read`.
///
/// Writers exclude each other by the write claim, one atomic byte, and block while another holds it. A [`Writer`](crate::Writer)
/// keeps the claim, and its writes are wait-free.
///
/// # In memory
/// The payload is at offset 0; the sequence word follows at the next multiple of 8, then the claim. A payload of up to 56
/// bytes thus shares a cache line with its word if the lock starts on one, and a read touches one line. Large payloads are copied
/// fastest where the lock starts on a line. Adjacent locks may
/// share a line, and a write to one then slows readers of the other: wrap each in `CachePadded` (of the crate
/// `crossbeam-utils`), which also aligns it to a line.
///
/// # In place of the crate `seqlock`
/// `new`, `read`, `lock_write`, `try_lock_write`, `into_inner`, `Default` and `Debug` are used in the same way (`From` is new). The
/// differences: the payload needs `#[derive(SeqCopy)]`, and generic code the bound `T: Copy + SeqCopy` instead of `T: Copy`.
/// Readers do not wait while a guard is held; they see the old value until it is dropped. And `get_mut` returns such a guard
/// instead of a `&mut T`: `*lock.get_mut() = value` works unchanged, a function that expects a `&mut T` is passed
/// `&mut lock.get_mut()`, and a guard kept in a variable must be dropped before the lock is read again.
///
/// # Panics
/// No method panics by itself. If the closure of [`update`](Sequenced::update) panics, the value is unchanged and the write claim is
/// released: there is no poisoning. A guard that a panic drops publishes its copy if it was changed; `update` never does.
#[doc(alias = "seqlock_t")]
#[doc(alias = "seqcount_t")]
#[doc(alias = "AtomicCell")]
pub type SeqLock<T> = Sequenced<T, SeqLockPolicy>;

impl<T> SeqLock<T> {
    const_fn! {
    /// Creates a lock that holds `value`.
    ///
    /// Without optimisation this takes stack for two more `T`s, in addition to the argument and the result; and `Box::new(SeqLock::new(value))` for
    /// four in all. `SeqLock::boxed` takes none.
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
        // SAFETY: the payload of that place. The data of an `Aligned8<T>` is that of its `T` at offset 0, and the storage begins there (P9
        // layout: transparent).
        unsafe { atomic_per_byte::init(payload.cast::<T>(), &raw const value) };
        core::mem::forget(value);
        // SAFETY: all fields were written (I2 init), and a move keeps the data bytes of storage (P8 maybe-uninit, P25 enum-move).
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
