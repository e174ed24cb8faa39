//! [`ArcField`]: a lock that is a field of something in an `Arc`.

use alloc::sync::Arc;
use core::ops::Deref;
use core::ptr::NonNull;

use super::Handle;

/// A lock in an `Arc`, or in a field of what is there, which this keeps alive.
///
/// `lock` points into `owner`, or to something that lives forever, and stays valid: nothing moves, drops or mutably borrows what is in
/// the `Arc` while this exists.
#[allow(unreachable_pub)] // in the interface of handles, but not nameable
#[allow(missing_debug_implementations)]
pub struct ArcField<S, L> {
    owner: Arc<S>,
    lock: NonNull<L>,
}

// SAFETY: it gives out `&L` and `&Arc<S>`, and may drop the `S` (P18 shared-ref).
unsafe impl<S, L: Sync> Send for ArcField<S, L> where Arc<S>: Send {}
// SAFETY: it gives out `&L` and `&Arc<S>` (P18 shared-ref).
unsafe impl<S, L: Sync> Sync for ArcField<S, L> where Arc<S>: Sync {}

impl<S, L> ArcField<S, L> {
    /// The lock is found once: what `field` returns another time may be another lock.
    pub(super) fn new(owner: &Arc<S>, field: impl FnOnce(&S) -> &L) -> Self {
        ArcField { owner: Arc::clone(owner), lock: NonNull::from(field(owner)) }
    }

    pub(super) fn owner(&self) -> &Arc<S> {
        &self.owner
    }
}

impl<S, L> Deref for ArcField<S, L> {
    type Target = L;

    #[inline]
    fn deref(&self) -> &L {
        // SAFETY: `field` returned a reference that may live as long as a borrow of the `S`, to which the `Arc` held here lends no
        // `&mut`, and which it keeps where it is (P18 shared-ref).
        unsafe { self.lock.as_ref() }
    }
}

// SAFETY: as for `deref`: the one lock that `new` found, which moving an `Arc` does not move (P18 shared-ref).
unsafe impl<S, L> Handle for ArcField<S, L> {}

impl<S, L> Clone for ArcField<S, L> {
    fn clone(&self) -> Self {
        ArcField { owner: Arc::clone(&self.owner), lock: self.lock }
    }
}
