//! [`Reader`]: values of another process.

mod part;
mod retries;

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use std::fmt;
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::path::Path;

use super::WriterState;
use super::buffers::Buffers;
use super::checks::{check_open, validated_mut};
use super::open_policy::OpenPolicy;
use super::{Error, ReadValueError, Region};
use seqcopy::{Attempt, MaybeInvalid, Validate, Version};

/// Reads the values that another process publishes. Maps the region read-only and never writes a byte of it.
///
/// The process that creates the region chooses the number of buffers; readers find it in the header.
///
/// Every value is validated, on a private copy, before it becomes a `T`: a peer that writes nonsense causes an error that names
/// the field. All reads are bounded: [`try_read`](Self::try_read) makes one attempt and is wait-free, the others make up to
/// [`ATTEMPTS`](super::ATTEMPTS) within [`TIME_LIMIT`](super::TIME_LIMIT). A peer that dies, stops or lies can make them fail, not hang.
///
/// The guarantees are those of the locks in one process. The value was current at some moment during the call, or slightly before
/// on weakly ordered hardware; a reader never sees values go backwards; what the writer did before writing the value
/// happens-before the return.
///
/// ```
/// use seqcopy::{SeqCopy, Validate};
/// use seqcopy_shm::{self as shm, Reader, Writer};
///
/// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Clock { now: u64, error: u32, synchronized: bool }
///
/// # let path = shm::path_for(&format!("seqcopy-doc-reader-{}", std::process::id()));
/// let mut writer = Writer::<Clock>::create(&path)?;
/// writer.write(Clock { now: 1, error: 20, synchronized: true }).unwrap();
///
/// // Usually in another process:
/// let reader = Reader::<Clock>::open(&path)?;
/// assert_eq!(reader.read().unwrap().error, 20);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
pub struct Reader<T> {
    /// A copy of the region's. Neither it nor this struct is passed by reference to a function that is not inlined, so it can stay in
    /// registers while values are read in a loop.
    buffers: Buffers,
    region: Box<Region>,
    values: PhantomData<fn() -> T>,
}

impl<T: 'static> Reader<T> {
    /// Opens a region by its path.
    ///
    /// In a directory where other users may create files, as in `/dev/shm`, the region may be another user's: see
    /// [`Options::require_owner`](super::Options::require_owner).
    ///
    /// # Errors
    /// If there is no file yet, if it may not be read, if it is not a region of this machine, if the region was closed, or if it
    /// holds another type: then the error names the first field that differs.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-open-{}", std::process::id()));
    /// let _writer = Writer::<u32>::create(&path)?;
    /// let error = Reader::<u64>::open(&path).unwrap_err();
    /// assert!(error.to_string().ends_with("the type: u32 there, u64 here: build both programs from one definition"));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
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
        let open = || {
            let region = Region::open_by(path, policy)?;
            // The state from before it was mapped: opening never accesses the mapping, which may already be truncated.
            check_open::<T>(region.schema(), region.mapped.was_closed)?;
            Ok(Self::over(region))
        };
        open().map_err(|error: Error| error.at(path))
    }

    /// Opens a region by a descriptor that was received or inherited, as [`Region::from_fd`] does.
    ///
    /// # Errors
    /// As for [`open`](Self::open) and [`Region::from_fd`].
    #[cfg(target_os = "linux")]
    pub fn from_fd(file: OwnedFd) -> Result<Self, Error>
    where
        T: Validate,
    {
        Self::from_region(Region::from_fd(file)?)
    }

    /// Reads a region that was opened without its type.
    ///
    /// # Errors
    /// If it holds another type, or was closed.
    pub fn from_region(region: Region) -> Result<Self, Error>
    where
        T: Validate,
    {
        check_open::<T>(region.schema(), region.is_closed())?;
        Ok(Self::over(region))
    }

    /// A reader of a region of this type.
    fn over(region: Region) -> Self
    where
        T: Validate,
    {
        Reader { buffers: region.mapped.buffers, region: Box::new(region), values: PhantomData }
    }

    /// Reads the value. Makes up to [`ATTEMPTS`](super::ATTEMPTS) attempts, for no longer than [`TIME_LIMIT`](super::TIME_LIMIT). A
    /// writer that died in the middle of a write before the read began is noticed within microseconds.
    ///
    /// # Errors
    /// If every attempt overlapped a write, if there is no value yet, or if it is not valid.
    #[inline]
    pub fn read(&self) -> Result<T, ReadValueError>
    where
        T: Validate,
    {
        self.read_and(|value, _| value)
    }

    /// Reads the value and its version.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    #[inline]
    pub fn read_versioned(&self) -> Result<(T, Version), ReadValueError>
    where
        T: Validate,
    {
        self.read_and(|value, version| (value, version))
    }

    /// Reads the value into a buffer of the caller's, with one copy at every size. On `Err` the contents of `buf` are unspecified bytes.
    /// The padding of the buffer may be overwritten, too.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    #[inline]
    pub fn read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError>
    where
        T: Validate,
    {
        self.load(buf)?;
        // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
        unsafe { validated_mut(buf) }
    }

    /// Reads the bits of the value without validating them, to use one field of many ([`field!`](seqcopy::field)) or to validate
    /// later.
    ///
    /// # Errors
    /// As for [`read`](Self::read), except that bits are never invalid.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-bits-{}", std::process::id()));
    /// # let mut writer = Writer::<u32>::create(&path)?;
    /// # writer.write(5).unwrap();
    /// let reader = Reader::<u32>::open(&path)?;
    /// let mut buf = std::mem::MaybeUninit::uninit();
    /// assert_eq!(reader.read_bits_into(&mut buf).unwrap().validate_ref(), Ok(&5));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn read_bits_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut MaybeInvalid<T>, ReadValueError>
    where
        T: Validate,
    {
        self.load(buf)?;
        // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
        Ok(unsafe { MaybeInvalid::assume_written_mut(buf) })
    }

    /// Makes one attempt: wait-free, without a system call. `Busy` may also mean that the writer has ended, which only
    /// [`read`](Self::read) and [`writer_state`](Self::writer_state) can tell.
    ///
    /// # Errors
    /// If it overlapped a write, if there is no value yet, or if it is not valid.
    #[inline]
    pub fn try_read(&self) -> Result<T, ReadValueError>
    where
        T: Validate,
    {
        self.try_once()
    }

    /// Makes one attempt, into a buffer of the caller's. On `Err` the contents of `buf` are unspecified bytes.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    #[inline]
    pub fn try_read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError>
    where
        T: Validate,
    {
        match self.attempt(buf) {
            // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
            Ok(_) => unsafe { validated_mut(buf) },
            Err(miss) => Err(self.region.mapped.explain(miss)),
        }
    }

    /// Reads with the caller's retry policy, which is called after each failed attempt and decides whether to go on.
    ///
    /// # Errors
    /// The value that the policy returned by `Break`; `Ok(Err(..))` if the value is not valid.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-with-{}", std::process::id()));
    /// # let mut writer = Writer::<u32>::create(&path)?;
    /// # writer.write(5).unwrap();
    /// let reader = Reader::<u32>::open(&path)?;
    /// let thrice = |attempt: seqcopy::Attempt| match attempt.number {
    ///     0..3 => ControlFlow::Continue(()),
    ///     _ => ControlFlow::Break(attempt.error),
    /// };
    /// assert_eq!(reader.read_with(thrice), Ok(Ok(5)));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_with<B>(
        &self,
        mut policy: impl FnMut(Attempt) -> ControlFlow<B>,
    ) -> Result<Result<T, ReadValueError>, B>
    where
        T: Validate,
    {
        let mut number = 0u32;
        self.until(move |error| {
            number = number.saturating_add(1);
            match policy(Attempt::new(number, error)) {
                ControlFlow::Continue(()) => None,
                ControlFlow::Break(value) => Some(value),
            }
        })
    }

    /// The version of the last published value, without reading it.
    #[inline]
    #[must_use]
    pub fn version(&self) -> Version
    where
        T: Validate,
    {
        Version::from_bits(self.region.mapped.version())
    }

    /// Whether a newer value is complete.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-changed-{}", std::process::id()));
    /// # let mut writer = Writer::<u32>::create(&path)?;
    /// # writer.write(5).unwrap();
    /// let reader = Reader::<u32>::open(&path)?;
    /// let (_, version) = reader.read_versioned().unwrap();
    /// assert!(!reader.has_changed(version));
    /// writer.write(6).unwrap();
    /// assert!(reader.has_changed(version));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn has_changed(&self, since: Version) -> bool
    where
        T: Validate,
    {
        self.version() != since
    }

    /// Reads the value if it is newer than `known`, and then updates `known`.
    ///
    /// # Errors
    /// As for [`read`](Self::read); `known` is unchanged.
    #[inline]
    pub fn read_if_changed(&self, known: &mut Version) -> Result<Option<T>, ReadValueError>
    where
        T: Validate,
    {
        if !self.has_changed(*known) {
            return Ok(None);
        }
        self.read_and(|value, version| {
            *known = version;
            Some(value)
        })
    }

    /// Whether the region has a writer. Makes system calls, so it is too slow for every read.
    #[must_use]
    pub fn writer_state(&self) -> WriterState
    where
        T: Validate,
    {
        self.region.writer_state()
    }

    /// The region that it reads.
    #[must_use]
    pub fn region(&self) -> &Region
    where
        T: Validate,
    {
        &self.region
    }
}

impl<T: Validate + 'static> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("of", &T::LAYOUT.name()).field("region", &self.region).finish_non_exhaustive()
    }
}
