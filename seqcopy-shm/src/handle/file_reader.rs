//! [`FileReader`] reads another process's values with system calls.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::fmt;
use std::path::Path;

use crate::error::{Error, ReadValueError};
use crate::handle::read_handle::ReadHandle;
use crate::handle::region::Region;
use crate::life::OpenPolicy;
use crate::mapping::FORMAT;
use crate::schema::Schema;
use crate::value::{Access as _, Matching, Payload, Unmapped, check_elements, too_long, validated, validated_mut};
use seqcopy::{Validate, Version};

/// Reads what a [`Reader`](crate::Reader) reads, without mapping the file: for files whose owner might truncate them,
/// which kills a process that maps them with SIGBUS (but see [`survive_truncation`](crate::survive_truncation)). Here
/// it is [`ReadValueError::Truncated`].
///
/// A read makes three system calls: it is as bounded as a `Reader`'s, and takes microseconds where that takes
/// nanoseconds. What can be asked of a region of any type, such as its version and its writer, [`region`](Self::region)
/// answers.
///
/// ```
/// # use seqcopy_shm::{self as shm, FileReader, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-file-reader-{}", std::process::id()));
/// let mut writer = Writer::<u64>::create(&path)?;
/// writer.write(5).unwrap();
///
/// // Usually in another process:
/// let reader = FileReader::<u64>::open(&path)?;
/// assert_eq!(reader.read(), Ok(5));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct FileReader<T: ?Sized> {
    region: Region<Unmapped>,
    matching: Matching,
    /// Invariant, so that lifetimes in the type can't be exchanged for others.
    values: PhantomData<fn(*mut T)>,
}

// The struct has no bounds. The methods have them, so that the compiler's message for a type that can't be validated
// explains what is missing.
impl<T: ?Sized> FileReader<T> {
    /// Opens a region by its path, as [`Reader::open`](crate::Reader::open) does.
    ///
    /// # Errors
    /// The errors of [`Reader::open`](crate::Reader::open).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, FileReader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-open-file-{}", std::process::id()));
    /// # let writer = Writer::<[u64; 2 << 20]>::create(&path)?;
    /// // 16 MiB, more than most stacks have.
    /// let reader = FileReader::<[u64; 2 << 20]>::open(&path)?;
    /// let mut frame = Box::new_uninit();
    /// assert!(reader.read_into(&mut frame).is_err(), "nothing was written yet");
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::open_at(path.as_ref(), OpenPolicy::default(), false)
    }

    /// Opens a region whose type has every field of `T`, as [`Reader::open_by_fields`](crate::Reader::open_by_fields)
    /// does. If it has others as well, or the same in other places, a read allocates memory for the whole of the
    /// region's value.
    ///
    /// # Errors
    /// The errors named there.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, FileReader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-fields-{}", std::process::id()));
    /// #[derive(seqcopy::SeqCopy, seqcopy::Validate)]
    /// #[repr(C)]
    /// struct New { added: u64, level: u16 }
    ///
    /// #[derive(seqcopy::SeqCopy, seqcopy::Validate)]
    /// #[repr(C)]
    /// struct Old { level: u16 }
    ///
    /// let mut writer = Writer::<New>::create(&path)?;
    /// writer.write(New { added: 1, level: 5 }).unwrap();
    /// assert_eq!(FileReader::<Old>::open_by_fields(&path)?.read().unwrap().level, 5);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_by_fields(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::open_at(path.as_ref(), OpenPolicy::default(), true)
    }

    /// Opens a region by a descriptor that was received or inherited. The file need not be sealed.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, FileReader, Options};
    /// let mut writer = Options::new().create_memfd::<u64>("doc")?;
    /// writer.write(5).unwrap();
    /// assert_eq!(FileReader::<u64>::from_fd(writer.share()?)?.read(), Ok(5));
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::needless_pass_by_value)] // as for regions
    pub fn from_fd(file: crate::sys::Handle) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::open_fd(&file, false)
    }
}

impl<T: Payload + ?Sized> ReadHandle for FileReader<T> {
    type Source = Unmapped;
    /// Whether the reader reads values by their fields.
    type ReadAs = bool;
    const FORMATS: &'static [u32] = &[FORMAT];

    fn over(region: Region<Unmapped>, by_fields: bool) -> Result<Self, Error> {
        let matching = T::matching(region.source.inspected(), by_fields)?;
        Ok(FileReader { region, matching, values: PhantomData })
    }

    fn opened(&self) -> &Region<Unmapped> {
        &self.region
    }

    fn read_next_as(&self) -> bool {
        self.matching.is_by_fields()
    }
}

impl<T: Payload + ?Sized> FileReader<T> {
    /// If the region was removed, takes the one that its path leads to by now: see
    /// [`Reader::reopen_if_removed`](crate::Reader::reopen_if_removed).
    ///
    /// # Errors
    /// The errors named there. The reader is then as it was.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, FileReader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-reopen-{}", std::process::id()));
    /// let writer = Writer::<u32>::create(&path)?;
    /// let mut reader = FileReader::<u32>::open(&path)?;
    /// writer.close()?;
    /// assert!(!reader.reopen_if_removed()?);
    ///
    /// let mut writer = Writer::<u32>::create(&path)?;
    /// writer.write(2).unwrap();
    /// assert!(reader.reopen_if_removed()?);
    /// assert_eq!(reader.read(), Ok(2));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn reopen_if_removed(&mut self) -> Result<bool, Error> {
        self.reopen()
    }

    /// The region: its header, version, writer, whether it is closed.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, FileReader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-reader-region-{}", std::process::id()));
    /// let writer = Writer::<u64>::create(&path)?;
    /// let reader = FileReader::<u64>::open(&path)?;
    /// assert_eq!(reader.region().is_closed(), Ok(false));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn region(&self) -> &Region<Unmapped> {
        &self.region
    }

    /// Whether a newer version was published.
    fn has_changed(&self, known: Version) -> Result<bool, ReadValueError> {
        self.region.version().map(|version| version != known)
    }
}

impl<T: Validate + 'static> FileReader<T> {
    /// Reads the value. Makes up to [`ATTEMPTS`](crate::ATTEMPTS) attempts, for no longer than
    /// [`TIME_LIMIT`](crate::TIME_LIMIT).
    ///
    /// # Errors
    /// The errors of [`Reader::read`](crate::Reader::read), and if the file was truncated.
    pub fn read(&self) -> Result<T, ReadValueError> {
        self.read_versioned().map(|(value, _)| value)
    }

    /// Reads the value and its version.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read).
    pub fn read_versioned(&self) -> Result<(T, Version), ReadValueError> {
        let mut buf = MaybeUninit::uninit();
        let version = self.region.source.repeat(|| self.attempt(&mut buf))?;
        // SAFETY: the attempt wrote every byte (I6 maybe-invalid).
        Ok((unsafe { validated(buf) }?, version))
    }

    /// Reads the value into a buffer of the caller's. On `Err` the contents of `buf` are unspecified bytes.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read).
    pub fn read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadValueError> {
        self.region.source.repeat(|| self.attempt(buf))?;
        // SAFETY: the attempt wrote every byte (I6 maybe-invalid).
        unsafe { validated_mut(buf) }
    }

    /// Makes one attempt.
    ///
    /// # Errors
    /// If it overlapped a write, and as for [`read`](Self::read).
    pub fn try_read(&self) -> Result<T, ReadValueError> {
        let mut buf = MaybeUninit::uninit();
        self.attempt(&mut buf)?;
        // SAFETY: the attempt wrote every byte (I6 maybe-invalid).
        unsafe { validated(buf) }
    }

    /// Reads the value if it is newer than `known`, and then updates `known`.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read); `known` is unchanged.
    pub fn read_if_changed(&self, known: &mut Version) -> Result<Option<T>, ReadValueError> {
        if !self.has_changed(*known)? {
            return Ok(None);
        }
        let (value, version) = self.read_versioned()?;
        *known = version;
        Ok(Some(value))
    }

    /// Attempts one read. If it succeeds, every data byte of `buf` is written.
    fn attempt(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError> {
        if let Some(plan) = self.matching.plan() {
            let mut bytes = vec![0; self.region.schema().layout().size()];
            let version = self.region.source.attempt_at(|buffer| buffer.read(&mut bytes, 0))?;
            plan.apply(&bytes, buf);
            return Ok(version);
        }
        // SAFETY: all bytes of `buf`, which need not be initialised (I4 private).
        let bytes = unsafe { core::slice::from_raw_parts_mut(buf.as_mut_ptr().cast(), size_of::<T>()) };
        self.region.source.attempt_at(|buffer| buffer.read_into(bytes, 0))
    }
}

/// Slices: all elements in use are read, into a vector.
impl<T: Validate + 'static> FileReader<[T]> {
    /// Reads all elements into a vector, in place of what is in it. Allocates only if its capacity does not suffice.
    ///
    /// # Errors
    /// The errors of [`Reader::read_to_vec`](crate::Reader::read_to_vec), and if the file was truncated; the vector is
    /// then empty.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, FileReader, Options};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-to-vec-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(1000).create::<[u8]>(&path)?;
    /// writer.write_from(b"seqcopy").unwrap();
    /// let mut bytes = Vec::new();
    /// FileReader::<[u8]>::open(&path)?.read_to_vec(&mut bytes).unwrap();
    /// assert_eq!(bytes, b"seqcopy");
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_to_vec(&self, dst: &mut Vec<T>) -> Result<(), ReadValueError> {
        dst.clear();
        let (len, _) = self.region.source.repeat(|| self.attempt_to_vec(dst))?;
        // SAFETY: the attempt wrote as many elements (I6 maybe-invalid).
        unsafe { take(dst, len) }
    }

    /// Makes one attempt.
    ///
    /// # Errors
    /// If it overlapped a write, and as for [`read_to_vec`](Self::read_to_vec).
    pub fn try_read_to_vec(&self, dst: &mut Vec<T>) -> Result<(), ReadValueError> {
        dst.clear();
        let (len, _) = self.attempt_to_vec(dst)?;
        // SAFETY: the attempt wrote as many elements (I6 maybe-invalid).
        unsafe { take(dst, len) }
    }

    /// Reads all elements into the vector if they are newer than `known`, and then updates `known`; otherwise returns
    /// `false`, and the vector stays as it is.
    ///
    /// # Errors
    /// The errors of [`read_to_vec`](Self::read_to_vec); `known` is unchanged.
    pub fn read_if_changed(&self, known: &mut Version, dst: &mut Vec<T>) -> Result<bool, ReadValueError> {
        if !self.has_changed(*known)? {
            return Ok(false);
        }
        dst.clear();
        let (len, version) = self.region.source.repeat(|| self.attempt_to_vec(dst))?;
        // SAFETY: the attempt wrote as many elements (I6 maybe-invalid).
        unsafe { take(dst, len) }?;
        *known = version;
        Ok(true)
    }

    /// Attempts to read the elements into an empty vector's space. If it succeeds, it has written as many elements as
    /// it returns.
    fn attempt_to_vec(&self, dst: &mut Vec<T>) -> Result<(usize, Version), ReadValueError> {
        let capacity = self.region.schema().capacity().unwrap_or(0);
        let mut found = 0;
        let version = self.region.source.attempt_at(|buffer| {
            let mut len = [0; 4];
            buffer.read(&mut len, 0)?;
            found = u32::from_ne_bytes(len);
            // A length that is too large is refused below, after the attempt has shown that the writer really wrote it.
            let len = if found as usize <= capacity { found as usize } else { 0 };
            dst.reserve(len);
            if let Some(others) = self.matching.others() {
                let (start, size) = others.extent(len);
                let mut bytes = vec![0; size];
                buffer.read(&mut bytes, start as u64)?;
                // SAFETY: there is space for as many elements (I4 private).
                unsafe { others.put(&bytes, len, dst.as_mut_ptr()) };
                return Ok(());
            }
            let space = dst.spare_capacity_mut().as_mut_ptr().cast();
            // SAFETY: there is space for as many elements, and it need not be initialised (I4 private).
            let bytes = unsafe { core::slice::from_raw_parts_mut(space, len * size_of::<T>()) };
            buffer.read_into(bytes, Schema::offset_of_elements::<T>() as u64)
        })?;
        match found as usize {
            len if len <= capacity => Ok((len, version)),
            _ => Err(too_long::<T>(found)),
        }
    }
}

/// Validates the elements in the space of an empty vector, and sets the length of the vector.
///
/// # Safety
/// Every byte of that many elements is written.
unsafe fn take<T: Validate>(dst: &mut Vec<T>, len: usize) -> Result<(), ReadValueError> {
    // SAFETY: every data byte of these is written, by this function's contract (I6 maybe-invalid).
    unsafe { check_elements::<T>(&dst.spare_capacity_mut()[..len], 0) }?;
    // SAFETY: they are written, and were validated (P24 safety).
    unsafe { dst.set_len(len) };
    Ok(())
}

impl<T: ?Sized> fmt::Debug for FileReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileReader").field("region", &self.region).finish_non_exhaustive()
    }
}
