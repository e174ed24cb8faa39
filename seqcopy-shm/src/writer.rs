//! [`Writer`]: the one process that writes a region.

#![allow(clippy::needless_pass_by_value)] // a value that is written is given away

use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::closing;
use super::open_policy::OpenPolicy;
use super::reader::{check, validated_mut};
use super::region::Mapped;
use super::writer_lock::{self, WriterLock};
use super::{Error, ErrorKind, Forked, Header, Options, ReadValueError, Uid, UpdateError};
use seqcopy::{Validate, Version};

/// Writes values that other processes read. There is one per region, on the whole machine: a lock sees to that, which the
/// system takes back when the process ends, however it does.
///
/// A write takes no system call, no read-modify-write instruction, and never waits: wait-free, whatever readers do. A
/// [`Writer`] can be sent to another thread, not shared; put it behind a mutex to let several write in turns.
///
/// A process that dies in the middle of a write leaves a latch as it was: its readers notice nothing. Of one copy
/// ([`Options::buffers`]`(1)`) they learn that the writer is gone. In both cases the next writer
/// [takes over](Self::take_over) from any point.
///
/// In a forked process it is inert: writes return [`Forked`]. The child keeps the parent's lock alive, though, until it ends or
/// drops it.
///
/// ```
/// use seqcopy_shm::{self as shm, Reader, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-writer-{}", std::process::id()));
/// let mut writer = Writer::<[f64; 3]>::create(&path)?;
/// writer.write([1.0, 2.0, 3.0]).unwrap();
///
/// let error = Writer::<[f64; 3]>::take_over(&path).unwrap_err();
/// assert!(error.to_string().ends_with("this process writes already: there can be one `Writer` only"));
///
/// drop(writer); // or its process ends, or is killed
/// let writer = Writer::<[f64; 3]>::take_over(&path)?;
/// assert_eq!(Reader::<[f64; 3]>::open(&path)?.read(), Ok([1.0, 2.0, 3.0]));
/// writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct Writer<T> {
    mapped: Mapped,
    lock: WriterLock,
    /// The path by which it was found, to be removed when it is closed.
    path: Option<PathBuf>,
    /// Where values are made that are too large for a stack.
    buf: Option<Box<MaybeUninit<T>>>,
    /// Writes need no synchronisation because there is one thread at a time: `Send`, not `Sync`.
    one_thread: PhantomData<Cell<T>>,
}

impl<T: 'static> Writer<T> {
    /// Makes a region: a latch of two buffers, readable for all. [`Options`] has more to choose.
    ///
    /// It appears at the path whole: nobody can open it half made, and if this process dies on the way nothing is left behind.
    /// Until the first write it is empty.
    ///
    /// # Errors
    /// If there is something already, if the place can't be written, or if there is no room.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, ErrorKind, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-create-{}", std::process::id()));
    /// let writer = Writer::<u64>::create(&path)?;
    /// assert!(matches!(Writer::<u64>::create(&path).unwrap_err().kind(), ErrorKind::Exists { .. }));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Validate,
    {
        Options::new().create(path)
    }

    /// Goes on where the last writer stopped, wherever that was.
    ///
    /// Look whose it is, in a directory where others may make files, as in `/dev/shm`: who has made the file may read what is
    /// written there, write it as well, and end its writer by making it shorter. [`Options::require_owner`] demands that it is
    /// yours.
    ///
    /// # Errors
    /// If somebody writes, if the region was closed, and what [`Reader::open`](super::Reader::open) lists.
    pub fn take_over(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Validate,
    {
        Self::take_over_by(path.as_ref(), OpenPolicy::default())
    }

    pub(crate) fn take_over_by(path: &Path, policy: OpenPolicy) -> Result<Self, Error>
    where
        T: Validate,
    {
        let take = || loop {
            let writer = Self::claim(policy.open(path, true)?)?;
            // Between opening and locking it may have been removed or renamed, and another one made.
            if is_at(path, writer.lock.file()) {
                return Ok(writer);
            }
        };
        let mut writer: Self = take().map_err(|error: Error| error.at(path))?;
        writer.path = Some(path.into());
        Ok(writer)
    }

    /// Takes over a region by a descriptor: received or inherited. The file is reopened, because the lock belongs to the
    /// open file description; that needs the right to write to the file. A memfd can be taken over if its maker has
    /// [allowed](Options::allow_take_over_fd) it.
    ///
    /// # Errors
    /// As for [`take_over`](Self::take_over), and if it can't be opened for writing, or is sealed against it.
    #[cfg(target_os = "linux")]
    pub fn take_over_fd(file: OwnedFd) -> Result<Self, Error>
    where
        T: Validate,
    {
        super::seals::check_length(&file)?;
        Self::claim(writer_lock::reopen(&file, true)?)
    }

    fn claim(file: OwnedFd) -> Result<Self, Error>
    where
        T: Validate,
    {
        #[cfg(target_os = "linux")]
        super::seals::check_writable(&file)?;
        let mapped = Mapped::new(&file, true)?;
        check::<T>(&mapped.schema)?;
        let writer_lock = WriterLock::claim(file, &mapped.map)?;
        if mapped.is_closed() {
            return Err(ErrorKind::Closed.into());
        }
        closing::reopen(&mapped.map);
        Ok(Self::of(mapped, writer_lock, None))
    }

    /// The writer of a region that it has locked.
    pub(crate) fn of(mapped: Mapped, lock: WriterLock, path: Option<PathBuf>) -> Self
    where
        T: Validate,
    {
        lock.record_writer(&mapped.map);
        Writer { mapped, lock, path, buf: None, one_thread: PhantomData }
    }

    /// The file that it has locked.
    pub(crate) fn file(&self) -> &OwnedFd
    where
        T: Validate,
    {
        self.lock.file()
    }

    /// Publishes a value. Wait-free.
    ///
    /// # Errors
    /// In a forked process.
    #[inline]
    pub fn write(&mut self, value: T) -> Result<(), Forked>
    where
        T: Validate,
    {
        self.write_from(&value)
    }

    /// Publishes a value that is left where it is: no copy on the way.
    ///
    /// # Errors
    /// In a forked process.
    #[inline]
    pub fn write_from(&mut self, value: &T) -> Result<(), Forked>
    where
        T: Validate,
    {
        publish(&self.mapped, &self.lock, value)
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
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-in-place-{}", std::process::id()));
    /// let mut writer = Writer::<[u8; 1 << 20]>::create(&path)?;
    /// let frame = |buf: &mut std::mem::MaybeUninit<[u8; 1 << 20]>| {
    ///     // SAFETY: zeros are bytes.
    ///     let frame = unsafe { buf.assume_init_mut() };
    ///     frame[7] = 1;
    /// };
    /// writer.write_in_place(|buf| { frame(buf); unsafe { buf.assume_init_mut() } }).unwrap();
    /// writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn write_in_place(
        &mut self,
        make: impl for<'a> FnOnce(&'a mut MaybeUninit<T>) -> &'a mut T,
    ) -> Result<(), Forked>
    where
        T: Validate,
    {
        self.check_forked()?;
        let value = make(buf(&mut self.buf));
        // Once more: it may have forked.
        publish(&self.mapped, &self.lock, value)
    }

    /// Changes a copy of the value, which lies in the writer's room, and publishes it. If `change` panics, nothing happens.
    ///
    /// # Errors
    /// In a forked process, and if there is no value: before the first write, after a writer that died writing one copy, or if
    /// the last one wrote nonsense.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-update-{}", std::process::id()));
    /// let mut writer = Writer::<[u64; 2]>::create(&path)?;
    /// writer.write([1, 2]).unwrap();
    /// writer.update(|pair| pair[1] += 1).unwrap();
    /// assert_eq!(Reader::<[u64; 2]>::open(&path)?.read(), Ok([1, 3]));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> Result<R, UpdateError>
    where
        T: Validate,
    {
        self.check_forked()?;
        let value = last(&self.mapped, buf(&mut self.buf)).map_err(UpdateError::NoValue)?;
        let result = change(value);
        publish(&self.mapped, &self.lock, value)?;
        Ok(result)
    }

    /// The value published last, by this writer or the one before.
    ///
    /// # Errors
    /// If there is none, or it is not valid.
    pub fn read(&self) -> Result<T, ReadValueError>
    where
        T: Validate,
    {
        let mut buf = MaybeUninit::uninit();
        last(&self.mapped, &mut buf)?;
        // SAFETY: validated just now, by `last` (I7).
        Ok(unsafe { buf.assume_init() })
    }

    /// The version of the value published last.
    #[must_use]
    pub fn version(&self) -> Version
    where
        T: Validate,
    {
        Version::from_bits(self.mapped.version())
    }

    /// What the region says about itself.
    #[must_use]
    pub fn header(&self) -> &Header
    where
        T: Validate,
    {
        &self.mapped.header
    }

    /// Whose its file is. Another user than one's own can write it, too, and end this writer.
    #[must_use]
    pub fn owner(&self) -> Uid
    where
        T: Validate,
    {
        self.mapped.uid
    }

    /// A descriptor to give to another process, which can read with it but not write.
    ///
    /// That receiver can open the same file once more (`/proc/self/fd`). With a memfd it gains nothing by that: it is sealed against
    /// writing ([`Options::create_memfd`], which names the exceptions). A file at a path can be written by every process that
    /// its permissions allow to, which are those of its owner's user by default: to keep a process from it, run it as another
    /// user.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<OwnedFd, Error>
    where
        T: Validate,
    {
        writer_lock::reopen(self.lock.file(), false)
    }

    /// Ends the region: readers get [`ReadValueError::Closed`] from now on, no writer can take over, and its path is removed.
    ///
    /// Dropping a writer does nothing of this: the last value stays readable and the next writer can go on. In a forked process
    /// closing does nothing, either.
    ///
    /// A process that dies in the middle of this leaves a region that was not closed, which the next writer takes over, or one that
    /// was, and at whose path [`create`](Self::create) makes a new one.
    ///
    /// # Errors
    /// If the path can't be removed, as in a directory where users may remove only what is theirs. The region is closed all the
    /// same, and a user who may remove the path can create a new one there.
    pub fn close(self) -> Result<(), Error>
    where
        T: Validate,
    {
        if self.lock.is_forked() {
            return Ok(());
        }
        closing::close(&self.mapped.map);
        match &self.path {
            Some(path) => closing::remove(path, self.lock.file()).map_err(|error| error.at(path)),
            None => Ok(()),
        }
    }

    #[inline(always)]
    fn check_forked(&self) -> Result<(), Forked>
    where
        T: Validate,
    {
        if self.lock.is_forked() { Err(Forked) } else { Ok(()) }
    }
}

impl<T> Drop for Writer<T> {
    fn drop(&mut self) {
        self.lock.clear_writer(&self.mapped.map);
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
fn buf<T>(buf: &mut Option<Box<MaybeUninit<T>>>) -> &mut MaybeUninit<T> {
    buf.get_or_insert_with(|| {
        let mut buf = Box::new_uninit();
        // SAFETY: a box of that size (I4).
        unsafe { core::ptr::write_bytes(core::ptr::from_mut(&mut *buf), 0, 1) };
        buf
    })
}

/// Copies the last value; there is no other writer.
fn last<'a, T: Validate>(mapped: &Mapped, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError> {
    // SAFETY: `mapped` keeps the map (I8). The schema is that of `T`: the region was made for it, or checked.
    unsafe { mapped.buffers.load(buf) }?;
    validated_mut(buf)
}

#[inline(always)]
fn publish<T: Validate>(mapped: &Mapped, lock: &WriterLock, value: &T) -> Result<(), Forked> {
    if lock.is_forked() {
        return Err(Forked);
    }
    // SAFETY: as in `last`, and a writer's map is writable. The owner holds the lock, this process is not a fork of its own, and
    // there is one thread at a time with a `&mut Writer` (I5, R2).
    unsafe { mapped.buffers.store(value) };
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
