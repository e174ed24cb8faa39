//! What every function does: no panic gets out, null is refused, and a writer has one thread at a time.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_void};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use seqcopy_shm::Schema;

use crate::status::{Failure, argument, record, seqcopy_status};

/// Makes a status of what comes of the work.
#[inline]
pub(crate) fn call(work: impl FnOnce() -> Result<(), Failure>) -> seqcopy_status {
    // Nothing that a panic may have left halfway is used again but by calls that check it: a handle is changed by `seqcopy_shm` only.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => seqcopy_status::SEQCOPY_OK,
        Ok(Err(failure)) => record(failure),
        Err(panic) => record(panicked(&*panic)),
    }
}

#[cold]
fn panicked(panic: &(dyn core::any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    let message = format!("a mistake of this library, please report it: {}", text.unwrap_or("no text"));
    Failure { status: seqcopy_status::SEQCOPY_PANIC, message }
}

/// What a handle leads to, which one thread at a time uses.
pub(crate) struct Handle<T> {
    inner: UnsafeCell<T>,
    in_use: AtomicBool,
}

/// On drop, the handle is free again.
struct InUse<'a>(&'a AtomicBool);

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}

impl<T> Handle<T> {
    pub(crate) fn new(inner: T) -> Self {
        Handle { inner: UnsafeCell::new(inner), in_use: AtomicBool::new(false) }
    }

    pub(crate) fn into_inner(self) -> T {
        self.inner.into_inner()
    }

    /// Does something with what it leads to, unless another thread does; that can't panic.
    ///
    /// # Safety
    /// As for [`with`](Self::with).
    #[inline]
    pub(crate) unsafe fn at_once(&self, work: impl FnOnce(&mut T) -> bool) -> bool {
        if self.in_use.load(Relaxed) {
            return false;
        }
        self.in_use.store(true, Relaxed);
        // SAFETY: this function's contract: no other reference to it is in use (I4 private).
        let is_done = work(unsafe { &mut *self.inner.get() });
        self.in_use.store(false, Relaxed);
        is_done
    }

    /// Does something with what it leads to.
    ///
    /// # Safety
    /// No other thread is in this call, of the same handle. Mostly that is noticed, and an error; not always, since an exchange that would
    /// always notice takes longer than a write.
    #[inline]
    pub(crate) unsafe fn with<R>(&self, work: impl FnOnce(&mut T) -> Result<R, Failure>) -> Result<R, Failure> {
        if self.in_use.load(Relaxed) {
            return in_use();
        }
        self.in_use.store(true, Relaxed);
        let _free = InUse(&self.in_use);
        // SAFETY: this function's contract: no other reference to it is in use (I4 private).
        work(unsafe { &mut *self.inner.get() })
    }

    /// The same for what only looks at it.
    ///
    /// # Safety
    /// As for [`with`](Self::with).
    pub(crate) unsafe fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        // SAFETY: this function's contract (I4 private).
        look(unsafe { &*self.inner.get() })
    }
}

#[cold]
fn in_use<R>() -> Result<R, Failure> {
    let message = "another thread is using this handle: let one thread at a time use it".to_owned();
    Err(Failure { status: seqcopy_status::SEQCOPY_IN_USE, message })
}

/// # Safety
/// `at` is null, or leads to a `T` that no other thread changes for as long as the reference is used.
#[inline]
pub(crate) unsafe fn borrow<'a, T>(at: *const T, what: &str) -> Result<&'a T, Failure> {
    // SAFETY: this function's contract (I4 private).
    match unsafe { at.as_ref() } {
        Some(it) => Ok(it),
        None => argument(format!("{what} is null")),
    }
}

/// Gives out a value.
///
/// # Safety
/// `to` is null, or writable for a `T` by this thread alone.
#[inline]
pub(crate) unsafe fn put<T>(to: *mut T, value: T) -> Result<(), Failure> {
    if to.is_null() {
        return argument("the place of a result is null");
    }
    // SAFETY: this function's contract (I4 private).
    unsafe { to.write(value) };
    Ok(())
}

/// The same where the caller may not want it.
///
/// # Safety
/// As for [`put`].
#[inline]
pub(crate) unsafe fn put_if_asked<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: this function's contract (I4 private).
        unsafe { to.write(value) };
    }
}

/// Gives out a new handle. Until it succeeds, null is there.
///
/// # Safety
/// As for [`put`].
pub(crate) unsafe fn open<H>(to: *mut *mut H, open: impl FnOnce() -> Result<H, Failure>) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract.
        unsafe { put(to, core::ptr::null_mut()) }?;
        let handle = Box::into_raw(Box::new(open()?));
        // SAFETY: this function's contract.
        unsafe { put(to, handle) }
    })
}

/// Takes a handle back, and leaves null in its place, so that closing it twice does no harm.
///
/// # Safety
/// `at` is null, or leads to null, or to a handle that [`open`] gave out, which no other thread is using.
pub(crate) unsafe fn take<H>(at: *mut *mut H) -> Result<Option<H>, Failure> {
    if at.is_null() {
        return argument("the place of the handle is null");
    }
    // SAFETY: this function's contract (I4 private).
    let handle = unsafe { at.replace(core::ptr::null_mut()) };
    if handle.is_null() {
        return Ok(None);
    }
    // SAFETY: this function's contract: `open` made it by `Box::into_raw`, and it was not taken before, or null would be there.
    Ok(Some(*unsafe { Box::from_raw(handle) }))
}

/// The bytes of something that has this size.
///
/// # Safety
/// `at` is null, or readable for `size` bytes that no other thread changes for as long as the slice is used.
#[inline]
pub(crate) unsafe fn bytes<'a>(at: *const c_void, size: usize, of: usize, what: &str) -> Result<&'a [u8], Failure> {
    check(at, size, of, what)?;
    // SAFETY: this function's contract; not null, and as many as a type has, so not too many.
    Ok(unsafe { core::slice::from_raw_parts(at.cast(), size) })
}

/// The same, to be written.
///
/// # Safety
/// `at` is null, or readable and writable for `size` bytes by this thread alone, for as long as the slice is used.
#[inline]
pub(crate) unsafe fn bytes_mut<'a>(
    at: *mut c_void,
    size: usize,
    of: usize,
    what: &str,
) -> Result<&'a mut [u8], Failure> {
    check(at, size, of, what)?;
    // SAFETY: as in `bytes`, for this function's contract.
    Ok(unsafe { core::slice::from_raw_parts_mut(at.cast(), size) })
}

#[inline]
fn check(at: *const c_void, size: usize, of: usize, what: &str) -> Result<(), Failure> {
    if size != of {
        return argument(format!(
            "{what} has {of} bytes by the region's type, not {size}: is the header of another type?"
        ));
    }
    if at.is_null() { argument(format!("{what} is null")) } else { Ok(()) }
}

/// How many bytes these elements have together.
///
/// # Safety
/// As for [`bytes`], for all of them.
pub(crate) fn extent(at: *const c_void, count: usize, size: usize) -> Result<usize, Failure> {
    let len = count.checked_mul(size).filter(|len| isize::try_from(*len).is_ok());
    match len {
        None => argument(format!("{count} elements of {size} bytes are more than there is memory for")),
        Some(len) if at.is_null() && len != 0 => argument("the elements are null"),
        Some(len) => Ok(len),
    }
}

/// # Safety
/// `path` is null, or leads to a text with a 0 at its end, which no other thread changes for as long as the path is used.
pub(crate) unsafe fn path<'a>(path: *const c_char) -> Result<&'a Path, Failure> {
    if path.is_null() {
        return argument("the path is null");
    }
    // SAFETY: this function's contract.
    let path = unsafe { CStr::from_ptr(path) };
    Ok(Path::new(OsStr::from_bytes(path.to_bytes())))
}

/// # Safety
/// `schema` is null, or readable for `len` bytes.
pub(crate) unsafe fn schema(schema: *const c_void, len: usize) -> Result<Schema, Failure> {
    if len > 1 << 18 {
        return argument(format!("the schema has {len} bytes, more than any has"));
    }
    // SAFETY: this function's contract.
    let bytes = unsafe { bytes(schema, len, len, "the schema") }?;
    Schema::decode(bytes).map_err(|error| Failure::of_schema(&error, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_status() {
        assert_eq!(call(|| panic!("as a test")), seqcopy_status::SEQCOPY_PANIC);
        // SAFETY: the text of this thread's last failure, as its contract has it.
        let message = unsafe { CStr::from_ptr(crate::seqcopy_message()) }.to_str().unwrap();
        assert_eq!(message, "a mistake of this library, please report it: as a test");
        assert_eq!(call(|| Ok(())), seqcopy_status::SEQCOPY_OK);
    }

    #[test]
    #[allow(clippy::multiple_unsafe_ops_per_block)] // of one contract
    fn a_handle_in_use_is_refused_and_free_again_afterwards() {
        let handle = Handle::new(1);
        // SAFETY: one thread; a call inside of another finds it in use (I4 private).
        unsafe {
            let inner = handle.with(|_| Ok((handle.with(|_| Ok(())).is_err(), handle.at_once(|_| true))));
            assert!(matches!(inner, Ok((true, false))));
            assert!(catch_unwind(AssertUnwindSafe(|| handle.with::<()>(|_| panic!("as a test")))).is_err());
            assert!(handle.with(|it| Ok(*it)).is_ok_and(|it| it == 1) && handle.at_once(|it| *it == 1));
        }
    }
}
