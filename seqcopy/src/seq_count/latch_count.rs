//! [`LatchCount`] is the word of a latch, for buffers anywhere in memory.

use core::fmt;

use super::latch::{BufferCount, LatchWord, SupportedBufferCount, window};
use crate::primitive::const_fn;

/// The word of a latch and its protocol, without the buffers: Linux's `seqcount_latch_t`, for any number of buffers.
///
/// The word counts the values published so far. The value with count *n* is in buffer *n* modulo `BUFFERS`; the writer
/// fills the next buffer, then publishes its count. So a reader never finds a write in progress, and an attempt fails
/// only if `BUFFERS - 1` or more writes were published during it.
///
/// For code that places word and buffers itself. The buffers are accessed between the calls, by
/// [`raw::load`](crate::raw::load) and [`raw::store`](crate::raw::store). If you can choose the layout, use
/// [`SeqLatch`](crate::SeqLatch).
///
/// Readers never write to shared memory, and work on read-only mappings. Every read is a single, wait-free attempt.
/// Writes are wait-free, and a writer that stops at any point has published nothing: the next one fills the same buffer
/// again.
///
/// `BUFFERS` is a power of two from 2 to 65536, so that the buffers stay in sequence where the word wraps, after 2^64
/// writes. Needs a target with 64-bit atomics.
///
/// ```
/// use seqcopy::{AtomicPerByte, seq_count::LatchCount};
///
/// static COUNT: LatchCount<2> = LatchCount::new();
/// static POSES: [AtomicPerByte<[f64; 3]>; 2] = [const { AtomicPerByte::new([0.0; 3]) }; 2];
///
/// // SAFETY: this is the only writer, and it stores a whole value.
/// unsafe {
///     let buffer = COUNT.write_begin();
///     POSES[buffer].store(&[1.0, 2.0, 3.0]);
///     COUNT.write_end();
/// }
///
/// let token = COUNT.read_begin();
/// let bits = POSES[token.buffer()].load();
/// assert!(COUNT.read_end(token));
/// assert_eq!(bits.validate(), Ok([1.0, 2.0, 3.0]));
/// ```
#[repr(transparent)]
pub struct LatchCount<const BUFFERS: usize = 2>(LatchWord<u64>);

/// The count that a reader of a [`LatchCount`] began with. It belongs to that word, which is not checked.
///
/// ```
/// # use seqcopy::seq_count::LatchCount;
/// let token = LatchCount::<4>::new().read_begin();
/// assert_eq!((token.count(), token.buffer()), (0, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a read ends with `read_end`"]
pub struct LatchToken<const BUFFERS: usize>(u64);

impl<const BUFFERS: usize> LatchToken<BUFFERS> {
    /// The buffer that was published last.
    ///
    /// ```
    /// # use seqcopy::seq_count::LatchCount;
    /// assert_eq!(LatchCount::<2>::new().read_begin().buffer(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub fn buffer(self) -> usize {
        buffer::<BUFFERS>(self.0)
    }

    /// The number of values published before the read began.
    ///
    /// ```
    /// # use seqcopy::seq_count::LatchCount;
    /// assert_eq!(LatchCount::<2>::new().read_begin().count(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub fn count(self) -> u64 {
        self.0
    }
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // only the low bits matter
fn buffer<const BUFFERS: usize>(count: u64) -> usize {
    count as usize % BUFFERS
}

impl<const BUFFERS: usize> LatchCount<BUFFERS> {
    const_fn! {
        /// A word with a count of 0: readers are directed to buffer 0. If that holds no first value, a reader must not
        /// use what it loads while [`LatchToken::count`] is 0.
        ///
        /// ```
        /// # use seqcopy::seq_count::LatchCount;
        /// static COUNT: LatchCount<4> = LatchCount::new();
        /// assert_eq!(COUNT.count(), 0);
        /// ```
        #[must_use]
        pub const fn new() -> Self
        where
            BufferCount<BUFFERS>: SupportedBufferCount,
        {
            LatchCount(LatchWord::new(0))
        }
    }

    /// A latch's word at a given address, such as in a mapped page or a foreign struct.
    ///
    /// # Safety
    /// * `pointer` is aligned to 8 bytes (on some targets that is more than the alignment of a `u64`), and valid for
    ///   reads for the whole lifetime `'a`; for the writing methods also for writes.
    /// * It is not derived from a shared reference to the word, which would forbid every write, nor by `&raw const`
    ///   from a variable, a field of one or a `static`, nor from a `&mut` by `as *const _`: under the stricter aliasing
    ///   model these count as shared references, even if nothing ever writes (P19 retag in
    ///   `docs/reference/soundness.md`). Use `&raw mut`, or the pointer that a mapping or an allocation returned, and
    ///   places inside of it (`&raw const (*pointer).count`).
    /// * During `'a` the word is only accessed atomically and in this width
    ///   ([memory model](core::sync::atomic#memory-model-for-atomic-accesses)).
    ///
    /// ```
    /// # use seqcopy::seq_count::LatchCount;
    /// let mut word = 6u64;
    /// // SAFETY: a local, aligned.
    /// let count = unsafe { LatchCount::<2>::from_ptr(&raw mut word) };
    /// assert_eq!(count.count(), 6);
    /// ```
    #[must_use]
    #[inline]
    #[allow(clippy::cast_ptr_alignment)] // aligned by contract
    pub const unsafe fn from_ptr<'a>(pointer: *const u64) -> &'a Self
    where
        BufferCount<BUFFERS>: SupportedBufferCount,
    {
        // SAFETY: aligned and valid by this function's contract; same size (P7 from_ptr).
        unsafe { &*pointer.cast::<Self>() }
    }

    /// The number of values published. Whatever the writer of the last one did before publishing it happens-before the
    /// return.
    ///
    /// ```
    /// # use seqcopy::seq_count::LatchCount;
    /// assert_eq!(LatchCount::<2>::new().count(), 0);
    /// ```
    #[inline]
    pub fn count(&self) -> u64 {
        self.0.count()
    }

    /// Begins a read: the buffer that the token names may be loaded now, but its bits not used before
    /// [`read_end`](Self::read_end) has returned `true`.
    ///
    /// ```
    /// # use seqcopy::seq_count::LatchCount;
    /// let count = LatchCount::<2>::new();
    /// assert_eq!(count.read_begin().buffer(), 0);
    /// ```
    #[inline]
    pub fn read_begin(&self) -> LatchToken<BUFFERS> {
        LatchToken(self.count())
    }

    /// Ends a read: returns whether everything that this thread loaded from the token's buffer since
    /// [`read_begin`](Self::read_begin) belongs to the value with that count. If so, whatever its writer did before
    /// publishing it happens-before the return. `false` if `BUFFERS - 1` or more writes were published during the read.
    ///
    /// The token must be this word's. One of another latch is accepted if the numbers agree, and the answer then means
    /// nothing.
    ///
    /// ```
    /// # use seqcopy::seq_count::LatchCount;
    /// let count = LatchCount::<2>::new();
    /// let token = count.read_begin();
    /// // SAFETY: the only writer, no payload.
    /// unsafe {
    ///     count.write_begin();
    ///     assert!(count.read_end(token)); // a write in progress goes to another buffer
    ///     count.write_end();
    /// }
    /// assert!(!count.read_end(token));
    /// ```
    #[inline]
    #[must_use = "the bits that were read may be torn unless this returns `true`"]
    pub fn read_end(&self, token: LatchToken<BUFFERS>) -> bool {
        self.0.read_end(token.0, window(BUFFERS as u64))
    }

    /// Begins a write, and returns the buffer to store to. New readers are not directed to it before
    /// [`write_end`](Self::write_end).
    ///
    /// # Safety
    /// * The word is writable, and there is no other writer until `write_end`; the end of the previous writer
    ///   happens-before this call.
    /// * A whole value is stored to the buffer before `write_end`, by the thread that calls this, and `write_end`:
    ///   fences order the accesses of their own thread only.
    ///
    /// ```
    /// # use seqcopy::seq_count::LatchCount;
    /// let count = LatchCount::<4>::new();
    /// // SAFETY: the only writer; an unfinished write publishes nothing.
    /// assert_eq!(unsafe { count.write_begin() }, 1);
    /// assert_eq!(count.count(), 0);
    /// ```
    #[inline]
    pub unsafe fn write_begin(&self) -> usize {
        buffer::<BUFFERS>(same_contract!(self.0.write_begin()))
    }

    /// Publishes the buffer that [`write_begin`](Self::write_begin) returned.
    ///
    /// # Safety
    /// This thread began a write by `write_begin` and stored a whole value to its buffer, and the contract of
    /// `write_begin` still holds.
    ///
    /// ```
    /// # use seqcopy::seq_count::LatchCount;
    /// let count = LatchCount::<2>::new();
    /// // SAFETY: the only writer, no payload.
    /// unsafe {
    ///     count.write_begin();
    ///     count.write_end();
    /// }
    /// assert_eq!(count.count(), 1);
    /// ```
    #[inline]
    pub unsafe fn write_end(&self) {
        // The count that `write_begin` computed.
        let next = self.0.next();
        // SAFETY: no other writer has changed the count since; the rest is this function's contract.
        unsafe { self.0.write_end(next) };
    }
}

impl<const BUFFERS: usize> Default for LatchCount<BUFFERS>
where
    BufferCount<BUFFERS>: SupportedBufferCount,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const BUFFERS: usize> fmt::Debug for LatchCount<BUFFERS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatchCount").field("count", &self.count()).finish()
    }
}
