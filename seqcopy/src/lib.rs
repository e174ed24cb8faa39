//! Sequence locks for structs. One thread publishes a value; any number of readers copy it out without blocking the writer, and
//! retry if a write overlapped. No torn values and no undefined behaviour, even if the struct has padding, enums, bools or pointers.
//!
//! ```
//! use seqcopy::{SeqCopy, SeqLock};
//!
//! #[derive(Clone, Copy, SeqCopy)]
//! #[repr(C)]
//! struct Quote { open: bool, at: u64, bid: f32, ask: f32 }
//!
//! static QUOTE: SeqLock<Quote> = SeqLock::new(Quote { open: false, at: 0, bid: 0.0, ask: 0.0 });
//!
//! fn main() {
//!     let writer = std::thread::spawn(|| QUOTE.write(Quote { open: true, at: 7, bid: 9.5, ask: 9.6 }));
//!     let quote = QUOTE.read(); // the old one or the new one, never torn
//!     assert_eq!(quote.open, quote.at == 7 && quote.bid < quote.ask);
//!     writer.join().unwrap();
//! }
//! ```
//!
//! # What can go wrong with a struct
//! **It can be torn.** A copy takes several accesses, and a write may overlap them. The sequence word beside the value
//! shows that: it is odd while a value is being written.
//!
//! ```text
//!                  word   open     at   bid   ask
//! before the write    0   false     0   0.0   0.0
//!                     1   true      0   0.0   0.0   a reader that copies now gets
//!                     1   true      7   0.0   0.0   a quote that was never written
//!                     1   true      7   9.5   9.6
//! after the write     2   true      7   9.5   9.6
//! ```
//!
//! A reader loads the word before its copy and after it. If the word is odd, or has changed, the copy is discarded
//! before it becomes a `Quote`, and the reader retries.
//!
//! **It can be undefined behaviour**, torn or not: plain or volatile accesses that race, atomic accesses of different widths that
//! overlap, integers read from padding, a torn `bool` that is used as a `bool`. Hence the derive: it knows which bytes are data.
//! Loads and stores use the same fixed partition of those bytes into relaxed atomic accesses, as wide as alignment allows. What is in
//! padding has no meaning. [`Layout::display`] shows the partition:
//!
//! ```text
//! struct Quote: 24 bytes, align 8, 1 cache line
//! offset   size  field        accesses
//!      0      1  open: bool   1 vector byte
//!      1      7  ~ hole
//!      8      8  at: u64      8 vector bytes
//!     16      4  bid: f32     4 vector bytes
//!     20      4  ask: f32     4 vector bytes
//! 17 bytes of data, 7 bytes in 1 hole
//! 17 vector bytes
//! ```
//!
//! # Which type to choose
//! | you have | use |
//! |---|---|
//! | a value that is read more often than written | [`SeqLock<T>`] |
//! | readers that must not wait for a writer: real-time threads, interrupt and signal handlers | [`SeqLatch<T>`](SeqLatch), double-buffered |
//! | the same, and a writer that publishes back to back | [`SeqLatch<T, 4>`](SeqLatch), four buffers, created by [`from_value`](SeqLatch::from_value) |
//! | a single writer that must not wait either | the [`writer`](SeqLock::writer) of either |
//! | a pair of handles, one that writes and one that always has a value | [`split`](SeqLatch::split), [`into_split`](SeqLatch::into_split) of either |
//! | a reader with its own retry limit or deadline | [`try_read`](SeqLock::try_read), [`read_with`](SeqLock::read_with) of either |
//! | a reader that only wants newer values | [`read_if_changed`](SeqLock::read_if_changed), [`try_read_if_changed`](SeqLock::try_read_if_changed) of either |
//! | a slice whose length is known at run time: a frame, a tensor | `SeqSlice<T>`, `SeqSlice<T, 2>`, with the feature `alloc` |
//! | a thread or a task that waits for the next value | `Watched<T>`, with the feature `wait` |
//! | a fixed place or encoding: a kernel page, the slots of a ring | [`SeqCount<C>`](seq_count::SeqCount) and [`raw`] |
//! | your own protocol that detects or tolerates tearing | [`AtomicPerByte<T>`] |
//! | bits that another program wrote | [`MaybeInvalid<T>`] and [`derive(Validate)`](macro@Validate) |
//! | an `Option` or a `Duration` inside the value | [`SeqOption<T>`], [`SeqDuration`] |
//! | a name or a list inside the value | [`SeqStr<N>`](SeqStr), [`SeqVec<T, N>`](SeqVec) |
//! | a type of another crate inside the value | what [`docs::foreign_types`] says: [`Describe`], [`Remote`] |
//! | an address, a range, a time inside the value | what [`docs::standard_types`] says |
//!
//! [`docs::which_lock`] compares the locks, with figures; [`docs::real_time`] lists the wait-free calls; [`docs::recipes`] has
//! programs that wait for a newer value, give up after a timeout, or announce before they read; [`docs::performance`] shows what
//! reads and writes cost. [`docs::firmware`] and [`docs::top_of_book`] are complete programs; [`docs::migration`] translates from
//! `seqlock`, `AtomicCell`, `arc-swap` and `triple_buffer`. [`docs::evidence`] and [`docs::mutations`] record what was checked,
//! and how. For values shared between processes, see the crate [`seqcopy-shm`](https://docs.rs/seqcopy-shm).
//!
//! Use an atomic of `core` for a single number, `arc-swap` for values that own memory, and a mutex for values that are
//! written as often as read. Readers see the latest value and may miss earlier ones: to receive every value, use a channel.
//!
//! # What can happen, and the result
//! | what happens | result |
//! |---|---|
//! | a write is in progress | `SeqLock`: `read` retries, spins 64 times, then yields (with feature `std`); `try_read` returns [`Busy`](ReadError::Busy). `SeqLatch`: the previous value |
//! | a write overlapped the copy (`SeqLatch`: `BUFFERS - 1` writes finished during it) | `read` retries, `try_read` returns [`Torn`](ReadError::Torn) |
//! | a writer never pauses | readers of a `SeqLock` may starve; writers are never blocked by readers |
//! | a writer stops or dies in the middle of a write | readers of a `SeqLock` wait for it; those of a `SeqLatch` are unaffected |
//! | a handler that interrupts the writer on its own processor calls `read` | `SeqLock`: deadlock, so use `try_read` or a latch |
//! | a closure of [`update`](SeqLock::update) panics | the value is unchanged, and the write claim is released |
//! | a panic drops a guard that was changed | its copy is published, as with the crate `seqlock`, and the write claim is released |
//! | a guard or [`Writer`] is leaked | the value is unchanged, and the write claim is held forever |
//! | a thread calls `write`, `update` or `replace` of the lock inside `update`, or while it holds a guard or a [`Writer`] | deadlock; reading is fine |
//! | a field cannot be copied by several accesses | a compile error at the field, with a replacement |
//! | an invalid bit pattern: a `bool` of 3, a tag of no variant | [`InvalidValue`] from [`validate`](MaybeInvalid::validate), with the path of the field |
//!
//! # Platforms
//! | target | `SeqLock`, `SeqLatch` | `AtomicPerByte`, `raw`, `SeqCount` | widest access |
//! |---|---|---|---|
//! | `x86_64`, `aarch64` | yes | yes | 8 bytes; vector instructions for long runs, if the target has them |
//! | other 64-bit | yes | yes | 8 bytes |
//! | 32-bit with 64-bit atomics (`i686`, `armv7`, ...) | yes | yes | 4 bytes |
//! | 32-bit without (`thumbv7m`, `riscv32imac`, `powerpc`, ...) | yes, counting in two words | yes, words of 16 and 32 bits | 4 bytes |
//! | the same without compare-and-swap (`thumbv6m`, `riscv32imc`, ...) | yes; all writes: feature `critical-section` | yes, words of 16 and 32 bits | 4 bytes |
//! | 16-bit | no | no | |
//!
//! A [`Version`] wraps after 2^63 writes, after 2^62 where the locks count in two words. There, the reads that are called wait-free
//! are lock-free: they restart if 2^31 writes finish in the meantime.
//!
//! The vector instructions are inline assembly, which Miri and sanitizers cannot analyse, and which kernels without vector
//! registers cannot use: `RUSTFLAGS="--cfg seqcopy_portable"` builds without them (under Miri that is the default).
//!
//! Without the default feature `std` the crate is `no_std`; without `alloc` it never allocates. Without the default feature `derive`
//! it depends on no other crate and builds no procedural macro; the locks, [`Aligned8`], [`SeqOption`] and the types that implement
//! [`SeqCopy`] already are still there. The features are independent of each other, but `std` includes `alloc`,
//! `critical-section` includes `portable-atomic`, and `wait` includes `std`; what `wait`, `wait-tasks` and `wait-wakers` bring is said at
//! `Watched`. `serde` implements its traits for [`SeqOption`],
//! [`SeqDuration`], [`SeqStr`] and [`SeqVec`]. Where you model a protocol of your own with loom, the feature `loom` together with
//! `RUSTFLAGS="--cfg loom"` makes the sequence words and claims those of loom; the bytes of payloads stay what they are.
//! Requires Rust 1.85 or later.
//!
//! # Why it is sound
//! * *One partition.* All accesses to a value follow one partition of its bytes, so no two of them overlap in different widths, as
//!   the [memory model](core::sync::atomic#memory-model-for-atomic-accesses) requires.
//! * *Nothing uninitialised is read.* No access of the partition touches padding; where vector instructions move it along, its bytes
//!   mean nothing. Every store to an enum writes all bytes that are data in any variant.
//! * *Pointers stay pointers*: each is one access by [`AtomicPtr`](core::sync::atomic::AtomicPtr), which preserves provenance.
//! * *No value before it is known to be valid.* Bits are [`MaybeInvalid`] until the version check or `validate` has succeeded.
//! * *Only the copy layer writes.* No safe call returns a `&mut T` to shared bytes: guards work on a private copy.
//!
//! [`docs::soundness`] has the complete argument, with the sentences of the Reference that it rests on, and with programs that
//! violate its premises, which Miri must reject. [`docs::layout_rules`] lists every shape of type, accepted or rejected, and why.
//!
//! # Further reading
//! * H.-J. Boehm, [Can seqlocks get along with programming language memory models?][boehm], MSPC 2012: the fences of
//!   [`SeqCount`](seq_count::SeqCount).
//! * [Sequence counters and sequential locks][linux] in Linux.
//! * [P1478], byte-wise atomic memcpy for C++, and [RFC 3301], `AtomicPerByte` for Rust: what would make the derive
//!   unnecessary.
//!
//! [boehm]: https://doi.org/10.1145/2247684.2247688
//! [linux]: https://docs.kernel.org/locking/seqlock.html
//! [P1478]: https://wg21.link/p1478
//! [RFC 3301]: https://github.com/rust-lang/rfcs/pull/3301
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#[cfg(feature = "alloc")]
extern crate alloc;
extern crate self as seqcopy;
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(all(loom, not(feature = "loom")))]
compile_error!(
    "under `--cfg loom` the sequence words are those of the model checker loom: enable the feature `loom` of seqcopy, too"
);

mod docs;
pub mod layout;
pub mod raw;

mod atomic_per_byte;
mod backoff;
mod copy;
mod field;
mod impls;
#[doc(hidden)]
pub mod in_place;
mod invalid_value;
mod lock;
mod maybe_invalid;
#[cfg(all(test, loom))]
mod models;
mod page;
mod part;
mod picture;
mod primitive;
mod remote;
mod seq_copy;
pub mod seq_count;
mod types;
mod validate;
mod validate_bytes;
#[cfg(any(feature = "wait-wakers", all(test, loom)))]
mod watched;

#[doc(hidden)]
pub use atomic_per_byte::SendToReaders;
pub use atomic_per_byte::{Aligned8, AtomicPerByte};
pub use docs::{guide, reference};
pub use invalid_value::InvalidValue;
pub use layout::tree::Layout;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use lock::SeqSlice;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use lock::{ArcReader, ArcWriter};
pub use lock::{Attempt, Policy, Reader, SeqLatch, SeqLock, SeqLockGuard, Sequenced, Version, Writer};
// Bounds that users seldom write, for their messages say what to write; and short names.
#[doc(hidden)]
pub use lock::{LatchReader, LatchWriter, Parts, SeqLatchPolicy, SeqLockPolicy, ValidateParts};
pub use maybe_invalid::MaybeInvalid;
pub use part::Part;
#[cfg(feature = "bytemuck")]
pub use remote::Bytemuck;
#[cfg(feature = "zerocopy")]
pub use remote::Zerocopy;
pub use remote::{Describe, DescribeValid, Remote};
pub use seq_copy::SeqCopy;
pub use seq_count::token::ReadError;
#[cfg(feature = "derive")]
pub use seqcopy_derive::{SeqCopy, Validate};
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use types::LengthError;
pub use types::{CapacityError, SeqDuration, SeqOption, SeqStr, SeqVec};
pub use validate::{Bits, Validate};
#[cfg(all(any(feature = "wait-wakers", all(test, loom)), feature = "alloc", target_has_atomic = "8"))]
pub use watched::ArcWatchedWriter;
#[cfg(all(
    any(feature = "wait-wakers", all(test, loom)),
    any(target_has_atomic = "8", feature = "portable-atomic")
))]
pub use watched::WatchedWriter;
#[cfg(any(feature = "wait-wakers", all(test, loom)))]
pub use watched::{Listeners, WakeUp, Watched};

#[cfg(feature = "internal-test-forms")]
#[doc(hidden)]
pub use copy::forms as internal_test_forms;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private_0_1_0;
