//! A mapped file: its bounds and words, the protocols over it, and what happens when its pages are lost.

mod buffers;
mod header;
mod mmap;

pub(crate) use buffers::Buffers;
pub use header::Header;
pub(crate) use header::{
    BufferLayout, Control, FORMAT, HEADER_BYTES, MAP_FORMAT, RawHeader, RegionLayout, State, table_header,
};
pub use mmap::survive_truncation;
pub(crate) use mmap::{LEAST, Mmap};
