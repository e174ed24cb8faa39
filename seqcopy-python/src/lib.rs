//! The Python package `seqcopy`, over `seqcopy_shm::untyped`: what is native in it. `python/seqcopy/__init__.py` has the rest.

#![cfg(target_os = "linux")]

mod buffer;
mod describe;
mod error;
mod maps;
mod numpy;
mod options;
mod reader;
mod value;
mod writer;

use pyo3::prelude::*;

#[pymodule]
fn _seqcopy(module: &Bound<'_, PyModule>) -> PyResult<()> {
    error::add_to(module)?;
    module.add_class::<describe::PySchema>()?;
    module.add_class::<reader::PyReader>()?;
    module.add_class::<writer::PyWriter>()?;
    module.add_class::<maps::PyMapReader>()?;
    module.add_class::<maps::PyMapWriter>()
}
