//! [`SeqLatch`] has several buffers, so that readers never wait. This file constructs it. Its methods are in `methods`,
//! its algorithm is in `algorithms.rs`.

use core::mem::MaybeUninit;

use super::{Latch, SeqLatchPolicy, Sequenced};
use crate::atomic_per_byte;
use crate::primitive::const_fn;
use crate::seq_copy::SeqCopy;
use crate::seq_count::{BufferCount, SupportedBufferCount};

/// A multi-buffered sequence lock (Linux's `seqcount_latch_t`): the writer fills a buffer that readers are not directed
/// to, then publishes its index.
///
/// A reader never finds a write in progress. An attempt fails only if the reader is *lapped*: if `BUFFERS - 1` or more
/// writes finish while it copies. With a [`Writer`](crate::Writer), writes are wait-free, and a writer that stops at
/// any point, even forever, does not block readers: they keep returning the value published last.
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
/// let mut writer = POSE.writer().expect("the only writer");
/// writer.write(Pose { at: 1, position: [1.0, 2.0, 3.0] });
/// assert_eq!(POSE.read().at, 1);
/// ```
///
/// # How many buffers
/// Two buffers suffice for a writer that pauses for longer than a copy takes. If it may not, use four: then an attempt
/// fails only if three writes finish during one copy. A latch takes `BUFFERS` times the size of `T`, and keeps the last
/// `BUFFERS` values in its memory.
///
/// [`new`](Self::new) makes two buffers, [`from_value`](Self::from_value) any other number. If `new` is given a type
/// with another number, the compiler reports "mismatched types: expected `4`, found `2`".
///
/// ```
/// use seqcopy::SeqLatch;
///
/// static FRAME: SeqLatch<[u8; 1024], 4> = SeqLatch::from_value([0; 1024]);
/// assert_eq!(FRAME.read(), [0; 1024]);
/// ```
///
/// `BUFFERS` is a power of two from 2 to 65536. [`new`](Self::new) and [`from_value`](Self::from_value) require that by
/// the bound `BufferCount<BUFFERS>: SupportedBufferCount`, and the constructors on the heap when their code is
/// generated:
///
/// ```compile_fail
/// # use seqcopy::SeqLatch;
/// let _ = SeqLatch::<u32, 3>::from_value(0); // not a power of two
/// ```
///
/// ```compile_fail,E0080
/// # use seqcopy::SeqLatch;
/// let _ = SeqLatch::<u32, 3>::boxed(&0); // neither here
/// ```
///
/// Code that is generic over the number repeats the bound to create a latch:
///
/// ```
/// use seqcopy::SeqLatch;
/// use seqcopy::seq_count::{BufferCount, SupportedBufferCount};
///
/// fn zero<const BUFFERS: usize>() -> SeqLatch<u32, BUFFERS>
/// where
///     BufferCount<BUFFERS>: SupportedBufferCount,
/// {
///     SeqLatch::from_value(0)
/// }
/// assert_eq!(zero::<4>().read(), 0);
/// ```
///
/// # Progress
/// | call | guarantee |
/// |---|---|
/// | [`try_read`](Sequenced::try_read), [`try_read_versioned`](Sequenced::try_read_versioned), [`try_read_if_changed`](Sequenced::try_read_if_changed), [`try_read_into`](Sequenced::try_read_into), [`version`](Sequenced::version), [`has_changed`](Sequenced::has_changed) | wait-free |
/// | `write`, `write_from`, `replace`, `update`, `read` of a [`Writer`](crate::Writer) | wait-free, without a read-modify-write instruction |
/// | [`try_write`](Sequenced::try_write) | wait-free |
/// | [`read`](Sequenced::read), [`read_into`](Sequenced::read_into), [`read_to`](Sequenced::read_to), [`read_versioned`](Sequenced::read_versioned), [`read_if_changed`](Sequenced::read_if_changed) | lock-free: retries, each time because a writer finished a write; spins, makes no system call |
/// | [`write`](Sequenced::write), [`write_from`](Sequenced::write_from), [`replace`](Sequenced::replace), [`update`](Sequenced::update) | blocking while another writer holds the write claim: spins, then yields |
/// | [`writer`](Sequenced::writer) | blocking while a `write` or `update` is in progress; `None` if another `Writer` exists |
///
/// **Audio callbacks and other real-time threads, interrupt and signal handlers** use the wait-free calls: a reader
/// calls `try_read` or `try_read_if_changed`, and keeps its previous value if the attempt fails; a writer holds a
/// `Writer`. A reader that interrupts the writer gets the value published before, at the first attempt.
/// [`guide::real_time`](crate::guide::real_time) has a complete program.
///
/// # Which write does a read see?
/// A value that was current, as with [`SeqLock`](crate::SeqLock), at some moment during the call or, on weakly ordered
/// hardware, slightly before; never one older than the last write that happens-before the call, and never one older
/// than what the same thread has already read. Whatever the writer did before the write happens-before the return of
/// the read.
///
/// # A writer that stops
/// An unfinished write is never visible, and leaves nothing to repair: the next writer fills the same buffer again.
///
/// # Panics
/// No method panics by itself. If the closure of [`update`](Sequenced::update) panics, the value is unchanged and the
/// write claim is released: there is no poisoning.
#[doc(alias = "seqcount_latch_t")]
#[doc(alias = "double_buffer")]
#[doc(alias = "triple_buffer")]
pub type SeqLatch<T, const BUFFERS: usize = 2> = Sequenced<T, SeqLatchPolicy<BUFFERS>>;

impl<T> SeqLatch<T> {
    const_fn! {
        /// Creates a latch of two buffers that holds `value`. For another number of buffers, see
        /// [`from_value`](Sequenced::from_value).
        ///
        /// Without optimisation this takes stack for four more `T`s, in addition to the argument and the result; and
        /// `Box::new(SeqLatch::new(value))` for seven in all. `SeqLatch::boxed` takes none.
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
        /// Creates a latch of `BUFFERS` buffers that holds `value`. Without optimisation this takes stack space for one
        /// `T` more than there are buffers.
        ///
        /// ```
        /// # use seqcopy::SeqLatch;
        /// let latch = SeqLatch::<_, 8>::from_value(5);
        /// assert_eq!(latch.read(), 5);
        /// ```
        pub const fn from_value(value: T) -> Self
        where
            T: SeqCopy,
            BufferCount<BUFFERS>: SupportedBufferCount,
        {
            let mut latch = MaybeUninit::<Self>::uninit();
            // SAFETY: the field of a local (P10 raw-place).
            let place = unsafe { &raw mut (*latch.as_mut_ptr()).algorithm };
            // SAFETY: a place in a local; storage may be zeros (P8 maybe-uninit).
            let first = unsafe { Latch::init(place) };
            // SAFETY: the first buffer. The data of an `Aligned8<T>` is that of its `T` at offset 0, and the storage
            // begins there (P9 layout: transparent).
            unsafe { atomic_per_byte::init(first.cast::<T>(), &raw const value) };
            core::mem::forget(value);
            // SAFETY: all fields were written (I2 init), and a move keeps the data bytes of storage (P8 maybe-uninit,
            // P25 enum-move).
            unsafe { latch.as_ptr().read() }
        }
    }
}

impl<T: SeqCopy + Default, const BUFFERS: usize> Default for SeqLatch<T, BUFFERS>
where
    BufferCount<BUFFERS>: SupportedBufferCount,
{
    fn default() -> Self {
        Self::from_value(T::default())
    }
}

impl<T: SeqCopy, const BUFFERS: usize> From<T> for SeqLatch<T, BUFFERS>
where
    BufferCount<BUFFERS>: SupportedBufferCount,
{
    fn from(value: T) -> Self {
        Self::from_value(value)
    }
}
