//! Parts of a locked value: read and changed without the rest. The protocols are those of whole values.

mod parts;

use core::mem::MaybeUninit;

use super::read::pause;
use super::{Claimed, Latch, Payload, Protocol, SingleBuffer, Version, latch, single_buffer};
use crate::backoff::Backoff;
use crate::copy::{LARGE, load_part, store_part};
use crate::seq_count::code::WideWord;
use crate::{Aligned8, AtomicPerByte, Part, ReadError, SeqCopy, seq_count::Successor};

pub use parts::{Parts, ValidateParts};

/// A [`Payload`] of which parts can be accessed.
///
/// # Safety
/// Both functions make accesses of those that `Payload`'s make. If every access of a load saw the same store of a whole value, or later
/// stores of parts of it that all accesses of the load saw as well, `buf` then holds the part of that value.
pub unsafe trait PartPayload<T>: Payload<T> {
    /// Copies the bits of a part, which may be torn.
    #[doc(hidden)]
    fn load_part<F>(&self, part: Part<T, F>, buf: &mut MaybeUninit<F>);

    /// Stores a part.
    ///
    /// # Safety
    /// The caller holds the claim (I5 one-writer).
    #[doc(hidden)]
    unsafe fn store_part<F>(&self, part: Part<T, F>, value: &F);
}

// SAFETY: accesses of the one partition (I1 partition), each relaxed and atomic, among them all that touch a data byte of the part. A
// store of a part leaves the other bytes of these accesses as they are: only the holder of the claim stores (I5 one-writer).
unsafe impl<T: SeqCopy> PartPayload<T> for AtomicPerByte<Aligned8<T>> {
    #[inline(always)]
    fn load_part<F>(&self, part: Part<T, F>, buf: &mut MaybeUninit<F>) {
        let buf = buf.as_mut_ptr().cast();
        // SAFETY: the lock's storage is aligned, readable and initialised (I2 init); shared accesses follow the partition (I1 partition).
        // The data of an `Aligned8<T>` is that of its `T` at offset 0; an `F` lies there, for which `buf` has space (I4 private).
        unsafe { load_part::<Aligned8<T>>(self.as_ptr(), buf, part.offset(), size_of::<F>()) };
    }

    #[inline(always)]
    unsafe fn store_part<F>(&self, part: Part<T, F>, value: &F) {
        let value = core::ptr::from_ref(value).cast();
        // SAFETY: the lock's storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow the
        // partition (I1 partition); the caller is the only writer (I5 one-writer). `value` is a valid part of a `T`, borrowed (I4 private).
        unsafe { store_part::<Aligned8<T>>(value, self.as_ptr(), part.offset(), size_of::<F>()) };
    }
}

/// A [`Protocol`] by which parts of the value can be accessed.
///
/// # Safety
/// * What `attempt_with`'s closure loads before it returns `Ok` are parts of one value that was published, and everything before that
///   write happens-before the return (P21 snapshot, I7 checked).
/// * `newest` has the value published last, if the caller holds the claim.
pub unsafe trait InParts<T>: Protocol<T> {
    type Storage: PartPayload<T>;

    /// One attempt at what `load` loads, wait-free if that is.
    fn attempt_with(&self, load: impl FnOnce(&Self::Storage)) -> Result<Version, ReadError>;

    /// Where the value published last is.
    fn newest(&self) -> &Self::Storage;

    /// Publishes the value published last with another part.
    fn publish_part<F>(lock: Claimed<'_, Self>, part: Part<T, F>, value: &F);
}

// SAFETY: as for `Protocol`: the count accepts loads only if all saw the stores of the writes up to one, and of none after it
// (P21 snapshot).
unsafe impl<T, P: PartPayload<T>, C: Successor<Word: WideWord>> InParts<T> for SingleBuffer<P, C> {
    type Storage = P;

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        single_buffer::attempt(&self.count, || load(&self.payload))
    }

    #[inline(always)]
    fn newest(&self) -> &P {
        &self.payload
    }

    #[inline]
    fn publish_part<F>(lock: Claimed<'_, Self>, part: Part<T, F>, value: &F) {
        // SAFETY: claimed (R2 one-protocol, I5 one-writer).
        let store = || unsafe { lock.payload.store_part(part, value) };
        // SAFETY: claimed (R2 one-protocol, I5 one-writer).
        unsafe { lock.count.write(store) };
    }
}

// SAFETY: as for `Protocol`: a buffer is only written whole (P21 snapshot).
unsafe impl<T, P: PartPayload<T>, const BUFFERS: usize, W: WideWord> InParts<T> for Latch<P, BUFFERS, W> {
    type Storage = P;

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        latch::attempt(&self.count, BUFFERS, |count| load(self.buffer(count)))
    }

    #[inline(always)]
    fn newest(&self) -> &P {
        self.buffer(self.count.load())
    }

    /// The buffer that is written next holds a value of `BUFFERS` writes ago, so all of it has to be stored.
    #[inline]
    fn publish_part<F>(lock: Claimed<'_, Self>, part: Part<T, F>, value: &F) {
        let mut whole = MaybeUninit::<T>::uninit();
        lock.peek_into(&mut whole);
        // SAFETY: an `F` lies there in a `T` (`Part`), so it is inside (I3 exact).
        let place = unsafe { whole.as_mut_ptr().byte_add(part.offset()) };
        // SAFETY: inside `whole`, a local (I4 private); the bits are duplicated as those of a `T` may be (P20 bitwise).
        unsafe { core::ptr::from_ref(value).cast::<u8>().copy_to_nonoverlapping(place.cast(), size_of::<F>()) };
        // SAFETY: the last value, with a valid `F` in the place of another (I7 checked).
        lock.publish(unsafe { whole.assume_init_ref() });
    }
}

/// One attempt.
#[inline]
pub(crate) fn try_read_parts<T, L: InParts<T>, P: Parts<T>>(lock: &L, parts: P) -> Result<P::Values, ReadError> {
    let mut bufs = P::bufs();
    lock.attempt_with(|from| parts.load(from, &mut bufs))?;
    // SAFETY: the attempt succeeded (I7 checked).
    Ok(unsafe { P::values(bufs) })
}

/// Reads until an attempt succeeds.
#[inline]
pub(crate) fn read_parts<T, L: InParts<T>, P: Parts<T>>(lock: &L, parts: P) -> P::Values {
    /// As `read_large` of whole values.
    #[inline(never)]
    fn large<T, L: InParts<T>, P: Parts<T>>(lock: &L, parts: P, bufs: &mut P::Bufs) {
        let mut backoff = Backoff::default();
        while lock.attempt_with(|from| parts.load(from, bufs)).is_err() {
            pause::<L>(&mut backoff);
        }
    }
    if size_of::<P::Values>() >= LARGE {
        let mut bufs = P::bufs();
        large(lock, parts, &mut bufs);
        // SAFETY: it returned, so an attempt succeeded (I7 checked).
        return unsafe { P::values(bufs) };
    }
    let mut backoff = Backoff::default();
    loop {
        if let Ok(values) = try_read_parts(lock, parts) {
            return values;
        }
        pause::<L>(&mut backoff);
    }
}

impl<L> Claimed<'_, L> {
    /// [`InParts::publish_part`], as a method.
    #[inline(always)]
    pub(super) fn publish_part<T, F>(self, part: Part<T, F>, value: &F)
    where
        L: InParts<T>,
    {
        L::publish_part(self, part, value);
    }

    /// Changes a private copy of a part, then publishes it. If `change` panics, nothing changed.
    #[inline]
    pub(crate) fn update_part<T, F, R>(self, part: Part<T, F>, change: impl FnOnce(&mut F) -> R) -> R
    where
        L: InParts<T>,
    {
        let mut value = self.peek_part(part);
        let result = change(&mut value);
        self.publish_part(part, &value);
        result
    }

    /// The part of the value published last.
    #[inline]
    pub(super) fn peek_part<T, F>(self, part: Part<T, F>) -> F
    where
        L: InParts<T>,
    {
        let mut buf = MaybeUninit::uninit();
        self.newest().load_part(part, &mut buf);
        // SAFETY: nothing is published meanwhile, so these are bits of the value published last (R2 one-protocol, I7 checked).
        unsafe { buf.assume_init() }
    }
}
