//! [`WriteSliceError`]: why a slice was not written.

use std::fmt::{self, Display, Formatter};

use seqcopy::CapacityError;

use crate::WriteError;

/// Why a slice was not written. Nothing was changed.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, WriteSliceError};
/// # let path = shm::path_for(&format!("seqcopy-doc-slice-error-{}", std::process::id()));
/// let mut writer = Options::new().capacity(4).create::<[u8]>(&path)?;
/// let error = writer.write_from(b"seqcopy").unwrap_err();
/// assert!(matches!(error, WriteSliceError::Capacity(error) if (error.len(), error.capacity()) == (7, 4)));
/// assert_eq!(error.to_string(), "a length of 7 exceeds the capacity of 4: start the region's writer with a larger one and \
///     `Options::replace_smaller`");
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteSliceError {
    /// There is no space for that many elements.
    Capacity(CapacityError),
    /// This process was forked from the writer's process.
    Forked,
    /// The file was truncated, so no reader sees what is written: as [`WriteError::Truncated`].
    Truncated,
}

impl Display for WriteSliceError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            WriteSliceError::Capacity(error) => {
                write!(f, "{error}: start the region's writer with a larger one and `Options::replace_smaller`")
            }
            WriteSliceError::Forked => WriteError::Forked.fmt(f),
            WriteSliceError::Truncated => WriteError::Truncated.fmt(f),
        }
    }
}

debug_by_display! { WriteSliceError }

impl core::error::Error for WriteSliceError {}

impl From<CapacityError> for WriteSliceError {
    fn from(error: CapacityError) -> Self {
        WriteSliceError::Capacity(error)
    }
}

impl From<WriteError> for WriteSliceError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Forked => WriteSliceError::Forked,
            WriteError::Truncated => WriteSliceError::Truncated,
        }
    }
}
