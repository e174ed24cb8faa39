//! [`Error`] says why a region can't be created, opened or taken over.

mod calls;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};

pub use calls::{BytesError, ChangeError, ReadValueError, WriteError};
pub use calls::{Uid, WriterState};

use crate::schema::{Difference, SchemaError, VersionError};
use crate::sys::name::{directory_of, located};
use crate::sys::process::is_hidden;

/// Why a region can't be created, opened or taken over: which one, what was expected, what was found, what to do.
///
/// ```
/// # use seqcopy_shm::{ErrorKind, Reader};
/// # #[cfg(unix)] {
/// let error = Reader::<u64>::open("/dev/null").unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::NotRegularFile));
/// assert_eq!(error.to_string(), "`/dev/null`: this is not a regular file, so it can't be a region");
/// # }
/// ```
///
/// `Debug` shows the same message, here and for the other errors of this crate: a `main` that returns an error prints
/// it so.
pub struct Error {
    path: Option<PathBuf>,
    kind: Box<ErrorKind>,
    /// Whether the writer of the region has ended, and no other process has taken over.
    is_left: bool,
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
    #[non_exhaustive]
    Io {
        /// What it refused to do, such as `open it`.
        doing: &'static str,
        /// Its error.
        source: io::Error,
    },
    /// A directory, a device, a pipe.
    NotRegularFile,
    /// The header is not that of a region of this machine: a field does not have the value it must have.
    #[non_exhaustive]
    Header {
        /// Which one.
        field: &'static str,
        /// What it should be.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The file is shorter than its region.
    #[non_exhaustive]
    Truncated {
        /// How many bytes it should have, at least.
        expected: u64,
        /// How many it has.
        found: u64,
    },
    /// The region was made by another version of this library, or for another kind of machine.
    Version(VersionError),
    /// The schema is damaged.
    Schema(SchemaError),
    /// The schema is not the one that the header names.
    #[non_exhaustive]
    Fingerprint {
        /// The one in the header.
        header: u64,
        /// What the schema's bytes hash to.
        schema: u64,
    },
    /// The region holds another type.
    Type(Difference),
    /// Part of the file was never written, or was truncated and extended again.
    #[non_exhaustive]
    Hole {
        /// Where it begins.
        at: u64,
    },
    /// The file is on hugetlbfs, where missing pages cannot be detected without risking SIGBUS.
    HugePages,
    /// A descriptor that came from another process belongs to memory that can be shrunk under its readers.
    Unsealed,
    /// This memory is sealed against new writers.
    WriteSealed,
    /// The path exists already.
    #[non_exhaustive]
    Exists {
        /// Whether a region is there, as far as this process may know: `false` of a directory, and of another program's
        /// file.
        is_region: bool,
        /// The owner of what is there, if it was still there to be asked.
        owner: Option<Uid>,
    },
    /// The file belongs to another user than [`Options::require_owner`](crate::Options::require_owner) demands.
    #[non_exhaustive]
    Owner {
        /// The file's owner.
        found: Uid,
        /// The owner that it should have, if not root.
        required: Uid,
    },
    /// Users other than its owner may write the file, which [`Options::require_owner`](crate::Options::require_owner)
    /// excludes.
    #[non_exhaustive]
    Permissions {
        /// Its permissions.
        mode: u32,
    },
    /// The path ends with a symbolic link, or leads through one that a user other than root or this process's has made.
    /// The call follows neither: [`Options::require_owner`](crate::Options::require_owner), and what replaces a region
    /// or puts one back.
    SymbolicLink,
    /// The file has several names (hard links), which [`Options::require_owner`](crate::Options::require_owner)
    /// excludes: another user may have made this one. Nor is it replaced, since it is a region elsewhere as well.
    HardLinks,
    /// Another process is the writer.
    Writer(WriterState),
    /// This process has a [`Writer`](crate::Writer) of the region already.
    AlreadyWriter,
    /// The last writer closed the region.
    Closed,
    /// This process was forked from the one whose [`Notifier`](crate::Notifier) this is, and does not have its thread.
    Forked,
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
        Error { path: Some(located(path).into()), ..self }
    }

    /// Whether the path is empty.
    fn is_unnamed(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.as_os_str().is_empty())
    }

    /// Whether the opened file is certainly not a region, neither a whole nor a damaged one. It is then not a regular
    /// file, or too short for a header, or does not begin with a region's first bytes.
    pub(crate) fn is_no_region(&self) -> bool {
        matches!(&*self.kind, ErrorKind::NotRegularFile | ErrorKind::Header { field: MAGIC_BYTES | LENGTH, .. })
    }

    /// Whether there was no file at the path: the program that creates the region has not started yet, or has closed
    /// it. A reader can [wait](crate::Options::wait_for_region) for it.
    ///
    /// ```
    /// use seqcopy_shm::{Error, Reader};
    ///
    /// let error: Error = Reader::<u64>::open("/dev/shm/there is no such region").unwrap_err();
    /// assert!(error.is_not_found());
    /// ```
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(&*self.kind, ErrorKind::Io { doing: OPENING, source } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether an open region may exist a moment later, because the program that creates it is just starting.
    pub(crate) fn may_be_there_later(&self) -> bool {
        self.is_not_found() || matches!(&*self.kind, ErrorKind::Closed)
    }

    /// The same error, about a region whose writer has ended.
    pub(crate) fn with_dead_writer(self) -> Error {
        Error { is_left: true, ..self }
    }
}

/// Opens a file with its path.
pub(crate) const OPENING: &str = "open it";
/// Opens a file again through its descriptor.
pub(crate) const REOPENING: &str = "reopen it";
/// Creates a file without a name.
pub(crate) const MAKING: &str = "create a file in the directory";
/// Gives the new file its name.
pub(crate) const NAMING: &str = "link it into place";
/// Creates a file that never has a name.
pub(crate) const MEMFD: &str = "create a memfd";

/// Gives the path of a region to a new region.
pub(crate) const REPLACING: &str = "replace it by a new region";

/// The usual cause if the system refused `doing`, and how to mend it.
fn what_to_do(doing: &str, error: io::ErrorKind) -> &'static str {
    match (doing, error) {
        (OPENING, io::ErrorKind::NotFound) => ": the writer has not created it yet, or it was removed",
        (REOPENING | NAMING, io::ErrorKind::NotFound) if is_hidden() => ": that needs `/proc/self/fd`: mount `/proc`",
        (MAKING | NAMING, io::ErrorKind::NotFound) => ": there is no such directory: create it first",
        (MAKING, io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            ": choose a directory that this user may write, such as that of `path_for`"
        }
        (MEMFD, io::ErrorKind::InvalidInput) => ": its name has at most 249 bytes, and no zero among them",
        (_, io::ErrorKind::StorageFull) => ": free some space in the file system, nothing was left behind",
        _ => "",
    }
}

/// For `map_err`, if the system refused `doing`.
pub(crate) fn io<E: Into<io::Error>>(doing: &'static str) -> impl FnOnce(E) -> Error {
    move |source| ErrorKind::Io { doing, source: source.into() }.into()
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error { path: None, kind: Box::new(kind), is_left: false }
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

debug_by_display! { Error }

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "`{}`: ", path.display())?;
        }
        match &*self.kind {
            ErrorKind::Io { source, .. } if self.is_unnamed() && source.kind() == io::ErrorKind::NotFound => {
                f.write_str("the path is empty: give the region one, such as `path_for(\"pose\")`")
            }
            ErrorKind::Io { doing, source } => {
                write!(f, "cannot {doing}")?;
                if let (&MAKING, Some(path)) = (doing, &self.path) {
                    write!(f, " `{}`", directory_of(path).display())?;
                }
                write!(f, ": {source}{}", what_to_do(doing, source.kind()))
            }
            ErrorKind::NotRegularFile => f.write_str("this is not a regular file, so it can't be a region"),
            ErrorKind::Header { field: MAGIC_BYTES, expected, found } => {
                write!(f, "this file is not a seqcopy region: its first 8 bytes are {found}, expected {expected}")
            }
            ErrorKind::Header { field: LENGTH, expected, found } => {
                write!(f, "this file is not a seqcopy region: it has {found} bytes, expected {expected}")
            }
            ErrorKind::Header { field, expected, found } => {
                write!(f, "this can't be a region: its {field} should be {expected}, found {found}")
            }
            ErrorKind::Truncated { expected, found } => write!(
                f,
                "the file was truncated: it has {found} bytes, expected at least {expected}: have the region created again"
            ),
            ErrorKind::Version(error) => error.fmt(f),
            ErrorKind::Schema(error) => error.fmt(f),
            ErrorKind::Fingerprint { header, schema } => write!(
                f,
                "the schema is damaged: the header has the fingerprint {header:#018x}, the schema {schema:#018x}"
            ),
            ErrorKind::Type(difference) => {
                let what_to_do = if self.is_left {
                    "its writer has ended, so replace it (`Options::replace_other_type`), or use another path (`path_for_type`)"
                } else {
                    "build both programs from one definition. If the type was changed on purpose, open readers with `open_by_fields`, or replace the region (`Options::replace_other_type`)"
                };
                write!(f, "the region holds another type: {difference}: {what_to_do}")
            }
            ErrorKind::Hole { at } => {
                write!(f, "byte {at} was never written: the file was truncated, have the region created again")
            }
            ErrorKind::HugePages => {
                f.write_str("it is memory in huge pages, which may be missing when they are accessed: create the region on a tmpfs or as a memfd")
            }
            ErrorKind::Unsealed => f.write_str(
                "it is memory that its sender could shrink while it is read: seal it with F_SEAL_SHRINK, as `Options::create_memfd` does",
            ),
            ErrorKind::WriteSealed => f.write_str(
                "it is sealed, so that only its first writer can write it: create it with `Options::allow_take_over_fd`",
            ),
            ErrorKind::Exists { is_region: false, .. } => {
                f.write_str("the path exists already, and what is there is not a region: choose another path")
            }
            ErrorKind::Exists { owner: Some(owner), .. } if owner.is_other_user() => write!(
                f,
                "the path exists already and belongs to {owner}, who can read and overwrite what is written there, and kill its \
                 writer by truncating it: do not take it over, choose another name"
            ),
            ErrorKind::Exists { .. } => {
                f.write_str("the path exists already: take the region over with `Writer::take_over` or `Writer::open_or_create`, or remove it if its writer has ended")
            }
            ErrorKind::Owner { found, required } => write!(
                f,
                "it belongs to {found}, and should belong to {required} or root: do not trust it, choose another name or have it removed"
            ),
            ErrorKind::Permissions { mode } => write!(
                f,
                "its permissions ({mode:03o}) let users other than its owner write it: create it with `Options::mode(0o644)` or less"
            ),
            ErrorKind::SymbolicLink => {
                f.write_str("a name in its path is a symbolic link, which may lead anywhere: state the path without it")
            }
            ErrorKind::HardLinks => f.write_str(
                "the file has several names, and another user may have made this one: remove all but its own (`find -samefile` finds them)",
            ),
            ErrorKind::Writer(WriterState::Orphaned { pid }) => write!(
                f,
                "the last writer (process {pid}) has ended, but a process that it forked holds the writer lock: end that process, \
                 `seqcopy locks` names it"
            ),
            ErrorKind::Writer(WriterState::Held) => f.write_str(
                "an unknown process holds the writer lock: `seqcopy locks` names it, if this user may see it",
            ),
            ErrorKind::Writer(WriterState::Gone | WriterState::Never) => {
                f.write_str("there is no writer, but a process holds a read lock on the file: end that process, `seqcopy locks` names it")
            }
            ErrorKind::Writer(state) => write!(f, "another process is the writer, and it is {state}: there can be only one"),
            ErrorKind::AlreadyWriter => f.write_str("this process is the writer already: there can be only one `Writer`"),
            ErrorKind::Closed => f.write_str("its writer closed it: remove it and create a new one"),
            ErrorKind::Forked => {
                f.write_str("this notifier is that of the process that this one was forked from: make another")
            }
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &*self.kind {
            ErrorKind::Io { source, .. } => Some(source),
            ErrorKind::Version(error) => Some(error),
            ErrorKind::Schema(error) => Some(error),
            _ => None,
        }
    }
}

/// The first bytes of the header.
pub(crate) const MAGIC_BYTES: &str = "magic";
/// The length of a file. It is too short for a header.
pub(crate) const LENGTH: &str = "length";

/// The error for a field of the header with a wrong value.
#[allow(clippy::needless_pass_by_value)] // numbers and words
pub(crate) fn mismatch(field: &'static str, expected: impl ToString, found: impl ToString) -> Error {
    ErrorKind::Header { field, expected: expected.to_string(), found: found.to_string() }.into()
}

impl From<VersionError> for Error {
    fn from(error: VersionError) -> Self {
        ErrorKind::Version(error).into()
    }
}
