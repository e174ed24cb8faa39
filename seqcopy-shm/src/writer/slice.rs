//! Writers of slices, whose length is known at run time only.

use super::{ReadValueError, Writer};
use crate::value::slice::SliceWriter;
use crate::{ChangeError, WriteError};
use seqcopy::{CapacityError, Validate};

/// Slices: the region has space for a number of elements that is chosen when it is created, by
/// [`Options::capacity`](crate::Options::capacity).
impl<T: Validate + 'static> Writer<[T]> {
    /// How many elements there is space for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.payload.layout.capacity
    }

    /// Publishes a slice. Wait-free; takes time for its elements, and not for the capacity.
    ///
    /// What is after the last element are elements of earlier writes, or zeros: no reader copies these.
    ///
    /// # Errors
    /// If there are more elements than the [`capacity`](Self::capacity), and in a forked process. Nothing is changed then.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Reader, ChangeError};
    /// # let path = shm::path_for(&format!("seqcopy-doc-slice-write-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(3).create::<[u16]>(&path)?;
    /// writer.write_from(&[1, 2]).unwrap();
    /// assert!(matches!(writer.write_from(&[1, 2, 3, 4]), Err(ChangeError::Capacity(error)) if error.capacity() == 3));
    ///
    /// let mut numbers = Vec::new();
    /// Reader::<[u16]>::open(&path)?.read_to_vec(&mut numbers).unwrap();
    /// assert_eq!(numbers, [1, 2]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn write_from(&mut self, elements: &[T]) -> Result<(), ChangeError> {
        self.publish(elements)
    }

    fn publish<E: From<CapacityError> + From<WriteError>>(&mut self, elements: &[T]) -> Result<(), E> {
        self.region.check()?;
        let (len, capacity) = (elements.len(), self.capacity());
        if len > capacity {
            return Err(CapacityError::new(len, capacity).into());
        }
        // SAFETY: the region's mapping, and no more elements than the capacity. This process holds the writer lock and was not forked since,
        // and one thread at a time has the `&mut Writer` (I5 one-writer, R2 one-protocol).
        unsafe { self.payload.publish(self.region.mapping(), elements) };
        Ok(())
    }

    /// Changes a copy of the last slice, in a vector that the writer keeps for this, and publishes it. `change` may add and remove elements.
    /// If it panics, nothing is published.
    ///
    /// # Errors
    /// [`ReadValueError::Length`] if there are more elements than the [`capacity`](Self::capacity) afterwards. In a forked process, and if
    /// there is no slice: before the first write, after a writer that died while it wrote to a single buffer, or if the last writer wrote
    /// bits that are not valid. Nothing is published then.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-slice-update-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(3).create::<[u16]>(&path)?;
    /// writer.write_from(&[1, 2]).unwrap();
    /// writer.update(|numbers| { numbers[0] += 4; numbers.push(3) }).unwrap();
    /// assert!(writer.update(|numbers| numbers.push(4)).is_err());
    ///
    /// let mut numbers = Vec::new();
    /// Reader::<[u16]>::open(&path)?.read_to_vec(&mut numbers).unwrap();
    /// assert_eq!(numbers, [5, 2, 3]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn update<R>(&mut self, change: impl FnOnce(&mut Vec<T>) -> R) -> Result<R, ReadValueError> {
        self.region.check()?;
        let mut elements = core::mem::take(&mut self.payload.elements);
        SliceWriter::last(self.region.mapping(), &self.payload.layout, &mut elements)?;
        let result = change(&mut elements);
        // It checks again: `change` may have forked.
        let written = self.publish(&elements);
        self.payload.elements = elements;
        written.map(|()| result)
    }
}
