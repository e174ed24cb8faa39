//! Regions whose type is known by its schema only: writers and readers of bytes. For programs that pass on values of
//! types that they do not have, such as `seqcopy-relay`, and for other languages: the C library is made of these.
//!
//! A region that is created here is the same as one that a [`Writer`](crate::Writer) of the type creates: readers open
//! it by their type. Bytes are checked by [`Layout::validate`](seqcopy::Layout::validate) before they are written, and
//! after they were read. That does not include a type's own `check`: readers of the type check this themselves, as
//! always.
//!
//! **Not promised.** These items are here for the programs of this repository, which are released together with this
//! crate. They may change in any 0.1.x, unlike everything outside of this module.

/// For the C library and the Python package.
#[doc(hidden)]
#[path = "foreign.rs"]
pub mod __foreign;
mod elements;
mod reader;
mod value;
mod writer;

pub use crate::error::BytesError;
pub use crate::flat_map::{
    Entries, FileMap, UntypedEntry as Entry, UntypedMapReader as MapReader, UntypedMapWriter as MapWriter,
};
pub use crate::value::active;
pub use reader::Reader;
pub use value::{Expected, Fields, List, Node, Value, Variants};
pub use writer::Writer;

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests;
