//! Creation of a region by the default [`Options`].

use std::path::Path;

use crate::error::Error;
use crate::handle::options::Options;
use crate::handle::writer::Writer;
use seqcopy::Validate;

/// [`Options`] in short.
impl<T: 'static> Writer<T> {
    /// Creates a region: a latch of two buffers, readable by all users. [`Options`] has other choices.
    ///
    /// The region appears at the path only when it is complete; if this process dies before that, nothing is left behind. It is empty
    /// until the first write.
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

    /// Takes over the region at a path if there is one whose writer has ended, and creates it otherwise: for a program that is started
    /// again and again. [`was_created`](Self::was_created) says which of the two it did. If several processes call this at the same
    /// time, one becomes the writer.
    ///
    /// In a directory where other users may create files, as in `/dev/shm`, use [`Options::open_or_create`] with
    /// [`Options::require_owner`], for the reasons that [`take_over`](Self::take_over) gives.
    ///
    /// # Errors
    /// The errors of [`Options::open_or_create`]. If the region has a writer: [`ErrorKind::Writer`](crate::ErrorKind::Writer), or
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

    /// [`open_or_create`](Self::open_or_create), with a value for a region that has no value, so that no reader ever finds it empty: see
    /// [`Options::open_or_create_with`].
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
