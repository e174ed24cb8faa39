//! The life of a region's file: it is opened, inspected and mapped, locked by its writer, closed and removed. Code that
//! only writers need is in `handle/writable`.
//!
//! | file | what |
//! |---|---|
//! | `inspect` | what is required of a file before it is mapped |
//! | `writer_lock` | the right to write, by the lock on the file; which regions this process writes |
//!
//! Here is [`MappedRegion`], a mapped region, of a reader or of its writer; and closing one, in steps after each of
//! which its writer may die:
//!
//! | step | if the writer dies after it |
//! |---|---|
//! | the state is closed | The value is still there: nothing was closed. Readers go on with it, and the next writer takes over. |
//! | the word is that of a region in which nothing was written | Closed: readers get `Closed`. The name is still there, and the next `create` removes it. |
//! | the name is removed | `create` finds nothing. |
//!
//! A region is closed once both words have it, and the store of the second decides. If no value was ever written, the
//! first does.

mod inspect;
mod writer_lock;

use std::thread::sleep;
use std::time::{Duration, Instant};

use seqcopy::ReadError;

use crate::error::{Error, ReadValueError, io};
use crate::mapping::{Buffers, FORMAT, MAP_FORMAT, Mmap, State};
use crate::sys::file::status;
use crate::sys::name::{Links, Name, is_file, is_missing};
use crate::sys::{AsHandle, Handle, lock as file_lock};

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use inspect::seals::{check_length, check_writable, seal};
pub(crate) use inspect::{Inspected, OpenPolicy, bytes_at, read_exact_at, read_exact_into};
#[cfg(all(debug_assertions, any(target_os = "linux", target_os = "android")))]
pub(crate) use writer_lock::taken;
pub(crate) use writer_lock::{WAIT, WriterLock, is_free, reopen, writer_state};

/// Makes the steps in the region. Only the process that holds the writer lock may call this.
pub(crate) fn close(map: &Mmap) {
    map.set_state(State::CLOSED);
    map.set_word(0);
}

/// Undoes the first step of a writer that died after it. Only the process that holds the writer lock may call this.
pub(crate) fn undo_close(map: &Mmap) {
    if map.state() == State::CLOSED {
        map.set_state(State::OPEN);
    }
}

/// Makes the last step: removes the name, if it still belongs to the file.
pub(crate) fn remove(name: &Name, file: &Handle) -> Result<(), Error> {
    let here = status(file).map_err(io("query its status"))?;
    match name.stat() {
        Ok(there) if there.is_same(&here) => {}
        // The name belongs to a newer file, or to none.
        Ok(_) => return Ok(()),
        Err(error) if is_missing(&error) => return Ok(()),
        Err(error) => return Err(io("look for its name")(error)),
    }
    unlink(name)
}

fn unlink(name: &Name) -> Result<(), Error> {
    name.unlink().map_err(io("remove the name of the closed region"))
}

/// Makes the last step for a writer that died before it, or that had no permission. Returns whether there was such a
/// region and `may_remove` allowed to remove it.
///
/// The file may be anything, and may belong to another user. So it is not mapped, and symbolic links are not followed.
/// It is examined through one descriptor, and once more when it is locked. The system has no call that removes a name
/// only if it belongs to a certain file. So if a program gives the name to another file at that moment, the other file
/// can lose it. Writers of this crate don't do that.
pub(crate) fn remove_closed(name: &Name, may_remove: impl Fn(&Handle, &Inspected) -> bool) -> Result<bool, Error> {
    let is_closed = |file: &Handle| {
        Inspected::from_file(file, &[FORMAT, MAP_FORMAT])
            .is_ok_and(|region| region.is_closed && may_remove(file, &region))
    };
    if !is_file(name.lstat()) {
        return Ok(false);
    }
    let Ok(file) = name.open(true, Links::Refuse) else { return Ok(false) };
    if !is_closed(&file) {
        return Ok(false);
    }
    // A live writer that is closing the region holds the lock until it has finished.
    let (began, mut pause) = (Instant::now(), Duration::from_millis(1));
    while !file_lock::try_write(&file).map_err(io("lock it"))? {
        if began.elapsed() >= WAIT {
            return Ok(false);
        }
        sleep(pause);
        pause = (pause * 2).min(WAIT / 20);
    }
    let here = status(&file).map_err(io("query its status"))?;
    match name.lstat() {
        Ok(there) if there.is_same(&here) && is_closed(&file) => unlink(name).map(|()| true),
        // Its writer has removed the name meanwhile.
        Err(error) if is_missing(&error) => Ok(true),
        _ => Ok(false),
    }
}

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
        Ok(Self::from_map(map, inspected))
    }

    /// The region in a mapping of the whole file.
    pub(crate) fn from_map(map: Mmap, inspected: Inspected) -> MappedRegion {
        // SAFETY: the region keeps the map, and readers, which copy these, keep the region (I8 mapping).
        let buffers = unsafe { Buffers::from_map(&map, &inspected.header.layout) };
        MappedRegion { map, inspected, buffers }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.map.is_closed()
    }

    /// The number of the newest value.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        self.buffers.version()
    }

    /// The word, and the number of the newest value.
    pub(crate) fn word(&self) -> (u64, u64) {
        self.buffers.word()
    }

    /// Wakes the threads of all processes that wait for this region.
    pub(crate) fn wake(&self) {
        self.map.wake();
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
        let open_write = || self.buffers.open_write();
        // A writer holds the lock. The word is loaded again: if the same write was in progress while the lock was free,
        // it is not a write of the next writer.
        open_write().is_some_and(|word| writer_lock::is_free(file) && open_write() == Some(word))
    }
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(miri)))]
mod tests {
    use super::{FORMAT, WAIT, remove_closed, sleep, undo_close};
    use crate::handle::Writable;
    use crate::handle::Writer;
    use crate::life::inspect::OpenPolicy;
    use crate::path_for;
    use crate::schema::Schema;
    use crate::sys::name::Name;

    fn named(path: &std::path::Path) -> Name {
        Name::from_path(path).unwrap()
    }

    #[test]
    fn only_what_may_go_is_removed() {
        let [first, second] =
            ["first", "second"].map(|name| path_for(&format!("closing-{name}-{}", std::process::id())));
        let writer = Writer::<u32>::create(&first).unwrap();
        std::fs::hard_link(&first, &second).unwrap();
        assert!(!remove_closed(&named(&second), |_, _| true).unwrap(), "not closed");
        writer.close().unwrap();
        assert!(
            !remove_closed(&named(&second), |_, region| region.schema == Schema::of::<u64>()).unwrap(),
            "of another type"
        );
        assert!(second.exists());
        assert!(remove_closed(&named(&second), |_, region| region.schema == Schema::of::<u32>()).unwrap());
        assert!(!second.exists());
    }

    /// The writer has closed the region, and another process is just taking it over.
    #[test]
    fn what_is_opened_again_while_its_lock_is_waited_for_stays() {
        let path = path_for(&format!("closing-again-{}", std::process::id()));
        drop(Writer::<u32>::create(&path).unwrap());
        let writer = Writable::take_over(&path, OpenPolicy::default(), &[FORMAT], |_| Ok(())).unwrap();
        writer.close_only();
        std::thread::scope(|scope| {
            let finishing = scope.spawn(|| remove_closed(&named(&path), |_, _| true).unwrap());
            sleep(WAIT / 5);
            undo_close(&writer.mapping().map);
            drop(writer);
            assert!(!finishing.join().unwrap());
        });
        assert!(path.exists());
        std::fs::remove_file(&path).unwrap();
    }
}
