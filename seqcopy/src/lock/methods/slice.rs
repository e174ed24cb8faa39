//! The methods of [`SeqSlice`] and of its writer.

#[cfg(target_has_atomic = "8")]
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::ops::Range;

use super::super::slice_buffer::{self, ListMemory, Selection};
use super::super::{Algorithm, ClaimFor, ClaimGuard, Claimed, Handle, OneOrMore, SeqSlice, Version, Writer};
#[cfg(target_has_atomic = "8")]
use super::super::{ArcField, ArcWriter};
use crate::copy::in_place::{Keep, ON_STACK, OnHeap, OnStack, Overwritten};
use crate::seq_copy::SeqCopy;
use crate::seq_count::ReadError;
use crate::types::{CapacityError, LengthError, ReadSliceError};

impl<T, const BUFFERS: usize> SeqSlice<T, BUFFERS> {
    /// Reads all elements into a vector, in the place of those that are there; retries until no write overlapped the
    /// copy, as [`SeqLock::read`](crate::SeqLock::read) or [`SeqLatch::read`](crate::SeqLatch::read) does. It allocates
    /// only if the vector has too little capacity for what is read.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let row = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
    /// let mut read = Vec::with_capacity(row.capacity()); // this one never grows
    /// row.read_to_vec(&mut read);
    /// assert_eq!(read, [1, 2, 3]);
    /// ```
    #[inline]
    pub fn read_to_vec(&self, dst: &mut Vec<T>)
    where
        T: SeqCopy,
    {
        self.read_vec(dst);
    }

    /// [`read_to_vec`](Self::read_to_vec) with a single attempt, and another one whenever the vector had to grow;
    /// wait-free if it has the [`capacity`](Self::capacity) of the slice. An error leaves it empty.
    ///
    /// # Errors
    /// [`Busy`](crate::ReadError::Busy) if a write is in progress (never for two or more buffers),
    /// [`Torn`](crate::ReadError::Torn) if one overlapped the copy, or, for more buffers, if `BUFFERS - 1` or more
    /// finished during it.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let mut read = Vec::new();
    /// SeqSlice::<u16>::from_slice(&[1, 2, 3]).try_read_to_vec(&mut read)?;
    /// assert_eq!(read, [1, 2, 3]);
    /// # Ok::<(), seqcopy::ReadError>(())
    /// ```
    pub fn try_read_to_vec(&self, dst: &mut Vec<T>) -> Result<(), ReadError>
    where
        T: SeqCopy,
    {
        self.try_read_vec(dst)?;
        Ok(())
    }

    /// Reads all elements to the beginning of `dst`, and returns how many these are; waits as
    /// [`read_to_vec`](Self::read_to_vec) does. What follows in `dst` are unspecified values, those that were there
    /// unless an attempt failed.
    ///
    /// # Errors
    /// If there are more elements than `dst` has; `dst` then has unspecified values.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let row = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
    /// let mut read = [0; 8];
    /// let count = row.read_to_slice(&mut read)?;
    /// assert_eq!(read[..count], [1, 2, 3]);
    /// assert!(row.read_to_slice(&mut [0; 2]).is_err());
    /// # Ok::<(), seqcopy::LengthError>(())
    /// ```
    pub fn read_to_slice(&self, dst: &mut [T]) -> Result<usize, LengthError>
    where
        T: SeqCopy,
    {
        self.read(Selection::All { space: dst.len() }, dst)
    }

    /// [`read_to_slice`](Self::read_to_slice) with a single attempt. Wait-free, but for what it
    /// [allocates](Self#how-it-is-copied).
    ///
    /// # Errors
    /// The errors of [`try_read_to_vec`](Self::try_read_to_vec) and for `read_to_slice`. `dst` then has unspecified
    /// values.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let mut read = [0; 8];
    /// let count = SeqSlice::<u16>::from_slice(&[1, 2, 3]).try_read_to_slice(&mut read)?;
    /// assert_eq!(read[..count], [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_read_to_slice(&self, dst: &mut [T]) -> Result<usize, ReadSliceError>
    where
        T: SeqCopy,
    {
        self.try_read(Selection::All { space: dst.len() }, dst)
    }

    /// Reads some elements, such as a tile, a channel or a row, to all of `dst`, without copying the others; waits as
    /// [`read_to_vec`](Self::read_to_vec) does. They are of one write; two calls may see two writes.
    ///
    /// # Errors
    /// If the value has fewer elements than the end of the range; `dst` then has unspecified values.
    ///
    /// # Panics
    /// If `dst` is not as long as the range.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let image = SeqSlice::<u8>::from_slice(&[1, 2, 3, 4, 5, 6]);
    /// let mut row = [0; 3];
    /// image.read_range(3..6, &mut row)?;
    /// assert_eq!(row, [4, 5, 6]);
    /// assert!(image.read_range(4..7, &mut row).is_err());
    /// # Ok::<(), seqcopy::LengthError>(())
    /// ```
    #[track_caller]
    pub fn read_range(&self, range: Range<usize>, dst: &mut [T]) -> Result<(), LengthError>
    where
        T: SeqCopy,
    {
        self.read(selection(&range, dst.len()), dst).map(drop)
    }

    /// [`read_range`](Self::read_range) with a single attempt. Wait-free, but for what it
    /// [allocates](Self#how-it-is-copied).
    ///
    /// # Errors
    /// The errors of [`try_read_to_vec`](Self::try_read_to_vec) and for `read_range`. `dst` then has unspecified
    /// values.
    ///
    /// # Panics
    /// If `dst` is not as long as the range.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let mut pair = [0; 2];
    /// SeqSlice::<u8>::from_slice(&[1, 2, 3]).try_read_range(1..3, &mut pair)?;
    /// assert_eq!(pair, [2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn try_read_range(&self, range: Range<usize>, dst: &mut [T]) -> Result<(), ReadSliceError>
    where
        T: SeqCopy,
    {
        self.try_read(selection(&range, dst.len()), dst).map(drop)
    }

    /// The version of the newest value. While a write is in progress, that is the version of the old value. One load.
    ///
    /// ```
    /// # use seqcopy::{SeqSlice, Version};
    /// let row = SeqSlice::<u16>::with_capacity(3);
    /// let known = row.version();
    /// row.write_from(&[1, 2, 3])?;
    /// assert_eq!(row.version().writes_since(known), 1);
    /// # Ok::<(), seqcopy::CapacityError>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn version(&self) -> Version
    where
        T: SeqCopy,
    {
        self.algorithm.latest_version()
    }

    /// [`read_to_vec`](Self::read_to_vec) only if a value with another version than `known` has been published: then
    /// `known` is set to the version of what was read, and the answer is `true`. Else the vector stays as it is. Costs
    /// one load if nothing changed.
    ///
    /// ```
    /// # use seqcopy::{SeqSlice, Version};
    /// let row = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
    /// let (mut known, mut read) = (Version::NEVER, Vec::new());
    /// assert!(row.read_if_changed(&mut known, &mut read));
    /// assert!(!row.read_if_changed(&mut known, &mut read));
    /// assert_eq!(read, [1, 2, 3]);
    /// ```
    pub fn read_if_changed(&self, known: &mut Version, dst: &mut Vec<T>) -> bool
    where
        T: SeqCopy,
    {
        let changed = self.version() != *known;
        if changed {
            *known = self.read_vec(dst);
        }
        changed
    }

    /// [`read_if_changed`](Self::read_if_changed) as [`try_read_to_vec`](Self::try_read_to_vec) reads. An error leaves
    /// `known` unchanged, so the next call retries.
    ///
    /// # Errors
    /// The errors of `try_read_to_vec`; the vector is then empty.
    ///
    /// ```
    /// # use seqcopy::{SeqSlice, Version};
    /// let row = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
    /// let (mut known, mut read) = (Version::NEVER, Vec::new());
    /// assert_eq!(row.try_read_if_changed(&mut known, &mut read), Ok(true));
    /// assert_eq!(row.try_read_if_changed(&mut known, &mut read), Ok(false));
    /// ```
    pub fn try_read_if_changed(&self, known: &mut Version, dst: &mut Vec<T>) -> Result<bool, ReadError>
    where
        T: SeqCopy,
    {
        let changed = self.version() != *known;
        if changed {
            *known = self.try_read_vec(dst)?;
        }
        Ok(changed)
    }

    /// Writes the elements of a slice, as all that there are. Blocks while another writer holds the write claim, as
    /// [`SeqLock::write`](crate::SeqLock::write) does; through a [`writer`](Self::writer) it is wait-free.
    ///
    /// # Errors
    /// If there is no space for all of them. Nothing is changed then.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let row = SeqSlice::<u16>::with_capacity(3);
    /// row.write_from(&[1, 2])?;
    /// assert!(row.write_from(&[1, 2, 3, 4]).is_err());
    /// let mut read = Vec::new();
    /// row.read_to_vec(&mut read);
    /// assert_eq!(read, [1, 2]);
    /// # Ok::<(), seqcopy::CapacityError>(())
    /// ```
    #[inline]
    pub fn write_from(&self, elements: &[T]) -> Result<(), CapacityError>
    where
        T: SeqCopy,
    {
        self.check_fits(elements)?;
        // SAFETY: they fit in (I3 exact).
        unsafe { Self::publish(ClaimGuard::acquire(self, ClaimFor::OneWrite).claimed(), elements) };
        Ok(())
    }

    /// Acquires the write claim for as long as the [`Writer`](crate::Writer) exists. Waits for a write in progress, but
    /// returns `None` if there is another `Writer`.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let row = SeqSlice::<u16>::with_capacity(3);
    /// let mut writer = row.writer().expect("the only writer");
    /// writer.write_from(&[1, 2, 3])?;
    /// assert!(row.writer().is_none());
    /// # Ok::<(), seqcopy::CapacityError>(())
    /// ```
    #[must_use = "dropping the writer releases the write claim at once"]
    pub fn writer(&self) -> Option<Writer<'_, T, Self>>
    where
        T: SeqCopy,
    {
        Writer::claim(self)
    }

    /// [`writer`](Self::writer) of a slice in an `Arc`, which the writer keeps alive.
    ///
    /// ```
    /// # use {seqcopy::SeqSlice, std::sync::Arc};
    /// let row = Arc::new(SeqSlice::<u16>::with_capacity(3));
    /// let mut writer = SeqSlice::writer_arc(&row).expect("the only writer");
    /// std::thread::spawn(move || writer.write_from(&[1, 2, 3])).join().unwrap()?;
    /// # Ok::<(), seqcopy::CapacityError>(())
    /// ```
    #[cfg(target_has_atomic = "8")]
    #[must_use = "dropping the writer releases the write claim at once"]
    pub fn writer_arc(slice: &Arc<Self>) -> Option<ArcWriter<T, Self>>
    where
        T: SeqCopy,
    {
        ArcWriter::claim(ArcField::new(slice, |slice| slice))
    }
}

impl<T: SeqCopy, const BUFFERS: usize> SeqSlice<T, BUFFERS> {
    fn check_fits(&self, elements: &[T]) -> Result<(), CapacityError> {
        if elements.len() > self.capacity { Err(CapacityError::new(elements.len(), self.capacity)) } else { Ok(()) }
    }

    /// # Safety
    /// The elements fit into a buffer.
    #[inline]
    unsafe fn publish(slice: Claimed<'_, Self>, elements: &[T]) {
        // SAFETY: all buffers have that capacity; the rest is this function's contract.
        unsafe { slice_buffer::publish_list(slice.algorithm(), elements) };
    }

    fn read(&self, selection: Selection, dst: &mut [T]) -> Result<usize, LengthError> {
        if const { size_of::<T>() <= ON_STACK } {
            self.read_keeping::<OnStack<T>>(selection, dst)
        } else {
            self.read_keeping::<OnHeap<T>>(selection, dst)
        }
    }

    fn read_keeping<K: Keep<T>>(&self, selection: Selection, dst: &mut [T]) -> Result<usize, LengthError> {
        let mut dst = Overwritten::<_, K>::new(dst);
        // SAFETY: exclusively borrowed, and it has as many elements as can be selected (I4 private).
        let read = unsafe { slice_buffer::read_list(&self.algorithm, selection, |count| dst.place(count)) }.0;
        dst.read = read.unwrap_or(0);
        read
    }

    fn try_read(&self, selection: Selection, dst: &mut [T]) -> Result<usize, ReadSliceError> {
        if const { size_of::<T>() <= ON_STACK } {
            self.try_read_keeping::<OnStack<T>>(selection, dst)
        } else {
            self.try_read_keeping::<OnHeap<T>>(selection, dst)
        }
    }

    fn try_read_keeping<K: Keep<T>>(&self, selection: Selection, dst: &mut [T]) -> Result<usize, ReadSliceError> {
        let mut dst = Overwritten::<_, K>::new(dst);
        // SAFETY: exclusively borrowed, and it has as many elements as can be selected (I4 private).
        let read = unsafe { slice_buffer::try_read_list(&self.algorithm, selection, |count| dst.place(count)) }?.0;
        dst.read = read.unwrap_or(0);
        Ok(read?)
    }

    fn try_read_vec(&self, dst: &mut Vec<T>) -> Result<Version, ReadError> {
        self.to_vec(dst, |lock, selection, place| {
            // SAFETY: the spare capacity of the vector (I4 private).
            unsafe { slice_buffer::try_read_list(lock, selection, |_| place) }
        })
    }

    fn read_vec(&self, dst: &mut Vec<T>) -> Version {
        let read = self.to_vec(dst, |lock, selection, place| {
            // SAFETY: the spare capacity of the vector (I4 private).
            Ok::<_, Infallible>(unsafe { slice_buffer::read_list(lock, selection, |_| place) })
        });
        let Ok(version) = read;
        version
    }

    /// Calls `read` until the vector has enough space for the list. Each failure means that the list is longer than
    /// before, and it can't become longer than the capacity.
    fn to_vec<E>(
        &self,
        dst: &mut Vec<T>,
        read: impl Fn(
            &OneOrMore<ListMemory<T>, BUFFERS>,
            Selection,
            *mut T,
        ) -> Result<(Result<usize, LengthError>, Version), E>,
    ) -> Result<Version, E> {
        dst.clear();
        loop {
            let (len, version) = read(&self.algorithm, Selection::All { space: dst.capacity() }, dst.as_mut_ptr())?;
            match len {
                Ok(len) => {
                    // SAFETY: there is space for this many, and they were read (I7 checked).
                    unsafe { dst.set_len(len) };
                    return Ok(version);
                }
                Err(longer) => dst.reserve_exact(longer.len()),
            }
        }
    }
}

/// The selection for a range, read into space for `space` elements.
#[track_caller]
fn selection(range: &Range<usize>, space: usize) -> Selection {
    assert!(range.len() == space, "a range of {} elements for a slice of {space}", range.len());
    Selection::Some { first: range.start, count: space }
}

impl<T: SeqCopy, const BUFFERS: usize, H: Handle<Target = SeqSlice<T, BUFFERS>>>
    Writer<'_, T, SeqSlice<T, BUFFERS>, H>
{
    /// Publishes the elements of a slice, as all that there are. Wait-free.
    ///
    /// # Errors
    /// If there is no space for all of them. Nothing is changed then.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let row = SeqSlice::<u16>::with_capacity(3);
    /// let mut writer = row.writer().expect("the only writer");
    /// writer.write_from(&[1, 2, 3])?;
    /// assert_eq!(writer.write_from(&[1, 2, 3, 4]).unwrap_err().capacity(), 3);
    /// # Ok::<(), seqcopy::CapacityError>(())
    /// ```
    #[inline]
    pub fn write_from(&mut self, elements: &[T]) -> Result<(), CapacityError> {
        let slice = self.claimed();
        slice.check_fits(elements)?;
        // SAFETY: they fit in (I3 exact).
        unsafe { SeqSlice::publish(slice, elements) };
        Ok(())
    }
}
