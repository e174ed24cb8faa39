//! Writers of slices, whose length is known at run time only.

use super::super::WriteSliceError;
use super::super::payload::SliceWriter;
use super::Writer;
use seqcopy::Validate;

/// Slices: the region has space for a number of elements that is chosen when it is created, by
/// [`Options::capacity`](super::super::Options::capacity).
impl<T: Validate + 'static> Writer<[T]> {
    /// How many elements there is space for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.of.layout.capacity
    }

    /// Publishes a slice. Wait-free; takes time for its elements, and not for the capacity.
    ///
    /// What is after the last element are elements of earlier writes, or zeros. Where zeros are not a valid `T`, such as a `NonZeroU32`,
    /// the first write to each buffer fills it with copies of the first element, so that readers of the whole capacity, such as those in C
    /// and Python, find valid elements there.
    ///
    /// # Errors
    /// If there are more elements than the [`capacity`](Self::capacity), and in a forked process. Nothing is changed then.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Reader, WriteSliceError};
    /// # let path = shm::path_for(&format!("seqcopy-doc-slice-write-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(3).create::<[u16]>(&path)?;
    /// writer.write_from(&[1, 2]).unwrap();
    /// assert_eq!(writer.write_from(&[1, 2, 3, 4]), Err(WriteSliceError::TooLong { len: 4, capacity: 3 }));
    ///
    /// let mut numbers = Vec::new();
    /// Reader::<[u16]>::open(&path)?.read_to_vec(&mut numbers).unwrap();
    /// assert_eq!(numbers, [1, 2]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn write_from(&mut self, elements: &[T]) -> Result<(), WriteSliceError> {
        self.region.check_forked()?;
        let (len, capacity) = (elements.len(), self.capacity());
        if len > capacity {
            return Err(WriteSliceError::TooLong { len, capacity });
        }
        let filling = elements.first().filter(|_| len < capacity && self.is_next_unfilled());
        let SliceWriter { layout, .. } = &self.of;
        let store = |buffer| {
            // SAFETY: a buffer of this region, as `write` has it, and the only writer; not more elements than the capacity (I5 one-writer).
            unsafe { layout.store(buffer, elements) };
            if let Some(element) = filling {
                // SAFETY: as above.
                unsafe { layout.fill(buffer, element, len) };
            }
        };
        // SAFETY: the region keeps its map, which is writable (I8 mapping), and the buffer layout is its own. This process holds the writer
        // lock and was not forked since, and one thread at a time has the `&mut Writer` (I5 one-writer, R2 one-protocol).
        unsafe { self.region.mapping.buffers.write(layout.buffer_layout, store) };
        Ok(())
    }

    /// Whether the buffer that is written next has elements that are not valid, because there was no write to it that had an element.
    fn is_next_unfilled(&mut self) -> bool {
        let SliceWriter { layout, scratch } = &mut self.of;
        let Some(scratch) = scratch else { return false };
        // SAFETY: as in `write_from` (I8 mapping).
        let next = unsafe { self.region.mapping.buffers.next(layout.buffer_layout) };
        // SAFETY: a buffer of this region, which only this writer writes (I5 one-writer).
        unsafe { layout.load_last(next, scratch) }.validate_ref().is_err()
    }
}
