//! The errors of calls on an open region. A read returns [`ReadValueError`], a write [`WriteError`] or [`ChangeError`].
//! The readers and writers in [`untyped`](crate::untyped) return [`BytesError`]. This file also has the owner of a
//! region's file, [`Uid`], and the state of its writer, [`WriterState`].

use std::convert::Infallible;
use std::fmt::{self, Display, Formatter};

use seqcopy::{CapacityError, InvalidValue, LengthError};

use crate::sys::process::{self, User, effective_user};

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
    /// The map has as many entries as it can have, [`MapWriter::capacity`](crate::MapWriter::capacity): nothing was
    /// changed by this change.
    Full,
    /// This process was forked from the writer's process: nothing was changed.
    Forked,
    /// The file was truncated, so no reader sees what is written: as [`WriteError::Truncated`].
    Truncated,
    /// The value of the map that was there is not a valid one: a process wrote it that did not have one. `insert` and
    /// `remove` were carried out all the same; `update`, `insert_if_absent` and `get` changed nothing.
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
    /// The writer ended in the middle of a write: there is no value until the next writer writes one. Readers of a
    /// latch never get this.
    WriterGone,
    /// The file was truncated, or can't be read any more. Readers that do not map it see that
    /// ([`FileReader`](crate::FileReader), [`Unmapped`](crate::Unmapped)), and the others after
    /// [`survive_truncation`](crate::survive_truncation).
    Truncated,
    /// A slice has more elements than there is space for, or fewer than were asked for. Only readers of slices return
    /// it.
    Length(LengthError),
    /// An update made a slice longer than its region has space for.
    Capacity(CapacityError),
    /// The region has several buffers, and the other ones have older values: a part can be written only to a region
    /// with one ([`Options::buffers`](crate::Options::buffers)). Only [`Writer::write_part`](crate::Writer::write_part)
    /// and [`Writer::update_part`](crate::Writer::update_part) return it.
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
                f.write_str("the region holds a map, not a value: read it with `MapReader`")
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

/// Why no bytes were read from a region whose type is known by its schema only, or none written.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, ReadValueError, Schema, untyped::{BytesError, Reader, Writer}};
/// # let path = shm::path_for(&format!("seqcopy-doc-bytes-error-{}", std::process::id()));
/// let mut writer = Writer::open_or_create(&path, &Schema::of::<bool>(), &Options::new())?;
/// let error = writer.write_bytes(&[2]).unwrap_err();
/// assert_eq!(error, BytesError::Invalid("invalid `bool`: found 0x2, expected a `bool`: 0 or 1".to_owned()));
///
/// let reader = Reader::open(&path)?;
/// let empty = ReadValueError::NoValue(seqcopy::ReadError::Empty);
/// assert_eq!(reader.read_into(&mut [0]), Err(BytesError::NotRead(empty)));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BytesError {
    /// No value was read: as for a reader of the type.
    NotRead(ReadValueError),
    /// Nothing was written: as for a writer of the type. Of several changes of a map, those that had space were made.
    NotWritten(ChangeError),
    /// What was read, or should be written, is not a value of the type: where, and why.
    Invalid(String),
}

impl Display for BytesError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            BytesError::NotRead(error) => error.fmt(f),
            BytesError::NotWritten(error) => error.fmt(f),
            BytesError::Invalid(why) => f.write_str(why),
        }
    }
}

debug_by_display! { BytesError }

impl core::error::Error for BytesError {}

impl From<ReadValueError> for BytesError {
    fn from(error: ReadValueError) -> Self {
        BytesError::NotRead(error)
    }
}

impl From<ChangeError> for BytesError {
    fn from(error: ChangeError) -> Self {
        BytesError::NotWritten(error)
    }
}

impl From<WriteError> for BytesError {
    fn from(error: WriteError) -> Self {
        BytesError::NotWritten(error.into())
    }
}

/// Whether a region has a writer, as far as the process that asks can know.
///
/// The region names its last writer, the system knows whether the writer lock is held, and `/proc` shows whether that
/// process still runs. If one of these can't be read, the answer is not guessed but [`Held`](Self::Held).
///
/// ```
/// # use seqcopy_shm::{self as shm, Reader, Writer, WriterState};
/// # let path = shm::path_for(&format!("seqcopy-doc-state-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// let reader = Reader::<u64>::open(&path)?;
/// assert!(matches!(reader.writer_state(), WriterState::Alive { pid, .. } if pid == std::process::id()));
/// drop(writer);
/// assert_eq!(reader.writer_state(), WriterState::Gone);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriterState {
    /// The region has a writer.
    #[non_exhaustive]
    Alive {
        /// Its process id: a hint, which the writer itself has recorded.
        pid: u32,
    },
    /// Its writer has ended, and no other has taken over yet.
    Gone,
    /// The writer has ended, but the writer lock is still held, by a process that it forked or that has its descriptor.
    /// No process can take over until that one ends; the command `seqcopy locks` names it.
    #[non_exhaustive]
    Orphaned {
        /// The process id of the writer that has ended.
        pid: u32,
    },
    /// A process holds the writer lock, and it can't be known which: it is just becoming the writer or ceasing to be
    /// it; or it runs in another PID namespace (a container); or `/proc` hides it (`hidepid`), is not mounted, or can't
    /// be read because this process has no descriptors left. Treat it as alive: no other process can write.
    Held,
    /// The region never had a writer.
    Never,
}

impl fmt::Display for WriterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriterState::Alive { pid } => write!(f, "alive (process {pid})"),
            WriterState::Gone => f.write_str("gone"),
            WriterState::Orphaned { pid } => {
                write!(f, "orphaned (process {pid} has ended, but a process that it forked holds the writer lock)")
            }
            WriterState::Held => f.write_str("held (an unknown process holds the writer lock)"),
            WriterState::Never => f.write_str("none yet"),
        }
    }
}

/// A user id: the owner of a region's file.
///
/// ```
/// # use seqcopy_shm::{self as shm, Region, Uid, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-uid-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// assert_eq!(Region::open(&path)?.owner(), Uid::effective());
/// # #[cfg(unix)]
/// assert_eq!(Uid::from_raw(1000).to_string(), "user 1000");
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uid(User);

impl Uid {
    /// The superuser.
    pub const ROOT: Uid = Uid(process::ROOT);

    /// The effective user of this process, which owns the files that it creates.
    #[must_use]
    pub fn effective() -> Uid {
        Uid(effective_user())
    }

    /// The owner of a file.
    pub(crate) const fn of(user: User) -> Uid {
        Uid(user)
    }

    /// The user's part of a path.
    pub(crate) fn number(self) -> String {
        process::user_name(self.0).trim_start_matches("user ").to_owned()
    }

    /// The user with this id.
    #[cfg(unix)]
    #[must_use]
    pub const fn from_raw(id: u32) -> Uid {
        Uid(id)
    }

    /// The id as a number.
    #[cfg(unix)]
    #[must_use]
    pub const fn as_raw(self) -> u32 {
        self.0
    }

    /// Whether this process must not trust the user: any user except for its own and for root, which may do everything
    /// anyway.
    pub(crate) fn is_other_user(self) -> bool {
        self != Uid::ROOT && self != Uid::effective()
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&process::user_name(self.0))
    }
}
