//! An oracle: descriptions of types that do not use seqcopy, and checks that compare seqcopy with them.
//!
//! A [`Model`] describes its type by a [`Node`]: a tree whose offsets come from `offset_of!` and, inside enums, from
//! references to the fields of values. Nothing is taken from [`Layout`](seqcopy::Layout), and the algorithms on it
//! (which bytes are data, how they are partitioned, whether bits are valid) are written independently here, for bytes
//! in memory instead of types. [`Case`] runs the checks for one type.
//!
//! The random types (`ci/random.sh`) use this module; types written by hand may use it as well.

mod case;
mod compound;
mod copies;
mod described;
mod foreign;
mod judge;
mod memory;
mod node;
mod numbers;
pub mod one_part;
mod partition;
mod parts;
mod pointers;
#[cfg(miri)]
mod race;
mod report;
mod rng;
mod spans;
#[cfg(test)]
mod tests;
mod tree;

pub use case::{Case, Fact};
pub use described::Describes;
pub use foreign::{Bytes, Foreign, Share, Unseen};
pub use node::{Byte, Hook, Node, Part, Place, Pointee, Rule, Variant};
pub use numbers::{Vector, other_than};
pub use parts::{choice, hole, hole_in, hook, part, part_in, structure, tags, variant};
pub use pointers::{FIVES, FOREIGN, Five, PLAIN, TARGETS, THREES, UNSAFE};
pub use report::Report;
pub use rng::Rng;
pub use spans::{padding_of, spans_of};

use seqcopy::SeqCopy;

/// A type that can be described and whose values can be made.
pub trait Model: SeqCopy + 'static {
    /// How many kinds of values must be tested: the number of variants of an enum.
    const KINDS: usize = 1;

    /// The description of the type.
    fn node() -> Node;

    /// Some value, extreme ones included.
    fn make(rng: &mut Rng) -> Self;

    /// Some value of a kind, which is below [`KINDS`](Model::KINDS).
    fn make_kind(kind: usize, rng: &mut Rng) -> Self {
        let _ = kind;
        Self::make(rng)
    }
}

/// Some value of the inferred type.
pub fn make<T: Model>(rng: &mut Rng) -> T {
    T::make(rng)
}
