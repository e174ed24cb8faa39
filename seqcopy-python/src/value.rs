//! Converts between bytes and Python values. A struct is a dict, an enum is the name of its variant, and an option is
//! its value or `None`.

use crate::error::Any;
use crate::memory::{bytes_object, check_space, is_bytes, unless_fatal};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMemoryView, PyString, PyTuple};
use seqcopy::Layout;
use seqcopy::layout::{Field, Mark, Scalar, Shape, are_numbered, put_any, put_number};
use seqcopy_shm::untyped::{Fields, Node, Value};

/// The object for a value whose bytes were validated.
pub(crate) fn plain<'py>(py: Python<'py>, layout: &Layout, bytes: &[u8]) -> PyResult<Any<'py>> {
    object(py, Value::new(layout, bytes))
}

/// The names of a struct's fields as texts of Python. Made once, they serve for many values of the type.
pub(crate) struct Names<'py>(Vec<Bound<'py, PyString>>);

impl<'py> Names<'py> {
    pub(crate) fn of(py: Python<'py>, layout: &Layout) -> Self {
        match layout.shape() {
            Shape::Struct { fields, .. } if !are_numbered(fields) && layout.mark().is_none() => {
                Names(fields.iter().map(|field| PyString::intern(py, field.name())).collect())
            }
            _ => Names(Vec::new()),
        }
    }

    /// Makes the object for a value of that type, as [`plain`] does.
    pub(crate) fn plain(&self, py: Python<'py>, layout: &Layout, bytes: &[u8]) -> PyResult<Any<'py>> {
        let value = Value::new(layout, bytes);
        match value.look() {
            Node::Fields(fields) if !self.0.is_empty() => {
                dict_of(py, self.0.iter().zip(fields.iter().map(|(_, value)| value)))
            }
            _ => object(py, value),
        }
    }
}

/// A dict of fields, without those that are not read.
fn dict_of<'py, 'v, N: IntoPyObject<'py>>(
    py: Python<'py>,
    fields: impl Iterator<Item = (N, Value<'v>)>,
) -> PyResult<Any<'py>> {
    let all = PyDict::new(py);
    for (name, value) in fields.filter(|(_, value)| !matches!(value.layout().shape(), Shape::Skipped)) {
        all.set_item(name, object(py, value)?)?;
    }
    Ok(all.into_any())
}

fn object<'py>(py: Python<'py>, value: Value<'_>) -> PyResult<Any<'py>> {
    Ok(match value.look() {
        // A wide number takes ten times as long.
        Node::Unsigned(number) => match u64::try_from(number) {
            Ok(number) => number.into_pyobject(py)?.into_any(),
            Err(_) => number.into_pyobject(py)?.into_any(),
        },
        Node::Signed(number) => match i64::try_from(number) {
            Ok(number) => number.into_pyobject(py)?.into_any(),
            Err(_) => number.into_pyobject(py)?.into_any(),
        },
        Node::Single(number) => PyFloat::new(py, number.into()).into_any(),
        Node::Double(number) => PyFloat::new(py, number).into_any(),
        Node::Bool(bool) => PyBool::new(py, bool).to_owned().into_any(),
        Node::Char(char) => PyString::new(py, char.encode_utf8(&mut [0; 4])).into_any(),
        Node::Nothing | Node::Skipped => py.None().into_bound(py),
        Node::Bytes(bytes) => bytes_object(py, bytes)?,
        Node::Text(text) => {
            check_space(4 * text.len())?;
            PyString::new(py, text).into_any()
        }
        Node::List(list) if is_byte(list.element()) => bytes_object(py, list.bytes())?,
        Node::List(list) => listed(py, list.element(), list.len(), list.iter())?,
        Node::Empty(len) => {
            let element = match value.layout().shape() {
                Shape::Array { element, .. } => element,
                _ => value.layout().vec_of().map_or(value.layout(), |(element, _)| element),
            };
            listed(py, element, len, (0..len).map(|_| Value::new(element, &[])))?
        }
        Node::Fields(fields) => match (fields.variant(), value.layout().shape()) {
            (None, _) => structure(py, fields)?,
            (Some(_), _) if value.layout().mark() == Some(Mark::Optional) => match fields.iter().next() {
                Some((_, value)) => object(py, value)?,
                None => py.None().into_bound(py),
            },
            (Some(name), Shape::Tags { .. }) => PyString::new(py, name).into_any(),
            (Some(name), _) => {
                PyTuple::new(py, [PyString::new(py, name).into_any(), structure(py, fields)?])?.into_any()
            }
        },
        Node::Invalid { found, expected } => {
            return Err(PyValueError::new_err(format!("found {found:#x}, expected {expected}")));
        }
    })
}

fn listed<'py, 'v>(
    py: Python<'py>,
    element: &Layout,
    count: usize,
    values: impl Iterator<Item = Value<'v>>,
) -> PyResult<Any<'py>> {
    list_of(py, element, count, values.map(|value| object(py, value)))
}

/// Checks that there is memory for this many objects, each with a value of each of these types and this many bytes
/// more. Called before the first object is made.
pub(crate) fn check_objects<const N: usize>(of: [&Layout; N], beside: usize, count: usize) -> PyResult<()> {
    if count < 1 << 12 && count.saturating_mul(of.iter().map(|of| of.size()).sum()) < 1 << 16 {
        return Ok(());
    }
    check_space(count.saturating_mul(of.iter().fold(beside, |sum, of| sum.saturating_add(space_of(of)))))
}

/// A list of as many objects of a type.
pub(crate) fn list_of<'py>(
    py: Python<'py>,
    of: &Layout,
    count: usize,
    objects: impl Iterator<Item = PyResult<Any<'py>>>,
) -> PyResult<Any<'py>> {
    // A pointer in Rust's list, and one in Python's.
    check_objects([of], 16, count)?;
    let mut all = Vec::with_capacity(count);
    for object in objects {
        all.push(object?);
    }
    Ok(PyList::new(py, all)?.into_any())
}

/// The approximate size of the Python objects for a value, at least. Lists that may be shorter check their own memory.
fn space_of(layout: &Layout) -> usize {
    let of_fields = |fields: &[Field]| {
        fields.iter().fold(if fields.is_empty() { 0 } else { 184usize }, |sum, field| {
            sum.saturating_add(8 + space_of(field.layout()))
        })
    };
    if layout.vec_of().is_some() || layout.str_capacity().is_some() {
        return 64;
    }
    match layout.shape() {
        Shape::Array { element, len, .. } if is_byte(element) => 40usize.saturating_add(len),
        Shape::Array { element, len, .. } => len.saturating_mul(8 + space_of(element)).saturating_add(64),
        Shape::Struct { fields, .. } => of_fields(fields),
        Shape::Enum { .. } | Shape::Tags { .. } => 64,
        _ => 32,
    }
}

fn is_byte(layout: &Layout) -> bool {
    layout.size() == 1 && matches!(layout.shape(), Shape::Scalar(Scalar::Unsigned))
}

fn structure<'py>(py: Python<'py>, fields: Fields<'_>) -> PyResult<Any<'py>> {
    if fields.are_numbered() {
        return match fields.iter().next() {
            Some((_, only)) if fields.len() == 1 => object(py, only),
            _ => {
                let each = fields.iter().map(|(_, value)| object(py, value));
                Ok(PyTuple::new(py, each.collect::<PyResult<Vec<_>>>()?)?.into_any())
            }
        };
    }
    dict_of(py, fields.iter())
}

/// An object in a message. An array is described by its shape and the kind of its numbers.
pub(crate) fn described(found: &Any<'_>) -> String {
    let kind = found.getattr("dtype").or_else(|_| found.getattr("format"));
    let shape = found.getattr("shape").ok().and_then(|shape| shape.cast_into::<PyTuple>().ok());
    match (shape, kind) {
        (Some(shape), Ok(kind)) if !shape.is_empty() => format!("an array of shape {shape} of {kind}"),
        _ => {
            let text = found.repr().map_or_else(|_| found.get_type().to_string(), |text| text.to_string());
            match text.char_indices().nth(200) {
                Some((end, _)) => format!("{}..", &text[..end]),
                None => text,
            }
        }
    }
}

pub(crate) fn wanted<T>(what: impl std::fmt::Display, found: &Any<'_>) -> PyResult<T> {
    Err(PyTypeError::new_err(format!("{} where {what} is wanted", described(found))))
}

/// Stores a value as bytes. All of the bytes are zeros before.
pub(crate) fn put(layout: &Layout, value: &Any<'_>, bytes: &mut [u8]) -> PyResult<()> {
    let bytes = &mut bytes[..layout.size()];
    if layout.str_capacity().is_some() || layout.vec_of().is_some() {
        return put_list(layout, value, bytes);
    }
    match layout.shape() {
        Shape::Scalar(kind) => put_scalar(kind, value, bytes),
        Shape::Array { element, len, .. } => {
            // A text of NumPy ends before the zeros at its end.
            let is_text = || value.is_instance_of::<PyBytes>() && value.hasattr("dtype").unwrap_or(false);
            if put_elements(element, len, value, bytes)? == len || is_text() {
                return Ok(());
            }
            wanted(format_args!("an array of {len}"), value)
        }
        Shape::Struct { fields, .. } => put_structure(layout.name(), fields, 0, value, bytes),
        Shape::Tags { signed, variants, .. } => {
            let found = |name: &Any<'_>| {
                let name = name.cast::<PyString>().ok()?;
                let name = name.to_str().ok()?;
                variants.iter().find(|variant| variant.name() == name)
            };
            // A member of an `enum.Enum` has a name, too.
            match found(value).or_else(|| found(&value.getattr("name").ok()?)) {
                Some(variant) => {
                    put_number(variant.value(), signed, bytes);
                    Ok(())
                }
                None => {
                    let names =
                        variants.iter().take(16).map(|it| format!("{:?}", it.name())).collect::<Vec<_>>().join(", ");
                    wanted(format_args!("the name of a variant of `{}` ({names})", layout.name()), value)
                }
            }
        }
        Shape::Enum { tag, payload, variants, .. } => {
            let (name, content) = if layout.mark() == Some(Mark::Optional) {
                (if value.is_none() { "None" } else { "Some" }.to_owned(), value.clone())
            } else {
                let Ok((name, content)) = value.extract::<(String, Any<'_>)>() else {
                    return wanted(format_args!("a tuple of a variant of `{}` and its fields", layout.name()), value);
                };
                (name, content)
            };
            let Some(variant) = variants.iter().find(|variant| variant.name() == name) else {
                return wanted(format_args!("a variant of `{}`", layout.name()), value);
            };
            put_number(variant.value(), variant.value() < 0, &mut bytes[..tag.size()]);
            if variant.fields().is_empty() {
                return Ok(());
            }
            put_structure(variant.name(), variant.fields(), payload, &content, bytes)
        }
        Shape::Skipped => Ok(()),
        _ => match value.extract::<&[u8]>() {
            Ok(found) if found.len() == bytes.len() => {
                bytes.copy_from_slice(found);
                Ok(())
            }
            _ => wanted(format_args!("{} bytes", bytes.len()), value),
        },
    }
}

/// Whether the value is one of Python's own numbers or a text, which is the usual case, and not a number of NumPy.
fn is_plain(value: &Any<'_>) -> bool {
    value.is_exact_instance_of::<PyFloat>()
        || value.is_instance_of::<PyInt>()
        || value.is_instance_of::<PyFloat>()
        || value.is_instance_of::<PyString>()
}

/// Converts a number of NumPy to a number of Python. (NumPy itself would also convert a complex number, a date, and an
/// array with one element.)
fn plain_of<'py>(value: &Any<'py>) -> PyResult<Option<Any<'py>>> {
    let Ok(dtype) = value.getattr("dtype") else { return Ok(None) };
    if has_numbers(&dtype) == Some(false) || value.getattr("ndim").is_ok_and(|ndim| !ndim.eq(0).unwrap_or(true)) {
        return wanted("one number", value);
    }
    Ok(value.call_method0("item").ok())
}

/// Whether a dtype contains numbers or objects. `None` if it is not a dtype of NumPy.
fn has_numbers(dtype: &Any<'_>) -> Option<bool> {
    dtype.getattr("kind").ok()?.extract().ok().map(|kind| "biufO".contains::<char>(kind))
}

fn put_scalar(kind: Scalar, value: &Any<'_>, bytes: &mut [u8]) -> PyResult<()> {
    let item = if is_plain(value) { None } else { plain_of(value)? };
    let value = item.as_ref().unwrap_or(value);
    match kind {
        Scalar::Bool => bytes[0] = value.extract::<bool>().or_else(|_| wanted("True or False", value))?.into(),
        Scalar::Char => {
            let c: char = value.extract().or_else(|_| wanted("one character", value))?;
            bytes.copy_from_slice(&u32::from(c).to_ne_bytes());
        }
        Scalar::Float => {
            // As JSON has the numbers that it lacks, in recordings.
            let number: f64 = match value.cast::<PyString>().ok().and_then(|text| text.to_str().ok()) {
                Some("NaN") => f64::NAN,
                Some("inf") => f64::INFINITY,
                Some("-inf") => f64::NEG_INFINITY,
                _ => value.extract()?,
            };
            let is_too_large = number.is_infinite() && !value.is_instance_of::<PyString>() && !value.eq(number)?;
            match bytes.len() {
                4 | 8 if is_too_large || bytes.len() == 4 && number.is_finite() && !(number as f32).is_finite() => {
                    let bits = 8 * bytes.len();
                    return Err(PyOverflowError::new_err(format!("{value} is too large for a float of {bits} bits")));
                }
                4 => bytes.copy_from_slice(&(number as f32).to_ne_bytes()),
                8 => bytes.copy_from_slice(&number.to_ne_bytes()),
                _ => return wanted("bytes of a float of that width, as a whole value,", value),
            }
        }
        _ if value.is_none() && matches!(kind, Scalar::OptionNonZeroUnsigned | Scalar::OptionNonZeroSigned) => {}
        _ => {
            let is_signed = kind.is_signed();
            // NumPy's numbers have `__index__`.
            let found = match (is_signed, bytes.len()) {
                (true, 16) => value.extract(),
                (false, 16) => value.extract::<u128>().map(|number| number as i128),
                (true, _) => value.extract::<i64>().map(i128::from),
                (false, _) => value.extract::<u64>().map(i128::from),
            };
            match found {
                Ok(found) if put_number(found, is_signed, bytes) => {}
                Err(error) if !error.is_instance_of::<PyOverflowError>(value.py()) => return Err(error),
                _ => {
                    let (sign, bits) = (if is_signed { "signed" } else { "unsigned" }, 8 * bytes.len());
                    return Err(PyOverflowError::new_err(format!("{value} does not fit into {sign} {bits} bits")));
                }
            }
        }
    }
    Ok(())
}

fn put_list(layout: &Layout, value: &Any<'_>, bytes: &mut [u8]) -> PyResult<()> {
    let [_, array] = layout.fields() else { return wanted("another type", value) };
    let content = &mut bytes[array.offset()..];
    let len = if let Some((element, capacity)) = layout.vec_of() {
        let content = &mut content[..element.size() * capacity];
        let count = put_elements(element, capacity, value, content)?;
        let unused = &mut content[count * element.size()..];
        if !unused.is_empty() {
            unused.chunks_exact_mut(element.size()).for_each(|unused| put_any(element, unused));
        }
        count
    } else {
        let Ok(text) = value.cast::<PyString>() else { return wanted("a text", value) };
        let (text, capacity) = (text.to_str()?, layout.str_capacity().unwrap_or(0));
        if text.len() > capacity {
            return Err(PyValueError::new_err(format!(
                "a text of {} bytes, where there is space for {capacity}",
                text.len()
            )));
        }
        content[..text.len()].copy_from_slice(text.as_bytes());
        text.len()
    };
    put_number(len as i128, false, &mut bytes[..4]);
    Ok(())
}

/// Stores elements, and returns how many there were.
pub(crate) fn put_elements(element: &Layout, capacity: usize, value: &Any<'_>, bytes: &mut [u8]) -> PyResult<usize> {
    let too_many = |len| PyValueError::new_err(format!("{len} elements, where there is space for {capacity}"));
    if let (true, Ok(found)) = (is_byte(element), value.extract::<&[u8]>()) {
        bytes.get_mut(..found.len()).ok_or_else(|| too_many(found.len()))?.copy_from_slice(found);
        return Ok(found.len());
    }
    let what = || format!("a list of `{}`", element.type_name());
    if is_bytes(value) {
        return wanted(what(), value);
    }
    let mut count = 0;
    // Python's numbers are stored at once. Views with several dimensions can't be iterated over.
    let is_list = value.is_exact_instance_of::<PyList>() || value.is_exact_instance_of::<PyTuple>();
    let is_array = || value.getattr("dtype").ok().and_then(|dtype| has_numbers(&dtype)) == Some(true);
    let is_listed = !is_list && (value.is_exact_instance_of::<PyMemoryView>() || is_array());
    let listed = if is_listed { unless_fatal(value.call_method0("tolist"), value.py())? } else { None };
    for item in listed.as_ref().unwrap_or(value).try_iter().or_else(|_| wanted(what(), value))? {
        let place = bytes.get_mut(count * element.size()..).filter(|place| place.len() >= element.size());
        let longer = || PyValueError::new_err("there are more elements than `len()` said");
        let wrong = || if count < capacity { longer() } else { too_many(count + 1) };
        put(element, &item?, place.filter(|_| count < capacity).ok_or_else(wrong)?)?;
        count += 1;
    }
    Ok(count)
}

fn put_structure(name: &str, fields: &[Field], start: usize, value: &Any<'_>, bytes: &mut [u8]) -> PyResult<()> {
    let mut put_field = |field: &Field, value: &Any<'_>| {
        let put = put(field.layout(), value, &mut bytes[start + field.offset()..]);
        if let Err(error) = &put {
            let note = format!("in field `{}` of `{name}`", field.name());
            let _ = error.value(value.py()).call_method1("add_note", (note,));
        }
        put
    };
    if are_numbered(fields) {
        if let [only] = fields {
            return put_field(only, value);
        }
        let is_row = !value.is_instance_of::<PyString>() && !value.is_instance_of::<PyDict>();
        let all = if is_row { unless_fatal(value.len().and_then(|_| value.try_iter()), value.py())? } else { None };
        // Never more than are wanted, even if the iterator has more.
        let all = all.into_iter().flatten().take(fields.len() + 1).collect::<PyResult<Vec<_>>>()?;
        if all.len() != fields.len() {
            return wanted(format_args!("a tuple of {}", fields.len()), value);
        }
        return fields.iter().zip(&all).try_for_each(|(field, value)| put_field(field, value));
    }
    let is_skipped = |field: &Field| matches!(field.layout().shape(), Shape::Skipped);
    let named = || fields.iter().filter(|field| !is_skipped(field));
    if let Ok(all) = value.cast::<PyDict>() {
        // Copies of both, because a conversion may change the dict.
        let (keys, values) = (all.keys(), all.values());
        // A dict may contain the same text twice, as keys of a subclass of `str`.
        let mut are_plain = true;
        for (next, (key, value)) in keys.iter().zip(values).enumerate() {
            let text = key.cast::<PyString>().ok().and_then(|key| key.to_str().ok());
            are_plain &= key.is_exact_instance_of::<PyString>();
            let is_it = |field: &&Field| Some(field.name()) == text && !is_skipped(field);
            // The usual order is that of the fields.
            let in_order = fields.get(next).filter(is_it);
            let Some(field) = in_order.or_else(|| fields.iter().find(is_it)) else {
                return Err(PyValueError::new_err(format!("`{name}` has no field {}", key.repr()?)));
            };
            put_field(field, &value)?;
        }
        let may_miss = keys.len() < fields.len() || !are_plain;
        let missing = |field: &&Field| may_miss && !keys.contains(field.name()).unwrap_or(false);
        return match named().find(missing) {
            None => Ok(()),
            Some(field) => Err(PyValueError::new_err(format!("the field `{}` of `{name}` is missing", field.name()))),
        };
    }
    // A dataclass, a named tuple, another object with these attributes, or a record of NumPy.
    let part = |name| value.getattr("dtype").and_then(|_| value.get_item(name)).or_else(|_| value.getattr(name));
    named().try_for_each(|field| match part(field.name()) {
        Ok(value) => put_field(field, &value),
        Err(_) => wanted(format_args!("a dict or an object with the fields of `{name}`"), value),
    })
}
