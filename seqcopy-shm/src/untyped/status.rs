//! [`__Status`]: what an error is to programs in other languages. The page "C, C++ and Python" has this as a table, which a test compares.

use std::io;

use seqcopy::ReadError;

use crate::error::BytesError;
use crate::{ChangeError, Error, ErrorKind, ReadValueError, SchemaError};

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
