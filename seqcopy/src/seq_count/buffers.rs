//! [`BufferCount`]: how many buffers a latch may have.

/// How many buffers a latch has, as a type, so that a bound can say which numbers are supported. Code that is generic over the
/// number of buffers needs this bound to create a latch:
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
#[derive(Debug)]
pub enum BufferCount<const BUFFERS: usize> {}

/// The numbers of buffers that a latch may have: 2, 4, 8, and so on, up to 65536. Implemented for those only; see [`BufferCount`].
///
/// Powers of two, because the buffers are used in turn and must still be where the count wraps; at least 2, because readers would
/// otherwise read the buffer that is being written.
#[diagnostic::on_unimplemented(
    message = "a latch cannot have this number of buffers: `{Self}`",
    label = "supported are 2, 4, 8, and so on up to 65536",
    note = "write `SeqLatch<T, 2>`, or `SeqLatch<T, 4>` where writes are frequent",
    note = "in code that is generic over the number, add the bound `seqcopy::seq_count::BufferCount<BUFFERS>: seqcopy::seq_count::SupportedBufferCount`"
)]
pub trait SupportedBufferCount {}

macro_rules! supported {
    ($($buffers:literal)*) => {$(
        #[diagnostic::do_not_recommend]
        impl SupportedBufferCount for BufferCount<$buffers> {}
    )*};
}

supported! { 2 4 8 16 32 64 128 256 512 1024 2048 4096 8192 16384 32768 65536 }
