//! [`WriteError`]: why a value was not written; and [`ChangeError`], why a slice was not, or a map not changed.

use std::fmt::{self, Display, Formatter};

use seqcopy::{CapacityError, InvalidValue};

/// Why a value was not written. Nothing was changed.
///
/// ```
/// # use seqcopy_shm::WriteError;
/// let error = WriteError::Forked;
/// assert_eq!(error.to_string(), "this process was forked from the writer's process: take the region over when that process has ended");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// This process was forked from the one that has the writer, and can't write: there would be two writers.
    Forked,
    /// The file was truncated, or can't be read any more: what this writer has written since is nowhere. Only after
    /// [`survive_truncation`](crate::survive_truncation), without which the process is killed.
    Truncated,
}

debug_by_display! { WriteError }

impl Display for WriteError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WriteError::Forked => {
                "this process was forked from the writer's process: take the region over when that process has ended"
            }
            WriteError::Truncated => {
                "the file of the region was truncated, so no reader sees what is written: drop the writer, remove the file, and create \
                 the region again"
            }
        })
    }
}

impl core::error::Error for WriteError {}

/// Why a slice was not written, or a map not changed. A single value has [`WriteError`].
///
/// ```
/// use seqcopy_shm::{self as shm, ChangeError, MapWriter, Options};
/// # let path = shm::path_for(&format!("seqcopy-doc-change-error-{}", std::process::id()));
/// let mut map = MapWriter::<u32, u32>::create(&path, 7)?;
/// for key in 0..7 {
///     map.insert(key, 0).unwrap();
/// }
/// assert_eq!(map.insert(7, 0), Err(ChangeError::Full));
/// # map.close()?;
///
/// let mut writer = Options::new().capacity(4).create::<[u8]>(&path)?;
/// let error = writer.write_from(b"seqcopy").unwrap_err();
/// assert!(matches!(error, ChangeError::Capacity(error) if (error.len(), error.capacity()) == (7, 4)));
/// assert_eq!(error.to_string(), "a length of 7 exceeds the capacity of 4: start the region's writer with a larger one and \
///     `Options::replace_smaller`");
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is no space for that many elements: nothing was changed. Only writers of slices return it.
    Capacity(CapacityError),
    /// The map has as many entries as it can have, [`MapWriter::capacity`](crate::MapWriter::capacity): nothing was changed by this change.
    Full,
    /// This process was forked from the writer's process: nothing was changed.
    Forked,
    /// The file was truncated, so no reader sees what is written: as [`WriteError::Truncated`].
    Truncated,
    /// The value of the map that was there is not a valid one: a process wrote it that did not have one. `insert` and `remove` were carried out
    /// all the same; `update`, `insert_if_absent` and `get` changed nothing.
    Invalid(InvalidValue),
}

impl Display for ChangeError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ChangeError::Capacity(error) => {
                write!(f, "{error}: start the region's writer with a larger one and `Options::replace_smaller`")
            }
            ChangeError::Full => f.write_str("the map is full: remove entries, or start its writer with a larger capacity and `Options::replace_smaller`"),
            ChangeError::Forked => WriteError::Forked.fmt(f),
            ChangeError::Truncated => WriteError::Truncated.fmt(f),
            ChangeError::Invalid(error) => write!(f, "the value that was there is damaged: {error}"),
        }
    }
}

debug_by_display! { ChangeError }

impl core::error::Error for ChangeError {}

impl From<CapacityError> for ChangeError {
    fn from(error: CapacityError) -> Self {
        ChangeError::Capacity(error)
    }
}

impl From<WriteError> for ChangeError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Forked => ChangeError::Forked,
            WriteError::Truncated => ChangeError::Truncated,
        }
    }
}

impl From<InvalidValue> for ChangeError {
    fn from(error: InvalidValue) -> Self {
        ChangeError::Invalid(error)
    }
}
