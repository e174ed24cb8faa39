//! A mapped file: its bounds and words, the protocols over it, and what happens when its pages are lost.

mod buffers;
mod mmap;

pub(crate) use buffers::Buffers;
pub use mmap::survive_truncation;
pub(crate) use mmap::{LEAST, Mmap};
