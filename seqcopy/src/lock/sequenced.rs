//! [`Sequenced`] is the one type behind `SeqLock` and `SeqLatch`. They differ in its policy.
//!
//! A policy chooses an algorithm (`algorithms.rs`). Every read and write of a value enters it at one place, the
//! implementation of [`Protocol`] below, which also chooses the copy: straight-line code, or a table in builds without
//! optimisation.

use core::fmt;
use core::mem::MaybeUninit;
use core::panic::{RefUnwindSafe, UnwindSafe};

#[allow(unused_imports)] // in builds that copy by a table
use super::Payload;
use super::{Algorithm, Claimed, Latch, Lock, Protocol, SingleBuffer, Unoptimised, Version};
use crate::atomic_per_byte::{Aligned8, AtomicPerByte, SendToReaders};
use crate::copy::if_by_table;
use crate::seq_copy::SeqCopy;
use crate::seq_count::ReadError;

/// The storage of a value in every lock. Its accesses assume an alignment of 8, even if `T` has less.
type Storage<T> = AtomicPerByte<Aligned8<T>>;

pub(super) mod sealed {
    use super::{Algorithm, Storage, Unoptimised};

    /// The choices of a [`Policy`](super::Policy). Other crates can't name this trait, so they can't implement it.
    pub trait Policy {
        /// The name of the lock, for `Debug`.
        const LOCK: &'static str;
        type Algorithm<T>: Algorithm<Buffer = Storage<T>> + Unoptimised<T>;
        /// Constructs everything except for the first value, and returns the place of that value.
        ///
        /// # Safety
        /// `place` is aligned and writable for an algorithm, by this thread alone.
        #[cfg(feature = "alloc")]
        unsafe fn init<T>(place: *mut Self::Algorithm<T>) -> *mut Storage<T>;
    }
}

/// How a [`Sequenced`] value is read and published: as [`SeqLock`](crate::SeqLock) or as [`SeqLatch`](crate::SeqLatch).
/// Sealed.
///
/// The bound of code that leaves the choice of the lock to its caller: see [`Sequenced`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the policy of a lock",
    label = "not a policy",
    note = "`seqcopy::SeqLock<T>` is a `Sequenced<T, SeqLockPolicy>`, and `seqcopy::SeqLatch<T, BUFFERS>` a `Sequenced<T, SeqLatchPolicy<BUFFERS>>`; in code that is generic over both, add the bound `seqcopy::Policy`"
)]
pub trait Policy: sealed::Policy {}

/// The policy of a [`SeqLock`](crate::SeqLock): one buffer.
///
/// ```
/// use seqcopy::{SeqLock, SeqLockPolicy, Sequenced};
///
/// let lock: Sequenced<u32, SeqLockPolicy> = SeqLock::new(5);
/// assert_eq!(lock.read(), 5);
/// ```
#[derive(Debug)]
pub enum SeqLockPolicy {}

/// The policy of a [`SeqLatch`](crate::SeqLatch): several buffers.
///
/// ```
/// use seqcopy::{SeqLatch, SeqLatchPolicy, Sequenced};
///
/// let latch: Sequenced<u32, SeqLatchPolicy<2>> = SeqLatch::new(5);
/// assert_eq!(latch.read(), 5);
/// ```
#[derive(Debug)]
pub enum SeqLatchPolicy<const BUFFERS: usize> {}

impl Policy for SeqLockPolicy {}
impl<const BUFFERS: usize> Policy for SeqLatchPolicy<BUFFERS> {}

impl sealed::Policy for SeqLockPolicy {
    const LOCK: &'static str = "SeqLock";
    type Algorithm<T> = SingleBuffer<Storage<T>>;

    #[cfg(feature = "alloc")]
    unsafe fn init<T>(place: *mut Self::Algorithm<T>) -> *mut Storage<T> {
        same_contract!(SingleBuffer::init(place))
    }
}

impl<const BUFFERS: usize> sealed::Policy for SeqLatchPolicy<BUFFERS> {
    const LOCK: &'static str = "SeqLatch";
    type Algorithm<T> = Latch<Storage<T>, BUFFERS>;

    #[cfg(feature = "alloc")]
    unsafe fn init<T>(place: *mut Self::Algorithm<T>) -> *mut Storage<T> {
        // SAFETY: storage may be zeros (P8 maybe-uninit); the rest is this function's contract.
        unsafe { Latch::init(place) }
    }
}

/// A value under a sequence protocol: a [`SeqLock`](crate::SeqLock) or a [`SeqLatch`](crate::SeqLatch), by its policy.
///
/// ```
/// use seqcopy::{Policy, SeqLatch, SeqLock, Sequenced};
///
/// fn next<P: Policy>(lock: &Sequenced<u64, P>) -> u64 {
///     lock.update(|count| *count += 1);
///     lock.read()
/// }
/// assert_eq!(next(&SeqLock::new(0)), 1);
/// assert_eq!(next(&SeqLatch::<_, 4>::from_value(0)), 1);
/// ```
#[repr(transparent)]
pub struct Sequenced<T, P: Policy> {
    pub(crate) algorithm: P::Algorithm<T>,
}

// Implemented for the lock itself, so that error messages name `T` and the lock, and generic code needs no bounds on
// the types between them.
// SAFETY: the algorithms are `Send` under the same condition, as the compiler checks below (I1 partition).
unsafe impl<T: Send, P: Policy> Send for Sequenced<T, P> {}
// SAFETY: the algorithms are `Sync` under the same condition, as the compiler checks below (I1 partition).
/// `SendToReaders` is implemented for all types that are `Send`, and for no others.
unsafe impl<T: SendToReaders, P: Policy> Sync for Sequenced<T, P> {}

#[allow(dead_code)] // compiled, not called
fn algorithms_are_send_and_sync<'a, T: Send, const BUFFERS: usize>(
    lock: &'a Sequenced<T, SeqLockPolicy>,
    latch: &'a Sequenced<T, SeqLatchPolicy<BUFFERS>>,
) -> (&'a (impl Send + Sync), &'a (impl Send + Sync)) {
    (&lock.algorithm, &latch.algorithm)
}

// SAFETY: a field, which nothing else uses (R2 one-protocol).
unsafe impl<T, P: Policy> Lock for Sequenced<T, P> {
    type Algorithm = P::Algorithm<T>;

    #[inline(always)]
    fn algorithm(&self) -> &P::Algorithm<T> {
        &self.algorithm
    }
}

// SAFETY: the algorithm upholds the contract, in unoptimised builds too.
unsafe impl<T: SeqCopy, P: Policy> Protocol<T> for Sequenced<T, P> {
    #[inline]
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        if_by_table!({ self.algorithm.attempt_unoptimised(buf) } else { self.algorithm.attempt_with(|from| Payload::load_payload(from, buf)) })
    }

    #[inline]
    fn attempt_by_value(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        if_by_table!({ self.algorithm.attempt_unoptimised(buf) } else { self.algorithm.attempt_with(|from| Payload::load_payload_by_value(from, buf)) })
    }

    #[inline]
    fn publish(lock: Claimed<'_, Self>, value: &T) {
        if_by_table!({ P::Algorithm::publish_unoptimised(lock.algorithm(), value) } else { P::Algorithm::publish_with(lock.algorithm(), |to| Payload::store_payload(to, value)) });
    }

    #[inline]
    fn publish_by_value(lock: Claimed<'_, Self>, value: &T) {
        if_by_table!({ P::Algorithm::publish_unoptimised(lock.algorithm(), value) } else { P::Algorithm::publish_with(lock.algorithm(), |to| Payload::store_payload_by_value(to, value)) });
    }
}

impl<T: SeqCopy + fmt::Debug, P: Policy> fmt::Debug for Sequenced<T, P> {
    /// Shows the value, or why it could not be read. One attempt, so it never blocks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lock = f.debug_struct(P::LOCK);
        match self.try_read() {
            Ok(value) => lock.field("data", &value).finish(),
            Err(error) => lock.field("data", &error).finish(),
        }
    }
}

// Nothing panics between the steps of a write (I9 no-panic), and a panic before one leaves the old value.
impl<T, P: Policy> UnwindSafe for Sequenced<T, P> {}
impl<T, P: Policy> RefUnwindSafe for Sequenced<T, P> {}
