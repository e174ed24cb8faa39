//! The `numpy.dtype` of a type, if NumPy is there.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use seqcopy::Layout;
use seqcopy::layout::{Mark, Scalar, Shape};

use crate::helper::Any;

/// The kind of number that NumPy has for a type.
fn kind(layout: &Layout) -> Option<char> {
    Some(match layout.shape() {
        Shape::Scalar(_) if layout.size() > 8 => return None,
        Shape::Scalar(Scalar::Bool) => 'b',
        Shape::Scalar(Scalar::Float) => 'f',
        Shape::Scalar(kind) if kind.is_signed() => 'i',
        Shape::Tags { signed: true, .. } => 'i',
        Shape::Scalar(_) | Shape::Tags { .. } => 'u',
        _ => return None,
    })
}

/// Whether NumPy has no type for it, as for a number of 16 bytes: then it is bytes.
pub(crate) fn is_opaque(layout: &Layout) -> bool {
    let is_other = match layout.shape() {
        Shape::Array { .. } => false,
        Shape::Struct { fields, .. } => fields.is_empty(),
        _ => layout.mark() != Some(Mark::Optional),
    };
    is_other && kind(layout).is_none()
}

/// A format that `numpy.dtype` takes.
fn format<'py>(py: Python<'py>, layout: &Layout) -> PyResult<Any<'py>> {
    let size = layout.size();
    let text = |text: String| Ok(PyString::new(py, &text).into_any());
    if let Some(kind) = kind(layout) {
        return text(format!("={kind}{size}"));
    }
    match layout.shape() {
        Shape::Array { .. } => {
            let (mut of, mut shape) = (layout, Vec::new());
            while let Shape::Array { element, len, .. } = of.shape() {
                shape.push(len);
                of = element;
            }
            Ok((format(py, of)?, PyTuple::new(py, shape)?).into_pyobject(py)?.into_any())
        }
        Shape::Struct { fields, .. } if !fields.is_empty() => {
            let all = PyDict::new(py);
            let named: Vec<_> = fields.iter().filter(|field| field.layout().size() > 0).collect();
            all.set_item("names", named.iter().map(|field| field.name()).collect::<Vec<_>>())?;
            let formats = named.iter().map(|field| dtype(py, field.layout()));
            all.set_item("formats", formats.collect::<PyResult<Vec<_>>>()?)?;
            all.set_item("offsets", named.iter().map(|field| field.offset()).collect::<Vec<_>>())?;
            all.set_item("itemsize", size)?;
            Ok(all.into_any())
        }
        // An option: whether there is one, and the value.
        Shape::Enum { payload, variants: [_, some], .. } if layout.mark() == Some(Mark::Optional) => {
            let all = PyDict::new(py);
            all.set_item("names", ["is_some", "value"])?;
            let value = some.fields().first().map(|field| dtype(py, field.layout())).transpose()?;
            all.set_item("formats", ("?", value))?;
            all.set_item("offsets", [0, payload])?;
            all.set_item("itemsize", size)?;
            Ok(all.into_any())
        }
        _ => text(format!("V{size}")),
    }
}

pub(crate) fn dtype<'py>(py: Python<'py>, layout: &Layout) -> PyResult<Any<'py>> {
    py.import("numpy")?.call_method1("dtype", (format(py, layout)?,))
}
