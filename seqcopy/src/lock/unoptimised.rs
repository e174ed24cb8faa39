//! The locks of unoptimised builds: the algorithms of `single_buffer` and `latch` over a copy by a table, which needs no type, so
//! that they are compiled once, in this crate. What is left to the caller's crate is a few calls, whatever the type.

use core::mem::MaybeUninit;

use super::{Claimed, Latch, SingleBuffer, Version, latch, single_buffer};
use crate::atomic_per_byte::{Aligned8, AtomicPerByte};
use crate::copy::{LoadByTable, StoreByTable, load_by_table, store_by_table};
use crate::seq_copy::SeqCopy;
use crate::seq_count::{LatchWord, Parity, ReadError, SeqCount, Wide};

/// The storage of both locks.
type Storage<T> = AtomicPerByte<Aligned8<T>>;

/// [`Protocol`], by a table where there is one.
#[allow(unreachable_pub)] // as above
pub trait Unoptimised<T>: Sized {
    /// The contract of [`Protocol::attempt_into`].
    fn attempt_unoptimised(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>
    where
        T: SeqCopy;

    /// The contract of [`Protocol::publish`].
    fn publish_unoptimised(lock: Claimed<'_, Self>, value: &T)
    where
        T: SeqCopy;
}

impl<L> Claimed<'_, L> {
    /// [`Unoptimised::publish_unoptimised`], as a method.
    #[inline(always)]
    pub(super) fn publish_unoptimised<T>(self, value: &T)
    where
        T: SeqCopy,
        L: Unoptimised<T>,
    {
        L::publish_unoptimised(self, value);
    }
}

impl<T> Unoptimised<T> for SingleBuffer<Storage<T>> {
    fn attempt_unoptimised(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>
    where
        T: SeqCopy,
    {
        let load = load_by_table::<Aligned8<T>>(self.payload.as_ptr().cast(), buf.as_mut_ptr().cast());
        // SAFETY: the payload of this lock, and a buffer for its value (I1 partition, I2 init, I4 private).
        unsafe { attempt(&self.count, &load) }
    }

    fn publish_unoptimised(lock: Claimed<'_, Self>, value: &T)
    where
        T: SeqCopy,
    {
        let (value, payload) = (core::ptr::from_ref(value).cast(), lock.payload.as_ptr().cast());
        let store = store_by_table::<Aligned8<T>, true>(value, payload);
        // SAFETY: claimed (I5 one-writer); the value, and the payload of this lock (I1 partition, I4 private).
        unsafe { publish(&lock.count, &store) };
    }
}

impl<T, const BUFFERS: usize> Unoptimised<T> for Latch<Storage<T>, BUFFERS> {
    fn attempt_unoptimised(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>
    where
        T: SeqCopy,
    {
        let first = self.buffers.as_ptr().cast();
        let load = load_by_table::<Aligned8<T>>(first, buf.as_mut_ptr().cast());
        // SAFETY: the buffers of this latch, and a buffer for its value (I1 partition, I2 init, I4 private).
        unsafe { attempt_latch(&self.count, &load, size_of::<Storage<T>>(), BUFFERS) }
    }

    fn publish_unoptimised(lock: Claimed<'_, Self>, value: &T)
    where
        T: SeqCopy,
    {
        // The storage is in an `UnsafeCell`, so it may be written through a shared reference.
        let first = lock.buffers.as_ptr().cast_mut().cast();
        let store = store_by_table::<Aligned8<T>, true>(core::ptr::from_ref(value).cast(), first);
        // SAFETY: claimed (I5 one-writer); the value, and the buffers of this latch (I1 partition, I4 private).
        unsafe { publish_latch(&lock.count, &store, size_of::<Storage<T>>(), BUFFERS) };
    }
}

/// # Safety
/// `load` is from the payload of the lock to a buffer.
unsafe fn attempt(count: &SeqCount<Parity<Wide>>, load: &LoadByTable) -> Result<Version, ReadError> {
    single_buffer::attempt(count, || same_contract!(load.run()))
}

/// # Safety
/// The lock is claimed; `store` is of a value to the payload of the lock.
unsafe fn publish(count: &SeqCount<Parity<Wide>>, store: &StoreByTable) {
    let copy = || same_contract!(store.run());
    same_contract!(count.write(copy));
}

/// # Safety
/// `load` is from the first of the latch's `buffers`, which are `stride` apart, to a buffer of the caller's.
unsafe fn attempt_latch(
    word: &LatchWord<Wide>,
    load: &LoadByTable,
    stride: usize,
    buffers: usize,
) -> Result<Version, ReadError> {
    // SAFETY: the index is less than `buffers`; the rest is this function's contract.
    latch::attempt(word, buffers, |count| unsafe { load.after(stride.wrapping_mul(index(count, buffers))).run() })
}

/// # Safety
/// The lock is claimed; `store` is of a value to the first of the latch's `buffers`, which are `stride` apart.
unsafe fn publish_latch(word: &LatchWord<Wide>, store: &StoreByTable, stride: usize, buffers: usize) {
    // SAFETY: the index is less than `buffers`; the rest is this function's contract.
    let copy = |count| unsafe { store.after(stride.wrapping_mul(index(count, buffers))).run() };
    same_contract!(word.write(copy));
}

/// The buffer of a count. `buffers` is a power of two, and nothing here panics, since a write is in progress (I9 no-panic).
#[allow(clippy::cast_possible_truncation)] // only the low bits matter
fn index(count: u64, buffers: usize) -> usize {
    count as usize & buffers.wrapping_sub(1)
}
