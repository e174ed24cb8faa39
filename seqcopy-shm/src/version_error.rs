//! [`VersionError`]: a region of another version, or for another kind of machine.

use std::fmt::{self, Display, Formatter};

/// The region was created by another version of this library, or on another kind of machine. It may well be valid there.
///
/// ```
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
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionError {
    /// Another version of the region format, or a map where a value was expected (format 2 where it is 1), or a value where a map was.
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
        /// That of this program, in bytes.
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
