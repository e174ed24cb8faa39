//! [`WriteSliceError`]: why a slice was not written.

use std::fmt::{self, Display, Formatter};

use crate::Forked;

/// Why a slice was not written. Nothing was changed.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, WriteSliceError};
/// # let path = shm::path_for(&format!("seqcopy-doc-slice-error-{}", std::process::id()));
/// let mut writer = Options::new().capacity(4).create::<[u8]>(&path)?;
/// let error = writer.write_from(b"seqcopy").unwrap_err();
/// assert!(matches!(error, WriteSliceError::TooLong { len: 7, capacity: 4, .. }));
/// assert_eq!(error.to_string(), "7 elements do not fit into a region with space for 4: start its writer with a larger capacity and \
///     `Options::replace_smaller`");
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteSliceError {
    /// There is no space for that many elements.
    #[non_exhaustive]
    TooLong {
        /// How many there are.
        len: usize,
        /// How many there is space for.
        capacity: usize,
    },
    /// This process was forked from the writer's process.
    Forked,
}

impl Display for WriteSliceError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            WriteSliceError::TooLong { len, capacity } => write!(
                f,
                "{len} elements do not fit into a region with space for {capacity}: start its writer with a larger capacity and \
                 `Options::replace_smaller`"
            ),
            WriteSliceError::Forked => Forked.fmt(f),
        }
    }
}

debug_by_display! { WriteSliceError }

impl core::error::Error for WriteSliceError {}

impl From<Forked> for WriteSliceError {
    fn from(_: Forked) -> Self {
        WriteSliceError::Forked
    }
}
