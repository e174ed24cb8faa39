//! [`PyReader`]: reads any region, by its schema.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::buffer::{Bytes, Known};
use crate::describe::PySchema;
use crate::error::{Any, helper, of_bytes, of_region};
use crate::{describe, value};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use seqcopy::Version;
use seqcopy_shm::untyped::Reader;
use seqcopy_shm::{Error, Region, Schema, WriterState};

/// How long a thread waits before it asks whether the program was interrupted.
const SLICE: Duration = Duration::from_millis(100);

/// A reader that threads share. One that waits may go on with the old region while another opens the new one.
pub(crate) struct Shared<R>(Mutex<Arc<R>>, AtomicU64);

impl<R> Shared<R> {
    pub(crate) fn of(reader: R) -> Self {
        Shared(Mutex::new(Arc::new(reader)), AtomicU64::new(0))
    }

    fn lock(&self) -> MutexGuard<'_, Arc<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self) -> Arc<R> {
        self.lock().clone()
    }

    pub(crate) fn reopen(&self, newer: impl FnOnce(&R) -> Result<Option<R>, Error>) -> PyResult<bool> {
        let mut held = self.lock();
        let newer = newer(&held).map_err(of_region)?;
        let opened = newer.map(|newer| *held = Arc::new(newer)).is_some();
        self.1.fetch_add(opened.into(), Relaxed);
        Ok(opened)
    }
}

/// Waits without the interpreter's lock, and hears of interruptions.
pub(crate) fn wait(py: Python<'_>, region: &Region, known: Option<u64>, timeout: Option<f64>) -> PyResult<bool> {
    let known = known.map_or_else(|| region.version(), Version::from_bits);
    if timeout.is_some_and(f64::is_nan) {
        return Err(PyValueError::new_err("the timeout is not a number of seconds"));
    }
    // More than a clock has is forever.
    let time = timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
    let until = time.and_then(|time| Instant::now().checked_add(time));
    loop {
        let left = until.map_or(SLICE, |until| until.saturating_duration_since(Instant::now()));
        if py.detach(|| region.wait(known, left.min(SLICE))) {
            return Ok(true);
        }
        py.check_signals()?;
        if until.is_some_and(|until| Instant::now() >= until) {
            return Ok(false);
        }
    }
}

pub(crate) fn writer_state(py: Python<'_>, region: &Region) -> &'static str {
    match py.detach(|| region.writer_state()) {
        WriterState::Alive { .. } => "alive",
        WriterState::Orphaned { .. } => "orphaned",
        WriterState::Gone => "gone",
        WriterState::Never => "never",
        _ => "held",
    }
}

/// `<seqcopy.Reader of Quote at /dev/shm/quote, version 3, writer alive>`.
pub(crate) fn shown(class_of: &str, path: &Path, region: &Region, py: Python<'_>) -> String {
    let version = region.version().to_bits();
    let state = if region.is_closed() { "closed" } else { writer_state(py, region) };
    format!("<seqcopy.{class_of} at {}, version {version}, writer {state}>", path.display())
}

/// Reads a region: `Reader("/dev/shm/quote")`. With a type, a region of another one is refused.
#[pyclass(name = "Reader", module = "seqcopy", frozen)]
pub(crate) struct PyReader(pub(crate) Shared<Reader>, Known, PathBuf);

#[pymethods]
impl PyReader {
    #[new]
    #[pyo3(signature = (path, kind = None, *, name = "Value"))]
    fn new(path: PathBuf, kind: Option<&Any<'_>>, name: &str) -> PyResult<Self> {
        let reader = Reader::open(&path).map_err(of_region)?;
        if let Some(kind) = kind {
            reader.region().require_type(&describe::of(kind, name)?).map_err(of_region)?;
        }
        Ok(PyReader(Shared::of(reader), Known::default(), path))
    }

    /// The value: a dict for a struct, a list for an array or a slice.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        self.read_versioned(py).map(|(value, _)| value)
    }

    /// The value and its version.
    fn read_versioned<'py>(&self, py: Python<'py>) -> PyResult<(Any<'py>, u64)> {
        let (reader, bytes, version) = self.bytes()?;
        let layout = reader.region().schema().layout();
        Ok((value::plain(py, layout, &bytes)?, version))
    }

    /// The value and its version, or `None` if the version is `known`.
    fn read_if_changed<'py>(&self, py: Python<'py>, known: u64) -> PyResult<Option<(Any<'py>, u64)>> {
        let watch = self.0.get();
        if watch.region().version().to_bits() == known && !watch.region().is_closed() {
            return Ok(None);
        }
        self.read_versioned(py).map(Some)
    }

    /// The bytes of the value.
    fn read_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let (reader, bytes, _) = self.bytes()?;
        Ok(PyBytes::new(py, &bytes[..reader.region().schema().used(&bytes)]))
    }

    /// The value as a dataclass, or as what another callable makes of its fields.
    fn read_as<'py>(&self, make: Any<'py>) -> PyResult<Any<'py>> {
        let value = self.read(make.py())?;
        helper(make.py(), "made")?.call1((make, value))
    }

    /// The value as a NumPy scalar or array; a slice as an array of its elements.
    fn read_array<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "array")?.call1((slf,))
    }

    /// Each newer value, until the region is closed.
    fn __iter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "values")?.call1((slf,))
    }

    fn __aiter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "values_async")?.call1((slf,))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let reader = self.0.get();
        shown(&format!("Reader of {}", reader.region().schema().layout().type_name()), &self.2, reader.region(), py)
    }

    /// Another process opens the same path, as the same type.
    fn __reduce__(slf: &Bound<'_, Self>) -> (Py<PyAny>, (PathBuf, PySchema)) {
        (slf.get_type().into_any().unbind(), (slf.get().2.clone(), slf.get().schema()))
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {}

    /// Reads into a writable buffer, such as a NumPy array or a `ctypes` structure, without a copy in between; returns how many elements a
    /// slice has, or 1.
    fn read_into(&self, buffer: &Any<'_>) -> PyResult<usize> {
        let reader = self.0.get();
        let layout = reader.region().schema().layout();
        let Some((size, _)) = reader.slice() else {
            let read = |all: &mut [u8]| reader.read_into(all).map(|_| (all.len(), 1));
            return Bytes::writable(buffer, layout, false, &self.1)?
                .fill(layout.takes_any_bits(), read)
                .map_err(of_bytes);
        };
        let element = Schema::slice_of(layout).map_or(layout, |(_, element, _)| element);
        let read = |all: &mut [u8]| reader.read_elements_into(all).map(|(count, _)| (count * size, count));
        Bytes::writable(buffer, element, true, &self.1)?.fill(element.takes_any_bits(), read).map_err(of_bytes)
    }

    /// Waits until there is another version than `known`, by default the present one, or the region is closed: whether that is so.
    #[pyo3(signature = (timeout = None, known = None))]
    fn wait(&self, py: Python<'_>, timeout: Option<f64>, known: Option<u64>) -> PyResult<bool> {
        wait(py, self.0.get().region(), known, timeout)
    }

    /// If the region was removed and there is a new one at its path: reads that from now on.
    fn reopen_if_removed(&self) -> PyResult<bool> {
        self.0.reopen(Reader::replacement)
    }

    /// How often another region was opened, whose versions begin again: for loops.
    #[getter]
    fn _reopened(&self) -> u64 {
        self.0.1.load(Relaxed)
    }

    #[getter]
    fn version(&self) -> u64 {
        self.0.get().region().version().to_bits()
    }

    #[getter]
    fn schema(&self) -> PySchema {
        PySchema { schema: self.0.get().region().schema().clone() }
    }

    /// The `numpy.dtype` of a value, or of an element of a slice.
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        let reader = self.0.get();
        let layout = reader.region().schema().layout();
        crate::describe::dtype(py, Schema::slice_of(layout).map_or(layout, |(_, element, _)| element))
    }

    /// How many elements a slice can have; `None` if the values are no slices.
    #[getter]
    fn capacity(&self) -> Option<usize> {
        self.0.get().slice().map(|(_, capacity)| capacity)
    }

    /// "alive", "gone", "never", "orphaned" or "held".
    #[getter]
    fn writer_state(&self, py: Python<'_>) -> &'static str {
        writer_state(py, self.0.get().region())
    }

    #[getter]
    fn is_closed(&self) -> bool {
        self.0.get().region().is_closed()
    }

    #[getter]
    fn is_removed(&self) -> bool {
        self.0.get().region().is_removed()
    }
}

impl PyReader {
    fn bytes(&self) -> PyResult<(Arc<Reader>, Vec<u8>, u64)> {
        let reader = self.0.get();
        let mut bytes = vec![0; reader.region().schema().layout().size()];
        let version = reader.read_into(&mut bytes).map_err(of_bytes)?;
        Ok((reader, bytes, version.to_bits()))
    }
}
