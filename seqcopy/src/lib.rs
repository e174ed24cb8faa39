//! draft
#![no_std]
#[cfg(feature = "alloc")]
extern crate alloc;
extern crate self as seqcopy;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod layout;
pub mod maybe_invalid;
pub mod raw;

mod atomic_per_byte;
mod copy;
mod error;
mod field;
mod impls;
#[cfg(target_has_atomic = "64")]
mod lock;
mod primitive;
mod seq_copy;
mod seq_count;
#[cfg(target_has_atomic = "64")]
mod seq_lock;
mod seq_option;
mod validate;

pub use atomic_per_byte::{Aligned8, AtomicPerByte};
pub use error::{InvalidValue, ReadError};
pub use layout::Layout;
#[cfg(all(feature = "alloc", target_has_atomic = "64"))]
pub use lock::ArcWriter;
#[cfg(target_has_atomic = "64")]
pub use lock::{Attempt, SeqLockGuard, Version, Writer};
pub use maybe_invalid::{MaybeInvalid, MaybeUninitExt};
pub use seq_copy::SeqCopy;
pub use seq_count::code::{Parity, ParitySkipZero, SeqCode, SeqWord, StampOrZero, State, Successor};
pub use seq_count::{SeqCount, Token, WriteToken};
#[cfg(target_has_atomic = "64")]
pub use seq_lock::SeqLock;
pub use seq_option::SeqOption;
pub use seqcopy_derive::{SeqCopy, Validate};
pub use validate::{Bits, Validate};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private_0_1_0;
use __private_0_1_0 as private;
