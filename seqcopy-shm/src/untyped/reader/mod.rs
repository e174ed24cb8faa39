//! [`Reader`] reads values as bytes.

mod open;

use std::path::Path;
use std::sync::Arc;

use seqcopy::raw::__shm::mover;
use seqcopy::{ReadError, Version};

use super::__foreign::Direct;
use super::elements::{Slice, Source};
use crate::error::{BytesError, Error, ReadValueError};
use crate::handle::{Options, ReadAs, ReadHandle as _, Region};
use crate::mapping::Buffers;
use crate::schema::Schema;
use crate::value::{Others, Plan, Rules};

/// Reads values of a type that is known by its schema only, into memory of the caller's, and validates them.
///
/// ```
/// use seqcopy_shm::{self as shm, Writer, untyped::Reader};
/// # let path = shm::path_for(&format!("seqcopy-doc-untyped-reader-{}", std::process::id()));
/// let mut writer = Writer::<[u16; 2]>::create(&path)?;
/// writer.write([1, 2]).unwrap();
///
/// let reader = Reader::open(&path)?;
/// let mut value = vec![0; reader.region().schema().layout().size()];
/// let version = reader.read_into(&mut value).unwrap();
/// assert_eq!((value, version), ([1u16.to_ne_bytes(), 2u16.to_ne_bytes()].concat(), writer.version()));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    // The fields that every read needs come first.
    buffers: Buffers,
    /// The size of a value.
    size: usize,
    plan: Plan,
    rules: Rules,
    region: Arc<Region>,
    slice: Option<Slice>,
    /// Converts elements that have other fields than the reader's own.
    others: Option<Box<Others>>,
    /// The reader's own type, if it reads by fields.
    own: Option<Schema>,
}

impl Reader {
    /// Opens the region at a path, whatever its type is: [`Region::require_type`] compares it with one.
    ///
    /// # Errors
    /// The errors of [`Region::open`], if the region was closed, and if the type has padding, or numbers of another
    /// width, in more than 2^20 places: the reader keeps a list of these.
    pub fn open(path: impl AsRef<Path>) -> Result<Reader, Error> {
        Self::open_with(path, &Options::new())
    }

    /// [`open`](Self::open), with what is [required](Options::require_owner) of the region.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open), and for [`Options::open`].
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
        Self::open_at(path.as_ref(), options.policy, ReadAs::Own(None))
    }

    /// By a descriptor: see [`Region::from_fd`].
    ///
    /// # Errors
    /// The errors named there, and for [`open`](Self::open).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, untyped::Reader};
    /// let writer = Options::new().create_memfd::<u64>("doc")?;
    /// assert_eq!(Reader::from_fd(writer.share()?)?.region().header().payload_size(), 8);
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::needless_pass_by_value)] // as for `Region::from_fd`
    pub fn from_fd(file: crate::sys::Handle) -> Result<Reader, Error> {
        Self::open_fd(&file, ReadAs::Own(None))
    }

    /// Opens a region whose type has every field of this one, by name and with the same type, wherever it lies: see
    /// [`Reader::open_by_fields`](crate::Reader::open_by_fields). A schema has no defaults, so every field must be
    /// there. Values are read and validated as those of this [schema](Self::schema); of slices, the elements are.
    ///
    /// # Errors
    /// The errors named there, and for [`open`](Self::open).
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Schema, SchemaBuilder, untyped::{Reader, Writer}};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-by-fields-{}", std::process::id()));
    /// let number = |name| SchemaBuilder::number(name).unwrap();
    /// let old = SchemaBuilder::structure("Pose", &[("level", number("u16"))]).build().unwrap();
    /// let new = SchemaBuilder::structure("Pose", &[("id", number("u32")), ("level", number("u16"))]).build().unwrap();
    ///
    /// let mut writer = Writer::create(&path, &new, &Options::new())?;
    /// writer.write_bytes(&[1, 0, 0, 0, 7, 8, 0, 0]).unwrap();
    /// let reader = Reader::open_by_fields(&path, &old, &Options::new())?;
    /// let mut value = [0; 2];
    /// assert!(reader.read_into(&mut value).is_ok());
    /// assert_eq!((value, reader.schema()), ([7, 8], &old));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_by_fields(path: impl AsRef<Path>, schema: &Schema, options: &Options) -> Result<Reader, Error> {
        Self::open_at(path.as_ref(), options.policy, ReadAs::Fields(schema.clone()))
    }

    /// The type of the values as they are read: that of the region, or the one that it was opened by.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Schema, Writer, untyped::Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-schema-{}", std::process::id()));
    /// let writer = Writer::<u32>::create(&path)?;
    /// assert_eq!(Reader::open(&path)?.schema(), &Schema::of::<u32>());
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.own.as_ref().unwrap_or_else(|| self.region.schema())
    }

    /// The region: its type, its version, its writer, and waiting.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
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

    /// Reads the bytes of the value, and returns its version. Bytes of padding are left as they are; of a slice, those
    /// past its last element are unspecified. Makes as many attempts as [`Reader::read`](crate::Reader::read).
    ///
    /// # Errors
    /// The errors named there; then the bytes are unspecified.
    ///
    /// # Panics
    /// If `value` has another length than a value.
    #[inline]
    pub fn read_into(&self, value: &mut [u8]) -> Result<Version, BytesError> {
        self.read(value, true)
    }

    /// [`read_into`](Self::read_into), by a single attempt: wait-free.
    ///
    /// # Errors
    /// The errors of [`Reader::try_read`](crate::Reader::try_read).
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
    pub fn try_read_into(&self, value: &mut [u8]) -> Result<Version, BytesError> {
        self.read(value, false)
    }

    /// Reads the elements of a slice, and returns how many there are, and the version.
    ///
    /// # Errors
    /// The errors of [`Reader::read_to_slice`](crate::Reader::read_to_slice): if there is not enough space, for
    /// example.
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

    /// Reads all elements, or as many as there is space for from number `first` on.
    fn elements(&self, first: Option<usize>, elements: &mut [u8], retries: bool) -> Result<(u32, Version), BytesError> {
        let slice = self.slice.as_ref().expect("the values are slices");
        let from = Source {
            buffers: &self.buffers,
            layout: self.plan.buffer_layout,
            series: self.plan.series(),
            others: self.others.as_deref(),
            schema: self.schema(),
        };
        // SAFETY: the plan and the others were made for this region, and the slice has its capacity: `by_fields` gives
        // it to one's own type, unless a type with so much is too large, so that its own is less, or the region's more
        // than a length can say (I4 private).
        unsafe { slice.read_elements(from, first, elements, |attempt| self.attempts(retries, attempt)) }
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
    pub fn __direct(&self) -> Option<Direct> {
        let (word, last) = (self.region.source.mapping.map.word().as_ptr(), self.buffers.last());
        let direct = Direct { word, last, may_write: core::ptr::null(), move_bytes: mover(true, self.size) };
        // The buffers belong to another type otherwise.
        (self.schema() == self.region.schema()).then_some(direct)
    }

    /// [`read_into`](Self::read_into) where that succeeds at once; nothing is said of what fails. For seqcopy-c, whose
    /// calls can't be inlined.
    #[doc(hidden)]
    #[inline]
    pub fn __read_at_once(&self, value: &mut [u8]) -> Option<Version> {
        // A value whose rules are not a list must be walked. Of a slice, only the elements in use are copied.
        if value.len() != self.size || matches!(self.rules, Rules::Walk) {
            return None;
        }
        // SAFETY: the plan was made for this region, and for values with as many bytes (I4 private).
        let version = unsafe { self.plan.try_read(&self.buffers, value.as_mut_ptr()) }.ok()?;
        self.rules.hold(value).then(|| Version::from_bits(version))
    }

    #[inline]
    fn read(&self, value: &mut [u8], retries: bool) -> Result<Version, BytesError> {
        assert_eq!(value.len(), self.size, "the bytes of a value");
        if let Some(slice) = &self.slice {
            let (len, elements) = value.split_at_mut(slice.bytes(0..0).start);
            let (count, version) = self.elements(None, elements, retries)?;
            len[..4].copy_from_slice(&count.to_ne_bytes());
            return Ok(version);
        }
        let place = value.as_mut_ptr();
        // SAFETY: the plan was made for this region, and for values with as many bytes (I4 private).
        let version = self.attempts(retries, || unsafe { self.plan.try_read(&self.buffers, place) })?;
        if self.rules.hold(value) { Ok(version) } else { self.walk(value).map(|()| version) }
    }

    #[cold]
    fn walk(&self, value: &[u8]) -> Result<(), BytesError> {
        self.schema().validate(value).map_err(|error| BytesError::Invalid(error.to_string()))
    }

    /// Makes one attempt, or with `retries` further ones.
    #[inline(always)]
    fn attempts(
        &self,
        retries: bool,
        mut attempt: impl FnMut() -> Result<u64, ReadError>,
    ) -> Result<Version, ReadValueError> {
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
        let source = &self.region.source;
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

    /// If the region was removed, and there is a new one at its path: reads that from now on. Returns whether that is
    /// so. See [`Reader::reopen_if_removed`](crate::Reader::reopen_if_removed).
    ///
    /// # Errors
    /// The errors named there, and if the new region has another type. The reader is then as it was.
    pub fn reopen_if_removed(&mut self) -> Result<bool, Error> {
        self.reopen()
    }

    /// If the region was removed, and there is a new one at its path: a reader of that. For readers that are shared.
    ///
    /// # Errors
    /// The errors of [`reopen_if_removed`](Self::reopen_if_removed).
    pub fn replacement(&self) -> Result<Option<Reader>, Error> {
        self.open_next()
    }
}
