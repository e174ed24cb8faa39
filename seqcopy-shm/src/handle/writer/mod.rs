//! [`Writer`] writes a region. Only one process has the writer of a region.

#![allow(clippy::needless_pass_by_value)] // `write` takes values, as the locks do

mod part;

use crate::sys::Handle;

use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::fmt;
use std::path::Path;

use crate::error::{Error, ReadValueError, WriteError};
use crate::handle::options::Options;
use crate::handle::region::Region;
use crate::handle::writable::{Plan, Writable};
use crate::handle::write_handle::WriteHandle;
use crate::life::{Inspected, MappedRegion, OpenPolicy};
use crate::mapping::FORMAT;
use crate::schema::Schema;
use crate::value::{Payload, ValueOrSlice, validated_mut, zeroed};
use seqcopy::{Validate, Version};

/// Publishes values that other processes read. A region has at most one writer on the whole machine: a file lock, which
/// the system releases when the process ends for whatever reason, ensures that.
///
/// A write is wait-free, whatever readers do: it makes no system call and uses no read-modify-write instruction. A
/// [`Writer`] can be sent to another thread but not shared; put it into a mutex to let several threads write.
///
/// If the process dies in the middle of a write, readers of a latch keep returning the last value and notice nothing;
/// readers of a single buffer ([`Options::buffers`](crate::Options::buffers)`(1)`) get [`ReadValueError::WriterGone`].
/// In both cases the next writer can [take over](Self::take_over), whatever the last one was doing.
///
/// The values before the last stay in the other buffers, where each process that may read the file can find them: an
/// old value is gone when `buffers - 1` more writes have followed the one that replaced it, and of a single buffer at
/// once.
///
/// In a forked process it is inert: writes return [`WriteError::Forked`]. But the child holds the writer lock too,
/// until it ends or drops the writer.
///
/// ```
/// use seqcopy_shm::{self as shm, Reader, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-writer-{}", std::process::id()));
/// let mut writer = Writer::<[f64; 3]>::create(&path)?;
/// writer.write([1.0, 2.0, 3.0]).unwrap();
///
/// let error = Writer::<[f64; 3]>::take_over(&path).unwrap_err();
/// assert!(error.to_string().ends_with("this process is the writer already: there can be only one `Writer`"));
///
/// drop(writer); // or its process ends, or is killed
/// let writer = Writer::<[f64; 3]>::take_over(&path)?;
/// assert_eq!(Reader::<[f64; 3]>::open(&path)?.read(), Ok([1.0, 2.0, 3.0]));
/// writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct Writer<T: ValueOrSlice + ?Sized> {
    region: Writable,
    payload: T::InWriter,
    /// `Send`, but not `Sync`: only one thread at a time writes, so writes need no synchronisation.
    one_thread: PhantomData<Cell<T>>,
}

impl<T: ValueOrSlice + ?Sized> Writer<T> {
    /// Continues a region whose writer has ended, whatever that writer was doing. The last value stays readable.
    ///
    /// In a directory where other users may create files, as in `/dev/shm`, check the owner: the user that created the
    /// file can read and overwrite what is written there, and kill its writer by truncating it.
    /// [`Options::require_owner`](crate::Options::require_owner) refuses files of other users.
    ///
    /// # Errors
    /// If the region has a writer, if it was closed, and as for [`Reader::open`](crate::Reader::open).
    pub fn take_over(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::take_over_at(path.as_ref(), &(), OpenPolicy::default())
    }

    /// Takes over a region by a descriptor that was received or inherited. The file is reopened, because the lock
    /// belongs to the open file description; that needs permission to write the file. A memfd can be taken over only if
    /// it was created with [`Options::allow_take_over_fd`](crate::Options::allow_take_over_fd).
    ///
    /// # Errors
    /// The errors of [`take_over`](Self::take_over), and if the file can't be opened for writing, or is sealed against
    /// it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn take_over_fd(file: Handle) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::take_over_by_fd(&file, &())
    }
}

impl<T: Payload + ?Sized> WriteHandle for Writer<T> {
    type Type = ();
    type Size = ();
    const FORMATS: &'static [u32] = &[FORMAT];

    fn check_type((): &(), there: &Schema) -> Result<(), Error> {
        T::check_type(there)
    }

    fn plan((): &(), (): (), options: &Options) -> Result<Plan, Error> {
        options.plan(T::schema(options.capacity)?)
    }

    fn is_larger((): &(), (): (), options: &Options, there: &Inspected) -> Result<bool, Error> {
        Ok(T::schema(options.capacity.max(1))?.capacity() > there.schema.capacity())
    }

    unsafe fn copy((): &(), from: &MappedRegion, to: &MappedRegion) -> Result<(), Error> {
        T::copy(from, to);
        Ok(())
    }

    fn over(region: Writable, (): &()) -> Result<Self, Error> {
        let payload = T::in_writer(&region.mapping().inspected);
        Ok(Writer { region, payload, one_thread: PhantomData })
    }

    fn writable(&self) -> &Writable {
        &self.region
    }

    fn into_writable(self) -> Writable {
        self.region
    }

    fn restore(&mut self) -> Result<bool, Error> {
        let restored = self.region.restore(T::copy)?;
        if restored {
            self.payload = T::in_writer(&self.region.mapping().inspected);
        }
        Ok(restored)
    }
}

impl<T: Payload + ?Sized> Writer<T> {
    /// The region that it writes: its header, its type, its owner, and whether its path still leads to it. What it says
    /// is as for readers; its writer is this one.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region.region
    }

    /// The version of the last published value.
    #[must_use]
    pub fn version(&self) -> Version {
        self.region.version()
    }

    /// Whether this writer created the region, rather than taking it over, or replacing [a smaller
    /// one](crate::Options::replace_smaller).
    ///
    /// A region that was taken over may be empty, too: if its writer died before the first write.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.region.was_created
    }

    /// A descriptor to give to another process, which can read but not write by it.
    ///
    /// The receiver can reopen the file (`/proc/self/fd`). A memfd can't be written that way either, because it is
    /// sealed ([`Options::create_memfd`](crate::Options::create_memfd) names the exceptions). A file at a path can be
    /// written by every process that its permissions let write, by default those of its owner: to keep a process from
    /// writing, run it as another user.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<Handle, Error> {
        self.region.region.share()
    }

    /// Puts the region back if its path leads nowhere any more: because its file was removed by mistake, by a script,
    /// or by the system at a logout (`RemoveIPC`). Returns whether it did. For a writer to call now and then, as
    /// readers call [`reopen_if_removed`](crate::Reader::reopen_if_removed); system calls, and a copy where it does.
    ///
    /// The new region has the value that was published last, as the same [`Version`], and the permissions and the owner
    /// that the file had. Readers of the old one get [`Closed`](ReadValueError::Closed), and `reopen_if_removed` takes
    /// the new one. What is written between the removal and this call is seen by those readers only. A process that
    /// dies in it leaves the path as it was, or the new region.
    ///
    /// The writer keeps the directory of its path open, which is one descriptor. If the path leads to another directory
    /// by now, the region is put back there only if a new file has the same user and group by itself: another user may
    /// have exchanged the directory. The same is true of the links on the way: those of other users than root and this
    /// process's are not followed.
    ///
    /// Does nothing without a path, as for a memfd, and in a forked process.
    ///
    /// # Errors
    /// If the path leads to something else by now: [`ErrorKind::Exists`](crate::ErrorKind::Exists), which names its
    /// owner; if it leads through a link that is not followed:
    /// [`ErrorKind::SymbolicLink`](crate::ErrorKind::SymbolicLink). If there is not enough space, if the system
    /// refuses, and if the file was truncated before. The writer is then as it was, and may call this again.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-restore-{}", std::process::id()));
    /// let mut writer = Writer::<u64>::create(&path)?;
    /// writer.write(5).unwrap();
    /// let mut reader = Reader::<u64>::open(&path)?;
    /// # #[cfg(windows)] // which deletes no file that is mapped
    /// # std::fs::rename(&path, path.with_extension("aside")).unwrap();
    /// # #[cfg(unix)]
    /// std::fs::remove_file(&path).unwrap();
    ///
    /// assert!(writer.restore_if_removed()?);
    /// assert!(reader.reopen_if_removed()?);
    /// assert_eq!((reader.read(), reader.version()), (Ok(5), writer.version()));
    /// assert!(!writer.restore_if_removed()?);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn restore_if_removed(&mut self) -> Result<bool, Error> {
        self.restore()
    }

    /// Closes the region: from now on readers get [`ReadValueError::Closed`], no writer can take over, and the path is
    /// removed.
    ///
    /// Dropping a writer does none of this: the last value stays readable, and the next writer can take over. In a
    /// forked process `close` does nothing.
    ///
    /// A process that dies in the middle of `close` leaves either an open region, which the next writer takes over, or
    /// a closed one, which [`create`](Self::create) replaces.
    ///
    /// # Errors
    /// If the path can't be removed, for example in a directory where users may remove only their own files. The region
    /// is closed all the same, and a user that may remove the path can create a new one there.
    pub fn close(self) -> Result<(), Error> {
        self.region.close()
    }
}

impl<T: Validate + 'static> Writer<T> {
    /// Publishes a value. Wait-free.
    ///
    /// # Errors
    /// In a forked process, and if the file was truncated before the last write or during it.
    #[inline]
    pub fn write(&mut self, value: T) -> Result<(), WriteError> {
        self.write_from(&value)
    }

    /// Publishes a value by reference, without an intermediate copy.
    ///
    /// # Errors
    /// In a forked process, and if the file was truncated before the last write or during it.
    #[inline]
    pub fn write_from(&mut self, value: &T) -> Result<(), WriteError> {
        publish(&self.region, value)
    }

    /// Constructs a value in a buffer that the writer keeps for this, and publishes it: nothing of the size of `T` lies
    /// on the stack. (The buffer is never in the region itself: readers would see an incomplete value, and a plain
    /// store would be a data race.)
    ///
    /// The buffer holds zeros the first time, and later the value that was constructed there last.
    ///
    /// # Errors
    /// The errors of [`write`](Self::write); then `make` is not called.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-in-place-{}", std::process::id()));
    /// let mut writer = Writer::<[u8; 1 << 20]>::create(&path)?;
    /// let frame = |buf: &mut std::mem::MaybeUninit<[u8; 1 << 20]>| {
    ///     // SAFETY: all bytes are initialised, and any byte is a valid `u8`.
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
    ) -> Result<(), WriteError> {
        self.region.check_may_write()?;
        let value = make(buf(&mut self.payload));
        // `publish` checks again: `make` may have forked.
        publish(&self.region, value)
    }

    /// Changes a copy of the value, in a buffer of the writer's, and publishes it. If `change` panics, nothing is
    /// published.
    ///
    /// # Errors
    /// In a forked process, and if there is no value: before the first write, after a writer that died while it wrote
    /// to a single buffer, or if the last writer wrote bits that are not valid.
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
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> Result<R, ReadValueError> {
        self.region.check_may_write()?;
        let value = last(self.region.mapping(), buf(&mut self.payload))?;
        let result = change(value);
        publish(&self.region, value)?;
        Ok(result)
    }

    /// The last published value, by this writer or a previous one.
    ///
    /// # Errors
    /// If there is no value, or it is not valid.
    pub fn read(&self) -> Result<T, ReadValueError> {
        let mut buf = MaybeUninit::uninit();
        last(self.region.mapping(), &mut buf)?;
        // SAFETY: validated just now, by `last` (I7 checked).
        Ok(unsafe { buf.assume_init() })
    }
}

/// The writer's buffer, zeroed when it is allocated.
fn buf<T>(buf: &mut Option<Box<MaybeUninit<T>>>) -> &mut MaybeUninit<T> {
    buf.get_or_insert_with(zeroed)
}

/// Copies the newest value. There is no other writer.
fn last<'a, T: Validate>(mapping: &MappedRegion, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError> {
    // SAFETY: the schema is that of `T`: the region was created with it, or checked (I1 partition).
    unsafe { mapping.buffers.attempt_into(buf) }.map_err(|miss| mapping.explain(miss))?;
    // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
    unsafe { validated_mut(buf) }
}

/// Publishes a value if the region has none, which is the case before the first write, and after a writer has died in
/// the middle of a write.
pub(crate) fn write_initial<T: Validate>(region: &Writable, value: &T) {
    let is_open = region.mapping().buffers.open_write().is_some();
    if region.mapping().word().0 == 0 || is_open {
        // This process has just claimed the lock, so it need not be checked.
        let _ = publish(region, value);
    }
}

#[inline(always)]
fn publish<T: Validate>(region: &Writable, value: &T) -> Result<(), WriteError> {
    region.check_may_write()?;
    // SAFETY: the region's schema is that of `T`, and a writer's map is writable. This process holds the writer lock
    // and was not forked since, and one thread at a time has the `&mut Writer` (I5 one-writer, R2 one-protocol).
    unsafe { region.mapping().buffers.publish_value(value) };
    Ok(())
}

impl<T: ValueOrSlice + ?Sized> fmt::Debug for Writer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.region.region.path)
            .field("version", &self.region.mapping().version())
            .finish_non_exhaustive()
    }
}
