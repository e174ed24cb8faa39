//! What is done to a [`Claimed`] lock of either kind: values are published and changed.

use core::mem::MaybeUninit;

use super::{Claimed, Payload, Protocol};
use crate::copy::{BY_TABLE, LARGE};

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

    /// The same, slower for large values, but the compiler can see into it, and leaves out what is not used.
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
        /// As `read_large`.
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
