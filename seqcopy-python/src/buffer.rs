//! [`Bytes`]: memory of an array, a structure or `bytes`, by Python's buffer protocol.

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMemoryView};

/// A contiguous buffer. Its bytes are used only while this thread has the interpreter's lock, and calls nothing in Python.
pub(crate) struct Bytes(PyUntypedBuffer);

impl Bytes {
    /// `None` if the object has no such buffer.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> Option<Bytes> {
        // What mostly comes, without asking each way.
        if object.is_exact_instance_of::<PyDict>() || object.is_exact_instance_of::<PyList>() {
            return None;
        }
        let get =
            |object: &Bound<'_, PyAny>| PyUntypedBuffer::get(object).ok().filter(PyUntypedBuffer::is_c_contiguous);
        // A single element, which has no shape, or one that the protocol has no letter for: as an array of bytes in the same memory.
        let of_numpy = || get(&object.call_method1("reshape", (-1,)).ok()?.call_method1("view", ("u1",)).ok()?);
        let of_ctypes = || {
            let ctypes = object.py().import("ctypes").ok()?;
            let size = ctypes.call_method1("sizeof", (object,)).ok()?;
            let bytes = ctypes.getattr("c_ubyte").ok()?.mul(size).ok()?;
            // Its own buffers have no strides.
            get(PyMemoryView::from(&bytes.call_method1("from_buffer", (object,)).ok()?).ok()?.as_any())
        };
        get(object).or_else(of_numpy).or_else(of_ctypes).map(Bytes)
    }

    pub(crate) fn writable(object: &Bound<'_, PyAny>) -> PyResult<Bytes> {
        match Self::of(object) {
            Some(bytes) if !bytes.0.readonly() => Ok(bytes),
            _ => Err(PyTypeError::new_err(format!("{} where a writable, contiguous buffer is wanted", object.repr()?))),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len_bytes()
    }

    /// How many bytes an element has.
    pub(crate) fn item_size(&self) -> usize {
        self.0.item_size()
    }

    pub(crate) fn with<R>(&self, work: impl FnOnce(&[u8]) -> R) -> R {
        if self.len() == 0 {
            return work(&[]);
        }
        // SAFETY: the buffer keeps the memory, which is contiguous; no other thread runs Python code meanwhile, since `work` does not release
        // the interpreter's lock.
        work(unsafe { std::slice::from_raw_parts(self.0.buf_ptr().cast(), self.len()) })
    }

    pub(crate) fn with_mut<R>(&mut self, work: impl FnOnce(&mut [u8]) -> R) -> R {
        if self.len() == 0 {
            return work(&mut []);
        }
        // SAFETY: as in `with`, and it is writable (`writable`).
        work(unsafe { std::slice::from_raw_parts_mut(self.0.buf_ptr().cast(), self.len()) })
    }
}
