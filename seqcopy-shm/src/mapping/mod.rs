//! A mapped file: its bounds and words, the protocols over it, and sleeping on its word.

pub(crate) mod buffers;
pub(crate) mod futex;
pub(crate) mod mmap;
