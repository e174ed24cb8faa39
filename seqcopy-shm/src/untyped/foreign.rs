//! Support for C and Python. `Status` is the code of an error there; a test compares it with the table of the page "C,
//! C++ and Python". `message` is the text of an error with the names of that language. `Direct` lets programs in C read
//! and write without a call.

use std::fmt::Display;
use std::io;

use crate::error::{BytesError, ChangeError, Error, ErrorKind, ReadValueError};
pub use crate::handle::{AnyReader, AnyWriter};
use crate::schema::SchemaError;
use seqcopy::ReadError;

/// What headers in C need to access a region without a call. It is valid until the handle has another region.
#[derive(Debug)]
pub struct Direct {
    /// The word of the region, whose buffers lie where the type has them.
    pub word: *const u64,
    /// How many there are, less one.
    pub last: u64,
    /// The byte that is 1 as long as this process may write; null for a reader.
    pub may_write: *const core::sync::atomic::AtomicU8,
    /// Moves bytes out of a buffer, or into one.
    pub move_bytes: unsafe extern "C" fn(*const u8, *mut u8, usize),
}

macro_rules! statuses {
    ($($name:ident)+) => {
        /// The status in C of an error, from which Python has its class. For seqcopy-c and seqcopy-python.
                #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Status { $($name),+ }

        impl Status {
            /// All of them, for tests.
            pub const ALL: &[Status] = &[$(Status::$name),+];
        }
    };
}

statuses! {
    Busy Torn Empty Closed Invalid Failed Foreign OtherType Damaged Short Truncated WriterGone HasWriter Exists NotFound NotTrusted Forked
    Full TooLong
}

/// The language of the program that gets a message. For seqcopy-c and seqcopy-python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    C = 1,
    Python = 2,
}

/// What messages say of this crate, in Rust, and what they say in its place in C and in Python. What only Rust has is
/// left out.
pub const NAMES: &[[&str; 3]] = &[
    ["`Options::replace_smaller`", "`seqcopy_options.replace_smaller`", "`replace_smaller=True`"],
    ["`open_by_fields`", "`seqcopy_reader_open_by_fields`", "`by_fields=True`"],
    ["`Options::replace_other_type`", "`seqcopy_options.replace_other_type`", "`replace_other_type=True`"],
    [" (`Options::capacity`)", " (`seqcopy_options.capacity`)", " (`capacity`)"],
    ["`Options::mode(0o644)`", "`seqcopy_options.mode` 0644", "`mode=0o644`"],
    [", as `Options::create_memfd` does", "", ""],
    [": create it with `Options::allow_take_over_fd`", "", ""],
    [
        "`Writer::take_over` or `Writer::open_or_create`",
        "`seqcopy_writer_take_over` or `seqcopy_writer_open_or_create`",
        "`Writer.take_over` or `Writer.open_or_create`",
    ],
    ["only one `Writer`", "only one `seqcopy_writer`", "only one `Writer`"],
    ["read it with `MapReader`", "read it with `seqcopy_map_reader_open`", "read it with `MapReader`"],
    ["open it with `MapReader`", "open it with `seqcopy_map_reader_open`", "open it with `MapReader`"],
    ["open it with `Reader`", "open it with `seqcopy_reader_open`", "open it with `Reader`"],
    ["`writer_state` names", "`seqcopy_region_writer_state` names", "`writer_state` names"],
    ["that of `path_for`", "`/dev/shm`", "`/dev/shm`"],
    ["`path_for(\"pose\")`", "`/dev/shm/pose`", "`/dev/shm/pose`"],
    [" (`path_for_type`)", "", ""],
];

/// What an error says, with the names that the language has.
#[must_use]
pub fn message(language: Language, error: &dyn Display) -> String {
    let mut text = error.to_string();
    if text.contains('`') {
        for names in NAMES.iter().filter(|names| names[0] != names[language as usize]) {
            if text.contains(names[0]) {
                text = text.replace(names[0], names[language as usize]);
            }
        }
    }
    text
}

/// An error that has a status.
pub trait HasStatus {
    /// The status of an error.
    fn status(&self) -> Status;
}

impl HasStatus for Error {
    fn status(&self) -> Status {
        match self.kind() {
            _ if self.is_no_region() => Status::Foreign,
            ErrorKind::NotRegularFile | ErrorKind::HugePages | ErrorKind::Version(_) => Status::Foreign,
            ErrorKind::Fingerprint { .. } | ErrorKind::Header { .. } => Status::Damaged,
            ErrorKind::Schema(error) => error.status(),
            ErrorKind::Type(_) => Status::OtherType,
            ErrorKind::AlreadyWriter | ErrorKind::Writer(_) => Status::HasWriter,
            ErrorKind::Closed => Status::Closed,
            ErrorKind::Exists { .. } => Status::Exists,
            ErrorKind::Forked => Status::Forked,
            ErrorKind::HardLinks
            | ErrorKind::Owner { .. }
            | ErrorKind::Permissions { .. }
            | ErrorKind::SymbolicLink
            | ErrorKind::Unsealed
            | ErrorKind::WriteSealed => Status::NotTrusted,
            ErrorKind::Hole { .. } | ErrorKind::Truncated { .. } => Status::Short,
            ErrorKind::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => Status::NotFound,
                // The file was truncated while its header was read.
                io::ErrorKind::UnexpectedEof => Status::Short,
                _ => Status::Failed,
            },
        }
    }
}

impl HasStatus for SchemaError {
    fn status(&self) -> Status {
        if self.other_version().is_some() { Status::Foreign } else { Status::Damaged }
    }
}

impl HasStatus for BytesError {
    fn status(&self) -> Status {
        match self {
            BytesError::NotRead(error) => of_read(*error),
            BytesError::NotWritten(error) => of_change(*error),
            BytesError::Invalid(_) => Status::Invalid,
        }
    }
}

fn of_read(error: ReadValueError) -> Status {
    match error {
        ReadValueError::NoValue(ReadError::Busy) => Status::Busy,
        ReadValueError::NoValue(ReadError::Empty) => Status::Empty,
        ReadValueError::NoValue(_) => Status::Torn,
        ReadValueError::Invalid(_) => Status::Invalid,
        ReadValueError::Closed => Status::Closed,
        ReadValueError::WriterGone => Status::WriterGone,
        ReadValueError::Truncated => Status::Truncated,
        ReadValueError::Length(_) | ReadValueError::Capacity(_) => Status::TooLong,
        ReadValueError::Forked => Status::Forked,
        ReadValueError::IsMap => Status::OtherType,
        // Other languages write no parts.
        ReadValueError::SeveralBuffers => Status::Failed,
    }
}

fn of_change(error: ChangeError) -> Status {
    match error {
        ChangeError::Capacity(_) => Status::TooLong,
        ChangeError::Full => Status::Full,
        ChangeError::Forked => Status::Forked,
        ChangeError::Truncated => Status::Truncated,
        ChangeError::Invalid(_) => Status::Invalid,
    }
}
