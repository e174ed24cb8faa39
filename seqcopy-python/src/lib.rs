//! The native part of the Python package `seqcopy`, which uses `seqcopy_shm::untyped`. The rest is in
//! `python/seqcopy/__init__.py`.

#![cfg(target_os = "linux")]
#![allow(clippy::unit_arg)] // what can't fail has succeeded

mod buffer;
mod columns;
mod describe;
mod error;
mod maps;
mod memory;
mod reader;
mod value;
mod writer;

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::fd::{AsRawFd, RawFd};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::error::{Any, of_region};
use crate::reader::PyOpened;
use pyo3::exceptions::{PyKeyError, PyOSError, PyTypeError};
use pyo3::prelude::*;
use seqcopy::Version;
use seqcopy_shm::{Notifier, Registration};

/// From now on, a read of a region whose file was truncated raises `Error`, where it would end the process by SIGBUS;
/// so does each write after the one that finds it. Call it after `faulthandler.enable()`.
#[pyfunction]
fn survive_truncation() -> PyResult<()> {
    seqcopy_shm::survive_truncation().map_err(of_region)
}

/// The regions that are there, as JSON.
#[pyfunction]
fn _list(py: Python<'_>, folders: Vec<PathBuf>, all: bool) -> PyResult<String> {
    py.detach(|| seqcopy_cli::list(&folders, all)).map_err(PyOSError::new_err)
}

/// Runs the command `seqcopy` with these arguments, of which the first is its name.
#[pyfunction]
fn _run(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| seqcopy_cli::run(arguments))
}

// `memory` relies on the interpreter's lock.
#[pymodule(gil_used = true)]
fn _seqcopy(module: &Bound<'_, PyModule>) -> PyResult<()> {
    error::add_to(module)?;
    module.add_class::<describe::PySchema>()?;
    // These are for type checkers only, so the package does not export them.
    module.setattr("_Opened", module.py().get_type::<reader::PyOpened>())?;
    module.setattr("_Written", module.py().get_type::<writer::PyWritten>())?;
    module.add_class::<reader::PyReader>()?;
    module.add_class::<writer::PyWriter>()?;
    module.add_class::<maps::PyMapReader>()?;
    module.add_class::<maps::PyMapWriter>()?;
    module.add_class::<maps::PyEntry>()?;
    module.add_class::<PyNotifier>()?;
    module.setattr("__version__", env!("CARGO_PKG_VERSION"))?;
    module.setattr("_list", wrap_pyfunction!(_list, module)?)?;
    module.setattr("_only_wakes", wrap_pyfunction!(reader::_only_wakes, module)?)?;
    module.setattr("_run", wrap_pyfunction!(_run, module)?)?;
    module.add_function(wrap_pyfunction!(survive_truncation, module)?)
}

/// A descriptor that becomes readable when a registered region has something newer: for `select`, and `loop.add_reader`
/// of asyncio.
#[pyclass(name = "Notifier", module = "seqcopy", frozen)]
pub(crate) struct PyNotifier {
    notifier: Notifier,
    /// The key is the address of the reader, which is kept alive for that.
    registered: Mutex<HashMap<usize, (Py<PyAny>, Registration)>>,
}

#[pymethods]
impl PyNotifier {
    #[new]
    fn new() -> PyResult<Self> {
        let notifier = Notifier::new().map_err(of_region)?;
        Ok(PyNotifier { notifier, registered: Mutex::default() })
    }

    /// From now on, the descriptor becomes readable when the region of a `Reader` or `MapReader` has another version
    /// than `known`, by default the present one, is closed, or was lost. Once more after `reopen_if_removed`.
    #[pyo3(signature = (reader, known = None))]
    fn register(&self, reader: &Any<'_>, known: Option<u64>) -> PyResult<()> {
        let wrong = |_| PyTypeError::new_err(format!("expected a Reader or a MapReader, found {}", reader.get_type()));
        let region = reader.cast::<PyOpened>().map_err(wrong)?.get().region();
        let known = known.map_or_else(|| region.version(), Version::from_bits);
        let registration = self.notifier.register(region.newer_than(known)).map_err(of_region)?;
        let mut registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        let before = registered.insert(reader.as_ptr().addr(), (reader.clone().unbind(), registration));
        // Dropping a reader may run Python code. So it is not dropped under the lock.
        drop(registered);
        Ok(drop(before))
    }

    /// Ends that.
    fn unregister(&self, reader: &Any<'_>) -> PyResult<()> {
        let before = self.registered.lock().unwrap_or_else(PoisonError::into_inner).remove(&reader.as_ptr().addr());
        before.map(drop).ok_or_else(|| PyKeyError::new_err(reader.clone().unbind()))
    }

    /// Makes the descriptor unreadable until a region changes after this call: call it, and then look at the regions.
    fn clear(&self) -> PyResult<()> {
        self.notifier.clear().map_err(of_region)
    }

    /// The descriptor: not to be read, written or closed.
    fn fileno(&self) -> RawFd {
        self.notifier.as_raw_fd()
    }
}
