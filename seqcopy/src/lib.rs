//! Lets threads read the latest value of a struct while another thread overwrites it: without waiting for a lock,
//! without a torn value, and without undefined behaviour, also if the struct has padding, enums, bools or pointers.
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
//!     let quote = QUOTE.read(); // the old one or the new one, never a mix
//!     assert_eq!(quote.open, quote.at == 7 && quote.bid < quote.ask);
//!     writer.join().unwrap();
//! }
//! ```
//!
//! # What can go wrong with a struct
//! **It can be torn.** A copy takes several accesses, and a write may come between them. That is what the word beside
//! the value is for: it is odd while a value is being written.
//!
//! ```text
//!                  word   open     at   bid   ask
//! before the write    0   false     0   0.0   0.0
//!                     1   true      0   0.0   0.0   a reader that copies now gets
//!                     1   true      7   0.0   0.0   a quote that nobody ever wrote
//!                     1   true      7   9.5   9.6
//! after the write     2   true      7   9.5   9.6
//! ```
//!
//! A reader looks at the word before its copy and after it. If it is odd, or not the same twice, the copy is thrown
//! away before it becomes a `Quote`.
//!
//! **It can be undefined behaviour**, torn or not. Plain or volatile accesses that race are; so are atomic ones that
//! overlap in different widths, integers read from padding, and a `bool` that is not checked before it is a `bool`.
//! Hence the derive: it knows where the data lies, and every copy of the type, in or out, is made by the same relaxed
//! atomic accesses, which are as wide as they can be and go around the padding. [`Layout::display`] shows them:
//!
//! ```text
//! struct Quote: 24 bytes, align 8, 1 cache line
//! offset   size  field        accesses
//!      0      1  open: bool   1
//!      1      7  ~ hole
//!      8      8  at: u64      8 by vector
//!     16      4  bid: f32     4 by vector
//!     20      4  ask: f32     4 by vector
//! 17 bytes of data, 7 bytes in 1 hole
//! 1 access at base 8: 1 x 1, 16 bytes by vector
//! ```
//!
//! # Which type to choose
//! | you have | take |
//! |---|---|
//! | a value that is read more often than written | [`SeqLock<T>`] |
//! | readers that must not wait for a writer: real-time threads, interrupt and signal handlers | [`SeqLatch<T>`](SeqLatch), of two copies |
//! | a writer that hardly ever pauses | [`SeqLatch<T, 4>`](SeqLatch), of four |
//! | one thread that writes, and should not wait for others | the [`writer`](SeqLock::writer) of either |
//! | a reader with a patience of its own | [`try_read`](SeqLock::try_read), [`read_with`](SeqLock::read_with) of either |
//! | a reader that wants new values only | [`read_if_changed`](SeqLock::read_if_changed) of either |
//! | a place and an encoding that somebody else chose: a kernel page, a file format, slots of a ring | [`SeqCount<C>`](SeqCount) and [`raw`] |
//! | a protocol of your own that tells whether a mix matters | [`AtomicPerByte<T>`] |
//! | bits that another program may have written | [`MaybeInvalid<T>`] and [`derive(Validate)`](macro@Validate) |
//! | an `Option` inside the value | [`SeqOption<T>`] |
//!
//! For a single number take an atomic of `core`. For values that own memory take an `Arc` that is swapped, for values
//! that are written as often as read a mutex.
//!
//! # What goes wrong, and what you get then
//! | what happens | what you get |
//! |---|---|
//! | a write is in progress | of a lock, `read` tries again, 64 times at once, then it yields (with feature `std`), and `try_read` gives [`Busy`](ReadError::Busy); of a latch, the value before |
//! | a write came between (of a latch: `CELLS - 1` writes) | `read` tries again, `try_read` gives [`Torn`](ReadError::Torn) |
//! | a writer that never pauses | readers of a lock may starve; writers never do by readers |
//! | a writer that stops in the middle, or dies there | readers of a lock wait for it; those of a latch don't notice |
//! | a handler that interrupts the writer on its own CPU calls `read` | of a lock, a wait for ever: use `try_read` or a latch |
//! | a closure of [`update`](SeqLock::update) panics | the old value, and an open lock |
//! | a guard or [`Writer`] is forgotten | the old value, and a write side that stays taken |
//! | the writing thread writes again inside `update`, or while it holds a guard | a wait for ever; reading is fine |
//! | a field that can't be copied in pieces | an error of the compiler at the field, with what to write instead |
//! | bits that are no value: a `bool` of 3, a tag of no variant | [`InvalidValue`] from [`validate`](MaybeInvalid::validate), with the path of the field |
//!
//! # Platforms
//! | target | `SeqLock`, `SeqLatch` | `AtomicPerByte`, `raw`, `SeqCount` | widest access |
//! |---|---|---|---|
//! | `x86_64`, `aarch64` | yes | yes | 8 bytes; long runs by vector instructions, if the target has them |
//! | other 64-bit | yes | yes | 8 bytes |
//! | 32-bit with 64-bit atomics (`i686`, `armv7`, ...) | yes | yes | 4 bytes |
//! | 32-bit without (`thumbv7m`, `riscv32imac`, `powerpc`, ...) | yes, counting in two words | yes, words of 16 and 32 bits | 4 bytes |
//! | the same without compare-and-swap (`thumbv6m`, `riscv32imc`, ...) | yes, written by `writer_unchecked` only | yes, words of 16 and 32 bits | 4 bytes |
//! | 16-bit | no | no | |
//!
//! A [`Version`] never comes round, on any of them: two words count to 2^63.
//!
//! The vector instructions are inline assembly, which Miri and sanitizers don't see into and kernels without vector
//! registers can't have: `RUSTFLAGS="--cfg seqcopy_portable"` builds without (Miri gets that by itself).
//!
//! Without the default feature `std` the crate is `no_std`, without `alloc` it never allocates. Rust 1.85 or later.
//!
//! # Why it is sound
//! * *One cut.* All accesses to one value follow one partition of its bytes, so that no two of them overlap without
//!   being the same, as the [memory model](core::sync::atomic#memory-model-for-atomic-accesses) demands.
//! * *Nothing uninitialised is read.* Padding is not touched on either side; of an enum all bytes that are data in
//!   some variant are written by every store.
//! * *Pointers stay pointers*: each is one access by [`AtomicPtr`](core::sync::atomic::AtomicPtr), provenance included.
//! * *No value before it is known to be one.* Bits are [`MaybeInvalid`] until the version or `validate` has spoken.
//! * *Nobody else writes.* No safe call gives a `&mut T` to bytes that readers see: guards work on a private copy.
//!
//! `docs/soundness.md` of the repository has the argument in full, with the sentences of the Reference that it rests
//! on and programs that break each of its premises, which Miri must refuse; `docs/layout-rules.md` has every shape of
//! type, accepted or refused, and why.
//!
//! # To read on
//! * H.-J. Boehm, [Can seqlocks get along with programming language memory models?][boehm], MSPC 2012: the fences of
//!   [`SeqCount`].
//! * [Sequence counters and sequential locks][linux] in Linux.
//! * [P1478], byte-wise atomic memcpy for C++, and [RFC 3301], `AtomicPerByte` for Rust: what would make the derive
//!   superfluous.
//!
//! [boehm]: https://doi.org/10.1145/2247684.2247688
//! [linux]: https://docs.kernel.org/locking/seqlock.html
//! [P1478]: https://wg21.link/p1478
//! [RFC 3301]: https://github.com/rust-lang/rfcs/pull/3301
#![no_std]
#[cfg(feature = "alloc")]
extern crate alloc;
extern crate self as seqcopy;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod layout;
pub mod maybe_invalid;
pub mod raw;
#[cfg(all(feature = "shm", unix, target_pointer_width = "64", not(loom)))]
pub mod shm;

mod atomic_per_byte;
mod copy;
mod error;
mod field;
mod impls;
mod lock;
#[cfg(all(test, loom))]
mod models;
mod mutation;
mod primitive;
mod seq_copy;
mod seq_count;
mod seq_latch;
mod seq_lock;
mod seq_option;
mod validate;

pub use atomic_per_byte::{Aligned8, AtomicPerByte};
pub use error::{InvalidValue, ReadError};
pub use layout::Layout;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use lock::ArcWriter;
pub use lock::{Attempt, SeqLockGuard, Version, Writer};
pub use maybe_invalid::{MaybeInvalid, MaybeUninitExt};
pub use seq_copy::SeqCopy;
pub use seq_count::code::{Parity, ParitySkipZero, SeqCode, SeqWord, StampOrZero, State, Successor};
pub use seq_count::{SeqCount, Token, WriteToken};
pub use seq_latch::SeqLatch;
pub use seq_lock::SeqLock;
pub use seq_option::SeqOption;
pub use seqcopy_derive::{SeqCopy, Validate};
pub use validate::{Bits, Validate};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private_0_1_0;
use __private_0_1_0 as private;
