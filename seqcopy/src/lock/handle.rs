//! [`Handle`]: how a [`Writer`](super::Writer) has its lock.

use core::ops::Deref;

/// How a [`Writer`](super::Writer) has its lock: `&L`, or something that keeps the lock alive, or something that notifies others of writes.
///
/// # Safety
/// It dereferences to the same lock each time (I5 one-writer), which stays where it is while this exists, wherever this is moved to
/// (I10 handle).
#[allow(unreachable_pub)] // in the interface of handles, but not nameable
pub unsafe trait Handle: Deref {
    /// Called after each write.
    #[inline(always)]
    fn written(&self) {}
}

// SAFETY: a reference is to one lock, which it borrows (I10 handle).
unsafe impl<L> Handle for &L {}
