//! Parts of a locked value: read and changed without the rest. The protocols are those of whole values.

mod parts;

use core::mem::MaybeUninit;

use super::read::back_off;
use super::{Claimed, Payload, Protocol};
use crate::backoff::Backoff;
use crate::copy::LARGE;
use crate::{Part, ReadError};

pub use parts::{Parts, ValidateParts};

/// One attempt.
#[inline]
pub(crate) fn try_read_parts<T, L: Protocol<T>, P: Parts<T>>(lock: &L, parts: P) -> Result<P::Values, ReadError> {
    let mut bufs = P::bufs();
    lock.attempt_with(|from| parts.load(from, &mut bufs))?;
    // SAFETY: the attempt succeeded (I7 checked).
    Ok(unsafe { P::values(bufs) })
}

/// Reads until an attempt succeeds.
#[inline]
pub(crate) fn read_parts<T, L: Protocol<T>, P: Parts<T>>(lock: &L, parts: P) -> P::Values {
    /// As `read_large` of whole values.
    #[inline(never)]
    fn large<T, L: Protocol<T>, P: Parts<T>>(lock: &L, parts: P, bufs: &mut P::Bufs) {
        let mut backoff = Backoff::default();
        while lock.attempt_with(|from| parts.load(from, bufs)).is_err() {
            back_off::<L>(&mut backoff);
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
        back_off::<L>(&mut backoff);
    }
}

impl<L> Claimed<'_, L> {
    /// Publishes a part: alone where a write goes to the buffer of the last value, otherwise with the rest of that value.
    #[inline(always)]
    pub(super) fn publish_part<T, F>(self, part: Part<T, F>, value: &F)
    where
        L: Protocol<T>,
    {
        if L::IN_PLACE {
            // SAFETY: claimed (I5 one-writer).
            return L::publish_with(self, |to| unsafe { to.store_part(part, value) });
        }
        let mut whole = MaybeUninit::<T>::uninit();
        self.peek_into(&mut whole);
        // SAFETY: an `F` lies there in a `T` (`Part`), so it is inside (I3 exact).
        let place = unsafe { whole.as_mut_ptr().byte_add(part.offset()) };
        // SAFETY: inside `whole`, a local (I4 private); the bits are duplicated as those of a `T` may be (P20 bitwise).
        unsafe { core::ptr::from_ref(value).cast::<u8>().copy_to_nonoverlapping(place.cast(), size_of::<F>()) };
        // SAFETY: the last value, with a valid `F` in the place of another (I7 checked).
        L::publish(self, unsafe { whole.assume_init_ref() });
    }

    /// Changes a private copy of a part, then publishes it. If `change` panics, nothing changed.
    #[inline]
    pub(crate) fn update_part<T, F, R>(self, part: Part<T, F>, change: impl FnOnce(&mut F) -> R) -> R
    where
        L: Protocol<T>,
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
        L: Protocol<T>,
    {
        let mut buf = MaybeUninit::uninit();
        self.newest().load_part(part, &mut buf);
        // SAFETY: nothing is published meanwhile, so these are bits of the value published last (R2 one-protocol, I7 checked).
        unsafe { buf.assume_init() }
    }
}
