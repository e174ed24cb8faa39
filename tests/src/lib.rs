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

/// The programs of the page for real-time threads.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/real-time.md")]
pub struct RealTime;

/// The program of the page that compares the locks.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/which-lock.md")]
pub struct WhichLock;

/// The programs of the recipes, run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/recipes.md")]
pub struct Recipes;

/// The program of the page about the standard library's types.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/standard-types.md")]
pub struct StandardTypes;

/// The programs of the guides.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/migration.md")]
pub struct Migration;

/// The program of the guide for firmware; `ci/no_std.sh` compiles it for processors of that kind.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/firmware.md")]
pub struct Firmware;

/// The program of the guide for market data.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/top-of-book.md")]
pub struct TopOfBook;

/// The programs of the page about the format of regions.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
#[doc = include_str!("../../seqcopy-shm/docs/format.md")]
pub struct Format;

/// The programs of the page about maps between processes.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
#[doc = include_str!("../../seqcopy-shm/docs/maps.md")]
pub struct Maps;

/// The programs of the page about choosing a lock.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/choosing-a-lock.md")]
pub struct ChoosingALock;

/// The program of the page about payloads; `ci/foreign.sh` runs those with types of other crates.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/payloads.md")]
pub struct Payloads;

/// The programs of the recipes.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/recipes.md")]
pub struct GuideRecipes;

/// The programs of the page about migration.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/migration.md")]
pub struct GuideMigration;

/// The programs of the page for real-time threads.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/real-time.md")]
pub struct GuideRealTime;

/// The programs of the page for firmware; `ci/no_std.sh` compiles the first for processors of that kind.
#[cfg(doctest)]
#[doc = include_str!("../../seqcopy/docs/guide/firmware.md")]
pub struct GuideFirmware;
