//! [`Latch`]: the algorithm of [`SeqLatch`](crate::SeqLatch). Several payloads, written in turn.

use core::mem::MaybeUninit;

use super::{Claim, Payload, Protocol, Version};
use crate::ReadError;
use crate::primitive::const_fn;
use crate::seq_count::latch::LatchCount;
use crate::seq_count::wide::{Wide, WideWord};

#[derive(Debug)]
#[repr(C)]
pub(crate) struct Latch<P, const CELLS: usize, W: WideWord = Wide> {
    count: LatchCount<W>,
    claim: Claim,
    /// Cell `count % CELLS` is the last value published. The next one is being written, by the holder of the claim (I5).
    cells: [P; CELLS],
}

impl<P, const CELLS: usize, W: WideWord> Latch<P, CELLS, W> {
    /// The count comes round to 0 behind a power of two, and cells are chosen by its low bits: both must agree, or two
    /// writes in a row would go to one cell. With one cell, readers would read what is being written.
    const CHECKED: () = assert!(
        cfg!(seqcopy_mutate) || CELLS >= 2 && CELLS.is_power_of_two() && CELLS <= 1 << 16,
        "a latch has 2, 4, 8, ... cells, at most 65536: `SeqLatch<T, 2>`, or `SeqLatch<T, 4>` where writes are frequent"
    );

    const_fn! {
        /// The first cell holds the first value. `count`: how many were published before, 0 but in models of the wrap; a
        /// multiple of `CELLS`.
        pub(crate) const fn new(cells: [P; CELLS], count: W) -> Self {
            let () = Self::CHECKED;
            Latch { count: LatchCount::new(count), claim: Claim::new(), cells }
        }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the low bits are what counts
    fn cell(&self, count: u64) -> &P {
        &self.cells[count as usize % CELLS]
    }
}

/// For models of a writer that dies between two steps of its own.
#[cfg(all(test, loom))]
impl<P, const CELLS: usize, W: WideWord> Latch<P, CELLS, W> {
    pub(crate) fn parts(&self) -> (&LatchCount<W>, &[P; CELLS]) {
        (&self.count, &self.cells)
    }
}

// SAFETY: a read is accepted only if no store of a later write was seen, and the cell was published (module
// `seq_count::latch`), so the payload gives that value whole (P21, I7).
unsafe impl<T, P: Payload<T>, const CELLS: usize, W: WideWord> Protocol<T> for Latch<P, CELLS, W> {
    #[inline]
    fn claim(&self) -> &Claim {
        &self.claim
    }

    #[inline]
    fn try_read_into(&self, room: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        let count = self.count.read_begin();
        self.cell(count).load_into(room);
        if self.count.read_end(count, CELLS as u64 - 2) { Ok(Version::of(count)) } else { Err(ReadError::Torn) }
    }

    #[inline]
    fn version(&self) -> Version {
        Version::of(self.count.load())
    }

    #[inline]
    unsafe fn peek_into(&self, room: &mut MaybeUninit<T>) {
        // Nobody publishes meanwhile.
        self.cell(self.count.load()).load_into(room);
    }

    #[inline]
    unsafe fn publish(&self, value: &T) {
        // SAFETY: the claim is held by the caller (I5).
        unsafe { self.count.write(|count| self.cell(count).store(value)) };
    }
}
