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
//! | `chart` | draws the tables |
//! | [`codegen`], [`asm`] | the functions whose assembly is kept in `bench/asm`, and rules for it |
//! | [`panics`] | checks that no write can panic |
//!
//! `cargo bench -p bench --bench peers -- --table > peers.tsv` is the run that the README quotes, that of `contended` the
//! one behind the page about choosing a lock, and `cat peers.tsv contended.tsv | cargo run -p bench --bin plot > seqcopy/docs/speed.svg`
//! draws both.

pub mod args;
pub mod asm;
pub mod codegen;
pub mod panics;
pub mod processor;
pub mod table;
pub mod timing;

#[cfg(feature = "peers")]
pub mod chart;
#[cfg(feature = "peers")]
pub mod contention;
#[cfg(feature = "peers")]
pub mod peers;
#[cfg(feature = "peers")]
pub mod shapes;
