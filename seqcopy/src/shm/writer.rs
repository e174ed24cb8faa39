//! [`Writer`]: the one process that writes a region.

#![allow(clippy::needless_pass_by_value)] // a value that is written is given away

use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::boxed::Box;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::header::State;
use super::owner::{self, Owner};
use super::reader::{check, validated_mut};
use super::region::Mapped;
use super::{Error, ErrorKind, Forked, Header, Options, ReadError, UpdateError};
use crate::{Validate, Version};

/// Writes values that other processes read. There is one per region, on the whole machine: a lock sees to that, which the
/// system takes back when the process ends, however it does.
///
/// A write takes no system call, no read-modify-write instruction, and never waits: wait-free, whatever readers do. A
/// [`Writer`] can be sent to another thread, not shared; put it behind a mutex to let several write in turns.
///
/// A process that dies in the middle of a write leaves a latch as it was: its readers notice nothing. Of one copy
/// ([`Options::cells`]`(1)`) they learn that the writer is gone. In both cases the next writer
/// [takes over](Self::take_over) from any point.
///
/// In a forked process it is inert: writes return [`Forked`]. The child keeps the parent's lock alive, though, until it ends or
/// drops it.
///
/// ```
/// use seqcopy::shm::{self, Reader, Writer};
/// # let path = shm::named(&format!("seqcopy-doc-writer-{}", std::process::id()));
/// let mut writer = Writer::<[f64; 3]>::create(&path)?;
/// writer.write([1.0, 2.0, 3.0]).unwrap();
///
/// let error = Writer::<[f64; 3]>::take_over(&path).unwrap_err();
/// assert!(error.to_string().ends_with("this process writes already: there can be one `Writer` only"));
///
/// drop(writer); // or its process ends, or is killed
/// let writer = Writer::<[f64; 3]>::take_over(&path)?;
/// assert_eq!(Reader::<[f64; 3]>::open(&path)?.read(), Ok([1.0, 2.0, 3.0]));
/// writer.close();
/// # Ok::<(), shm::Error>(())
/// ```
pub struct Writer<T> {
    mapped: Mapped,
    owner: Owner,
    /// The path by which it was found, to be removed when it is closed.
    path: Option<PathBuf>,
    /// Where values are made that are too large for a stack.
    room: Option<Box<MaybeUninit<T>>>,
    /// Writes need no synchronisation because there is one thread at a time: `Send`, not `Sync`.
    one_thread: PhantomData<Cell<T>>,
}

impl<T: Validate + 'static> Writer<T> {
    /// Makes a region: a latch of two cells, readable for all. [`Options`] has more to choose.
    ///
    /// It appears at the path whole: nobody can open it half made, and if this process dies on the way nothing is left behind.
    /// Until the first write it is empty.
    ///
    /// # Errors
    /// If there is something already, if the place can't be written, or if there is no room.
    ///
    /// ```
    /// # use seqcopy::shm::{self, ErrorKind, Writer};
    /// # let path = shm::named(&format!("seqcopy-doc-create-{}", std::process::id()));
    /// let writer = Writer::<u64>::create(&path)?;
    /// assert!(matches!(Writer::<u64>::create(&path).unwrap_err().kind(), ErrorKind::Exists));
    /// # writer.close();
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        Options::new().create(path)
    }

    /// Goes on where the last writer stopped, wherever that was.
    ///
    /// # Errors
    /// If somebody writes, if the region was closed, and what [`Reader::open`](super::Reader::open) lists.
    pub fn take_over(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let take = || loop {
            let writer = Self::claim(owner::open(path, true)?)?;
            // Between opening and locking it may have been removed or renamed, and another one made.
            if is_at(path, writer.owner.file()) {
                return Ok(writer);
            }
        };
        let mut writer: Self = take().map_err(|error: Error| error.at(path))?;
        writer.path = Some(path.into());
        Ok(writer)
    }

    /// Takes over a region by a descriptor: received, inherited. It is opened once more, because the lock belongs to whoever
    /// opened the descriptor; that needs the right to write to the file.
    ///
    /// # Errors
    /// As for [`take_over`](Self::take_over), and if it can't be opened for writing.
    #[cfg(target_os = "linux")]
    pub fn take_over_fd(file: OwnedFd) -> Result<Self, Error> {
        super::region::check_seals(&file)?;
        Self::claim(owner::reopen(&file, true)?)
    }

    fn claim(file: OwnedFd) -> Result<Self, Error> {
        let mapped = Mapped::new(&file, true)?;
        check::<T>(&mapped.schema)?;
        let owner = Owner::claim(file, &mapped.map)?;
        if mapped.is_closed() {
            return Err(ErrorKind::Closed.into());
        }
        Ok(Self::of(mapped, owner, None))
    }

    /// The writer of a region that it has locked.
    pub(crate) fn of(mapped: Mapped, owner: Owner, path: Option<PathBuf>) -> Self {
        owner.sign(&mapped.map);
        Writer { mapped, owner, path, room: None, one_thread: PhantomData }
    }

    /// The file that it has locked.
    pub(crate) fn file(&self) -> &OwnedFd {
        self.owner.file()
    }

    /// Publishes a value. Wait-free.
    ///
    /// # Errors
    /// In a forked process.
    #[inline]
    pub fn write(&mut self, value: T) -> Result<(), Forked> {
        self.write_from(&value)
    }

    /// Publishes a value that is left where it is: no copy on the way.
    ///
    /// # Errors
    /// In a forked process.
    #[inline]
    pub fn write_from(&mut self, value: &T) -> Result<(), Forked> {
        publish(&self.mapped, &self.owner, value)
    }

    /// Makes a value in memory that the writer keeps for this, and publishes it: nothing of the size of `T` lies on the stack.
    /// (Never in the region itself: a value half made would be seen there, and a plain store would race.)
    ///
    /// The first time the room holds zeros, later what was made there last.
    ///
    /// # Errors
    /// In a forked process; `make` is not called then.
    ///
    /// ```
    /// # use seqcopy::shm::{self, Reader, Writer};
    /// # let path = shm::named(&format!("seqcopy-doc-in-place-{}", std::process::id()));
    /// let mut writer = Writer::<[u8; 1 << 20]>::create(&path)?;
    /// let frame = |room: &mut std::mem::MaybeUninit<[u8; 1 << 20]>| {
    ///     // SAFETY: zeros are bytes.
    ///     let frame = unsafe { room.assume_init_mut() };
    ///     frame[7] = 1;
    /// };
    /// writer.write_in_place(|room| { frame(room); unsafe { room.assume_init_mut() } }).unwrap();
    /// writer.close();
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn write_in_place(
        &mut self,
        make: impl for<'a> FnOnce(&'a mut MaybeUninit<T>) -> &'a mut T,
    ) -> Result<(), Forked> {
        self.check_forked()?;
        let value = make(room(&mut self.room));
        // Once more: it may have forked.
        publish(&self.mapped, &self.owner, value)
    }

    /// Changes a copy of the value, which lies in the writer's room, and publishes it. If `change` panics, nothing happens.
    ///
    /// # Errors
    /// In a forked process, and if there is no value: before the first write, after a writer that died writing one copy, or if
    /// the last one wrote nonsense.
    ///
    /// ```
    /// # use seqcopy::shm::{self, Reader, Writer};
    /// # let path = shm::named(&format!("seqcopy-doc-update-{}", std::process::id()));
    /// let mut writer = Writer::<[u64; 2]>::create(&path)?;
    /// writer.write([1, 2]).unwrap();
    /// writer.update(|pair| pair[1] += 1).unwrap();
    /// assert_eq!(Reader::<[u64; 2]>::open(&path)?.read(), Ok([1, 3]));
    /// # writer.close();
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> Result<R, UpdateError> {
        self.check_forked()?;
        let value = last(&self.mapped, room(&mut self.room)).map_err(UpdateError::NoValue)?;
        let result = change(value);
        publish(&self.mapped, &self.owner, value)?;
        Ok(result)
    }

    /// The value published last, by this writer or the one before.
    ///
    /// # Errors
    /// If there is none, or it is not valid.
    pub fn read(&self) -> Result<T, ReadError> {
        let mut room = MaybeUninit::uninit();
        last(&self.mapped, &mut room)?;
        // SAFETY: validated just now, by `last` (I7).
        Ok(unsafe { room.assume_init() })
    }

    /// The version of the value published last.
    #[must_use]
    pub fn version(&self) -> Version {
        Version::of(self.mapped.version())
    }

    /// What the region says about itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.mapped.header
    }

    /// A descriptor to give to another process, which can read with it but not write.
    ///
    /// Whoever may open the file for writing can do so by this one as well (`/proc/self/fd`): to keep processes of the same user
    /// from it takes another user.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<OwnedFd, Error> {
        owner::reopen(self.owner.file(), false)
    }

    /// Ends the region: readers get [`ReadError::Closed`] from now on, nobody can take over, and its path is removed.
    ///
    /// Dropping a writer does nothing of this: the last value stays readable and the next writer can go on.
    pub fn close(self) {
        if self.owner.is_forked() {
            return;
        }
        self.mapped.map.set_state(State::CLOSED);
        // Readers look at the state when there is no value.
        self.mapped.map.clear_word();
        if let Some(path) = &self.path {
            // It may be gone already, or be a newer one.
            if is_at(path, self.owner.file()) {
                let _ = std::fs::remove_file(path);
            }
        }
    }

    #[inline(always)]
    fn check_forked(&self) -> Result<(), Forked> {
        if self.owner.is_forked() { Err(Forked) } else { Ok(()) }
    }
}

impl<T> Drop for Writer<T> {
    fn drop(&mut self) {
        self.owner.sign_off(&self.mapped.map);
    }
}

/// Whether the path leads to that very file.
fn is_at(path: &Path, file: &OwnedFd) -> bool {
    match (rustix::fs::stat(path), rustix::fs::fstat(file)) {
        (Ok(a), Ok(b)) => (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino),
        _ => false,
    }
}

/// The writer's room, zeroed when it is made.
fn room<T>(room: &mut Option<Box<MaybeUninit<T>>>) -> &mut MaybeUninit<T> {
    room.get_or_insert_with(|| {
        let mut room = Box::new_uninit();
        // SAFETY: a box of that size (I4).
        unsafe { core::ptr::write_bytes(core::ptr::from_mut(&mut *room), 0, 1) };
        room
    })
}

/// Copies the last value; there is no other writer.
fn last<'a, T: Validate>(mapped: &Mapped, room: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadError> {
    // SAFETY: `mapped` keeps the map (I8). The schema is that of `T`: the region was made for it, or checked.
    unsafe { mapped.cells.load(room) }?;
    validated_mut(room)
}

#[inline(always)]
fn publish<T: Validate>(mapped: &Mapped, owner: &Owner, value: &T) -> Result<(), Forked> {
    if owner.is_forked() {
        return Err(Forked);
    }
    // SAFETY: as in `last`, and a writer's map is writable. The owner holds the lock, this process is not a fork of its own, and
    // there is one thread at a time with a `&mut Writer` (I5, R2).
    unsafe { mapped.cells.store(value) };
    Ok(())
}

impl<T> fmt::Debug for Writer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .field("version", &self.mapped.version())
            .finish_non_exhaustive()
    }
}
