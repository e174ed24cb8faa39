//! [`MappedRegion`]: a mapped region, of a reader or of its writer.

use crate::sys::{AsHandle, Handle};

use crate::life::inspect::Inspected;
use crate::life::writer_lock;
use crate::mapping::buffers::Buffers;
use crate::sys::wait as futex;
use crate::{Error, Mmap, ReadValueError};
use seqcopy::ReadError;

/// A mapped region whose header and schema were checked.
#[derive(Debug)]
pub struct MappedRegion {
    pub(crate) map: Mmap,
    pub(crate) inspected: Inspected,
    pub(crate) buffers: Buffers,
}

impl MappedRegion {
    /// Maps a file that was inspected. Accesses no byte of the mapping.
    pub(crate) fn new(file: &Handle, inspected: Inspected, writable: bool) -> Result<MappedRegion, Error> {
        let map = Mmap::new(file, inspected.header.layout.size, writable)?;
        Ok(Self::of(map, inspected))
    }

    /// The region in a mapping of all of it.
    pub(crate) fn of(map: Mmap, inspected: Inspected) -> MappedRegion {
        MappedRegion { buffers: Buffers::of(&map, &inspected.header.layout), map, inspected }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.map.is_closed()
    }

    /// The number of the last published value.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        // SAFETY: `self` keeps the map (I8 mapping).
        unsafe { self.buffers.version() }
    }

    /// The word, and the number of the last published value.
    pub(crate) fn word(&self) -> (u64, u64) {
        // SAFETY: `self` keeps the map (I8 mapping).
        unsafe { self.buffers.word() }
    }

    /// Wakes the threads of all processes that wait for this region.
    pub(crate) fn wake(&self) {
        // SAFETY: `self` keeps the map (I8 mapping).
        unsafe { futex::wake(self.buffers.address()) };
    }

    /// The error for an attempt that found no value.
    #[cold]
    pub(crate) fn explain(&self, miss: ReadError) -> ReadValueError {
        match miss {
            ReadError::Empty if self.is_closed() => ReadValueError::Closed,
            ReadError::Empty | ReadError::Torn if self.map.is_truncated() => ReadValueError::Truncated,
            _ => miss.into(),
        }
    }

    /// Whether a write is in progress that no process will finish.
    pub(crate) fn is_left_open(&self, file: impl AsHandle) -> bool {
        // SAFETY: `self` keeps the map (I8 mapping).
        let open_write = || unsafe { self.buffers.open_write() };
        // A writer holds the lock. The word is loaded again: the same write was in progress when the lock was free, so it is not
        // a write of the next writer.
        open_write().is_some_and(|word| writer_lock::is_free(file) && open_write() == Some(word))
    }
}
