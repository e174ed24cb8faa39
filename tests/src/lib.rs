//! Shared by the tests: a corpus of types, an independent oracle, processes and regions.

use std::io::Write as _;

use seqcopy::layout::{Access, AccessKind};
use seqcopy::{Layout, SeqCopy};

pub mod alike;
pub mod corpus;
#[cfg(all(target_os = "linux", target_pointer_width = "64", debug_assertions, not(miri)))]
mod counted;
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
pub mod faults;
pub mod guarded;
pub mod interrupted;
pub mod oracle;
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
pub mod random_types;
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
pub mod regions;
#[cfg(seqcopy_traced)]
pub mod traced;
pub mod tree;

/// Says that something is not tested on this machine, also if the test passes. With `SEQCOPY_NO_SKIP`, for machines
/// that can have every tool (`ci/lib.sh`), it fails.
///
/// # Panics
/// In that case.
pub fn skipped(what: &str) {
    // Not `eprintln!`, which a passing test keeps to itself.
    let _ = writeln!(std::io::stderr(), "==== SKIPPED: {what} ====");
    assert!(std::env::var_os("SEQCOPY_NO_SKIP").is_none_or(|value| value.is_empty()), "skipped: {what}");
}

/// Whether the long form of the tests was asked for (`ci/test.sh --long`): what hostile peers, kills and forks do for
/// longer, or more often.
#[must_use]
pub fn is_long() -> bool {
    std::env::var_os("SEQCOPY_LONG").is_some()
}

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

/// The programs of README and guide, run by `cargo test --doc`. `ci/foreign.sh` runs those with types of other crates,
/// `ci/no_std.sh` compiles that for firmware.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../seqcopy/docs/guide/choosing-a-lock.md")]
    mod choosing_a_lock {}
    #[doc = include_str!("../../seqcopy/docs/guide/firmware.md")]
    mod firmware {}
    #[doc = include_str!("../../seqcopy/docs/guide/foreign-pages.md")]
    mod foreign_pages {}
    #[doc = include_str!("../../seqcopy/docs/guide/how-it-works.md")]
    mod how_it_works {}
    #[doc = include_str!("../../seqcopy/docs/guide/migration.md")]
    mod migration {}
    #[doc = include_str!("../../seqcopy/docs/guide/payloads.md")]
    mod payloads {}
    #[doc = include_str!("../../seqcopy/docs/guide/real-time.md")]
    mod real_time {}
    #[doc = include_str!("../../seqcopy/docs/guide/recipes.md")]
    mod recipes {}
    #[doc = include_str!("../../seqcopy/docs/guide/state-or-stream.md")]
    mod state_or_stream {}
}

/// Those of regions, and the READMEs of crates that can't run them themselves.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
mod pages_of_regions {
    #[doc = include_str!("../../seqcopy-derive/README.md")]
    mod derive {}
    #[doc = include_str!("../../seqcopy-cli/README.md")]
    mod cli {}
    #[doc = include_str!("../../seqcopy-shm/docs/guide/maps.md")]
    mod maps {}
    #[doc = include_str!("../../seqcopy-shm/docs/guide/new-version.md")]
    mod new_version {}
    #[doc = include_str!("../../seqcopy-shm/docs/reference/format.md")]
    mod format {}
}
