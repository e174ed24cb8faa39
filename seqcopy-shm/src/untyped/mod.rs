//! Regions whose type is known by its schema only: writers of bytes, and what waits for a region or a map alike. For programs that pass
//! on values of types that they do not have, such as `seqcopy-relay`.
//!
//! A region that is created here is the same as one that a [`Writer`](crate::Writer) of the type creates: readers open it by their type.
//! Bytes are checked by [`Layout::validate`](seqcopy::Layout::validate) before they are written. That does not include a type's own `check`,
//! nor that a [`SeqStr`](seqcopy::SeqStr) is UTF-8: readers check these themselves, as always.

mod watch;
mod writer;

pub use crate::error::Refused;
pub use crate::flat_map::UntypedMapWriter as MapWriter;
pub use watch::Watch;
pub use writer::Writer;

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests;
