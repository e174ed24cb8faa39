//! [`PyEntry`]: a handle to an entry of a map.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use seqcopy::{Layout, Version};
use seqcopy_shm::untyped::{BytesError, Entry};

use crate::error::of_bytes;
use crate::helper::Any;
use crate::maps::{PyMapReader, PyMapWriter, bytes_of, key_of};
use crate::value;

/// A handle to an entry, which is found without a search as long as it is where it was: `price = reader.entry("AAPL")`, `price.get()`.
#[pyclass(name = "Entry", module = "seqcopy", frozen)]
pub(crate) struct PyEntry {
    pub(crate) entry: Entry,
    pub(crate) of: Of,
}

/// Whose entry it is.
pub(crate) enum Of {
    Reader(Py<PyMapReader>),
    Writer(Py<PyMapWriter>),
}

/// The value of a key, or what stands for one that is not there.
pub(crate) fn found<'py>(
    py: Python<'py>,
    of_value: &Layout,
    default: Option<Any<'py>>,
    get: impl FnOnce(&mut [u8]) -> Result<Option<Version>, BytesError>,
) -> PyResult<Option<Any<'py>>> {
    let mut found = vec![0; of_value.size()];
    match get(&mut found).map_err(of_bytes)? {
        Some(_) => value::plain(py, of_value, &found).map(Some),
        None => Ok(default),
    }
}

#[pymethods]
impl PyEntry {
    /// The value of the entry.
    #[pyo3(signature = (default = None))]
    fn get<'py>(&self, py: Python<'py>, default: Option<Any<'py>>) -> PyResult<Option<Any<'py>>> {
        match &self.of {
            Of::Reader(reader) => {
                let reader = reader.get().0.get();
                found(py, reader.key_and_value()[1], default, |to| reader.read_entry(&self.entry, to))
            }
            Of::Writer(writer) => writer
                .get()
                .0
                .with(|map| found(py, map.key_and_value()[1], default, |to| map.get(self.entry.key(), to))),
        }
    }

    /// Sets the value of the entry, which is inserted if the map does not have it. Of a writer.
    fn set(&self, value: &Any<'_>) -> PyResult<()> {
        let Of::Writer(writer) = &self.of else {
            return Err(PyTypeError::new_err("the entry of a reader can't be set: take it from the map's writer"));
        };
        writer.get().0.with(|map| {
            let value = bytes_of(map.key_and_value()[1], value)?;
            map.insert_entry(&self.entry, &value).map_err(of_bytes)
        })
    }

    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        match &self.of {
            Of::Reader(reader) => key_of(py, reader.get().0.get().key_and_value()[0], self.entry.key()),
            Of::Writer(writer) => writer.get().0.with(|map| key_of(py, map.key_and_value()[0], self.entry.key())),
        }
    }
}
