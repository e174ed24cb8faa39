//! [`seqcopy_status`]: what came of a call, and the message of the last failure.

use core::cell::{Cell, RefCell};
use core::ffi::c_char;

use seqcopy::ReadError;
use seqcopy_shm::untyped::{ReadBytesError, Refused};
use seqcopy_shm::{Error, ErrorKind, ReadValueError, SchemaError, VersionError};

/// What came of a call. The numbers up to 13 are those of the headers that `seqcopy header` prints.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum seqcopy_status {
    /// Success.
    SEQCOPY_OK = 0,
    /// A write was in progress during every attempt: try again while there is a writer.
    SEQCOPY_BUSY = 1,
    /// Writes overlapped every attempt: try again.
    SEQCOPY_TORN = 2,
    /// No value has been written yet.
    SEQCOPY_EMPTY = 3,
    /// The writer closed the region: there will be no more values.
    SEQCOPY_CLOSED = 4,
    /// The bytes are not a value of the type: those that were read, or those that were to be written.
    SEQCOPY_INVALID = 5,
    /// The system refused something: `errno`'s text is in the message.
    SEQCOPY_FAILED = 6,
    /// The file is not a region, or one of another format, byte order or pointer width.
    SEQCOPY_FOREIGN = 7,
    /// The region has another type; the message names the first difference.
    SEQCOPY_OTHER_TYPE = 8,
    /// The header or the schema of the region is damaged.
    SEQCOPY_DAMAGED = 9,
    /// The file is shorter than its region, or its pages were never written.
    SEQCOPY_SHORT = 10,
    /// The key has no entry.
    SEQCOPY_ABSENT = 11,
    /// There are no more entries.
    SEQCOPY_END = 12,
    /// The file was truncated while it was used, and the program called `seqcopy_survive_truncation`.
    SEQCOPY_TRUNCATED = 13,
    /// The writer died in the middle of a write.
    SEQCOPY_WRITER_GONE = 14,
    /// Another process writes the region, or another handle of this one.
    SEQCOPY_HAS_WRITER = 15,
    /// There is something at the path.
    SEQCOPY_EXISTS = 16,
    /// There is nothing at the path.
    SEQCOPY_NOT_FOUND = 17,
    /// The file's owner or its permissions are not as required, or a descriptor is not sealed.
    SEQCOPY_NOT_TRUSTED = 18,
    /// This process was forked from the one that opened the handle.
    SEQCOPY_FORKED = 19,
    /// The map has as many entries as it can have. Other changes of the call were made.
    SEQCOPY_FULL = 20,
    /// A slice has more elements than there is space for.
    SEQCOPY_TOO_LONG = 21,
    /// An argument is null, or not what the function takes: a size that is not that of the type, for example.
    SEQCOPY_ARGUMENT = 22,
    /// Another thread is using the handle.
    SEQCOPY_IN_USE = 23,
    /// A mistake of this library: please report the message.
    SEQCOPY_PANIC = 24,
}

#[allow(clippy::enum_glob_use)] // all of them, which begin with the name
use seqcopy_status::*;

/// Why a call failed.
pub(crate) struct Failure {
    pub(crate) status: seqcopy_status,
    pub(crate) message: String,
}

pub(crate) fn fail<T>(status: seqcopy_status, message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure { status, message: message.into() })
}

#[cold]
pub(crate) fn argument<T>(message: impl Into<String>) -> Result<T, Failure> {
    fail(SEQCOPY_ARGUMENT, message)
}

thread_local! {
    /// With a 0 at its end.
    static MESSAGE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static STATUS: Cell<seqcopy_status> = const { Cell::new(SEQCOPY_OK) };
}

/// The text of the last failure of the calling thread: what was expected, what was found, where, and what to do. It stays until that
/// thread's next call that fails; the empty text before the first.
///
/// ```
/// # use seqcopy_c::*;
/// # use std::{ffi::CStr, ptr::null_mut};
/// // SAFETY: null is refused.
/// let status = unsafe { seqcopy_writer_close(null_mut()) };
/// assert_eq!(status, seqcopy_status::SEQCOPY_ARGUMENT);
/// // SAFETY: this thread's last failure stays meanwhile.
/// let message = unsafe { CStr::from_ptr(seqcopy_message()) };
/// assert_eq!(message.to_str(), Ok("the place of the handle is null"));
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn seqcopy_message() -> *const c_char {
    let at = |message: &RefCell<Vec<u8>>| match &message.borrow()[..] {
        [] => c"".as_ptr(),
        text => text.as_ptr().cast(),
    };
    // A thread that is ending may have none any more.
    MESSAGE.try_with(at).unwrap_or(c"".as_ptr())
}

/// The status of the last failure of the calling thread; `SEQCOPY_OK` before the first.
///
/// ```
/// # use seqcopy_c::*;
/// assert_eq!(seqcopy_last_status(), seqcopy_status::SEQCOPY_OK);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn seqcopy_last_status() -> seqcopy_status {
    STATUS.try_with(Cell::get).unwrap_or(SEQCOPY_OK)
}

#[cold]
pub(crate) fn record(failure: Failure) -> seqcopy_status {
    let Failure { status, message } = failure;
    let mut text = message.into_bytes();
    text.retain(|byte| *byte != 0);
    text.push(0);
    let _ = MESSAGE.try_with(|message| message.replace(text));
    let _ = STATUS.try_with(|last| last.set(status));
    status
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            _ if error.is_no_region() => SEQCOPY_FOREIGN,
            ErrorKind::AlreadyWriter | ErrorKind::Writer(_) => SEQCOPY_HAS_WRITER,
            ErrorKind::Closed => SEQCOPY_CLOSED,
            ErrorKind::Exists { .. } => SEQCOPY_EXISTS,
            ErrorKind::Fingerprint { .. } | ErrorKind::Header { .. } => SEQCOPY_DAMAGED,
            ErrorKind::Forked => SEQCOPY_FORKED,
            ErrorKind::HardLinks
            | ErrorKind::Owner { .. }
            | ErrorKind::Permissions { .. }
            | ErrorKind::SymbolicLink
            | ErrorKind::Unsealed
            | ErrorKind::WriteSealed => SEQCOPY_NOT_TRUSTED,
            ErrorKind::Hole { .. } | ErrorKind::Truncated { .. } => SEQCOPY_SHORT,
            ErrorKind::NotRegularFile | ErrorKind::HugePages | ErrorKind::Version(_) => SEQCOPY_FOREIGN,
            ErrorKind::Schema(error) => return Self::of_schema(error, &error),
            ErrorKind::Type(_) => SEQCOPY_OTHER_TYPE,
            ErrorKind::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => SEQCOPY_NOT_FOUND,
                // The file was truncated while its header was read.
                std::io::ErrorKind::UnexpectedEof => SEQCOPY_SHORT,
                _ => SEQCOPY_FAILED,
            },
            _ => SEQCOPY_FAILED,
        };
        Failure { status, message: error.to_string() }
    }
}

impl Failure {
    pub(crate) fn of_schema(error: &SchemaError, message: &dyn ToString) -> Self {
        let other: Option<VersionError> = error.other_version();
        let status = if other.is_some() { SEQCOPY_FOREIGN } else { SEQCOPY_DAMAGED };
        Failure { status, message: message.to_string() }
    }
}

impl From<ReadBytesError> for Failure {
    fn from(error: ReadBytesError) -> Self {
        let status = match &error {
            ReadBytesError::NotRead(ReadValueError::NoValue(ReadError::Busy)) => SEQCOPY_BUSY,
            ReadBytesError::NotRead(ReadValueError::NoValue(ReadError::Empty)) => SEQCOPY_EMPTY,
            ReadBytesError::NotRead(ReadValueError::Closed) => SEQCOPY_CLOSED,
            ReadBytesError::NotRead(ReadValueError::WriterGone) => SEQCOPY_WRITER_GONE,
            ReadBytesError::NotRead(ReadValueError::Truncated) => SEQCOPY_TRUNCATED,
            ReadBytesError::NotRead(ReadValueError::Length(_)) => SEQCOPY_TOO_LONG,
            ReadBytesError::NotRead(ReadValueError::Forked) => SEQCOPY_FORKED,
            ReadBytesError::NotRead(ReadValueError::NoValue(_)) => SEQCOPY_TORN,
            _ => SEQCOPY_INVALID,
        };
        Failure { status, message: error.to_string() }
    }
}

impl From<Refused> for Failure {
    fn from(error: Refused) -> Self {
        let status = match &error {
            Refused::Full => SEQCOPY_FULL,
            Refused::Forked => SEQCOPY_FORKED,
            Refused::Truncated => SEQCOPY_TRUNCATED,
            _ => SEQCOPY_INVALID,
        };
        Failure { status, message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy::LengthError;
    use seqcopy_shm::WriterState;

    #[test]
    fn every_failure_has_its_status() {
        let kinds = [
            (ErrorKind::AlreadyWriter, SEQCOPY_HAS_WRITER),
            (ErrorKind::Writer(WriterState::Held), SEQCOPY_HAS_WRITER),
            (ErrorKind::Writer(WriterState::Gone), SEQCOPY_HAS_WRITER),
            (ErrorKind::Closed, SEQCOPY_CLOSED),
            (ErrorKind::Forked, SEQCOPY_FORKED),
            (ErrorKind::HardLinks, SEQCOPY_NOT_TRUSTED),
            (ErrorKind::SymbolicLink, SEQCOPY_NOT_TRUSTED),
            (ErrorKind::Unsealed, SEQCOPY_NOT_TRUSTED),
            (ErrorKind::WriteSealed, SEQCOPY_NOT_TRUSTED),
            (ErrorKind::NotRegularFile, SEQCOPY_FOREIGN),
            (ErrorKind::HugePages, SEQCOPY_FOREIGN),
            (ErrorKind::Version(VersionError::ByteOrder), SEQCOPY_FOREIGN),
            (ErrorKind::Schema(seqcopy_shm::Schema::decode(b"none").unwrap_err()), SEQCOPY_DAMAGED),
        ];
        let reads = [
            (ReadValueError::NoValue(ReadError::Busy), SEQCOPY_BUSY),
            (ReadValueError::NoValue(ReadError::Torn), SEQCOPY_TORN),
            (ReadValueError::NoValue(ReadError::Empty), SEQCOPY_EMPTY),
            (ReadValueError::Closed, SEQCOPY_CLOSED),
            (ReadValueError::WriterGone, SEQCOPY_WRITER_GONE),
            (ReadValueError::Truncated, SEQCOPY_TRUNCATED),
            (ReadValueError::Length(LengthError::new(3, 2)), SEQCOPY_TOO_LONG),
            (ReadValueError::Forked, SEQCOPY_FORKED),
        ];
        let writes = [
            (Refused::Full, SEQCOPY_FULL),
            (Refused::Forked, SEQCOPY_FORKED),
            (Refused::Truncated, SEQCOPY_TRUNCATED),
            (Refused::Invalid("why".into()), SEQCOPY_INVALID),
        ];
        let read = |(error, status)| (Failure::from(ReadBytesError::NotRead(error)), status);
        let all = kinds.into_iter().map(|(kind, status)| (Failure::from(Error::from(kind)), status));
        let all = all.chain(reads.into_iter().map(read));
        let all = all.chain(writes.into_iter().map(|(error, status)| (Failure::from(error), status)));
        for (failure, status) in all {
            assert!(
                failure.status == status && !failure.message.is_empty(),
                "{}: {:?}",
                failure.message,
                failure.status
            );
        }
        assert_eq!(Failure::from(ReadBytesError::Invalid("why".into())).status, SEQCOPY_INVALID);
    }
}
