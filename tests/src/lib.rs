//! What the tests share: a corpus of types, one for each shape that can be copied.

pub mod corpus;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub mod faults;
pub mod oracle;

/// Whether this build moves long runs by vectors, as the library says.
#[must_use]
pub fn has_vectors() -> bool {
    use seqcopy::{SeqCopy, layout::AccessKind};
    <[u64; 4]>::LAYOUT.cut(8).any(|access| access.kind == AccessKind::Vector)
}

/// The README's programs, run by `cargo test --doc`.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

/// The programs of the recipes, run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/recipes.md")]
pub struct Recipes;
