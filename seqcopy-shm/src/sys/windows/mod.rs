//! The modules for Windows. They use windows-sys, which has the declarations of the system's calls and no code.
//!
//! The system has no signals and no forks. It refuses to truncate a file that is mapped, and to delete it: such a file
//! gets another name instead ([`Name::unlink`](name::Name::unlink)), which is swept when it can be.

pub(crate) use std::os::windows::io::{AsHandle, OwnedHandle as Handle};

mod call;
pub(crate) mod file;
pub(crate) mod fork;
pub(crate) mod lock;
pub(crate) mod lost;
pub(crate) mod name;
pub(crate) mod process;
mod user;
pub(crate) mod wait;
