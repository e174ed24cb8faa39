//! [`PySchema`]: a type, from what Python programs have: a text, a dict, a `numpy.dtype`, a class of `ctypes`, or the bytes of a schema.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use seqcopy_shm::{Schema, SchemaBuilder};

use crate::error::of_schema;

/// A type, as regions have it. `Schema("f64")`, `Schema({"at": "u64", "bid": "f64"}, name="Quote")`, `Schema(numpy.dtype(..))`,
/// `Schema(SomeStructure)` and `Schema(bytes)`.
#[pyclass(name = "Schema", module = "seqcopy", frozen)]
pub(crate) struct PySchema {
    pub(crate) schema: Schema,
}

#[pymethods]
impl PySchema {
    #[new]
    #[pyo3(signature = (kind, *, name = "Value"))]
    fn new(kind: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        Ok(PySchema { schema: of(kind, name)? })
    }

    /// The schema of slices of such values, with space for that many.
    #[staticmethod]
    #[pyo3(signature = (element, capacity, *, name = "Value"))]
    fn slice(element: &Bound<'_, PyAny>, capacity: usize, name: &str) -> PyResult<Self> {
        builder(element, name)?.slice(capacity).build().map(|schema| PySchema { schema }).map_err(of_schema)
    }

    /// The schema of maps with such keys and values.
    #[staticmethod]
    #[pyo3(signature = (key, value, *, name = "Value"))]
    fn map(key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        let schema = SchemaBuilder::map(&builder(key, "Key")?, &builder(value, name)?).build();
        schema.map(|schema| PySchema { schema }).map_err(of_schema)
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

    /// The `numpy.dtype` of a value.
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        crate::numpy::dtype(py, self.schema.layout())
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.schema.as_bytes())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<PySchema>().is_ok_and(|other| other.get().schema == self.schema)
    }

    fn __hash__(&self) -> u64 {
        self.schema.fingerprint()
    }

    fn __repr__(&self) -> String {
        format!("<seqcopy.Schema of {}, {} bytes>", self.name(), self.size())
    }
}

/// The schema that something describes.
pub(crate) fn of(kind: &Bound<'_, PyAny>, name: &str) -> PyResult<Schema> {
    if let Ok(schema) = kind.cast::<PySchema>() {
        return Ok(schema.get().schema.clone());
    }
    if let Ok(bytes) = kind.cast::<PyBytes>() {
        return Schema::decode(bytes.as_bytes()).map_err(of_schema);
    }
    builder(kind, name)?.build().map_err(of_schema)
}

fn builder(kind: &Bound<'_, PyAny>, name: &str) -> PyResult<SchemaBuilder> {
    nested(kind, name, 0)
}

/// The same for a type inside of that many dicts, one of which may have itself as a field.
fn nested(kind: &Bound<'_, PyAny>, name: &str, depth: usize) -> PyResult<SchemaBuilder> {
    if let Ok(text) = kind.cast::<PyString>() {
        return SchemaBuilder::parse(text.to_str()?, &|_| None).map_err(PyValueError::new_err);
    }
    if let Ok(fields) = kind.cast::<PyDict>() {
        if depth > 64 {
            return Err(PyValueError::new_err("dicts inside of dicts, more than 64 deep"));
        }
        let mut all = Vec::new();
        for (field, kind) in fields {
            let field: String = field.extract()?;
            let inner = nested(&kind, &inner_name(&field), depth + 1)?;
            all.push((field, inner));
        }
        let all: Vec<_> = all.iter().map(|(field, kind)| (&**field, kind.clone())).collect();
        return Ok(SchemaBuilder::structure(name, &all));
    }
    let py = kind.py();
    let ctypes = py.import("ctypes")?;
    if kind.is_instance_of::<pyo3::types::PyType>() {
        for (class, of) in [("Structure", of_structure as Describe), ("Array", of_array), ("_SimpleCData", of_simple)] {
            if py.import("builtins")?.call_method1("issubclass", (kind, ctypes.getattr(class)?))?.extract()? {
                return of(kind, name);
            }
        }
    }
    if let Ok(numpy) = py.import("numpy") {
        if let Ok(dtype) = numpy.call_method1("dtype", (kind,)) {
            return of_dtype(&dtype, name);
        }
    }
    Err(PyTypeError::new_err(format!(
        "{} where a type is wanted: a text such as \"[f64; 3]\", a dict of fields, a numpy.dtype, a class of ctypes, or the bytes of a schema",
        kind.repr()?
    )))
}

type Describe = fn(&Bound<'_, PyAny>, &str) -> PyResult<SchemaBuilder>;

/// The name of a struct that a field holds: that of the field, as Rust writes types.
fn inner_name(field: &str) -> String {
    let mut name = String::new();
    for word in field.split('_').filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        name += &first.to_uppercase();
        name += rest;
    }
    name
}

fn of_structure(kind: &Bound<'_, PyAny>, _: &str) -> PyResult<SchemaBuilder> {
    let ctypes = kind.py().import("ctypes")?;
    let name: String = kind.getattr("__name__")?.extract()?;
    let fields: Vec<Bound<'_, PyAny>> = kind.getattr("_fields_")?.extract()?;
    let mut all = Vec::new();
    for field in fields {
        let Ok((field, of)) = field.extract::<(String, Bound<'_, PyAny>)>() else {
            return Err(PyTypeError::new_err(format!("`{name}` has a field of bits, which a region can't have")));
        };
        let offset: usize = kind.getattr(&*field)?.getattr("offset")?.extract()?;
        let inner = builder(&of, &inner_name(&field))?;
        all.push((field, offset, inner));
    }
    let size = ctypes.call_method1("sizeof", (kind,))?.extract()?;
    let align = ctypes.call_method1("alignment", (kind,))?.extract()?;
    let all: Vec<_> = all.iter().map(|(field, offset, kind)| (&**field, *offset, kind.clone())).collect();
    Ok(SchemaBuilder::structure_at(&name, size, align, &all))
}

fn of_array(kind: &Bound<'_, PyAny>, name: &str) -> PyResult<SchemaBuilder> {
    let len = kind.getattr("_length_")?.extract()?;
    Ok(builder(&kind.getattr("_type_")?, name)?.array(len))
}

fn of_simple(kind: &Bound<'_, PyAny>, _: &str) -> PyResult<SchemaBuilder> {
    let code: String = kind.getattr("_type_")?.extract()?;
    let size: usize = kind.py().import("ctypes")?.call_method1("sizeof", (kind,))?.extract()?;
    let letter = match &*code {
        "?" => return number("bool", kind),
        "b" | "h" | "i" | "l" | "q" => "i",
        "B" | "H" | "I" | "L" | "Q" | "c" => "u",
        "f" | "d" => "f",
        _ => return Err(PyTypeError::new_err(format!("{} can't lie in a region", kind.repr()?))),
    };
    number(&format!("{letter}{}", 8 * size), kind)
}

fn number(name: &str, of: &Bound<'_, PyAny>) -> PyResult<SchemaBuilder> {
    let refused = || PyTypeError::new_err(format!("{of} can't lie in a region"));
    SchemaBuilder::number(name).ok_or_else(refused)
}

fn of_dtype(dtype: &Bound<'_, PyAny>, name: &str) -> PyResult<SchemaBuilder> {
    let (size, align): (usize, usize) = (dtype.getattr("itemsize")?.extract()?, dtype.getattr("alignment")?.extract()?);
    if !dtype.getattr("isnative")?.extract::<bool>()? {
        return Err(PyValueError::new_err(format!("{dtype} has the byte order of another machine")));
    }
    if let Ok((element, shape)) = dtype.getattr("subdtype")?.extract::<(Bound<'_, PyAny>, Vec<usize>)>() {
        let element = of_dtype(&element, name)?;
        return Ok(shape.iter().rev().fold(element, |element, len| element.array(*len)));
    }
    let names = dtype.getattr("names")?;
    if names.is_none() {
        let kind: String = dtype.getattr("kind")?.extract()?;
        return match &*kind {
            "b" => number("bool", dtype),
            "i" | "u" | "f" => number(&format!("{kind}{}", 8 * size), dtype),
            "S" => Ok(number("u8", dtype)?.array(size)),
            _ => Err(PyTypeError::new_err(format!("{} can't lie in a region", dtype.repr()?))),
        };
    }
    let fields = dtype.getattr("fields")?;
    let mut all = Vec::new();
    for field in names.extract::<Vec<String>>()? {
        let place = fields.get_item(&*field)?;
        let inner = of_dtype(&place.get_item(0)?, &inner_name(&field))?;
        all.push((field, place.get_item(1)?.extract::<usize>()?, inner));
    }
    let all: Vec<_> = all.iter().map(|(field, offset, kind)| (&**field, *offset, kind.clone())).collect();
    Ok(SchemaBuilder::structure_at(name, size, align, &all))
}
