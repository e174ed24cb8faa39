//! Reads of slices whose type is known by its schema only, all elements or a range: a file of its own, above `slice` and `reader`, which would have more than 400 lines with it.

use super::Reader;
use crate::error::{BytesError, ReadValueError};
use seqcopy::{LengthError, Version};

impl Reader {
    /// Reads the elements of a slice, and returns how many there are, and the version.
    ///
    /// # Errors
    /// The errors of [`Reader::read_to_slice`](crate::Reader::read_to_slice): if there is not enough space, for example.
    ///
    /// # Panics
    /// If the values are not [slices](Self::slice).
    pub fn read_elements_into(&self, elements: &mut [u8]) -> Result<(usize, Version), BytesError> {
        self.elements(None, elements, true).map(|(count, version)| (count as usize, version))
    }

    /// Reads as many elements as there is space for, from one on, without copying the others, and returns the version.
    ///
    /// # Errors
    /// The errors of [`Reader::read_range`](crate::Reader::read_range): if the slice has fewer, for example.
    ///
    /// # Panics
    /// If the values are not [slices](Self::slice).
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, untyped::Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-range-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(100).create::<[u8]>(&path)?;
    /// writer.write_from(&[1, 2, 3, 4])?;
    /// let (reader, mut pair) = (Reader::open(&path)?, [0; 2]);
    /// reader.read_range_into(1, &mut pair)?;
    /// assert_eq!(pair, [2, 3]);
    /// assert!(reader.read_range_into(3, &mut pair).is_err());
    /// # writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_range_into(&self, first: usize, elements: &mut [u8]) -> Result<Version, BytesError> {
        self.elements(Some(first), elements, true).map(|(_, version)| version)
    }

    /// All elements, or from the `first` one on as many as there is space for.
    pub(super) fn elements(
        &self,
        first: Option<usize>,
        elements: &mut [u8],
        retries: bool,
    ) -> Result<(u32, Version), BytesError> {
        let slice = self.slice.as_ref().expect("the values are slices");
        let fit = elements.len().checked_div(slice.size);
        let space = fit.unwrap_or(slice.capacity);
        let asked = first.map(|first| first..first.saturating_add(fit.unwrap_or(0)));
        let wanted = |count: usize| match &asked {
            Some(range) => (range.end <= count).then(|| range.clone()),
            None => (count <= space).then_some(0..count),
        };
        let (place, series) = (elements.as_mut_ptr(), self.plan.series());
        let mut count = 0u32;
        let mut copy = |buffer: *const u8| {
            // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), its memory initialised (P4 uninit, I2 init);
            // others access it by the partition of the same schema (I1 partition, P23 one-process). The bytes of a number (I4 private).
            unsafe { series.load_range(buffer, 0..4, (&raw mut count).cast()) };
            let Some(range) = wanted(count as usize).filter(|_| count as usize <= slice.capacity) else { return };
            match &self.others {
                // SAFETY: a buffer of this type; elements inside of the capacity, for which there is space (I1 partition, I4 private).
                None => unsafe { series.load_range(buffer, slice.bytes(range), place) },
                // SAFETY: the others were made for this buffer; elements inside of the capacity, for which there is space (I1 partition, I4
                // private).
                Some(others) => unsafe { others.load(buffer, range, place) },
            }
        };
        let version = self.attempts(retries, || self.buffers.try_read(self.plan.buffer_layout, &mut copy))?;
        let len = count as usize;
        if len > slice.capacity {
            let why = format!("the slice has {len} elements, and space for {} only", slice.capacity);
            return Err(BytesError::Invalid(why));
        }
        let Some(range) = wanted(len) else {
            return Err(ReadValueError::Length(LengthError::new(len, asked.map_or(space, |range| range.end))).into());
        };
        slice.check(self.schema(), &elements[..range.len() * slice.size], range.start).map_err(BytesError::Invalid)?;
        Ok((count, version))
    }
}
