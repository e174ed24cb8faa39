//! [`Reader`] reads another process's values.

mod open;
mod part;
mod slice;

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use std::fmt;
use std::path::Path;

use crate::error::{Error, ReadValueError};
use crate::handle::read_handle::ReadHandle as _;
use crate::handle::region::Region;
use crate::life::OpenPolicy;
use crate::mapping::Buffers;
use crate::value::{Mapped, Own, Payload, Plan, ValueOrSlice, validated_mut};
use seqcopy::{Attempt, MaybeInvalid, ReadError, Validate, Version};

/// Reads the values that another process publishes. Maps the region read-only and never writes a byte of it. A
/// [`FileReader`](crate::FileReader) reads it without mapping it.
///
/// The process that creates the region chooses the number of buffers; readers find it in the header.
///
/// Every value is validated, on a private copy, before it becomes a `T`: a peer that writes nonsense causes an error
/// that names the field. All reads are bounded: [`try_read`](Self::try_read) makes one attempt and is wait-free, the
/// others make up to [`ATTEMPTS`](crate::ATTEMPTS) within [`TIME_LIMIT`](crate::TIME_LIMIT). A peer that dies, stops or
/// lies can make them fail, not hang.
///
/// The guarantees are those of the locks in one process. The value was current at some moment during the call, or
/// slightly before on weakly ordered hardware; a reader never sees values go backwards; what the writer did before
/// writing the value happens-before the return.
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
pub struct Reader<T: ValueOrSlice + ?Sized> {
    buffers: Buffers,
    region: Box<Region>,
    payload: T::InReader,
    values: PhantomData<fn() -> T>,
}

impl<T: ValueOrSlice + ?Sized> Reader<T> {
    /// Opens a region by its path.
    ///
    /// In a directory where other users may create files, as in `/dev/shm`, the region may be another user's: see
    /// [`Options::require_owner`](crate::Options::require_owner).
    ///
    /// # Errors
    /// If there is no file yet, if it may not be read, if it is not a region of this machine, if the region was closed,
    /// or if it holds another type: then the error names the first field that differs.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-open-{}", std::process::id()));
    /// let _writer = Writer::<u32>::create(&path)?;
    /// let error = Reader::<u64>::open(&path).unwrap_err();
    /// assert!(error.to_string().ends_with("the type: u32 there, u64 here: build both programs from one definition. \
    ///     If the type was changed on purpose, open readers with `open_by_fields`, or replace the region (`Options::replace_other_type`)"));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::open_at(path.as_ref(), OpenPolicy::default(), false)
    }

    /// Opens a region whose type has every field of `T`, by name and with the same type, wherever it lies. So a program
    /// goes on when a field is added to the type of a region, or moved.
    ///
    /// * The fields of structs inside of `T` are found in the same way, and those of tuples by their position. Fields
    ///   that `T` does not have are ignored, and names of types are not compared. Arrays must be of the same length.
    /// * The variants of enums have the same tags by the same names, and their fields are found by name. A value of a
    ///   variant that `T` does not have is an [`InvalidValue`](seqcopy::InvalidValue) when it is read, which names the
    ///   tag.
    /// * A field of `T` that the region does not have is an error, unless it has a default: `#[seqcopy(default)]` on
    ///   the field for the `Default` of its type, or `#[seqcopy(default = path)]` for what that function returns. So a
    ///   program goes on that is newer than the writer. The function is called when the region is opened.
    ///
    /// Every value is validated as a `T`. If the region's type is that of `T`, reads are those of [`open`](Self::open).
    /// Else a read copies field by field, as one attempt, and allocates for an enum whose variants have their fields in
    /// other places; [`read_part`](Self::read_part) copies the whole `T` then.
    /// [`reopen_if_removed`](Self::reopen_if_removed) follows to a region whose type has the fields, too.
    ///
    /// # Errors
    /// The first field of `T` that the region does not have, or has with another type. Otherwise as for
    /// [`open`](Self::open).
    ///
    /// ```
    /// use seqcopy::{SeqCopy, Validate};
    /// use seqcopy_shm::{self as shm, Reader, Writer};
    ///
    /// mod new {
    ///     #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
    ///     #[repr(C)]
    ///     pub struct Pose { pub frame: u32, pub at: [f64; 2], pub speed: f32 }
    /// }
    ///
    /// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct Pose { at: [f64; 2], #[seqcopy(default)] heading: f32 }
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-by-fields-{}", std::process::id()));
    /// let mut writer = Writer::<new::Pose>::create(&path)?;
    /// writer.write(new::Pose { frame: 7, at: [1.0, 2.0], speed: 0.5 }).unwrap();
    ///
    /// assert!(Reader::<Pose>::open(&path).is_err());
    /// let reader = Reader::<Pose>::open_by_fields(&path)?;
    /// assert_eq!(reader.read(), Ok(Pose { at: [1.0, 2.0], heading: 0.0 }));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_by_fields(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::open_at(path.as_ref(), OpenPolicy::default(), true)
    }

    /// Opens a region by a descriptor that was received or inherited, as [`Region::from_fd`] does.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open) and [`Region::from_fd`].
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::needless_pass_by_value)] // as for `Region::from_fd`
    pub fn from_fd(file: crate::sys::Handle) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::open_fd(&file, false)
    }
}

impl<T: Payload + ?Sized> Reader<T> {
    #[inline(always)]
    fn source(&self) -> &Mapped {
        &self.region.source
    }

    /// The version of the last published value, without reading it.
    #[inline]
    #[must_use]
    pub fn version(&self) -> Version {
        self.region.version()
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
    pub fn has_changed(&self, since: Version) -> bool {
        self.version() != since
    }

    /// The region that it reads.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }
}

/// Runs the same code for each of the ways to read a region. The plan of a read by fields runs in a function of its own
/// ([`apart`]) or in the caller's ([`inside`]), so that reads of equal types need not contain its code.
macro_rules! read_as {
    ($place:ident($reader:ident, $how:ident) => $read:expr) => {
        match $reader.payload.plan() {
            Some(plan) => $place($reader, plan, move |$reader, $how| $read),
            None => {
                let $how = Own;
                $read
            }
        }
    };
}
use read_as;

#[inline(never)]
fn apart<'a, T: ValueOrSlice, R>(
    reader: &'a Reader<T>,
    plan: &'a Plan,
    read: impl FnOnce(&'a Reader<T>, &'a Plan) -> R,
) -> R {
    read(reader, plan)
}

#[inline(always)]
fn inside<'a, T: ValueOrSlice, R>(
    reader: &'a Reader<T>,
    plan: &'a Plan,
    read: impl FnOnce(&'a Reader<T>, &'a Plan) -> R,
) -> R {
    read(reader, plan)
}

impl<T: Validate + 'static> Reader<T> {
    /// Reads the value. Makes up to [`ATTEMPTS`](crate::ATTEMPTS) attempts, for no longer than
    /// [`TIME_LIMIT`](crate::TIME_LIMIT). A writer that died in the middle of a write before the read began is noticed
    /// within microseconds.
    ///
    /// # Errors
    /// If every attempt overlapped a write, if there is no value yet, or if it is not valid.
    #[inline]
    pub fn read(&self) -> Result<T, ReadValueError> {
        let reader = self;
        // SAFETY: the region is read in this way (found in `over`), and the reader keeps the region that `buffers` is
        // of (I8 mapping).
        read_as!(apart(reader, how) => unsafe { Mapped::read_and(|| reader.source(), reader.buffers, how, |value, _| value) })
    }

    /// Reads the value and its version.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read).
    #[inline]
    pub fn read_versioned(&self) -> Result<(T, Version), ReadValueError> {
        let make = |value, version| (value, version);
        let reader = self;
        // SAFETY: as in `read` (I8 mapping).
        read_as!(apart(reader, how) => unsafe { Mapped::read_and(|| reader.source(), reader.buffers, how, make) })
    }

    /// Reads the value into a buffer of the caller's, with one copy at every size and nothing of that size on the
    /// stack. On `Err` the contents of `buf` are unspecified bytes. The padding of the buffer may be overwritten, too.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read).
    #[inline]
    pub fn read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError> {
        self.read_bits(buf)?;
        // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
        unsafe { validated_mut(buf) }
    }

    /// Attempts reads until one succeeds or the limit is reached. After success, every data byte of `buf` is written.
    #[inline(always)]
    fn read_bits(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError> {
        let reader = self;
        // SAFETY: as in `read` (I8 mapping).
        read_as!(inside(reader, how) => unsafe { reader.source().read_bits(reader.buffers, how, buf) })
    }

    /// Reads the bits of the value without validating them, to use one field of many ([`field!`](seqcopy::field)) or to
    /// validate later.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read), except that bits are never invalid.
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
    pub fn read_bits_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut MaybeInvalid<T>, ReadValueError> {
        self.read_bits(buf)?;
        // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
        Ok(unsafe { MaybeInvalid::assume_written_mut(buf) })
    }

    /// Makes one attempt: wait-free, and without a system call. `Busy` may also mean that the writer has ended, which
    /// only [`read`](Self::read) and [`writer_state`](Self::writer_state) can tell.
    ///
    /// # Errors
    /// If it overlapped a write, if there is no value yet, or if it is not valid.
    #[inline]
    pub fn try_read(&self) -> Result<T, ReadValueError> {
        let reader = self;
        // SAFETY: as in `read` (I8 mapping).
        read_as!(apart(reader, how) => unsafe { Mapped::try_once(|| reader.source(), reader.buffers, how) })
    }

    /// Makes one attempt, into a buffer of the caller's. On `Err` the contents of `buf` are unspecified bytes.
    ///
    /// # Errors
    /// The errors of [`try_read`](Self::try_read).
    #[inline]
    pub fn try_read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError> {
        let (reader, to) = (self, &mut *buf);
        // SAFETY: as in `read` (I8 mapping).
        read_as!(apart(reader, how) => unsafe { Mapped::attempt(|| reader.source(), reader.buffers, how, to) })?;
        // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
        unsafe { validated_mut(buf) }
    }

    /// Reads with the caller's retry policy, which is called after each failed attempt and decides whether to go on.
    ///
    /// # Errors
    /// The value that the policy returned by `Break`; `Ok(Err(..))` if the value is not valid, or if no more will come:
    /// the region was closed, or its file truncated. The policy is not asked then.
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
    ) -> Result<Result<T, ReadValueError>, B> {
        let mut number = 0u32;
        let stops = move |error| {
            if error == ReadError::Empty {
                match self.source().mapping.explain(error) {
                    ReadValueError::NoValue(_) => {}
                    over => return Some(Ok(over)),
                }
            }
            number = number.saturating_add(1);
            match policy(Attempt::new(number, error)) {
                ControlFlow::Continue(()) => None,
                ControlFlow::Break(value) => Some(Err(value)),
            }
        };
        let reader = self;
        // SAFETY: as in `read` (I8 mapping).
        read_as!(apart(reader, how) => unsafe { Mapped::until(reader.buffers, how, stops) })
    }

    /// Reads the value if it is newer than `known`, and then updates `known`.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read); `known` is unchanged.
    #[inline]
    pub fn read_if_changed(&self, known: &mut Version) -> Result<Option<T>, ReadValueError> {
        if self.version() == *known {
            return Ok(None);
        }
        let make = |value, version| {
            *known = version;
            Some(value)
        };
        let reader = self;
        // SAFETY: as in `read` (I8 mapping).
        read_as!(apart(reader, how) => unsafe { Mapped::read_and(|| reader.source(), reader.buffers, how, make) })
    }
}

impl<T: Payload + ?Sized> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("of", &self.region.schema().layout().name())
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
