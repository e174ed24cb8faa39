//! Errors of the library as exceptions.

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyFileExistsError, PyFileNotFoundError};
use pyo3::prelude::*;
use seqcopy_shm::untyped::{ReadBytesError, Refused};
use seqcopy_shm::{ErrorKind, ReadValueError, SchemaError};

macro_rules! exceptions {
    ($($name:ident, $base:ident: $doc:literal)+) => {
        $(create_exception!(seqcopy, $name, $base, $doc);)+

        pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
            $(module.add(stringify!($name), module.py().get_type::<$name>())?;)+
            Ok(())
        }
    };
}

exceptions! {
    Error, PyException: "Why a region can't be opened, read or written."
    NoValue, Error: "Nothing was written yet, or writes overlapped every attempt: try again."
    Closed, Error: "The writer closed the region: there will be no more values."
    Invalid, Error: "The bytes are not a value of the type."
    OtherType, Error: "The region has another type, or no type that is known here."
    HasWriter, Error: "Another process writes the region, or another writer of this one."
    Full, Error: "The map, or the slice, has space for fewer."
}

pub(crate) fn of_region(error: seqcopy_shm::Error) -> PyErr {
    let message = error.to_string();
    match error.kind() {
        ErrorKind::Closed => Closed::new_err(message),
        ErrorKind::Type(_) | ErrorKind::Version(_) | ErrorKind::Schema(_) => OtherType::new_err(message),
        ErrorKind::AlreadyWriter | ErrorKind::Writer(_) => HasWriter::new_err(message),
        ErrorKind::Exists { .. } => PyFileExistsError::new_err(message),
        ErrorKind::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            PyFileNotFoundError::new_err(message)
        }
        _ => Error::new_err(message),
    }
}

pub(crate) fn of_schema(error: SchemaError) -> PyErr {
    OtherType::new_err(error.to_string())
}

pub(crate) fn of_read(error: ReadBytesError) -> PyErr {
    let message = error.to_string();
    match error {
        ReadBytesError::NotRead(ReadValueError::NoValue(_) | ReadValueError::WriterGone) => NoValue::new_err(message),
        ReadBytesError::NotRead(ReadValueError::Closed) => Closed::new_err(message),
        ReadBytesError::NotRead(ReadValueError::Length(_)) => Full::new_err(message),
        ReadBytesError::Invalid(_) => Invalid::new_err(message),
        _ => Error::new_err(message),
    }
}

pub(crate) fn of_write(error: Refused) -> PyErr {
    let message = error.to_string();
    match error {
        Refused::Invalid(_) => Invalid::new_err(message),
        Refused::Full => Full::new_err(message),
        _ => Error::new_err(message),
    }
}
