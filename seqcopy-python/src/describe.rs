//! [`PySchema`]: a type that Python describes with a text, a dict, a `numpy.dtype`, a class of `ctypes`, or the bytes
//! of a schema. Also the `numpy.dtype` of a type, if NumPy is installed.

use std::path::{Path, PathBuf};

use crate::error::{Any, helper, not_a_type, of_schema};
use crate::value::wanted;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use seqcopy::Layout;
use seqcopy::layout::{Mark, Scalar, Shape};
use seqcopy_shm::untyped::MapWriter;
use seqcopy_shm::{Schema, SchemaBuilder};

/// NumPy's kind of number for a type.
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

/// A number as NumPy writes its type, such as `=f8`.
pub(crate) fn number(layout: &Layout) -> Option<String> {
    kind(layout).map(|kind| format!("={kind}{}", layout.size()))
}

/// Whether NumPy has no such type, as for a number of 16 bytes. It is bytes then.
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
    if let Some(number) = number(layout) {
        return text(number);
    }
    let structure = |parts: Vec<(&str, usize, PyResult<Any<'py>>)>| {
        let all = PyDict::new(py);
        all.set_item("names", parts.iter().map(|part| part.0).collect::<Vec<_>>())?;
        all.set_item("offsets", parts.iter().map(|part| part.1).collect::<Vec<_>>())?;
        all.set_item("formats", parts.into_iter().map(|part| part.2).collect::<PyResult<Vec<_>>>()?)?;
        all.set_item("itemsize", size)?;
        Ok(all.into_any())
    };
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
            let named = fields.iter().filter(|field| field.layout().size() > 0);
            structure(named.map(|it| (it.name(), it.offset(), dtype(py, it.layout()))).collect())
        }
        // An option: whether it has a value, and the value.
        Shape::Enum { payload, variants: [_, some], .. } if layout.mark() == Some(Mark::Optional) => {
            let value = some.fields().iter().map(|it| ("value", payload, dtype(py, it.layout())));
            structure([("is_some", 0, text("?".to_owned()))].into_iter().chain(value).collect())
        }
        _ => text(format!("V{size}")),
    }
}

pub(crate) fn dtype<'py>(py: Python<'py>, layout: &Layout) -> PyResult<Any<'py>> {
    py.import("numpy")?.call_method1("dtype", (format(py, layout)?,))
}

/// A type, as regions have it. `Schema("f64")`, `Schema({"at": "u64", "bid": "f64"}, name="Quote")`,
/// `Schema(numpy.dtype(..))`, `Schema(SomeStructure)` and `Schema(bytes)`. A list of names is an enum. `types` has
/// other structs and enums, which texts may name.
#[pyclass(name = "Schema", module = "seqcopy", frozen)]
pub(crate) struct PySchema {
    pub(crate) schema: Schema,
}

type Types<'a, 'py> = Option<&'a Bound<'py, PyDict>>;

fn built(kind: &SchemaBuilder) -> PyResult<PySchema> {
    kind.build().map(|schema| PySchema { schema }).map_err(not_a_type)
}

#[pymethods]
impl PySchema {
    #[new]
    #[pyo3(signature = (kind, *, name = "Value", types = None))]
    fn new(kind: &Any<'_>, name: &str, types: Types<'_, '_>) -> PyResult<Self> {
        built(&Known::of(types)?.described(kind, name, 0)?)
    }

    /// The schema of slices of such values, with space for that many.
    #[staticmethod]
    #[pyo3(signature = (element, capacity, *, name = "Value", types = None))]
    fn slice(element: &Any<'_>, capacity: usize, name: &str, types: Types<'_, '_>) -> PyResult<Self> {
        built(&Known::of(types)?.described(element, name, 0)?.slice(capacity))
    }

    /// The schema of maps with such keys and values.
    #[staticmethod]
    #[pyo3(signature = (key, value, *, name = "Value", types = None))]
    fn map(key: &Any<'_>, value: &Any<'_>, name: &str, types: Types<'_, '_>) -> PyResult<Self> {
        let known = Known::of(types)?;
        let map = built(&SchemaBuilder::map(&known.described(key, "Key", 0)?, &known.described(value, name, 0)?))?;
        MapWriter::check_slots(&map.schema).map(|()| map).map_err(not_a_type)
    }

    /// The schema that a file describes in JSON, as `seqcopy header --type` takes it.
    #[staticmethod]
    fn load(path: PathBuf) -> PyResult<Self> {
        let schema = seqcopy_cli::read_description(&std::fs::read_to_string(path)?).map_err(PyValueError::new_err)?;
        Ok(PySchema { schema })
    }

    /// The description in JSON that `load` takes.
    fn to_json(&self) -> PyResult<String> {
        seqcopy_cli::describe(&self.schema).map_err(PyValueError::new_err)
    }

    /// How many bytes a value has.
    #[getter]
    fn size(&self) -> usize {
        self.schema.layout().size()
    }

    /// The name of the type, as Rust writes it.
    #[getter]
    fn name(&self) -> String {
        self.schema.layout().type_name().to_string()
    }

    /// The fields of a struct, by name, with their types as texts; of a map those of a slot, and none of anything else.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        let Shape::Struct { fields, .. } = self.schema.layout().shape() else { return Ok(all) };
        fields.iter().try_for_each(|it| all.set_item(it.name(), it.layout().type_name().to_string()))?;
        Ok(all)
    }

    /// The `numpy.dtype` of a value.
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        crate::describe::dtype(py, self.schema.layout())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Py<PyAny>, (Bound<'py, PyBytes>,)) {
        (slf.get_type().into_any().unbind(), (slf.get().__bytes__(slf.py()),))
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.schema.as_bytes())
    }

    fn __eq__(&self, other: &Any<'_>) -> bool {
        other.cast::<PySchema>().is_ok_and(|other| other.get().schema == self.schema)
    }

    fn __hash__(&self) -> u64 {
        self.schema.fingerprint()
    }

    fn __repr__(&self) -> String {
        format!("<seqcopy.Schema of {}, {} bytes>", self.name(), self.size())
    }
}

/// The place and the types of an object, for `repr`.
pub(crate) fn place_of(path: Option<&Path>, none: &str) -> String {
    path.map_or_else(|| none.to_owned(), |path| format!("at {}", path.display()))
}

/// Names the type of the values in a region, such as `u64`. For a map, names both types: `u32 to u64`.
pub(crate) fn types_of(schema: &Schema, is_map: bool) -> String {
    match schema.layout().shape() {
        Shape::Struct { fields: [_, key, value], .. } if is_map => {
            format!("{} to {}", key.layout().type_name(), value.layout().type_name())
        }
        _ => schema.layout().type_name().to_string(),
    }
}

/// The schema that an object describes.
pub(crate) fn of(kind: &Any<'_>, name: &str) -> PyResult<Schema> {
    Known(Vec::new()).described(kind, name, 0)?.build().map_err(not_a_type)
}

/// The error with a note that names the field.
fn in_field(py: Python<'_>, error: PyErr, field: &str) -> PyErr {
    let _ = error.value(py).call_method1("add_note", (format!("in field `{field}`"),));
    error
}

/// Types with names. Each may use the ones before it.
struct Known(Vec<(String, SchemaBuilder)>);

impl Known {
    fn of(types: Types<'_, '_>) -> PyResult<Known> {
        let mut known = Known(Vec::new());
        for (name, kind) in types.into_iter().flatten() {
            let kind = known.described(&kind, name.extract()?, 0)?;
            known.0.push((name.extract()?, kind));
        }
        Ok(known)
    }

    /// A type at this depth of nesting. A type may contain itself, so the depth is limited.
    fn described(&self, kind: &Any<'_>, name: &str, depth: usize) -> PyResult<SchemaBuilder> {
        if let Ok(text) = kind.cast::<PyString>() {
            let find = |name: &str| self.0.iter().find(|(other, _)| other == name).map(|(_, kind)| kind.clone());
            return SchemaBuilder::parse(text.to_str()?, &find).map_err(PyValueError::new_err);
        }
        if let Ok(names) = kind.cast::<PyList>() {
            let names: Vec<String> = names.extract()?;
            return Ok(SchemaBuilder::names(name, &names.iter().map(|name| &**name).collect::<Vec<_>>()));
        }
        if let Ok(schema) = kind.cast::<PySchema>() {
            return Ok(SchemaBuilder::from(&schema.get().schema));
        }
        if let Ok(bytes) = kind.cast::<PyBytes>() {
            return Schema::decode(bytes.as_bytes()).map(|schema| SchemaBuilder::from(&schema)).map_err(of_schema);
        }
        // NumPy would take it for an f64.
        if kind.is_none() {
            return wanted("a type", kind);
        }
        if depth > 64 {
            return Err(PyValueError::new_err("types inside of types, more than 64 deep"));
        }
        let Ok(fields) = kind.cast::<PyDict>() else { return self.of_other(kind, name, depth + 1) };
        let mut all = Vec::new();
        for (field, kind) in fields {
            let field: String = field.extract()?;
            let inner = self.described(&kind, &SchemaBuilder::name_of_field(&field), depth + 1);
            let inner = inner.map_err(|error| in_field(kind.py(), error, &field))?;
            all.push((field, inner));
        }
        let all: Vec<_> = all.iter().map(|(field, kind)| (&**field, kind.clone())).collect();
        Ok(SchemaBuilder::structure(name, &all))
    }

    /// A type of `ctypes` or NumPy, with its own offsets. A struct becomes its name, size, alignment and fields, an
    /// array its element and length, and a number a text.
    fn of_other(&self, kind: &Any<'_>, name: &str, depth: usize) -> PyResult<SchemaBuilder> {
        let found = helper(kind.py(), "described")?.call1((kind,))?;
        if let Ok((own, size, align, fields)) = found.extract::<(Option<String>, usize, usize, Bound<'_, PyList>)>() {
            let mut all = Vec::new();
            for field in fields {
                let (field, offset, kind): (String, usize, Any<'_>) = field.extract()?;
                let inner = self.described(&kind, &SchemaBuilder::name_of_field(&field), depth)?;
                all.push((field, offset, inner));
            }
            let all: Vec<_> = all.iter().map(|(field, offset, kind)| (&**field, *offset, kind.clone())).collect();
            return Ok(SchemaBuilder::structure_at(own.as_deref().unwrap_or(name), size, align, &all));
        }
        // A class of Python, with its name.
        match found.extract::<(String, Any<'_>)>() {
            Ok((own, kind)) if kind.is_instance_of::<PyDict>() || kind.is_instance_of::<PyList>() => {
                return self.described(&kind, &own, depth);
            }
            _ => {}
        }
        match found.extract::<(Any<'_>, usize)>() {
            Ok((element, len)) => Ok(self.described(&element, name, depth)?.array(len)),
            Err(_) => self.described(&found, name, depth),
        }
    }
}
