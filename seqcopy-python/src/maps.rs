//! [`PyMapReader`] and [`PyMapWriter`]: maps. [`PyEntry`]: a handle to an entry of one.

use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::buffer::{Bytes, Known};
use crate::describe::PySchema;
use crate::error::{Any, helper, of_bytes, of_region};
use crate::memory::zeros;
use crate::reader::{Made, Opened, PyOpened, Shared};
use crate::value;
use crate::writer::{Held, PyWritten, Written};
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use seqcopy::layout::are_numbered;
use seqcopy::{Layout, Version};
use seqcopy_shm::untyped::{BytesError, Entry, MapReader, MapWriter};
use seqcopy_shm::{Error, Options, Schema};

/// The bytes of a key or a value.
fn bytes_of(layout: &Layout, value: &Any<'_>) -> PyResult<Vec<u8>> {
    if let Some(bytes) = Bytes::of(value, layout, false, &Known::default())? {
        return Ok(bytes.copy());
    }
    let mut bytes = zeros(layout.size())?;
    value::put(layout, value, &mut bytes)?;
    Ok(bytes)
}

/// A key or a value, which may be that of a dict: what can't be a key there is a tuple of its items.
fn key_of<'py>(py: Python<'py>, layout: &Layout, bytes: &[u8]) -> PyResult<Any<'py>> {
    let key = value::plain(py, layout, bytes)?;
    if let Ok(fields) = key.cast::<PyDict>() {
        return Ok(PyTuple::new(py, fields.values())?.into_any());
    }
    if let Ok(items) = key.cast::<pyo3::types::PyList>() {
        return Ok(items.to_tuple().into_any());
    }
    Ok(key)
}

/// A key as a program has it: a struct may be a tuple of its fields.
fn key_bytes(layout: &Layout, key: &Any<'_>) -> PyResult<Vec<u8>> {
    if let (Ok(items), seqcopy::layout::Shape::Struct { fields, .. }) = (key.cast::<PyTuple>(), layout.shape()) {
        if items.len() == fields.len() && layout.mark().is_none() && !are_numbered(fields) {
            let all = PyDict::new(key.py());
            for (field, item) in fields.iter().zip(items) {
                all.set_item(field.name(), item)?;
            }
            return bytes_of(layout, all.as_any());
        }
    }
    bytes_of(layout, key)
}

/// Looks up the entries of a map: `MapReader("/dev/shm/prices")["AAPL"]`.
#[pyclass(name = "MapReader", module = "seqcopy", frozen, extends = PyOpened)]
pub(crate) struct PyMapReader(Arc<Shared<MapReader>>);

#[pymethods]
impl PyMapReader {
    #[new]
    #[pyo3(signature = (path, schema = None, *, by_fields = false, wait = None))]
    fn new(py: Python<'_>, path: PathBuf, schema: Option<&PySchema>, by_fields: bool, wait: Option<f64>) -> Made<Self> {
        let own = schema.map(|own| &own.schema);
        let by = |path: &Path, own: &Schema, options: &Options| MapReader::open_by_fields(path, own, options);
        let reader = PyOpened::open(py, (&path, own, by_fields), wait, |path| MapReader::open(path), by)?;
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
        Ok(self.get(key, None)?.is_some())
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
        Ok(self.keys(py)?.into_pyobject(py)?.try_iter()?.into_any())
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
        let [of_key, of_value] = reader.key_and_value();
        let entries = reader.entries().map_err(of_bytes)?;
        let entry =
            |(key, found, _): (&[u8], &[u8], _)| Ok((key_of(py, of_key, key)?, value::plain(py, of_value, found)?));
        entries.iter().map(entry).collect()
    }

    /// The generation that is newest.
    #[getter]
    fn generation(&self) -> u64 {
        self.0.get().region().version().to_bits()
    }
}

impl PyMapReader {
    fn over(reader: MapReader, path: Option<PathBuf>, own: Option<&Schema>, by_fields: bool) -> Made<Self> {
        let shared = Shared::of(reader);
        let opened = PyOpened::new(Opened::Map(shared.clone()), path, own, by_fields)?;
        Ok(PyClassInitializer::from(opened).add_subclass(PyMapReader(shared)))
    }
}

/// The writer of a map, of which there is one at a time: `MapWriter.open_or_create(path, Schema.map("u32", "f64"), 100)`.
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
    #[pyo3(signature = (path, schema, capacity, *, buffers = 2, mode = 0o644))]
    fn create(path: PathBuf, schema: &PySchema, capacity: usize, buffers: u32, mode: u32) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers).mode(mode);
        Self::of(MapWriter::create(&path, &schema.schema, slots(capacity)?, &options), Some(path))
    }

    /// Creates a map without a path, which no process can truncate: `share()` gives its descriptor. `title` is shown in `/proc`.
    #[staticmethod]
    #[pyo3(signature = (schema, capacity, *, buffers = 2, title = "seqcopy"))]
    fn create_memfd(schema: &PySchema, capacity: usize, buffers: u32, title: &str) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers);
        Self::of(MapWriter::create_memfd(title, &schema.schema, slots(capacity)?, &options), None)
    }

    /// Takes over the map if its writer has ended, and creates it if it is not there.
    #[staticmethod]
    #[pyo3(signature = (path, schema, capacity, *, buffers = 2, mode = 0o644, replace_other_type = false, replace_smaller = false))]
    fn open_or_create(
        path: PathBuf,
        schema: &PySchema,
        capacity: usize,
        buffers: u32,
        mode: u32,
        replace_other_type: bool,
        replace_smaller: bool,
    ) -> PyResult<Py<Self>> {
        let options = Options::new().buffers(buffers).mode(mode);
        let options = options.replace_other_type(replace_other_type).replace_smaller(replace_smaller);
        Self::of(MapWriter::open_or_create(&path, &schema.schema, slots(capacity)?, &options), Some(path))
    }

    /// Becomes the writer of a map whose writer has ended.
    #[staticmethod]
    #[pyo3(signature = (path, schema = None))]
    fn take_over(path: PathBuf, schema: Option<&PySchema>) -> PyResult<Py<Self>> {
        let schema: Schema = match schema {
            Some(schema) => schema.schema.clone(),
            None => MapReader::open(&path).map_err(of_region)?.region().schema().clone(),
        };
        Self::of(MapWriter::take_over(&path, &schema, &Options::new()), Some(path))
    }

    fn __setitem__(&self, key: &Any<'_>, value: &Any<'_>) -> PyResult<()> {
        self.0.with(|map| {
            let [of_key, of_value] = map.key_and_value();
            let (key, value) = (key_bytes(of_key, key)?, bytes_of(of_value, value)?);
            map.insert(&key, &value).map_err(of_bytes)
        })
    }

    /// Removes a key, also if it has no entry.
    fn remove(&self, key: &Any<'_>) -> PyResult<()> {
        self.0.with(|map| map.remove(&key_bytes(map.key_and_value()[0], key)?).map_err(of_bytes))
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
        Ok(self.get(key, None)?.is_some())
    }

    fn __len__(&self) -> PyResult<usize> {
        self.0.with(|map| Ok(map.len()))
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
        self.0.with(|map| map.commit().ok_or_else(none)?.map_err(of_bytes))
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
    fn of(writer: Result<MapWriter, Error>, path: Option<PathBuf>) -> PyResult<Py<Self>> {
        let (held, base) = PyWritten::of(writer, path, Written::Map)?;
        Python::attach(|py| Py::new(py, base.add_subclass(PyMapWriter(held))))
    }
}

/// A handle to an entry, which is found without a search as long as it is where it was: `price = reader.entry("AAPL")`, `price.get()`.
#[pyclass(name = "Entry", module = "seqcopy", frozen)]
pub(crate) struct PyEntry {
    entry: Entry,
    of: Of,
}

/// Whose entry it is.
enum Of {
    Reader(Py<PyMapReader>),
    Writer(Py<PyMapWriter>),
}

/// The value of a key, or what stands for one that is not there.
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
            .with(|map| map.insert_entry(&self.entry, &bytes_of(map.key_and_value()[1], value)?).map_err(of_bytes))
    }
}
