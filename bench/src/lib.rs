//! Seqcopy beside its peers, measured in one run.
//!
//! | file | what |
//! |---|---|
//! | [`timing`] | samples, taken in rotation, and their summary |
//! | `shapes` | the payloads |
//! | `peers` | the implementations, behind the same traits |
//! | `contention` | one writer and readers on other threads |
//! | [`args`], [`table`] | the command line, and the output |
//! | [`processor`] | where it was measured |
//! | [`chart`] | draws the tables of two runs |
//! | [`codegen`], [`asm`] | the functions whose assembly is kept in `bench/asm`, and rules for it |
//! | [`panics`] | checks that no write can panic |
//!
//! `cargo bench -p bench --bench peers -- --table > peers.tsv` is the run that the README quotes, that of `contended` the
//! one that the page about choosing a lock quotes, and `cargo run -p bench --bin plot -- run1.tsv run2.tsv > seqcopy/docs/speed.svg`
//! draws two runs of both.

pub mod args;
pub mod asm;
pub mod chart;
pub mod codegen;
pub mod panics;
pub mod processor;
pub mod table;
pub mod timing;

#[cfg(feature = "peers")]
pub mod contention;
#[cfg(feature = "peers")]
pub mod peers;
#[cfg(feature = "peers")]
pub mod shapes;
