//! `seqcopy header`: what a program in C, C++ or Python needs to read a region.

mod check;
#[cfg(test)]
mod compiled;
mod copy;
mod generate;
mod identifiers;
mod names;
mod python;
mod reader;
mod steps;
mod system;
mod types;

pub(super) use generate::header;
#[cfg(test)]
pub(super) use generate::tests::header_of;
