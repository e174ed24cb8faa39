//! [`SeqSlice`] is a slice under a sequence protocol, whose length is known at run time only. This file constructs it.
//! Its other methods are in `methods/slice.rs`, its buffers in `slice_buffer.rs`.

use alloc::vec::Vec;
use core::fmt;

use super::slice_buffer::ListMemory;
use super::{Lock, OneOrMore};
use crate::atomic_per_byte::SendToReaders;
use crate::seq_copy::SeqCopy;

/// A slice of up to as many elements as are decided when it is created: camera frames, tensors, rows of a table,
/// samples of a block. Its length is part of the value, and of the same write as the elements.
///
/// With one buffer, `SeqSlice<T>`, it is a [`SeqLock`](crate::SeqLock): readers wait while a write is in progress. With
/// two or more, `SeqSlice<T, 2>`, it is a [`SeqLatch`](crate::SeqLatch): readers never wait, and `SeqSlice<T, 4>` is
/// for a writer that publishes back to back. What a read sees, progress, versions and claim are those of these locks.
/// Where the number of elements is a constant, take one of them, with an array or a [`SeqVec`](crate::SeqVec).
///
/// ```
/// use seqcopy::SeqSlice;
///
/// let (width, height) = (64, 48); // known when the camera is opened
/// let frame = SeqSlice::<u16, 2>::with_capacity(width * height);
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         let mut writer = frame.writer().expect("the only writer");
///         writer.write_from(&vec![7; width * height]).expect("a frame of that camera");
///     });
///     let mut pixels = Vec::new();
///     frame.read_to_vec(&mut pixels); // all of one write: none yet, or a frame
///     assert!(pixels.is_empty() || pixels.len() == width * height && pixels.iter().all(|pixel| *pixel == 7));
/// });
/// ```
///
/// # How it is copied
/// Elements are copied as arrays are. Those without padding, pointers and enums with fields are one run of bytes,
/// copied at the speed of `memcpy`, of which a read of a range accesses that range only. Each other element is copied
/// by the accesses of its type; in builds with vector instructions those that consist of data and padding are copied as
/// one run, too.
///
/// The memory is allocated once, `BUFFERS` times the capacity, and no method but [`read_to_vec`](Self::read_to_vec) and
/// its relatives allocates, where elements have up to 4 KiB. Of larger ones, reads to a slice of yours keep a copy of
/// the first one on the heap until they return, in case that no attempt succeeds. No copy of such an element is on the
/// stack.
///
/// The elements are of a type that derives [`SeqCopy`]:
///
/// ```compile_fail,E0277
/// seqcopy::SeqSlice::<String>::with_capacity(5);
/// ```
pub struct SeqSlice<T, const BUFFERS: usize = 1> {
    pub(super) algorithm: OneOrMore<ListMemory<T>, BUFFERS>,
    /// The capacity of each buffer.
    pub(super) capacity: usize,
}

// Threads share it as they share a `Sequenced`.
// SAFETY: the elements are copied by atomic accesses, and threads pass each other copies of them (I1 partition).
unsafe impl<T: Send, const BUFFERS: usize> Send for SeqSlice<T, BUFFERS> {}
// SAFETY: copied by atomic accesses, whichever threads do so at once (I1 partition).
/// `SendToReaders` is implemented for all types that are `Send`, and for no others.
unsafe impl<T: SendToReaders, const BUFFERS: usize> Sync for SeqSlice<T, BUFFERS> {}

// SAFETY: a field, which nothing else uses (R2 one-protocol).
unsafe impl<T, const BUFFERS: usize> Lock for SeqSlice<T, BUFFERS> {
    type Algorithm = OneOrMore<ListMemory<T>, BUFFERS>;

    #[inline(always)]
    fn algorithm(&self) -> &Self::Algorithm {
        &self.algorithm
    }
}

impl<T, const BUFFERS: usize> SeqSlice<T, BUFFERS> {
    /// An empty slice, with space for this many elements.
    ///
    /// `BUFFERS` is 1, 2, 4, 8, and so on up to 256, or this does not compile.
    ///
    /// # Panics
    /// If the elements take more than `isize::MAX` bytes.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let samples = SeqSlice::<f32>::with_capacity(1024);
    /// let mut read = vec![0.0; 5];
    /// samples.read_to_vec(&mut read);
    /// assert!(read.is_empty());
    /// ```
    ///
    /// ```compile_fail,E0080
    /// seqcopy::SeqSlice::<u8, 3>::with_capacity(5);
    /// ```
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self
    where
        T: SeqCopy,
    {
        SeqSlice { algorithm: OneOrMore::new(|| ListMemory::new(capacity)), capacity }
    }

    /// A slice that holds these elements, with space for as many.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let row = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
    /// assert_eq!(row.capacity(), 3);
    /// ```
    #[must_use]
    pub fn from_slice(elements: &[T]) -> Self
    where
        T: SeqCopy,
    {
        let mut slice = Self::with_capacity(elements.len());
        // The first version of a lock is the version of its initial value.
        slice.algorithm.initial().fill(elements);
        slice
    }

    /// How many elements there is space for.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// assert_eq!(SeqSlice::<u16>::with_capacity(100).capacity(), 100);
    /// ```
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }
}

impl<T: SeqCopy + fmt::Debug, const BUFFERS: usize> fmt::Debug for SeqSlice<T, BUFFERS> {
    /// Shows the elements, or why they could not be read. One attempt, so it never blocks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut slice, mut elements) = (f.debug_struct("SeqSlice"), Vec::with_capacity(self.capacity));
        match self.try_read_to_vec(&mut elements) {
            Ok(()) => slice.field("data", &elements).finish_non_exhaustive(),
            Err(error) => slice.field("data", &error).finish_non_exhaustive(),
        }
    }
}
