//! A mapped file: its bounds and words, the protocols over it, and what happens when its pages are lost.

pub(crate) mod buffers;
pub(crate) mod mmap;
