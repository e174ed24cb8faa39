//! C library for [`seqcopy_shm`]: programs in C and C++ write the same regions and maps as those in Rust, and read
//! them, by the one implementation. The header is `include/seqcopy.h`; `include/seqcopy.hpp` has classes for C++17.
//!
//! What a type may be is given by its schema, as bytes. `seqcopy header` prints both the struct and its schema, and
//! functions that take the struct in place of bytes. The [README](https://docs.rs/crate/seqcopy-c/latest) is for users
//! in C and C++; this page is for those who bind the library from elsewhere, or work on it.
//!
//! ```
//! use seqcopy_c::*;
//! use seqcopy_shm::{Reader, Schema, path_for};
//! use std::{ffi::CString, os::unix::ffi::OsStrExt, ptr::null, ptr::null_mut};
//!
//! let path = path_for("seqcopy-doc-c");
//! # let path = path_for(&format!("seqcopy-doc-c-{}", std::process::id()));
//! let name = CString::new(path.as_os_str().as_bytes()).unwrap();
//! let (schema, value) = (Schema::of::<[u16; 2]>(), [1u16, 2]);
//! let mut writer = null_mut();
//! // SAFETY: the pointers are those of locals, and as long as their sizes say.
//! unsafe {
//!     let bytes = schema.as_bytes();
//!     let status = seqcopy_writer_create(name.as_ptr(), bytes.as_ptr().cast(), bytes.len(), null(), &mut writer);
//!     assert_eq!(status, seqcopy_status::SEQCOPY_OK);
//!     assert_eq!(seqcopy_writer_write(writer, value.as_ptr().cast(), 4), seqcopy_status::SEQCOPY_OK);
//! }
//! assert_eq!(Reader::<[u16; 2]>::open(&path).unwrap().read(), Ok([1, 2]));
//! // SAFETY: a handle of this library, which is not used again.
//! assert_eq!(unsafe { seqcopy_writer_close(&mut writer) }, seqcopy_status::SEQCOPY_OK);
//! ```
//!
//! # Rules
//! * A function that can fail returns a [`seqcopy_status`]; [`seqcopy_message`] has the text for the last failure of
//!   the calling thread. The other ones return 0 or `false` if they are passed null.
//! * No panic gets out: it becomes `SEQCOPY_PANIC`. A read or a write first tries a way without this guard, for its
//!   speed: a panic there, which would be a mistake of this library, ends the process.
//! * Null, a size that is not that of the type, a handle that was closed (it is null then), and a writer that another
//!   thread is in, give an error. What can't be seen is the caller's duty, and each function says it under "Safety":
//!   that a pointer leads where it says. Of all functions: a place that one writes to overlaps nothing else that it was
//!   given.

#![cfg(all(any(target_os = "linux", target_os = "android"), target_pointer_width = "64"))] // only Linux passes descriptors of regions
#![allow(non_camel_case_types)] // the names are those of the C header
#![allow(clippy::unit_arg)] // what can't fail has succeeded

mod call;
mod handle;
mod map_reader;
mod map_writer;
mod notifier;
mod reader;
mod region;
mod status;
mod writer;

pub use map_reader::*;
pub use map_writer::*;
pub use notifier::*;
pub use reader::*;
pub use region::*;
pub use status::*;
pub use writer::*;
