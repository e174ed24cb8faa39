//! Types for payloads: an `Option`, a string, a vector and a `Duration` whose layouts are specified.

mod capacity_error;
mod instead;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
mod length_error;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
mod read_slice_error;
mod seq_duration;
mod seq_option;
mod seq_str;
mod seq_vec;
#[cfg(feature = "serde")]
mod serde_impls;

pub use capacity_error::CapacityError;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use length_error::LengthError;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use read_slice_error::ReadSliceError;
pub use seq_duration::SeqDuration;
pub use seq_option::SeqOption;
pub use seq_str::SeqStr;
pub use seq_vec::SeqVec;
