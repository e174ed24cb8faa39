//! The modules for Windows. They use windows-sys, which has the declarations of the system's calls and no code.
//!
//! The system has no signals and no forks. It refuses to truncate a file that is mapped, and to delete it: such a file
//! gets another name instead ([`Name::unlink`](name::Name::unlink)), which is swept when it can be.

pub(crate) use std::os::windows::io::{AsHandle, OwnedHandle as Handle};

use std::ffi::OsStr;
use std::io::{Error, Result};
use std::os::windows::ffi::OsStrExt;

pub(crate) mod file;
pub(crate) mod fork;
pub(crate) mod lock;
pub(crate) mod lost;
pub(crate) mod name;
pub(crate) mod process;
mod user;
pub(crate) mod wait;

/// The error with this number.
fn error(code: u32) -> Error {
    Error::from_raw_os_error(i32::from_ne_bytes(code.to_ne_bytes()))
}

/// Whether it is the error with this number.
fn is(error: &Error, code: u32) -> bool {
    error.raw_os_error() == Some(i32::from_ne_bytes(code.to_ne_bytes()))
}

/// The result of a call that returns 0 if it fails.
fn done(result: i32) -> Result<()> {
    if result == 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

/// A text with a zero at its end.
fn wide(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}
