//! [`OneOrMore`]: the algorithm of either lock.

use super::{Algorithm, Buffered, Claim, Claimed, Latch, SingleBuffer, Version, latch};
use crate::ReadError;
use crate::seq_count::code::WideWord;

/// The algorithm of a [`SeqLock`](crate::SeqLock) for one buffer, that of a [`SeqLatch`](crate::SeqLatch) for more.
pub(crate) enum OneOrMore<P, const BUFFERS: usize> {
    One(SingleBuffer<P>),
    More(Latch<P, BUFFERS>),
}

/// The most buffers of a slice. Each takes about 370 bytes where the slice lies, and unoptimised builds have several copies of them on the stack
/// while it is made.
const MOST: usize = 256;

impl<P, const BUFFERS: usize> OneOrMore<P, BUFFERS> {
    const CHECKED: () = assert!(
        BUFFERS == 1 || latch::buffers_are_valid(BUFFERS) && BUFFERS <= MOST,
        "a slice has 1, 2, 4, 8, ... buffers, at most 256: write `SeqSlice<T>`, or `SeqSlice<T, 2>` where readers must not wait"
    );

    pub(crate) fn new(buffer: impl Fn() -> P) -> Self {
        let () = Self::CHECKED;
        if BUFFERS == 1 {
            OneOrMore::One(SingleBuffer::new(buffer()))
        } else {
            OneOrMore::More(Latch::new(core::array::from_fn(|_| buffer()), WideWord::ZERO))
        }
    }
}

impl<P, const BUFFERS: usize> OneOrMore<P, BUFFERS> {
    /// The buffer with the first value, before anything else was written.
    pub(crate) fn initial(&mut self) -> &mut P {
        match self {
            OneOrMore::One(one) => &mut one.payload,
            OneOrMore::More(more) => &mut more.buffers[0],
        }
    }
}

// SAFETY: the claim of the one algorithm that there is (R2 one-protocol).
unsafe impl<P, const BUFFERS: usize> Algorithm for OneOrMore<P, BUFFERS> {
    const SPINS: bool = BUFFERS > 1;

    #[inline(always)]
    fn claim(&self) -> &Claim {
        match self {
            OneOrMore::One(one) => one.claim(),
            OneOrMore::More(more) => more.claim(),
        }
    }
}

// SAFETY: the algorithms uphold the contract.
unsafe impl<P, const BUFFERS: usize> Buffered for OneOrMore<P, BUFFERS> {
    type Buffer = P;

    const IN_PLACE: bool = BUFFERS == 1;

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        match self {
            OneOrMore::One(one) => one.attempt_with(load),
            OneOrMore::More(more) => more.attempt_with(load),
        }
    }

    #[inline(always)]
    fn latest_version(&self) -> Version {
        match self {
            OneOrMore::One(one) => one.latest_version(),
            OneOrMore::More(more) => more.latest_version(),
        }
    }

    #[inline]
    fn newest(&self) -> &P {
        match self {
            OneOrMore::One(one) => one.newest(),
            OneOrMore::More(more) => more.newest(),
        }
    }

    #[inline(always)]
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&P)) {
        match &*lock {
            // SAFETY: claimed, by the claim of the algorithm in it (I5 one-writer).
            OneOrMore::One(one) => SingleBuffer::publish_with(unsafe { Claimed::new(one) }, store),
            // SAFETY: as above (I5 one-writer).
            OneOrMore::More(more) => Latch::publish_with(unsafe { Claimed::new(more) }, store),
        }
    }
}
