//! Readers of shared memory for C and C++: a C11 and C++17 header, generated from a Rust type; and what the C library needs of it.
//!
//! [`seqcopy_shm`] shares a struct between Rust processes. Programs in other languages read the same regions with what this crate
//! generates. Call it in a build script, so that header and type never differ, or in a test that compares its output with a checked-in
//! file. The command `seqcopy header` prints the same for a region that exists.
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
//! assert!(header.contains("static inline int seqcopy_Quote_read("));
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
//! A generated reader reads regions with any number of buffers, and maps with any number of slots.
//!
//! # What the readers do
//! They open a region read-only, check each byte of its header, and return a whole, valid value that was written, or an error. The comment at
//! the top of each lists what it promises. They follow [the page on the format](mod@seqcopy_shm::reference::format).
//!
//! # Truncation
//! A mapped file that is truncated ends a program that reads it, by SIGBUS. In C, on Linux, one translation unit may define
//! `SEQCOPY_SURVIVE_TRUNCATION` before it includes the first header. From a call of `seqcopy_survive_truncation()` on, reads return
//! `.._READ_TRUNCATED` instead, through all headers of the program.
//!
//! ```c
//! #define _GNU_SOURCE /* where the compiler is told a strict mode, such as -std=c11 */
//! #define SEQCOPY_SURVIVE_TRUNCATION
//! #include "quote.h"
//!
//! int main(void) { return seqcopy_survive_truncation(); }
//! ```
//!
//! # Names in C
//! Apart from that, everything at file scope begins with `seqcopy_Quote` or `SEQCOPY_QUOTE`, in the header of a map whose values are `Quote`s with
//! `seqcopy_Map_Quote` or `SEQCOPY_MAP_QUOTE`, in that of a slice of `Quote`s with `seqcopy_Slice_Quote` or `SEQCOPY_SLICE_QUOTE`, or with
//! the name given to [`Bindings::name`]. So one program includes many headers. If two of different types have the same name, such as two
//! versions of `Quote`, or maps with different keys, the compiler stops with an error that says so: name one of them.
//!
//! Members have the names of the fields. A field that is named like a keyword of C or C++ gets a `_` at its end, and a comment.
//!
//! A member may have the name of a macro, such as `errno`, `st_atime` or `linux`. The header declares it nonetheless. A program that uses it
//! has to undefine the macro first, since the preprocessor would replace the name. If the macro is needed again, use the pragmas
//! `push_macro` and `pop_macro`:
//!
//! ```c
//! #include "quote.h"
//! #undef st_atime
//!
//! uint64_t accessed(const seqcopy_Quote *quote) { return quote->st_atime; }
//! ```
//!
//! # Platforms
//! Regions need a 64-bit Unix: on other systems the crate is empty.

#![cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
#![forbid(unsafe_code)]

#[cfg(test)]
use seqcopy_harness as _;

mod bindings;
mod check;
#[cfg(test)]
mod compiled;
mod copy;
mod error;
mod fields;
mod identifiers;
mod keywords;
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

/// The header by which C11 and C++17 programs read regions with a value of type `T`.
///
/// Short for [`Bindings::of`] and [`Bindings::c_header`].
///
/// # Errors
/// If the type has no bytes, or no region can hold it.
///
/// # Panics
/// As [`Schema::of`](seqcopy_shm::Schema::of): if the type exceeds a limit of schemas.
///
/// ```
/// let header = seqcopy_bindgen::c_header::<[f32; 2]>()?;
/// assert!(header.contains("#define SEQCOPY_ARRAY_FINGERPRINT"));
/// # Ok::<(), seqcopy_bindgen::Error>(())
/// ```
pub fn c_header<T: Validate>() -> Result<String, Error> {
    Bindings::of::<T>()?.c_header()
}
