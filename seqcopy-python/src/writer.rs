//! [`PyWriter`]: the class `Writer`, which writes a region of a type that Python code describes. [`PyWritten`]: the
//! base class of `Writer` and `MapWriter`.

use std::os::fd::{IntoRawFd, RawFd};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use crate::buffer::{Bytes, Known};
use crate::describe::{PySchema, place_of, types_of};
use crate::error::{Any, of_bytes, of_new, of_region};
use crate::memory::{newest, unless_fatal, zeros};
use crate::reader::{generic, given};
use crate::{describe, value};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple, PyType};
use seqcopy_shm::untyped::__foreign::AnyWriter;
use seqcopy_shm::untyped::Writer;
use seqcopy_shm::{Error, Options, Schema};

/// A writer until it is closed. One thread at a time uses it, and no thread waits for it. The thread that uses it may
/// be waiting for the interpreter's lock, which this thread has. Or it may be this thread, in Python code that converts
/// a value.
///
/// The second part is whether a call that publishes something wakes those that wait.
pub(crate) struct Held<W>(Mutex<Option<W>>, bool);

impl<W> Held<W> {
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

    /// A call that may publish something.
    pub(crate) fn publish<R>(&self, work: impl FnOnce(&mut W) -> PyResult<R>) -> PyResult<R>
    where
        W: AnyWriter,
    {
        self.with(|writer| {
            let before = writer.region().version();
            let done = work(writer)?;
            if self.1 && writer.region().version() != before {
                writer.wake();
            }
            Ok(done)
        })
    }

    /// Does nothing if the writer has already ended.
    fn end(&self, end: impl FnOnce(W) -> Result<(), Error>) -> PyResult<()> {
        let writer = self.held()?.take();
        writer.map_or(Ok(()), end).map_err(of_region)
    }
}

/// A writer of values or of a map, until it is closed.
pub(crate) trait Written: Send + Sync {
    fn wake(&self) -> PyResult<()>;
    fn restore_if_removed(&self) -> PyResult<bool>;
    fn close(&self) -> PyResult<()>;
    fn release(&self) -> PyResult<()>;
    fn share(&self) -> PyResult<RawFd>;
    fn was_created(&self) -> PyResult<bool>;
    /// The type that is written.
    fn schema(&self) -> PyResult<Schema>;
    /// The type in words, and the number of the last publication.
    fn description(&self) -> PyResult<(String, u64)>;
}

impl<W: AnyWriter> Written for Held<W> {
    fn wake(&self) -> PyResult<()> {
        self.with(|writer| Ok(writer.wake()))
    }

    fn restore_if_removed(&self) -> PyResult<bool> {
        self.with(|writer| writer.restore_if_removed().map_err(of_region))
    }

    fn close(&self) -> PyResult<()> {
        self.end(AnyWriter::close)
    }

    fn release(&self) -> PyResult<()> {
        self.end(|_| Ok(()))
    }

    fn share(&self) -> PyResult<RawFd> {
        self.with(|writer| writer.region().share().map(IntoRawFd::into_raw_fd).map_err(of_region))
    }

    fn was_created(&self) -> PyResult<bool> {
        self.with(|writer| Ok(writer.was_created()))
    }

    fn schema(&self) -> PyResult<Schema> {
        self.with(|writer| Ok(writer.region().schema().clone()))
    }

    fn description(&self) -> PyResult<(String, u64)> {
        self.with(|writer| {
            let region = writer.region();
            Ok((types_of(region.schema(), region.header().slots() != 0), region.version().to_bits()))
        })
    }
}

/// The common part of writers of values and of maps.
#[pyclass(name = "_Written", module = "seqcopy", frozen, subclass)]
pub(crate) struct PyWritten {
    written: Arc<dyn Written>,
    /// `None` for a memfd.
    path: Option<PathBuf>,
}

impl PyWritten {
    /// A writer of one kind, with its base class.
    pub(crate) fn of<W: AnyWriter + 'static>(
        writer: Result<W, Error>,
        path: Option<PathBuf>,
        wakes: bool,
    ) -> PyResult<(Arc<Held<W>>, PyClassInitializer<Self>)> {
        let held = Arc::new(Held(Mutex::new(Some(writer.map_err(of_new)?)), wakes));
        Ok((held.clone(), PyWritten { written: held, path }.into()))
    }
}

#[pymethods]
impl PyWritten {
    /// Wakes the readers that wait. A writer made with `wakes=False` needs this call after a write: a waiting reader
    /// that is not woken looks twice a second. A call takes 0.7 us.
    fn wake(&self) -> PyResult<()> {
        self.written.wake()
    }

    /// Puts the region back if its file was removed: whether that was so.
    fn restore_if_removed(&self) -> PyResult<bool> {
        self.written.restore_if_removed()
    }

    /// Closes the region: there will be nothing newer, and its path is removed.
    fn close(&self) -> PyResult<()> {
        self.written.close()
    }

    /// Ends the writer, and leaves the region for the next one.
    fn release(&self) -> PyResult<()> {
        self.written.release()
    }

    /// A descriptor of the region, which only reads: for `from_fd` of a reader in another process, of one that
    /// `create_memfd` made. It is the caller's to close.
    fn share(&self) -> PyResult<RawFd> {
        self.written.share()
    }

    /// Whether the region was created, and not taken over.
    #[getter]
    fn was_created(&self) -> PyResult<bool> {
        self.written.was_created()
    }

    /// The type of the region; of a map, that of a slot.
    #[getter]
    fn schema(&self) -> PyResult<PySchema> {
        Ok(PySchema { schema: self.written.schema()? })
    }

    /// `<seqcopy.Writer of Quote at /dev/shm/quote, version 3>`.
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let (class, own) = (slf.get_type().name()?, slf.get());
        let place = place_of(own.path.as_deref(), "without a path");
        Ok(match own.written.description() {
            Ok((types, version)) => format!("<seqcopy.{class} of {types} {place}, version {version}>"),
            Err(why) => format!("<seqcopy.{class} {place}: {}>", why.value(slf.py())),
        })
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "a writer is not pickled, as a region has one at a time: open it in the process that writes, by open_or_create",
        ))
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.release()
    }

    /// `Writer[Quote]`, for type checkers.
    #[classmethod]
    fn __class_getitem__<'py>(class: &Bound<'py, PyType>, of: Any<'py>) -> PyResult<Any<'py>> {
        generic(class, of)
    }
}

/// The writer of a region, of which there is one at a time: `Writer.open_or_create(path, type)`.
#[pyclass(name = "Writer", module = "seqcopy", frozen, extends = PyWritten)]
pub(crate) struct PyWriter(Arc<Held<Writer>>, Known);

#[pymethods]
impl PyWriter {
    /// Creates a region. Fails if there is something at the path.
    #[staticmethod]
    #[pyo3(signature = (path, kind, *, name = "Value", buffers = 2, mode = 0o644, wakes = true))]
    fn create(
        #[pyo3(from_py_with = given)] path: PathBuf,
        kind: &Any<'_>,
        name: &str,
        buffers: u32,
        mode: u32,
        wakes: bool,
    ) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers).mode(mode);
        Self::of(Writer::create(&path, &describe::of(kind, name)?, &options), Some(path), wakes)
    }

    /// Creates a region without a path, which no process can truncate: `share()` gives its descriptor. `title` is shown
    /// in `/proc`.
    #[staticmethod]
    #[pyo3(signature = (kind, *, name = "Value", buffers = 2, title = "seqcopy", wakes = true))]
    fn create_memfd(kind: &Any<'_>, name: &str, buffers: u32, title: &str, wakes: bool) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers);
        Self::of(Writer::create_memfd(title, &describe::of(kind, name)?, &options), None, wakes)
    }

    /// Takes over the region if its writer has ended, and creates it if it is not there.
    #[staticmethod]
    #[pyo3(signature = (path, kind, *, name = "Value", buffers = 2, mode = 0o644, replace_other_type = false, wakes = true))]
    fn open_or_create(
        #[pyo3(from_py_with = given)] path: PathBuf,
        kind: &Any<'_>,
        name: &str,
        buffers: u32,
        mode: u32,
        replace_other_type: bool,
        wakes: bool,
    ) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers).mode(mode).replace_other_type(replace_other_type);
        Self::of(Writer::open_or_create(&path, &describe::of(kind, name)?, &options), Some(path), wakes)
    }

    /// Becomes the writer of a region whose writer has ended. Without a type: of any.
    #[staticmethod]
    #[pyo3(signature = (path, kind = None, *, name = "Value", wakes = true))]
    fn take_over(
        #[pyo3(from_py_with = given)] path: PathBuf,
        kind: Option<&Any<'_>>,
        name: &str,
        wakes: bool,
    ) -> PyResult<Py<Self>> {
        let schema = match kind {
            Some(kind) => describe::of(kind, name)?,
            None => seqcopy_shm::Region::open(&path).map_err(of_region)?.schema().clone(),
        };
        Self::of(Writer::take_over(&path, &schema, &Options::new()), Some(path), wakes)
    }

    /// Publishes a value: a dict or an object with its fields, a NumPy scalar or array, a `ctypes` structure, or its
    /// bytes.
    fn write(&self, value: &Any<'_>) -> PyResult<()> {
        self.0.publish(|writer| {
            let layout = writer.region().schema().layout();
            let slice = Schema::slice_of(layout).map(|(_, element, capacity)| (element, capacity));
            let of = slice.map_or(layout, |(element, _)| element);
            if let Some(bytes) = Bytes::of(value, of, slice.is_some(), &self.1)? {
                let write = if slice.is_some() { Writer::write_elements } else { Writer::write_bytes };
                return bytes.with(of.takes_any_bits(), |bytes| write(writer, bytes))?.map_err(of_bytes);
            }
            let Some((element, capacity)) = slice else {
                let mut bytes = zeros(layout.size())?;
                value::put(layout, value, &mut bytes)?;
                return writer.write_bytes(&bytes).map_err(of_bytes);
            };
            // Memory for the existing elements, not for the capacity. Python first makes a list of an object without a
            // length.
            let py = value.py();
            let len = unless_fatal(value.len(), py)?;
            let items = if len.is_none() { unless_fatal(value.try_iter(), py)? } else { None };
            let first = |items| py.import("itertools")?.getattr("islice")?.call1((items, capacity + 1));
            let listed = match items {
                Some(items) => Some(py.get_type::<PyList>().call1((first(items)?,))?),
                None => None,
            };
            let value = listed.as_ref().unwrap_or(value);
            let len = match (&listed, len) {
                (Some(listed), _) => listed.len()?,
                (None, len) => len.unwrap_or(0),
            };
            let mut bytes = zeros(len.min(capacity) * element.size())?;
            let count = value::put_elements(element, capacity, value, &mut bytes)?;
            writer.write_elements(&bytes[..count * element.size()]).map_err(of_bytes)
        })
    }

    /// The last value.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        self.0.with(|writer| {
            let layout = writer.region().schema().layout();
            let elements = |place: &mut [u8]| Ok((writer.read_elements_into(place)?, ()));
            let (bytes, ()) = newest(layout, |place| writer.read_into(place), elements)?;
            value::plain(py, layout, &bytes)
        })
    }

    /// The version of the newest value.
    #[getter]
    fn version(&self) -> PyResult<u64> {
        self.0.with(|writer| Ok(writer.version().to_bits()))
    }
}

impl PyWriter {
    fn of(writer: Result<Writer, Error>, path: Option<PathBuf>, wakes: bool) -> PyResult<Py<Self>> {
        let (held, base) = PyWritten::of(writer, path, wakes)?;
        Python::attach(|py| Py::new(py, base.add_subclass(PyWriter(held, Known::default()))))
    }
}
