//! A mapped file: its bounds and its words, the protocols on it, and the loss of its pages.

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
