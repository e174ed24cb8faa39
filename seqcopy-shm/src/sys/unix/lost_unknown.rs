//! Pages that are lost, where they end the process: the functions of `lost`, in a file of their own for systems without that one.

use std::io;
use std::sync::atomic::AtomicU8;

/// The mark of a writer, which is not changed here.
pub(crate) const MAY_WRITE: u8 = 1;
pub(crate) const LOST: u8 = 2;

pub(crate) fn install() -> Result<(), (&'static str, io::Error)> {
    Err(("survive a truncation", io::ErrorKind::Unsupported.into()))
}

pub(crate) fn is_installed() -> bool {
    false
}

pub(crate) fn enter(_: *mut u8, _: usize, _: bool) {}

pub(crate) fn leave(_: *mut u8) {}

pub(crate) fn set_guard(_: *mut u8, _: &AtomicU8) {}

#[cfg(target_os = "freebsd")] // by its page
pub(crate) fn forget(_: &AtomicU8) {}
