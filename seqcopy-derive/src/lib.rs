//! `derive(SeqCopy)` and `derive(Validate)` for the crate [`seqcopy`](https://docs.rs/seqcopy).
//!
//! Use them through `seqcopy`, which re-exports both: what the macros emit calls a hidden module of exactly this
//! version of `seqcopy` and of no other.
//!
//! A derive runs through the files of this crate in one direction:
//!
//! ```text
//! attr, repr -> input    what the user wrote, not yet checked
//! check                  every refusal, all of them at once
//! bounds -> expand       data and calls; the loops live in the runtime crate
//! fallback               what stands in for the impl when something was refused
//! ```
//!
//! This file owns the two entry points, `output` that order.

mod attr;
mod bounds;
mod check;
mod context;
mod derive;
mod expand;
mod fallback;
mod input;
mod output;
mod repr;
#[cfg(test)]
mod tests;

use crate::derive::Derive;
use crate::output::derive;

/// Says that a type may be copied field by field while other threads write it.
///
/// Deriving it is as strong a consent to bitwise duplication as deriving `Copy`; types that need `drop` are refused.
/// It works for structs of any representation, for enums without data (`repr(u8)` and the like, or `repr(C)`) and for
/// enums with data (`repr(u8)` or `repr(C, u8)` and the like).
///
/// Options of the type, written `#[seqcopy(..)]`:
///
/// - `crate = path`: where the crate `seqcopy` is found, if not at `::seqcopy`. Needed if a dependency re-exports it: with
///   `other::seqcopy`, write `#[seqcopy(crate = other::seqcopy)]`. Without that the compiler answers with error E0433, "could not
///   find `seqcopy` in the list of imported crates". The path is trusted: the impl is made of what it leads to, which must be
///   this very crate, under whatever name.
/// - `bound(T: SeqCopy, ..)`: replaces the bounds that the derive would write (one per field type that names a type
///   parameter), for `SeqCopy` and for `Validate` alike.
/// - `check = path` and `unsafe(check = path)`: see [`macro@Validate`].
/// - `remote = path::Type`: the item lists the fields (or the variants, which have none) of a type of another crate. The compiler
///   checks the list against that type, and the item gets `Describe<path::Type>` in place of `SeqCopy`. With `unsafe(remote =
///   path::Type)` you promise that the item has the same fields and repr, private ones included.
/// - `unsafe(plain)`: the type, of any kind and whatever its fields are, is copied as bytes. You promise that in every value
///   each byte is initialised and none belongs to a pointer.
///
/// Options of a field:
///
/// - `skip`: a field of type `MaybeUninit<_>` that is neither read nor written.
/// - `with = List`: a foreign field, copied as `List` describes its type: a list with `remote`, `[List; N]` for an array, or one of
///   the ready-made `Bytemuck` and `Zerocopy`.
/// - `unsafe(as = Type)`: a foreign field, copied as if it were a `Type` of the same size. You promise that every byte
///   which is data of `Type` is initialised in every value of the field; and, where `Validate` is derived too, that bits
///   valid for `Type` are valid and safe for the field.
/// - `word = Code`: the sequence word of a page, in this encoding, for `seqcopy::raw::Page`. The field is a `MaybeUninit` of the
///   encoding's word (`MaybeUninit<u32>` for `Parity<u32>`), skipped like those with `skip`; one field of a struct can have it.
///   A word that is too wide, too narrow or misaligned is refused here, in a type with parameters where code is generated that uses
///   it: `cargo check` does not see that.
///
/// The trait's own page says the promises in full. The lint `unsafe_code` sees the `unsafe` in them.
#[proc_macro_derive(SeqCopy, attributes(seqcopy))]
pub fn derive_seq_copy(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), Derive::SeqCopy).into()
}

/// Says that bits which pass the checks are a valid *and safe* value, also when another process wrote them.
///
/// It needs a layout that the language specifies: `repr(C)`, `repr(transparent)`, or an enum with an integer
/// representation. Every field is checked by its own type's `Validate`, then the type's own check runs:
///
/// - `#[seqcopy(check = path)]` on the type: `fn(&MaybeInvalid<Self>) -> Result<(), &'static str>`.
/// - `#[seqcopy(unsafe(check = path))]` on the type: `fn(&Self) -> Result<(), &'static str>`, called with a value
///   whose fields have passed while the type's own invariant may not hold yet. You promise that the function is sound on such a value.
///
/// A field with `unsafe(as = Type)` is checked as a `Type`: its promise then covers that bits valid for `Type` are valid and
/// safe for the field.
///
/// On a list with `remote`, it implements `DescribeValid` for the listed type, whose layout the compiler must have made as the
/// language makes the list's.
///
/// All other options are those of [`macro@SeqCopy`].
#[proc_macro_derive(Validate, attributes(seqcopy))]
pub fn derive_validate(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), Derive::Validate).into()
}
