//! Shared by the tests of shared memory: a payload that shows when it is torn, temporary directories, and processes
//! that follow orders until they are killed.

mod at;
mod beat;
#[cfg(unix)]
mod forked;
#[cfg(target_os = "linux")]
mod linux;
mod place;

pub use at::FileExt;
pub use beat::{Beat, Mode, Small, Verdict, look};
#[cfg(unix)]
pub use forked::forked;
#[cfg(target_os = "linux")]
pub use linux::*;
pub use place::Place;
#[cfg(unix)]
pub use place::is_root;
