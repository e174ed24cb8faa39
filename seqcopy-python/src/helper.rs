//! [`helper`]: what of the package is written in Python.

use pyo3::prelude::*;

/// A function of the package that is written in Python.
pub(crate) fn helper<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("seqcopy._helpers")?.getattr(name)
}
