//! [`PyNotifier`], a file of its own as it is above readers and maps: a descriptor that tells of newer values, for event loops.

use std::collections::HashMap;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Mutex, PoisonError};

use crate::error::{Any, of_region};
use crate::reader::PyOpened;
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use seqcopy::Version;
use seqcopy_shm::{Notifier, Registration};

/// A descriptor that becomes readable when a registered region has something newer: for `select`, and `loop.add_reader` of asyncio.
#[pyclass(name = "Notifier", module = "seqcopy", frozen)]
pub(crate) struct PyNotifier {
    notifier: Notifier,
    /// By the reader, which stays for as long as its address is the key.
    registered: Mutex<HashMap<usize, (Py<PyAny>, Registration)>>,
}

#[pymethods]
impl PyNotifier {
    #[new]
    fn new() -> PyResult<Self> {
        let notifier = Notifier::new().map_err(of_region)?;
        Ok(PyNotifier { notifier, registered: Mutex::default() })
    }

    /// From now on, the descriptor becomes readable when the region of a `Reader` or `MapReader` has another version than `known`, by default the
    /// present one, is closed, or was lost. Once more after `reopen_if_removed`.
    #[pyo3(signature = (reader, known = None))]
    fn register(&self, reader: &Any<'_>, known: Option<u64>) -> PyResult<()> {
        let wrong = |_| PyTypeError::new_err(format!("expected a Reader or a MapReader, found {}", reader.get_type()));
        let registration = reader.cast::<PyOpened>().map_err(wrong)?.get().look(|region, _| {
            let known = known.map_or_else(|| region.version(), Version::from_bits);
            self.notifier.register(region.newer_than(known)).map_err(of_region)
        })?;
        let mut registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        let before = registered.insert(reader.as_ptr().addr(), (reader.clone().unbind(), registration));
        // Python's code may run when a reader is dropped: not under the lock.
        drop(registered);
        Ok(drop(before))
    }

    /// Ends that.
    fn unregister(&self, reader: &Any<'_>) -> PyResult<()> {
        let before = self.registered.lock().unwrap_or_else(PoisonError::into_inner).remove(&reader.as_ptr().addr());
        before.map(drop).ok_or_else(|| PyKeyError::new_err(reader.clone().unbind()))
    }

    /// Makes the descriptor unreadable until a region changes after this call: call it, and then look at the regions.
    fn clear(&self) -> PyResult<()> {
        self.notifier.clear().map_err(of_region)
    }

    /// The descriptor: not to be read, written or closed.
    fn fileno(&self) -> RawFd {
        self.notifier.as_raw_fd()
    }
}
