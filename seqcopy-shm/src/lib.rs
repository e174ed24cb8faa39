//! Sequence locks in shared memory: one process publishes a value, others read and validate it, and any of them may die
//! at any time. For 64-bit Unix and Windows.
//!
//! ```
//! use seqcopy::{SeqCopy, Validate};
//! use seqcopy_shm::{self as shm, Reader, Writer};
//!
//! #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
//! #[repr(C)]
//! struct Pose { at: u64, position: [f64; 3], mode: Mode }
//!
//! #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
//! #[repr(u8)]
//! enum Mode { Idle, Moving }
//!
//! let path = shm::path_for("pose");
//! # let path = shm::path_for(&format!("seqcopy-doc-mod-{}", std::process::id()));
//! let mut writer = Writer::<Pose>::open_or_create(&path)?; // `create` fails if the file exists
//! writer.write(Pose { at: 1, position: [0.5; 3], mode: Mode::Moving }).unwrap();
//!
//! // In another process:
//! let reader = Reader::<Pose>::open(&path)?;
//! assert_eq!(reader.read().unwrap().mode, Mode::Moving);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), shm::Error>(())
//! ```
//!
//! If the writer is killed, at any instruction, readers keep the last value (with the default two buffers), and another
//! process can take over. A read of a mapped region makes no system call unless writes keep overlapping it.
//!
//! ### A value
//! * [`Writer`] and [`Reader`], of a type that derives [`SeqCopy`](macro@seqcopy::SeqCopy) and
//!   [`Validate`](macro@seqcopy::Validate), or of a [slice](#slices) `[T]` whose length is known at run time.
//! * [`Reader::open_by_fields`], of a region whose type may [have grown](guide::new_version) meanwhile.
//! * [`Options`], the number of buffers, permissions, a required owner, and [new versions of the
//!   type](guide::new_version).
//! * [`path_for`] and [`path_for_type`], the path of a shared memory object.
//!
//! ### A table of state
//! * [`MapWriter`] and [`MapReader`], a [map](#maps) that one process changes and others look up by key; [`Options`]
//!   make it, too.
//! * [`View`], entries of one generation; [`Batch`], changes that readers see together.
//!
//! ### A region of any type
//! * [`Region`], a region as bytes, with its [`Header`] and [`Schema`]; opened by path, or by a file descriptor that a
//!   socket sent.
//! * [`regions()`] and [`regions_in`], those that are there; on Linux `regions_mapped`, those in use.
//! * [`untyped`], readers and writers of regions and maps whose type is known only by its schema; [`SchemaBuilder`]
//!   makes one.
//! * [`Mapped`] and [`Unmapped`], the two ways to read a region: mapped, or by system calls. [`FileReader`] uses the
//!   second.
//!
//! ### Waiting, and failures
//! * [`Reader::wait`] and [`wait_any`], which sleep until there is a newer value; [`Notifier`], a descriptor for `poll`
//!   and event loops.
//! * [`WriterState`], whether the writer is alive; [`ReadValueError`] and [`Error`].
//!
//! ### Pages
//! * [`guide`]: [guarantees](guide::guarantees), [maps](guide::maps), [a new version of the type](guide::new_version),
//!   [containers](guide::containers), [waiting for a value](guide::waiting), [C, C++ and
//!   Python](guide::other_languages), [looking at a region](guide::looking_at_a_region), [more than one
//!   machine](guide::more_than_one_machine).
//! * [`reference`](mod@reference): [the format](mod@reference::format) of regions, and what stays the same between
//!   versions. [`seqcopy::reference::soundness`](mod@seqcopy::reference::soundness) has the argument for memory shared
//!   between processes.
//!
//! The command `seqcopy` (`cargo install seqcopy-cli`) finds, shows, plots and records any region, without its Rust
//! type: [`guide::looking_at_a_region`]. Programs in C, C++ and Python read and write the same regions:
//! [`guide::other_languages`].
//!
//! # When a peer fails
//! Readers of a latch notice nothing if the writer dies or is stopped, at any instruction. Readers of a single buffer
//! then get an error, [`ReadValueError::WriterGone`] or `Busy`, if it was in the middle of a write. Another process can
//! take over once the writer has ended. A reader that dies leaves no trace.
//!
//! A region may be hostile. Every header field, offset, length, name and tag is checked on a private copy before it is
//! used. Attempts are bounded ([`ATTEMPTS`], [`TIME_LIMIT`]), the index of a buffer is masked, and no address or length
//! is read from the region again. Values pass [`Validate`](seqcopy::Validate), so they are valid; whether they are
//! *true* can't be checked.
//!
//! Truncating a mapped file kills its readers and its writer with SIGBUS, unless they call [`survive_truncation`]: then
//! their calls return an error. A process that may truncate a file can also write anything into it. So take regions
//! from other users as sealed memfds only ([`Region::from_fd`] accepts no file that can be truncated), or read them
//! without mapping them ([`FileReader`]). [`guide::guarantees`] has the whole table.
//!
//! The operating system is trusted: it maps what it was asked to map, and releases the locks of processes that have
//! ended.
//!
//! # Files
//! A region is a file, usually on a tmpfs: [`path_for`] gives the path of a POSIX shared memory object. Every user may
//! create files there; [`Options::require_owner`] refuses those of other users, and [`path_for_user`] is in a directory
//! of this user's own. A region can also be a sealed memfd ([`Options::create_memfd`]) that is sent over a socket. A
//! file lock, which the kernel releases when its holder ends, ensures a single writer.
//!
//! # Maps
//! ```
//! use seqcopy_shm::{self as shm, MapReader, MapWriter};
//!
//! # let path = shm::path_for(&format!("seqcopy-doc-mod-map-{}", std::process::id()));
//! let mut leases = MapWriter::<[u8; 4], u64>::create(&path, 1000)?;
//! leases.insert([10, 0, 0, 7], 1_764_000_000).unwrap();
//!
//! // In another process:
//! let reader = MapReader::<[u8; 4], u64>::open(&path)?;
//! assert_eq!(reader.get(&[10, 0, 0, 7]), Ok(Some(1_764_000_000)));
//! # leases.close()?;
//! # Ok::<(), shm::Error>(())
//! ```
//!
//! # Slices
//! The capacity of a slice, such as a scan, a picture or a tensor, is chosen when its region is created. Writes and
//! reads take time in proportion to the elements in use, or to those that you ask for ([`Reader::read_range`]). A slice
//! carries its length and nothing else: put width and height into its first elements, or into a struct with a
//! [`SeqVec`](seqcopy::SeqVec).
//!
//! ```
//! use seqcopy_shm::{self as shm, Options, Reader};
//!
//! # let path = shm::path_for(&format!("seqcopy-doc-mod-slice-{}", std::process::id()));
//! let mut writer = Options::new().capacity(1920 * 1080).open_or_create::<[u16]>(&path)?;
//! writer.write_from(&[7; 640 * 480]).unwrap();
//!
//! // In another process:
//! let reader = Reader::<[u16]>::open(&path)?;
//! let mut depths = Vec::new(); // is reused from read to read
//! reader.read_to_vec(&mut depths).unwrap();
//! assert_eq!(depths.len(), 640 * 480);
//! # writer.close()?;
//! # Ok::<(), shm::Error>(())
//! ```
//!
//! # Waiting
//! [`Reader::wait`] sleeps on a futex, the region's own word, until [`Writer::wake`] is called after a newer value was
//! written. Readers write nothing for it, and a writer that does not call `wake` pays nothing. On Windows it sleeps on a
//! named event.
//!
//! # Platforms
//! | | Linux | Android | macOS | FreeBSD | Windows |
//! |---|---|---|---|---|---|
//! | what ran | all tests | compiled, never run | compiled, never run | compiled, never run | tests that need no signals and forks, under wine 8; never on Windows itself |
//! | memfds, sockets, [`Notifier`] | yes | yes | no | no: its memfds take no lock (`flock(2)` and `fcntl(2)` want a file) | no |
//! | new files without a name | yes | yes | hidden name | hidden name | hidden name |
//! | a region is replaced | names exchanged | names exchanged | names exchanged | renamed over the old one | two renames; an opener that finds no file in between looks again |
//! | writer lock | of bytes, can be asked for | of bytes, can be asked for | of bytes, can be asked for | `flock(2)`, only tried | `LockFileEx`, only tried |
//! | whether a writer has died | yes | yes | yes, of the same user | yes | yes, of the same user |
//! | a fork is noticed | by a page that is cleared | by a page that is cleared | by a handler of `fork` | by a page that is cleared | no forks |
//! | waiting | futex | futex | macOS 14.4: `os_sync_wait_on_address`; else looks each millisecond | looks each millisecond | a named event for each wake-up |
//! | [`survive_truncation`] | yes | yes | an error | an error | nothing to do: the system truncates no file that is mapped |
//! | users | numbers | numbers | numbers | numbers | SIDs; [`Uid::from_raw`] and `as_raw` do not exist |
//! | directories of other users | links are checked | links are checked | links are followed | links are followed | links are followed |
//! | free space | checked before a region is made | checked | checked | checked | an error when it is written |
//!
//! On Windows a file that a process has mapped can't be deleted. So a region that is closed or replaced loses its name
//! at once, and its file keeps a hidden one (`.seqcopy-...`) until no process has it mapped and the next writer starts.
//! wine can't show how Windows deletes files, keeps services and sessions apart, and checks the rights of other users.
//!
//! What 32-bit Linux lacks (of the unit tests, 90 of 99 pass on an emulated ARMv7):
//!
//! | what | why |
//! |---|---|
//! | loads of the sequence word, 8 bytes, from memory that can't be written | the standard library promises them up to the width of a pointer |
//! | `u128` in a [`SchemaBuilder`] | it is aligned to 16 there, on `ARMv7` to 8 |
//! | counts of 64 bits that are made a `usize` | five places rely on 64 bits |
//! | the rest of the unit tests | seven have types and headers larger than 32 bits can have; a page that a fork clears is not emulated |
//!
//! Where a path is needed, [`path_for`] gives one in `/dev/shm`, or else in the temporary directory (of the user, on
//! Windows).
//!
//! On other systems the crate is empty. A program that imports one of its items there by name gets an error with the
//! note "the item is gated here", at a line that names what it needs: a 64-bit Unix, or Windows.
// On other systems the items do not exist. The public ones are named behind a condition that is never true, so that the
// compiler finds it and shows it. The compiler calls a single `name = "value"` a feature, hence the `any` around it.
#![allow(clippy::non_minimal_cfg)]
#![cfg_attr(not(all(any(unix, windows), target_pointer_width = "64")), allow(rustdoc::broken_intra_doc_links))]

/// Adds the condition to each of the items. (rustfmt finds the files of modules in a macro of this name and form.)
macro_rules! cfg_if {
    (if #[$gate:meta] { $($item:item)* }) => { $(#[$gate] $item)* };
}

/// Calls a function whose contract is that of the enclosing `unsafe fn`: what its caller has promised is passed on, and
/// nothing else is required.
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
macro_rules! same_contract {
    ($call:expr) => {{
        // SAFETY: the contract of the function around this, which is that of the call.
        unsafe { $call }
    }};
}

/// Makes `Debug` of an error print its message, because a `main` that returns the error prints it with `Debug`.
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
macro_rules! debug_by_display {
    ($($error:ty),+) => {$(
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    )+};
}

cfg_if! {
    if #[cfg(all(any(unix, windows), target_pointer_width = "64"))] {
        mod error;
        mod flat_map;
        mod handle;
        mod life;
        mod mapping;
        mod primitive;
        mod regions;
        mod schema;
        mod schema_builder;
        mod sys;
        pub mod untyped;
        mod value;
    }
}

#[cfg(test)]
use seqcopy_harness as _;

#[cfg(all(any(unix, windows), any(target_pointer_width = "64")))] // regions need a 64-bit Unix or Windows
pub use {
    error::{ChangeError, Error, ErrorKind, ReadValueError, Uid, WriteError, WriterState},
    flat_map::{Batch, Entry, MapKey, MapReader, MapWriter, View},
    handle::{FileReader, Newer, Options, Reader, Region, Writer, wait_any},
    mapping::{Header, survive_truncation},
    regions::{Found, path_for, path_for_type, path_for_user, regions, regions_in},
    schema::{Difference, Schema, SchemaError, VersionError},
    schema_builder::SchemaBuilder,
    value::{ATTEMPTS, Mapped, Payload, Source, TIME_LIMIT, Unmapped},
};

#[cfg(all(any(target_os = "linux", target_os = "android"), target_pointer_width = "64"))]
pub use {
    handle::{Notifier, Registration},
    regions::regions_mapped,
};

#[doc(hidden)]
#[cfg(all(any(unix, windows), any(target_pointer_width = "64")))]
pub use handle::__only_wakes;

/// How many entries of each table of this process are taken, for the tests, which leave none.
#[doc(hidden)]
#[cfg(all(debug_assertions, any(target_os = "linux", target_os = "android"), target_pointer_width = "64"))]
#[allow(clippy::type_complexity)] // names, and what counts
pub const __TABLES: [(&str, fn() -> usize); 3] = [
    ("the handler of SIGBUS", sys::lost::taken),
    ("the writers of this process", life::taken),
    ("the notifier", handle::taken),
];

/// The program of the README, which `cargo test --doc` runs.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
#[doc = include_str!("../README.md")]
mod readme {}

/// The programs of a page that need this crate's own dependencies, so the tests of the repository can't run them.
#[cfg(all(doctest, target_os = "linux", target_pointer_width = "64"))]
#[doc = include_str!("../docs/guide/waiting.md")]
mod waiting {}

// The pages of `docs/` as documentation for docs.rs. `seqcopy::guide` and `seqcopy::reference` have the pages about
// locks.
//
// References lead to files in the repository, and to modules here.
#[cfg(all(any(unix, windows), any(target_pointer_width = "64")))]
macro_rules! pages {
    ($folder:literal: $($name:ident: $file:literal;)*) => {$(
        #[cfg_attr(not(doctest), doc = concat!(
            "[maps.md]: mod@crate::guide::maps\n",
            "[new-version.md]: mod@crate::guide::new_version\n",
            "[more-than-one-machine.md]: mod@crate::guide::more_than_one_machine\n",
            "[containers.md]: mod@crate::guide::containers\n",
            "[waiting.md]: mod@crate::guide::waiting\n",
            "[other-languages.md]: mod@crate::guide::other_languages\n",
            "[looking-at-a-region.md]: mod@crate::guide::looking_at_a_region\n",
            "[guarantees.md]: mod@crate::guide::guarantees\n",
            "[format.md]: mod@crate::reference::format\n",
            "[soundness.md]: mod@crate::reference::soundness\n",
            "[premises]: mod@seqcopy::reference::soundness\n",
        ), doc = include_str!(concat!("../docs/", $folder, "/", $file)))]
        #[allow(clippy::doc_markdown)] // prose, not the documentation of an item
        pub mod $name {}
    )*};
}

/// Regions and maps in use: one question a page.
#[cfg(all(any(unix, windows), any(target_pointer_width = "64")))]
pub mod guide {
    pages! {
        "guide":
        guarantees: "guarantees.md";
        maps: "maps.md";
        new_version: "new-version.md";
        containers: "containers.md";
        waiting: "waiting.md";
        other_languages: "other-languages.md";
        looking_at_a_region: "looking-at-a-region.md";
        more_than_one_machine: "more-than-one-machine.md";
    }
}

/// What programs in other languages and auditors need.
#[cfg(all(any(unix, windows), any(target_pointer_width = "64")))]
pub mod reference {
    pages! {
        "reference":
        format: "format.md";
        soundness: "soundness.md";
    }
}
