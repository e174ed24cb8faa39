//! Documents and sources, held to what they say: the map of the tree, the README, the page of premises, drawings,
//! arrows between modules, tiers of checks.

// They read sources and pages, which are the same on each system, and run scripts.
#![cfg(unix)]

mod arrows;
mod checks;
mod failures;
#[cfg(all(unix, target_pointer_width = "64"))]
mod foreign_names;
mod foreign_page;
mod map;
mod picture;
mod premises;
mod protocol;
mod readme;
mod spine;
