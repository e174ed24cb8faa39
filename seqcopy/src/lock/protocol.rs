//! What the algorithms of the locks have in common: the payload, what a protocol does with it, writing to a claimed lock; and [`Version`]: which
//! write a value comes from.

use core::mem::MaybeUninit;

use super::{Algorithm, Claimed};
use crate::atomic_per_byte::{Aligned8, AtomicPerByte};
use crate::copy::{self, BY_TABLE, LARGE};
use crate::seq_copy::SeqCopy;
use crate::seq_count::ReadError;
use crate::validity::Part;

/// Storage of one `T` that any number of threads may load from while one stores.
///
/// The algorithms are generic over it, so that the model checker can run them with a payload that it supports.
///
/// # Safety
/// `store` and `load_into` make relaxed atomic accesses to the same parts of the value. If every part of a load saw the same
/// store, `buf` then holds that store's value. After `copy_into`, `buf` holds the value stored last.
///
/// `store_part` and `load_part` make accesses of those. If every access of a load saw the same store of a whole value, or later stores of
/// parts of it that all accesses of the load saw as well, `buf` then holds the part of that value.
#[allow(unreachable_pub)] // a bound of a public trait, but not nameable
pub unsafe trait Payload<T> {
    /// Copies the bits, which may be torn.
    fn load_into(&self, buf: &mut MaybeUninit<T>);

    /// [`load_into`](Self::load_into), for a value that the caller is given by value.
    #[inline(always)]
    fn load_value(&self, buf: &mut MaybeUninit<T>) {
        self.load_into(buf);
    }

    /// Copies the value stored last, by plain accesses where it can: the compiler leaves them out where the copy is overwritten.
    ///
    /// # Safety
    /// Nothing is stored during the call, and the last store happens-before it.
    unsafe fn copy_into(&self, buf: &mut MaybeUninit<T>) {
        self.load_into(buf);
    }

    /// Stores a value.
    fn store(&self, value: &T);

    /// A store of a value that the caller was given by value.
    #[inline(always)]
    fn store_value(&self, value: &T) {
        self.store(value);
    }

    /// Copies the bits of a part, which may be torn.
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

/// An algorithm by which one buffer is read while none, or another one, is written. What a writer does takes a [`Claimed`] lock, so it
/// can't be called without the claim (R2 one-protocol).
///
/// # Safety
/// * If `attempt_with` returns `Ok`, then every access that its closure made to the buffer saw the stores of the writes up to one, and of
///   none after it, and everything before that write happens-before the return (P21 snapshot, I7 checked).
/// * While the caller holds the claim, `newest` is the buffer published last, which readers may load.
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Buffered: Algorithm + Sized {
    type Buffer;

    /// Whether a write goes to the buffer that has the last value, so that what it does not store stays as it is.
    const IN_PLACE: bool;

    /// One attempt at what `load` loads, wait-free if that is.
    fn attempt_with(&self, load: impl FnOnce(&Self::Buffer)) -> Result<Version, ReadError>;

    /// The version of the value published last.
    fn latest_version(&self) -> Version;

    /// Where the value published last is.
    fn newest(&self) -> &Self::Buffer;

    /// Publishes what `store` stores.
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&Self::Buffer));
}

/// An algorithm for values of a type.
///
/// # Safety
/// * After `attempt_into` or `attempt_value` returns `Ok`, `buf` holds a `T` that was passed to `publish` or to the constructor, all of one
///   write, and everything before that write happens-before the return (P21 snapshot, I7 checked).
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Protocol<T>: Buffered<Buffer: Payload<T>> {
    /// One attempt, wait-free.
    #[inline]
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.attempt_with(|from| from.load_into(buf))
    }

    /// An attempt for a value that the caller is given by value, and that, if it is small, stays in registers.
    #[inline]
    fn attempt_value(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.attempt_with(|from| from.load_value(buf))
    }

    /// Publishes a value.
    #[inline]
    fn publish(lock: Claimed<'_, Self>, value: &T) {
        Self::publish_with(lock, |to| to.store(value));
    }

    /// A store of a value that the caller was given by value, and that, if it is small, may be in registers.
    #[inline]
    fn publish_by_value(lock: Claimed<'_, Self>, value: &T) {
        Self::publish_with(lock, |to| to.store_value(value));
    }
}

/// The functions of [`Protocol`], as methods.
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

    /// Copies the value published last.
    #[inline(always)]
    pub(super) fn peek_into<T>(self, buf: &mut MaybeUninit<T>)
    where
        L: Protocol<T>,
    {
        // There is no other writer, so these are bits of the value published last.
        self.newest().load_value(buf);
    }

    /// Publishing, slower for large values, but the compiler can see into it, and leaves out what is not used.
    #[inline(always)]
    pub(crate) fn copy_into<T>(self, buf: &mut MaybeUninit<T>)
    where
        L: Protocol<T>,
    {
        // SAFETY: there is no other writer, and this one does not write meanwhile (R2 one-protocol, I5 one-writer).
        unsafe { self.newest().copy_into(buf) };
    }
}

impl<L> Claimed<'_, L> {
    /// [`Protocol::publish`] of a value that the caller was given by value. A large one is passed to a function that is not inlined and
    /// only reads it, so the compiler passes the original, if there is one, instead of a copy. `ci/asm.sh` checks that it does.
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

    /// Changes a private copy and publishes it. If `change` panics, nothing changed.
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

    /// The value published last.
    #[inline]
    pub(crate) fn peek<T>(self) -> T
    where
        L: Protocol<T>,
    {
        /// Out of line: see `read_large`.
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

    /// [`peek`](Self::peek) for what is likely to be overwritten as a whole.
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

/// Identifies the write that a value comes from. Two reads of one lock that return equal versions saw the same write; otherwise
/// the greater version is that of the later write.
///
/// Versions wrap after 2^63 writes, and after 2^62 on targets without 64-bit atomics, where the locks count in two words: 14,000
/// years at ten million writes a second. Versions of different locks are unrelated; comparing them is harmless but meaningless.
///
/// ```
/// use seqcopy::{SeqLock, Version};
///
/// let lock = SeqLock::new(1);
/// let mut known = Version::NEVER;
/// assert_eq!(lock.read_if_changed(&mut known), Some(1));
/// assert_eq!(lock.read_if_changed(&mut known), None);
/// lock.write(2);
/// assert_eq!(lock.read_if_changed(&mut known), Some(2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(u64);

/// [`NEVER`](Version::NEVER) is less than the version of any value.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        // `NEVER` is the largest number; adding one makes it the smallest.
        self.0.wrapping_add(1).cmp(&other.0.wrapping_add(1))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Version {
    /// A version that no value has: the initial value of a `known` version.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// assert!(SeqLock::new(1).has_changed(Version::NEVER));
    /// ```
    pub const NEVER: Version = Version(u64::MAX);

    pub(crate) const fn of(writes: u64) -> Self {
        Version(writes)
    }

    /// The number of writes from an older version to this one. Counted from [`NEVER`](Self::NEVER), the initial value of the
    /// lock is one of them.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// let lock = SeqLock::new(1);
    /// let older = lock.version();
    /// lock.write(2);
    /// lock.write(3);
    /// assert_eq!(lock.version().writes_since(older), 2);
    /// assert_eq!(lock.version().writes_since(Version::NEVER), 3);
    /// ```
    #[must_use]
    pub const fn writes_since(self, older: Version) -> u64 {
        self.0.wrapping_sub(older.0)
    }

    /// The version as a number, for logs or to be stored in an atomic. [`NEVER`](Self::NEVER) is the largest number.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(1).version().to_bits(), 0);
    /// ```
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The version with this number: one that [`to_bits`](Self::to_bits) returned, or a count of writes from elsewhere.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// let version = SeqLock::new(1).version();
    /// assert_eq!(Version::from_bits(version.to_bits()), version);
    /// assert!(Version::NEVER < Version::from_bits(0) && Version::from_bits(0) < Version::from_bits(1));
    /// ```
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Version(bits)
    }
}
