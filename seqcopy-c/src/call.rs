//! What every function does: no panic gets out, and null is refused.

use core::ffi::{CStr, c_char, c_void};
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

/// [`put`], where the caller may not want the value.
///
/// # Safety
/// The contract of [`put`].
#[inline]
pub(crate) unsafe fn put_if_asked<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: this function's contract (I4 private).
        unsafe { to.write(value) };
    }
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

/// [`bytes`], to be written.
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
        let other = format!("{what} has {of} bytes by the region's type, not {size}: is the header of another type?");
        return argument(other);
    }
    if at.is_null() { argument(format!("{what} is null")) } else { Ok(()) }
}

/// How many bytes these elements have together, of which a region has space for as many.
pub(crate) fn extent(at: *const c_void, count: usize, size: usize) -> Result<usize, Failure> {
    if at.is_null() && count != 0 { argument("the elements are null") } else { Ok(count * size) }
}

/// # Safety
/// `path` is null, or leads to a text with a 0 at its end, which no other thread changes for as long as the path is used.
pub(crate) unsafe fn path<'a>(path: *const c_char) -> Result<&'a Path, Failure> {
    // SAFETY: this function's contract.
    unsafe { borrow(path, "the path") }?;
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
    Schema::decode(bytes).map_err(Failure::from)
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
}
