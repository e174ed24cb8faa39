//! [`PyReader`]: the class `Reader`. It reads a region of any type, because each region describes its type.
//! [`PyOpened`]: the base class of `Reader` and `MapReader`.

use std::ffi::OsString;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::buffer::{Bytes, Known};
use crate::describe::{PySchema, place_of, types_of};
use crate::error::{Any, Closed, helper, of_bytes, of_region};
use crate::memory::{bytes_object, check_space, newest, zeros};
use crate::{describe, value};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};
use seqcopy::Version;
use seqcopy_shm::untyped::__foreign::{AnyReader, HasStatus as _, Status};
use seqcopy_shm::untyped::{BytesError, Reader};
use seqcopy_shm::{Error, Options, ReadValueError, Region, Schema, Unmapped, WriterState};

/// A thread that waits checks for Ctrl-C after this many milliseconds. A variable for tests only: see [`_only_wakes`].
static SLICE: AtomicU64 = AtomicU64::new(100);
/// A thread that waits for a region to appear checks for Ctrl-C after this time.
const SIGNALS: Duration = Duration::from_millis(100);

/// A reader that threads share. One thread may wait on the old region while another one opens the new one. The second
/// part is whether the new region may have any type, because the program named none.
pub(crate) struct Shared<R>(Mutex<Arc<R>>, bool);

impl<R> Shared<R> {
    fn lock(&self) -> MutexGuard<'_, Arc<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn of(reader: R, takes_any_type: bool) -> Arc<Self> {
        Arc::new(Shared(Mutex::new(Arc::new(reader)), takes_any_type))
    }

    pub(crate) fn get(&self) -> Arc<R> {
        self.lock().clone()
    }
}

/// The initialiser of a class with its base class.
pub(crate) type Made<T> = PyResult<PyClassInitializer<T>>;

/// A reader of values or of a map, shared by all calls.
pub(crate) trait Opened: Send + Sync {
    /// The region. It stays mapped while the `Arc` exists.
    fn region(&self) -> Arc<Region>;
    /// The type as which the region is read.
    fn schema(&self) -> Schema;
    /// Continues with the region that has replaced this one, if there is one.
    fn reopen(&self) -> PyResult<bool>;
}

impl<R: AnyReader> Opened for Shared<R> {
    fn region(&self) -> Arc<Region> {
        self.lock().region().clone()
    }

    fn schema(&self) -> Schema {
        self.lock().schema().clone()
    }

    fn reopen(&self) -> PyResult<bool> {
        let mut held = self.lock();
        let newer = held.replacement(self.1).map_err(of_region)?;
        Ok(newer.map(|newer| *held = Arc::new(newer)).is_some())
    }
}

/// For tests: from now on, only a wake-up ends the sleep on a region with a value. Otherwise a look each 500 ms would
/// hide a lost wake-up.
#[pyfunction]
pub(crate) fn _only_wakes() {
    SLICE.store(3_600_000, Relaxed);
    seqcopy_shm::__only_wakes();
}

/// The end of a time that begins now. A time that the clock can't represent never ends.
fn end_of(seconds: Option<f64>) -> PyResult<Option<Instant>> {
    if seconds.is_some_and(f64::is_nan) {
        return Err(PyValueError::new_err("the timeout is not a number of seconds"));
    }
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
    Ok(time.and_then(|time| Instant::now().checked_add(time)))
}

/// Calls `done` until it returns something, or the time is over. `done` receives the time that it may take, and is
/// called without the interpreter's lock.
fn until<R: Send>(
    py: Python<'_>,
    end: Option<Instant>,
    slice: Duration,
    mut done: impl FnMut(Duration) -> Option<R> + Send,
) -> PyResult<Option<R>> {
    loop {
        let left = end.map_or(slice, |end| end.saturating_duration_since(Instant::now()).min(slice));
        if let Some(result) = py.detach(|| done(left)) {
            return Ok(Some(result));
        }
        py.check_signals()?;
        if end.is_some_and(|end| Instant::now() >= end) {
            return Ok(None);
        }
    }
}

/// A class with the types of its parts, for type checkers. Nothing else looks at them.
pub(crate) fn generic<'py>(class: &Bound<'py, PyType>, of: Any<'py>) -> PyResult<Any<'py>> {
    class.py().import("types")?.getattr("GenericAlias")?.call1((class, of))
}

/// A path that a program has passed. A text without a slash is the name of a shared memory object, as everywhere. A
/// `pathlib.Path` is always a path, because it has lost its "./".
pub(crate) fn given(path: &Any<'_>) -> PyResult<PathBuf> {
    let is_text = path.is_instance_of::<PyString>();
    let path: PathBuf = path.extract()?;
    let is_name = path.components().count() == 1 && path.file_name().is_some();
    Ok(if is_name && !is_text { Path::new(".").join(path) } else { path })
}

/// The path, independent of later changes of the working directory.
fn absolute(path: &Path) -> PyResult<PathBuf> {
    match path.to_str() {
        Some(name) if !name.contains('/') => Ok(seqcopy_shm::path_for(name)),
        _ => Ok(std::path::absolute(path)?),
    }
}

/// The common part of readers of values and of maps.
#[pyclass(name = "_Opened", module = "seqcopy", frozen, subclass)]
pub(crate) struct PyOpened {
    opened: Arc<dyn Opened>,
    /// The path that was passed, or `None` for a descriptor.
    path: Option<PathBuf>,
    /// The same path for a process with another working directory.
    absolute: Option<PathBuf>,
    by_fields: bool,
    /// How often the reader has opened another region.
    reopened: AtomicU64,
}

impl PyOpened {
    /// Opens a region with `open`, with the required type or fields. If there is no region, waits for up to that many
    /// seconds.
    pub(crate) fn open<R: Send>(
        py: Python<'_>,
        (path, own, is_by_fields): (&Path, Option<&Schema>, bool),
        wait: Option<f64>,
        open: impl Fn(&Path, &Options) -> Result<R, Error> + Sync,
        by_fields: impl Fn(&Path, &Schema, &Options) -> Result<R, Error> + Sync,
    ) -> PyResult<R> {
        if is_by_fields && own.is_none() {
            return Err(PyTypeError::new_err("by_fields: there is no type whose fields it has to have"));
        }
        let open = |time: Duration| {
            let options = Options::new().wait_for_region(time);
            match own {
                Some(own) if is_by_fields => by_fields(path, own, &options),
                _ => open(path, &options),
            }
        };
        let end = end_of(wait)?;
        let wait_for = |left: Duration| match open(left) {
            Err(error) if matches!(error.status(), Status::NotFound | Status::Closed) => None,
            opened => Some(opened),
        };
        let opened = if wait.is_some() { until(py, end, SIGNALS, wait_for)? } else { None };
        opened.unwrap_or_else(|| open(Duration::ZERO)).map_err(of_region)
    }

    /// A copy of a descriptor, made by the interpreter, whose error says what is wrong with a descriptor that is not
    /// open.
    pub(crate) fn copy_of(py: Python<'_>, fd: RawFd) -> PyResult<OwnedFd> {
        if fd < 0 {
            return Err(PyValueError::new_err(format!("{fd} is no descriptor")));
        }
        let copy: RawFd = py.import("os")?.call_method1("dup", (fd,))?.extract()?;
        // SAFETY: the system has just made it, and nothing else owns it, which is what an `OwnedFd` says (P24 safety).
        Ok(unsafe { OwnedFd::from_raw_fd(copy) })
    }

    pub(crate) fn new(
        opened: Arc<dyn Opened>,
        path: Option<PathBuf>,
        own: Option<&Schema>,
        by_fields: bool,
    ) -> PyResult<Self> {
        if let (Some(own), false) = (own, by_fields) {
            opened.region().require_type(own).map_err(of_region)?;
        }
        let absolute = path.as_deref().map(absolute).transpose()?;
        Ok(PyOpened { opened, path, absolute, by_fields, reopened: AtomicU64::new(0) })
    }

    pub(crate) fn region(&self) -> Arc<Region> {
        self.opened.region()
    }
}

#[pymethods]
impl PyOpened {
    /// Waits until there is another version than `known`, by default the present one, or the region is closed: whether
    /// that is so.
    #[pyo3(signature = (timeout = None, known = None))]
    fn wait(&self, py: Python<'_>, timeout: Option<f64>, known: Option<u64>) -> PyResult<bool> {
        let end = end_of(timeout)?;
        let region = self.region();
        let known = known.map_or_else(|| region.version(), Version::from_bits);
        let slice = Duration::from_millis(SLICE.load(Relaxed));
        Ok(until(py, end, slice, |left| region.wait(known, left).then_some(()))?.is_some())
    }

    /// If the region was removed and there is a new one at its path: reads that from now on.
    fn reopen_if_removed(&self) -> PyResult<bool> {
        let opened = self.opened.reopen()?;
        self.reopened.fetch_add(opened.into(), Relaxed);
        Ok(opened)
    }

    /// How often another region was opened, whose versions begin again: for loops.
    #[getter]
    fn _reopened(&self) -> u64 {
        self.reopened.load(Relaxed)
    }

    /// The type that is read; of a map, that of a slot.
    #[getter]
    fn schema(&self) -> PySchema {
        PySchema { schema: self.opened.schema() }
    }

    /// "alive", "gone", "never", "orphaned" or "held".
    #[getter]
    fn writer_state(&self, py: Python<'_>) -> &'static str {
        let region = self.region();
        match py.detach(|| region.writer_state()) {
            WriterState::Alive { .. } => "alive",
            WriterState::Orphaned { .. } => "orphaned",
            WriterState::Gone => "gone",
            WriterState::Never => "never",
            _ => "held",
        }
    }

    /// Whether the writer closed the region: there will be nothing newer.
    #[getter]
    fn is_closed(&self) -> bool {
        self.region().is_closed()
    }

    /// Whether the path leads elsewhere by now, or nowhere.
    #[getter]
    fn is_removed(&self) -> bool {
        self.region().is_removed()
    }

    /// `<seqcopy.Reader of Quote at /dev/shm/quote, version 3, writer alive>`.
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let (class, own) = (slf.get_type().name()?, slf.get());
        let state = if own.is_closed() { "closed" } else { own.writer_state(slf.py()) };
        let place = place_of(own.path.as_deref(), "by a descriptor");
        let region = own.region();
        let types = types_of(&own.opened.schema(), region.header().slots() != 0);
        let version = region.version().to_bits();
        Ok(format!("<seqcopy.{class} of {types} {place}, version {version}, writer {state}>"))
    }

    /// Another process opens the same path, as the same type.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Any<'py>, (Any<'py>, OsString, PySchema, bool))> {
        let own = slf.get();
        let no_path = || {
            PyTypeError::new_err(
                "a reader of a descriptor is not pickled: send the descriptor, by multiprocessing.reduction.DupFd",
            )
        };
        let path = own.absolute.clone().ok_or_else(no_path)?;
        // A text, because a `Path` has no "./", and without it a name is that of a shared memory object.
        let arguments = (slf.get_type().into_any(), path.into_os_string(), own.schema(), own.by_fields);
        Ok((helper(slf.py(), "opened")?, arguments))
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {}

    /// `Reader[Quote]`, for type checkers.
    #[classmethod]
    fn __class_getitem__<'py>(class: &Bound<'py, PyType>, of: Any<'py>) -> PyResult<Any<'py>> {
        generic(class, of)
    }
}

/// Reads a region: `Reader("/dev/shm/quote")`. With a type, a region of another one is refused.
#[pyclass(name = "Reader", module = "seqcopy", frozen, extends = PyOpened)]
pub(crate) struct PyReader(Arc<Shared<Reader>>, Known, Kept, Earlier);

/// The file of the region, by which earlier values are read. Beside it is the count of reopened regions for which it
/// was opened.
#[derive(Default)]
struct Earlier(Mutex<Option<(u64, Arc<Region<Unmapped>>)>>);

/// NumPy's dtype of a value, kept because making it takes a hundred times as long as reading a value. Beside it are the
/// count of reopened regions for which it was made, and its names, because a program may rename the fields of a dtype.
#[derive(Default)]
struct Kept(Mutex<Option<(u64, [Py<PyAny>; 2])>>);

#[pymethods]
impl PyReader {
    #[new]
    #[pyo3(signature = (path, kind = None, *, name = "Value", by_fields = false, wait = None))]
    fn new(
        py: Python<'_>,
        #[pyo3(from_py_with = given)] path: PathBuf,
        kind: Option<&Any<'_>>,
        name: &str,
        by_fields: bool,
        wait: Option<f64>,
    ) -> Made<Self> {
        let own = kind.map(|kind| describe::of(kind, name)).transpose()?;
        let by = |path: &Path, own: &Schema, options: &Options| Reader::open_by_fields(path, own, options);
        let reader = PyOpened::open(
            py,
            (&path, own.as_ref(), by_fields),
            wait,
            |path, options| Reader::open_with(path, options),
            by,
        )?;
        Self::over(reader, Some(path), own.as_ref(), by_fields)
    }

    /// Reads a region by a descriptor that was received or inherited, which stays the caller's.
    #[staticmethod]
    #[pyo3(signature = (fd, kind = None, *, name = "Value"))]
    fn from_fd<'py>(py: Python<'py>, fd: RawFd, kind: Option<&Any<'_>>, name: &str) -> PyResult<Bound<'py, Self>> {
        let own = kind.map(|kind| describe::of(kind, name)).transpose()?;
        let reader = Reader::from_fd(PyOpened::copy_of(py, fd)?).map_err(of_region)?;
        Bound::new(py, Self::over(reader, None, own.as_ref(), false)?)
    }

    /// The value: a dict for a struct, a list for an array or a slice.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        self.read_versioned(py).map(|(value, _)| value)
    }

    /// The value and its version.
    fn read_versioned<'py>(&self, py: Python<'py>) -> PyResult<(Any<'py>, u64)> {
        let (reader, bytes, version) = self.bytes()?;
        let layout = reader.schema().layout();
        Ok((value::plain(py, layout, &bytes)?, version))
    }

    /// The value and its version, or `None` if the version is `known`.
    fn read_if_changed<'py>(&self, py: Python<'py>, known: u64) -> PyResult<Option<(Any<'py>, u64)>> {
        let watch = self.0.get();
        if watch.region().version().to_bits() == known && !watch.region().is_closed() {
            return Ok(None);
        }
        self.read_versioned(py).map(Some)
    }

    /// For loops: a newer value than `known` and its version, if there is one, and how often another region was opened
    /// by then. If that is more often than before, `known` was a version of the region before.
    #[allow(clippy::type_complexity)] // a tuple of Python
    fn _newer<'py>(slf: &Bound<'py, Self>, known: u64, reopened: u64) -> PyResult<(Option<(Any<'py>, u64)>, u64)> {
        let now = slf.as_super().get()._reopened();
        let known = if now == reopened { known } else { 0 };
        Ok((slf.get().read_if_changed(slf.py(), known)?, now))
    }

    /// The bytes of the value.
    fn read_bytes<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        let (_, bytes, _) = self.bytes()?;
        bytes_object(py, &bytes)
    }

    /// The value as a dataclass, or as what another callable makes of its fields.
    fn read_as<'py>(&self, make: Any<'py>) -> PyResult<Any<'py>> {
        let value = self.read(make.py())?;
        helper(make.py(), "made")?.call1((make, value))
    }

    /// The value as a NumPy scalar or array; a slice as an array of its elements.
    fn read_array<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "array")?.call1((slf,))
    }

    /// The values after a version that the region still has, the oldest first, each with its version: for a program that
    /// wants each value, and calls this again and again. A region keeps one value fewer than it has buffers, so a writer
    /// made with `buffers=64` may write 63 values between two calls. The first call has the newest value only.
    fn since<'py>(slf: &Bound<'py, Self>, version: u64) -> PyResult<Vec<(Any<'py>, u64)>> {
        let (own, py) = (slf.get(), slf.py());
        let (reader, earlier) = (own.0.get(), Self::earlier(slf)?);
        let schema = earlier.schema();
        if reader.region().is_closed() {
            return Err(of_bytes(ReadValueError::Closed.into()));
        }
        let newest = reader.region().version().to_bits();
        let kept = u64::from(earlier.header().buffers()).saturating_sub(1).max(1);
        let first = version.max(newest.saturating_sub(kept)).saturating_add(1);
        let mut all = Vec::new();
        for number in first..=newest {
            check_space(schema.layout().size())?;
            let read = py.detach(|| earlier.read_bytes_of(Version::from_bits(number)));
            // Overwritten meanwhile, or from before the file was opened.
            let Some(bytes) = read.map_err(|error| of_bytes(error.into()))? else { continue };
            let checked = schema.validate(&bytes).map_err(|error| BytesError::Invalid(error.to_string()));
            checked.map_err(of_bytes)?;
            all.push((value::plain(py, schema.layout(), &bytes)?, number));
        }
        Ok(all)
    }

    /// Each newer value, until the region is closed.
    fn __iter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "values")?.call1((slf,))
    }

    fn __aiter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        helper(slf.py(), "values_async")?.call1((slf,))
    }

    /// Reads into a writable buffer, such as a NumPy array or a `ctypes` structure, without a copy in between; returns
    /// how many elements a slice has, or 1.
    fn read_into(&self, buffer: &Any<'_>) -> PyResult<usize> {
        let reader = self.0.get();
        let layout = reader.schema().layout();
        let slice = Schema::slice_of(layout);
        let item = slice.map_or(layout, |(_, element, _)| element);
        let read = |all: &mut [u8]| match slice {
            Some(_) => reader.read_elements_into(all).map(|(count, _)| (count * item.size(), count)).map_err(of_bytes),
            None => reader.read_into(all).map(|_| (all.len(), 1)).map_err(of_bytes),
        };
        Bytes::writable(buffer, item, slice.is_some(), &self.1)?.fill(item.takes_any_bits(), read)
    }

    /// The version of the newest value.
    #[getter]
    fn version(&self) -> u64 {
        self.0.get().region().version().to_bits()
    }

    /// The `numpy.dtype` of a value, or of an element of a slice.
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        let reader = self.0.get();
        let layout = reader.schema().layout();
        crate::describe::dtype(py, Schema::slice_of(layout).map_or(layout, |(_, element, _)| element))
    }

    /// The same dtype each time, for the arrays that `read_array` makes.
    #[getter]
    fn _dtype<'py>(slf: &Bound<'py, Self>) -> PyResult<Any<'py>> {
        let (own, py, reopened) = (slf.get(), slf.py(), slf.as_super().get()._reopened());
        let named = |dtype: &Any<'py>| dtype.getattr("names");
        let kept = own.2.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((number, [dtype, names])) if *number == reopened && named(dtype.bind(py))?.is(names) => {
                return Ok(dtype.bind(py).clone());
            }
            _ => drop(kept),
        }
        let dtype = own.dtype(py)?;
        let kept = Some((reopened, [dtype.clone().unbind(), named(&dtype)?.unbind()]));
        let before = std::mem::replace(&mut *own.2.0.lock().unwrap_or_else(PoisonError::into_inner), kept);
        // Dropping a dtype may run Python code. So it is not dropped under the lock.
        drop(before);
        Ok(dtype)
    }

    /// The values until the end of the program, in a loop or in a task, also after the writer was upgraded or restarted.
    /// `on_event` is called with "replaced" when another region is read, and with "closed" when the writer has closed
    /// the region and there is no other one yet.
    #[pyo3(signature = (on_event = None))]
    fn follow<'py>(slf: &Bound<'py, Self>, on_event: Option<Any<'py>>) -> PyResult<Any<'py>> {
        helper(slf.py(), "Follow")?.call1((slf, on_event))
    }

    /// Some elements of a slice, without copying the others: a list. `Full` if the slice ends before.
    fn read_range<'py>(&self, py: Python<'py>, start: usize, stop: usize) -> PyResult<Any<'py>> {
        let reader = self.0.get();
        let Some((_, element, most)) = Schema::slice_of(reader.schema().layout()) else {
            return Err(PyTypeError::new_err("the values are no slices"));
        };
        let count = stop.checked_sub(start).filter(|count| *count <= most);
        let wrong = || PyValueError::new_err(format!("{start} to {stop}, of a slice of at most {most} elements"));
        let mut bytes = zeros(count.ok_or_else(wrong)? * element.size())?;
        reader.read_range_into(start, &mut bytes).map_err(of_bytes)?;
        let values =
            (0..stop - start).map(|at| value::plain(py, element, &bytes[at * element.size()..][..element.size()]));
        value::list_of(py, element, stop - start, values)
    }

    /// How many elements the slice has, which may have more at the next look.
    #[getter]
    fn _count(&self) -> PyResult<usize> {
        match self.0.get().read_elements_into(&mut []) {
            Err(BytesError::NotRead(ReadValueError::Length(found))) => Ok(found.len()),
            read => Ok(read.map_err(of_bytes)?.0),
        }
    }

    /// How many elements a slice can have; `None` if the values are no slices.
    #[getter]
    fn capacity(&self) -> Option<usize> {
        self.0.get().slice().map(|(_, capacity)| capacity)
    }
}

impl PyReader {
    fn over(reader: Reader, path: Option<PathBuf>, own: Option<&Schema>, by_fields: bool) -> Made<Self> {
        let shared = Shared::of(reader, own.is_none());
        let opened = PyOpened::new(shared.clone(), path, own, by_fields)?;
        let reader = PyReader(shared, Known::default(), Kept::default(), Earlier::default());
        Ok(PyClassInitializer::from(opened).add_subclass(reader))
    }

    /// The file of the region that is read now.
    fn earlier(slf: &Bound<'_, Self>) -> PyResult<Arc<Region<Unmapped>>> {
        let (opened, own) = (slf.as_super().get(), slf.get());
        let Some(path) = opened.absolute.as_deref() else {
            return Err(PyTypeError::new_err("a reader of a descriptor has the newest value only"));
        };
        if opened.by_fields {
            return Err(PyTypeError::new_err(
                "since() reads values as the region has them: open the reader without `by_fields`",
            ));
        }
        let reopened = opened._reopened();
        let mut kept = own.3.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, file)) = kept.as_ref().filter(|(number, _)| *number == reopened) {
            return Ok(file.clone());
        }
        check_space(2 * own.0.get().schema().as_bytes().len())?;
        let file = Arc::new(Region::open_file(path).map_err(of_region)?);
        if own.0.get().region().is_removed() {
            return Err(Closed::new_err("the path has another region by now: `reopen_if_removed()`"));
        }
        *kept = Some((reopened, file.clone()));
        Ok(file)
    }

    fn bytes(&self) -> PyResult<(Arc<Reader>, Vec<u8>, u64)> {
        let reader = self.0.get();
        let layout = reader.schema().layout();
        let (bytes, version) = newest(layout, |to| reader.read_into(to), |to| reader.read_elements_into(to))?;
        Ok((reader, bytes, version.to_bits()))
    }
}
