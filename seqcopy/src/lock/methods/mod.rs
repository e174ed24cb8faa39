//! The methods of [`Sequenced`], and what those do that write.

mod part;
mod read;
mod split;
// These acquire the write claim, which takes a compare-and-swap.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
mod write;

#[cfg(doc)]
use super::Sequenced;
#[cfg(not(any(target_has_atomic = "8", feature = "portable-atomic")))]
use super::{Policy, Sequenced};
#[cfg(all(test, loom))]
pub(crate) use write::{try_write, update, write};

#[cfg(not(any(target_has_atomic = "8", feature = "portable-atomic")))]
super::absent! { [P: Policy] Sequenced<T, P> }
