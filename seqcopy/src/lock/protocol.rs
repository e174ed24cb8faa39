//! [`Protocol`] reads and publishes whole values. It calls the lock's algorithm with a copy into or out of a buffer,
//! which is a [`Payload`].
//!
//! | trait | implemented for | says |
//! |---|---|---|
//! | [`Payload`] | the storage of a value | how to load a value from shared memory, and how to store one there |
//! | [`Algorithm`] | the two algorithms | how to attempt a read of the newest buffer, and how to publish a buffer |
//! | [`Lock`](super::Lock) | the public locks | which algorithm a lock consists of |
//! | [`Protocol`] | a lock whose buffers hold a value | how to attempt a read of the value, and how to publish a value |
//!
//! Methods of [`Claimed`] write to a lock whose write claim is held. An algorithm is also a lock by itself, so a model
//! checker runs the same code on an algorithm with a payload of its own.

use core::mem::MaybeUninit;

use super::{Algorithm, Claimed, Lock, Version};
use crate::atomic_per_byte::{Aligned8, AtomicPerByte};
use crate::copy::{self, BY_TABLE, LARGE};
use crate::seq_copy::SeqCopy;
use crate::seq_count::ReadError;
use crate::validity::Part;

/// Storage of one `T`. Any number of threads may load from it while one thread stores.
///
/// The algorithms are generic over it because the model checker needs a payload of its own.
///
/// # Safety
/// `store_payload` and `load_payload` make relaxed atomic accesses to the same parts of the value. If every part of a
/// load saw the same store, `buf` then holds that store's value. After `copy_payload`, `buf` holds the value stored
/// last.
///
/// `store_part` and `load_part` make accesses of those. If every access of a load saw the same store of a whole value,
/// or later stores of parts of it that all accesses of the load saw as well, `buf` then holds the part of that value.
#[allow(unreachable_pub)] // a bound of a public trait, but not nameable
pub unsafe trait Payload<T> {
    /// Loads the bits of a value. They may be torn: some from an older store, some from a newer one.
    fn load_payload(&self, buf: &mut MaybeUninit<T>);

    /// Does the same as [`load_payload`](Self::load_payload), for a read that returns its value, so that a small one
    /// stays in registers.
    #[inline(always)]
    fn load_payload_by_value(&self, buf: &mut MaybeUninit<T>) {
        self.load_payload(buf);
    }

    /// Copies the newest value, with plain loads where possible. The compiler can remove plain loads of bytes that are
    /// overwritten later.
    ///
    /// # Safety
    /// Nothing is stored during the call, and the last store happens-before it.
    unsafe fn copy_payload(&self, buf: &mut MaybeUninit<T>) {
        self.load_payload(buf);
    }

    /// Stores a value.
    fn store_payload(&self, value: &T);

    /// Does the same as [`store_payload`](Self::store_payload), for a write that was passed its value. A small one may
    /// be in registers.
    #[inline(always)]
    fn store_payload_by_value(&self, value: &T) {
        self.store_payload(value);
    }

    /// Loads the bits of one part of the value. They may be torn.
    fn load_part<F>(&self, part: Part<T, F>, buf: &mut MaybeUninit<F>);

    /// Stores a part.
    ///
    /// # Safety
    /// The caller holds the claim (I5 one-writer).
    unsafe fn store_part<F>(&self, part: Part<T, F>, value: &F);
}

// SAFETY: the accesses of one partition (I1 partition), each relaxed and atomic; every data byte of the value is copied
// (I3 exact), and of a part those that touch a data byte of it. A store of a part leaves the other bytes of these
// accesses as they are: only the holder of the claim stores (I5 one-writer). The lock owns the storage, so nothing else
// accesses it.
unsafe impl<T: SeqCopy> Payload<T> for AtomicPerByte<Aligned8<T>> {
    #[inline(always)]
    fn load_payload(&self, buf: &mut MaybeUninit<T>) {
        self.load_inner_into(buf);
    }

    #[inline(always)]
    fn load_payload_by_value(&self, buf: &mut MaybeUninit<T>) {
        // SAFETY: this storage is accessed by the partition of its type only, and initialised; an exclusive borrow (I1
        // partition, I2 init, I4 private).
        unsafe { copy::load_by_value::<Aligned8<T>>(self.as_ptr(), buf.as_mut_ptr().cast()) };
    }

    #[inline(always)]
    unsafe fn copy_payload(&self, buf: &mut MaybeUninit<T>) {
        let from = self.as_ptr().cast::<MaybeUninit<T>>();
        if copy::BY_TABLE {
            // SAFETY: as below; the buffer is the caller's (I4 private).
            unsafe { copy::copy_private(from.cast(), buf.as_mut_ptr().cast(), size_of::<T>()) };
        } else {
            // SAFETY: a `T` lies at offset 0 of the storage, in memory for which any bytes will do (P8 maybe-uninit);
            // the pointer comes from its `UnsafeCell` (P18 shared-ref). By this function's contract other threads only
            // load it meanwhile, which may race with reads of any kind (P3 read-read, P2 mixed-size). The data bytes of
            // the last value are kept (P8 maybe-uninit).
            *buf = unsafe { from.read() };
        }
    }

    #[inline(always)]
    fn store_payload(&self, value: &T) {
        // SAFETY: the storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow
        // the partition (I1 partition), and the lock owns the storage, so nothing else accesses its padding. The data
        // of an `Aligned8<T>` is that of its `T` at offset 0, and `value` is a valid `T`, borrowed (I3 exact), not in
        // the storage (R1 copy-layer).
        unsafe { copy::store_owned::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.as_ptr()) };
    }

    #[inline(always)]
    fn store_payload_by_value(&self, value: &T) {
        // SAFETY: storage of this type, accessed by its partition only; a valid value, borrowed, and elsewhere (I1
        // partition, I3 exact, R1 copy-layer).
        unsafe { copy::store_owned_by_value::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.as_ptr()) };
    }

    #[inline(always)]
    fn load_part<F>(&self, part: Part<T, F>, buf: &mut MaybeUninit<F>) {
        let buf = buf.as_mut_ptr().cast();
        // SAFETY: the lock's storage is aligned, readable and initialised (I2 init); shared accesses follow the
        // partition (I1 partition). The data of an `Aligned8<T>` is that of its `T` at offset 0; an `F` lies there, for
        // which `buf` has space (I4 private).
        unsafe { copy::load_part::<Aligned8<T>>(self.as_ptr(), buf, part.offset(), size_of::<F>()) };
    }

    #[inline(always)]
    unsafe fn store_part<F>(&self, part: Part<T, F>, value: &F) {
        let value = core::ptr::from_ref(value).cast();
        // SAFETY: the lock's storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses
        // follow the partition (I1 partition); the caller is the only writer (I5 one-writer). `value` is a valid part
        // of a `T`, borrowed (I4 private).
        unsafe { copy::store_part::<Aligned8<T>>(value, self.as_ptr(), part.offset(), size_of::<F>()) };
    }
}

/// A lock that reads and publishes values of type `T`.
///
/// # Safety
/// * After `attempt_into` or `attempt_by_value` returns `Ok`, `buf` holds a `T` that was passed to `publish` or to the
///   constructor, all of one write, and everything before that write happens-before the return (P21 snapshot, I7
///   checked).
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Protocol<T>: Lock<Algorithm: Algorithm<Buffer: Payload<T>>> + Sized {
    /// Attempts one read. Wait-free.
    #[inline]
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.algorithm().attempt_with(|from| from.load_payload(buf))
    }

    /// Attempts one read whose value is returned. A small value stays in registers.
    #[inline]
    fn attempt_by_value(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.algorithm().attempt_with(|from| from.load_payload_by_value(buf))
    }

    /// Publishes a value.
    #[inline]
    fn publish(lock: Claimed<'_, Self>, value: &T) {
        Algorithm::publish_with(lock.algorithm(), |to| to.store_payload(value));
    }

    /// Publishes a value that was passed to the caller by value. A small one may be in registers.
    #[inline]
    fn publish_by_value(lock: Claimed<'_, Self>, value: &T) {
        Algorithm::publish_with(lock.algorithm(), |to| to.store_payload_by_value(value));
    }
}

// SAFETY: `attempt_with` only accepts loads of one write, so `buf` then holds that value whole (P21 snapshot, I7
// checked).
unsafe impl<T, A: Algorithm<Buffer: Payload<T>>> Protocol<T> for A {}

/// Functions of [`Protocol`] as methods of a lock whose claim is held.
impl<L> Claimed<'_, L> {
    #[inline(always)]
    pub(crate) fn publish<T>(self, value: &T)
    where
        L: Protocol<T>,
    {
        L::publish(self, value);
    }

    #[inline(always)]
    pub(super) fn publish_by_value<T>(self, value: &T)
    where
        L: Protocol<T>,
    {
        L::publish_by_value(self, value);
    }

    /// Copies the newest value.
    #[inline(always)]
    pub(super) fn peek_into<T>(self, buf: &mut MaybeUninit<T>)
    where
        L: Protocol<T>,
    {
        // There is no other writer, so these are bits of the value published last.
        self.algorithm().newest().load_payload_by_value(buf);
    }

    /// Copies the newest value with plain loads. For large values these are slower, but the compiler removes loads of
    /// unused parts.
    #[inline(always)]
    pub(crate) fn copy_into<T>(self, buf: &mut MaybeUninit<T>)
    where
        L: Protocol<T>,
    {
        // SAFETY: there is no other writer, and this one does not write meanwhile (R2 one-protocol, I5 one-writer).
        unsafe { self.algorithm().newest().copy_payload(buf) };
    }
}

impl<L> Claimed<'_, L> {
    /// Publishes a value that was passed to the caller by value. A large one goes to a function that is never inlined
    /// and only reads it, so the compiler passes the address of the caller's own value and makes no copy. `ci/asm.sh`
    /// checks this.
    #[inline]
    pub(crate) fn publish_value<T>(self, value: &T)
    where
        L: Protocol<T>,
    {
        #[inline(never)]
        fn large<T, L: Protocol<T>>(lock: Claimed<'_, L>, value: &T) {
            L::publish(lock, value);
        }
        if size_of::<T>() >= LARGE {
            large(self, value);
        } else {
            self.publish_by_value(value);
        }
    }

    /// Changes a private copy of the newest value and publishes it. If `change` panics, nothing is published.
    #[inline]
    pub(crate) fn update<T, R>(self, change: impl FnOnce(&mut T) -> R) -> R
    where
        L: Protocol<T>,
    {
        if BY_TABLE {
            // Without optimisation every move of the value is a copy.
            let mut buf = MaybeUninit::uninit();
            self.copy_into(&mut buf);
            // SAFETY: `copy_into` filled it with the last value (I7 checked).
            let value = unsafe { buf.assume_init_mut() };
            let result = change(value);
            L::publish(self, value);
            return result;
        }
        let mut value = if size_of::<T>() >= LARGE { self.peek() } else { self.copied() };
        let result = change(&mut value);
        self.publish_value(&value);
        result
    }

    /// Returns the newest value.
    #[inline]
    pub(crate) fn peek<T>(self) -> T
    where
        L: Protocol<T>,
    {
        /// Out of line, so that the value is copied only once: see `read_large`.
        #[inline(never)]
        fn large<T, L: Protocol<T>>(lock: Claimed<'_, L>, buf: &mut MaybeUninit<T>) {
            lock.peek_into(buf);
        }
        if BY_TABLE {
            return self.copied();
        }
        let mut buf = MaybeUninit::uninit();
        if size_of::<T>() >= LARGE {
            large(self, &mut buf);
        } else {
            self.peek_into(&mut buf);
        }
        // SAFETY: `peek_into` fills it with the last value (I7 checked).
        unsafe { buf.assume_init() }
    }

    /// Returns the newest value, for a caller that probably overwrites all of it.
    #[inline]
    fn copied<T>(self) -> T
    where
        L: Protocol<T>,
    {
        let mut buf = MaybeUninit::uninit();
        self.copy_into(&mut buf);
        // SAFETY: `copy_into` fills it with the last value (I7 checked).
        unsafe { buf.assume_init() }
    }
}
