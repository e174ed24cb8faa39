//! Readers of slices, whose length is known at run time only.

use core::ops::Range;

use super::super::checks::check_elements;
use super::super::slice::Wanted;
use super::{ReadValueError, Reader, Source};
use seqcopy::in_place::Overwritten;
use seqcopy::{Validate, Version};

/// Slices: the region holds a length, and space for [`capacity`](Self::capacity) elements. A read copies, and validates, as many elements as
/// there are, or as are asked for; so it takes time for these, and not for the capacity. Length and elements are of one write.
///
/// The elements begin a cache line. So the type in the region is not that of a [`SeqVec`](seqcopy::SeqVec), whose elements follow its length
/// directly; tools show one like the other.
impl<T: Validate + 'static, S: Source> Reader<[T], S> {
    /// How many elements there is space for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.of.capacity
    }

    /// Reads all elements into a vector, in place of what is in it. Allocates only if its capacity does not suffice. Bounded like
    /// [`Reader::read`].
    ///
    /// # Errors
    /// As for [`Reader::read`]; the vector is then empty.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Reader};
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-to-vec-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(1000).create::<[f32]>(&path)?; // space for as many
    /// writer.write_from(&[0.5, 1.0, 1.5]).unwrap();
    ///
    /// // Usually in another process:
    /// let reader = Reader::<[f32]>::open(&path)?;
    /// let mut samples = Vec::new();
    /// reader.read_to_vec(&mut samples).unwrap();
    /// assert_eq!(samples, [0.5, 1.0, 1.5]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_to_vec(&self, dst: &mut Vec<T>) -> Result<(), ReadValueError> {
        self.to_vec(dst, true).map(drop)
    }

    /// [`read_to_vec`](Self::read_to_vec) with a single attempt: wait-free where nothing is allocated.
    ///
    /// # Errors
    /// As for [`Reader::try_read`]; the vector is then empty.
    pub fn try_read_to_vec(&self, dst: &mut Vec<T>) -> Result<(), ReadValueError> {
        self.to_vec(dst, false).map(drop)
    }

    /// Reads all elements into the vector if they are newer than `known`, and then updates `known`; otherwise returns `false`, and the
    /// vector stays as it is.
    ///
    /// # Errors
    /// As for [`read_to_vec`](Self::read_to_vec); `known` is unchanged.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-slice-changed-{}", std::process::id()));
    /// # let mut writer = Options::new().capacity(1000).create::<[u8]>(&path)?;
    /// # let reader = Reader::<[u8]>::open(&path)?;
    /// let (mut known, mut bytes) = (seqcopy::Version::NEVER, Vec::new());
    /// writer.write_from(b"one").unwrap();
    /// assert_eq!(reader.read_if_changed(&mut known, &mut bytes), Ok(true));
    /// assert_eq!(bytes, b"one");
    /// assert_eq!(reader.read_if_changed(&mut known, &mut bytes), Ok(false));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_if_changed(&self, known: &mut Version, dst: &mut Vec<T>) -> Result<bool, ReadValueError> {
        if self.source().version().map_err(Into::into)? == *known {
            return Ok(false);
        }
        *known = self.to_vec(dst, true)?;
        Ok(true)
    }

    /// Reads all elements to the start of a slice, and returns how many there are. Never allocates. Bounded like [`Reader::read`].
    ///
    /// # Errors
    /// [`ReadValueError::Length`] if there are more than the slice has space for, and as for [`Reader::read`]. The elements of the slice
    /// are then unspecified valid ones, or unchanged.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, ReadValueError, Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-to-slice-{}", std::process::id()));
    /// # let mut writer = Options::new().capacity(1000).create::<[u8]>(&path)?;
    /// # let reader = Reader::<[u8]>::open(&path)?;
    /// writer.write_from(b"seqcopy").unwrap();
    /// let mut bytes = [0; 64];
    /// let len = reader.read_to_slice(&mut bytes).unwrap();
    /// assert_eq!(&bytes[..len], b"seqcopy");
    /// assert_eq!(reader.read_to_slice(&mut [0; 3]), Err(ReadValueError::Length { len: 7, asked: 3 }));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_to_slice(&self, dst: &mut [T]) -> Result<usize, ReadValueError> {
        self.all_to_slice(dst, true)
    }

    /// [`read_to_slice`](Self::read_to_slice) with a single attempt: wait-free, and of a mapped region without a system call.
    ///
    /// # Errors
    /// As for [`read_to_slice`](Self::read_to_slice).
    pub fn try_read_to_slice(&self, dst: &mut [T]) -> Result<usize, ReadValueError> {
        self.all_to_slice(dst, false)
    }

    /// Reads the elements of a range, such as one channel or one tile, and no others. Bounded like [`Reader::read`].
    ///
    /// # Panics
    /// If `dst` is not as long as the range.
    ///
    /// # Errors
    /// [`ReadValueError::Length`] if the range ends after the last element, and as for [`Reader::read`]. The elements of the slice are
    /// then unspecified valid ones, or unchanged.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, ReadValueError, Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-range-{}", std::process::id()));
    /// # let mut writer = Options::new().capacity(1000).create::<[u16]>(&path)?;
    /// # let reader = Reader::<[u16]>::open(&path)?;
    /// writer.write_from(&[1, 2, 3, 4]).unwrap();
    /// let mut pair = [0; 2];
    /// reader.read_range(1..3, &mut pair).unwrap();
    /// assert_eq!(pair, [2, 3]);
    /// assert_eq!(reader.read_range(3..5, &mut pair), Err(ReadValueError::Length { len: 4, asked: 5 }));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[track_caller]
    pub fn read_range(&self, range: Range<usize>, dst: &mut [T]) -> Result<(), ReadValueError> {
        self.range_to_slice(range, dst, true)
    }

    /// [`read_range`](Self::read_range) with a single attempt: wait-free, and of a mapped region without a system call.
    ///
    /// # Panics
    /// If `dst` is not as long as the range.
    ///
    /// # Errors
    /// As for [`read_range`](Self::read_range).
    #[track_caller]
    pub fn try_read_range(&self, range: Range<usize>, dst: &mut [T]) -> Result<(), ReadValueError> {
        self.range_to_slice(range, dst, false)
    }

    fn all_to_slice(&self, dst: &mut [T], retries: bool) -> Result<usize, ReadValueError> {
        let asked = dst.len();
        let choose = |len| if len <= asked { Ok(0..len) } else { Err(ReadValueError::Length { len, asked }) };
        // SAFETY: all, if there is space for them (I4 private).
        unsafe { self.to_slice(dst, retries, choose) }
    }

    #[track_caller]
    fn range_to_slice(&self, range: Range<usize>, dst: &mut [T], retries: bool) -> Result<(), ReadValueError> {
        let is_as_long = range.start <= range.end && range.len() == dst.len();
        assert!(is_as_long, "the range {range:?} is read to a slice of {}", dst.len());
        let asked = range.end;
        let choose = |len| if asked <= len { Ok(range.clone()) } else { Err(ReadValueError::Length { len, asked }) };
        // SAFETY: inside, and as long as the slice (I4 private).
        unsafe { self.to_slice(dst, retries, choose) }.map(drop)
    }

    /// Attempts at the bits of the elements that are wanted.
    ///
    /// # Safety
    /// What `wanted` returns is inside of the length that it is told, with space for these elements where they go, which are this thread's
    /// alone (I4 private).
    unsafe fn load(
        &self,
        retries: bool,
        mut wanted: impl FnMut(usize) -> Wanted<T>,
    ) -> Result<(Range<usize>, Version), ReadValueError> {
        // SAFETY: the schema was compared in `over`, and the reader keeps the region that `near` and `of` are of (I8 mapping); the rest
        // is this function's contract.
        let mut attempt = || unsafe { self.source().attempt_elements(self.near, &self.of, &mut wanted) };
        if retries { self.source().repeat(attempt) } else { attempt() }
    }

    fn to_vec(&self, dst: &mut Vec<T>, retries: bool) -> Result<Version, ReadValueError> {
        dst.clear();
        let wanted = |len| {
            dst.reserve(len);
            Ok((0..len, dst.as_mut_ptr()))
        };
        // SAFETY: there is space for as many (I4 private).
        let (range, version) = unsafe { self.load(retries, wanted) }?;
        let bits = &dst.spare_capacity_mut()[..range.len()];
        // SAFETY: the attempt wrote every data byte of these (I6 maybe-invalid).
        unsafe { check_elements::<T>(bits, 0) }?;
        // SAFETY: they were validated (P24 safety).
        unsafe { dst.set_len(range.len()) };
        Ok(version)
    }

    /// Reads those elements to the start of a slice that `choose` returns for the number of elements that there are.
    ///
    /// # Safety
    /// These are inside, and not more than the slice has space for.
    unsafe fn to_slice(
        &self,
        dst: &mut [T],
        retries: bool,
        choose: impl Fn(usize) -> Result<Range<usize>, ReadValueError>,
    ) -> Result<usize, ReadValueError> {
        let mut dst = Overwritten::new(dst);
        let wanted = |len| {
            let range = choose(len)?;
            let place = dst.place(range.len());
            Ok((range, place))
        };
        // SAFETY: this function's contract (I4 private).
        let (range, _) = unsafe { self.load(retries, wanted) }?;
        // SAFETY: the attempt wrote every data byte of these (I6 maybe-invalid).
        unsafe { check_elements::<T>(dst.bits(range.len()), range.start) }?;
        dst.read = range.len();
        Ok(dst.read)
    }
}
