//! [`Handle`]: what a handle leads to. Headers read and write values by its beginning, without a call.

use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU64, Ordering::Relaxed};

use crate::call::{call, put, put_if_asked};
use crate::status::{Failure, argument, fail, seqcopy_status, seqcopy_status::SEQCOPY_IN_USE};
use seqcopy_shm::Error;
use seqcopy_shm::untyped::__foreign::Direct as Access;

/// The type of a handle in C, and what it leads to.
pub(crate) trait Opaque {
    type Of;
    const NAME: &'static str;

    /// For those whose values are read or written without a call.
    fn direct(_of: &Self::Of) -> Option<Access> {
        None
    }
}

/// `seqcopy_direct` of the header (cbindgen.toml), the beginning of each handle.
#[repr(C)]
#[derive(Default)]
struct Direct {
    word: AtomicPtr<u64>,
    may_write: AtomicPtr<AtomicU8>,
    last: AtomicU64,
    move_bytes: AtomicPtr<()>,
    in_use: AtomicBool,
}

const _: () = assert!(core::mem::offset_of!(Direct, last) == 16 && core::mem::offset_of!(Direct, in_use) == 32);

/// On drop, the handle is free again.
struct InUse<'a>(&'a AtomicBool);

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}

#[repr(C)]
pub(crate) struct Handle<T> {
    direct: Direct,
    inner: UnsafeCell<T>,
}

impl Direct {
    fn set(&self, to: Option<Access>) {
        let Some(to) = to else { return self.word.store(null_mut(), Relaxed) };
        self.word.store(to.word.cast_mut(), Relaxed);
        self.may_write.store(to.may_write.cast_mut(), Relaxed);
        self.last.store(to.last, Relaxed);
        self.move_bytes.store(to.move_bytes as *mut (), Relaxed);
    }
}

impl<T> Handle<T> {
    /// Does something with what it leads to, unless another thread does.
    ///
    /// # Safety
    /// The contract of [`with`].
    #[inline]
    pub(crate) unsafe fn use_by<R>(&self, work: impl FnOnce(&mut T) -> Result<R, Failure>) -> Result<R, Failure> {
        if self.direct.in_use.load(Relaxed) {
            return fail(SEQCOPY_IN_USE, "another thread is using this handle: let one thread at a time use it");
        }
        self.direct.in_use.store(true, Relaxed);
        let _free = InUse(&self.direct.in_use);
        // SAFETY: this function's contract: no other reference to it is in use (I4 private).
        work(unsafe { &mut *self.inner.get() })
    }
}

/// What a program in C has as a handle.
#[inline]
pub(crate) fn of<H: Opaque>(handle: *const H) -> *const Handle<H::Of> {
    handle.cast()
}

/// Gives out a new handle. Until it succeeds, null is there.
///
/// # Safety
/// `to` is null, or writable by this thread alone.
pub(crate) unsafe fn open<H: Opaque>(to: *mut *mut H, open: impl FnOnce() -> Result<H::Of, Failure>) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract.
        unsafe { put(to, null_mut()) }?;
        let handle = Handle { direct: Direct::default(), inner: UnsafeCell::new(open()?) };
        // SAFETY: no other reference to it is in use (I4 private).
        handle.direct.set(H::direct(unsafe { &*handle.inner.get() }));
        // SAFETY: this function's contract.
        unsafe { put(to, Box::into_raw(Box::new(handle)).cast()) }
    })
}

/// What a handle leads to, for any number of threads.
///
/// # Safety
/// `handle` is null, or one that was not freed, and no thread changes what it leads to.
#[inline]
pub(crate) unsafe fn share<'a, H: Opaque>(handle: *const H) -> Result<&'a H::Of, Failure> {
    // SAFETY: this function's contract (I4 private).
    match unsafe { of(handle).as_ref() } {
        // SAFETY: as above.
        Some(handle) => Ok(unsafe { &*handle.inner.get() }),
        None => argument(format!("{} is null", H::NAME)),
    }
}

/// Does something with what a handle leads to.
///
/// # Safety
/// `handle` is null, or one that was not closed, and no other thread is in a call with it. Mostly that is noticed, and an error; not always,
/// since an exchange that would always notice takes longer than a write.
pub(crate) unsafe fn use_of<H: Opaque, R>(
    handle: *const H,
    work: impl FnOnce(&mut H::Of) -> Result<R, Failure>,
) -> Result<R, Failure> {
    // SAFETY: this function's contract.
    match unsafe { of(handle).as_ref() } {
        // SAFETY: as above.
        Some(handle) => unsafe { handle.use_by(work) },
        None => argument(format!("{} is null", H::NAME)),
    }
}

/// [`use_of`], and makes a status of the result.
///
/// # Safety
/// The contract of [`use_of`].
pub(crate) unsafe fn with<H: Opaque>(
    handle: *const H,
    work: impl FnOnce(&mut H::Of) -> Result<(), Failure>,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    call(|| unsafe { use_of(handle, work) })
}

/// [`with`], for a handle that may go on with another region: `*answer` says whether it did.
///
/// # Safety
/// The contract of [`with`], and for [`put`].
pub(crate) unsafe fn renew<H: Opaque>(
    handle: *const H,
    answer: *mut bool,
    renew: impl FnOnce(&mut H::Of) -> Result<bool, Error>,
) -> seqcopy_status {
    let then = |it: &mut H::Of| {
        let is_new = renew(it)?;
        // SAFETY: not null, since there is what it leads to; this is another part of it, which is atomic (I4 private).
        unsafe { &(*of(handle)).direct }.set(H::direct(it));
        // SAFETY: this function's contract.
        unsafe { put_if_asked(answer, is_new) };
        Ok(())
    };
    // SAFETY: this function's contract.
    unsafe { put_if_asked(answer, false) };
    // SAFETY: this function's contract.
    unsafe { with(handle, then) }
}

/// Looks at it; `none` for null.
///
/// # Safety
/// The contract of [`share`].
pub(crate) unsafe fn look<H: Opaque, R>(handle: *const H, none: R, look: impl FnOnce(&H::Of) -> R) -> R {
    // SAFETY: this function's contract.
    unsafe { share(handle) }.map_or(none, look)
}

/// Takes a handle back, and ends what it leads to. Leaves null in its place, so that closing it twice does no harm.
///
/// # Safety
/// `at` is null, or leads to null, or to a handle that [`open`] gave out, which no other thread is using.
pub(crate) unsafe fn end<H: Opaque>(at: *mut *mut H, end: impl FnOnce(H::Of) -> Result<(), Error>) -> seqcopy_status {
    call(|| {
        if at.is_null() {
            return argument("the place of the handle is null");
        }
        // SAFETY: this function's contract (I4 private).
        let handle = unsafe { at.replace(null_mut()) };
        if handle.is_null() {
            return Ok(());
        }
        // SAFETY: this function's contract: `open` made it by `Box::into_raw`, and it was not taken before, or null would be there.
        let handle = unsafe { Box::from_raw(handle.cast::<Handle<H::Of>>()) };
        Ok(end(handle.inner.into_inner())?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    #[allow(clippy::multiple_unsafe_ops_per_block)] // of one contract
    fn a_handle_in_use_is_refused_and_free_again_afterwards() {
        let handle = Handle { direct: Direct::default(), inner: UnsafeCell::new(1) };
        // SAFETY: one thread; a call inside of another finds it in use (I4 private).
        unsafe {
            let inner = handle.use_by(|_| Ok((handle.use_by(|_| Ok(())).is_err(), 5)));
            assert!(matches!(inner, Ok((true, 5))));
            assert!(catch_unwind(AssertUnwindSafe(|| handle.use_by::<()>(|_| panic!("as a test")))).is_err());
            assert!(handle.use_by(|it| Ok(*it)).is_ok_and(|it| it == 1));
        }
    }
}
