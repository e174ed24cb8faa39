//! What can go wrong with regions, as types.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};

use super::{Difference, SchemaError, Uid, VersionError, WriterState};
use seqcopy::InvalidValue;

/// Why a region can't be made, opened or taken over: which one, what was expected, what was found, what to do.
///
/// ```
/// # use seqcopy_shm::{ErrorKind, Reader};
/// let error = Reader::<u64>::open("/dev/null").unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::NoFile));
/// assert_eq!(error.to_string(), "`/dev/null`: this is no file, so it can't be a region");
/// ```
#[derive(Debug)]
pub struct Error {
    path: Option<PathBuf>,
    kind: Box<ErrorKind>,
}

/// What went wrong.
///
/// ```
/// # use seqcopy_shm::{ErrorKind, Reader};
/// let error = Reader::<u64>::open("/dev/shm/there is no such region").unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::Io { .. }));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The system refused.
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A directory, a device, a pipe.
    NoFile,
    /// The header is not that of a region, or not that of a region of this machine.
    Header(HeaderError),
    /// It is a region, but of another version of this library, or of another kind of machine.
    Version(VersionError),
    /// The schema is damaged.
    Schema(SchemaError),
    /// The schema is not the one that the header names.
    Fingerprint {
        /// What the header says.
        header: u64,
        /// What the schema's bytes hash to.
        schema: u64,
    },
    /// The region holds another type.
    Type(Difference),
    /// Part of the file was never written, or cut off and grown again.
    Hole {
        /// Where it begins.
        at: u64,
    },
    /// The file is on hugetlbfs, where missing pages cannot be detected without risking SIGBUS.
    HugePages,
    /// A descriptor that came from another process belongs to memory that can be shrunk under its readers.
    Unsealed,
    /// No process can write this memory any more: its maker has sealed it against that.
    WriteSealed,
    /// There is something already.
    Exists {
        /// Whose it is, if that could still be asked.
        owner: Option<Uid>,
    },
    /// It belongs to another user than [`Options::require_owner`](super::Options::require_owner) policy.
    Owner {
        /// Whose it is.
        found: Uid,
        /// Whose it should be, if not root's.
        required: Uid,
    },
    /// Others than its owner may write it, which [`Options::require_owner`](super::Options::require_owner) excludes.
    Permissions {
        /// Its permissions.
        mode: u32,
    },
    /// A symbolic link, which [`Options::require_owner`](super::Options::require_owner) does not follow.
    SymbolicLink,
    /// Another process writes.
    Writer(WriterState),
    /// This process writes already.
    WriterHere,
    /// The last writer closed the region for good.
    Closed,
}

impl Error {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The region's path, if it was opened by one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(crate) fn at(self, path: &Path) -> Error {
        Error { path: Some(path.into()), ..self }
    }
}

/// Opening a file by its path.
pub(crate) const OPENING: &str = "opening it";
/// Opening a file by a descriptor of it.
pub(crate) const REOPENING: &str = "opening it once more";
/// Making a file without a name.
pub(crate) const MAKING: &str = "making a file in its directory";
/// Giving such a file a name.
pub(crate) const NAMING: &str = "giving it its name";

/// What it most often means if something was not found, and what to do.
fn not_found(doing: &str) -> &'static str {
    match doing {
        OPENING => ": its writer has not made it yet, or it was removed",
        MAKING => ": there is no such directory: make it first",
        REOPENING | NAMING if cfg!(target_os = "linux") => ": that needs `/proc/self/fd`: mount `/proc`",
        _ => "",
    }
}

/// For `map_err`: the system refused while something was being done.
pub(crate) fn io<E: Into<io::Error>>(doing: &'static str) -> impl FnOnce(E) -> Error {
    move |source| ErrorKind::Io { doing, source: source.into() }.into()
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error { path: None, kind: Box::new(kind) }
    }
}

impl From<SchemaError> for Error {
    fn from(error: SchemaError) -> Self {
        match error.other_version() {
            Some(version) => version.into(),
            None => ErrorKind::Schema(error).into(),
        }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "`{}`: ", path.display())?;
        }
        match &*self.kind {
            ErrorKind::Io { doing, source } if source.kind() == io::ErrorKind::NotFound => {
                write!(f, "{doing}: {source}{}", not_found(doing))
            }
            ErrorKind::Io { doing, source } if source.kind() == io::ErrorKind::StorageFull => {
                write!(f, "{doing}: {source}: free some space in the file system, nothing was left behind")
            }
            ErrorKind::Io { doing, source } => write!(f, "{doing}: {source}"),
            ErrorKind::NoFile => f.write_str("this is no file, so it can't be a region"),
            ErrorKind::Header(error) => error.fmt(f),
            ErrorKind::Version(error) => error.fmt(f),
            ErrorKind::Schema(error) => error.fmt(f),
            ErrorKind::Fingerprint { header, schema } => write!(
                f,
                "the schema is damaged: the header names fingerprint {header:#018x}, the schema has {schema:#018x}"
            ),
            ErrorKind::Type(difference) => {
                write!(f, "the region holds another type: {difference}: build both programs from one definition")
            }
            ErrorKind::Hole { at } => {
                write!(f, "nothing was ever written at byte {at}: the file was cut off, have it made anew")
            }
            ErrorKind::HugePages => {
                f.write_str("memory in huge pages, which may be missing when they are touched: make the region on a tmpfs or as a memfd")
            }
            ErrorKind::Unsealed => f.write_str(
                "memory that its sender could shrink under its readers: seal it with F_SEAL_SHRINK, as `Options::create_memfd` does",
            ),
            ErrorKind::WriteSealed => f.write_str(
                "it is sealed, so that nothing but its first writer can write it: make it with `Options::allow_take_over_fd`",
            ),
            ErrorKind::Exists { owner: Some(owner) } if owner.is_stranger() => write!(
                f,
                "there is something already, and it belongs to {owner}, who can read what is written there, write it as well, and \
                 end its writer by making it shorter: do not take it over, take another name"
            ),
            ErrorKind::Exists { .. } => {
                f.write_str("there is a region already: take it over with `Writer::take_over`, or remove it")
            }
            ErrorKind::Owner { found, required } => write!(
                f,
                "it belongs to {found}, and should to {required} or root: do not trust it, take another name or have it removed"
            ),
            ErrorKind::Permissions { mode } => write!(
                f,
                "its permissions ({mode:03o}) let others than its owner write it: make it with `Options::mode(0o644)` or less"
            ),
            ErrorKind::SymbolicLink => {
                f.write_str("this is a symbolic link, which may lead anywhere: open what it leads to")
            }
            ErrorKind::Writer(WriterState::Orphaned { pid }) => write!(
                f,
                "a process that was forked by the last writer (process {pid}, which has ended) holds its lock: end that one, \
                 which `seqcopy locks` names"
            ),
            ErrorKind::Writer(WriterState::Held) => f.write_str(
                "a process holds its lock, and which one is not known here: `seqcopy locks` names it, to a user who may see it",
            ),
            ErrorKind::Writer(WriterState::Gone | WriterState::Never) => {
                f.write_str("nobody writes, but some process holds a lock for reading on the file: end that one, which `seqcopy locks` names")
            }
            ErrorKind::Writer(state) => write!(f, "another process writes: the writer is {state}; there can be one only"),
            ErrorKind::WriterHere => f.write_str("this process writes already: there can be one `Writer` only"),
            ErrorKind::Closed => f.write_str("its writer closed it for good: remove it and make a new one"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &*self.kind {
            ErrorKind::Io { source, .. } => Some(source),
            ErrorKind::Header(error) => Some(error),
            ErrorKind::Version(error) => Some(error),
            ErrorKind::Schema(error) => Some(error),
            _ => None,
        }
    }
}

/// A part of the header that makes no sense.
///
/// ```
/// # use seqcopy_shm::{ErrorKind, Reader};
/// # let path = std::env::temp_dir().join(format!("seqcopy-doc-{}", std::process::id()));
/// std::fs::write(&path, [0; 4096]).unwrap();
/// let error = Reader::<u64>::open(&path).unwrap_err();
/// let ErrorKind::Header(error) = error.kind() else { panic!() };
/// assert!(error.to_string().starts_with("this is no region of this machine: its magic should be "));
/// # std::fs::remove_file(&path).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderError {
    what: &'static str,
    expected: String,
    found: String,
}

impl HeaderError {
    #[allow(clippy::needless_pass_by_value)] // numbers and words
    pub(crate) fn new(what: &'static str, expected: impl ToString, found: impl ToString) -> Self {
        HeaderError { what, expected: expected.to_string(), found: found.to_string() }
    }
}

impl Display for HeaderError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let HeaderError { what, expected, found } = self;
        write!(f, "this is no region of this machine: its {what} should be {expected}, found {found}")
    }
}

impl core::error::Error for HeaderError {}

impl From<VersionError> for Error {
    fn from(error: VersionError) -> Self {
        ErrorKind::Version(error).into()
    }
}

/// Why a read gave no value. The region is as it was; what the reader read before is still true of its time.
///
/// ```
/// # use seqcopy_shm::{self as shm, ReadValueError, Reader, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-read-error-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// let reader = Reader::<u64>::open(&path)?;
/// assert_eq!(reader.read(), Err(ReadValueError::NotConsistent(seqcopy::ReadError::Empty)));
/// writer.close()?;
/// assert_eq!(reader.read(), Err(ReadValueError::Closed));
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadValueError {
    /// No attempt found a value at rest, or there is none yet.
    NotConsistent(seqcopy::ReadError),
    /// What lies there is no value of the type: some process wrote it without having one.
    Invalid(InvalidValue),
    /// The writer closed the region for good.
    Closed,
    /// A write was begun, and the process that did is gone: there is no value until the next writer writes one. Readers of a
    /// latch never see this.
    WriterGone,
    /// The file was made shorter, or can't be read any more. Only [`FileReader`](super::FileReader) can say so.
    CutOff,
}

impl Display for ReadValueError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ReadValueError::NotConsistent(error @ seqcopy::ReadError::Busy) => {
                write!(
                    f,
                    "{error}: if that stays so, its writer may be stopped, and `writer_state` says which process it is"
                )
            }
            ReadValueError::NotConsistent(error) => error.fmt(f),
            ReadValueError::Invalid(error) => error.fmt(f),
            ReadValueError::Closed => f.write_str("the writer closed the region: there will be no more values"),
            ReadValueError::CutOff => {
                f.write_str("the file was made shorter: have the region made anew, and open that")
            }
            ReadValueError::WriterGone => {
                f.write_str("the writer died in the middle of a write: wait for the next, or make the region a latch")
            }
        }
    }
}

impl core::error::Error for ReadValueError {}

impl From<seqcopy::ReadError> for ReadValueError {
    fn from(error: seqcopy::ReadError) -> Self {
        ReadValueError::NotConsistent(error)
    }
}

impl From<InvalidValue> for ReadValueError {
    fn from(error: InvalidValue) -> Self {
        ReadValueError::Invalid(error)
    }
}

/// This process was forked from the one that has the [`Writer`](super::Writer), and must not write: there would be two.
///
/// ```
/// # use seqcopy_shm::Forked;
/// assert_eq!(Forked.to_string(), "this process was forked from the writer's: take the region over when that one is gone");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forked;

impl Display for Forked {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("this process was forked from the writer's: take the region over when that one is gone")
    }
}

impl core::error::Error for Forked {}

/// Why there was nothing to update.
///
/// ```
/// # use seqcopy_shm::{self as shm, UpdateError, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-update-error-{}", std::process::id()));
/// let mut writer = Writer::<u64>::create(&path)?;
/// let nothing = UpdateError::NoValue(seqcopy::ReadError::Empty.into());
/// assert_eq!(writer.update(|n| *n += 1), Err(nothing));
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateError {
    /// This process was forked from the writer's.
    Forked,
    /// There is no last value: none was written, a writer died while writing it, or it is not valid.
    NoValue(ReadValueError),
}

impl Display for UpdateError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            UpdateError::Forked => Forked.fmt(f),
            UpdateError::NoValue(error) => write!(f, "there is no value to update, write a whole one: {error}"),
        }
    }
}

impl core::error::Error for UpdateError {}

impl From<Forked> for UpdateError {
    fn from(_: Forked) -> Self {
        UpdateError::Forked
    }
}
