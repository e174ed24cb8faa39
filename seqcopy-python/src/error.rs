//! Errors of the library as Python exceptions. [`helper`] calls the part of the package that is written in Python;
//! [`Any`] is its argument and result.

use std::path::Path;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyFileExistsError, PyFileNotFoundError, PyIsADirectoryError, PyValueError};
use pyo3::prelude::*;
use seqcopy_shm::untyped::__foreign::{HasStatus as _, Language, Status, message as in_words};
use seqcopy_shm::untyped::BytesError;
use seqcopy_shm::{ErrorKind, SchemaError};

/// An object of any class.
pub(crate) type Any<'py> = Bound<'py, PyAny>;

/// A function of the package that is written in Python.
pub(crate) fn helper<'py>(py: Python<'py>, name: &str) -> PyResult<Any<'py>> {
    py.import("seqcopy._helpers")?.getattr(name)
}

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

/// The exception class of an error. The page "C, C++ and Python" has a table of them.
fn of(status: Status, message: String) -> PyErr {
    match status {
        Status::Busy | Status::Torn | Status::Empty | Status::WriterGone => NoValue::new_err(message),
        Status::Closed => Closed::new_err(message),
        Status::Invalid => Invalid::new_err(message),
        Status::OtherType | Status::Foreign => OtherType::new_err(message),
        Status::HasWriter => HasWriter::new_err(message),
        Status::Full | Status::TooLong => Full::new_err(message),
        Status::Exists => PyFileExistsError::new_err(message),
        Status::NotFound => PyFileNotFoundError::new_err(message),
        Status::Damaged | Status::Failed | Status::Forked | Status::NotTrusted | Status::Short | Status::Truncated => {
            Error::new_err(message)
        }
    }
}

pub(crate) fn of_region(error: seqcopy_shm::Error) -> PyErr {
    let message = in_words(Language::Python, &error);
    match error.kind() {
        ErrorKind::NotRegularFile if error.path().is_some_and(Path::is_dir) => PyIsADirectoryError::new_err(message),
        ErrorKind::Io { source, .. } if source.kind() == std::io::ErrorKind::IsADirectory => {
            PyIsADirectoryError::new_err(message)
        }
        _ => of(error.status(), message),
    }
}

/// The exception for a call that makes a region. There is no region that could be damaged, so it is about an argument.
pub(crate) fn of_new(error: seqcopy_shm::Error) -> PyErr {
    match error.kind() {
        ErrorKind::Header { .. } if error.status() != Status::Foreign && !error.path().is_some_and(Path::exists) => {
            PyValueError::new_err(in_words(Language::Python, &error))
        }
        _ => of_region(error),
    }
}

/// The exception for bytes of a schema that the program has passed, rather than a region's.
pub(crate) fn of_schema(error: SchemaError) -> PyErr {
    OtherType::new_err(in_words(Language::Python, &error))
}

/// The description is not that of a type, or not of a map.
pub(crate) fn not_a_type(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(in_words(Language::Python, &error))
}

pub(crate) fn of_bytes(error: BytesError) -> PyErr {
    of(error.status(), in_words(Language::Python, &error))
}
