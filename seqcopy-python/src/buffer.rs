//! [`Bytes`]: the memory of a Python object (array, structure, bytes) that has the layout of a value, through Python's buffer protocol.

use std::sync::Mutex;

use crate::describe::PySchema;
use crate::error::{Any, helper};
use crate::memory::{Memory, is_bytes};
use crate::value::{described, wanted};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use seqcopy::Layout;
use seqcopy::layout::{Field, Mark, Scalar, Shape, are_numbered};

/// The class of arrays, once one was seen.
static ARRAY: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// The struct of NumPy, if any, of which it is known that it lies as a handle's type does, or its elements: it is made once, and compared by identity.
/// Its names are kept as well, since a program may rename its fields.
#[derive(Default)]
pub(crate) struct Known(Mutex<Option<[Py<PyAny>; 2]>>);

impl Known {
    /// The dtype and its names, of an array.
    fn of<'py>(object: &Any<'py>) -> Option<[Any<'py>; 2]> {
        // Nothing else is asked for an attribute that it may not have: that takes longer than all the rest.
        ARRAY.get(object.py()).filter(|array| object.get_type().is(array))?;
        let dtype = object.getattr(intern!(object.py(), "dtype")).ok()?;
        let names = dtype.getattr(intern!(object.py(), "names")).ok().filter(|names| !names.is_none())?;
        Some([dtype, names])
    }

    /// The memory of an array of that struct: one of them, or a row of them for slices.
    fn memory<'py>(&self, object: &Any<'py>, layout: &Layout, is_slice: bool) -> Option<Memory<'py>> {
        let [dtype, names] = Self::of(object)?;
        let is_known = matches!(&*self.0.lock().ok()?, Some([known, named]) if dtype.is(known) && names.is(named));
        let memory = Memory::without_format(object).filter(|_| is_known)?;
        let fits = memory.item_size() == layout.size() && memory.shape().len() == usize::from(is_slice);
        fits.then_some(memory)
    }

    fn learn(&self, object: &Any<'_>) {
        let Some(found) = Self::of(object) else { return };
        let before = self.0.lock().map(|mut known| known.replace(found.map(Bound::unbind)));
        // Python's code may run when a dtype is dropped, by its metadata: not under the lock.
        drop(before);
    }
}

/// Memory without gaps, in C's order.
pub(crate) struct Bytes<'py>(Memory<'py>);

impl<'py> Bytes<'py> {
    /// The memory of an object, if a value of the type lies there, or as many elements of slices as there are. `None` if it has to be converted.
    ///
    /// # Errors
    /// If it is an array of another shape: each of its numbers would be one of another place.
    pub(crate) fn of(object: &Any<'py>, layout: &Layout, is_slice: bool, known: &Known) -> PyResult<Option<Self>> {
        match fitting(object, layout, is_slice, known)? {
            Some(memory) if memory.is_contiguous() => Ok(Some(Bytes(memory))),
            Some(_) => Ok(Memory::of(&helper(object.py(), "contiguous")?.call1((object,))?).map(Bytes)),
            None => Ok(None),
        }
    }

    /// Memory that is written.
    pub(crate) fn writable(object: &Any<'py>, layout: &Layout, is_slice: bool, known: &Known) -> PyResult<Self> {
        match fitting(object, layout, is_slice, known)? {
            Some(memory) if memory.is_writable() && memory.is_contiguous() => Ok(Bytes(memory)),
            _ => {
                let name = layout.type_name();
                wanted(format_args!("a writable buffer, contiguous in C's order, of bytes or of `{name}`"), object)
            }
        }
    }

    pub(crate) fn copy(&self) -> PyResult<Vec<u8>> {
        self.0.copy()
    }

    /// Calls `work` with the bytes; it keeps the interpreter's lock, and calls nothing in Python. Unless any would do, with a copy: another
    /// process may change what lies in shared memory.
    pub(crate) fn with<R>(self, takes_any: bool, work: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
        if !takes_any {
            return Ok(work(&self.copy()?));
        }
        // SAFETY: what `work` does.
        Ok(work(unsafe { self.0.bytes() }))
    }

    /// Lets `work` fill them, under the same conditions. Unless any would do, it fills others, of which it returns how many there are.
    pub(crate) fn fill<R>(
        mut self,
        takes_any: bool,
        work: impl FnOnce(&mut [u8]) -> PyResult<(usize, R)>,
    ) -> PyResult<R> {
        if takes_any {
            // SAFETY: what `work` does.
            return work(unsafe { self.0.bytes_mut() }).map(|(_, found)| found);
        }
        let mut others = crate::memory::zeros(self.0.len())?;
        let (len, found) = work(&mut others)?;
        self.0.write(&others[..len]);
        Ok(found)
    }
}

/// An object's memory, if a value lies there as the type does: if it is as many bytes, or of the same numbers, in this machine's order and in
/// the same shape.
fn fitting<'py>(object: &Any<'py>, layout: &Layout, is_slice: bool, known: &Known) -> PyResult<Option<Memory<'py>>> {
    // What mostly comes, without asking each way.
    if object.is_exact_instance_of::<PyDict>()
        || object.is_exact_instance_of::<PyList>()
        || object.is_exact_instance_of::<PyTuple>()
        || object.is_instance_of::<PyFloat>()
        || object.is_instance_of::<PyInt>()
        || object.is_instance_of::<PyString>()
        || object.is_none()
    {
        return Ok(None);
    }
    if let Some(memory) = known.memory(object, layout, is_slice) {
        return Ok(Some(memory));
    }
    let Some(memory) = Memory::of(object) else { return Ok(None) };
    if is_bytes(object) {
        let (len, size) = (memory.len(), layout.size());
        let fits = if is_slice { size > 0 && len % size == 0 } else { len == size };
        // A list of bytes is a value as well.
        if !fits && layout.vec_of().is_none() {
            let elements = if is_slice { "each element" } else { "the value" };
            return Err(PyValueError::new_err(format!("{len} bytes, where {elements} has {size}")));
        }
        return Ok(fits.then_some(memory));
    }
    if is_of_odd_class(object)? {
        return Ok(None);
    }
    let (letter, size) = match memory.format() {
        [letter] | [b'@' | b'=' | b'|' | NATIVE, letter] => (*letter, memory.item_size()),
        [.., b's'] => (b's', 1),
        _ => (b'}', 0),
    };
    // A text is an array.
    let text = (letter == b's').then(|| memory.item_size());
    let mut found = memory.shape().iter().copied().chain(text);
    let (all, mut left) = (found.clone(), Some(layout));
    if is_slice && found.next().is_none() {
        left = None;
    }
    for wanted in found {
        left = left.and_then(|layout| match layout.shape() {
            Shape::Array { element, len, .. } if len == wanted => Some(element),
            _ => None,
        });
    }
    let theirs = || helper(object.py(), "layout_of")?.call1((object,));
    let fits = match left {
        None => false,
        Some(element) if letter != b'}' => is_number(letter, size, element),
        Some(element) => theirs()?.cast::<PySchema>().is_ok_and(|it| lies_as(it.get().schema.layout(), element)),
    };
    if fits && letter == b'}' && left.is_some_and(|left| std::ptr::eq(left, layout)) {
        known.learn(object);
    }
    if !fits {
        same_shape(object, &all.collect::<Vec<_>>(), layout, is_slice)?;
    }
    Ok(fits.then_some(memory))
}

/// Whether an object's buffer says that a date is bytes.
///
/// # Errors
/// If some of what the buffer has is not to be seen.
fn is_of_odd_class(object: &Any<'_>) -> PyResult<bool> {
    let (py, class) = (object.py(), object.get_type());
    if ARRAY.get(py).is_some_and(|array| class.is(array)) {
        return Ok(false);
    }
    // The masked arrays of NumPy have it.
    if class.hasattr("hardmask")? {
        return wanted("an array without a mask, such as `array.filled(0)`,", object);
    }
    let name = class.name()?;
    if name.to_str()? == "ndarray" {
        let _ = ARRAY.set(py, class.unbind());
    }
    Ok(matches!(name.to_str()?, "datetime64" | "timedelta64"))
}

const NATIVE: u8 = if cfg!(target_endian = "little") { b'<' } else { b'>' };

/// # Errors
/// If an object has not the shape of the type.
fn same_shape(object: &Any<'_>, found: &[usize], layout: &Layout, is_slice: bool) -> PyResult<()> {
    let Some(shape) = shape_of(layout).filter(|shape| found.get(usize::from(is_slice)..) != Some(shape)) else {
        return Ok(());
    };
    let all = is_slice.then(|| "any".to_owned());
    let wanted = all.into_iter().chain(shape.iter().map(usize::to_string)).collect::<Vec<_>>().join(", ");
    let (found, name) = (described(object), layout.type_name());
    Err(PyValueError::new_err(format!("{found}, where the shape ({wanted}) of `{name}` is wanted")))
}

/// The lengths of arrays inside of arrays. `None` if a list may be in the place of one.
fn shape_of(mut layout: &Layout) -> Option<Vec<usize>> {
    let mut shape = Vec::new();
    loop {
        match layout.shape() {
            _ if layout.vec_of().is_some() => return None,
            Shape::Struct { fields, .. } if are_numbered(fields) => return None,
            Shape::Array { element, len, .. } => {
                shape.push(len);
                layout = element;
            }
            _ => return Some(shape),
        }
    }
}

/// Whether a number of a format of `struct` lies as a type does.
fn is_number(letter: u8, size: usize, layout: &Layout) -> bool {
    let letters: &[u8] = match layout.shape() {
        Shape::Scalar(Scalar::Bool) => b"?",
        Shape::Scalar(Scalar::Float) => b"efd",
        Shape::Scalar(kind) if kind.is_signed() => b"bhilqn",
        Shape::Tags { signed: true, .. } => b"bhilqn",
        Shape::Scalar(_) | Shape::Tags { .. } => b"BHILQNcs",
        _ => b"",
    };
    size == layout.size() && letters.contains(&letter)
}

/// Whether what lies as a type of NumPy or `ctypes`, which has no rules, and no names of types, lies as another type.
fn lies_as(theirs: &Layout, ours: &Layout) -> bool {
    let are_fields = |theirs: &[Field], ours: &[(&str, usize, &Layout)]| {
        let is_same = |(theirs, ours): (&Field, &(&str, usize, &Layout))| {
            (theirs.name(), theirs.offset()) == (ours.0, ours.1) && lies_as(theirs.layout(), ours.2)
        };
        theirs.len() == ours.len() && theirs.iter().zip(ours).all(is_same)
    };
    theirs.size() == ours.size()
        && match (theirs.shape(), ours.shape()) {
            (Shape::Struct { fields: theirs, .. }, Shape::Struct { fields, .. }) => {
                let named = fields.iter().filter(|field| field.layout().size() > 0);
                are_fields(
                    theirs,
                    &named.map(|field| (field.name(), field.offset(), field.layout())).collect::<Vec<_>>(),
                )
            }
            (Shape::Struct { fields, .. }, Shape::Enum { tag, payload, variants: [_, some], .. })
                if ours.mark() == Some(Mark::Optional) =>
            {
                let [value] = some.fields() else { return false };
                let [is_some, _] = fields else { return false };
                is_some.layout().size() == tag.size()
                    && matches!(is_some.layout().shape(), Shape::Scalar(Scalar::Bool))
                    && are_fields(&fields[1..], &[("value", payload, value.layout())])
            }
            (Shape::Array { element, len, .. }, Shape::Array { element: ours, len: wanted, .. }) if len == wanted => {
                lies_as(element, ours)
            }
            // What NumPy has no type for is bytes.
            (Shape::Array { element, .. }, _) => is_number(b'B', 1, element) && crate::describe::is_opaque(ours),
            (Shape::Scalar(Scalar::Bool), _) => is_number(b'?', ours.size(), ours),
            (Shape::Scalar(Scalar::Float), _) => is_number(b'd', ours.size(), ours),
            (Shape::Scalar(Scalar::Signed), _) => is_number(b'i', ours.size(), ours),
            (Shape::Scalar(Scalar::Unsigned), _) => is_number(b'I', ours.size(), ours),
            _ => false,
        }
}
