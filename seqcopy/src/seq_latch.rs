//! [`SeqLatch`]: several copies, so that readers never wait. Its methods stand in `lock/vocabulary.rs`, its algorithm in
//! `lock/latch.rs`.

use crate::lock::{Latch, vocabulary};
use crate::primitive::const_fn;
use crate::seq_count::code::WideWord;
use crate::seq_count::wide::Wide;
use crate::{Aligned8, AtomicPerByte, SeqCopy};

/// A latch: the writer fills another buffer than the one that readers read, and then shows them there.
///
/// A reader never finds a write in progress. Its attempt fails only if it is *lapped*: if `BUFFERS - 1` or more writes are
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
/// # How many buffers
/// `BUFFERS` is a power of two from 2 on, which every constructor checks when the program is built. Two are enough for a
/// writer that pauses for longer than a copy takes. Where it may not, use four: then three writes have to be finished during
/// one copy to make it fail. It costs `BUFFERS` times the size of `T`.
///
/// ```
/// use seqcopy::SeqLatch;
///
/// static FRAME: SeqLatch<[u8; 1024], 4> = SeqLatch::from_value([0; 1024]);
/// assert_eq!(FRAME.read(), [0; 1024]);
/// ```
///
/// ```compile_fail
/// # use seqcopy::SeqLatch;
/// let _ = SeqLatch::<u32, 3>::from_value(0); // no power of two
/// ```
///
/// # Progress
/// | call | guarantee |
/// |---|---|
/// | [`try_read`](Self::try_read), [`try_read_versioned`](Self::try_read_versioned), [`try_read_if_changed`](Self::try_read_if_changed), [`try_read_into`](Self::try_read_into), [`version`](Self::version), [`has_changed`](Self::has_changed) | wait-free |
/// | `write`, `write_from`, `replace`, `update`, `read` of a [`Writer`](crate::Writer) | wait-free, without a read-modify-write instruction |
/// | [`try_write`](Self::try_write) | wait-free |
/// | [`read`](Self::read), [`read_into`](Self::read_into), [`read_versioned`](Self::read_versioned), [`read_if_changed`](Self::read_if_changed) | lock-free: each retry means that a writer finished a write; spins, makes no system call |
/// | [`write`](Self::write), [`write_from`](Self::write_from), [`replace`](Self::replace), [`update`](Self::update), [`writer`](Self::writer) | blocking: they take turns with other writers, and yield while they wait |
///
/// **Audio callbacks and other real-time threads, interrupt and signal handlers** use the wait-free ones: a reader calls
/// `try_read` or `try_read_if_changed` and keeps the value that it had if the attempt fails; a writer holds a `Writer`. A
/// reader that interrupts the writer reads the value published before, at the first attempt.
/// [`docs::real_time`](crate::docs::real_time) has the whole program.
///
/// # Which write does a read see?
/// As for [`SeqLock`](crate::SeqLock): one that was current at some moment during the call, or, on weakly ordered hardware,
/// slightly before; never one older than the last write that happens-before the call, never one older than what the same
/// thread has read already. What the writer did before the write happens-before the read's return.
///
/// # A writer that dies
/// One that is dropped, or whose thread ends between two writes, leaves nothing to repair: the next `Writer` goes on from
/// any point. A write that was not finished was never seen.
#[doc(alias = "seqcount_latch_t")]
#[doc(alias = "double_buffer")]
#[doc(alias = "triple_buffer")]
#[repr(C)]
pub struct SeqLatch<T, const BUFFERS: usize = 2> {
    /// The payloads at base 8, whatever the alignment of `T`.
    lock: Latch<AtomicPerByte<Aligned8<T>>, BUFFERS>,
}

vocabulary! {
    "SeqLatch", [const BUFFERS: usize] SeqLatch<T, BUFFERS>,
    algorithm: Latch<AtomicPerByte<Aligned8<T>>, BUFFERS>,
    read: "Each failed attempt means that the writer finished `BUFFERS - 1` writes during a copy. Between attempts it spins: it\nmakes no system call and never yields. Lock-free, not wait-free: real-time threads use [`try_read`](Self::try_read).",
    fails: "[`Torn`](crate::ReadError::Torn) if `BUFFERS - 1` or more writes were finished meanwhile."
}

impl<T> SeqLatch<T> {
    const_fn! {
        /// A latch of two buffers that holds `value`. [`from_value`](Self::from_value) makes larger ones.
        ///
        /// ```
        /// # use seqcopy::SeqLatch;
        /// static LATCH: SeqLatch<u32> = SeqLatch::new(5);
        /// assert_eq!(LATCH.read(), 5);
        /// ```
        pub const fn new(value: T) -> Self
        where
            T: SeqCopy,
        {
            Self::from_value(value)
        }
    }
}

impl<T, const BUFFERS: usize> SeqLatch<T, BUFFERS> {
    const_fn! {
        /// A latch of `BUFFERS` buffers that holds `value`.
        ///
        /// ```
        /// # use seqcopy::SeqLatch;
        /// let latch = SeqLatch::<_, 8>::from_value(5);
        /// assert_eq!(latch.read(), 5);
        /// ```
        pub const fn from_value(value: T) -> Self
        where
            T: SeqCopy,
        {
            // The other buffers are stored to before anybody reads them; zeros because storage is always initialised (I2).
            let mut buffers = [const { AtomicPerByte::zeroed() }; BUFFERS];
            if BUFFERS > 0 {
                // Payloads have no drop glue, but a constant function does not know that.
                #[allow(clippy::forget_non_drop)]
                core::mem::forget(core::mem::replace(&mut buffers[0], AtomicPerByte::new(Aligned8(value))));
            } else {
                core::mem::forget(value);
            }
            SeqLatch { lock: Latch::new(buffers, Wide::ZERO) }
        }
    }
}

impl<T: SeqCopy + Default, const BUFFERS: usize> Default for SeqLatch<T, BUFFERS> {
    fn default() -> Self {
        Self::from_value(T::default())
    }
}

impl<T: SeqCopy, const BUFFERS: usize> From<T> for SeqLatch<T, BUFFERS> {
    fn from(value: T) -> Self {
        Self::from_value(value)
    }
}
