//! Implementations for types of the standard library.

mod compound;
mod numbers;
mod refused;
#[cfg(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64", target_arch = "wasm32"))]
mod simd;

#[cfg(feature = "alloc")]
pub(crate) use refused::PlainData;
#[cfg(feature = "std")]
pub(crate) use refused::TimeSinceFixedPoint;
pub(crate) use refused::{DurationWithLayout, OwnEnum, Payload};
