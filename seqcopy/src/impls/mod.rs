//! Implementations for types of the standard library.

mod addresses;
mod compound;
mod numbers;
mod option;
mod ordering;
mod pointers;
mod ranges;
pub(crate) mod refused;
#[cfg(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64", target_arch = "wasm32"))]
mod simd;
