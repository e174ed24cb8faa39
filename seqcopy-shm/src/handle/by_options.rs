//! Creates and opens regions of a type with [`Options`], and creates them with the default options.

use std::path::Path;

use crate::error::Error;
use crate::handle::file_reader::FileReader;
use crate::handle::options::Options;
use crate::handle::read_handle::ReadHandle as _;
use crate::handle::reader::Reader;
use crate::handle::region::Region;
use crate::handle::writable::Writable;
use crate::handle::write_handle::WriteHandle as _;
use crate::handle::writer::{self, Writer};
use crate::mapping::FORMAT;
use crate::value::{Payload, Unmapped};
use seqcopy::Validate;

impl Options {
    /// [`Reader::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open<T: Payload + ?Sized>(&self, path: impl AsRef<Path>) -> Result<Reader<T>, Error> {
        Reader::open_at(path.as_ref(), self.policy, false)
    }

    /// [`Reader::open_by_fields`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_by_fields<T: Payload + ?Sized>(&self, path: impl AsRef<Path>) -> Result<Reader<T>, Error> {
        Reader::open_at(path.as_ref(), self.policy, true)
    }

    /// [`Region::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_region(&self, path: impl AsRef<Path>) -> Result<Region, Error> {
        self.policy.wait_for_region(|| Region::open_format(path.as_ref(), self.policy, &[FORMAT]))
    }

    /// [`Region::open_file`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_file_region(&self, path: impl AsRef<Path>) -> Result<Region<Unmapped>, Error> {
        self.policy.wait_for_region(|| Region::open_format(path.as_ref(), self.policy, &[FORMAT]))
    }

    /// [`FileReader::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_file<T: Payload + ?Sized>(&self, path: impl AsRef<Path>) -> Result<FileReader<T>, Error> {
        FileReader::open_at(path.as_ref(), self.policy, false)
    }

    /// [`Writer::take_over`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn take_over<T: Payload + ?Sized>(&self, path: impl AsRef<Path>) -> Result<Writer<T>, Error> {
        Writer::take_over_at(path.as_ref(), &(), self.policy)
    }

    /// Creates a region at a path, usually in `/dev/shm` ([`path_for`](crate::path_for)).
    ///
    /// # Errors
    /// The errors of [`Writer::create`].
    pub fn create<T: Payload + ?Sized>(&self, path: impl AsRef<Path>) -> Result<Writer<T>, Error> {
        Writer::create_at(path.as_ref(), &(), (), self)
    }

    /// Takes over the region at a path if there is one whose writer has ended, and creates it otherwise: for a program
    /// that is started again and again. [`Writer::was_created`] says which of the two it did.
    ///
    /// Any number of processes may call this at the same time: one becomes the writer, the others get
    /// [`ErrorKind::Writer`](crate::ErrorKind::Writer).
    ///
    /// [`buffers`](Self::buffers), [`capacity`](Self::capacity) and [`mode`](Self::mode) apply to a region that is
    /// created; one that is taken over keeps its own, unless it is [replaced by a larger one](Self::replace_smaller).
    /// [`require_owner`](Self::require_owner) applies to both, so nothing is created that it would refuse the next
    /// time.
    ///
    /// A closed region of this type, which its writer did not live to remove, or was not permitted to, is replaced, as
    /// by [`create`](Self::create). Nothing else is removed or overwritten, as long as only this crate gives away the
    /// names of closed regions.
    ///
    /// # Errors
    /// The errors of [`take_over`](Self::take_over) if the path exists: among others if the region has a writer, if it
    /// holds another type, or if the file is not a region. As for [`create`](Self::create) if it does not.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Uid};
    /// # let path = shm::path_for(&format!("seqcopy-doc-open-or-create-{}", std::process::id()));
    /// let options = Options::new().buffers(4).require_owner(Uid::effective());
    /// let mut writer = options.open_or_create::<u64>(&path)?;
    /// assert!(writer.was_created());
    /// writer.write(1).unwrap();
    ///
    /// drop(writer); // or its process ends, or is killed
    /// let mut writer = options.open_or_create::<u64>(&path)?;
    /// assert!(!writer.was_created());
    /// writer.update(|starts| *starts += 1).unwrap();
    /// assert_eq!(writer.read(), Ok(2));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_or_create<T: Payload + ?Sized>(&self, path: impl AsRef<Path>) -> Result<Writer<T>, Error> {
        Writer::open_or_create_at(path.as_ref(), &(), (), self, |_| {})
    }

    /// [`open_or_create`](Self::open_or_create), with a value for a region that has none: one that is created has it
    /// before other processes can find it, so no reader ever finds it empty. One that is taken over gets it if its last
    /// writer died before the first write, or in the middle of a write to a single buffer.
    ///
    /// # Errors
    /// The errors of [`open_or_create`](Self::open_or_create).
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-initial-{}", std::process::id()));
    /// let mut writer = Options::new().open_or_create_with(&path, [0u64, 1])?;
    /// assert_eq!(Reader::<[u64; 2]>::open(&path)?.read(), Ok([0, 1]));
    /// writer.write([2, 3]).unwrap();
    ///
    /// drop(writer); // or its process ends, or is killed
    /// let writer = Options::new().open_or_create_with(&path, [0u64, 1])?;
    /// assert_eq!(writer.read(), Ok([2, 3]));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[allow(clippy::needless_pass_by_value)] // as for writes
    pub fn open_or_create_with<T: Validate + 'static>(
        &self,
        path: impl AsRef<Path>,
        initial: T,
    ) -> Result<Writer<T>, Error> {
        let fill = |region: &Writable| writer::write_initial(region, &initial);
        Writer::open_or_create_at(path.as_ref(), &(), (), self, fill).inspect(|writer| fill(writer.writable()))
    }

    /// Creates a region without a path, to be given to other processes as a descriptor ([`Writer::share`]).
    ///
    /// The memfd is sealed. No process can change its length, so its readers are safe from SIGBUS. Only the returned
    /// writer can write it: no other process can, whatever its user and its descriptor, neither by a mapping nor by a
    /// system call (`F_SEAL_FUTURE_WRITE`, Linux 5.1). Before Linux 5.1, and with
    /// [`allow_take_over_fd`](Self::allow_take_over_fd), only the [permissions](Self::mode) keep other users from
    /// writing, and nothing keeps other processes of the same user from it. `name` is shown in `/proc` and has no other
    /// meaning.
    ///
    /// # Errors
    /// If the system refuses, as it does names of more than 249 bytes, or there is not enough memory.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Reader};
    /// let mut writer = Options::new().create_memfd::<u32>("counter")?;
    /// writer.write(5).unwrap();
    /// let reader = Reader::<u32>::from_fd(writer.share()?)?;
    /// assert_eq!(reader.read(), Ok(5));
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn create_memfd<T: Payload + ?Sized>(&self, name: &str) -> Result<Writer<T>, Error> {
        Writer::create_without_path(name, &(), (), self)
    }
}

/// Calls [`Options`] with their defaults.
impl<T: 'static> Writer<T> {
    /// Creates a region: a latch of two buffers, readable by all users. [`Options`] has other choices.
    ///
    /// The region appears at the path only when it is complete; if this process dies before that, nothing is left
    /// behind. It is empty until the first write.
    ///
    /// # Errors
    /// If the path exists already, if the directory can't be written, or if there is not enough space.
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

    /// Takes over the region at a path if there is one whose writer has ended, and creates it otherwise: for a program
    /// that is started again and again. [`was_created`](Self::was_created) says which of the two it did. If several
    /// processes call this at the same time, one becomes the writer.
    ///
    /// In a directory where other users may create files, as in `/dev/shm`, use [`Options::open_or_create`] with
    /// [`Options::require_owner`], for the reasons that [`take_over`](Self::take_over) gives.
    ///
    /// # Errors
    /// The errors of [`Options::open_or_create`]. If the region has a writer:
    /// [`ErrorKind::Writer`](crate::ErrorKind::Writer), or
    /// [`ErrorKind::AlreadyWriter`](crate::ErrorKind::AlreadyWriter) if it is in this process.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, ErrorKind, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-writer-open-{}", std::process::id()));
    /// let mut writer = Writer::<u64>::open_or_create(&path)?;
    /// assert!(writer.was_created());
    /// writer.write(5).unwrap();
    /// assert!(matches!(Writer::<u64>::open_or_create(&path).unwrap_err().kind(), ErrorKind::AlreadyWriter));
    ///
    /// drop(writer); // or its process ends, or is killed
    /// let writer = Writer::<u64>::open_or_create(&path)?;
    /// assert!(!writer.was_created());
    /// assert_eq!(writer.read(), Ok(5));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Validate,
    {
        Options::new().open_or_create(path)
    }

    /// [`open_or_create`](Self::open_or_create), with a value for a region that has no value, so that no reader ever
    /// finds it empty: see [`Options::open_or_create_with`].
    ///
    /// # Errors
    /// The errors of [`open_or_create`](Self::open_or_create).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-writer-initial-{}", std::process::id()));
    /// let writer = Writer::open_or_create_with(&path, 5u64)?;
    /// assert_eq!(Reader::<u64>::open(&path)?.read(), Ok(5));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_or_create_with(path: impl AsRef<Path>, initial: T) -> Result<Self, Error>
    where
        T: Validate,
    {
        Options::new().open_or_create_with(path, initial)
    }
}
