//! The two algorithms of this crate.
//!
//! | algorithm | lock | payloads | a read that overlaps a write |
//! |---|---|---|---|
//! | [`SingleBuffer`] | [`SeqLock`](crate::SeqLock) | one | fails, and is tried again |
//! | [`Latch`] | [`SeqLatch`](crate::SeqLatch) | 2, 4, 8, .. written round-robin | succeeds, because the write changes another payload; it fails only if later writes reach its own payload before it ends |
//!
//! Each algorithm is a sequence word with a claim and the payloads. The steps of the word are in `seq_count`. Debug
//! builds use the same algorithms with a copy that follows a table (`unoptimised`).

use super::{Algorithm, Claim, Claimed, Version};
use crate::primitive::const_fn;
use crate::seq_count::{LatchWord, Parity, ReadError, SeqCode, SeqCount, Successor, Wide, WideWord, window};

#[allow(unused_imports)] // in optimised builds
pub(crate) use unoptimised::Unoptimised;

/// One payload, a sequence word, and the write claim.
///
/// The payload comes first, so that it is as well aligned as the lock. If the payload of a lock begins on a cache line,
/// a write of 4 KiB takes 37 ns on a Zen 4; if it begins 16 bytes later, 50 ns. A small payload shares a cache line
/// with the word in either order.
#[derive(Debug)]
#[repr(C)]
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub struct SingleBuffer<P, C: Successor = Parity<Wide>> {
    /// Only `publish_with` changes it.
    pub(super) payload: P,
    /// The sequence word. It is odd while the holder of the claim copies a value in (I5 one-writer).
    pub(super) count: SeqCount<C>,
    pub(super) claim: Claim,
}

impl<P> SingleBuffer<P> {
    const_fn! {
        /// Writes the word and the claim, and returns the place of the payload. The caller constructs a large payload
        /// there, so that it is not moved through the stack frames of several functions.
        ///
        /// # Safety
        /// `place` is aligned and writable for a lock, by this thread alone.
        pub(crate) const unsafe fn init(place: *mut Self) -> *mut P {
            // SAFETY: a field of it (P10 raw-place).
            let count = unsafe { &raw mut (*place).count };
            // SAFETY: in the place, which is writable by this function's contract (I4 private).
            unsafe { count.write(SeqCount::new(<Parity<Wide> as SeqCode>::INITIAL)) };
            // SAFETY: a field of it (P10 raw-place).
            let claim = unsafe { &raw mut (*place).claim };
            // SAFETY: in the place, too (I4 private).
            unsafe { claim.write(Claim::new()) };
            // SAFETY: a field of it (P10 raw-place).
            unsafe { &raw mut (*place).payload }
        }
    }
}

#[cfg(any(test, feature = "alloc"))]
#[allow(dead_code)] // without compare-and-swap
impl<P> SingleBuffer<P> {
    pub(crate) fn new(payload: P) -> Self {
        let count = SeqCount::new(<Parity<Wide> as SeqCode>::INITIAL);
        SingleBuffer { payload, count, claim: Claim::new() }
    }
}

/// Attempts one read of a single buffer: `read_begin`, the loads, `read_end`.
#[inline(always)]
pub(super) fn attempt<C: Successor<Word: WideWord>>(
    count: &SeqCount<C>,
    load: impl FnOnce(),
) -> Result<Version, ReadError> {
    #[allow(clippy::question_mark)] // which is a few calls in unoptimised code
    let token = match count.read_begin_owned() {
        Ok(token) => token,
        Err(error) => return Err(error),
    };
    load();
    if count.read_end(token) { Ok(Version::after_writes(token.word().number() >> 1)) } else { Err(ReadError::Torn) }
}

// SAFETY: P21 snapshot. The count only accepts a read if all loads saw the stores of the writes up to one, and of none
// after it (I7 checked). The claim is a field of its own (R2 one-protocol).
unsafe impl<P, C: Successor<Word: WideWord>> Algorithm for SingleBuffer<P, C> {
    type Buffer = P;

    /// Yields between attempts: the writer may have been preempted in the middle of a copy.
    const SPINS: bool = false;

    const IN_PLACE: bool = true;

    #[inline(always)]
    fn claim(&self) -> &Claim {
        &self.claim
    }

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        attempt(&self.count, || load(&self.payload))
    }

    #[inline]
    fn latest_version(&self) -> Version {
        // While a write is in progress the word is odd, and half of it is still the previous version.
        Version::after_writes(self.count.load().number() >> 1)
    }

    #[inline(always)]
    fn newest(&self) -> &P {
        &self.payload
    }

    #[inline(always)]
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&P)) {
        // SAFETY: claimed (R2 one-protocol, I5 one-writer).
        unsafe { lock.count.write(|| store(&lock.payload)) };
    }
}

#[derive(Debug)]
#[repr(C)]
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub struct Latch<P, const BUFFERS: usize, W: WideWord = Wide> {
    /// They come first, as the payload of `SingleBuffer` does. Buffer `count % BUFFERS` holds the newest value; only
    /// the holder of the claim stores to the next one (I5 one-writer).
    pub(super) buffers: [P; BUFFERS],
    pub(super) count: LatchWord<W>,
    pub(super) claim: Claim,
}

/// Whether a latch may have this number of buffers.
pub(crate) const fn buffers_are_valid(buffers: usize) -> bool {
    buffers >= 2 && buffers.is_power_of_two() && buffers <= 1 << 16
}

/// The error for any other number.
pub(crate) const BUFFERS_MESSAGE: &str = "a latch has 2, 4, 8, ... buffers, at most 65536: write `SeqLatch<T, 2>`, or `SeqLatch<T, 4>` where writes are frequent";

impl<P, const BUFFERS: usize, W: WideWord> Latch<P, BUFFERS, W> {
    /// The remainder of the count selects the buffer, and the count wraps at a power of two. So `BUFFERS` must be a
    /// power of two: with another number, two consecutive writes could go to the same buffer at the wrap. With one
    /// buffer, readers would read the buffer that is being written.
    const CHECKED: () = assert!(buffers_are_valid(BUFFERS), "{}", BUFFERS_MESSAGE);

    const_fn! {
        /// Writes everything but the first buffer, and returns the place of that buffer, as [`SingleBuffer`] does. The
        /// caller constructs the first value there. The other buffers are zeros.
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
            // Each buffer is stored to before it is read. It is zeroed because storage is always initialised (I2 init).
            // SAFETY: inside the array, since there are two buffers or more (P9 layout).
            let others = unsafe { first.add(1) };
            // SAFETY: the rest of them, zeroed in place (P8 maybe-uninit).
            unsafe { others.write_bytes(0, BUFFERS - 1) };
            first
        }
    }

    /// `buffers[0]` holds the first value. `count` is the number of values published before, a multiple of `BUFFERS`.
    /// It is 0 except in tests of the wrap. The caller has checked the number of buffers.
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

/// Attempts one read of a latch: the newest count, the loads from its buffer, and whether the buffer was reused
/// meanwhile.
#[inline(always)]
pub(super) fn attempt_latch<W: WideWord>(
    word: &LatchWord<W>,
    buffers: usize,
    load: impl FnOnce(u64),
) -> Result<Version, ReadError> {
    let count = word.read_begin();
    load(count);
    if word.read_end(count, window(buffers as u64)) { Ok(Version::after_writes(count)) } else { Err(ReadError::Torn) }
}

// SAFETY: a read is only accepted if it saw no store of a later write, and its buffer was published (module
// `seq_count::latch`, P21 snapshot, I7 checked). The claim is a field of its own (R2 one-protocol).
unsafe impl<P, const BUFFERS: usize, W: WideWord> Algorithm for Latch<P, BUFFERS, W> {
    type Buffer = P;

    /// A failed attempt means that a writer finished a write, so writers are running and there is nothing to yield for.
    const SPINS: bool = true;

    const IN_PLACE: bool = false;

    #[inline(always)]
    fn claim(&self) -> &Claim {
        &self.claim
    }

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        attempt_latch(&self.count, BUFFERS, |count| load(self.buffer(count)))
    }

    #[inline]
    fn latest_version(&self) -> Version {
        Version::after_writes(self.count.load())
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

#[allow(dead_code)] // in optimised builds
mod unoptimised {
    //! The same algorithms for builds without optimisation.
    //!
    //! The copy follows a table, so this code does not depend on the type of the value, and is compiled once, as part
    //! of this crate. The caller's crate only makes a few calls. Where only dependencies are optimised
    //! (`[profile.dev.package."*"] opt-level = 3`), this makes reads and writes of up to 64 bytes 1.2 to 1.6 times as
    //! fast as the generic code above (`--bench unoptimised`).

    use core::mem::MaybeUninit;

    use super::super::{Claimed, Version};
    use super::{Latch, SingleBuffer};
    use crate::atomic_per_byte::{Aligned8, AtomicPerByte};
    use crate::copy::{LoadByTable, StoreByTable, load_by_table, store_by_table};
    use crate::seq_copy::SeqCopy;
    use crate::seq_count::{LatchWord, Parity, ReadError, SeqCount, Wide};

    /// The storage of both locks.
    type Storage<T> = AtomicPerByte<Aligned8<T>>;

    /// The functions of [`Protocol`](crate::lock::Protocol) that such builds use.
    #[allow(unreachable_pub)] // as above
    pub trait Unoptimised<T>: Sized {
        /// Has the contract of [`attempt_into`](crate::lock::Protocol::attempt_into).
        fn attempt_unoptimised(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>
        where
            T: SeqCopy;

        /// Has the contract of [`publish`](crate::lock::Protocol::publish).
        fn publish_unoptimised(lock: Claimed<'_, Self>, value: &T)
        where
            T: SeqCopy;
    }

    impl<T> Unoptimised<T> for SingleBuffer<Storage<T>> {
        fn attempt_unoptimised(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>
        where
            T: SeqCopy,
        {
            let load = load_by_table::<Aligned8<T>>(self.payload.as_ptr().cast(), buf.as_mut_ptr().cast());
            // SAFETY: the payload of this lock, and a buffer for its value (I1 partition, I2 init, I4 private).
            unsafe { attempt(&self.count, &load) }
        }

        fn publish_unoptimised(lock: Claimed<'_, Self>, value: &T)
        where
            T: SeqCopy,
        {
            let (value, payload) = (core::ptr::from_ref(value).cast(), lock.payload.as_ptr().cast());
            let store = store_by_table::<Aligned8<T>, true>(value, payload);
            // SAFETY: claimed (I5 one-writer); the value, and the payload of this lock (I1 partition, I4 private).
            unsafe { publish(&lock.count, &store) };
        }
    }

    impl<T, const BUFFERS: usize> Unoptimised<T> for Latch<Storage<T>, BUFFERS> {
        fn attempt_unoptimised(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>
        where
            T: SeqCopy,
        {
            let first = self.buffers.as_ptr().cast();
            let load = load_by_table::<Aligned8<T>>(first, buf.as_mut_ptr().cast());
            // SAFETY: the buffers of this latch, and a buffer for its value (I1 partition, I2 init, I4 private).
            unsafe { attempt_latch(&self.count, &load, size_of::<Storage<T>>(), BUFFERS) }
        }

        fn publish_unoptimised(lock: Claimed<'_, Self>, value: &T)
        where
            T: SeqCopy,
        {
            // The storage is in an `UnsafeCell`, so it may be written through a shared reference.
            let first = lock.buffers.as_ptr().cast_mut().cast();
            let store = store_by_table::<Aligned8<T>, true>(core::ptr::from_ref(value).cast(), first);
            // SAFETY: claimed (I5 one-writer); the value, and the buffers of this latch (I1 partition, I4 private).
            unsafe { publish_latch(&lock.count, &store, size_of::<Storage<T>>(), BUFFERS) };
        }
    }

    /// # Safety
    /// `load` copies from the payload of the lock to a private buffer.
    unsafe fn attempt(count: &SeqCount<Parity<Wide>>, load: &LoadByTable) -> Result<Version, ReadError> {
        super::attempt(count, || same_contract!(load.run()))
    }

    /// # Safety
    /// The lock is claimed, and `store` copies a value to the payload of the lock.
    unsafe fn publish(count: &SeqCount<Parity<Wide>>, store: &StoreByTable) {
        let copy = || same_contract!(store.run());
        same_contract!(count.write(copy));
    }

    /// # Safety
    /// `load` copies from the first of the latch's `buffers`, which are `stride` bytes apart, to a private buffer.
    unsafe fn attempt_latch(
        word: &LatchWord<Wide>,
        load: &LoadByTable,
        stride: usize,
        buffers: usize,
    ) -> Result<Version, ReadError> {
        // SAFETY: the index is less than `buffers`; the rest is this function's contract.
        let copy = |count| unsafe { load.after(stride.wrapping_mul(index(count, buffers))).run() };
        super::attempt_latch(word, buffers, copy)
    }

    /// # Safety
    /// The lock is claimed, and `store` copies a value to the first of the latch's `buffers`, which are `stride` bytes
    /// apart.
    unsafe fn publish_latch(word: &LatchWord<Wide>, store: &StoreByTable, stride: usize, buffers: usize) {
        // SAFETY: the index is less than `buffers`; the rest is this function's contract.
        let copy = |count| unsafe { store.after(stride.wrapping_mul(index(count, buffers))).run() };
        same_contract!(word.write(copy));
    }

    /// The index of the buffer for a count. `buffers` is a power of two. Nothing here panics, since a write is in
    /// progress (I9 no-panic).
    #[allow(clippy::cast_possible_truncation)] // only the low bits matter
    fn index(count: u64, buffers: usize) -> usize {
        count as usize & buffers.wrapping_sub(1)
    }
}
