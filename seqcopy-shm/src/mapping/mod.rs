//! A mapped file: its bounds and words, the protocols over it, sleeping on its word, and what happens when its pages are lost.

pub(crate) mod buffers;
pub(crate) mod futex;
pub(crate) mod mmap;
#[cfg(target_os = "linux")]
pub(crate) mod sigbus;
pub(crate) mod truncation;
