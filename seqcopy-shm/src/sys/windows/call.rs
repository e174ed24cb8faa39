//! What the results of calls mean, and texts for calls.

use std::ffi::OsStr;
use std::io::{Error, Result};
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{FromRawHandle, RawHandle};

use super::Handle;
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;

/// The error with this number.
pub(super) fn error(code: u32) -> Error {
    Error::from_raw_os_error(i32::from_ne_bytes(code.to_ne_bytes()))
}

/// Whether it is the error with this number.
pub(super) fn is(error: &Error, code: u32) -> bool {
    error.raw_os_error() == Some(i32::from_ne_bytes(code.to_ne_bytes()))
}

/// The result of a call that returns 0 if it fails.
pub(super) fn done(result: i32) -> Result<()> {
    if result == 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

/// A text with a zero at its end.
pub(super) fn wide(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}

/// The handle that a call has returned.
pub(super) fn opened(handle: RawHandle) -> Result<Handle> {
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return Err(Error::last_os_error());
    }
    // SAFETY: opened by the call, and nothing else has it (I4 private).
    Ok(unsafe { Handle::from_raw_handle(handle) })
}
