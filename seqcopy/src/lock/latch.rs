//! [`Latch`]: the algorithm of [`SeqLatch`](crate::SeqLatch). Several buffers, written round-robin.

use super::{Algorithm, Buffered, Claim, Claimed, Payload, Protocol, Version};
use crate::primitive::const_fn;
use crate::seq_count::{LatchWord, ReadError, Wide, WideWord, window};

#[derive(Debug)]
#[repr(C)]
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub struct Latch<P, const BUFFERS: usize, W: WideWord = Wide> {
    /// First, as the payload of `SingleBuffer` is. Buffer `count % BUFFERS` holds the value published last; the next one belongs to the
    /// holder of the claim (I5 one-writer).
    pub(super) buffers: [P; BUFFERS],
    pub(super) count: LatchWord<W>,
    pub(super) claim: Claim,
}

/// Whether a latch may have that many buffers.
pub(crate) const fn buffers_are_valid(buffers: usize) -> bool {
    buffers >= 2 && buffers.is_power_of_two() && buffers <= 1 << 16
}

/// The error if it may not.
pub(crate) const BUFFERS_MESSAGE: &str = "a latch has 2, 4, 8, ... buffers, at most 65536: write `SeqLatch<T, 2>`, or `SeqLatch<T, 4>` where writes are frequent";

impl<P, const BUFFERS: usize, W: WideWord> Latch<P, BUFFERS, W> {
    /// The count wraps at a power of two and its remainder selects the buffer, so `BUFFERS` must be a power of two, too: else
    /// two consecutive writes could go to the same buffer at the wrap. With one buffer, readers would read the buffer that is
    /// being written.
    const CHECKED: () = assert!(buffers_are_valid(BUFFERS), "{}", BUFFERS_MESSAGE);

    const_fn! {
        /// Writes what follows the first buffer, and returns the place of that, as [`SingleBuffer`](super::SingleBuffer) does: it
        /// is to hold the first value. The others are zeros.
        ///
        /// # Safety
        /// `place` is aligned and writable for a latch, by this thread alone, and a `P` may be zeros.
        pub(crate) const unsafe fn init(place: *mut Self) -> *mut P {
            let () = Self::CHECKED;
            // SAFETY: a field of it (P10 raw-place).
            let count = unsafe { &raw mut (*place).count };
            // SAFETY: in the place, which is writable by this function's contract (I4 private).
            unsafe { count.write(LatchWord::new(W::ZERO)) };
            // SAFETY: a field of it (P10 raw-place).
            let claim = unsafe { &raw mut (*place).claim };
            // SAFETY: in the place, too (I4 private).
            unsafe { claim.write(Claim::new()) };
            // SAFETY: a field of it (P10 raw-place).
            let first = unsafe { &raw mut (*place).buffers }.cast::<P>();
            // They are stored to before they are read; zeroed because storage is always initialised (I2 init).
            // SAFETY: inside the array, since there are two buffers or more (P9 layout).
            let others = unsafe { first.add(1) };
            // SAFETY: the rest of them, zeroed in place (P8 maybe-uninit).
            unsafe { others.write_bytes(0, BUFFERS - 1) };
            first
        }
    }

    /// The first buffer holds the first value. `count` is the number of values published before, a multiple of `BUFFERS`: not 0 in
    /// tests of the wrap. The caller has checked how many buffers there are.
    #[cfg(any(test, feature = "alloc"))]
    #[allow(dead_code)] // without compare-and-swap
    pub(crate) fn new(buffers: [P; BUFFERS], count: W) -> Self {
        Latch { buffers, count: LatchWord::new(count), claim: Claim::new() }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // only the low bits matter
    pub(super) fn buffer(&self, count: u64) -> &P {
        // SAFETY: the remainder is less than `BUFFERS`. Unchecked because a write in progress must not be able to panic
        // (I9 no-panic).
        unsafe { self.buffers.get_unchecked(count as usize % BUFFERS) }
    }
}

/// One attempt at a read.
#[inline(always)]
pub(super) fn attempt<W: WideWord>(
    word: &LatchWord<W>,
    buffers: usize,
    load: impl FnOnce(u64),
) -> Result<Version, ReadError> {
    let count = word.read_begin();
    load(count);
    if word.read_end(count, window(buffers as u64)) { Ok(Version::of(count)) } else { Err(ReadError::Torn) }
}

// SAFETY: its own (R2 one-protocol).
unsafe impl<P, const BUFFERS: usize, W: WideWord> Algorithm for Latch<P, BUFFERS, W> {
    /// A failed attempt means that a writer finished a write, so writers are running and there is nothing to yield for.
    const SPINS: bool = true;

    #[inline(always)]
    fn claim(&self) -> &Claim {
        &self.claim
    }
}

// SAFETY: a read is only accepted if it saw no store of a later write, and its buffer was published (module
// `seq_count::latch`, P21 snapshot, I7 checked).
unsafe impl<P, const BUFFERS: usize, W: WideWord> Buffered for Latch<P, BUFFERS, W> {
    type Buffer = P;

    const IN_PLACE: bool = false;

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        attempt(&self.count, BUFFERS, |count| load(self.buffer(count)))
    }

    #[inline]
    fn latest_version(&self) -> Version {
        Version::of(self.count.load())
    }

    #[inline(always)]
    fn newest(&self) -> &P {
        self.buffer(self.count.load())
    }

    #[inline(always)]
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&P)) {
        // SAFETY: claimed (R2 one-protocol, I5 one-writer).
        unsafe { lock.count.write(|count| store(lock.buffer(count))) };
    }
}

// SAFETY: `attempt_with` only accepts loads of one write, so `buf` then holds that value whole (P21 snapshot, I7 checked).
unsafe impl<T, P: Payload<T>, const BUFFERS: usize, W: WideWord> Protocol<T> for Latch<P, BUFFERS, W> {}
