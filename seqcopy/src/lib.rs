//! Sequence locks for structs. One thread publishes a value; any number of readers copy it out without blocking the
//! writer, and retry if a write overlapped. No torn values and no undefined behaviour, even if the struct has padding,
//! enums, bools or pointers.
//!
//! ```
//! use seqcopy::{SeqCopy, SeqLock};
//!
//! #[derive(Clone, Copy, Debug, SeqCopy)]
//! struct Quote { bid: f64, ask: f64, open: bool }
//!
//! static QUOTE: SeqLock<Quote> =
//!     SeqLock::new(Quote { bid: 0.0, ask: 0.0, open: false });
//!
//! fn main() {
//!     let newer = Quote { bid: 9.5, ask: 9.6, open: true };
//!     let feed = std::thread::spawn(move || QUOTE.write(newer));
//!     println!("{:?}", QUOTE.read()); // the old quote or the new one, whole
//!     feed.join().unwrap();
//!     println!("{:?}", QUOTE.read()); // Quote { bid: 9.5, ask: 9.6, open: true }
//! }
//! ```
//!
//! Start with [`SeqLock`]. Readers of a [`SeqLatch`] never wait for a writer. Both hold types with
//! [`derive(SeqCopy)`](macro@SeqCopy); most of its errors tell you what to write instead. For other processes, use the
//! crate [`seqcopy-shm`](https://docs.rs/seqcopy-shm); for a map within one process,
//! [`seqcopy-map`](https://docs.rs/seqcopy-map).
//!
//! ### Locks
//! * [`SeqLock`], one buffer: for a value that is read more often than written.
//! * [`SeqLatch`], two or more buffers: for readers that must not wait, such as real-time threads, interrupt and signal
//!   handlers.
//! * [`SeqSlice`], for a slice whose length is known at run time: a frame, a tensor.
//! * [`Watched`], for threads and tasks that wait for the next value.<sup>feature `wait`</sup>
//!
//! ### Handles
//! * [`Writer`] and [`ArcWriter`], the only writer of a lock until they are dropped; [`Reader`] and [`ArcReader`].
//! * [`SeqLockGuard`], a private copy that is published when it is dropped.
//! * [`Version`], to ask for newer values only; [`Attempt`] and [`ReadError`], for retry limits and deadlines of your
//!   own.
//!
//! ### Payload types
//! * [`SeqCopy`], the trait of types that locks can hold, and [its derive](macro@SeqCopy); [`Layout`], the description
//!   of a type's bytes.
//! * [`SeqOption`], [`SeqDuration`], [`SeqStr`], [`SeqVec`], for an `Option`, a `Duration`, a string or a vector inside
//!   the value.
//! * [`part!`](part), for one field of a value, read or written alone.
//! * [`Validate`] and [its derive](macro@Validate), [`MaybeInvalid`], [`field!`](field), [`InvalidValue`], for bits
//!   that another program wrote.
//!
//! ### Foreign types
//! * [`Describe`], a list of the fields of another crate's type, checked by the compiler; [`DescribeValid`],
//!   [`Remote`].
//! * [`Bytemuck`] and [`Zerocopy`], for types that implement these crates' traits.<sup>features `bytemuck`,
//!   `zerocopy`</sup>
//!
//! ### Protocols of your own
//! * [`AtomicPerByte`] and [`Aligned8`], storage that may be read while it is written; your protocol has to detect torn
//!   values.
//! * [`seq_count`], the sequence word without a payload, in any encoding; [`raw`], the same accesses to your own
//!   memory.
//! * [`layout`], the layout of a type, as data.
//!
//! ### Pages
//! * [`guide`]: [choosing a lock](guide::choosing_a_lock), [state or stream](guide::state_or_stream),
//!   [payloads](guide::payloads), [recipes](guide::recipes), [migration](guide::migration) from other crates and from a
//!   lock of your own, [performance](guide::performance), [real time](guide::real_time), [firmware](guide::firmware),
//!   [safety](guide::safety), and [how it works](guide::how_it_works).
//! * [`reference`](mod@reference): [soundness](mod@reference::soundness), [evidence](mod@reference::evidence),
//!   [stability](mod@reference::stability).
//!
//! # How it works
//! A copy takes several accesses, and a write may overlap them. A word next to the value is odd during a write, and
//! another one after it: a reader that loads it before its copy and after it discards what overlapped, before that
//! becomes a `Quote`, and retries. [How it works](guide::how_it_works) has the protocol step by step.
//!
//! Even a copy that is discarded can be undefined behaviour: if its accesses race, if atomic accesses of different
//! widths overlap, or if padding is read as integers. Hence the derive, which knows which bytes are data. Loads and
//! stores of a type always make the same relaxed atomic accesses to its data bytes, so they never race. Padding is
//! never interpreted: it is skipped, or carried along by a move in inline assembly, which treats bytes as opaque bits.
//! [`Layout::display`] draws the accesses; a *vector byte* is one that a vector instruction moves together with its
//! neighbours. Here that of a `Tick { open: bool, at: u64, bid: f32, ask: f32 }` with `repr(C)`:
//!
//! ```text
//! struct Tick: 24 bytes, align 8, 1 cache line
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
//! # What can happen
//! | what happens | result |
//! |---|---|
//! | a write is in progress | `SeqLock`: `read` retries, spins 64 times, then yields (with feature `std`); `try_read` returns [`Busy`](ReadError::Busy). `SeqLatch`: the previous value |
//! | a write overlapped the copy (`SeqLatch`: `BUFFERS - 1` writes finished during it) | `read` retries, `try_read` returns [`Torn`](ReadError::Torn) |
//! | a writer never pauses | readers of a `SeqLock` may starve; readers never block a writer |
//! | a writer stops or dies in the middle of a write | readers of a `SeqLock` wait for it; those of a `SeqLatch` are unaffected |
//! | a handler that interrupted the writer calls `read` | `SeqLock`: deadlock, so use `try_read` or a latch |
//! | two threads write | they take turns, without fairness; both wait while a [`Writer`] exists |
//! | a closure of [`update`](SeqLock::update) panics | the value is unchanged, and the write claim is released |
//! | a panic drops a guard that was changed | its copy is published, as with the crate `seqlock`, and the write claim is released |
//! | a guard or [`Writer`] is leaked | the value is unchanged, and the write claim is never released |
//! | a thread calls `write`, `update` or `replace` of the lock inside `update`, or while it holds a guard or a [`Writer`] | deadlock; reading is fine |
//!
//! # When not to use it
//! Use an atomic of `core` for a single number, `arc-swap` for values that own memory, and a mutex for values that are
//! written as often as read. Use a channel if readers must see every value: here they get the latest one, and may miss
//! those in between. Use `triple_buffer` for a single reader whose reads must never fail.
//!
//! # Limits
//! * The padding of a lock may hold old bytes of the writer's stack. So do not place a lock in memory that you share
//!   with a process that you do not trust. `seqcopy-shm` never writes padding.
//! * A read into a buffer of yours ([`read_into`](SeqLock::read_into)) may overwrite that buffer's padding.
//! * A large array of enums with fields in a `static` fails to compile unless you write
//!   `#[allow(long_running_const_eval)]`: 60,000 `SeqOption<u16>` compile without it, 65,000 do not.
//!
//! # Platforms
//! | target | `SeqLock`, `SeqLatch` | `AtomicPerByte`, `raw`, `SeqCount` | widest access |
//! |---|---|---|---|
//! | `x86_64`, `aarch64` | yes | yes | 8 bytes; vector instructions for long runs, if the target has them and allows unaligned accesses |
//! | other 64-bit | yes | yes | 8 bytes |
//! | 32-bit with 64-bit atomics (`i686`, `armv7`, ...) | yes | yes | 4 bytes |
//! | 32-bit without (`thumbv7m`, `riscv32imac`, `powerpc`, ...) | yes, counting in two words | yes, words of 16 and 32 bits | 4 bytes |
//! | the same without compare-and-swap (`thumbv6m`, `riscv32imc`, ...) | yes; all writes: feature `critical-section` | yes, words of 16 and 32 bits | 4 bytes |
//! | 16-bit | no | no | |
//!
//! A [`Version`] wraps after 2^63 writes; where the locks count in two words, after 2^62. There, reads that are
//! documented as wait-free are lock-free: they load the words again if the upper one has changed meanwhile, which it
//! does once in 2^30 writes, of a latch in 2^31.
//!
//! The vector instructions are inline assembly, which Miri and sanitizers cannot analyse, and which kernels without
//! vector registers cannot use: `RUSTFLAGS="--cfg seqcopy_portable"` builds without them (under Miri that is the
//! default). They access memory at any address. So targets with `strict-align` (`aarch64-unknown-none`, those for
//! hermit, nuttx and teeos) have none; a target specification of your own with it needs `seqcopy_portable`.
//!
//! Requires Rust 1.85 or later.
//!
//! # Features
//! `std` and `derive` are on by default. Without `std` the crate is `no_std`; without `derive` it has no dependencies.
//!
//! | feature | what it adds |
//! |---|---|
//! | `std` | waiting threads yield to the scheduler; includes `alloc` |
//! | `derive` | `derive(SeqCopy)` and `derive(Validate)`. Without it, the types of `core` and of this crate can still be stored |
//! | `alloc` | `SeqSlice`, handles in an `Arc`, values created on the heap |
//! | `wait`, `wait-tasks`, `wait-wakers` | `Watched`, whose page explains the differences; `wait` includes `std` |
//! | `bytemuck`, `zerocopy` | `Bytemuck`, `Zerocopy` |
//! | `serde` | serde's traits for `SeqOption`, `SeqDuration`, `SeqStr` and `SeqVec` |
//! | `portable-atomic` | writes on processors without compare-and-swap; the feature `critical-section` includes it, and uses critical sections |
//! | `loom` | for models of your own: with `RUSTFLAGS="--cfg loom"` the sequence words and claims are loom's atomics; the bytes of payloads are not |
//!
//! # Why it is sound
//! * *One partition.* All accesses to a value follow one partition of its bytes, so no two of them overlap in different
//!   widths, as the [memory model](core::sync::atomic#memory-model-for-atomic-accesses) requires.
//! * *Nothing uninitialised is interpreted.* Padding is not, and a store to an enum writes all bytes that are data in
//!   any variant.
//! * *Pointers stay pointers*: each is one access by [`AtomicPtr`](core::sync::atomic::AtomicPtr), which preserves
//!   provenance.
//! * *No value before it is known to be valid.* Bits are [`MaybeInvalid`] until the version check or `validate` has
//!   succeeded.
//! * *Only the copy layer writes.* No safe call returns a `&mut T` to shared bytes: guards work on a private copy.
//!
//! [`guide::safety`] has the caveats in one minute, [`reference::soundness`](mod@reference::soundness) the complete
//! argument, [`reference::evidence`](mod@reference::evidence) what was checked.
//!
//! # Further reading
//! * H.-J. Boehm, [Can seqlocks get along with programming language memory models?][boehm], MSPC 2012: the fences of
//!   [`SeqCount`](seq_count::SeqCount).
//! * [Sequence counters and sequential locks][linux] in Linux.
//! * [P1478], byte-wise atomic memcpy for C++, and [RFC 3301], `AtomicPerByte` for Rust: what would make the derive
//!   unnecessary.
//!
//! [`Watched`]: https://docs.rs/seqcopy/latest/seqcopy/struct.Watched.html
//! [`Bytemuck`]: https://docs.rs/seqcopy/latest/seqcopy/struct.Bytemuck.html
//! [`Zerocopy`]: https://docs.rs/seqcopy/latest/seqcopy/struct.Zerocopy.html
//! [boehm]: https://doi.org/10.1145/2247684.2247688
//! [linux]: https://docs.kernel.org/locking/seqlock.html
//! [P1478]: https://wg21.link/p1478
//! [RFC 3301]: https://github.com/rust-lang/rfcs/pull/3301
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Names only the features that an item needs. The conditions below are for single targets, or for model checkers.
#![cfg_attr(
    docsrs,
    doc(auto_cfg(hide(loom, target_has_atomic = "8", target_has_atomic = "64", feature = "portable-atomic")))
)]
#[cfg(feature = "alloc")]
extern crate alloc;
extern crate self as seqcopy;
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(all(loom, not(feature = "loom")))]
compile_error!(
    "under `--cfg loom` the sequence words are those of the model checker loom: enable the feature `loom` of seqcopy, too"
);

#[cfg(test)]
use seqcopy_harness as _;

/// Calls a function whose contract is that of the enclosing `unsafe fn`: what its caller has promised is passed on, and
/// nothing else is required. A test ensures that it is used nowhere else (`documents`, `premises.rs`).
macro_rules! same_contract {
    ($call:expr) => {{
        // SAFETY: the contract of the function around this, which is that of the call.
        unsafe { $call }
    }};
}

pub mod layout;
pub mod raw;

mod atomic_per_byte;
mod copy;
#[cfg(feature = "derive")]
mod derives;
mod impls;
mod lock;
#[cfg(all(test, loom))]
mod models;
mod page;
mod primitive;
mod remote;
mod seq_copy;
pub mod seq_count;
#[cfg(seqcopy_traced)]
#[doc(hidden)]
pub mod traced;
mod types;
mod validity;
#[cfg(any(feature = "wait-wakers", all(test, loom)))]
mod watched;

pub use atomic_per_byte::{Aligned8, AtomicPerByte};
#[cfg(feature = "derive")]
pub use derives::{SeqCopy, Validate};
#[doc(inline)]
pub use layout::Layout;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use lock::SeqSlice;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use lock::{ArcReader, ArcWriter};
pub use lock::{Attempt, Policy, Reader, SeqLatch, SeqLock, SeqLockGuard, Sequenced, Version, Writer};
// Bounds that users seldom write, public so that error messages can name them. Also short names.
#[cfg(feature = "bytemuck")]
pub use remote::Bytemuck;
#[cfg(feature = "zerocopy")]
pub use remote::Zerocopy;
pub use remote::{Describe, DescribeValid, Remote};
pub use seq_copy::SeqCopy;
#[doc(inline)]
pub use seq_count::ReadError;
pub use types::{CapacityError, SeqDuration, SeqOption, SeqStr, SeqVec};
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use types::{LengthError, ReadSliceError};
pub use validity::{Bits, InvalidValue, MaybeInvalid, Part, Validate};
#[cfg(all(any(feature = "wait-wakers", all(test, loom)), feature = "alloc", target_has_atomic = "8"))]
pub use watched::ArcWatchedWriter;
#[cfg(all(
    any(feature = "wait-wakers", all(test, loom)),
    any(target_has_atomic = "8", feature = "portable-atomic")
))]
pub use watched::WatchedWriter;
#[doc(hidden)]
pub use {
    atomic_per_byte::SendToReaders,
    lock::{LatchReader, LatchWriter, Parts, SeqLatchPolicy, SeqLockPolicy, ValidateParts},
};
// Without any of these features, rustc shows this line in its error, with the comment at the end.
#[cfg(any(feature = "wait", feature = "wait-wakers", all(test, loom)))] // enable the feature `wait` of seqcopy
pub use watched::{Listeners, WakeUp, Watched};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private_0_1_0;

// The pages of `docs/` as documentation for docs.rs: how to use the crate, and the argument that its code cites.
//
// In the repository, pages link to each other by references that are defined at the end of the page. Here the same
// references are defined before the page as modules; the first definition wins, so rustdoc checks the links. A test
// ensures that no page has links of another kind.
macro_rules! pages {
    ($folder:literal: $($name:ident: $file:literal;)*) => {$(
        // Programs on these pages also use other crates, so they are run by the repository's tests instead.
        #[cfg_attr(not(doctest), doc = concat!(
            "[choosing-a-lock.md]: mod@crate::guide::choosing_a_lock\n",
            "[payloads.md]: mod@crate::guide::payloads\n",
            "[recipes.md]: mod@crate::guide::recipes\n",
            "[migration.md]: mod@crate::guide::migration\n",
            "[state-or-stream.md]: mod@crate::guide::state_or_stream\n",
            "[performance.md]: mod@crate::guide::performance\n",
            "[foreign-pages.md]: mod@crate::guide::foreign_pages\n",
            "[real-time.md]: mod@crate::guide::real_time\n",
            "[firmware.md]: mod@crate::guide::firmware\n",
            "[how-it-works.md]: mod@crate::guide::how_it_works\n",
            "[safety.md]: mod@crate::guide::safety\n",
            "[soundness.md]: mod@crate::reference::soundness\n",
            "[evidence.md]: mod@crate::reference::evidence\n",
            "[machine-code.md]: mod@crate::reference::machine_code\n",
            "[stability.md]: mod@crate::reference::stability\n",
            "[proof.md]: mod@crate::reference::proof\n",
            "[premises]: mod@crate::reference::soundness#premises\n",
            "[guarantees.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/guide/guarantees/\n",
            "[maps.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/guide/maps/\n",
            "[format.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/reference/format/\n",
            "[soundness of regions]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/reference/soundness/\n",
            "[soundness of maps]: https://docs.rs/seqcopy-map/latest/seqcopy_map/reference/soundness/\n",
        ), doc = include_str!(concat!("../docs/", $folder, "/", $file)))]
        #[allow(clippy::doc_markdown, clippy::doc_link_with_quotes)] // pages of prose, not documentation of items
        pub mod $name {}
    )*};
}

pub mod guide {
    //! How to use the crate: one question a page.
    //!
    //! | page | contents |
    //! |---|---|
    //! | [`choosing_a_lock`] | which lock to choose, and what each call may wait for |
    //! | [`payloads`] | what a payload can hold, and what to store in place of the rest |
    //! | [`recipes`] | waiting for a value, timeouts, announcing before reading |
    //! | [`state_or_stream`] | a lock or a channel: the newest value, or every value |
    //! | [`migration`] | from other crates, method by method, and from a sequence lock of your own |
    //! | [`performance`] | what reads and writes cost, and how other crates compare |
    //! | [`real_time`] | which calls are wait-free; audio callbacks, control loops, interrupt handlers |
    //! | [`foreign_pages`] | pages that kernels, hypervisors and standards define: pvclock, Hyper-V, VMClock, NTP, .. |
    //! | [`firmware`] | an interrupt handler and the main loop: a program, and which of them may write |
    //! | [`how_it_works`] | the protocol, the partition, one life of a value: for readers of the source |
    //! | [`safety`] | what is promised, on what that rests, and what is not known |

    pages! {
        "guide":
        choosing_a_lock: "choosing-a-lock.md";
        payloads: "payloads.md";
        recipes: "recipes.md";
        state_or_stream: "state-or-stream.md";
        migration: "migration.md";
        performance: "performance.md";
        real_time: "real-time.md";
        foreign_pages: "foreign-pages.md";
        firmware: "firmware.md";
        how_it_works: "how-it-works.md";
        safety: "safety.md";
    }
}

pub mod reference {
    //! What auditors need, and libraries with these types in their interface.
    //!
    //! | page | contents |
    //! |---|---|
    //! | [`soundness`] | the premises that the proofs in the code cite (P1.., I1.., R1..), the argument, and the partition of a type |
    //! | [`evidence`] | what was checked by which tool, and what no tool covers |
    //! | [`machine_code`] | the instructions that come out for reads and writes |
    //! | [`proof`] | what is proved of the protocols and of the programs, for people who read memory models |
    //! | [`stability`] | what stays the same in later versions |

    pages! {
        "reference":
        soundness: "soundness.md";
        evidence: "evidence.md";
        machine_code: "machine-code.md";
        proof: "proof.md";
        stability: "stability.md";
    }
}
