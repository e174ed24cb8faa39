//! The methods that write. Each acquires the write claim, for one write or for a [`Writer`], and then publishes through
//! a [`Claimed`](super::super::Claimed) lock.

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
use alloc::sync::Arc;
use core::mem::MaybeUninit;

use super::super::{Algorithm, ClaimFor, ClaimGuard, Policy, Protocol, Sequenced, Writer};
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
use super::super::{ArcField, ArcWriter};
use crate::copy::in_place::SeparateBuf;
use crate::copy::{BY_TABLE, LARGE};
use crate::seq_copy::SeqCopy;

#[allow(clippy::needless_pass_by_value)] // a written value is consumed by the call
impl<T, P: Policy> Sequenced<T, P> {
    /// Writes a value. Blocks while another writer holds the write claim: it spins 64 times, then yields between
    /// attempts (with feature `std`). Readers never block it.
    ///
    /// **A call that never returns:** it waits for as long as a [`Writer`](crate::Writer) or a guard exists. If the
    /// calling thread holds it, or if it was leaked, that is forever: write through the `Writer`, or call
    /// [`try_write`](Self::try_write), which returns.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// lock.write(6);
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[inline]
    #[doc(alias = "store")]
    #[doc(alias = "set")]
    #[doc(alias = "publish")]
    #[doc(alias = "write_seqlock")]
    #[doc(alias = "write_seqcount_begin")]
    pub fn write(&self, value: T)
    where
        T: SeqCopy,
    {
        write_value(self, &value);
    }

    /// [`write`](Self::write) by reference: copies straight from `value`, without moving it first.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([0u8; 4096]);
    /// lock.write_from(&[1; 4096]);
    /// assert_eq!(lock.read()[0], 1);
    /// ```
    #[inline]
    pub fn write_from(&self, value: &T)
    where
        T: SeqCopy,
    {
        write(self, value);
    }

    /// Writes a value unless another writer holds the write claim. Wait-free.
    ///
    /// # Errors
    /// Returns the value if another writer holds the claim.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// assert_eq!(lock.try_write(6), Ok(()));
    /// let writer = lock.writer().expect("the only writer");
    /// assert_eq!(lock.try_write(7), Err(7));
    /// ```
    #[inline]
    pub fn try_write(&self, value: T) -> Result<(), T>
    where
        T: SeqCopy,
    {
        try_write(self, value)
    }

    /// Writes a value and returns the previous one, atomically with respect to other writers. Blocks as
    /// [`write`](Self::write) does.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).replace(6), 5);
    /// ```
    #[inline]
    #[doc(alias = "swap")]
    pub fn replace(&self, value: T) -> T
    where
        T: SeqCopy,
    {
        replace(self, &value)
    }

    /// Calls `change` on a copy of the value, publishes the copy and returns the result; atomic with respect to other
    /// writers. Blocks as [`write`](Self::write) does.
    ///
    /// Readers see the old value until `change` has returned. If it panics, the value is unchanged. Calling a writing
    /// method of this lock from inside `change` deadlocks; reading is fine.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let hits = SeqLock::new((0u32, 0u64));
    /// let before = hits.update(|hits| { hits.1 += 10; hits.0 });
    /// assert_eq!((before, hits.read()), (0, (0, 10)));
    /// ```
    #[inline]
    #[doc(alias = "fetch_update")]
    #[doc(alias = "fetch_add")]
    #[doc(alias = "compare_exchange")]
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: SeqCopy,
    {
        update(self, change)
    }

    /// Acquires the write claim for as long as the [`Writer`](crate::Writer) exists. Waits for a `write` or `update` in
    /// progress, but returns `None` if another `Writer` or a guard holds the claim. Say so where you unwrap it, as in
    /// `expect("the only writer")`: the panic of `unwrap` names no reason.
    ///
    /// Where several threads write, share the lock and call [`write`](Self::write) or [`update`](Self::update), or put
    /// the `Writer` into a mutex. A `Writer` borrows the lock: for a thread that is not scoped, put the lock into a
    /// `static`, or into an `Arc` and call `writer_arc`.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let writer = lock.writer().expect("the only writer");
    /// assert!(lock.writer().is_none());
    /// drop(writer);
    /// assert!(lock.writer().is_some());
    /// ```
    #[must_use = "dropping the writer releases the write claim at once"]
    pub fn writer(&self) -> Option<Writer<'_, T, Self>>
    where
        T: SeqCopy,
    {
        Writer::claim(self)
    }

    /// [`writer`](Self::writer) of a lock in an `Arc`, which the writer keeps alive.
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(5));
    /// let mut writer = SeqLock::writer_arc(&lock).expect("the only writer");
    /// writer.write(6);
    /// # assert_eq!(lock.read(), 6);
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "8"))]
    #[must_use = "dropping the writer releases the write claim at once"]
    pub fn writer_arc(lock: &Arc<Self>) -> Option<ArcWriter<T, Self>>
    where
        T: SeqCopy,
    {
        ArcWriter::claim(ArcField::new(lock, |lock| lock))
    }

    /// Whether a [`Writer`](crate::Writer) or a guard holds the write claim. The answer may be outdated on return.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// assert!(!lock.has_writer());
    /// ```
    #[must_use]
    pub fn has_writer(&self) -> bool
    where
        T: SeqCopy,
    {
        self.algorithm.claim().has_guard()
    }
}

/// Writes a value that the caller has by reference. The copy is made straight from there.
#[inline]
pub(crate) fn write<T, L: Protocol<T>>(lock: &L, value: &T) {
    ClaimGuard::acquire(lock, ClaimFor::OneWrite).claimed().publish(value);
}

/// Writes a value that was passed to the caller by value: see
/// [`Claimed::publish_value`](super::super::Claimed::publish_value).
#[inline]
fn write_value<T, L: Protocol<T>>(lock: &L, value: &T) {
    #[inline(never)]
    fn large<T, L: Protocol<T>>(lock: &L, value: &T) {
        write(lock, value);
    }
    /// The whole write again, for when another writer holds the claim. It gets a copy of the value in a
    /// [`SeparateBuf`], so that the common path has no value to keep in registers across a call.
    #[cold]
    #[inline(never)]
    fn waiting<T, L: Protocol<T>>(lock: &L, value: &T) {
        write(lock, value);
    }
    if BY_TABLE {
        return write(lock, value);
    }
    if size_of::<T>() >= LARGE {
        return large(lock, value);
    }
    let Some(guard) = ClaimGuard::try_acquire(lock, ClaimFor::OneWrite) else {
        let mut separate = SeparateBuf::uninit();
        // SAFETY: a value of a lock may exist twice (P20 bitwise).
        separate.buf.write(unsafe { core::ptr::from_ref(value).read() });
        // SAFETY: just written (P8 maybe-uninit).
        return waiting(lock, unsafe { separate.buf.assume_init_ref() });
    };
    guard.claimed().publish_by_value(value);
}

#[inline]
pub(crate) fn try_write<T, L: Protocol<T>>(lock: &L, value: T) -> Result<(), T> {
    let Some(guard) = ClaimGuard::try_acquire(lock, ClaimFor::OneWrite) else { return Err(value) };
    guard.claimed().publish_value(&value);
    Ok(())
}

#[inline]
fn replace<T, L: Protocol<T>>(lock: &L, value: &T) -> T {
    /// Out of line, so that neither value is copied: `old` is the place of the caller's result, and `value` the
    /// caller's own value.
    #[inline(never)]
    fn large<T, L: Protocol<T>>(lock: &L, value: &T, old: &mut MaybeUninit<T>) {
        let guard = ClaimGuard::acquire(lock, ClaimFor::OneWrite);
        guard.claimed().peek_into(old);
        guard.claimed().publish(value);
    }
    if size_of::<T>() >= LARGE && !BY_TABLE {
        let mut old = MaybeUninit::uninit();
        large(lock, value, &mut old);
        // SAFETY: `peek_into` filled it with the value published last (I7 checked).
        return unsafe { old.assume_init() };
    }
    let guard = ClaimGuard::acquire(lock, ClaimFor::OneWrite);
    let old = guard.claimed().peek();
    guard.claimed().publish_value(value);
    old
}

/// Acquires the claim, changes a private copy of the value, and publishes it. If `change` panics, the claim is released
/// and nothing is published.
#[inline]
pub(crate) fn update<T, R, L: Protocol<T>>(lock: &L, change: impl FnOnce(&mut T) -> R) -> R {
    ClaimGuard::acquire(lock, ClaimFor::OneWrite).claimed().update(change)
}
