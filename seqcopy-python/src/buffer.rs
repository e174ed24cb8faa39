//! [`Bytes`]: memory of an array, a structure or `bytes`, by Python's buffer protocol.

use pyo3::buffer::PyUntypedBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMemoryView};
use seqcopy::Layout;
use seqcopy::layout::{Scalar, Shape};

use crate::helper::Any;
use crate::value::{is_signed, wanted};

/// A contiguous buffer. Its bytes are used only while this thread has the interpreter's lock, and calls nothing in Python.
pub(crate) struct Bytes(PyUntypedBuffer);

impl Bytes {
    /// `None` if the object has no such buffer, or one of other numbers than the type has.
    pub(crate) fn of(object: &Any<'_>, layout: &Layout) -> Option<Bytes> {
        // What mostly comes, without asking each way.
        if object.is_exact_instance_of::<PyDict>() || object.is_exact_instance_of::<PyList>() {
            return None;
        }
        let get = |object: &Any<'_>| PyUntypedBuffer::get(object).ok().filter(PyUntypedBuffer::is_c_contiguous);
        // A single element, which has no shape, or one that the protocol has no letter for: as an array of bytes in the same memory.
        let of_numpy = || {
            let flat = object.call_method1("reshape", (-1,)).ok()?;
            get(&flat).or_else(|| get(&flat.call_method1("view", ("u1",)).ok()?))
        };
        let of_ctypes = || {
            let ctypes = object.py().import("ctypes").ok()?;
            let size = ctypes.call_method1("sizeof", (object,)).ok()?;
            let bytes = ctypes.getattr("c_ubyte").ok()?.mul(size).ok()?;
            // Its own buffers have no strides.
            get(PyMemoryView::from(&bytes.call_method1("from_buffer", (object,)).ok()?).ok()?.as_any())
        };
        get(object).or_else(of_numpy).or_else(of_ctypes).map(Bytes).filter(|bytes| bytes.has(object, layout))
    }

    /// Whether the object lies in memory as the type does: it is bytes, has the same dtype, or numbers of its kind, in this machine's order.
    /// A structure of `ctypes` is known by its size alone.
    fn has(&self, object: &Any<'_>, layout: &Layout) -> bool {
        let format = self.0.format().to_bytes();
        let (order, letter) = (format.first().unwrap_or(&b'B'), format.last().unwrap_or(&b'B'));
        let letters: &[u8] = match (letter, layout.shape()) {
            // The last two are bytes that NumPy has no number for, and texts.
            (b'B' | b'c' | b'x' | b's', _) => return true,
            (_, Shape::Array { element, .. }) => return self.has(object, element),
            (b'}', _) => {
                let is_same = |theirs| crate::numpy::dtype(object.py(), layout)?.eq(theirs);
                return object.getattr("dtype").map_or(true, |theirs| is_same(theirs).unwrap_or(false));
            }
            (_, Shape::Scalar(Scalar::Bool)) => b"?",
            (_, Shape::Scalar(Scalar::Float)) => b"efd",
            (_, Shape::Scalar(kind)) if is_signed(kind) => b"bhilqn",
            (_, Shape::Tags { signed: true, .. }) => b"bhilqn",
            (_, Shape::Scalar(_) | Shape::Tags { .. }) => b"BHILQN",
            _ => b"",
        };
        letters.contains(letter) && !matches!(order, b'>' | b'!')
    }

    pub(crate) fn writable(object: &Any<'_>, layout: &Layout) -> PyResult<Bytes> {
        match Self::of(object, layout) {
            Some(bytes) if !bytes.0.readonly() => Ok(bytes),
            _ => wanted(format_args!("a writable, contiguous buffer of bytes or of `{}`", layout.type_name()), object),
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
