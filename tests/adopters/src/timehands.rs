//! FreeBSD's `struct vdso_timekeep` (14.2, `sys/sys/vdso.h`): several copies of the clock, each with a word of its own,
//! and the index of the newest. The writer is `timehands_update` of `sys/kern/kern_sharedpage.c`, the reader
//! `binuptime` of `lib/libc/sys/__vdso_gettimeofday.c`.

use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU32, Ordering};

use seqcopy::raw::Page;
use seqcopy::{ReadError, SeqCopy, Validate, seq_count::CountOrZero};

/// How many copies there are.
pub const HANDS: usize = 4;

/// The first part of a copy; fields for one kind of processor follow it. 0 as its word means that it is being written.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
#[allow(missing_docs)] // the names of the header
pub struct Timehands {
    pub algo: u32,
    #[seqcopy(word = CountOrZero<u32>)]
    pub generation: MaybeUninit<u32>,
    /// Seconds per count, times 2^64.
    pub scale: u64,
    pub offset_count: u32,
    pub counter_mask: u32,
    /// Seconds, and 2^-64 of seconds.
    pub offset: [u64; 2],
    pub boottime: [u64; 2],
}

impl Timehands {
    /// Seconds and 2^-64 of seconds since boot, when the counter was `counter`.
    #[must_use]
    pub fn at(&self, counter: u32) -> [u64; 2] {
        let delta = counter.wrapping_sub(self.offset_count) & self.counter_mask;
        let [seconds, fraction] = self.offset;
        // As long as the clock is updated in time, the product is less than a second; and if not, 128 bits hold it.
        let fraction = u128::from(fraction) + u128::from(self.scale) * u128::from(delta);
        #[allow(clippy::cast_possible_truncation)] // the two halves
        [seconds.wrapping_add((fraction >> 64) as u64), fraction as u64]
    }
}

/// The index, and the copies.
#[derive(Clone, Copy, Debug)]
pub struct Timekeep<'a> {
    /// Which copy is the newest.
    pub current: &'a AtomicU32,
    /// The copies.
    pub hands: [Page<'a, Timehands>; HANDS],
}

impl Timekeep<'_> {
    /// One attempt at the newest copy, and at the counter that goes with it.
    ///
    /// # Errors
    /// [`ReadError::Busy`] if the writer has reached this copy again meanwhile, [`ReadError::Torn`] also if there is a
    /// newer one: try again.
    pub fn try_read(self, counter: impl Fn() -> u32) -> Result<(Timehands, u32), ReadError> {
        let current = self.current.load(Ordering::Acquire);
        let (bits, counter, _) = self.hands[current as usize % HANDS].try_read_with(|_| counter())?;
        // After the fence of the read, so it is not looked at before the copy was.
        if self.current.load(Ordering::Relaxed) != current {
            return Err(ReadError::Torn);
        }
        Ok((bits.value(), counter))
    }

    /// Writes the next copy, and makes it the newest.
    ///
    /// # Safety
    /// There is one writer, and the copies are writable. No copy's writer died in the middle of a write
    /// ([`CountOrZero`]).
    pub unsafe fn write(self, hands: &Timehands) {
        let next = (self.current.load(Ordering::Relaxed) as usize + 1) % HANDS;
        // SAFETY: this function's contract.
        unsafe { self.hands[next].write(hands) };
        #[allow(clippy::cast_possible_truncation)] // less than HANDS
        self.current.store(next as u32, Ordering::Release);
    }
}
