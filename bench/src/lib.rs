//! Seqcopy beside its peers, measured in one run.
//!
//! | file | what |
//! |---|---|
//! | [`timing`] | samples, taken in turns, and what is said about them |
//! | `shapes` | what is copied |
//! | `peers` | who copies it, each behind the same two traits |
//! | `contention` | one writer and readers on other threads |
//! | [`args`], [`table`] | what was asked for, and the answer |
//! | `chart` | tables as a picture |
//! | [`codegen`], [`asm`] | the functions whose assembly lies in `bench/asm`, and what it must look like |
//! | [`panics`] | that no write can come to a panic |
//!
//! `cargo bench -p bench --bench peers -- --table > peers.tsv` is the run that the README quotes, the same of `contended` the one
//! behind the page about choosing a lock, and `cat peers.tsv contended.tsv | cargo run -p bench --bin plot > seqcopy/docs/speed.svg`
//! draws both.

pub mod args;
pub mod asm;
pub mod codegen;
pub mod panics;
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
