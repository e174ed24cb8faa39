//! How a [`Reader`] comes to its region: by a path, a descriptor, a region; and to the one that replaces it.

#[cfg(any(target_os = "linux", target_os = "android"))]
use crate::sys::Handle;

use core::marker::PhantomData;
use std::path::Path;

use super::Reader;
use crate::error::{Error, ErrorKind};
use crate::handle::region::Region;
use crate::life::OpenPolicy;
use crate::mapping::FORMAT;
use crate::schema::VersionError;
use crate::value::{Payload, ValueOrSlice};

impl<T: ValueOrSlice + ?Sized> Reader<T> {
    /// Opens a region by its path.
    ///
    /// In a directory where other users may create files, as in `/dev/shm`, the region may be another user's: see
    /// [`Options::require_owner`](crate::Options::require_owner).
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
    /// assert!(error.to_string().ends_with("the type: u32 there, u64 here: build both programs from one definition; \
    ///     if the type was changed on purpose, see `Options::replace_other_type`"));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::open_by(path.as_ref(), OpenPolicy::default(), false)
    }

    /// Opens a region whose type has every field of `T`, by name and with the same type, wherever it lies. So a program goes on when a field is
    /// added to the type of a region, or moved.
    ///
    /// * The fields of structs inside of `T` are found in the same way, and those of tuples by their position. Fields that `T` does not have are
    ///   ignored, and names of types are not compared. Arrays must be of the same length.
    /// * The variants of enums have the same tags by the same names, and their fields are found by name. A value of a variant that `T` does not
    ///   have is an [`InvalidValue`](seqcopy::InvalidValue) when it is read, which names the tag.
    /// * A field of `T` that the region does not have is an error, unless it has a default: `#[seqcopy(default)]` on the field for the
    ///   `Default` of its type, or `#[seqcopy(default = path)]` for what that function returns. So a program goes on that is newer than the
    ///   writer. The function is called when the region is opened.
    ///
    /// Every value is validated as a `T`. If the region's type is that of `T`, reads are those of [`open`](Self::open). Else a read
    /// copies field by field, as one attempt, and allocates for an enum whose variants have their fields in other places;
    /// [`read_part`](Self::read_part) copies the whole `T` then. [`reopen_if_removed`](Self::reopen_if_removed) follows to a region whose type
    /// has the fields, too.
    ///
    /// # Errors
    /// The first field of `T` that the region does not have, or has with another type. Otherwise as for [`open`](Self::open).
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
        Self::open_by(path.as_ref(), OpenPolicy::default(), true)
    }

    /// Opens a region by a descriptor that was received or inherited, as [`Region::from_fd`] does.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open) and [`Region::from_fd`].
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn from_fd(file: Handle) -> Result<Self, Error>
    where
        T: Payload,
    {
        Self::from_region(Region::from_fd(file)?)
    }
}

impl<T: Payload + ?Sized> Reader<T> {
    pub(crate) fn open_by(path: &Path, policy: OpenPolicy, by_fields: bool) -> Result<Self, Error> {
        Self::opened(Region::open_format(path, policy, &[FORMAT])?, by_fields).map_err(|error| error.at(path))
    }

    /// Reads a region that was opened without its type.
    ///
    /// # Errors
    /// If it holds another type or a map, or was closed.
    pub fn from_region(region: Region) -> Result<Self, Error> {
        let found = region.header().format();
        if found != FORMAT {
            return Err(region.located(VersionError::Format { expected: FORMAT, found }.into()));
        }
        let is_closed = region.is_closed();
        Self::over(region, is_closed, false)
    }

    /// A reader of a region that was just opened: no byte of a mapping is accessed.
    fn opened(region: Region, by_fields: bool) -> Result<Self, Error> {
        let was_closed = region.was_closed();
        Self::over(region, was_closed, by_fields)
    }

    fn over(region: Region, is_closed: bool, by_fields: bool) -> Result<Self, Error> {
        let matching = T::matching(&region.source.mapping.inspected, by_fields)?;
        if is_closed {
            return Err(ErrorKind::Closed.into());
        }
        let payload = T::in_reader(&region.source.mapping.inspected, matching);
        Ok(Reader { buffers: region.source.mapping.buffers, region: Box::new(region), payload, values: PhantomData })
    }

    /// If the region was removed, takes the one that its path leads to by now, and returns `true`; `false` if nothing is there yet. For readers
    /// of a program that is started again, perhaps with [another type](crate::Options::replace_other_type): makes system calls, so not
    /// before every read, but after [`ReadValueError::Closed`](crate::ReadValueError::Closed), or once a second.
    ///
    /// Versions of the new region begin again at 0, but for those of one that was made larger
    /// ([`replace_smaller`](crate::Options::replace_smaller)), which go on.
    ///
    /// # Errors
    /// If the new region holds another type: the error names the first field that differs. Else as for [`open`](Self::open). The reader is
    /// then as it was.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, ReadValueError, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-reopen-{}", std::process::id()));
    /// let mut writer = Writer::<u32>::create(&path)?;
    /// writer.write(1).unwrap();
    /// let mut reader = Reader::<u32>::open(&path)?;
    /// writer.close()?;
    /// assert_eq!(reader.read(), Err(ReadValueError::Closed));
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
        let Some(region) = self.region.replacement()? else { return Ok(false) };
        let by_fields = T::is_by_fields(&self.payload);
        *self = Self::opened(region, by_fields).map_err(|error| self.region.located(error))?;
        Ok(true)
    }
}
