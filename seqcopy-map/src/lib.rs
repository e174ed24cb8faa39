//! A hash map of plain data for threads of one process. Readers take no lock, hold no guard and pin no epoch; the map
//! grows a few entries at a time.
//!
//! ```
//! use seqcopy_map::SeqMap;
//!
//! let map = SeqMap::<u64, [f64; 3]>::new();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| (0..1000).for_each(|id| _ = map.insert(id, [id as f64; 3])));
//!     // Meanwhile: each value is whole, or the key is not there yet.
//!     let seen = map.get(&500);
//!     assert!(seen.is_none_or(|position| position == [500.0; 3]));
//! });
//! assert_eq!(map.len(), 1000);
//! assert_eq!(map.update(&500, |position| position[2] = 0.0), Some(()));
//! assert_eq!(map.get(&500), Some([500.0, 500.0, 0.0]));
//! ```
//!
//! * [`SeqMap`], the map: `get`, `insert`, `update`, `remove`, and more by `&self`.
//! * [`Iter`], its entries; [`MapKey`], which types are keys; [`FoldHasher`] and [`FoldState`], the default hasher.
//! * [`reference::soundness`](mod@reference::soundness), the argument, the orderings, and what was checked.
//!
//! # When to use it
//! Use it for keys and values that are plain data ([`SeqCopy`](trait@seqcopy::SeqCopy): numbers, arrays, structs and
//! enums of them), if there are many small updates, or if readers must hold nothing: because they can't pin an epoch,
//! or must never delay the reclamation of memory. A reader gets copies, never references.
//!
//! | you have | use |
//! |---|---|
//! | values that own memory (`String`, `Vec`, `Box`) | papaya, or dashmap where writes dominate |
//! | long read phases over a small map, under one guard | papaya |
//! | several writers that must not wait for each other | dashmap: here one thread writes at a time |
//! | other processes that read | the flat map of `seqcopy-shm` |
//! | a handful of values that are read together | one [`SeqLock`](seqcopy::SeqLock) of a struct |
//!
//! # Progress
//! A read is retried while its entry is being written, and when the map begins or ends a move to another table. The
//! larger the map, the more inserts lie between two moves. [`try_get`](SeqMap::try_get) makes a single, bounded
//! attempt. Writers wait for each other. No write moves more than 64 entries. A write that begins a move also allocates
//! the new table, zeroed; how long that takes depends on the allocator.
//!
//! # Memory
//! No table is freed while the map is shared, because nothing shows when its readers have finished. A table out of use
//! is kept, and used again when the map needs one of its size. So a map takes up to four times the memory of its
//! present table; [`shrink_to_fit`](SeqMap::shrink_to_fit) frees the rest.
//!
//! # Speed
//! Nanoseconds for one operation at random keys, with 8-byte keys and 32-byte values, all with the same hasher. Each
//! figure is the median of 31 rounds in which the implementations took turns, on an otherwise idle virtual machine with
//! two cores of an AMD Zen 4 (family 25, model 17). From 100,000 entries on, two runs differ by a third. `cargo bench
//! -p bench --bench maps -- --table` measures more maps and operations, on your machine.
//!
//! | operation | implementation | 1,000 entries | 100,000 | 1,000,000 |
//! |---|---|---|---|---|
//! | look-up | **`SeqMap::get`** | 7.7 | 41 | 83 |
//! | | papaya, a guard each | 9.9 | 41 | 115 |
//! | | papaya, one guard for all | 7.2 | 29 | 75 |
//! | | dashmap | 7.7 | 32 | 65 |
//! | | `RwLock<HashMap>` | 5.9 | 23 | 50 |
//! | another value for a key | **`SeqMap::insert`** | 14 | 80 | 168 |
//! | | papaya | 61 | 225 | 476 |
//! | | dashmap | 11 | 49 | 103 |
//! | | `RwLock<HashMap>` | 9.4 | 50 | 122 |
//! | a look-up with a concurrent writer | **`SeqMap::get`** | 36 | 68 | 208 |
//! | | papaya, a guard each | 33 | 170 | 399 |
//! | | dashmap | 71 | 99 | 236 |
//! | | `RwLock<HashMap>` | 92 | 195 | 323 |
//! | that writer's updates | **`SeqMap::insert`** | 68 | 101 | 210 |
//! | | papaya | 474 | 508 | 847 |
//! | | dashmap | 112 | 110 | 205 |
//! | | `RwLock<HashMap>` | 126 | 153 | 219 |
//!
//! A million inserts into an empty map took 288 ns each (papaya 341, dashmap 240). The 99.99th percentile was 31 us
//! (37, 29). The longest took 3.3 ms (1.1, 1.1), or 0.1 ms in a map made [`with_capacity`](SeqMap::with_capacity).
//! While a map moves to another table, each write moves up to 63 other entries, which takes about 2 us if they are not
//! in a cache.
//!
//! # Platforms
//! Needs `alloc`, and a target with 64-bit atomics. Without the feature `std`, waiting spins and the default hasher's
//! seed is fixed.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Which features an item needs, and no more.
#![cfg_attr(docsrs, doc(auto_cfg(hide(loom))))]

#[cfg(not(target_has_atomic = "64"))]
compile_error!("seqcopy-map needs a target with 64-bit atomics");

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

#[cfg(all(loom, not(feature = "loom")))]
compile_error!(
    "under `--cfg loom` the atomics are those of the model checker loom: enable the feature `loom` of seqcopy-map, too"
);

#[cfg(test)]
use seqcopy_harness as _;

mod growth;
mod hasher;
mod iter;
mod map;
#[cfg(all(test, loom))]
mod models;
mod primitive;
mod slot;
mod table;
mod tables;
#[cfg(all(test, not(loom)))]
mod tests;
mod whole;

pub use hasher::MapKey;
pub use hasher::{FoldHasher, FoldState};
pub use iter::Iter;
pub use map::SeqMap;

/// The program of the README, run by `cargo test --doc`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

// The page of `docs/` in the package, for docs.rs. Those of the locks are in `seqcopy::guide` and `seqcopy::reference`.

/// What auditors need.
pub mod reference {
    // References lead to files in the repository, and to modules here.
    #[cfg_attr(not(doctest), doc = "[premises]: mod@seqcopy::reference::soundness\n", doc = include_str!("../docs/reference/soundness.md"))]
    #[allow(clippy::doc_markdown)] // prose, not the documentation of an item
    pub mod soundness {}
}
