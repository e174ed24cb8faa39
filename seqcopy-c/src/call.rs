//! The frame of every function of the library: a panic becomes a status, the arguments are named once with what their
//! caller promised ([`Argument`]), and null is refused.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::slice::{from_raw_parts, from_raw_parts_mut};
use std::ffi::OsStr;
use std::os::fd::{BorrowedFd, IntoRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use seqcopy_shm::{Region, Schema};

use crate::status::{Failure, argument, fail, record, seqcopy_status, seqcopy_status::SEQCOPY_FAILED};

/// Runs the work of a call, and turns its result into a status.
#[inline]
pub(crate) fn call(work: impl FnOnce() -> Result<(), Failure>) -> seqcopy_status {
    // Only calls that check the state use it again after a panic, because only `seqcopy_shm` changes handles.
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

/// An argument of a function of the header: a pointer, a pointer with a size in bytes, a descriptor, or several of
/// these.
///
/// Everything that is unsafe about arguments is stated here, once. Each function calls `given` for its arguments in its
/// first line, and continues with [`Const`], [`Mut`], [`Bytes`] and [`BytesMut`] in safe code.
pub(crate) trait Argument {
    type Given;

    /// The argument, for which the "Safety" section of its function holds.
    ///
    /// # Safety
    /// For as long as what this returns is used, a pointer is null, or:
    /// * `*const T`: it leads to a `T` that no other thread changes, a `*const c_char` to a text with a 0 at its end,
    ///   and options begin with their size. A handle was not freed, and no thread changes what it leads to.
    /// * `*mut T`: it is writable for a `T` by this thread alone. A handle was not freed, and no other thread is in a
    ///   call with it.
    /// * With a size: it is readable for as many bytes that no other thread changes; `*mut`, by this thread alone and
    ///   also writable.
    /// * What is written overlaps nothing else that the function was given.
    ///
    /// A descriptor is open, or negative.
    unsafe fn given(self) -> Self::Given;
}

/// An argument whose function has stated what the caller promises.
pub(crate) struct Given<A>(A);

/// The target of a `*const T`, or null.
pub(crate) type Const<T> = Given<*const T>;

/// The target of a `*mut T`, or null. It is the place of a result, or a handle that only this thread uses.
pub(crate) type Mut<T> = Given<*mut T>;

/// Bytes to read, or null.
pub(crate) type Bytes = Given<(*const c_void, usize)>;

/// Memory for bytes, or null.
pub(crate) type BytesMut = Given<(*mut c_void, usize)>;

/// A descriptor of the caller's.
pub(crate) type Descriptor = Given<c_int>;

macro_rules! arguments {
    ($($type:ty $(, $parameter:ident)?;)+) => {$(
        impl<$($parameter)?> Argument for $type {
            type Given = Given<Self>;

            #[inline]
            unsafe fn given(self) -> Given<Self> {
                Given(self)
            }
        }
    )+};
}

arguments! { *const T, T; *mut T, T; (*const c_void, usize); (*mut c_void, usize); c_int; }

macro_rules! several_arguments {
    ($(($($name:ident),+))+) => {$(
        #[allow(non_snake_case)] // an argument is named as its type
        impl<$($name: Argument),+> Argument for ($($name,)+) {
            type Given = ($($name::Given,)+);

            #[inline]
            unsafe fn given(self) -> Self::Given {
                let ($($name,)+) = self;
                // SAFETY: the contract holds for each of them (I4 private).
                ($(unsafe { $name.given() },)+)
            }
        }
    )+};
}

several_arguments! { (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) }

impl<T> Const<T> {
    #[inline]
    pub(crate) fn as_ptr(&self) -> *const T {
        self.0
    }
}

impl Const<u64> {
    pub(crate) fn get(&self, what: &str) -> Result<u64, Failure> {
        // SAFETY: null, or a number that no other thread changes (`Argument`, I4 private).
        let number = unsafe { self.0.as_ref() };
        number.copied().map_or_else(|| argument(format!("{what} is null")), Ok)
    }
}

impl Const<c_char> {
    pub(crate) fn path(&self) -> Result<&Path, Failure> {
        if self.0.is_null() {
            return argument("the path is null");
        }
        // SAFETY: a text with a 0 at its end (`Argument`, I4 private).
        let path = unsafe { CStr::from_ptr(self.0) };
        Ok(Path::new(OsStr::from_bytes(path.to_bytes())))
    }
}

impl<T> Mut<T> {
    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut T {
        self.0
    }

    /// Stores a result.
    #[inline]
    pub(crate) fn put(&mut self, value: T) -> Result<(), Failure> {
        if self.0.is_null() { argument("the place of a result is null") } else { Ok(self.put_if_asked(value)) }
    }

    /// Does the same as [`put`](Self::put), unless the caller passed null for a result that it does not want.
    #[inline]
    pub(crate) fn put_if_asked(&mut self, value: T) {
        if !self.0.is_null() {
            // SAFETY: writable for a `T` by this thread alone (`Argument`, I4 private).
            unsafe { self.0.write(value) };
        }
    }
}

impl Mut<c_int> {
    /// Stores a descriptor, if there is a place for it. Stores -1 if `share` fails.
    pub(crate) fn put_fd(&mut self, share: impl FnOnce() -> Result<OwnedFd, Failure>) -> Result<(), Failure> {
        self.put(-1)?;
        let fd = share()?;
        self.put(fd.into_raw_fd())
    }
}

impl Bytes {
    #[inline]
    fn first(&self, len: usize) -> Option<&[u8]> {
        let (at, size) = self.0;
        // SAFETY: readable for as many bytes that nothing changes (`Argument`, I4 private); more than a slice may have
        // are nowhere.
        (len <= size && !at.is_null()).then(|| unsafe { from_raw_parts(at.cast(), len) })
    }

    /// All bytes, if there are `size` of them.
    #[inline]
    pub(crate) fn of_size(&self, size: usize) -> Option<&[u8]> {
        if size == self.0.1 { self.first(size) } else { None }
    }

    /// All bytes, for a `what` of this size.
    #[inline]
    pub(crate) fn get(&self, size: usize, what: &str) -> Result<&[u8], Failure> {
        self.of_size(size).map_or_else(|| refused(self.0.1, size, what), Ok)
    }

    /// The elements, which have this size together. The pointer may be null for an empty list.
    pub(crate) fn elements(&self, size: usize) -> Result<&[u8], Failure> {
        if size == 0 { Ok(&[]) } else { self.first(size).map_or_else(null_elements, Ok) }
    }

    pub(crate) fn schema(&self) -> Result<Schema, Failure> {
        let len = self.0.1;
        if len > 1 << 18 {
            return argument(format!("the schema has {len} bytes, more than any has"));
        }
        Schema::decode(self.get(len, "the schema")?).map_err(Failure::from)
    }

    /// Fails unless a region has the type of this schema. A null schema accepts any type.
    pub(crate) fn require(&self, region: &Region) -> Result<(), Failure> {
        if self.0.0.is_null() && self.0.1 == 0 { Ok(()) } else { Ok(region.require_type(&self.schema()?)?) }
    }
}

impl BytesMut {
    #[inline]
    fn first(&mut self, len: usize) -> Option<&mut [u8]> {
        let (at, size) = self.0;
        // SAFETY: as many bytes that this thread alone reads and writes (`Argument`, I4 private); more than a slice may
        // have are nowhere.
        (len <= size && !at.is_null()).then(|| unsafe { from_raw_parts_mut(at.cast(), len) })
    }

    /// Does the same as [`Bytes::of_size`], for writing.
    #[inline]
    pub(crate) fn of_size(&mut self, size: usize) -> Option<&mut [u8]> {
        if size == self.0.1 { self.first(size) } else { None }
    }

    /// Does the same as [`Bytes::get`], for writing.
    #[inline]
    pub(crate) fn get(&mut self, size: usize, what: &str) -> Result<&mut [u8], Failure> {
        let of = self.0.1;
        self.of_size(size).map_or_else(|| refused(of, size, what), Ok)
    }

    /// Does the same as [`Bytes::elements`], for writing.
    pub(crate) fn elements(&mut self, size: usize) -> Result<&mut [u8], Failure> {
        if size == 0 { Ok(&mut []) } else { self.first(size).map_or_else(null_elements, Ok) }
    }
}

#[cold]
fn refused<T>(size: usize, of: usize, what: &str) -> Result<T, Failure> {
    if size == of {
        return argument(format!("{what} is null"));
    }
    argument(format!("{what} has {of} bytes by the region's type, not {size}: is the header of another type?"))
}

#[cold]
fn null_elements<T>() -> Result<T, Failure> {
    argument("the elements are null")
}

impl Descriptor {
    /// A descriptor of our own for the same file.
    pub(crate) fn duplicate(&self) -> Result<OwnedFd, Failure> {
        if self.0 < 0 {
            return argument(format!("{} is not a descriptor", self.0));
        }
        // SAFETY: open (`Argument`), and not kept (I10 handle).
        let theirs = unsafe { BorrowedFd::borrow_raw(self.0) };
        theirs
            .try_clone_to_owned()
            .or_else(|error| fail(SEQCOPY_FAILED, format!("can't duplicate the descriptor {}: {error}", self.0)))
    }
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
