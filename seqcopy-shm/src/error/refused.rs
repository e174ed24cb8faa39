//! [`Refused`]: why bytes were not written.

use std::fmt::{self, Display, Formatter};

use crate::WriteError;

/// Why bytes were not written to a region whose type is known by its schema only.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, Schema, untyped::{Refused, Writer}};
/// # let path = shm::path_for(&format!("seqcopy-doc-refused-{}", std::process::id()));
/// let mut writer = Writer::open_or_create(&path, &Schema::of::<bool>(), &Options::new())?;
/// let error = writer.write_bytes(&[2]).unwrap_err();
/// assert_eq!(error, Refused::Invalid("invalid `bool`: found 0x2, expected a `bool`: 0 or 1".to_owned()));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// They are not a value of the type: where, and why.
    Invalid(String),
    /// The map has as many entries as it can have. The other changes were made.
    Full,
    /// This process was forked from the writer's process.
    Forked,
    /// The file was truncated, so no reader sees what is written: as [`WriteError::Truncated`].
    Truncated,
}

impl Display for Refused {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Invalid(why) => f.write_str(why),
            Refused::Full => f.write_str("the map is full: create it with more slots"),
            Refused::Forked => WriteError::Forked.fmt(f),
            Refused::Truncated => WriteError::Truncated.fmt(f),
        }
    }
}

debug_by_display! { Refused }

impl core::error::Error for Refused {}

impl From<WriteError> for Refused {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Forked => Refused::Forked,
            WriteError::Truncated => Refused::Truncated,
        }
    }
}
