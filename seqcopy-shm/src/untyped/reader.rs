//! [`Reader`]: reads values as bytes.

#[cfg(any(target_os = "linux", target_os = "android"))]
use crate::sys::Handle;
use std::path::Path;

use super::Watch;
use super::slice::Slice;
use crate::error::ReadBytesError;
use crate::header::{BufferLayout, FORMAT};
use crate::mapping::buffers::Buffers;
use crate::value::checks;
use crate::value::rules::Rules;
use crate::{Error, ErrorKind, Options, ReadValueError, Region};
use seqcopy::raw::Series;
use seqcopy::{LengthError, ReadError, Version};

/// Reads values of a type that is known by its schema only, into memory of the caller's, and validates them.
///
/// ```
/// use seqcopy_shm::{self as shm, Writer, untyped::Reader};
/// # let path = shm::path_for(&format!("seqcopy-doc-untyped-reader-{}", std::process::id()));
/// let mut writer = Writer::<[u16; 2]>::create(&path)?;
/// writer.write([1, 2]).unwrap();
///
/// let reader = Reader::open(&path)?;
/// let mut value = vec![0; reader.watch().schema().layout().size()];
/// let version = reader.read_into(&mut value).unwrap();
/// assert_eq!((value, version), ([1u16.to_ne_bytes(), 2u16.to_ne_bytes()].concat(), writer.version()));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    // First what every read needs.
    buffers: Buffers,
    buffer_layout: BufferLayout,
    /// How many bytes a value has.
    size: usize,
    loads: Series,
    rules: Rules,
    watch: Watch,
    slice: Option<Slice>,
}

impl Reader {
    /// Opens the region at a path, whatever its type is: [`Watch::require_type`] compares it with one.
    ///
    /// # Errors
    /// As for [`Region::open`], if the region was closed, and if the type has padding, or numbers of another width, in more than 2^20 places:
    /// the reader keeps a list of these.
    pub fn open(path: impl AsRef<Path>) -> Result<Reader, Error> {
        Self::open_with(path, &Options::new())
    }

    /// The same, with what is [required](Options::require_owner) of the region.
    ///
    /// # Errors
    /// As for [`open`](Self::open), and for [`Options::open`].
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Uid, Writer, untyped::Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-open-with-{}", std::process::id()));
    /// let writer = Writer::<u32>::create(&path)?;
    /// assert!(Reader::open_with(&path, &Options::new().require_owner(Uid::effective())).is_ok());
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_with(path: impl AsRef<Path>, options: &Options) -> Result<Reader, Error> {
        let path = path.as_ref();
        Self::over(Region::open_format(path, options.policy, &[FORMAT])?).map_err(|error| error.at(path))
    }

    /// By a descriptor: see [`Region::from_fd`].
    ///
    /// # Errors
    /// As there, and for [`open`](Self::open).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, untyped::Reader};
    /// let writer = Options::new().create_memfd::<u64>("doc")?;
    /// assert_eq!(Reader::from_fd(writer.share()?)?.watch().header().payload_size(), 8);
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn from_fd(file: Handle) -> Result<Reader, Error> {
        Self::over(Region::from_fd(file)?)
    }

    fn over(region: Region) -> Result<Reader, Error> {
        if region.was_closed() {
            return Err(ErrorKind::Closed.into());
        }
        let (layout, base) = (region.schema().layout(), region.header().layout.base());
        let (slice, loads) = (Slice::of(region.schema()), checks::series(layout, base)?);
        // A slice is read by its elements.
        let rules = if slice.is_none() { Rules::of(layout) } else { Rules::Walk };
        let (buffers, buffer_layout) = (region.source.mapping.buffers, region.header().layout.buffer_layout);
        Ok(Reader { buffers, buffer_layout, size: layout.size(), loads, rules, slice, watch: Watch::of(region) })
    }

    /// The region: its type, its version, its writer, and waiting.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// If the values are [slices](crate#slices): the bytes of an element, and how many elements there can be.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, untyped::Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-slice-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(100).create::<[u16]>(&path)?;
    /// writer.write_from(&[1, 2, 3])?;
    /// let reader = Reader::open(&path)?;
    /// assert_eq!(reader.slice(), Some((2, 100)));
    ///
    /// let mut elements = [0; 20];
    /// let (len, _) = reader.read_elements_into(&mut elements)?;
    /// assert_eq!((len, &elements[..2]), (3, &1u16.to_ne_bytes()[..]));
    /// # writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn slice(&self) -> Option<(usize, usize)> {
        self.slice.as_ref().map(|slice| (slice.size, slice.capacity))
    }

    /// Reads the bytes of the value, and returns its version. Bytes of padding are left as they are; of a slice, those past its last element
    /// are unspecified. Makes as many attempts as [`Reader::read`](crate::Reader::read).
    ///
    /// # Errors
    /// As there; then the bytes are unspecified.
    ///
    /// # Panics
    /// If `value` has another length than a value.
    #[inline]
    pub fn read_into(&self, value: &mut [u8]) -> Result<Version, ReadBytesError> {
        self.read(value, true)
    }

    /// The same, by a single attempt: wait-free.
    ///
    /// # Errors
    /// As for [`Reader::try_read`](crate::Reader::try_read).
    ///
    /// # Panics
    /// If `value` has another length than a value.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Writer, untyped::Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-try-{}", std::process::id()));
    /// let mut writer = Writer::<[u8; 2]>::create(&path)?;
    /// writer.write([1, 2]).unwrap();
    /// let mut value = [0; 2];
    /// assert!(Reader::open(&path)?.try_read_into(&mut value).is_ok());
    /// assert_eq!(value, [1, 2]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn try_read_into(&self, value: &mut [u8]) -> Result<Version, ReadBytesError> {
        self.read(value, false)
    }

    /// How many bytes a value has. For seqcopy-c.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub fn __size(&self) -> usize {
        self.size
    }

    /// For seqcopy-c.
    #[doc(hidden)]
    #[must_use]
    pub fn __direct(&self) -> super::__Direct {
        let (word, last) = (self.buffers.address(), self.buffers.last());
        super::__Direct { word, last, may_write: core::ptr::null(), move_bytes: seqcopy::raw::__load_bytes }
    }

    /// [`read_into`](Self::read_into) where that succeeds at once; nothing is said of what fails. For seqcopy-c, whose calls can't be inlined.
    #[doc(hidden)]
    #[inline]
    pub fn __read_at_once(&self, value: &mut [u8]) -> Option<Version> {
        if value.len() != self.size {
            return None;
        }
        let place = value.as_mut_ptr();
        // SAFETY: as in `read` (I1 partition, I2 init, I4 private).
        let copy = |buffer: *const u8| unsafe { self.loads.load(buffer, place) };
        // SAFETY: the region keeps its map (I8 mapping), and the buffer layout is its own.
        let version = unsafe { self.buffers.try_read(self.buffer_layout, copy) }.ok()?;
        self.rules.hold(value).then(|| Version::from_bits(version))
    }

    #[inline]
    fn read(&self, value: &mut [u8], retries: bool) -> Result<Version, ReadBytesError> {
        assert_eq!(value.len(), self.size, "the bytes of a value");
        if let Some(slice) = &self.slice {
            let (len, elements) = value.split_at_mut(slice.bytes(0).start);
            let (count, version) = self.elements(elements, retries)?;
            len[..4].copy_from_slice(&count.to_ne_bytes());
            return Ok(version);
        }
        let place = value.as_mut_ptr();
        // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), its memory initialised (P4 uninit, I2 init);
        // others access it by the partition of the same schema (I1 partition, P23 one-process). The bytes are as many (I4 private).
        let version = self.attempts(retries, |buffer| unsafe { self.loads.load(buffer, place) })?;
        if self.rules.hold(value) { Ok(version) } else { self.walk(value).map(|()| version) }
    }

    #[cold]
    fn walk(&self, value: &[u8]) -> Result<(), ReadBytesError> {
        self.watch.schema().validate(value).map_err(|error| ReadBytesError::Invalid(error.to_string()))
    }

    /// Reads the elements of a slice, and returns how many there are, and the version.
    ///
    /// # Errors
    /// As for [`Reader::read_to_slice`](crate::Reader::read_to_slice): if there is not enough space, for example.
    ///
    /// # Panics
    /// If the values are not [slices](Self::slice).
    pub fn read_elements_into(&self, elements: &mut [u8]) -> Result<(usize, Version), ReadBytesError> {
        self.elements(elements, true).map(|(count, version)| (count as usize, version))
    }

    fn elements(&self, elements: &mut [u8], retries: bool) -> Result<(u32, Version), ReadBytesError> {
        let slice = self.slice.as_ref().expect("the values are slices");
        let space = elements.len().checked_div(slice.size).unwrap_or(slice.capacity);
        let place = elements.as_mut_ptr();
        let mut count = 0u32;
        let version = self.attempts(retries, |buffer| {
            // SAFETY: as in `read`, the bytes of a number (I1 partition, I4 private).
            unsafe { self.loads.load_range(buffer, 0..4, (&raw mut count).cast()) };
            if count as usize <= space.min(slice.capacity) {
                // SAFETY: as in `read`; inside of the capacity, and there is space for as many (I1 partition, I4 private).
                unsafe { self.loads.load_range(buffer, slice.bytes(count as usize), place) };
            }
        })?;
        let len = count as usize;
        if len > slice.capacity {
            let why = format!("the slice has {len} elements, and space for {} only", slice.capacity);
            return Err(ReadBytesError::Invalid(why));
        }
        if len > space {
            return Err(ReadValueError::Length(LengthError::new(len, space)).into());
        }
        slice.check(self.watch.schema(), &elements[..len * slice.size]).map_err(ReadBytesError::Invalid)?;
        Ok((count, version))
    }

    /// One attempt at a copy, and others if it `retries`.
    #[inline(always)]
    fn attempts(&self, retries: bool, mut copy: impl FnMut(*const u8)) -> Result<Version, ReadValueError> {
        // SAFETY: the region keeps its map (I8 mapping), and the buffer layout is its own.
        let mut attempt = || unsafe { self.buffers.try_read(self.buffer_layout, &mut copy) };
        match attempt() {
            Ok(version) => Ok(Version::from_bits(version)),
            Err(miss) => self.further_attempts(miss, retries, &mut attempt),
        }
    }

    #[cold]
    fn further_attempts(
        &self,
        miss: ReadError,
        retries: bool,
        attempt: &mut dyn FnMut() -> Result<u64, ReadError>,
    ) -> Result<Version, ReadValueError> {
        let source = &self.watch.region().source;
        let explained = |miss| match miss {
            ReadError::Busy | ReadError::Torn if retries => ReadValueError::NoValue(miss),
            _ => source.mapping.explain(miss),
        };
        match explained(miss) {
            ReadValueError::NoValue(miss @ (ReadError::Busy | ReadError::Torn)) if retries => {
                source.further_attempts(miss, || attempt().map(Version::from_bits).map_err(explained))
            }
            why => Err(why),
        }
    }

    /// If the region was removed, and there is a new one at its path: reads that from now on. Returns whether that is so. See
    /// [`Reader::reopen_if_removed`](crate::Reader::reopen_if_removed).
    ///
    /// # Errors
    /// As there, and if the new region has another type. The reader is then as it was.
    pub fn reopen_if_removed(&mut self) -> Result<bool, Error> {
        let newer = self.newer()?;
        Ok(newer.map(|newer| *self = newer).is_some())
    }

    /// If the region was removed, and there is a new one at its path: a reader of that. For readers that are shared.
    ///
    /// # Errors
    /// As for [`reopen_if_removed`](Self::reopen_if_removed).
    pub fn newer(&self) -> Result<Option<Reader>, Error> {
        let Some(region) = self.watch.newer()? else { return Ok(None) };
        Self::over(region).map(Some).map_err(|error| self.watch.region().located(error))
    }
}
