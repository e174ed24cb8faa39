//! The modules for Unix. They use rustix, and nix where rustix lacks a call.

pub(crate) use std::os::fd::{AsFd as AsHandle, OwnedFd as Handle};

pub(crate) mod file;
pub(crate) mod fork;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) mod linux;
pub(crate) mod lock;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) mod lost;
pub(crate) mod name;
pub(crate) mod process;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod sigbus;
pub(crate) mod wait;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod walk;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) mod lost {
    //! For systems where lost pages end the process: the functions of `lost`, which do nothing.

    use std::io;
    use std::sync::atomic::AtomicU8;

    /// The mark of a writer, which never changes on such a system.
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
}
