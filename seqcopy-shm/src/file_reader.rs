//! [`FileReader`]: a region read by system calls, without mapping it.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use std::fmt;
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::path::Path;

use super::checks::{check_open, validated, validated_mut};
use super::open_policy::OpenPolicy;
#[cfg(target_os = "linux")]
use super::writer_lock;
use super::{Error, FileRegion, ReadValueError, WriterState};
use seqcopy::{Attempt, MaybeInvalid, Validate, Version};

/// Reads a region by system calls, without mapping it: for regions whose writer might truncate the file. Truncating a mapped file
/// kills its readers with SIGBUS; a file that is only *read* gives an error.
///
/// The methods are those of [`Reader`](super::Reader), but each makes system calls, so each can fail
/// ([`ReadValueError::CutOff`]). An attempt at a value makes three, and takes microseconds instead of nanoseconds.
///
/// ```
/// use seqcopy_shm::{self as shm, FileReader, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-file-reader-{}", std::process::id()));
/// let mut writer = Writer::<u64>::create(&path)?;
/// writer.write(5).unwrap();
/// let reader = FileReader::<u64>::open(&path)?;
/// assert_eq!(reader.read(), Ok(5));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct FileReader<T> {
    region: FileRegion,
    values: PhantomData<fn() -> T>,
}

impl<T: 'static> FileReader<T> {
    /// Opens a region by its path.
    ///
    /// # Errors
    /// As for [`Reader::open`](super::Reader::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Validate,
    {
        Self::open_by(path.as_ref(), OpenPolicy::default())
    }

    pub(crate) fn open_by(path: &Path, policy: OpenPolicy) -> Result<Self, Error>
    where
        T: Validate,
    {
        let open = || Self::over(FileRegion::open_by(path, policy)?);
        open().map_err(|error: Error| error.at(path))
    }

    /// Opens a region by a descriptor that was received over a socket or inherited. The file need not be sealed, unlike for
    /// [`Reader::from_fd`](super::Reader::from_fd).
    ///
    /// The file is reopened, so that nothing is shared with the process that the descriptor came from.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, FileReader, Options};
    /// let mut writer = Options::new().create_memfd::<u32>("counter")?;
    /// writer.write(5).unwrap();
    /// assert_eq!(FileReader::<u32>::from_fd(writer.share()?)?.read(), Ok(5));
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(target_os = "linux")]
    #[allow(clippy::needless_pass_by_value)] // a descriptor that is given away can't be used for something else meanwhile
    pub fn from_fd(file: OwnedFd) -> Result<Self, Error>
    where
        T: Validate,
    {
        Self::over(FileRegion::of(writer_lock::reopen(&file, false)?)?)
    }

    /// Reads a region that was opened without its type.
    ///
    /// # Errors
    /// If it holds another type, or was closed.
    pub fn from_region(mut region: FileRegion) -> Result<Self, Error>
    where
        T: Validate,
    {
        // As it is by now.
        region.was_closed = region.is_closed().unwrap_or(region.was_closed);
        Self::over(region)
    }

    fn over(region: FileRegion) -> Result<Self, Error>
    where
        T: Validate,
    {
        check_open::<T>(region.schema(), region.was_closed)?;
        Ok(FileReader { region, values: PhantomData })
    }

    /// Reads the value. Makes up to [`ATTEMPTS`](super::ATTEMPTS) attempts, and no longer than [`TIME_LIMIT`](super::TIME_LIMIT), as
    /// [`Reader::read`](super::Reader::read).
    ///
    /// # Errors
    /// If every attempt overlapped a write, if there is no value yet, if it is not valid, or if the file was truncated.
    pub fn read(&self) -> Result<T, ReadValueError>
    where
        T: Validate,
    {
        Ok(self.read_versioned()?.0)
    }

    /// Reads the value and its version.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn read_versioned(&self) -> Result<(T, Version), ReadValueError>
    where
        T: Validate,
    {
        let mut buf = MaybeUninit::uninit();
        let version = self.load(&mut buf)?;
        // SAFETY: `load` wrote every byte (I6 maybe-invalid).
        Ok((unsafe { validated(buf) }?, version))
    }

    /// Reads the value into a buffer of the caller's, with nothing of its size on the stack. On `Err` the contents of `buf` are
    /// unspecified bytes.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, FileReader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-into-{}", std::process::id()));
    /// # let writer = Writer::<[u64; 2 << 20]>::create(&path)?;
    /// // 16 MiB, more than most stacks have.
    /// let reader = FileReader::<[u64; 2 << 20]>::open(&path)?;
    /// let mut frame = Box::new_uninit();
    /// assert!(reader.read_into(&mut frame).is_err(), "nothing was written yet");
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError>
    where
        T: Validate,
    {
        self.load(buf)?;
        // SAFETY: `load` wrote every byte (I6 maybe-invalid).
        unsafe { validated_mut(buf) }
    }

    /// Reads the bits of the value without validating them, to use one field of many ([`field!`](seqcopy::field)) or to validate
    /// later.
    ///
    /// # Errors
    /// As for [`read`](Self::read), except that bits are never invalid.
    pub fn read_bits_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut MaybeInvalid<T>, ReadValueError>
    where
        T: Validate,
    {
        self.load(buf)?;
        // SAFETY: the attempt wrote every byte (I6 maybe-invalid).
        Ok(unsafe { MaybeInvalid::assume_written_mut(buf) })
    }

    /// Makes one attempt.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn try_read(&self) -> Result<T, ReadValueError>
    where
        T: Validate,
    {
        let mut buf = MaybeUninit::uninit();
        self.attempt(&mut buf)?;
        // SAFETY: the attempt wrote every byte (I6 maybe-invalid).
        unsafe { validated(buf) }
    }

    /// Makes one attempt, into a buffer of the caller's. On `Err` the contents of `buf` are unspecified bytes.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn try_read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError>
    where
        T: Validate,
    {
        self.attempt(buf)?;
        // SAFETY: the attempt wrote every byte (I6 maybe-invalid).
        unsafe { validated_mut(buf) }
    }

    /// Reads with the caller's retry policy, which is called after each failed attempt and decides whether to go on.
    ///
    /// # Errors
    /// The value that the policy returned by `Break`; `Ok(Err(..))` if another attempt would not help: the value is not valid, the
    /// region was closed, the file was truncated.
    pub fn read_with<B>(
        &self,
        mut policy: impl FnMut(Attempt) -> ControlFlow<B>,
    ) -> Result<Result<T, ReadValueError>, B>
    where
        T: Validate,
    {
        let mut number = 0u32;
        loop {
            match self.try_read() {
                Err(ReadValueError::NotConsistent(error)) => {
                    number = number.saturating_add(1);
                    if let ControlFlow::Break(value) = policy(Attempt::new(number, error)) {
                        return Err(value);
                    }
                }
                result => return Ok(result),
            }
        }
    }

    /// The version of the last published value.
    ///
    /// # Errors
    /// If the file was truncated.
    pub fn version(&self) -> Result<Version, ReadValueError>
    where
        T: Validate,
    {
        Ok(Version::from_bits(self.region.version()?))
    }

    /// Whether a newer value is complete.
    ///
    /// # Errors
    /// If the file was truncated.
    pub fn has_changed(&self, since: Version) -> Result<bool, ReadValueError>
    where
        T: Validate,
    {
        Ok(self.version()? != since)
    }

    /// Reads the value if it is newer than `known`, and then updates `known`.
    ///
    /// # Errors
    /// As for [`read`](Self::read); `known` is unchanged.
    ///
    /// ```
    /// # use seqcopy::Version;
    /// # use seqcopy_shm::{self as shm, FileReader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-changed-{}", std::process::id()));
    /// # let mut writer = Writer::<u64>::create(&path)?;
    /// # writer.write(5).unwrap();
    /// let reader = FileReader::<u64>::open(&path)?;
    /// let mut known = Version::NEVER;
    /// assert_eq!(reader.read_if_changed(&mut known), Ok(Some(5)));
    /// assert_eq!(reader.read_if_changed(&mut known), Ok(None));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_if_changed(&self, known: &mut Version) -> Result<Option<T>, ReadValueError>
    where
        T: Validate,
    {
        if !self.has_changed(*known)? {
            return Ok(None);
        }
        let (value, version) = self.read_versioned()?;
        *known = version;
        Ok(Some(value))
    }

    /// Whether the region has a writer.
    ///
    /// # Errors
    /// If the file was truncated.
    pub fn writer_state(&self) -> Result<WriterState, ReadValueError>
    where
        T: Validate,
    {
        self.region.writer_state()
    }

    /// The region that it reads.
    #[must_use]
    pub fn region(&self) -> &FileRegion
    where
        T: Validate,
    {
        &self.region
    }

    /// One attempt at the bits. If it succeeds, every byte of `buf` is written.
    fn attempt(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError>
    where
        T: Validate,
    {
        // SAFETY: all bytes of `buf`, which need not be initialised (I4 private).
        let bytes = unsafe { core::slice::from_raw_parts_mut(buf.as_mut_ptr().cast(), size_of::<T>()) };
        self.region.attempt_into(bytes).map(Version::from_bits)
    }

    /// Attempts until one succeeds or the bound is reached.
    fn load(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError>
    where
        T: Validate,
    {
        self.region.repeat(|| self.attempt(buf))
    }
}

impl<T> fmt::Debug for FileReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileReader").field("of", &self.region).finish_non_exhaustive()
    }
}
