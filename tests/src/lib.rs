//! Shared by the tests: a corpus of types, an independent oracle, processes and regions.

use seqcopy::layout::{Access, AccessKind};
use seqcopy::{Layout, SeqCopy};

pub mod alike;
pub mod corpus;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub mod faults;
pub mod guarded;
pub mod interrupted;
pub mod oracle;
#[cfg(all(unix, target_pointer_width = "64"))]
pub mod regions;

/// The accesses of a copy.
#[must_use]
pub fn accesses(layout: &Layout, base: usize) -> Vec<Access> {
    let mut accesses = Vec::new();
    layout.each_access(base, |access| accesses.push(access));
    accesses
}

/// Whether this build moves long runs with vector instructions, by what the library says.
#[must_use]
pub fn has_vectors() -> bool {
    accesses(<[u64; 4]>::LAYOUT, 8)[0].kind == AccessKind::Vector
}

/// The README's programs, run by `cargo test --doc`.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

/// The programs of the READMEs of crates that can't run them themselves.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
mod readmes {
    #[doc = include_str!("../../seqcopy-derive/README.md")]
    mod derive {}
    #[doc = include_str!("../../seqcopy-cli/README.md")]
    mod cli {}
}

/// The programs of the page for real-time threads.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/real-time.md")]
pub struct RealTime;

/// The program of the page that compares the locks.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/choosing-a-lock.md")]
pub struct WhichLock;

/// The programs of the recipes, run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/recipes.md")]
pub struct Recipes;

/// The program of the page about the standard library's types.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/standard-types.md")]
pub struct StandardTypes;

/// The programs of the guides.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/migration.md")]
pub struct Migration;

/// The program of the guide for firmware; `ci/no_std.sh` compiles it for processors of that kind.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/firmware.md")]
pub struct Firmware;

/// The program of the guide for market data.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/top-of-book.md")]
pub struct TopOfBook;

/// The programs of the page about the format of regions.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
#[doc = include_str!("../../seqcopy-shm/docs/reference/format.md")]
pub struct Format;

/// The programs of the page about maps between processes.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
#[doc = include_str!("../../seqcopy-shm/docs/guide/maps.md")]
pub struct Maps;

/// The program of the page about a new version of a type that processes share.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
#[doc = include_str!("../../seqcopy-shm/docs/guide/new-version.md")]
pub struct NewVersion;
