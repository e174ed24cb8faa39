//! The methods of [`Sequenced`], and what those do that write.

#[cfg(feature = "alloc")]
mod heap;
mod part;
mod read;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
mod slice;
// These acquire the write claim, which takes a compare-and-swap.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
mod write;

#[cfg(doc)]
use super::Sequenced;
#[cfg(all(test, loom))]
pub(crate) use write::{try_write, update, write};
