//! [`PyMapReader`] and [`PyMapWriter`]: maps.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use seqcopy::Layout;
use seqcopy_shm::untyped::{MapReader, MapWriter};
use seqcopy_shm::{Error, Options, Schema};

use crate::buffer::Bytes;
use crate::describe::PySchema;
use crate::error::{of_read, of_region, of_write};
use crate::options::options;
use crate::reader::{helper, lock, wait, writer_state};
use crate::value;
use crate::writer::held;

/// The bytes of a key or a value.
fn bytes_of(layout: &Layout, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Some(bytes) = Bytes::of(value).filter(|bytes| bytes.len() == layout.size()) {
        return Ok(bytes.with(<[u8]>::to_vec));
    }
    let mut bytes = vec![0; layout.size()];
    value::put(layout, value, &mut bytes)?;
    Ok(bytes)
}

/// A key or a value, which may be that of a dict: what can't be a key there is a tuple of its items.
fn key_of<'py>(py: Python<'py>, layout: &Layout, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
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
fn key_bytes(layout: &Layout, key: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let (Ok(items), seqcopy::layout::Shape::Struct { fields, .. }) = (key.cast::<PyTuple>(), layout.shape()) {
        if items.len() == fields.len() && layout.str_capacity().is_none() && !value::is_tuple(fields) {
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
#[pyclass(name = "MapReader", module = "seqcopy", frozen)]
pub(crate) struct PyMapReader {
    reader: Mutex<Arc<MapReader>>,
}

impl PyMapReader {
    fn reader(&self) -> Arc<MapReader> {
        lock(&self.reader).clone()
    }
}

#[pymethods]
impl PyMapReader {
    #[new]
    #[pyo3(signature = (path, schema = None))]
    fn new(path: PathBuf, schema: Option<&PySchema>) -> PyResult<Self> {
        let reader = MapReader::open(path).map_err(of_region)?;
        if let Some(schema) = schema {
            reader.watch().require_type(&schema.schema).map_err(of_region)?;
        }
        Ok(PyMapReader { reader: Mutex::new(Arc::new(reader)) })
    }

    #[pyo3(signature = (key, default = None))]
    fn get<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let reader = self.reader();
        let [of_key, of_value] = reader.key_and_value();
        let (key_found, mut found) = (key_bytes(of_key, key)?, vec![0; of_value.size()]);
        match reader.get(&key_found, &mut found).map_err(of_read)? {
            Some(_) => value::plain(key.py(), of_value, &found).map(Some),
            None => Ok(default),
        }
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.get(key, None)?.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()))
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.get(key, None)?.is_some())
    }

    fn __len__(&self) -> PyResult<usize> {
        Ok(self.reader().entries().map_err(of_read)?.len())
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        Ok(self.items(py)?.into_iter().map(|(key, _)| key).collect())
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        Ok(self.items(py)?.into_iter().map(|(_, value)| value).collect())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.keys(py)?.into_pyobject(py)?.try_iter()?.into_any())
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {}

    /// All entries of one generation.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let reader = self.reader();
        let [of_key, of_value] = reader.key_and_value();
        let entries = reader.entries().map_err(of_read)?;
        let entry =
            |(key, found, _): (&[u8], &[u8], _)| Ok((key_of(py, of_key, key)?, value::plain(py, of_value, found)?));
        entries.iter().map(entry).collect()
    }

    /// Waits until there is another generation than `known`, by default the present one, or the map is closed: whether that is so.
    #[pyo3(signature = (timeout = None, known = None))]
    fn wait(&self, py: Python<'_>, timeout: Option<f64>, known: Option<u64>) -> PyResult<bool> {
        let reader = self.reader();
        let watch = reader.watch();
        wait(py, watch, known.unwrap_or_else(|| watch.version().to_bits()), timeout)
    }

    /// If the map was removed and there is a new one at its path: reads that from now on.
    fn reopen_if_removed(&self) -> PyResult<bool> {
        let mut held = lock(&self.reader);
        let Some(newer) = held.newer().map_err(of_region)? else { return Ok(false) };
        *held = Arc::new(newer);
        Ok(true)
    }

    #[getter]
    fn generation(&self) -> u64 {
        self.reader().watch().version().to_bits()
    }

    /// The schema of a slot.
    #[getter]
    fn schema(&self) -> PySchema {
        PySchema { schema: self.reader().watch().schema().clone() }
    }

    /// "alive", "gone", "never", "orphaned" or "held".
    #[getter]
    fn writer_state(&self, py: Python<'_>) -> &'static str {
        writer_state(py, self.reader().watch())
    }

    #[getter]
    fn is_closed(&self) -> bool {
        self.reader().watch().is_closed()
    }
}

/// The writer of a map, of which there is one at a time: `MapWriter.open_or_create(path, Schema.map("u32", "f64"), 100)`.
#[pyclass(name = "MapWriter", module = "seqcopy", frozen)]
pub(crate) struct PyMapWriter {
    open: Mutex<Option<Open>>,
}

/// Keys, and the value of each, or that it is removed.
type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

struct Open {
    writer: MapWriter,
    /// Since `begin`.
    batch: Option<Changes>,
}

impl Open {
    fn types(&self) -> PyResult<[&Layout; 2]> {
        match self.writer.schema().layout().fields() {
            [_, key, value] => Ok([key.layout(), value.layout()]),
            _ => Err(PyValueError::new_err("not the schema of a map")),
        }
    }

    fn change(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) -> PyResult<()> {
        if let Some(batch) = &mut self.batch {
            batch.insert(key, value);
            return Ok(());
        }
        self.commit(&Changes::from([(key, value)]))
    }

    fn commit(&mut self, batch: &Changes) -> PyResult<()> {
        let set = batch.iter().filter_map(|(key, value)| Some((&key[..], value.as_deref()?)));
        let removed = batch.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| &key[..]);
        self.writer.change(set, removed).map_err(of_write)
    }
}

impl PyMapWriter {
    fn with<R>(&self, work: impl FnOnce(&mut Open) -> PyResult<R>) -> PyResult<R> {
        match &mut *held(&self.open)? {
            Some(open) => work(open),
            None => Err(PyValueError::new_err("the writer was closed")),
        }
    }

    fn over(writer: Result<MapWriter, Error>) -> PyResult<Self> {
        Ok(PyMapWriter { open: Mutex::new(Some(Open { writer: writer.map_err(of_region)?, batch: None })) })
    }
}

fn slots(capacity: usize) -> PyResult<u64> {
    MapWriter::slots_for(capacity).ok_or_else(|| {
        PyValueError::new_err(format!("a map for {capacity} entries: from 1 to 3758096384 are possible"))
    })
}

#[pymethods]
impl PyMapWriter {
    #[staticmethod]
    #[pyo3(signature = (path, schema, capacity, *, buffers = 2, mode = 0o644))]
    fn create(path: PathBuf, schema: &PySchema, capacity: usize, buffers: u32, mode: u32) -> PyResult<Self> {
        let options = options(buffers, mode, false, false);
        Self::over(MapWriter::create(path, &schema.schema, slots(capacity)?, &options))
    }

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
    ) -> PyResult<Self> {
        let options = options(buffers, mode, replace_other_type, replace_smaller);
        Self::over(MapWriter::open_or_create(path, &schema.schema, slots(capacity)?, &options))
    }

    /// Becomes the writer of a map whose writer has ended.
    #[staticmethod]
    #[pyo3(signature = (path, schema = None))]
    fn take_over(path: PathBuf, schema: Option<&PySchema>) -> PyResult<Self> {
        let schema: Schema = match schema {
            Some(schema) => schema.schema.clone(),
            None => MapReader::open(&path).map_err(of_region)?.watch().schema().clone(),
        };
        Self::over(MapWriter::take_over(path, &schema, &Options::new()))
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.with(|open| {
            let [of_key, of_value] = open.types()?;
            let (key, value) = (key_bytes(of_key, key)?, bytes_of(of_value, value)?);
            of_key.validate(&key).map_err(|error| crate::error::Invalid::new_err(error.to_string()))?;
            of_value.validate(&value).map_err(|error| crate::error::Invalid::new_err(error.to_string()))?;
            open.change(key, Some(value))
        })
    }

    /// Removes a key, also if it has no entry.
    fn remove(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        self.with(|open| {
            let key = key_bytes(open.types()?[0], key)?;
            open.change(key, None)
        })
    }

    fn __delitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        if self.get(key, None)?.is_none() {
            return Err(PyKeyError::new_err(key.clone().unbind()));
        }
        self.remove(key)
    }

    /// The value of a key in the newest generation.
    #[pyo3(signature = (key, default = None))]
    fn get<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.with(|open| {
            let [of_key, of_value] = open.types()?;
            match open.writer.get(&key_bytes(of_key, key)?) {
                Some((found, _)) => value::plain(key.py(), of_value, found).map(Some),
                None => Ok(default),
            }
        })
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.get(key, None)?.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()))
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.get(key, None)?.is_some())
    }

    fn __len__(&self) -> PyResult<usize> {
        self.with(|open| Ok(open.writer.len()))
    }

    /// Begins a batch: readers see what is changed from here to `commit` at once. `batch()` does both.
    fn begin(&self) -> PyResult<()> {
        self.with(|open| {
            if open.batch.is_some() {
                return Err(PyValueError::new_err("a batch was begun before: commit or discard it first"));
            }
            open.batch = Some(Changes::new());
            Ok(())
        })
    }

    /// `with map.batch():` readers see what is changed in the block at once; nothing of it, if an exception leaves it.
    fn batch<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        helper(slf.py(), "batch")?.call1((slf,))
    }

    /// Publishes the batch as one generation.
    fn commit(&self) -> PyResult<()> {
        self.with(|open| match open.batch.take() {
            Some(batch) => open.commit(&batch),
            None => Err(PyValueError::new_err("no batch was begun")),
        })
    }

    /// Ends the batch without its changes.
    fn discard(&self) -> PyResult<()> {
        self.with(|open| {
            open.batch = None;
            Ok(())
        })
    }

    /// Wakes those that wait.
    fn wake(&self) -> PyResult<()> {
        self.with(|open| {
            open.writer.wake();
            Ok(())
        })
    }

    /// Puts the map back if its file was removed: whether that was so.
    fn restore_if_removed(&self) -> PyResult<bool> {
        self.with(|open| open.writer.restore_if_removed().map_err(of_region))
    }

    /// Closes the map: there will be no more changes, and its path is removed.
    fn close(&self) -> PyResult<()> {
        let open = held(&self.open)?.take();
        open.map_or(Ok(()), |open| open.writer.close().map_err(of_region))
    }

    /// Ends the writer, and leaves the map for the next one.
    fn release(&self) -> PyResult<()> {
        held(&self.open).map(|mut open| drop(open.take()))
    }

    #[getter]
    fn generation(&self) -> PyResult<u64> {
        self.with(|open| Ok(open.writer.generation().to_bits()))
    }

    #[getter]
    fn capacity(&self) -> PyResult<usize> {
        self.with(|open| Ok(open.writer.capacity()))
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.release()
    }

    #[getter]
    fn was_created(&self) -> PyResult<bool> {
        self.with(|open| Ok(open.writer.was_created()))
    }
}
