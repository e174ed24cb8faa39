//! [`Bytes`] is the memory of a Python object that has the layout of a value. Arrays, structures and bytes have such
//! memory, through Python's buffer protocol.

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

/// The class of NumPy's arrays, after the first array was passed.
static ARRAY: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// NumPy's dtype that is known to have the layout of a handle's type or elements. The dtype object is kept and compared
/// by identity. Its names are kept, too, because a program may rename its fields.
#[derive(Default)]
pub(crate) struct Known(Mutex<Option<[Py<PyAny>; 2]>>);

impl Known {
    /// The dtype of an array, and its names.
    fn of<'py>(object: &Any<'py>) -> Option<[Any<'py>; 2]> {
        // No other object is asked for this attribute. If it lacks the attribute, that takes longer than everything
        // else.
        ARRAY.get(object.py()).filter(|array| object.get_type().is(array))?;
        let dtype = object.getattr(intern!(object.py(), "dtype")).ok()?;
        let names = dtype.getattr(intern!(object.py(), "names")).ok().filter(|names| !names.is_none())?;
        Some([dtype, names])
    }

    /// The memory of an array with the known dtype. For a slice, a row of elements.
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
        // Dropping a dtype may run Python code, because of its metadata. So it is not dropped under the lock.
        drop(before);
    }
}

/// Memory without gaps, in C's order.
pub(crate) struct Bytes<'py>(Memory<'py>);

impl<'py> Bytes<'py> {
    /// The memory of an object, if it contains a value of the type, or elements for a slice. `None` if the object has
    /// to be converted.
    ///
    /// # Errors
    /// If it is an array of another shape, because each number would get into a wrong place.
    pub(crate) fn of(object: &Any<'py>, layout: &Layout, is_slice: bool, known: &Known) -> PyResult<Option<Self>> {
        match fitting(object, layout, is_slice, known)? {
            Some(memory) if memory.is_contiguous() => Ok(Some(Bytes(memory))),
            Some(_) => Ok(Memory::of(&helper(object.py(), "contiguous")?.call1((object,))?).map(Bytes)),
            None => Ok(None),
        }
    }

    /// Memory to write into.
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

    /// Calls `work` with the bytes. `work` must keep the interpreter's lock and call nothing in Python. Unless
    /// `takes_any`, it receives a copy, because another process may change shared memory meanwhile.
    pub(crate) fn with<R>(self, takes_any: bool, work: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
        if !takes_any {
            return Ok(work(&self.copy()?));
        }
        // SAFETY: what `work` does.
        Ok(work(unsafe { self.0.bytes() }))
    }

    /// Lets `work` fill the bytes, under the same conditions. Unless `takes_any`, `work` fills another buffer, and
    /// returns how many bytes it has written.
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

/// The memory of an object, if it has the layout of the type: as bytes of the right size, or as the same numbers in
/// this machine's byte order and in the same shape.
fn fitting<'py>(object: &Any<'py>, layout: &Layout, is_slice: bool, known: &Known) -> PyResult<Option<Memory<'py>>> {
    // The usual objects, without asking for each kind.
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
        // A list of bytes is a value, too.
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
    // A text is an array of characters.
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

/// Whether an object presents its dates as bytes in its buffer.
///
/// # Errors
/// If a part of the object must not be seen.
fn is_of_odd_class(object: &Any<'_>) -> PyResult<bool> {
    let (py, class) = (object.py(), object.get_type());
    if ARRAY.get(py).is_some_and(|array| class.is(array)) {
        return Ok(false);
    }
    // NumPy's masked arrays have this attribute.
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
/// If an object does not have the shape of the type.
fn same_shape(object: &Any<'_>, found: &[usize], layout: &Layout, is_slice: bool) -> PyResult<()> {
    let Some(shape) = shape_of(layout).filter(|shape| found.get(usize::from(is_slice)..) != Some(shape)) else {
        return Ok(());
    };
    let all = is_slice.then(|| "any".to_owned());
    let wanted = all.into_iter().chain(shape.iter().map(usize::to_string)).collect::<Vec<_>>().join(", ");
    let (found, name) = (described(object), layout.type_name());
    Err(PyValueError::new_err(format!("{found}, where the shape ({wanted}) of `{name}` is wanted")))
}

/// The lengths of nested arrays. `None` if a list may stand for one of them.
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

/// Whether a number with this format of `struct` has the layout of the type.
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

/// Whether a type of NumPy or `ctypes` has the layout of another type. The former has neither rules nor names of types.
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
            // A type that NumPy lacks is bytes.
            (Shape::Array { element, .. }, _) => is_number(b'B', 1, element) && crate::describe::is_opaque(ours),
            (Shape::Scalar(Scalar::Bool), _) => is_number(b'?', ours.size(), ours),
            (Shape::Scalar(Scalar::Float), _) => is_number(b'd', ours.size(), ours),
            (Shape::Scalar(Scalar::Signed), _) => is_number(b'i', ours.size(), ours),
            (Shape::Scalar(Scalar::Unsigned), _) => is_number(b'I', ours.size(), ours),
            _ => false,
        }
}
