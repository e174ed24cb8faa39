//! The Python package `seqcopy`, over `seqcopy_shm::untyped`: what is native in it. `python/seqcopy/__init__.py` has the rest.

#![cfg(target_os = "linux")]
#![allow(clippy::unit_arg)] // what can't fail has succeeded

/// One expression for both kinds of an enum.
macro_rules! of_both {
    ($kinds:ident, $kind:expr, |$inner:ident| $what:expr) => {
        match $kind {
            $kinds::Values($inner) => $what,
            $kinds::Map($inner) => $what,
        }
    };
}

mod buffer;
mod describe;
mod error;
mod maps;
mod memory;
mod notifier;
mod reader;
mod value;
mod writer;

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

/// From now on, a read of a region whose file was truncated raises `Error`, where it would end the process by SIGBUS; so does each write after the
/// one that finds it. Call it after `faulthandler.enable()`.
#[pyfunction]
fn survive_truncation() -> PyResult<()> {
    seqcopy_shm::survive_truncation().map_err(error::of_region)
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
    // They are for type checkers only, so not among what the package exports.
    module.setattr("_Opened", module.py().get_type::<reader::PyOpened>())?;
    module.setattr("_Written", module.py().get_type::<writer::PyWritten>())?;
    module.add_class::<reader::PyReader>()?;
    module.add_class::<writer::PyWriter>()?;
    module.add_class::<maps::PyMapReader>()?;
    module.add_class::<maps::PyMapWriter>()?;
    module.add_class::<maps::PyEntry>()?;
    module.add_class::<notifier::PyNotifier>()?;
    module.setattr("__version__", env!("CARGO_PKG_VERSION"))?;
    module.setattr("_list", wrap_pyfunction!(_list, module)?)?;
    module.setattr("_run", wrap_pyfunction!(_run, module)?)?;
    module.add_function(wrap_pyfunction!(survive_truncation, module)?)
}
