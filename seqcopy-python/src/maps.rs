//! [`PyMapReader`] and [`PyMapWriter`] are maps. [`PyEntry`] is a handle to an entry.

use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::buffer::{Bytes, Known};
use crate::describe::PySchema;
use crate::error::{Any, helper, of_bytes, of_region};
use crate::memory::{check_space, zeros};
use crate::reader::{Made, PyOpened, Shared, generic, given};
use crate::writer::{Held, PyWritten};
use crate::{columns, describe, value};
use pyo3::exceptions::{PyKeyError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyDict, PyList, PyTuple, PyType};
use seqcopy::layout::{Field, Shape, are_numbered};
use seqcopy::{Layout, Version};
use seqcopy_shm::untyped::{BytesError, Entry, MapReader, MapWriter};
use seqcopy_shm::{Error, Options, Schema, untyped::Entries};

/// The bytes of a key or a value.
fn bytes_of(layout: &Layout, value: &Any<'_>) -> PyResult<Vec<u8>> {
    if let Some(bytes) = Bytes::of(value, layout, false, &Known::default())? {
        return bytes.copy();
    }
    let mut bytes = zeros(layout.size())?;
    value::put(layout, value, &mut bytes)?;
    Ok(bytes)
}

/// A key as an object that can be a key of a dict. At any depth, objects that can't be hashed become tuples of their
/// items.
fn key_of<'py>(py: Python<'py>, layout: &Layout, bytes: &[u8]) -> PyResult<Any<'py>> {
    hashable(value::plain(py, layout, bytes)?)
}

fn hashable(key: Any<'_>) -> PyResult<Any<'_>> {
    let py = key.py();
    let items: Vec<_> = if let Ok(fields) = key.cast::<PyDict>() {
        fields.values().iter().collect()
    } else if let Ok(items) = key.cast::<PyList>() {
        items.iter().collect()
    } else if let Ok(items) = key.cast::<PyTuple>() {
        items.iter().collect()
    } else {
        return Ok(key);
    };
    Ok(PyTuple::new(py, items.into_iter().map(hashable).collect::<PyResult<Vec<_>>>()?)?.into_any())
}

/// The bytes of a key that a program passes. At any depth, a struct may be a tuple of its fields.
fn key_bytes(layout: &Layout, key: &Any<'_>) -> PyResult<Vec<u8>> {
    bytes_of(layout, &with_names(layout, key)?)
}

/// Turns tuples into dicts where the type has names for the items.
fn with_names<'py>(layout: &Layout, key: &Any<'py>) -> PyResult<Any<'py>> {
    let Ok(items) = key.cast::<PyTuple>() else { return Ok(key.clone()) };
    // A tuple stays a tuple. Its items are converted with their types.
    let row = |of: &mut dyn Iterator<Item = &Layout>| {
        let named = items.iter().map(|item| of.next().map_or(Ok(item.clone()), |of| with_names(of, &item)));
        Ok(PyTuple::new(key.py(), named.collect::<PyResult<Vec<_>>>()?)?.into_any())
    };
    if let Some((element, _)) = layout.vec_of() {
        return row(&mut std::iter::repeat(element));
    }
    match layout.shape() {
        Shape::Array { element, .. } => row(&mut std::iter::repeat(element)),
        Shape::Struct { fields, .. } if are_numbered(fields) => row(&mut fields.iter().map(Field::layout)),
        Shape::Struct { fields, .. } if layout.mark().is_none() && items.len() == fields.len() => {
            let all = PyDict::new(key.py());
            for (field, item) in fields.iter().zip(items) {
                all.set_item(field.name(), with_names(field.layout(), &item)?)?;
            }
            Ok(all.into_any())
        }
        _ => Ok(key.clone()),
    }
}

/// Whether a look-up found the key. A text that is too long, or a number that is too large, is the key of no entry.
fn is_there(found: PyResult<Option<Any<'_>>>, py: Python<'_>) -> PyResult<bool> {
    match found {
        Err(error) if error.is_instance_of::<PyValueError>(py) || error.is_instance_of::<PyOverflowError>(py) => {
            Ok(false)
        }
        found => Ok(found?.is_some()),
    }
}

/// Entries as objects. Checks that there is memory for all of them before it makes the first one.
fn items<'py>(
    py: Python<'py>,
    (slots, [of_key, of_value]): (u64, [&Layout; 2]),
    entries: impl FnOnce() -> Result<Entries, BytesError>,
) -> PyResult<Vec<(Any<'py>, Any<'py>)>> {
    let (slots, of) = (usize::try_from(slots).unwrap_or(usize::MAX), [of_key, of_value]);
    // A growing list may have up to twice as much memory as it needs.
    check_space(slots.saturating_mul(of.iter().map(|of| 2 * of.size()).sum::<usize>() + 16))?;
    let entries = entries().map_err(of_bytes)?;
    // A tuple, or an entry of a dict, and pointers in lists.
    value::check_objects(of, 128, entries.len())?;
    let (mut all, names) = (Vec::with_capacity(entries.len()), value::Names::of(py, of_value));
    for (key, found, _) in entries.iter() {
        all.push((key_of(py, of_key, key)?, names.plain(py, of_value, found)?));
    }
    Ok(all)
}

fn iterated<'py>(py: Python<'py>, keys: Vec<Any<'py>>) -> PyResult<Any<'py>> {
    Ok(keys.into_pyobject(py)?.try_iter()?.into_any())
}

/// Looks up the entries of a map: `MapReader("/dev/shm/prices")["AAPL"]`.
#[pyclass(name = "MapReader", module = "seqcopy", frozen, extends = PyOpened)]
pub(crate) struct PyMapReader(Arc<Shared<MapReader>>);

#[pymethods]
impl PyMapReader {
    #[new]
    #[pyo3(signature = (path, schema = None, *, by_fields = false, wait = None))]
    fn new(
        py: Python<'_>,
        #[pyo3(from_py_with = given)] path: PathBuf,
        schema: Option<&PySchema>,
        by_fields: bool,
        wait: Option<f64>,
    ) -> Made<Self> {
        let own = schema.map(|own| &own.schema);
        let by = |path: &Path, own: &Schema, options: &Options| MapReader::open_by_fields(path, own, options);
        let reader =
            PyOpened::open(py, (&path, own, by_fields), wait, |path, options| MapReader::open_with(path, options), by)?;
        Self::over(reader, Some(path), own, by_fields)
    }

    /// Reads a map by a descriptor that was received or inherited, which stays the caller's.
    #[staticmethod]
    #[pyo3(signature = (fd, schema = None))]
    fn from_fd<'py>(py: Python<'py>, fd: RawFd, schema: Option<&PySchema>) -> PyResult<Bound<'py, Self>> {
        let reader = MapReader::from_fd(PyOpened::copy_of(py, fd)?).map_err(of_region)?;
        Bound::new(py, Self::over(reader, None, schema.map(|own| &own.schema), false)?)
    }

    /// The value of a key, or `default`.
    #[pyo3(signature = (key, default = None))]
    fn get<'py>(&self, key: &Any<'py>, default: Option<Any<'py>>) -> PyResult<Option<Any<'py>>> {
        let reader = self.0.get();
        let [of_key, of_value] = reader.key_and_value();
        let bytes = key_bytes(of_key, key)?;
        found(key.py(), of_value, default, |to| reader.get(&bytes, to))
    }

    /// A handle to the entry of a key, which need not have one yet.
    fn entry(slf: &Bound<'_, Self>, key: &Any<'_>) -> PyResult<PyEntry> {
        let reader = slf.get().0.get();
        let entry = reader.entry(&key_bytes(reader.key_and_value()[0], key)?).map_err(of_bytes)?;
        Ok(PyEntry { entry, of: Of::Reader(slf.clone().unbind()) })
    }

    fn __getitem__<'py>(&self, key: &Any<'py>) -> PyResult<Any<'py>> {
        self.get(key, None)?.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()))
    }

    fn __contains__(&self, key: &Any<'_>) -> PyResult<bool> {
        is_there(self.get(key, None), key.py())
    }

    fn __len__(&self) -> PyResult<usize> {
        self.0.get().len().map_err(of_bytes)
    }

    /// The keys of one generation.
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Vec<Any<'py>>> {
        Ok(self.items(py)?.into_iter().map(|(key, _)| key).collect())
    }

    /// The values of one generation.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Vec<Any<'py>>> {
        Ok(self.items(py)?.into_iter().map(|(_, value)| value).collect())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        iterated(py, self.keys(py)?)
    }

    /// The entries of one generation, in a dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        self.items(py)?.into_iter().try_for_each(|(key, value)| all.set_item(key, value))?;
        Ok(all)
    }

    /// All entries of one generation.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Vec<(Any<'py>, Any<'py>)>> {
        let reader = self.0.get();
        items(py, (reader.region().header().slots(), reader.key_and_value()), || reader.entries())
    }

    /// The keys and the values of one generation, as two arrays of NumPy in the same order. Keys that are texts are an
    /// array of texts; values of structs are a structured array.
    fn to_numpy<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "table")?.call1((slf,))
    }

    /// The entries of one generation as a dict of columns, each an array of NumPy: for `pandas.DataFrame`,
    /// `polars.DataFrame` and `pyarrow.table`. Fields are named as `seqcopy record` names them (`pos[0]`, `leg.speed`).
    fn to_columns<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "columns")?.call1((slf,))
    }

    /// All keys side by side, and all values, each with the dtype of one; and where the bytes of a key are that is a
    /// text.
    #[allow(clippy::type_complexity)] // a tuple of Python
    fn _table<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<([(Bound<'py, PyByteArray>, Any<'py>); 2], Option<(usize, usize)>)> {
        let reader = self.0.get();
        let of = reader.key_and_value();
        let [keys, values] = side_by_side(py, &reader)?;
        let array = |bytes: &[u8], of| PyResult::Ok((PyByteArray::new(py, bytes), describe::dtype(py, of)?));
        let text = of[0].str_capacity().map(|capacity| (of[0].fields()[1].offset(), capacity));
        Ok(([array(&keys, of[0])?, array(&values, of[1])?], text))
    }

    /// The same bytes with the sizes of one, and the columns: the number of the array, the name, the offset, and the kind.
    #[allow(clippy::type_complexity)] // a tuple of Python
    fn _columns<'py>(&self, py: Python<'py>) -> PyResult<([Bound<'py, PyByteArray>; 2], [usize; 2], Vec<Any<'py>>)> {
        let reader = self.0.get();
        let of = reader.key_and_value();
        let rows = side_by_side(py, &reader)?;
        let mut all = Vec::new();
        for (array, (path, single)) in [("key", "key"), ("", "value")].into_iter().enumerate() {
            for column in columns::of(of[array], path, single).map_err(PyValueError::new_err)? {
                all.push(column.described(py, array, (&rows[array], of[array].size()))?);
            }
        }
        Ok((rows.map(|rows| PyByteArray::new(py, &rows)), of.map(Layout::size), all))
    }

    /// The generation that is newest.
    #[getter]
    fn generation(&self) -> u64 {
        self.0.get().region().version().to_bits()
    }
}

impl PyMapReader {
    fn over(reader: MapReader, path: Option<PathBuf>, own: Option<&Schema>, by_fields: bool) -> Made<Self> {
        let shared = Shared::of(reader, own.is_none());
        let opened = PyOpened::new(shared.clone(), path, own, by_fields)?;
        Ok(PyClassInitializer::from(opened).add_subclass(PyMapReader(shared)))
    }
}

/// The bytes of all keys of one generation, and of all values.
fn side_by_side(py: Python<'_>, reader: &MapReader) -> PyResult<[Vec<u8>; 2]> {
    let slots = usize::try_from(reader.region().header().slots()).unwrap_or(usize::MAX);
    let of = reader.key_and_value();
    // A growing list may have up to twice as much memory as it needs, and each byte is copied twice.
    check_space(slots.saturating_mul(of.iter().map(|of| 4 * of.size()).sum::<usize>() + 16))?;
    let entries = py.detach(|| reader.entries()).map_err(of_bytes)?;
    let mut rows = of.map(|of| Vec::with_capacity(of.size() * entries.len()));
    for (key, value, _) in entries.iter() {
        rows[0].extend_from_slice(key);
        rows[1].extend_from_slice(value);
    }
    Ok(rows)
}

/// The writer of a map, of which there is one at a time: `MapWriter.open_or_create(path, Schema.map("u32", "f64"),
/// 100)`.
#[pyclass(name = "MapWriter", module = "seqcopy", frozen, extends = PyWritten)]
pub(crate) struct PyMapWriter(Arc<Held<MapWriter>>);

fn slots(capacity: usize) -> PyResult<u64> {
    let none = || PyValueError::new_err(format!("a map for {capacity} entries: from 1 to 3758096384 are possible"));
    MapWriter::slots_for(capacity).ok_or_else(none)
}

#[pymethods]
impl PyMapWriter {
    /// Creates a map. Fails if there is something at the path.
    #[staticmethod]
    #[pyo3(signature = (path, schema, capacity, *, buffers = 2, mode = 0o644, wakes = true))]
    fn create(
        #[pyo3(from_py_with = given)] path: PathBuf,
        schema: &PySchema,
        capacity: usize,
        buffers: u32,
        mode: u32,
        wakes: bool,
    ) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers).mode(mode);
        Self::of(MapWriter::create(&path, &schema.schema, slots(capacity)?, &options), Some(path), wakes)
    }

    /// Creates a map without a path, which no process can truncate: `share()` gives its descriptor. `title` is shown in
    /// `/proc`.
    #[staticmethod]
    #[pyo3(signature = (schema, capacity, *, buffers = 2, title = "seqcopy", wakes = true))]
    fn create_memfd(schema: &PySchema, capacity: usize, buffers: u32, title: &str, wakes: bool) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers);
        Self::of(MapWriter::create_memfd(title, &schema.schema, slots(capacity)?, &options), None, wakes)
    }

    /// Takes over the map if its writer has ended, and creates it if it is not there.
    #[staticmethod]
    #[pyo3(signature = (path, schema, capacity, *, buffers = 2, mode = 0o644, replace_other_type = false, replace_smaller = false, wakes = true))]
    #[allow(clippy::too_many_arguments)] // keywords of Python
    fn open_or_create(
        #[pyo3(from_py_with = given)] path: PathBuf,
        schema: &PySchema,
        capacity: usize,
        buffers: u32,
        mode: u32,
        replace_other_type: bool,
        replace_smaller: bool,
        wakes: bool,
    ) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers).mode(mode);
        let options = options.replace_other_type(replace_other_type).replace_smaller(replace_smaller);
        Self::of(MapWriter::open_or_create(&path, &schema.schema, slots(capacity)?, &options), Some(path), wakes)
    }

    /// Becomes the writer of a map whose writer has ended.
    #[staticmethod]
    #[pyo3(signature = (path, schema = None, *, wakes = true))]
    fn take_over(
        #[pyo3(from_py_with = given)] path: PathBuf,
        schema: Option<&PySchema>,
        wakes: bool,
    ) -> PyResult<Py<Self>> {
        let schema: Schema = match schema {
            Some(schema) => schema.schema.clone(),
            None => MapReader::open(&path).map_err(of_region)?.region().schema().clone(),
        };
        Self::of(MapWriter::take_over(&path, &schema, &Options::new()), Some(path), wakes)
    }

    fn __setitem__(&self, key: &Any<'_>, value: &Any<'_>) -> PyResult<()> {
        self.0.publish(|map| {
            let [of_key, of_value] = map.key_and_value();
            let (key, value) = (key_bytes(of_key, key)?, bytes_of(of_value, value)?);
            map.insert(&key, &value).map_err(of_bytes)
        })
    }

    /// Removes a key, also if it has no entry.
    fn remove(&self, key: &Any<'_>) -> PyResult<()> {
        self.0.publish(|map| map.remove(&key_bytes(map.key_and_value()[0], key)?).map_err(of_bytes))
    }

    fn __delitem__(&self, key: &Any<'_>) -> PyResult<()> {
        if self.get(key, None)?.is_none() {
            return Err(PyKeyError::new_err(key.clone().unbind()));
        }
        self.remove(key)
    }

    /// The value of a key in the newest generation, with the changes of a batch that was begun.
    #[pyo3(signature = (key, default = None))]
    fn get<'py>(&self, key: &Any<'py>, default: Option<Any<'py>>) -> PyResult<Option<Any<'py>>> {
        self.0.with(|map| {
            let [of_key, of_value] = map.key_and_value();
            let bytes = key_bytes(of_key, key)?;
            found(key.py(), of_value, default, |to| map.get(&bytes, to))
        })
    }

    /// A handle to the entry of a key, which need not have one yet.
    fn entry(slf: &Bound<'_, Self>, key: &Any<'_>) -> PyResult<PyEntry> {
        let make = |map: &mut MapWriter| map.entry(&key_bytes(map.key_and_value()[0], key)?).map_err(of_bytes);
        Ok(PyEntry { entry: slf.get().0.with(make)?, of: Of::Writer(slf.clone().unbind()) })
    }

    fn __getitem__<'py>(&self, key: &Any<'py>) -> PyResult<Any<'py>> {
        self.get(key, None)?.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()))
    }

    fn __contains__(&self, key: &Any<'_>) -> PyResult<bool> {
        is_there(self.get(key, None), key.py())
    }

    fn __len__(&self) -> PyResult<usize> {
        self.0.with(|map| Ok(map.len()))
    }

    /// The keys, with the changes of a batch that was begun.
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Vec<Any<'py>>> {
        Ok(self.items(py)?.into_iter().map(|(key, _)| key).collect())
    }

    /// The values, with the changes of a batch that was begun.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Vec<Any<'py>>> {
        Ok(self.items(py)?.into_iter().map(|(_, value)| value).collect())
    }

    /// All entries, with the changes of a batch that was begun.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Vec<(Any<'py>, Any<'py>)>> {
        self.0.with(|map| items(py, (map.region().header().slots(), map.key_and_value()), || map.entries()))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        iterated(py, self.keys(py)?)
    }

    /// Begins a batch: readers see what is changed from here to `commit` at once. `batch()` does both.
    fn begin(&self) -> PyResult<()> {
        let begun = || PyValueError::new_err("a batch was begun before: commit or discard it first");
        self.0.with(|map| map.begin().then_some(()).ok_or_else(begun))
    }

    /// `with map.batch():` readers see what is changed in the block at once; nothing of it, if an exception leaves it.
    fn batch<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "batch")?.call1((slf,))
    }

    /// Publishes the batch as one generation.
    fn commit(&self) -> PyResult<()> {
        let none = || PyValueError::new_err("no batch was begun");
        self.0.publish(|map| map.commit().ok_or_else(none)?.map_err(of_bytes))
    }

    /// Ends the batch without its changes.
    fn discard(&self) -> PyResult<()> {
        self.0.with(|map| Ok(map.discard()))
    }

    /// The generation that is newest.
    #[getter]
    fn generation(&self) -> PyResult<u64> {
        self.0.with(|map| Ok(map.generation().to_bits()))
    }

    /// How many entries there can be.
    #[getter]
    fn capacity(&self) -> PyResult<usize> {
        self.0.with(|map| Ok(map.capacity()))
    }
}

impl PyMapWriter {
    fn of(writer: Result<MapWriter, Error>, path: Option<PathBuf>, wakes: bool) -> PyResult<Py<Self>> {
        let (held, base) = PyWritten::of(writer, path, wakes)?;
        Python::attach(|py| Py::new(py, base.add_subclass(PyMapWriter(held))))
    }
}

/// A handle to an entry, which is found without a search as long as it is where it was: `price = reader.entry("AAPL")`,
/// `price.get()`.
#[pyclass(name = "Entry", module = "seqcopy", frozen)]
pub(crate) struct PyEntry {
    entry: Entry,
    of: Of,
}

/// The map of an entry.
enum Of {
    Reader(Py<PyMapReader>),
    Writer(Py<PyMapWriter>),
}

/// The value of a key, or the default.
fn found<'py>(
    py: Python<'py>,
    of_value: &Layout,
    default: Option<Any<'py>>,
    get: impl FnOnce(&mut [u8]) -> Result<Option<Version>, BytesError>,
) -> PyResult<Option<Any<'py>>> {
    let mut found = zeros(of_value.size())?;
    match get(&mut found).map_err(of_bytes)? {
        Some(_) => value::plain(py, of_value, &found).map(Some),
        None => Ok(default),
    }
}

#[pymethods]
impl PyEntry {
    /// `Entry[float]`, for type checkers.
    #[classmethod]
    fn __class_getitem__<'py>(class: &Bound<'py, PyType>, of: Any<'py>) -> PyResult<Any<'py>> {
        generic(class, of)
    }

    /// The value of the entry.
    #[pyo3(signature = (default = None))]
    fn get<'py>(&self, py: Python<'py>, default: Option<Any<'py>>) -> PyResult<Option<Any<'py>>> {
        match &self.of {
            Of::Reader(reader) => {
                let reader = reader.get().0.get();
                found(py, reader.key_and_value()[1], default, |to| reader.read_entry(&self.entry, to))
            }
            Of::Writer(writer) => writer
                .get()
                .0
                .with(|map| found(py, map.key_and_value()[1], default, |to| map.get(self.entry.key(), to))),
        }
    }

    /// Sets the value of the entry, which is inserted if the map does not have it. Of a writer.
    fn set(&self, value: &Any<'_>) -> PyResult<()> {
        let Of::Writer(writer) = &self.of else {
            return Err(PyTypeError::new_err("the entry of a reader can't be set: take it from the map's writer"));
        };
        writer
            .get()
            .0
            .publish(|map| map.insert_entry(&self.entry, &bytes_of(map.key_and_value()[1], value)?).map_err(of_bytes))
    }
}
