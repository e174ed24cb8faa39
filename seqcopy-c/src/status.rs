//! [`seqcopy_status`] is the result of a call. This file also has the message of the last failure.

use core::cell::{Cell, RefCell};
use core::ffi::c_char;

use seqcopy_shm::untyped::__foreign::{HasStatus as _, Language, Status, message as in_words};
use seqcopy_shm::untyped::BytesError;
use seqcopy_shm::{Error, SchemaError};

/// What came of a call.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum seqcopy_status {
    /// Success.
    SEQCOPY_OK = 0,
    /// A write was in progress during every attempt: try again while there is a writer.
    SEQCOPY_BUSY = 1,
    /// Writes overlapped every attempt: try again.
    SEQCOPY_TORN = 2,
    /// No value has been written yet.
    SEQCOPY_EMPTY = 3,
    /// The writer closed the region: there will be no more values.
    SEQCOPY_CLOSED = 4,
    /// The bytes are not a value of the type: those that were read, or those that were to be written.
    SEQCOPY_INVALID = 5,
    /// The system refused something: `errno`'s text is in the message.
    SEQCOPY_FAILED = 6,
    /// The file is not a region, or one of another format, byte order or pointer width.
    SEQCOPY_FOREIGN = 7,
    /// The region has another type; the message names the first difference.
    SEQCOPY_OTHER_TYPE = 8,
    /// The header or the schema of the region is damaged.
    SEQCOPY_DAMAGED = 9,
    /// The file is shorter than its region, or its pages were never written.
    SEQCOPY_SHORT = 10,
    /// The key has no entry.
    SEQCOPY_ABSENT = 11,
    /// There are no more entries.
    SEQCOPY_END = 12,
    /// The file was truncated while it was used, and the program called `seqcopy_survive_truncation`.
    SEQCOPY_TRUNCATED = 13,
    /// The writer died in the middle of a write.
    SEQCOPY_WRITER_GONE = 14,
    /// Another process writes the region, or another handle of this one.
    SEQCOPY_HAS_WRITER = 15,
    /// There is something at the path.
    SEQCOPY_EXISTS = 16,
    /// There is nothing at the path.
    SEQCOPY_NOT_FOUND = 17,
    /// The file's owner or its permissions are not as required, or a descriptor is not sealed.
    SEQCOPY_NOT_TRUSTED = 18,
    /// This process was forked from the one that opened the handle.
    SEQCOPY_FORKED = 19,
    /// The map has as many entries as it can have. Other changes of the call were made.
    SEQCOPY_FULL = 20,
    /// A slice has more elements than there is space for.
    SEQCOPY_TOO_LONG = 21,
    /// An argument is null, or not what the function takes: a size that is not that of the type, for example.
    SEQCOPY_ARGUMENT = 22,
    /// Another thread is using the handle.
    SEQCOPY_IN_USE = 23,
    /// A mistake of this library: please report the message.
    SEQCOPY_PANIC = 24,
}

#[allow(clippy::enum_glob_use)] // all of them, which begin with the name
use seqcopy_status::*;

/// Why a call failed.
pub(crate) struct Failure {
    pub(crate) status: seqcopy_status,
    pub(crate) message: String,
}

pub(crate) fn fail<T>(status: seqcopy_status, message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure { status, message: message.into() })
}

#[cold]
pub(crate) fn argument<T>(message: impl Into<String>) -> Result<T, Failure> {
    fail(SEQCOPY_ARGUMENT, message)
}

/// The number of the binary interface that `seqcopy_abi` returns in a library that fits this header.
pub const SEQCOPY_ABI: u32 = 1;

/// Returns the number of the library's binary interface. A program that loads the library at run time compares it with
/// `SEQCOPY_ABI`: if they differ, the library does not fit the header that the program was compiled with. The number
/// changes when a function or a struct changes incompatibly, not when one is added.
///
/// ```
/// # use seqcopy_c::*;
/// assert_eq!(seqcopy_abi(), SEQCOPY_ABI);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn seqcopy_abi() -> u32 {
    SEQCOPY_ABI
}

thread_local! {
    /// Ends with a 0.
    static MESSAGE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static STATUS: Cell<seqcopy_status> = const { Cell::new(SEQCOPY_OK) };
}

/// The text of the last failure of the calling thread: what was expected, what was found, where, and what to do. It
/// stays until that thread's next call that fails; the empty text before the first.
///
/// ```
/// # use seqcopy_c::*;
/// # use std::{ffi::CStr, ptr::null_mut};
/// // SAFETY: null is refused.
/// let status = unsafe { seqcopy_writer_close(null_mut()) };
/// assert_eq!(status, seqcopy_status::SEQCOPY_ARGUMENT);
/// // SAFETY: this thread's last failure stays meanwhile.
/// let message = unsafe { CStr::from_ptr(seqcopy_message()) };
/// assert_eq!(message.to_str(), Ok("the place of the handle is null"));
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn seqcopy_message() -> *const c_char {
    let at = |message: &RefCell<Vec<u8>>| match &message.borrow()[..] {
        [] => c"".as_ptr(),
        text => text.as_ptr().cast(),
    };
    // A thread that is ending may have no such variable any more.
    MESSAGE.try_with(at).unwrap_or(c"".as_ptr())
}

/// The status of the last failure of the calling thread; `SEQCOPY_OK` before the first.
///
/// ```
/// # use seqcopy_c::*;
/// assert_eq!(seqcopy_last_status(), seqcopy_status::SEQCOPY_OK);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn seqcopy_last_status() -> seqcopy_status {
    STATUS.try_with(Cell::get).unwrap_or(SEQCOPY_OK)
}

#[cold]
pub(crate) fn record(failure: Failure) -> seqcopy_status {
    let Failure { status, message } = failure;
    let mut text = message.into_bytes();
    text.retain(|byte| *byte != 0);
    text.push(0);
    let _ = MESSAGE.try_with(|message| message.replace(text));
    let _ = STATUS.try_with(|last| last.set(status));
    status
}

impl From<Status> for seqcopy_status {
    fn from(status: Status) -> Self {
        match status {
            Status::Busy => SEQCOPY_BUSY,
            Status::Torn => SEQCOPY_TORN,
            Status::Empty => SEQCOPY_EMPTY,
            Status::Closed => SEQCOPY_CLOSED,
            Status::Invalid => SEQCOPY_INVALID,
            Status::Failed => SEQCOPY_FAILED,
            Status::Foreign => SEQCOPY_FOREIGN,
            Status::OtherType => SEQCOPY_OTHER_TYPE,
            Status::Damaged => SEQCOPY_DAMAGED,
            Status::Short => SEQCOPY_SHORT,
            Status::Truncated => SEQCOPY_TRUNCATED,
            Status::WriterGone => SEQCOPY_WRITER_GONE,
            Status::HasWriter => SEQCOPY_HAS_WRITER,
            Status::Exists => SEQCOPY_EXISTS,
            Status::NotFound => SEQCOPY_NOT_FOUND,
            Status::NotTrusted => SEQCOPY_NOT_TRUSTED,
            Status::Forked => SEQCOPY_FORKED,
            Status::Full => SEQCOPY_FULL,
            Status::TooLong => SEQCOPY_TOO_LONG,
        }
    }
}

macro_rules! failures {
    ($($error:ty),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Failure { status: error.status().into(), message: in_words(Language::C, &error) }
            }
        }
    )+};
}

failures! { Error, SchemaError, BytesError }

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with the table of the page "C, C++ and Python". A test in seqcopy-shm compares its other column.
    #[test]
    fn a_status_has_its_name_in_the_header() {
        let header = concat!(env!("CARGO_MANIFEST_DIR"), "/include/seqcopy.h");
        let header = std::fs::read_to_string(header).unwrap();
        for &status in Status::ALL {
            let of_c = seqcopy_status::from(status);
            // `HasWriter` and `SEQCOPY_HAS_WRITER`.
            let name = format!("{of_c:?}").trim_start_matches("SEQCOPY_").replace('_', "").to_lowercase();
            assert_eq!(name, format!("{status:?}").to_lowercase());
            assert!(header.contains(&format!("    {of_c:?} = {},", of_c as u32)), "{of_c:?}");
        }
    }
}
