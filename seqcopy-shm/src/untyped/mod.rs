//! Regions whose type is known by its schema only: writers and readers of bytes. For programs
//! that pass on values of types that they do not have, such as `seqcopy-relay`, and for other languages: the C library is made of these.
//!
//! A region that is created here is the same as one that a [`Writer`](crate::Writer) of the type creates: readers open it by their type.
//! Bytes are checked by [`Layout::validate`](seqcopy::Layout::validate) before they are written, and after they were read. That does not
//! include a type's own `check`: readers of the type check this themselves, as always.

mod reader;
mod slice;
mod status;
mod value;
mod writer;

/// What a program in C reads or writes values by without a call. It is as it was until the region is another one.
#[doc(hidden)]
#[derive(Debug)]
pub struct __Direct {
    /// The word of the region, whose buffers lie where the type has them.
    pub word: *const u64,
    /// How many there are, less one.
    pub last: u64,
    /// The byte that is 1 as long as this process may write; null for a reader.
    pub may_write: *const core::sync::atomic::AtomicU8,
    /// Moves bytes out of a buffer, or into one.
    pub move_bytes: unsafe extern "C" fn(*const u8, *mut u8, usize),
}

pub use crate::error::BytesError;
pub use crate::flat_map::{UntypedMapReader as MapReader, UntypedMapWriter as MapWriter};
#[doc(hidden)]
pub use status::__Status;
// For seqcopy-relay.
#[doc(hidden)]
pub use crate::value::active::active as __active;
pub use reader::Reader;
pub use value::{Expected, Fields, List, Node, Value, Variants};
pub use writer::Writer;

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests;
