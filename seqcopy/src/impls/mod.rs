//! Implementations for types of the standard library.

mod compound;
mod numbers;
mod refused;

#[cfg(feature = "alloc")]
pub(crate) use refused::PlainData;
#[cfg(feature = "std")]
pub(crate) use refused::TimeSinceFixedPoint;
pub(crate) use refused::{DurationWithLayout, OwnEnum, Payload};
