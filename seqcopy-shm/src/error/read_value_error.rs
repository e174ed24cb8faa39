//! [`ReadValueError`]: why a read or a write of a value failed.

use std::convert::Infallible;
use std::fmt::{self, Display, Formatter};

use seqcopy::{CapacityError, InvalidValue, LengthError};

use crate::WriteError;

/// Why a read returned no value, or an update found none to change. It changed nothing: a later one may succeed.
///
/// ```
/// # use seqcopy_shm::{self as shm, ReadValueError, Reader, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-read-error-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// let reader = Reader::<u64>::open(&path)?;
/// assert_eq!(reader.read(), Err(ReadValueError::NoValue(seqcopy::ReadError::Empty)));
/// writer.close()?;
/// assert_eq!(reader.read(), Err(ReadValueError::Closed));
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadValueError {
    /// Every attempt overlapped a write, or nothing was written yet.
    NoValue(seqcopy::ReadError),
    /// The bits are not a valid value of the type: some process wrote them without having one.
    Invalid(InvalidValue),
    /// The writer closed the region: there will be no more values.
    Closed,
    /// The writer ended in the middle of a write: there is no value until the next writer writes one. Readers of a latch never get
    /// this.
    WriterGone,
    /// The file was truncated, or can't be read any more. Readers that do not map it see that ([`FileReader`](crate::FileReader),
    /// [`File`](crate::File)), and the others after [`survive_truncation`](crate::survive_truncation).
    Truncated,
    /// A slice has more elements than there is space for, or fewer than were asked for. Only readers of slices return it.
    Length(LengthError),
    /// An update made a slice longer than its region has space for.
    Capacity(CapacityError),
    /// The region has several buffers, and the other ones have older values: a part can be written only to a region with one
    /// ([`Options::buffers`](crate::Options::buffers)). Only [`Writer::write_part`](crate::Writer::write_part) and
    /// [`Writer::update_part`](crate::Writer::update_part) return it.
    SeveralBuffers,
    /// This process was forked from the writer's process. Only writers return it.
    Forked,
    /// The region has a map, and not one value. Only [`Region::read_bytes`](crate::Region::read_bytes) returns it.
    IsMap,
}

debug_by_display! { ReadValueError }

impl Display for ReadValueError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ReadValueError::NoValue(error @ seqcopy::ReadError::Busy) => {
                write!(
                    f,
                    "{error}: if this persists, the writer may be stopped; `writer_state` names its process"
                )
            }
            ReadValueError::NoValue(error) => error.fmt(f),
            ReadValueError::Invalid(error) => error.fmt(f),
            ReadValueError::Closed => f.write_str("the writer closed the region: there will be no more values"),
            ReadValueError::Truncated => {
                f.write_str("the file was truncated: have the region created again, and reopen it")
            }
            ReadValueError::Length(error) => error.fmt(f),
            ReadValueError::Capacity(error) => error.fmt(f),
            ReadValueError::SeveralBuffers => f.write_str(
                "a part can't be written to a region with several buffers, as the others hold older values: use `update`, or \
                 create the region with `Options::buffers(1)`",
            ),
            ReadValueError::Forked => WriteError::Forked.fmt(f),
            ReadValueError::IsMap => {
                f.write_str("the region holds a map, not a value: read it with `MapReader`, or `FileMap`")
            }
            ReadValueError::WriterGone => {
                f.write_str("the writer died in the middle of a write: wait for the next writer, or use a latch")
            }
        }
    }
}

impl core::error::Error for ReadValueError {}

impl From<seqcopy::ReadError> for ReadValueError {
    fn from(error: seqcopy::ReadError) -> Self {
        ReadValueError::NoValue(error)
    }
}

impl From<LengthError> for ReadValueError {
    fn from(error: LengthError) -> Self {
        ReadValueError::Length(error)
    }
}

impl From<CapacityError> for ReadValueError {
    fn from(error: CapacityError) -> Self {
        ReadValueError::Capacity(error)
    }
}

impl From<InvalidValue> for ReadValueError {
    fn from(error: InvalidValue) -> Self {
        ReadValueError::Invalid(error)
    }
}

impl From<WriteError> for ReadValueError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Forked => ReadValueError::Forked,
            WriteError::Truncated => ReadValueError::Truncated,
        }
    }
}

impl From<Infallible> for ReadValueError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
