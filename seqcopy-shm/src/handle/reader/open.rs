//! How a [`Reader`] comes to its region, and to the one that replaces it: a file of its own, as the calls in `mod.rs` are as many as one reads at once.

use core::marker::PhantomData;
use std::path::Path;

use super::Reader;
use crate::error::{Error, ErrorKind};
use crate::handle::region::Region;
use crate::life::OpenPolicy;
use crate::mapping::FORMAT;
use crate::schema::VersionError;
use crate::value::Payload;

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
