//! [`Buffered`]: the algorithms, over buffers of which they know nothing; [`OneOrMore`]: that of either lock.

use super::{Algorithm, Claim, Claimed, Latch, SingleBuffer, Version, latch, single_buffer};
use crate::ReadError;
use crate::seq_count::Successor;
use crate::seq_count::code::WideWord;

/// An algorithm by which one buffer is read while none, or another one, is written.
///
/// # Safety
/// If `attempt_with` returns `Ok`, then every access that its closure made to the buffer saw the stores of one `publish_with`, or what was
/// there at the beginning, and everything before that write happens-before the return (P21 snapshot, I7 checked).
pub(crate) unsafe trait Buffered: Algorithm + Sized {
    type Buffer;

    /// One attempt at what `load` loads, wait-free if that is.
    fn attempt_with(&self, load: impl FnOnce(&Self::Buffer)) -> Result<Version, ReadError>;

    /// The version of what was published last.
    fn latest_version(&self) -> Version;

    /// Publishes what `store` stores, which is a whole value.
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&Self::Buffer));
}

// SAFETY: the count accepts loads only if all of them saw the stores of one write (P21 snapshot).
unsafe impl<P, C: Successor<Word: WideWord>> Buffered for SingleBuffer<P, C> {
    type Buffer = P;

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        single_buffer::attempt(&self.count, || load(&self.payload))
    }

    #[inline(always)]
    fn latest_version(&self) -> Version {
        Version::of(self.count.load().number() >> 1)
    }

    #[inline(always)]
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&P)) {
        // SAFETY: claimed (R2 one-protocol, I5 one-writer).
        unsafe { lock.count.write(|| store(&lock.payload)) };
    }
}

// SAFETY: a read is only accepted if it saw no store of a later write (P21 snapshot).
unsafe impl<P, const BUFFERS: usize, W: WideWord> Buffered for Latch<P, BUFFERS, W> {
    type Buffer = P;

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        latch::attempt(&self.count, BUFFERS, |count| load(self.buffer(count)))
    }

    #[inline(always)]
    fn latest_version(&self) -> Version {
        Version::of(self.count.load())
    }

    #[inline(always)]
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&P)) {
        // SAFETY: claimed (R2 one-protocol, I5 one-writer).
        unsafe { lock.count.write(|count| store(lock.buffer(count))) };
    }
}

/// The algorithm of a [`SeqLock`](crate::SeqLock) for one buffer, that of a [`SeqLatch`](crate::SeqLatch) for more.
pub(crate) enum OneOrMore<P, const BUFFERS: usize> {
    One(SingleBuffer<P>),
    More(Latch<P, BUFFERS>),
}

impl<P, const BUFFERS: usize> OneOrMore<P, BUFFERS> {
    const CHECKED: () = assert!(
        BUFFERS == 1 || latch::buffers_are_valid(BUFFERS),
        "a slice has 1, 2, 4, 8, ... buffers, at most 65536: write `SeqSlice<T>`, or `SeqSlice<T, 2>` where readers must not wait"
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
            OneOrMore::One(one) => Buffered::latest_version(one),
            OneOrMore::More(more) => Buffered::latest_version(more),
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
