//! [`Source`]: how the bytes of a [`Region`](crate::Region) are read.

mod file;
mod mapped;

use crate::life::inspect::Inspected;
use crate::sys::{Handle, process::Identity};
use crate::{Error, ReadValueError};
pub use file::File;
pub use mapped::Mapped;
use seqcopy::Version;

/// How a region is read: [`Mapped`], which is the default everywhere, or as a [`File`], by system calls. There is no other.
///
/// | | [`Mapped`] | [`File`] |
/// |---|---|---|
/// | a read | nanoseconds | three system calls |
/// | the file is truncated | kills the process with SIGBUS, or an error ([`survive_truncation`](crate::survive_truncation)) | an error |
/// | of any type | [`Region::open`] | [`Region::open_file`] |
/// | of a type | [`Reader`](crate::Reader), [`MapReader`](crate::MapReader) | [`FileReader`](crate::FileReader), [`FileMap`](crate::FileMap) |
///
/// [`Region::open`]: crate::Region::open
/// [`Region::open_file`]: crate::Region::open_file
pub trait Source: Access {
    /// What methods return that fail only where the file was truncated: `R` for [`Mapped`], and `Result<R, ReadValueError>` for
    /// [`File`].
    type Answer<R>;

    #[doc(hidden)]
    fn answer<R>(result: Result<R, Self::Failure>) -> Self::Answer<R>;
}

/// What regions ask of their source. Public, because [`Source`] is; not named outside, so no other crate can implement it.
pub trait Access: Sized + 'static {
    /// Why a question about the region's words has no answer.
    type Failure: Into<ReadValueError>;

    /// The source that is a file which was inspected.
    fn of(file: Handle, inspected: Inspected) -> Result<Self, Error>;

    fn file(&self) -> &Handle;

    fn inspected(&self) -> &Inspected;

    /// Whether the file has the lock of the region's writer.
    fn is_held(&self) -> bool {
        false
    }

    /// The version of the last published value.
    fn version(&self) -> Result<Version, Self::Failure>;

    fn is_closed(&self) -> Result<bool, Self::Failure>;

    /// The last writer, and how many there were: hints.
    fn writer(&self) -> Result<(Identity, u64), Self::Failure>;

    /// A copy of the value as bytes.
    fn read_bytes(&self) -> Result<(Vec<u8>, Version), ReadValueError>;
}
