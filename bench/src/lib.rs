//! Seqcopy beside its peers, measured in one run.
//!
//! | file | what |
//! |---|---|
//! | [`timing`] | samples, taken in turns, and what is said about them |
//! | `shapes` | what is copied |
//! | `peers` | who copies it, each behind the same two traits |
//! | `contention` | one writer and readers on other threads |
//! | [`args`], [`table`] | what was asked for, and the answer |
//! | [`chart`] | a table as a picture |
//! | [`codegen`], [`asm`] | the functions whose assembly lies in `bench/asm`, and what it must look like |
//!
//! `cargo bench -p bench --bench peers -- --table > table.tsv` is the run that the README quotes, and
//! `cargo run -p bench --bin plot < table.tsv > docs/speed.svg` draws it.

pub mod args;
pub mod asm;
pub mod chart;
pub mod codegen;
pub mod table;
pub mod timing;

#[cfg(feature = "peers")]
pub mod contention;
#[cfg(feature = "peers")]
pub mod peers;
#[cfg(feature = "peers")]
pub mod shapes;
