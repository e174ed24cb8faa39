//! The traits between the two algorithms and the methods of the locks.
//!
//! | trait | implemented for | says |
//! |---|---|---|
//! | [`Payload`] | the storage of a value | how to load a value from shared memory, and how to store one there |
//! | [`Algorithm`] | the two algorithms | how to attempt a read of the newest buffer, and how to publish a buffer |
//! | [`Lock`] | the public locks | which algorithm a lock consists of |
//! | [`Protocol`] | a lock whose buffers hold a value | how to attempt a read of the value, and how to publish a value |
//!
//! Methods of [`Claimed`] write to a lock whose write claim is held. An algorithm is also a lock by itself, so a model checker runs the same code
//! on an algorithm with a payload of its own.

use core::mem::MaybeUninit;

use super::{Claim, Claimed, Version};
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
/// `store` and `load_into` make relaxed atomic accesses to the same parts of the value. If every part of a load saw the same
/// store, `buf` then holds that store's value. After `copy_into`, `buf` holds the value stored last.
///
/// `store_part` and `load_part` make accesses of those. If every access of a load saw the same store of a whole value, or later stores of
/// parts of it that all accesses of the load saw as well, `buf` then holds the part of that value.
#[allow(unreachable_pub)] // a bound of a public trait, but not nameable
pub unsafe trait Payload<T> {
    /// Loads the bits of a value. They may be torn: some from an older store, some from a newer one.
    fn load_into(&self, buf: &mut MaybeUninit<T>);

    /// The same as [`load_into`](Self::load_into), for a read that returns its value: a small one then stays in registers.
    #[inline(always)]
    fn load_value(&self, buf: &mut MaybeUninit<T>) {
        self.load_into(buf);
    }

    /// Copies the newest value, with plain loads where possible. The compiler can remove plain loads of bytes that are overwritten later.
    ///
    /// # Safety
    /// Nothing is stored during the call, and the last store happens-before it.
    unsafe fn copy_into(&self, buf: &mut MaybeUninit<T>) {
        self.load_into(buf);
    }

    /// Stores a value.
    fn store(&self, value: &T);

    /// The same as [`store`](Self::store), for a write that was passed its value: a small one may be in registers.
    #[inline(always)]
    fn store_value(&self, value: &T) {
        self.store(value);
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
// (I3 exact), and of a part those that touch a data byte of it. A store of a part leaves the other bytes of these accesses as they are:
// only the holder of the claim stores (I5 one-writer). The lock owns the storage, so nothing else accesses it.
unsafe impl<T: SeqCopy> Payload<T> for AtomicPerByte<Aligned8<T>> {
    #[inline(always)]
    fn load_into(&self, buf: &mut MaybeUninit<T>) {
        self.load_inner_into(buf);
    }

    #[inline(always)]
    fn load_value(&self, buf: &mut MaybeUninit<T>) {
        // SAFETY: this storage is accessed by the partition of its type only, and initialised; an exclusive borrow (I1 partition, I2 init, I4
        // private).
        unsafe { copy::load_value::<Aligned8<T>>(self.as_ptr(), buf.as_mut_ptr().cast()) };
    }

    #[inline(always)]
    unsafe fn copy_into(&self, buf: &mut MaybeUninit<T>) {
        let from = self.as_ptr().cast::<MaybeUninit<T>>();
        if copy::BY_TABLE {
            // SAFETY: as below; the buffer is the caller's (I4 private).
            unsafe { copy::copy_private(from.cast(), buf.as_mut_ptr().cast(), size_of::<T>()) };
        } else {
            // SAFETY: a `T` lies at offset 0 of the storage, in memory for which any bytes will do (P8 maybe-uninit); the pointer
            // comes from its `UnsafeCell` (P18 shared-ref). By this function's contract other threads only load it meanwhile, which
            // may race with reads of any kind (P3 read-read, P2 mixed-size). The data bytes of the last value are kept
            // (P8 maybe-uninit).
            *buf = unsafe { from.read() };
        }
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        // SAFETY: the storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow the
        // partition (I1 partition), and the lock owns the storage, so nothing else accesses its padding. The data of an
        // `Aligned8<T>` is that of its `T` at offset 0, and `value` is a valid `T`, borrowed (I3 exact), not in the storage
        // (R1 copy-layer).
        unsafe { copy::store_owned::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.as_ptr()) };
    }

    #[inline(always)]
    fn store_value(&self, value: &T) {
        // SAFETY: storage of this type, accessed by its partition only; a valid value, borrowed, and elsewhere (I1 partition, I3 exact, R1
        // copy-layer).
        unsafe { copy::store_owned_value::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.as_ptr()) };
    }

    #[inline(always)]
    fn load_part<F>(&self, part: Part<T, F>, buf: &mut MaybeUninit<F>) {
        let buf = buf.as_mut_ptr().cast();
        // SAFETY: the lock's storage is aligned, readable and initialised (I2 init); shared accesses follow the partition (I1 partition).
        // The data of an `Aligned8<T>` is that of its `T` at offset 0; an `F` lies there, for which `buf` has space (I4 private).
        unsafe { copy::load_part::<Aligned8<T>>(self.as_ptr(), buf, part.offset(), size_of::<F>()) };
    }

    #[inline(always)]
    unsafe fn store_part<F>(&self, part: Part<T, F>, value: &F) {
        let value = core::ptr::from_ref(value).cast();
        // SAFETY: the lock's storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow the
        // partition (I1 partition); the caller is the only writer (I5 one-writer). `value` is a valid part of a `T`, borrowed (I4 private).
        unsafe { copy::store_part::<Aligned8<T>>(value, self.as_ptr(), part.offset(), size_of::<F>()) };
    }
}

/// An algorithm: readers copy one buffer, and find out afterwards whether a writer was changing it. Functions that write take a [`Claimed`]
/// lock, so they can't be called without the write claim (R2 one-protocol).
///
/// # Safety
/// * If `attempt_with` returns `Ok`, then every access that its closure made to the buffer saw the stores of the writes up to one, and of
///   none after it, and everything before that write happens-before the return (P21 snapshot, I7 checked).
/// * While the caller holds the claim, `newest` is the buffer published last, which readers may load.
/// * `claim` returns the same claim at each call, which belongs to this algorithm and to no other (R2 one-protocol).
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Algorithm: Sized {
    type Buffer;

    /// Whether `read` only spins between attempts and never yields. True if a failed attempt means that a writer has finished a write
    /// meanwhile, because then the reader isn't waiting for a thread that was stopped.
    const SPINS: bool;

    /// Whether a write changes the buffer that holds the newest value. If so, bytes that the write does not store keep their values.
    const IN_PLACE: bool;

    fn claim(&self) -> &Claim;

    /// Attempts one read: calls `load` with the newest buffer, and returns `Ok` if no write disturbed it. Wait-free if `load` is.
    fn attempt_with(&self, load: impl FnOnce(&Self::Buffer)) -> Result<Version, ReadError>;

    /// The version of the value published last.
    fn latest_version(&self) -> Version;

    /// The buffer that holds the newest value.
    fn newest(&self) -> &Self::Buffer;

    /// Publishes one write: calls `store` with the buffer to change, between the two steps of the sequence word.
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&Self::Buffer));
}

/// A lock: it consists of an algorithm. An algorithm is a lock, too.
///
/// # Safety
/// `algorithm` returns the same algorithm at each call, and nothing else uses it (R2 one-protocol).
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Lock {
    type Algorithm: Algorithm;

    fn algorithm(&self) -> &Self::Algorithm;
}

// SAFETY: it is itself (R2 one-protocol).
unsafe impl<A: Algorithm> Lock for A {
    type Algorithm = Self;

    #[inline(always)]
    fn algorithm(&self) -> &Self {
        self
    }
}

/// A lock that reads and publishes values of type `T`.
///
/// # Safety
/// * After `attempt_into` or `attempt_value` returns `Ok`, `buf` holds a `T` that was passed to `publish` or to the constructor, all of one
///   write, and everything before that write happens-before the return (P21 snapshot, I7 checked).
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Protocol<T>: Lock<Algorithm: Algorithm<Buffer: Payload<T>>> + Sized {
    /// One attempt, wait-free.
    #[inline]
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.algorithm().attempt_with(|from| from.load_into(buf))
    }

    /// One attempt, for a read that returns its value: a small one stays in registers.
    #[inline]
    fn attempt_value(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.algorithm().attempt_with(|from| from.load_value(buf))
    }

    /// Publishes a value.
    #[inline]
    fn publish(lock: Claimed<'_, Self>, value: &T) {
        Algorithm::publish_with(lock.algorithm(), |to| to.store(value));
    }

    /// Publishes a value that the caller was passed: a small one may be in registers.
    #[inline]
    fn publish_by_value(lock: Claimed<'_, Self>, value: &T) {
        Algorithm::publish_with(lock.algorithm(), |to| to.store_value(value));
    }
}

// SAFETY: `attempt_with` only accepts loads of one write, so `buf` then holds that value whole (P21 snapshot, I7 checked).
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
        self.algorithm().newest().load_value(buf);
    }

    /// Copies the newest value with plain loads. For large values these are slower, but the compiler removes loads of unused parts.
    #[inline(always)]
    pub(crate) fn copy_into<T>(self, buf: &mut MaybeUninit<T>)
    where
        L: Protocol<T>,
    {
        // SAFETY: there is no other writer, and this one does not write meanwhile (R2 one-protocol, I5 one-writer).
        unsafe { self.algorithm().newest().copy_into(buf) };
    }
}

impl<L> Claimed<'_, L> {
    /// Publishes a value that the caller was passed. A large one goes to a function that is never inlined and only reads it, so the compiler
    /// passes the address of the caller's own value and makes no copy. `ci/asm.sh` checks this.
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

    /// The newest value.
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

    /// The newest value, for a caller that probably overwrites all of it.
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
