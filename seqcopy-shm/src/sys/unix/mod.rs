//! The modules of Unix, which are declared here and nothing else: by rustix; what it does not have by nix.

pub(crate) use std::os::fd::{AsFd as AsHandle, OwnedFd as Handle};

pub(crate) mod file;
pub(crate) mod fork;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) mod linux;
pub(crate) mod lock;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "lost_unknown.rs")]
pub(crate) mod lost;
pub(crate) mod name;
pub(crate) mod process;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod sigbus;
pub(crate) mod wait;
