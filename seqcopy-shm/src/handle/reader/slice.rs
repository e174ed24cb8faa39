//! Readers of slices, whose length is known at run time only.

use core::mem::ManuallyDrop;
use core::ops::Range;

use super::{ReadValueError, Reader};
use crate::value::{NoElements, Wanted, check_elements, too_long};
use seqcopy::raw::__shm::in_place::{Keep, ON_STACK, OnHeap, OnStack, Overwritten};
use seqcopy::{LengthError, ReadError, Validate, Version};

/// Slices: the region holds a length, and space for [`capacity`](Self::capacity) elements. A read copies, and
/// validates, as many elements as there are, or as are asked for; so it takes time for these, and not for the capacity.
/// Length and elements are of one write.
///
/// The elements begin a cache line. So the type in the region is not that of a [`SeqVec`](seqcopy::SeqVec), whose
/// elements follow its length directly.
impl<T: Validate + 'static> Reader<[T]> {
    /// How many elements there is space for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.payload.capacity
    }

    /// Reads all elements into a vector, in place of what is in it. Allocates only if its capacity does not suffice.
    /// Bounded like [`Reader::read`].
    ///
    /// # Errors
    /// The errors of [`Reader::read`]; the vector is then empty.
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
    /// The errors of [`Reader::try_read`]; the vector is then empty.
    pub fn try_read_to_vec(&self, dst: &mut Vec<T>) -> Result<(), ReadValueError> {
        self.to_vec(dst, false).map(drop)
    }

    /// Reads all elements into the vector if they are newer than `known`, and then updates `known`; otherwise returns
    /// `false`, and the vector stays as it is.
    ///
    /// # Errors
    /// The errors of [`read_to_vec`](Self::read_to_vec); `known` is unchanged.
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
        if self.version() == *known {
            return Ok(false);
        }
        *known = self.to_vec(dst, true)?;
        Ok(true)
    }

    /// Reads all elements to the start of a slice, and returns how many there are. Bounded like [`Reader::read`].
    ///
    /// Never allocates, but for elements of more than 4 KiB of which not all bits are valid: a copy of the first one is
    /// kept on the heap until it returns, in case that no attempt succeeds.
    ///
    /// # Errors
    /// [`ReadValueError::Length`] if there are more than the slice has space for, and as for [`Reader::read`]. The
    /// elements of the slice are then unspecified valid ones, or unchanged.
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
    /// assert!(matches!(reader.read_to_slice(&mut [0; 3]), Err(ReadValueError::Length(error)) if error.len() == 7));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_to_slice(&self, dst: &mut [T]) -> Result<usize, ReadValueError> {
        self.all_to_slice(dst, true)
    }

    /// [`read_to_slice`](Self::read_to_slice) with a single attempt: wait-free, and without a system call.
    ///
    /// # Errors
    /// The errors of [`read_to_slice`](Self::read_to_slice).
    pub fn try_read_to_slice(&self, dst: &mut [T]) -> Result<usize, ReadValueError> {
        self.all_to_slice(dst, false)
    }

    /// Reads the elements of a range, such as one channel or one tile, and no others. Bounded like [`Reader::read`].
    ///
    /// # Panics
    /// If `dst` is not as long as the range.
    ///
    /// # Errors
    /// [`ReadValueError::Length`] if the range ends after the last element, and as for [`Reader::read`]. The elements
    /// of the slice are then unspecified valid ones, or unchanged.
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
    /// assert!(matches!(reader.read_range(3..5, &mut pair), Err(ReadValueError::Length(error)) if error.len() == 4));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[track_caller]
    pub fn read_range(&self, range: Range<usize>, dst: &mut [T]) -> Result<(), ReadValueError> {
        self.range_to_slice(range, dst, true)
    }

    /// [`read_range`](Self::read_range) with a single attempt: wait-free, and without a system call.
    ///
    /// # Panics
    /// If `dst` is not as long as the range.
    ///
    /// # Errors
    /// The errors of [`read_range`](Self::read_range).
    #[track_caller]
    pub fn try_read_range(&self, range: Range<usize>, dst: &mut [T]) -> Result<(), ReadValueError> {
        self.range_to_slice(range, dst, false)
    }

    fn all_to_slice(&self, dst: &mut [T], retries: bool) -> Result<usize, ReadValueError> {
        let asked = dst.len();
        // SAFETY: all, if there is space for them (I4 private).
        unsafe { self.to_slice(dst, retries, asked, |len| (len <= asked).then_some(0..len)) }
    }

    #[track_caller]
    fn range_to_slice(&self, range: Range<usize>, dst: &mut [T], retries: bool) -> Result<(), ReadValueError> {
        let is_as_long = range.start <= range.end && range.len() == dst.len();
        assert!(is_as_long, "the range {range:?} is read to a slice of {}", dst.len());
        let Range { start, end } = range;
        // SAFETY: inside, and as long as the slice (I4 private).
        unsafe { self.to_slice(dst, retries, end, |len| (end <= len).then_some(start..end)) }.map(drop)
    }

    fn to_vec(&self, dst: &mut Vec<T>, retries: bool) -> Result<Version, ReadValueError> {
        dst.clear();
        // SAFETY: there is space for as many (I4 private).
        let mut attempt = || unsafe {
            self.attempt(|len| {
                dst.reserve(len);
                Some((0..len, dst.as_mut_ptr()))
            })
        };
        let (range, version) = match attempt() {
            Ok(found) => found,
            Err(why) => self.further_attempts(why, retries, 0, attempt)?,
        };
        let bits = &dst.spare_capacity_mut()[..range.len()];
        // SAFETY: the attempt wrote every data byte of these (I6 maybe-invalid).
        unsafe { check_elements::<T>(bits, 0) }?;
        // SAFETY: they were validated (P24 safety).
        unsafe { dst.set_len(range.len()) };
        Ok(version)
    }

    /// Reads elements to the start of a slice. `choose` receives the number of elements and returns the range to read,
    /// or `None`. `asked` is the length in the error then.
    ///
    /// # Safety
    /// The range is inside of the list, and not longer than the slice.
    #[inline]
    unsafe fn to_slice(
        &self,
        dst: &mut [T],
        retries: bool,
        asked: usize,
        choose: impl Fn(usize) -> Option<Range<usize>> + Copy,
    ) -> Result<usize, ReadValueError> {
        if const { size_of::<T>() <= ON_STACK } {
            // SAFETY: what `choose` returns is inside of the length, by this function's contract (I4 private).
            unsafe { self.to_slice_keeping::<OnStack<T>>(dst, retries, asked, choose) }
        } else {
            // SAFETY: what `choose` returns is inside of the length, by this function's contract (I4 private).
            unsafe { self.to_slice_keeping::<OnHeap<T>>(dst, retries, asked, choose) }
        }
    }

    /// # Safety
    /// The contract of [`to_slice`](Self::to_slice).
    #[inline]
    unsafe fn to_slice_keeping<K: Keep<T>>(
        &self,
        dst: &mut [T],
        retries: bool,
        asked: usize,
        choose: impl Fn(usize) -> Option<Range<usize>> + Copy,
    ) -> Result<usize, ReadValueError> {
        // An attempt can't panic, so no cleanup is needed, and the value can stay in registers.
        let mut dst = ManuallyDrop::new(Overwritten::<_, K>::new(dst));
        let wanted = |len| choose(len).map(|range| (range.clone(), place_of(&mut dst, &range)));
        // SAFETY: what is wanted is inside of the length, and has its place in `dst` (I4 private).
        let first = unsafe { self.attempt(wanted) };
        let mut dst = ManuallyDrop::into_inner(dst);
        let range = match first {
            Ok((range, _)) => range,
            // SAFETY: the same `choose`, which is this function's contract (I4 private).
            Err(why) => return unsafe { self.to_slice_again(dst, why, retries, asked, choose) },
        };
        // SAFETY: the attempt wrote every data byte of these (I6 maybe-invalid).
        unsafe { checked(&mut dst, &range) }
    }

    /// Does the same as [`to_slice`](Self::to_slice), after a first attempt has failed.
    ///
    /// # Safety
    /// The contract of [`to_slice`](Self::to_slice).
    #[cold]
    unsafe fn to_slice_again<K: Keep<T>>(
        &self,
        mut dst: Overwritten<'_, T, K>,
        why: NoElements,
        retries: bool,
        asked: usize,
        choose: impl Fn(usize) -> Option<Range<usize>>,
    ) -> Result<usize, ReadValueError> {
        let mut wanted = |len| choose(len).map(|range| (range.clone(), place_of(&mut dst, &range)));
        // SAFETY: what is wanted is inside of the length, and has its place in `dst` (I4 private).
        let (range, _) = self.further_attempts(why, retries, asked, || unsafe { self.attempt(&mut wanted) })?;
        // SAFETY: the attempt wrote every data byte of these (I6 maybe-invalid).
        unsafe { checked(&mut dst, &range) }
    }

    /// Attempts once to load the bits of the wanted elements.
    ///
    /// # Safety
    /// The range that `wanted` returns is inside of the length that it receives, and its place has space for these
    /// elements, which only this thread accesses (I4 private).
    #[inline(always)]
    unsafe fn attempt(&self, wanted: impl FnOnce(usize) -> Wanted<T>) -> Result<(Range<usize>, Version), NoElements> {
        let mut range = Ok(0..0);
        // SAFETY: a buffer of the region of `of`, whose schema was compared in `over`; `wanted` returns what this
        // function's contract demands.
        let copy = |buffer: *const u8| range = unsafe { self.payload.load_slice(buffer, wanted) };
        match self.buffers.try_read(self.payload.buffer_layout, copy) {
            Ok(version) => Ok((range.map_err(NoElements::Length)?, Version::from_bits(version))),
            Err(miss) => Err(NoElements::Miss(miss)),
        }
    }

    /// Makes further attempts after the first one, if they can help.
    #[cold]
    fn further_attempts(
        &self,
        why: NoElements,
        retries: bool,
        asked: usize,
        mut attempt: impl FnMut() -> Result<(Range<usize>, Version), NoElements>,
    ) -> Result<(Range<usize>, Version), ReadValueError> {
        let explain = |why| match why {
            NoElements::Length(len) if len as usize > self.payload.capacity => too_long::<T>(len),
            NoElements::Length(len) => ReadValueError::Length(LengthError::new(len as usize, asked)),
            NoElements::Miss(miss) => self.source().mapping.explain(miss),
        };
        match explain(why) {
            ReadValueError::NoValue(miss @ (ReadError::Busy | ReadError::Torn)) if retries => {
                self.source().further_attempts(miss, || attempt().map_err(explain))
            }
            error => Err(error),
        }
    }
}

/// Where an attempt writes these elements. If any bits are a valid element, a failed attempt leaves valid elements, so
/// none need be kept.
#[inline(always)]
fn place_of<T: Validate, K: Keep<T>>(dst: &mut Overwritten<'_, T, K>, range: &Range<usize>) -> *mut T {
    dst.place(if T::ANY_BITS { 0 } else { range.len() })
}

/// The number of elements that were read, if all are valid.
///
/// # Safety
/// An attempt wrote every data byte of the elements.
#[inline(always)]
unsafe fn checked<T: Validate, K: Keep<T>>(
    dst: &mut Overwritten<'_, T, K>,
    range: &Range<usize>,
) -> Result<usize, ReadValueError> {
    if !T::ANY_BITS {
        // SAFETY: every data byte of these is written, by this function's contract (I6 maybe-invalid).
        unsafe { check_elements::<T>(dst.bits(range.len()), range.start) }?;
        dst.read = range.len();
    }
    Ok(range.len())
}
