//! Implementations for types of the standard library.

mod compound;
mod numbers;
mod pointers;
pub(crate) mod refused;
#[cfg(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64", target_arch = "wasm32"))]
mod simd;
