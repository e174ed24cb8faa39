//! The handles of regions: readers, writers, and regions of any type, with the ways to open them and to wait. This file
//! only re-exports, so that the other files stay private.
//!
//! | file | what |
//! |---|---|
//! | `region` | a region of any type |
//! | `writable` | the right to write one: created, replaced, put back |
//! | `read_handle`, `write_handle` | how each of them, and each of a map or of a schema, comes to its region |
//! | `reader`, `writer`, `file_reader` | of a type |
//! | `options`, `by_options` | how they are made |
//! | `wait`, `notifier` | waiting for the next value, of one or of many |

mod by_options;
mod file_reader;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod notifier;
mod options;
mod read_handle;
mod reader;
mod region;
mod wait;
mod writable;
mod write_handle;
mod writer;

pub use file_reader::FileReader;
#[cfg(all(debug_assertions, any(target_os = "linux", target_os = "android")))]
pub(crate) use notifier::taken;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use notifier::{Notifier, Registration};
pub use options::Options;
pub use read_handle::AnyReader;
pub(crate) use read_handle::{ReadAs, ReadHandle};
pub use reader::Reader;
pub use region::Region;
pub use wait::{__only_wakes, Newer, wait_any};
pub(crate) use writable::{Plan, Writable};
pub use write_handle::AnyWriter;
pub(crate) use write_handle::WriteHandle;
pub use writer::Writer;
