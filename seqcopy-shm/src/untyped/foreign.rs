//! What programs in other languages have of regions: [`__Status`], what an error is to them, which the page "C, C++ and Python" has as a table
//! that a test compares, [`__message`], what it says to them, and [`__Direct`], by which those in C need no call.

use std::fmt::Display;
use std::io;

use crate::error::{BytesError, ChangeError, Error, ErrorKind, ReadValueError};
use crate::schema::SchemaError;
use seqcopy::ReadError;

/// What headers in C need to access a region without a call. It is valid until the handle has another region.
#[doc(hidden)]
#[derive(Debug)]
pub struct __Direct {
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
        #[doc(hidden)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum __Status { $($name),+ }

        impl __Status {
            /// All of them, for tests.
            pub const ALL: &[__Status] = &[$(__Status::$name),+];
        }
    };
}

statuses! {
    Busy Torn Empty Closed Invalid Failed Foreign OtherType Damaged Short Truncated WriterGone HasWriter Exists NotFound NotTrusted Forked
    Full TooLong
}

/// The language of the program that gets a message. For seqcopy-c and seqcopy-python.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum __Language {
    C = 1,
    Python = 2,
}

/// What messages say of this crate, in Rust, and what they say in its place in C and in Python. What only Rust has is left out.
#[doc(hidden)]
pub const __NAMES: &[[&str; 3]] = &[
    ["`Options::replace_smaller`", "`seqcopy_options.replace_smaller`", "`replace_smaller=True`"],
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
    ["`MapReader`, or `FileMap`", "`seqcopy_map_reader_open`", "`MapReader`"],
    ["open it with `MapReader`", "open it with `seqcopy_map_reader_open`", "open it with `MapReader`"],
    ["open it with `Reader`", "open it with `seqcopy_reader_open`", "open it with `Reader`"],
    ["`writer_state` names", "`seqcopy_region_writer_state` names", "`writer_state` names"],
    ["that of `path_for`", "`/dev/shm`", "`/dev/shm`"],
    ["`path_for(\"pose\")`", "`/dev/shm/pose`", "`/dev/shm/pose`"],
    [" (`path_for_type`)", "", ""],
];

/// What an error says, with the names that the language has.
#[doc(hidden)]
#[must_use]
pub fn __message(language: __Language, error: &dyn Display) -> String {
    let mut text = error.to_string();
    if text.contains('`') {
        for names in __NAMES.iter().filter(|names| names[0] != names[language as usize]) {
            if text.contains(names[0]) {
                text = text.replace(names[0], names[language as usize]);
            }
        }
    }
    text
}

impl Error {
    #[doc(hidden)]
    #[must_use]
    pub fn __status(&self) -> __Status {
        match self.kind() {
            _ if self.is_no_region() => __Status::Foreign,
            ErrorKind::NotRegularFile | ErrorKind::HugePages | ErrorKind::Version(_) => __Status::Foreign,
            ErrorKind::Fingerprint { .. } | ErrorKind::Header { .. } => __Status::Damaged,
            ErrorKind::Schema(error) => error.__status(),
            ErrorKind::Type(_) => __Status::OtherType,
            ErrorKind::AlreadyWriter | ErrorKind::Writer(_) => __Status::HasWriter,
            ErrorKind::Closed => __Status::Closed,
            ErrorKind::Exists { .. } => __Status::Exists,
            ErrorKind::Forked => __Status::Forked,
            ErrorKind::HardLinks
            | ErrorKind::Owner { .. }
            | ErrorKind::Permissions { .. }
            | ErrorKind::SymbolicLink
            | ErrorKind::Unsealed
            | ErrorKind::WriteSealed => __Status::NotTrusted,
            ErrorKind::Hole { .. } | ErrorKind::Truncated { .. } => __Status::Short,
            ErrorKind::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => __Status::NotFound,
                // The file was truncated while its header was read.
                io::ErrorKind::UnexpectedEof => __Status::Short,
                _ => __Status::Failed,
            },
        }
    }
}

impl SchemaError {
    #[doc(hidden)]
    #[must_use]
    pub fn __status(&self) -> __Status {
        if self.other_version().is_some() { __Status::Foreign } else { __Status::Damaged }
    }
}

impl BytesError {
    #[doc(hidden)]
    #[must_use]
    pub fn __status(&self) -> __Status {
        match self {
            BytesError::NotRead(error) => of_read(*error),
            BytesError::NotWritten(error) => of_change(*error),
            BytesError::Invalid(_) => __Status::Invalid,
        }
    }
}

fn of_read(error: ReadValueError) -> __Status {
    match error {
        ReadValueError::NoValue(ReadError::Busy) => __Status::Busy,
        ReadValueError::NoValue(ReadError::Empty) => __Status::Empty,
        ReadValueError::NoValue(_) => __Status::Torn,
        ReadValueError::Invalid(_) => __Status::Invalid,
        ReadValueError::Closed => __Status::Closed,
        ReadValueError::WriterGone => __Status::WriterGone,
        ReadValueError::Truncated => __Status::Truncated,
        ReadValueError::Length(_) | ReadValueError::Capacity(_) => __Status::TooLong,
        ReadValueError::Forked => __Status::Forked,
        ReadValueError::IsMap => __Status::OtherType,
        // No other language writes parts.
        ReadValueError::SeveralBuffers => __Status::Failed,
    }
}

fn of_change(error: ChangeError) -> __Status {
    match error {
        ChangeError::Capacity(_) => __Status::TooLong,
        ChangeError::Full => __Status::Full,
        ChangeError::Forked => __Status::Forked,
        ChangeError::Truncated => __Status::Truncated,
        ChangeError::Invalid(_) => __Status::Invalid,
    }
}
