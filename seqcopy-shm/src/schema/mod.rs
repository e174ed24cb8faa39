//! [`Schema`]: a type described in bytes, for programs that don't have it.
//!
//! | file | what |
//! |---|---|
//! | `parse` | makes a layout of the bytes, and checks everything |
//! | `names` | which names a schema may have |
//! | `owned` | owns the parts of that layout |
//! | `difference` | the first place where two types differ |
//! | `difference/matching` | which fields of one type are which of another, by name |

mod difference;
mod names;
mod owned;
mod parse;

use std::fmt;
use std::fmt::{Display, Formatter};
use std::sync::Arc;

use owned::OwnedLayout;
use seqcopy::layout::{Path, fingerprint_of};
use seqcopy::{InvalidValue, Layout, Validate};

pub use difference::Difference;
pub(crate) use difference::{Matched, no_slice, too_large};
pub(crate) use parse::{MAX_BYTES, MAX_DEPTH, check_len};

/// A description of a type with which programs that don't have the type can read its values: names, offsets, kinds,
/// lengths, variants.
///
/// A schema is the byte string that [`Layout::fingerprint`] hashes and documents. [`decode`](Self::decode) checks all
/// of it, because another process may have written it.
///
/// ```
/// use seqcopy::{SeqCopy, Validate};
/// use seqcopy_shm::Schema;
///
/// #[derive(Clone, Copy, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Sample { at: u64, level: u16 }
///
/// let schema = Schema::of::<Sample>();
/// let read = Schema::decode(schema.as_bytes()).unwrap();
/// assert_eq!(read.fingerprint(), Sample::LAYOUT.fingerprint());
/// assert_eq!(read.layout().fields()[1].offset(), 8);
/// ```
#[derive(Clone)]
pub struct Schema(Arc<Parsed>);

/// A parsed schema. Copies of a [`Schema`] share it.
struct Parsed {
    bytes: Box<[u8]>,
    layout: OwnedLayout,
}

impl Schema {
    /// The schema of a type.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// # use seqcopy_shm::Schema;
    /// assert_eq!(Schema::of::<u32>().fingerprint(), u32::LAYOUT.fingerprint());
    /// ```
    ///
    /// # Panics
    /// If the type exceeds a limit of schemas: a description of 256 KiB, or 64 levels of nesting.
    #[must_use]
    pub fn of<T: Validate>() -> Schema {
        Self::of_layout(T::LAYOUT)
    }

    /// The schema for a layout.
    pub(crate) fn of_layout(layout: &Layout) -> Schema {
        match Self::decode(&layout.schema()) {
            Ok(schema) => schema,
            Err(error) => panic!("`{}` can't be described: {error}", layout.name()),
        }
    }

    /// The offset of a slice's elements, and the alignment of the whole slice: a cache line. If the elements followed
    /// the length directly, every second vector move would cross a line, and reads of 4 KiB took 1.6 to 1.9 times as
    /// long as those of an array.
    pub(crate) const fn offset_of_elements<T>() -> usize {
        if align_of::<T>() > 64 { align_of::<T>() } else { 64 }
    }

    /// The capacity of a slice, or `None` if the type is not a slice.
    pub(crate) fn capacity(&self) -> Option<usize> {
        self.layout().vec_of().map(|(_, capacity)| capacity)
    }

    /// Whether a list with this alignment, whose elements begin at `start`, is a slice. The elements of a slice begin
    /// on a cache line. Those of a `SeqVec` do so only if they are themselves aligned to one.
    const fn is_slice(start: usize, align: usize) -> bool {
        start >= Self::offset_of_elements::<u8>() && start == align
    }

    /// If a region's type is that of a slice: where the elements begin, one of them, and for how many there is space.
    ///
    /// ```
    /// # use seqcopy_shm::{Schema, SchemaBuilder};
    /// let slice = SchemaBuilder::number("u16").unwrap().slice(100).build()?;
    /// let (start, element, capacity) = Schema::slice_of(slice.layout()).unwrap();
    /// assert_eq!((start, element.name(), capacity), (64, "u16", 100));
    /// assert!(Schema::slice_of(Schema::of::<u16>().layout()).is_none());
    /// # Ok::<(), seqcopy_shm::SchemaError>(())
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn slice_of(layout: &Layout) -> Option<(usize, &Layout, usize)> {
        let (element, capacity) = layout.vec_of()?;
        let start = layout.fields().last()?.offset();
        Self::is_slice(start, layout.align()).then_some((start, element, capacity))
    }

    /// How many of a value's bytes have a meaning: all, or those of a slice up to its last element. Programs that pass
    /// on values pass on these, and zeros or nothing instead of the others, in which earlier values may lie.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Region};
    /// # let path = shm::path_for(&format!("seqcopy-doc-used-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(1000).create::<[u16]>(&path)?;
    /// writer.write_from(&[1, 2, 3])?;
    /// let region = Region::open(&path)?;
    /// let (bytes, _) = region.read_bytes()?;
    /// assert_eq!(region.schema().used(&bytes), 64 + 3 * 2);
    /// # writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn used(&self, value: &[u8]) -> usize {
        Self::end_of_slice(self.layout(), value).map_or(value.len(), |end| end.min(value.len()))
    }

    /// The offset after the last element of a slice, according to its length.
    pub(crate) fn end_of_slice(layout: &Layout, value: &[u8]) -> Option<usize> {
        let ((start, element, _), len) = Self::slice_of(layout).zip(value.first_chunk())?;
        Some(start.saturating_add((u32::from_ne_bytes(*len) as usize).saturating_mul(element.size())))
    }

    /// Checks the bytes of a value by [`Layout::validate`]. Of a slice, those past its last element are not looked at,
    /// and may be left out.
    ///
    /// # Errors
    /// The errors named there, and if the length of a slice is more than its capacity.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// let schema = Schema::of::<[bool; 2]>();
    /// let error = schema.validate(&[1, 7]).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid `array`: `[1]` at byte 1 is 0x7, expected a `bool`: 0 or 1");
    /// ```
    pub fn validate(&self, value: &[u8]) -> Result<(), InvalidValue<&Layout>> {
        let layout = self.layout();
        if Self::slice_of(layout).is_some() { layout.validate_slice(value) } else { layout.validate(value) }
    }

    /// Reads a schema from bytes that may be anything. Nothing in them is relied on before it is checked.
    ///
    /// # Errors
    /// If the bytes are not a schema of this version and this kind of machine. The error has the byte at which, and
    /// why.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// let mut bytes = Schema::of::<[u32; 4]>().as_bytes().to_vec();
    /// bytes[30] ^= 0xff;
    /// assert!(Schema::decode(&bytes).unwrap_err().to_string().starts_with("the schema is damaged at byte "));
    /// ```
    pub fn decode(bytes: &[u8]) -> Result<Schema, SchemaError> {
        Ok(Schema(Arc::new(Parsed { layout: parse::layout(bytes)?, bytes: bytes.into() })))
    }

    /// The schema's bytes.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// assert_eq!(&Schema::of::<u8>().as_bytes()[8..], b"seqcopy schema 1\x08<u\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0");
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The hash of the bytes, the same as [`Layout::fingerprint`].
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// # use seqcopy_shm::Schema;
    /// assert_eq!(Schema::of::<[bool; 2]>().fingerprint(), <[bool; 2]>::LAYOUT.fingerprint());
    /// ```
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        fingerprint_of(&self.0.bytes)
    }

    /// The size and the alignment of the type.
    pub(crate) fn size_and_align(&self) -> (usize, usize) {
        (self.layout().size(), self.layout().align())
    }

    /// The type's layout, with which its values can be drawn, copied and printed.
    ///
    /// The layout is freed with the schema and its copies, such as the one in a region: several times as many bytes as
    /// the schema has.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// assert_eq!(Schema::of::<[u16; 3]>().layout().size(), 6);
    /// ```
    #[must_use]
    pub fn layout(&self) -> &Layout {
        self.0.layout.get()
    }

    /// The first place where two types differ, in the order of declaration; `None` if they are the same.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// let difference = Schema::of::<[u16; 2]>().difference(&Schema::of::<[u16; 3]>()).unwrap();
    /// assert_eq!(difference.to_string(), "the type: array of 3 there, array of 2 here");
    /// ```
    #[must_use]
    pub fn difference(&self, there: &Schema) -> Option<Difference> {
        difference::first(self.layout(), there.layout())
    }

    /// The first field because of which a reader of this type that is opened by its fields
    /// ([`Reader::open_by_fields`](crate::Reader::open_by_fields)) does not read regions of the other one; `None` if it
    /// reads them. Defaults, which a schema does not have, may make up for fields that are not there.
    ///
    /// ```
    /// use seqcopy::{SeqCopy, Validate};
    /// use seqcopy_shm::Schema;
    ///
    /// #[derive(SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct Old { level: u16 }
    ///
    /// #[derive(SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct New { at: u64, level: u16 }
    ///
    /// let [old, new] = [Schema::of::<Old>(), Schema::of::<New>()];
    /// assert_eq!(old.difference_by_fields(&new), None);
    /// assert_eq!(new.difference_by_fields(&old).unwrap().to_string(), "field `at`: no such field there, u64 here");
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn difference_by_fields(&self, there: &Schema) -> Option<Difference> {
        let (here, there) = (self.layout(), there.layout());
        match (Self::slice_of(here), Self::slice_of(there)) {
            (Some((_, here, _)), Some((_, there, _))) => Matched::of_elements(here, there).err(),
            _ => Matched::compare(&Path::Root, here, there).err(),
        }
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes == other.0.bytes
    }
}

impl Eq for Schema {}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").field("name", &self.layout().name()).field("bytes", &self.0.bytes.len()).finish()
    }
}

/// Why bytes are not a valid schema, or what was described is not a type.
///
/// ```
/// # use seqcopy_shm::{Schema, SchemaBuilder};
/// let error = Schema::decode(b"nonsense").unwrap_err();
/// assert_eq!(error.to_string(), "the schema is damaged at byte 0: it does not begin with \"seqcopy schema 1\"");
/// let error = SchemaBuilder::names("Mode", &[]).build().unwrap_err();
/// assert!(error.to_string().starts_with("this can't be a type: an enum without fields needs variants"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SchemaError {
    at: usize,
    why: String,
    other: Option<VersionError>,
    is_described: bool,
}

impl SchemaError {
    /// The index of the byte at which the error was found; 0 if there are no bytes, but what a
    /// [`SchemaBuilder`](crate::SchemaBuilder) describes.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// assert_eq!(Schema::decode(b"nonsense").unwrap_err().at(), 0);
    /// ```
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }
}

impl SchemaError {
    pub(crate) fn damaged(at: usize, why: String) -> Self {
        SchemaError { at, why, other: None, is_described: false }
    }

    pub(crate) fn of_another(at: usize, other: VersionError) -> Self {
        SchemaError { at, why: String::new(), other: Some(other), is_described: false }
    }

    /// The bytes are not damaged. The program has described a type that can't exist.
    pub(crate) fn of_description(self) -> Self {
        SchemaError { at: 0, is_described: true, ..self }
    }

    /// The version, if the schema is not damaged but was written by another version of this library or on another kind
    /// of machine.
    #[doc(hidden)]
    #[must_use]
    pub fn other_version(&self) -> Option<VersionError> {
        self.other
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(other) = &self.other {
            return other.fmt(f);
        }
        if self.is_described {
            return write!(f, "this can't be a type: {}", self.why);
        }
        write!(f, "the schema is damaged at byte {}: {}", self.at, self.why)
    }
}

debug_by_display! { SchemaError }

impl core::error::Error for SchemaError {}

#[cfg(test)]
mod tests;

/// The region was created by another version of this library, or on another kind of machine. It may well be valid
/// there.
///
/// ```
/// # #[cfg(unix)] {
/// # use std::os::unix::fs::FileExt;
/// # use seqcopy_shm::{self as shm, ErrorKind, Reader, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-version-{}", std::process::id()));
/// # let writer = Writer::<u64>::create(&path)?;
/// # std::fs::File::options().write(true).open(&path).unwrap().write_all_at(&3u32.to_ne_bytes(), 8).unwrap();
/// // a later version:
/// let error = Reader::<u64>::open(&path).unwrap_err();
/// let ErrorKind::Version(version) = error.kind() else { panic!() };
/// let words = "this is a region of another version: format 1 expected, format 3 found: \
///     build both programs with the same version of seqcopy";
/// assert_eq!(version.to_string(), words);
/// # std::fs::remove_file(&path).unwrap();
/// # }
/// # Ok::<(), seqcopy_shm::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionError {
    /// Another version of the region format, or a map where a value was expected (format 2 where it is 1), or a value
    /// where a map was.
    #[non_exhaustive]
    Format {
        /// What this version reads.
        expected: u32,
        /// What the region has.
        found: u32,
    },
    /// Another version of the schema format.
    #[non_exhaustive]
    Schema {
        /// What this version reads.
        expected: u64,
        /// What the region has.
        found: u64,
    },
    /// The other byte order.
    ByteOrder,
    /// Another pointer width.
    #[non_exhaustive]
    PointerWidth {
        /// The pointers of this program, in bytes.
        expected: u8,
        /// What the region has.
        found: u8,
    },
}

impl Display for VersionError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let another = "this is a region of another version";
        let same = "build both programs with the same version of seqcopy";
        match self {
            VersionError::Format { expected: 1, found: 2 } => f.write_str(
                "this region holds a map, not a value (format 1 expected, format 2 found): open it with `MapReader`",
            ),
            VersionError::Format { expected: 2, found: 1 } => f.write_str(
                "this region holds one value, not a map (format 2 expected, format 1 found): open it with `Reader`",
            ),
            VersionError::Format { expected, found } => {
                write!(f, "{another}: format {expected} expected, format {found} found: {same}")
            }
            VersionError::Schema { expected, found } => {
                write!(f, "{another}: schema {expected} expected, schema {found} found: {same}")
            }
            VersionError::ByteOrder => {
                let (here, there) = if cfg!(target_endian = "little") { ("little", "big") } else { ("big", "little") };
                write!(
                    f,
                    "this is a region of another kind of machine: {here}-endian expected, {there}-endian found: read it on a \
                     machine of that byte order"
                )
            }
            VersionError::PointerWidth { expected, found } => write!(
                f,
                "this is a region of another kind of machine: pointers of {expected} bytes expected, of {found} found: build both \
                 programs for the same width"
            ),
        }
    }
}

debug_by_display! { VersionError }

impl core::error::Error for VersionError {}
