//! [`PyWriter`]: writes a region, of a type that is described.

use std::os::fd::{IntoRawFd, RawFd};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, TryLockError};

use crate::buffer::{Bytes, Known};
use crate::describe::PySchema;
use crate::error::{Any, of_bytes, of_region};
use crate::{describe, value};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use seqcopy_shm::untyped::Writer;
use seqcopy_shm::{Error, Options, Schema};

/// A writer until it is closed. One thread at a time uses it, and none waits for it: the thread that has it may be waiting for the interpreter's
/// lock, which this one has, or be this one, in what a value is converted by.
pub(crate) struct Held<W>(Mutex<Option<W>>);

impl<W> Held<W> {
    pub(crate) fn of(writer: Result<W, Error>) -> PyResult<Self> {
        Ok(Held(Mutex::new(Some(writer.map_err(of_region)?))))
    }

    fn held(&self) -> PyResult<MutexGuard<'_, Option<W>>> {
        self.0.try_lock().or_else(|error| match error {
            TryLockError::Poisoned(held) => Ok(held.into_inner()),
            TryLockError::WouldBlock => {
                Err(PyRuntimeError::new_err("this writer is in use: by another thread, or by this one, in what a value is made of or in a signal handler"))
            }
        })
    }

    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut W) -> PyResult<R>) -> PyResult<R> {
        self.held()?.as_mut().map_or_else(|| Err(PyValueError::new_err("the writer was closed")), work)
    }

    /// Does nothing if it was ended before.
    pub(crate) fn end(&self, end: impl FnOnce(W) -> Result<(), Error>) -> PyResult<()> {
        let writer = self.held()?.take();
        writer.map_or(Ok(()), end).map_err(of_region)
    }
}

/// The writer of a region, of which there is one at a time: `Writer.open_or_create(path, type)`.
#[pyclass(name = "Writer", module = "seqcopy", frozen)]
pub(crate) struct PyWriter(Held<Writer>, Known);

#[pymethods]
impl PyWriter {
    /// Creates a region. Fails if there is something at the path.
    #[staticmethod]
    #[pyo3(signature = (path, kind, *, name = "Value", buffers = 2, mode = 0o644))]
    fn create(path: PathBuf, kind: &Any<'_>, name: &str, buffers: u32, mode: u32) -> PyResult<Self> {
        let options = Options::new().buffers(buffers).mode(mode);
        Held::of(Writer::create(path, &describe::of(kind, name)?, &options)).map(Self::of)
    }

    /// Creates a region without a path, which no process can truncate: `share()` gives its descriptor. `title` is shown in `/proc`.
    #[staticmethod]
    #[pyo3(signature = (kind, *, name = "Value", buffers = 2, title = "seqcopy"))]
    fn create_memfd(kind: &Any<'_>, name: &str, buffers: u32, title: &str) -> PyResult<Self> {
        Held::of(Writer::create_memfd(title, &describe::of(kind, name)?, &Options::new().buffers(buffers)))
            .map(Self::of)
    }

    /// Takes over the region if its writer has ended, and creates it if it is not there.
    #[staticmethod]
    #[pyo3(signature = (path, kind, *, name = "Value", buffers = 2, mode = 0o644, replace_other_type = false))]
    fn open_or_create(
        path: PathBuf,
        kind: &Any<'_>,
        name: &str,
        buffers: u32,
        mode: u32,
        replace_other_type: bool,
    ) -> PyResult<Self> {
        let options = Options::new().buffers(buffers).mode(mode).replace_other_type(replace_other_type);
        Held::of(Writer::open_or_create(path, &describe::of(kind, name)?, &options)).map(Self::of)
    }

    /// Becomes the writer of a region whose writer has ended. Without a type: of any.
    #[staticmethod]
    #[pyo3(signature = (path, kind = None, *, name = "Value"))]
    fn take_over(path: PathBuf, kind: Option<&Any<'_>>, name: &str) -> PyResult<Self> {
        let schema = match kind {
            Some(kind) => describe::of(kind, name)?,
            None => seqcopy_shm::Region::open(&path).map_err(of_region)?.schema().clone(),
        };
        Held::of(Writer::take_over(path, &schema, &Options::new())).map(Self::of)
    }

    /// Publishes a value: a dict or an object with its fields, a NumPy scalar or array, a `ctypes` structure, or its bytes.
    fn write(&self, value: &Any<'_>) -> PyResult<()> {
        self.0.with(|writer| {
            let layout = writer.region().schema().layout();
            let slice = Schema::slice_of(layout).map(|(_, element, capacity)| (element, capacity));
            let of = slice.map_or(layout, |(element, _)| element);
            if let Some(bytes) = Bytes::of(value, of, slice.is_some(), &self.1)? {
                let write = if slice.is_some() { Writer::write_elements } else { Writer::write_bytes };
                return bytes.with(of.takes_any_bits(), |bytes| write(writer, bytes)).map_err(of_bytes);
            }
            let Some((element, capacity)) = slice else {
                let mut bytes = vec![0; layout.size()];
                value::put(layout, value, &mut bytes)?;
                return writer.write_bytes(&bytes).map_err(of_bytes);
            };
            let mut bytes = vec![0; capacity * element.size()];
            let count = value::put_elements(element, capacity, value, &mut bytes)?;
            writer.write_elements(&bytes[..count * element.size()]).map_err(of_bytes)
        })
    }

    /// The last value.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        self.0.with(|writer| {
            let layout = writer.region().schema().layout();
            let mut bytes = vec![0; layout.size()];
            writer.read_into(&mut bytes).map_err(of_bytes)?;
            value::plain(py, layout, &bytes)
        })
    }

    /// Wakes those that wait.
    fn wake(&self) -> PyResult<()> {
        self.0.with(|writer| Ok(writer.wake()))
    }

    /// Puts the region back if its file was removed: whether that was so.
    fn restore_if_removed(&self) -> PyResult<bool> {
        self.0.with(|writer| writer.restore_if_removed().map_err(of_region))
    }

    /// Closes the region: there will be no more values, and its path is removed.
    fn close(&self) -> PyResult<()> {
        self.0.end(Writer::close)
    }

    /// Ends the writer, and leaves the region for the next one.
    fn release(&self) -> PyResult<()> {
        self.0.end(|_| Ok(()))
    }

    /// A descriptor of the region, which only reads: for `Reader.from_fd` in another process, of one that `create_memfd` made. It is the caller's to
    /// close.
    fn share(&self) -> PyResult<RawFd> {
        self.0.with(|writer| writer.share().map(IntoRawFd::into_raw_fd).map_err(of_region))
    }

    /// The version of the newest value.
    #[getter]
    fn version(&self) -> PyResult<u64> {
        self.0.with(|writer| Ok(writer.version().to_bits()))
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.release()
    }

    /// Whether the region was created, and not taken over.
    #[getter]
    fn was_created(&self) -> PyResult<bool> {
        self.0.with(|writer| Ok(writer.was_created()))
    }

    /// The type of the region.
    #[getter]
    fn schema(&self) -> PyResult<PySchema> {
        self.0.with(|writer| Ok(PySchema { schema: writer.region().schema().clone() }))
    }
}

impl PyWriter {
    fn of(held: Held<Writer>) -> Self {
        PyWriter(held, Known::default())
    }
}
