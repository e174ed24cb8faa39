//! Seqcopy compared with its peers, measured in one run.
//!
//! | file | what |
//! |---|---|
//! | [`timing`] | samples, taken in rotation, and their summary |
//! | `shapes` | the payloads |
//! | `peers` | the implementations, behind the same traits |
//! | `contention` | one writer and readers on other threads |
//! | [`args`], [`table`] | the command line, and the output |
//! | [`processor`] | where it was measured |
//! | [`relative`] | figures of several executions, as multiples of a plain copy |
//! | [`chart`] | draws these |
//! | [`codegen`], [`asm`] | the functions whose assembly is kept in `bench/asm`, and rules for it |
//! | [`panics`] | checks that no write can panic |
//!
//! `cargo bench -p bench --features peers --bench peers -- --table > 1.tsv`, several times, is what README quotes, that
//! of `contended` what the page about choosing a lock quotes, and `cargo run -p bench --bin plot -- 1.tsv 2.tsv .. >
//! seqcopy/docs/speed.svg` draws both.

pub mod args;
pub mod asm;
pub mod chart;
pub mod codegen;
pub mod panics;
pub mod processor;
pub mod relative;
pub mod table;
pub mod timing;

#[cfg(feature = "peers")]
pub mod contention;
#[cfg(feature = "peers")]
pub mod peers;
#[cfg(feature = "peers")]
pub mod shapes;
