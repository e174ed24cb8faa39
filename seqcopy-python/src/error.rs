//! Errors of the library as exceptions.

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyFileExistsError, PyFileNotFoundError};
use pyo3::prelude::*;
use seqcopy_shm::untyped::{ReadBytesError, Refused};
use seqcopy_shm::{Error, ErrorKind, ReadValueError, SchemaError};

create_exception!(seqcopy, SeqcopyError, PyException, "Why a region can't be opened, read or written.");
create_exception!(
    seqcopy,
    NoValue,
    SeqcopyError,
    "Nothing was written yet, or writes overlapped every attempt: try again."
);
create_exception!(seqcopy, Closed, SeqcopyError, "The writer closed the region: there will be no more values.");
create_exception!(seqcopy, Invalid, SeqcopyError, "The bytes are not a value of the type.");
create_exception!(seqcopy, OtherType, SeqcopyError, "The region has another type, or no type that is known here.");
create_exception!(
    seqcopy,
    HasWriter,
    SeqcopyError,
    "Another process writes the region, or another writer of this one."
);
create_exception!(seqcopy, Full, SeqcopyError, "The map, or the slice, has space for fewer.");

pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("Error", py.get_type::<SeqcopyError>())?;
    module.add("NoValue", py.get_type::<NoValue>())?;
    module.add("Closed", py.get_type::<Closed>())?;
    module.add("Invalid", py.get_type::<Invalid>())?;
    module.add("OtherType", py.get_type::<OtherType>())?;
    module.add("HasWriter", py.get_type::<HasWriter>())?;
    module.add("Full", py.get_type::<Full>())
}

pub(crate) fn of_region(error: Error) -> PyErr {
    let message = error.to_string();
    match error.kind() {
        ErrorKind::Closed => Closed::new_err(message),
        ErrorKind::Type(_) | ErrorKind::Version(_) | ErrorKind::Schema(_) => OtherType::new_err(message),
        ErrorKind::AlreadyWriter | ErrorKind::Writer(_) => HasWriter::new_err(message),
        ErrorKind::Exists { .. } => PyFileExistsError::new_err(message),
        ErrorKind::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            PyFileNotFoundError::new_err(message)
        }
        _ => SeqcopyError::new_err(message),
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
        _ => SeqcopyError::new_err(message),
    }
}

pub(crate) fn of_write(error: Refused) -> PyErr {
    let message = error.to_string();
    match error {
        Refused::Invalid(_) => Invalid::new_err(message),
        Refused::Full => Full::new_err(message),
        _ => SeqcopyError::new_err(message),
    }
}
