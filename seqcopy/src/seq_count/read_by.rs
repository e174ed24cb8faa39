//! [`read_by`] is the reader's side of the protocol, for words and payloads that [`SeqCount`](super::SeqCount) can't
//! load itself.
//!
//! r1 and r3 are the fences of `mod.rs`. The caller makes the loads before r1 and after r3.
//! [`SeqCount`](super::SeqCount) has separate methods for the two fences, for reads that do not fit into a closure.

use super::ReadError;
use crate::primitive::{Acquire, fence};

/// Makes one attempt at a read whose word and payload are loaded by closures: `first` looks at the word, `payload`
/// copies, `last` looks at the word again, and `accepts` decides.
///
/// For protocols of others that no [`SeqCode`](super::SeqCode) describes:
///
/// * memory that is copied instead of loaded, by a system call (`process_vm_readv`, `pread`), from a core dump or from
///   a device,
/// * a pair of words, one stored before the payload and one after it: `first` loads the one that is stored last, `last`
///   the one that is stored first,
/// * a word whose busy state is read in another way, such as from a backup,
/// * a word that is accepted by its distance, as that of a ring with several buffers.
///
/// This function contributes the order. The copy comes after the first look and before the last one, on the processor,
/// too: it makes the two acquire fences of the [reader's protocol](super), so `first` and `last` may load relaxed. If
/// `accepts` returns `true`, what `payload` loaded on this thread comes from the writes that it accepts, provided that
/// their writer does its half: a store of the word, a release fence, the payload, and a release store of the word.
///
/// The result is that of `payload`, and what `first` returned. One attempt, wait-free, apart from the closures.
///
/// # Errors
/// * What `first` and `last` return. `first` may refuse a word, by [`ReadError::Busy`] or [`ReadError::Empty`].
/// * [`ReadError::Torn`] if `accepts` returns `false`.
/// * What `payload` returns, if the word is accepted: an error that torn bits have led to is `Torn`.
///
/// # Panics
/// This function does not panic by itself. A closure may, and changes nothing by it.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
///
/// use seqcopy::seq_count::read_by;
/// use seqcopy::{AtomicPerByte, ReadError};
///
/// /// The memory of a driving simulator: `begin` is stored before the payload, `end` after it.
/// struct Shared {
///     begin: AtomicU32,
///     end: AtomicU32,
///     speed: AtomicPerByte<[f64; 3]>,
/// }
///
/// fn try_read(shared: &Shared) -> Result<[f64; 3], ReadError> {
///     let (bits, _) = read_by(
///         || Ok(shared.end.load(Relaxed)),
///         |_| Ok(shared.speed.load()),
///         || Ok(shared.begin.load(Relaxed)),
///         |&end, begin| end == begin,
///     )?;
///     Ok(bits.value())
/// }
///
/// let shared = Shared { begin: AtomicU32::new(3), end: AtomicU32::new(3), speed: AtomicPerByte::new([1.0; 3]) };
/// assert_eq!(try_read(&shared), Ok([1.0; 3]));
/// shared.begin.store(4, Relaxed); // a write begins
/// assert_eq!(try_read(&shared), Err(ReadError::Torn));
/// ```
#[inline]
pub fn read_by<F, L, R, E: From<ReadError>>(
    first: impl FnOnce() -> Result<F, E>,
    payload: impl FnOnce(&F) -> Result<R, E>,
    last: impl FnOnce() -> Result<L, E>,
    accepts: impl FnOnce(&F, L) -> bool,
) -> Result<(R, F), E> {
    let found = first()?;
    // r1: pairs with the release store that ends the write, w4.
    fence(Acquire);
    let result = payload(&found);
    // r3: pairs with the release fence w2 of a write whose payload was seen. r4 is in `last`.
    fence(Acquire);
    if accepts(&found, last()?) { Ok((result?, found)) } else { Err(ReadError::Torn.into()) }
}
