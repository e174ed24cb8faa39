//! [`Handle`]: how a [`Writer`](super::Writer) holds its lock: by reference, in an `Arc` ([`ArcField`]), or with a wake-up.

use core::ops::Deref;

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub(crate) use arc::ArcField;

/// How a [`Writer`](super::Writer) has its lock: `&L`, or something that keeps the lock alive, or something that notifies others of writes.
///
/// # Safety
/// A handle dereferences to the same lock each time (I5 one-writer), which stays where it is while this exists, wherever this is moved to
/// (I10 handle).
#[allow(unreachable_pub)] // in the interface of handles, but not nameable
pub unsafe trait Handle: Deref {
    /// Called after each write.
    #[inline(always)]
    fn written(&self) {}
}

// SAFETY: a reference is to one lock, which it borrows (I10 handle).
unsafe impl<L> Handle for &L {}

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
mod arc {
    use alloc::sync::Arc;
    use core::marker::PhantomData;
    use core::ops::Deref;
    use core::ptr::NonNull;

    use super::Handle;

    /// A lock in an `Arc`, or in a field of what is there, which this keeps alive.
    ///
    /// I10 handle: the closure that chose the lock returned a reference that may live as long as a borrow of the `S` could. So the lock is in
    /// what `owner` keeps alive, which nothing moves, drops or mutably borrows while this exists; or it lives forever; or it lives as long as a
    /// lifetime that `S` names, as the `'x` of `fn(&'x ())`, and then this type must go on naming that one.
    #[allow(unreachable_pub)] // in the interface of handles, but not nameable
    #[allow(missing_debug_implementations)]
    pub struct ArcField<S, L> {
        owner: Arc<S>,
        lock: NonNull<L>,
        /// Invariant: of a covariant `S`, `fn(&'x ())` could become `fn(&'static ())`, and this outlive the lock.
        same_owner: PhantomData<fn(S) -> S>,
    }

    // SAFETY: it gives out `&L` and `&Arc<S>`, and may drop the `S` (I10 handle).
    unsafe impl<S, L: Sync> Send for ArcField<S, L> where Arc<S>: Send {}
    // SAFETY: it gives out `&L` and `&Arc<S>` (I10 handle).
    unsafe impl<S, L: Sync> Sync for ArcField<S, L> where Arc<S>: Sync {}

    impl<S, L> ArcField<S, L> {
        /// The lock is found once: what `field` returns another time may be another lock.
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
            // SAFETY: the reference that `field` returned is still valid, since `owner` and the lifetimes in its type are (I10 handle).
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
