//! [`SingleBuffer`]: the algorithm of [`SeqLock`](crate::SeqLock). One payload, one sequence word, one claim.

use core::mem::MaybeUninit;

use super::{Claim, Payload, Protocol, Version};
use crate::primitive::const_fn;
use crate::seq_count::SeqCount;
use crate::seq_count::code::WideWord;
use crate::seq_count::wide::Wide;
use crate::{Parity, ReadError, SeqCode, Successor};

/// The word in front, so that word and a small payload share a cache line.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct SingleBuffer<P, C: Successor = Parity<Wide>> {
    /// Odd only while a value is copied in, by the holder of the claim (I5).
    count: SeqCount<C>,
    claim: Claim,
    /// Stored to by `publish` only.
    payload: P,
}

impl<P> SingleBuffer<P> {
    const_fn! {
        pub(crate) const fn new(payload: P) -> Self {
            SingleBuffer::over(payload, <Parity<Wide> as SeqCode>::INITIAL)
        }
    }
}

impl<P, C: Successor> SingleBuffer<P, C> {
    const_fn! {
        /// Counting in words of that encoding, from there on.
        pub(crate) const fn over(payload: P, word: C::Word) -> Self {
            SingleBuffer { count: SeqCount::new(word), claim: Claim::new(), payload }
        }
    }
}

/// For models of a writer that dies between two steps of its own.
#[cfg(all(test, loom))]
impl<P, C: Successor> SingleBuffer<P, C> {
    pub(crate) fn parts(&self) -> (&SeqCount<C>, &P) {
        (&self.count, &self.payload)
    }
}

// SAFETY: P21. The count accepts a read only if all loads saw the stores of one `publish`, or the constructor, so the
// payload gives that value whole (I7).
unsafe impl<T, P: Payload<T>, C: Successor<Word: WideWord>> Protocol<T> for SingleBuffer<P, C> {
    /// Yields: the writer may be off its processor in the middle of a copy.
    const SPINS: bool = false;

    #[inline]
    fn claim(&self) -> &Claim {
        &self.claim
    }

    #[inline]
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        let token = self.count.read_begin_owned()?;
        self.payload.load_into(buf);
        if self.count.read_end(token) { Ok(Version::of(token.word().number() >> 1)) } else { Err(ReadError::Torn) }
    }

    #[inline]
    fn latest_version(&self) -> Version {
        // An odd word still belongs to the version before.
        Version::of(self.count.load().number() >> 1)
    }

    #[inline]
    unsafe fn peek_into(&self, buf: &mut MaybeUninit<T>) {
        // Nobody publishes meanwhile, so the bits are the last value.
        self.payload.load_into(buf);
    }

    #[inline]
    unsafe fn publish(&self, value: &T) {
        // SAFETY: the claim is held by the caller (I5), and its release and acquire order one writer behind the other.
        unsafe { self.count.write(|| self.payload.store(value)) };
    }
}
