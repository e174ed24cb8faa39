//! [`helper`]: what of the package is written in Python; and [`Any`], what it takes and gives.

use pyo3::prelude::*;

/// An object of any class.
pub(crate) type Any<'py> = Bound<'py, PyAny>;

/// A function of the package that is written in Python.
pub(crate) fn helper<'py>(py: Python<'py>, name: &str) -> PyResult<Any<'py>> {
    py.import("seqcopy._helpers")?.getattr(name)
}
