//! Types for payloads: an `Option`, a string, a vector and a `Duration` whose layouts are specified.

mod capacity_error;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
mod length_error;
mod seq_duration;
mod seq_option;
mod seq_str;
mod seq_vec;
#[cfg(feature = "serde")]
mod serde_impls;

use crate::impls::{DurationWithLayout, OwnEnum, Payload};

pub use capacity_error::CapacityError;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use length_error::{LengthError, ReadSliceError};
pub use seq_duration::SeqDuration;
pub use seq_option::SeqOption;
pub use seq_str::SeqStr;
pub use seq_vec::SeqVec;

impl<T> OwnEnum<'_, SeqOption<T>> for Payload {}
impl DurationWithLayout<'_, SeqDuration> for Payload {}
#[cfg(feature = "std")]
impl crate::impls::TimeSinceFixedPoint<'_, SeqDuration> for Payload {}

#[cfg(feature = "alloc")]
mod of_memory {
    use super::{SeqStr, SeqVec};
    use crate::impls::{Payload, PlainData};

    impl<const N: usize> PlainData<'_, SeqStr<N>> for Payload {}
    impl<T, const N: usize> PlainData<'_, SeqVec<T, N>> for Payload {}
}
