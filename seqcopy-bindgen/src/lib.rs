//! Shared memory for C and C++: what the C library needs of a type, as a C11 and C++17 header that is generated from
//! it.
//!
//! [`seqcopy_shm`] shares a struct between Rust processes. Programs in C and C++ read and write the same regions with
//! what this crate generates. Call it in a build script, so that header and type never differ, or in a test that
//! compares its output with a checked-in file. The command `seqcopy header` prints the same for a region that exists.
//!
//! ```
//! use seqcopy::{SeqCopy, Validate};
//!
//! #[derive(Clone, Copy, SeqCopy, Validate)]
//! #[repr(C)]
//! struct Quote { open: bool, at: u64, bid: f32 }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let header = seqcopy_bindgen::c_header::<Quote>()?;
//! assert!(header.contains("static inline seqcopy_status seqcopy_Quote_reader_read("));
//! # let out = std::env::temp_dir();
//! // In a build script, `out` is the path in the variable `OUT_DIR`.
//! std::fs::write(out.join("quote.h"), header)?;
//! # std::fs::remove_file(out.join("quote.h"))?;
//! # Ok(())
//! # }
//! ```
//!
//! * [`c_header`], for a type. Put the type into a file that the build script includes as well
//!   (`#[path = "src/quote.rs"] mod quote;`), or into a crate of its own.
//! * [`Bindings`], for maps, a shorter name, or a region in place of a type.
//!
//! A header is for regions with any number of buffers, and maps with any number of slots.
//!
//! # What a header has
//! The type as C has it, with assertions that its members lie where they do in Rust; its schema; and functions over
//! those of the library [`seqcopy-c`](https://docs.rs/seqcopy-c), which take the type in place of `void *` and a size.
//! The header reads and writes values itself, without a call, as a Rust program does, and checks the same rules. Maps
//! and slices are read and written by the library. A program that can't have the library reads regions by [the page on
//! the format](mod@seqcopy_shm::reference::format).
//!
//! An enum without fields is an `enum class` in C++, and an integer with constants in C. The macro
//! `SEQCOPY_QUOTE_IS(STRUCT)` compares a struct of the program with the type, which makes it usable in its place.
//!
//! # Names in C
//! Everything at file scope begins with `seqcopy_Quote` or `SEQCOPY_QUOTE`, in the header of a map whose values are
//! `Quote`s with `seqcopy_Map_Quote` or `SEQCOPY_MAP_QUOTE`, in that of a slice of `Quote`s with `seqcopy_Slice_Quote`
//! or `SEQCOPY_SLICE_QUOTE`, or with the name given to [`Bindings::name`]. So one program includes many headers. If two
//! of different types have the same name, such as two versions of `Quote`, or maps with different keys, the compiler
//! stops with an error that says so: name one of them.
//!
//! Members have the names of the fields. A field that is named like a keyword of C or C++ gets a `_` at its end, and a
//! comment.
//!
//! A member may have the name of a macro, such as `errno`, `st_atime` or `linux`. The header declares it nonetheless. A
//! program that uses it has to undefine the macro first, since the preprocessor would replace the name. If the macro is
//! needed again, use the pragmas `push_macro` and `pop_macro`:
//!
//! ```c
//! #include "quote.h"
//! #undef st_atime
//!
//! uint64_t accessed(const seqcopy_Quote *quote) { return quote->st_atime; }
//! ```
//!
//! # Platforms
//! Regions need a 64-bit Unix or Windows: on other systems the crate is empty.

#![cfg(all(any(unix, windows), target_pointer_width = "64"))] // regions need a 64-bit Unix or Windows
#![forbid(unsafe_code)]

#[cfg(test)]
use seqcopy_harness as _;

mod bindings;
mod check;
#[cfg(test)]
mod compiled;
mod copy;
mod error;
mod identifiers;
mod names;
mod rust;
#[cfg(test)]
mod samples;
mod steps;
mod template;
mod types;

pub use bindings::Bindings;
pub use error::Error;
use seqcopy::Validate;

/// The program of the README, run by `cargo test --doc`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// The header by which C11 and C++17 programs read and write regions with a value of type `T`.
///
/// Short for [`Bindings::of`] and [`Bindings::c_header`].
///
/// # Errors
/// If the type has no bytes, or no region can hold it.
///
/// # Panics
/// The errors of [`Schema::of`](seqcopy_shm::Schema::of): if the type exceeds a limit of schemas.
///
/// ```
/// let header = seqcopy_bindgen::c_header::<[f32; 2]>()?;
/// assert!(header.contains("#define SEQCOPY_ARRAY_FINGERPRINT"));
/// # Ok::<(), seqcopy_bindgen::Error>(())
/// ```
pub fn c_header<T: Validate>() -> Result<String, Error> {
    Bindings::of::<T>()?.c_header()
}
