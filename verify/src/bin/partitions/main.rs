//! Checks the partition of every small layout: `ci/exhaust.sh`.
//!
//!     partitions [--all] [--only WORDS OF A KIND]
//!
//! Layouts are made at run time, all of each kind that the table lists, and drive the same partition as types do. At
//! every base the accesses that the crate lists are compared with those that the rules of
//! `seqcopy/docs/reference/soundness.md` demand, computed from bytes by code that shares nothing with the crate.
//! Whatever the rules, accesses must be aligned, inside and disjoint, and touch all data, each pointer as a whole, and
//! nothing else. Then loads and stores are made in every way, in memory in which every byte is watched.
//!
//! Without `--all` smaller types, in seconds. The rules differ with the build: run it with `--cfg seqcopy_portable`,
//! and for a target with 32-bit pointers, too. The last line is the summary.

#[cfg(target_os = "linux")]
mod built;
#[cfg(target_os = "linux")]
mod check;
#[cfg(target_os = "linux")]
mod kinds;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod pieces;
#[cfg(target_os = "linux")]
mod rules;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod tree;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    run::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
