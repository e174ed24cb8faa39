//! [`Memory`] is the buffer of an object, with any number of dimensions. (PyO3's own buffer type does not support a
//! single number of NumPy or `ctypes`.) [`check_space`], [`zeros`] and [`newest`] allocate memory for values.

use std::ffi::CStr;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::error::{Any, of_bytes};
use pyo3::exceptions::{PyException, PyMemoryError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView};
use seqcopy::Layout;
use seqcopy::layout::put_number;
use seqcopy::raw::__shm::mover;
use seqcopy_shm::untyped::BytesError;
use seqcopy_shm::{ReadValueError, Schema};

/// The buffer of an object. It is released when this is dropped, in the same call, in which this thread has the
/// interpreter's lock.
pub(crate) struct Memory<'py>(Box<ffi::Py_buffer>, PhantomData<Any<'py>>);

impl<'py> Memory<'py> {
    /// `None` if the object has no buffer.
    pub(crate) fn of(object: &Any<'py>) -> Option<Self> {
        Self::with(object, ffi::PyBUF_FULL_RO)
    }

    /// Does not ask for the format, which NumPy would construct for each array of a struct. The caller must know the
    /// object's type.
    pub(crate) fn without_format(object: &Any<'py>) -> Option<Self> {
        Self::with(object, ffi::PyBUF_STRIDES)
    }

    fn with(object: &Any<'py>, flags: std::ffi::c_int) -> Option<Self> {
        let mut buffer = Box::new(MaybeUninit::<ffi::Py_buffer>::uninit());
        // SAFETY: an object, whose interpreter's lock this thread has (`Bound`), and space for what is asked for (the
        // protocol of PEP 3118).
        let found = unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), buffer.as_mut_ptr(), flags) };
        if found != 0 {
            drop(PyErr::take(object.py()));
            return None;
        }
        // SAFETY: it was written, as the call succeeded. It stays at this address, which it may have in itself.
        Some(Memory(unsafe { Box::from_raw(Box::into_raw(buffer).cast()) }, PhantomData))
    }

    /// The letters of an element's format, as in the module `struct`.
    pub(crate) fn format(&self) -> &[u8] {
        if self.0.format.is_null() {
            return b"B";
        }
        // SAFETY: a text of C, which is there until the buffer is released (PEP 3118).
        unsafe { CStr::from_ptr(self.0.format) }.to_bytes()
    }

    pub(crate) fn shape(&self) -> &[usize] {
        match usize::try_from(self.0.ndim) {
            Ok(dimensions @ 1..) if !self.0.shape.is_null() => {
                // SAFETY: as many lengths, none of which is negative, until the buffer is released (PEP 3118).
                unsafe { std::slice::from_raw_parts(self.0.shape.cast(), dimensions) }
            }
            _ => &[],
        }
    }

    pub(crate) fn item_size(&self) -> usize {
        self.0.itemsize.unsigned_abs()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len.unsigned_abs()
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.0.readonly == 0
    }

    /// In C's order, without gaps.
    pub(crate) fn is_contiguous(&self) -> bool {
        // SAFETY: a buffer that was not released.
        unsafe { ffi::PyBuffer_IsContiguous(&raw const *self.0, b'C' as _) != 0 }
    }

    /// The bytes, if they are contiguous. Other processes may change them, so this is for values that may have any
    /// bytes.
    ///
    /// # Safety
    /// Until the last use of the result, this thread neither releases the interpreter's lock nor calls anything in
    /// Python.
    pub(crate) unsafe fn bytes(&self) -> &[u8] {
        let (place, len) = self.place();
        if len == 0 {
            return &[];
        }
        // SAFETY: the buffer keeps the memory (PEP 3118); no other thread runs Python code, as it would need the lock
        // (this function's contract, `gil_used`). Another process may change them, as under each call of Python's that
        // copies bytes: they are only moved.
        unsafe { std::slice::from_raw_parts(place, len) }
    }

    /// The bytes, for writing.
    ///
    /// # Safety
    /// The contract of [`bytes`](Self::bytes).
    pub(crate) unsafe fn bytes_mut(&mut self) -> &mut [u8] {
        let (place, len) = self.place();
        assert!(self.is_writable(), "memory that is writable");
        if len == 0 {
            return &mut [];
        }
        // SAFETY: the buffer keeps the memory (PEP 3118), which is writable; no other thread runs Python code (this
        // function's contract), and this call has no other reference to it.
        unsafe { std::slice::from_raw_parts_mut(place, len) }
    }

    /// A copy of the bytes, if they are contiguous.
    pub(crate) fn copy(&self) -> PyResult<Vec<u8>> {
        let (place, len) = self.place();
        let mut copy = zeros(len)?;
        if len == 0 {
            return Ok(copy);
        }
        // SAFETY: as many bytes, which the buffer keeps (PEP 3118). By atomic loads, so others may change them.
        unsafe { mover(true, len)(place, copy.as_mut_ptr(), len) };
        Ok(copy)
    }

    /// Writes the first bytes, if they are contiguous, writable, and as many.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let (place, len) = self.place();
        assert!(self.is_writable() && bytes.len() <= len, "space that is writable");
        if bytes.is_empty() {
            return;
        }
        // SAFETY: no more bytes than the buffer has, which keeps them (PEP 3118). By atomic stores, so others may
        // access them.
        unsafe { mover(false, bytes.len())(bytes.as_ptr(), place, bytes.len()) };
    }

    fn place(&self) -> (*mut u8, usize) {
        assert!(self.is_contiguous(), "a buffer without gaps");
        (self.0.buf.cast(), self.len())
    }
}

impl Drop for Memory<'_> {
    fn drop(&mut self) {
        // SAFETY: once, of a buffer that was got, by a thread that has the interpreter's lock (`'py`).
        unsafe { ffi::PyBuffer_Release(&raw mut *self.0) };
    }
}

/// Whether an object is bytes without a type, which are a value as it is in memory. Arrays of bytes are arrays, but
/// `memoryview(array)` is bytes.
pub(crate) fn is_bytes(object: &Any<'_>) -> bool {
    let is_view = || {
        let view = object.cast::<PyMemoryView>().ok().and_then(|view| Memory::of(view));
        view.is_some_and(|view| matches!(view.format(), b"B" | b"c") && view.shape().len() == 1)
    };
    object.is_instance_of::<PyBytes>() || object.is_instance_of::<PyByteArray>() || is_view()
}

/// Refuses a size for which there is no memory. Without this check, Rust would end the process, and PyO3 would panic,
/// which `except Exception` does not catch. Below 1 MiB both can still happen.
pub(crate) fn check_space(len: usize) -> PyResult<()> {
    let is_space = len < 1 << 20 || std::hint::black_box(&mut Vec::<u8>::new()).try_reserve_exact(len).is_ok();
    let none = || PyMemoryError::new_err(format!("there is no memory for {len} bytes"));
    is_space.then_some(()).ok_or_else(none)
}

/// Memory for a value, all zeros.
pub(crate) fn zeros(len: usize) -> PyResult<Vec<u8>> {
    check_space(len)?;
    Ok(vec![0; len])
}

/// An object of Python's class `bytes`.
pub(crate) fn bytes_object<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Any<'py>> {
    check_space(bytes.len())?;
    Ok(PyBytes::new(py, bytes).into_any())
}

/// Turns an exception into `None`, unless Python lacks memory or the program is interrupted.
pub(crate) fn unless_fatal<T>(result: PyResult<T>, py: Python<'_>) -> PyResult<Option<T>> {
    let is_fatal =
        |error: &PyErr| !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyMemoryError>(py);
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_fatal(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The bytes of the newest value. For a slice only the elements in use need memory. `read` fills a whole value, and
/// `read_elements` also returns the number of elements.
pub(crate) fn newest<R>(
    layout: &Layout,
    read: impl FnOnce(&mut [u8]) -> Result<R, BytesError>,
    read_elements: impl Fn(&mut [u8]) -> Result<(usize, R), BytesError>,
) -> PyResult<(Vec<u8>, R)> {
    let Some((start, element, capacity)) = Schema::slice_of(layout) else {
        let mut bytes = zeros(layout.size())?;
        let read = read(&mut bytes).map_err(of_bytes)?;
        return Ok((bytes, read));
    };
    let mut space = 64.min(capacity);
    loop {
        let mut bytes = zeros(start + space * element.size())?;
        match read_elements(&mut bytes[start..]) {
            Err(BytesError::NotRead(ReadValueError::Length(found))) => space = found.len().max(2 * space).min(capacity),
            read => {
                let (count, read) = read.map_err(of_bytes)?;
                bytes.truncate(start + count * element.size());
                put_number(count as i128, false, &mut bytes[..4]);
                return Ok((bytes, read));
            }
        }
    }
}
