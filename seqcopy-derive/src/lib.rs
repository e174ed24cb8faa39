//! `derive(SeqCopy)` and `derive(Validate)` for the crate [`seqcopy`](https://docs.rs/seqcopy).
//!
//! Do not depend on this crate. Depend on `seqcopy`, which re-exports both derives: the generated code calls a hidden
//! module of exactly this version of `seqcopy`.
//!
//! ```toml
//! [dependencies]
//! seqcopy = "0.1"
//! ```
//!
//! [`seqcopy::SeqCopy`](https://docs.rs/seqcopy/latest/seqcopy/derive.SeqCopy.html) and
//! [`seqcopy::Validate`](https://docs.rs/seqcopy/latest/seqcopy/derive.Validate.html) have examples and the options.
//!
//! # For developers
//!
//! The files of this crate, in the order in which a derive runs through them:
//!
//! ```text
//! attr -> input    what the user wrote, not yet checked
//! check            every refusal, all of them at once
//! expand           constants and calls; the loops are in `seqcopy`
//! context          what these share: traits, names, spans, bounds
//! output           the order; and what stands in for the impl when something was refused
//! ```
//!
//! This file has the entry points.

mod attr;
mod check;
mod context;
mod expand;
mod input;
mod output;
#[cfg(test)]
mod tests;

use crate::context::Derive;
use crate::output::derive;

/// The crate `seqcopy` re-exports this derive, and [its
/// page](https://docs.rs/seqcopy/latest/seqcopy/derive.SeqCopy.html) there has all options.
#[proc_macro_derive(SeqCopy, attributes(seqcopy))]
pub fn derive_seq_copy(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), Derive::SeqCopy).into()
}

/// The crate `seqcopy` re-exports this derive, and [its
/// page](https://docs.rs/seqcopy/latest/seqcopy/derive.Validate.html) there has all options.
#[proc_macro_derive(Validate, attributes(seqcopy))]
pub fn derive_validate(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), Derive::Validate).into()
}
