//! The locks: one struct, [`Sequenced`], with two policies, and the handles of its writers and readers.

mod algorithms;
mod claim;
#[cfg(test)]
mod fixture;
mod methods;
mod part;
mod protocol;
mod read;
mod reader;
mod seq_latch;
mod seq_lock;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
mod seq_slice;
mod sequenced;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
mod slice_buffer;
#[cfg(all(test, not(loom)))]
mod tests;
mod version;
mod writer;

#[allow(unused_imports)] // in optimised builds
pub(crate) use algorithms::Unoptimised;
pub(crate) use algorithms::{Latch, SingleBuffer};
pub(crate) use claim::{Algorithm, Claim, Claimed, Held, Lock};
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
pub(crate) use claim::{ClaimFor, ClaimGuard};
#[cfg(all(test, loom))]
pub(crate) use methods::{try_write, update, write};
pub use part::{Parts, ValidateParts};
#[cfg(all(test, loom))]
pub(crate) use part::{read_parts, try_read_parts};
pub(crate) use protocol::{Payload, Protocol};
pub use read::Attempt;
#[cfg(all(test, loom))]
pub(crate) use read::{read_if_changed, try_read, try_read_if_changed};
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use reader::arc::ArcReader;
pub use reader::{LatchReader, Reader};
pub use seq_latch::SeqLatch;
pub use seq_lock::{SeqLock, SeqLockGuard};
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use seq_slice::SeqSlice;
pub use sequenced::{Policy, SeqLatchPolicy, SeqLockPolicy, Sequenced};
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub(crate) use slice_buffer::OneOrMore;
#[cfg(all(test, loom))]
pub(crate) use slice_buffer::{ListBuffer, Selection, publish_list, try_read_list};
pub use version::Version;
#[allow(unused_imports)] // by slices, and by locks that wake
pub(crate) use writer::Handle;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub(crate) use writer::arc::ArcField;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use writer::arc::ArcWriter;
pub use writer::{LatchWriter, Writer};
