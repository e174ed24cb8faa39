//! Writes one field of a value without the others. Also writes slices, whose length is known at run time only.

use super::{ReadValueError, Writer};
use crate::error::{ChangeError, WriteError};
use crate::mapping::BufferLayout;
use crate::value::SliceWriter;
use seqcopy::{Aligned8, AtomicPerByte, CapacityError, Part, Validate, ValidateParts};

impl<T: Validate + 'static> Writer<T> {
    /// One field of the last published value, or several in tuples, without a copy of the others; as
    /// [`Reader::read_parts`].
    ///
    /// # Errors
    /// If there is no value, or a field is not valid: the error names its path in the whole value.
    ///
    /// [`Reader::read_parts`]: crate::Reader::read_parts
    ///
    /// ```
    /// # use seqcopy::part;
    /// # use seqcopy_shm::{self as shm, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-writer-parts-{}", std::process::id()));
    /// # let mut writer = Writer::<[u16; 3]>::create(&path)?;
    /// writer.write([1, 2, 3]).unwrap();
    /// let element = |index| part!([u16; 3]).index(index);
    /// assert_eq!(writer.read_parts((element(2), element(0))), Ok((3, 1)));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_parts<P: ValidateParts<T>>(&self, parts: P) -> Result<P::Values, ReadValueError> {
        let mut bits = parts.zeroed();
        self.attempt_on_buffer(|at| {
            // SAFETY: a buffer is aligned and as long as an `Aligned8<T>`, whose schema the region has (I1 partition,
            // I2 init, P23 one-process).
            let buffer = unsafe { AtomicPerByte::<Aligned8<T>>::from_ptr(at.cast_mut().cast()) };
            parts.load_bits(buffer, &mut bits);
        })?;
        Ok(parts.validate_bits(bits)?)
    }

    /// Writes one field of the value; the others stay as they are. Wait-free, and takes time for the field only.
    /// Readers see all of the value before or all of the value after, with a version of its own, as for any write.
    ///
    /// Only for a region with one buffer. A latch's buffer that is written next has an older value than the last one,
    /// so all of it would have to be written: that is [`update`](Self::update).
    ///
    /// # Errors
    /// [`SeveralBuffers`](ReadValueError::SeveralBuffers) of a latch; if there is no value yet, or none any more since
    /// a writer died in the middle of a write: [`write`](Self::write) a whole one; and in a forked process. Nothing is
    /// changed then.
    ///
    /// ```
    /// use seqcopy::{SeqCopy, Validate, part};
    /// use seqcopy_shm::{self as shm, Options, Reader};
    ///
    /// #[derive(Clone, Copy, SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct Arm { at: u64, joints: [f32; 250] }
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-write-part-{}", std::process::id()));
    /// let mut writer = Options::new().buffers(1).create::<Arm>(&path)?;
    /// writer.write(Arm { at: 1, joints: [0.5; 250] }).unwrap();
    /// writer.write_part(part!(Arm, joints).index(7), 0.25).unwrap();
    ///
    /// let arm = Reader::<Arm>::open(&path)?.read().unwrap();
    /// assert_eq!((arm.at, arm.joints[6], arm.joints[7]), (1, 0.5, 0.25));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn write_part<F>(&mut self, part: Part<T, F>, value: F) -> Result<(), ReadValueError> {
        self.check_one_buffer()?;
        self.attempt_on_buffer(|_| ())?;
        self.publish_part(part, &value)
    }

    /// Changes a copy of one field, and publishes it as [`write_part`](Self::write_part) does. If `change` panics,
    /// nothing is published.
    ///
    /// # Errors
    /// The errors of [`write_part`](Self::write_part), and if the field is not valid: the error names its path in the
    /// whole value.
    ///
    /// ```
    /// # use seqcopy::part;
    /// # use seqcopy_shm::{self as shm, Options};
    /// # let path = shm::path_for(&format!("seqcopy-doc-update-part-{}", std::process::id()));
    /// # let mut writer = Options::new().buffers(1).create::<[u16; 3]>(&path)?;
    /// writer.write([1, 2, 3]).unwrap();
    /// writer.update_part(part!([u16; 3]).index(2), |third| *third += 1).unwrap();
    /// assert_eq!(writer.read(), Ok([1, 2, 4]));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn update_part<F: Validate, R>(
        &mut self,
        part: Part<T, F>,
        change: impl FnOnce(&mut F) -> R,
    ) -> Result<R, ReadValueError> {
        self.check_one_buffer()?;
        let mut value = self.read_parts(part)?;
        let result = change(&mut value);
        // `write` checks again: `change` may have forked.
        self.publish_part(part, &value)?;
        Ok(result)
    }

    /// Whether parts may be written, which needs a region with one buffer.
    fn check_one_buffer(&self) -> Result<(), ReadValueError> {
        self.region.check_may_write()?;
        if self.region().header().buffers() == 1 { Ok(()) } else { Err(ReadValueError::SeveralBuffers) }
    }

    /// Calls `look` with the buffer of the newest value, if there is one.
    fn attempt_on_buffer(&self, look: impl FnOnce(*const u8)) -> Result<(), ReadValueError> {
        // The layout follows from the size and the alignment, which the schema determines.
        self.region.mapping().buffers.try_read(const { BufferLayout::for_type::<T>() }, look)?;
        Ok(())
    }

    /// Publishes the value with a new part. The region must have one buffer.
    #[inline(always)]
    fn publish_part<F>(&self, part: Part<T, F>, value: &F) -> Result<(), ReadValueError> {
        self.region.check_may_write()?;
        let store = |at: *mut u8| {
            // SAFETY: the buffer is aligned and as long as an `Aligned8<T>`, since the schema is that of `T` (checked,
            // or the region was created with it), writable, and the system's initialised memory (I2 init). Other
            // processes access it by the same partition (I1 partition, P23 one-process). This is the only writer (I5
            // one-writer).
            unsafe { seqcopy::raw::__shm::store_part(at.cast::<Aligned8<T>>(), part, value) };
        };
        // SAFETY: the layout is that of the schema, and a writer's map is writable. This process holds the writer lock
        // and was not forked since, and one thread at a time has the `&mut Writer` (I5 one-writer, R2 one-protocol).
        // What is stored is a whole value, with what is there: there is one buffer.
        unsafe { self.region.mapping().buffers.write(const { BufferLayout::for_type::<T>() }, store) };
        Ok(())
    }
}

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
    /// If there are more elements than the [`capacity`](Self::capacity), and in a forked process. Nothing is changed
    /// then.
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
        self.region.check_may_write()?;
        let (len, capacity) = (elements.len(), self.capacity());
        if len > capacity {
            return Err(CapacityError::new(len, capacity).into());
        }
        // SAFETY: the region's mapping, and no more elements than the capacity. This process holds the writer lock and
        // was not forked since, and one thread at a time has the `&mut Writer` (I5 one-writer, R2 one-protocol).
        unsafe { self.payload.publish(self.region.mapping(), elements) };
        Ok(())
    }

    /// Changes a copy of the last slice, in a vector that the writer keeps for this, and publishes it. `change` may add
    /// and remove elements. If it panics, nothing is published.
    ///
    /// # Errors
    /// [`ReadValueError::Length`] if there are more elements than the [`capacity`](Self::capacity) afterwards. In a
    /// forked process, and if there is no slice: before the first write, after a writer that died while it wrote to a
    /// single buffer, or if the last writer wrote bits that are not valid. Nothing is published then.
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
        self.region.check_may_write()?;
        let mut elements = core::mem::take(&mut self.payload.elements);
        SliceWriter::last(self.region.mapping(), &self.payload.layout, &mut elements)?;
        let result = change(&mut elements);
        // `write` checks again: `change` may have forked.
        let written = self.publish(&elements);
        self.payload.elements = elements;
        written.map(|()| result)
    }
}
