//! [`SeqLatch`]: several copies, so that readers never wait. Its methods stand in `lock/vocabulary.rs`, its algorithm in
//! `lock/latch.rs`.

use crate::lock::{Latch, vocabulary};
use crate::primitive::const_fn;
use crate::seq_count::wide::{Wide, WideWord};
use crate::{Aligned8, AtomicPerByte, SeqCopy};

/// A latch: the writer fills another cell than the one that readers read, and then shows them there.
///
/// A reader never finds a write in progress. Its attempt fails only if it is *lapped*: if `CELLS - 1` or more writes are
/// finished while it copies. The writer never waits for anybody, and may stop anywhere, for ever: readers go on with the
/// value that was published last.
///
/// ```
/// use seqcopy::{SeqCopy, SeqLatch};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(C)]
/// struct Pose { at: u64, position: [f64; 3] }
///
/// static POSE: SeqLatch<Pose> = SeqLatch::new(Pose { at: 0, position: [0.0; 3] });
///
/// let mut writer = POSE.writer().expect("nobody else writes");
/// writer.write(Pose { at: 1, position: [1.0, 2.0, 3.0] });
/// assert_eq!(POSE.read().at, 1);
/// ```
///
/// # How many cells
/// `CELLS` is a power of two from 2 on, which every constructor checks when the program is built. Two are enough for a
/// writer that pauses for longer than a copy takes. Where it may not, use four: then three writes have to be finished during
/// one copy to make it fail. It costs `CELLS` times the size of `T`.
///
/// ```
/// use seqcopy::SeqLatch;
///
/// static FRAME: SeqLatch<[u8; 1024], 4> = SeqLatch::with_cells([0; 1024]);
/// assert_eq!(FRAME.read(), [0; 1024]);
/// ```
///
/// ```compile_fail
/// # use seqcopy::SeqLatch;
/// let _ = SeqLatch::<u32, 3>::with_cells(0); // no power of two
/// ```
///
/// # Progress
/// With a [`Writer`](crate::Writer), writes are wait-free, without a read-modify-write instruction.
/// [`try_read`](Self::try_read) is wait-free. [`read`](Self::read) is lock-free, not wait-free: each retry means that the
/// writer finished something. **Interrupt and signal handlers, audio and other real-time threads may use both sides of it**:
/// a reader that interrupts the writer reads the value published before, at the first attempt.
///
/// # Which write does a read see?
/// As for [`SeqLock`](crate::SeqLock): one that was current at some moment during the call, or, where the machine lets it,
/// shortly before; never one older than the last write that happens-before the call, never one older than what the same
/// thread has read already. What the writer did before the write happens-before the read's return.
///
/// # A writer that dies
/// One that is dropped, or whose thread ends between two writes, leaves nothing to repair: the next `Writer` goes on from
/// any point. A write that was not finished was never seen.
#[repr(C)]
pub struct SeqLatch<T, const CELLS: usize = 2> {
    /// The payloads at base 8, whatever the alignment of `T`.
    lock: Latch<AtomicPerByte<Aligned8<T>>, CELLS>,
}

vocabulary! {
    "SeqLatch", [const CELLS: usize] SeqLatch<T, CELLS>,
    read: "Each failed attempt means that the writer finished `CELLS - 1` writes during a copy. Between attempts it relaxes, after\n64 of them it yields to the scheduler (with feature `std`).",
    fails: "[`Torn`](crate::ReadError::Torn) if `CELLS - 1` or more writes were finished meanwhile."
}

impl<T: SeqCopy> SeqLatch<T> {
    const_fn! {
        /// A latch of two cells that holds `value`. [`with_cells`](Self::with_cells) makes larger ones.
        ///
        /// ```
        /// # use seqcopy::SeqLatch;
        /// static LATCH: SeqLatch<u32> = SeqLatch::new(5);
        /// assert_eq!(LATCH.read(), 5);
        /// ```
        pub const fn new(value: T) -> Self {
            Self::with_cells(value)
        }
    }
}

impl<T: SeqCopy, const CELLS: usize> SeqLatch<T, CELLS> {
    const_fn! {
        /// A latch of `CELLS` cells that holds `value`.
        ///
        /// ```
        /// # use seqcopy::SeqLatch;
        /// let latch = SeqLatch::<_, 8>::with_cells(5);
        /// assert_eq!(latch.read(), 5);
        /// ```
        pub const fn with_cells(value: T) -> Self {
            // The other cells are stored to before anybody reads them; zeros because storage is always initialised (I2).
            let mut cells = [const { AtomicPerByte::zeroed() }; CELLS];
            if CELLS > 0 {
                // Payloads have no drop glue, but a constant function does not know that.
                #[allow(clippy::forget_non_drop)]
                core::mem::forget(core::mem::replace(&mut cells[0], AtomicPerByte::new(Aligned8(value))));
            } else {
                core::mem::forget(value);
            }
            SeqLatch { lock: Latch::new(cells, Wide::ZERO) }
        }
    }
}

impl<T: SeqCopy + Default, const CELLS: usize> Default for SeqLatch<T, CELLS> {
    fn default() -> Self {
        Self::with_cells(T::default())
    }
}

impl<T: SeqCopy, const CELLS: usize> From<T> for SeqLatch<T, CELLS> {
    fn from(value: T) -> Self {
        Self::with_cells(value)
    }
}
