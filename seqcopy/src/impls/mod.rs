//! What the crate promises about types of the standard library.

mod compound;
mod numbers;
mod option;
mod pointers;
mod refused;
mod simd;
