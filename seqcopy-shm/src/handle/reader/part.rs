//! Reads one field of another process's value, or several fields of the same write.

use super::{ReadValueError, Reader, apart, read_as};
use crate::value::{Attempts, How, Own};
use seqcopy::{Part, ReadError, Validate, ValidateParts};

impl<T: Validate + 'static> Reader<T> {
    /// Reads one field, without copying the others, and validates it. Bounded like [`read`](Self::read); with a writer
    /// that never pauses it succeeds where reads of a large value do not.
    ///
    /// The bits of the field alone are checked: a hook (`#[seqcopy(check = ..)]`) of a type around it is not called,
    /// because it may look at all of that type. See [`Part::validate`](seqcopy::Part::validate).
    ///
    /// # Errors
    /// The errors of [`read`](Self::read). If the field is not valid, the error names its path in the whole value.
    ///
    /// ```
    /// use seqcopy::{SeqCopy, Validate, part};
    /// use seqcopy_shm::{self as shm, Reader, Writer};
    ///
    /// #[derive(Clone, Copy, SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct Arm { at: u64, joints: [f32; 250] }
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-part-{}", std::process::id()));
    /// let mut writer = Writer::<Arm>::create(&path)?;
    /// writer.write(Arm { at: 1, joints: [0.5; 250] }).unwrap();
    ///
    /// let reader = Reader::<Arm>::open(&path)?;
    /// assert_eq!(reader.read_part(part!(Arm, joints).index(7)).unwrap(), 0.5);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn read_part<F: Validate>(&self, part: Part<T, F>) -> Result<F, ReadValueError> {
        self.read_parts(part)
    }

    /// Makes one attempt to read one field: wait-free, without a system call.
    ///
    /// # Errors
    /// The errors of [`try_read`](Self::try_read); if the field is not valid, the error names its path in the whole
    /// value.
    ///
    /// ```
    /// # use seqcopy::part;
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-try-part-{}", std::process::id()));
    /// # let mut writer = Writer::<[u16; 3]>::create(&path)?;
    /// # writer.write([1, 2, 3]).unwrap();
    /// let reader = Reader::<[u16; 3]>::open(&path)?;
    /// assert_eq!(reader.try_read_part(part!([u16; 3]).index(2)).unwrap(), 3);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn try_read_part<F: Validate>(&self, part: Part<T, F>) -> Result<F, ReadValueError> {
        self.try_read_parts(part)
    }

    /// Reads several fields of one write, without copying the others, and validates them. Otherwise as
    /// [`read_part`](Self::read_part).
    ///
    /// # Errors
    /// The errors of [`read`](Self::read). If a field is not valid, the error names its path in the whole value; of
    /// several, that of the first.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, Validate, part};
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # #[derive(Clone, Copy, SeqCopy, Validate)]
    /// # #[repr(C)]
    /// # struct Arm { at: u64, joints: [f32; 250] }
    /// # let path = shm::path_for(&format!("seqcopy-doc-parts-{}", std::process::id()));
    /// # let mut writer = Writer::<Arm>::create(&path)?;
    /// # writer.write(Arm { at: 1, joints: [0.5; 250] }).unwrap();
    /// let reader = Reader::<Arm>::open(&path)?;
    /// let (at, first) = reader.read_parts((part!(Arm, at), part!(Arm, joints).index(0))).unwrap();
    /// assert_eq!((at, first), (1, 0.5)); // both were written together
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn read_parts<P: ValidateParts<T>>(&self, parts: P) -> Result<P::Values, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            match self.attempt_parts(parts) {
                Ok(bits) => return Ok(parts.validate_bits(bits)?),
                Err(miss) => self.region.source.retry(&mut attempts, miss)?,
            }
        }
    }

    /// Makes one attempt to read several fields of one write: wait-free, without a system call.
    ///
    /// # Errors
    /// The errors of [`try_read`](Self::try_read); if a field is not valid, the error names its path in the whole
    /// value.
    ///
    /// ```
    /// # use seqcopy::part;
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-try-parts-{}", std::process::id()));
    /// # let mut writer = Writer::<[u16; 3]>::create(&path)?;
    /// # writer.write([1, 2, 3]).unwrap();
    /// let reader = Reader::<[u16; 3]>::open(&path)?;
    /// let element = |index| part!([u16; 3]).index(index);
    /// assert_eq!(reader.try_read_parts((element(2), element(0))).unwrap(), (3, 1));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn try_read_parts<P: ValidateParts<T>>(&self, parts: P) -> Result<P::Values, ReadValueError> {
        match self.attempt_parts(parts) {
            Ok(bits) => Ok(parts.validate_bits(bits)?),
            Err(miss) => Err(self.region.source.mapping.explain(miss)),
        }
    }

    /// Attempts once to read the bits of the parts.
    #[inline(always)]
    fn attempt_parts<P: ValidateParts<T>>(&self, parts: P) -> Result<P::Bits, ReadError> {
        let reader = self;
        // SAFETY: the region is read in this way (found in `over`), and the reader keeps the region that `buffers` is
        // of (I8 mapping).
        read_as!(apart(reader, how) => unsafe { how.load_parts(&reader.buffers, parts) })
    }
}
