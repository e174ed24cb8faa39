//! A [`Handle`] is the memory that a handle of C points to. Functions in the generated headers use its first fields, to
//! read and write values without a call.

use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU64, Ordering::Relaxed};

use crate::call::{Const, Mut, call};
use crate::status::{Failure, argument, fail, seqcopy_status, seqcopy_status::SEQCOPY_IN_USE};
use seqcopy_shm::Error;
use seqcopy_shm::untyped::__foreign::Direct as Access;

/// The type of a handle in C, and the Rust type behind it.
pub(crate) trait Opaque {
    type Of;
    const NAME: &'static str;

    /// The direct access, for handles whose values are read or written without a call.
    fn direct(_of: &Self::Of) -> Option<Access> {
        None
    }
}

/// `seqcopy_direct` of the header (cbindgen.toml). Each handle begins with it.
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

/// Marks the handle as free when it is dropped.
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
    /// Runs `work` on the target of the handle, or returns `SEQCOPY_IN_USE` if another thread is using it.
    ///
    /// # Safety
    /// No other thread is in this function for the same handle.
    #[inline]
    unsafe fn use_by<R>(&self, work: impl FnOnce(&mut T) -> Result<R, Failure>) -> Result<R, Failure> {
        if self.direct.in_use.load(Relaxed) {
            return fail(SEQCOPY_IN_USE, "another thread is using this handle: let one thread at a time use it");
        }
        self.direct.in_use.store(true, Relaxed);
        let _free = InUse(&self.direct.in_use);
        // SAFETY: no other thread is in here, nor this one, or it would have been in use (I4 private).
        work(unsafe { &mut *self.inner.get() })
    }
}

/// The target of a handle.
///
/// # Safety
/// `handle` is null, or was not freed.
#[inline]
unsafe fn handle_at<'a, H: Opaque>(handle: *const H) -> Result<&'a Handle<H::Of>, Failure> {
    // SAFETY: `open` made it, and it is there (I10 handle).
    match unsafe { handle.cast::<Handle<H::Of>>().as_ref() } {
        Some(handle) => Ok(handle),
        None => argument(format!("{} is null", H::NAME)),
    }
}

impl<H: Opaque> Const<H> {
    /// The target, which any number of threads may use.
    #[inline]
    pub(crate) fn share(&self) -> Result<&H::Of, Failure> {
        // SAFETY: null, or not freed (`Argument`, I10 handle).
        let handle = unsafe { handle_at(self.as_ptr()) }?;
        // SAFETY: no thread changes what it leads to (`Argument`, I4 private).
        Ok(unsafe { &*handle.inner.get() })
    }

    /// Looks at the target. Returns `none` for null.
    pub(crate) fn look<R>(&self, none: R, look: impl FnOnce(&H::Of) -> R) -> R {
        self.share().map_or(none, look)
    }
}

impl<H: Opaque> Mut<H> {
    #[inline]
    fn handle(&self) -> Result<&Handle<H::Of>, Failure> {
        // SAFETY: null, or not freed (`Argument`, I10 handle).
        unsafe { handle_at(self.as_ptr()) }
    }

    /// Runs `work` on the object behind the handle.
    ///
    /// Two threads must not use a handle at the same time ([`Argument`](crate::call::Argument) has the contract). This
    /// function detects most of such calls and returns an error. It can't detect all of them: that needs an atomic
    /// exchange, which takes longer than a write.
    #[inline]
    pub(crate) fn use_of<R>(&self, work: impl FnOnce(&mut H::Of) -> Result<R, Failure>) -> Result<R, Failure> {
        let handle = self.handle()?;
        // SAFETY: no other thread is in a call with it (`Argument`, I4 private).
        unsafe { handle.use_by(work) }
    }

    /// Does the same as [`use_of`](Self::use_of), and turns the result into a status.
    #[inline]
    pub(crate) fn with(&self, work: impl FnOnce(&mut H::Of) -> Result<(), Failure>) -> seqcopy_status {
        call(|| self.use_of(work))
    }

    /// Does the same as [`with`](Self::with), for a handle that may continue with another region. `answer` receives
    /// whether it did.
    pub(crate) fn renew(
        &self,
        mut answer: Mut<bool>,
        renew: impl FnOnce(&mut H::Of) -> Result<bool, Error>,
    ) -> seqcopy_status {
        answer.put_if_asked(false);
        self.with(|it| {
            let is_new = renew(it)?;
            self.handle()?.direct.set(H::direct(it));
            Ok(answer.put_if_asked(is_new))
        })
    }
}

impl<H: Opaque> Mut<*mut H> {
    /// Stores a new handle, and null until that succeeds.
    pub(crate) fn open(mut self, open: impl FnOnce() -> Result<H::Of, Failure>) -> seqcopy_status {
        call(|| {
            self.put(null_mut())?;
            let inner = open()?;
            let direct = Direct::default();
            direct.set(H::direct(&inner));
            self.put(Box::into_raw(Box::new(Handle { direct, inner: UnsafeCell::new(inner) })).cast())
        })
    }
}

/// Takes a handle back, and ends its target. Stores null in its place, so that closing it twice does no harm.
/// # Safety
/// `at` is null, or points to null, or points to a handle that [`open`](Mut::open) has stored and that no other thread
/// is using.
pub(crate) unsafe fn end<H: Opaque>(at: *mut *mut H, end: impl FnOnce(H::Of) -> Result<(), Error>) -> seqcopy_status {
    call(|| {
        if at.is_null() {
            return argument("the place of the handle is null");
        }
        // SAFETY: it leads to a handle, or to null (I4 private).
        let handle = unsafe { at.replace(null_mut()) };
        if handle.is_null() {
            return Ok(());
        }
        // SAFETY: `open` made it by `Box::into_raw`, and it was not taken before, or null would be there (I10 handle).
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
