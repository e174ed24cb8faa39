//! [`MapError`]: why a change was not made.

use std::fmt::{self, Display, Formatter};

use crate::WriteError;
use seqcopy::InvalidValue;

/// Why a change of a map failed.
///
/// ```
/// use seqcopy_shm::{self as shm, MapError, MapWriter};
/// # let path = shm::path_for(&format!("seqcopy-doc-map-error-{}", std::process::id()));
/// let mut map = MapWriter::<u32, u32>::create(&path, 7)?;
/// for key in 0..7 {
///     map.insert(key, 0).unwrap();
/// }
/// assert_eq!(map.insert(7, 0), Err(MapError::Full));
/// # map.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MapError {
    /// The map has as many entries as it can have, [`MapWriter::capacity`](super::MapWriter::capacity): nothing was changed.
    Full,
    /// This process was forked from the writer's process: nothing was changed.
    Forked,
    /// The file was truncated, so no reader sees changes: as [`WriteError::Truncated`].
    Truncated,
    /// The value that was there is not a valid one: a process wrote it that did not have one. `insert` and `remove` were carried out all
    /// the same; `update`, `insert_if_absent` and `get` changed nothing.
    Invalid(InvalidValue),
}

impl Display for MapError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            MapError::Full => f.write_str("the map is full: remove entries, or start its writer with a larger capacity and `Options::replace_smaller`"),
            MapError::Forked => WriteError::Forked.fmt(f),
            MapError::Truncated => WriteError::Truncated.fmt(f),
            MapError::Invalid(error) => write!(f, "the value that was there is damaged: {error}"),
        }
    }
}

debug_by_display! { MapError }

impl core::error::Error for MapError {}

impl From<WriteError> for MapError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Forked => MapError::Forked,
            WriteError::Truncated => MapError::Truncated,
        }
    }
}

impl From<InvalidValue> for MapError {
    fn from(error: InvalidValue) -> Self {
        MapError::Invalid(error)
    }
}
