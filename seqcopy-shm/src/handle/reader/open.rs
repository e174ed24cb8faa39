//! How a [`Reader`] opens its region and reopens it, and whether the region is closed or has a writer. The calls that
//! read are in `mod.rs`.

use core::marker::PhantomData;

use super::Reader;
use crate::error::{Error, ErrorKind, WriterState};
use crate::handle::read_handle::ReadHandle;
use crate::handle::region::Region;
use crate::mapping::FORMAT;
use crate::schema::VersionError;
use crate::value::{Mapped, Payload};

impl<T: Payload + ?Sized> ReadHandle for Reader<T> {
    type Source = Mapped;
    /// Whether the reader reads values by their fields.
    type ReadAs = bool;
    const FORMATS: &'static [u32] = &[FORMAT];

    fn over(region: Region, by_fields: bool) -> Result<Self, Error> {
        let inspected = &region.source.mapping.inspected;
        let payload = T::in_reader(inspected, T::matching(inspected, by_fields)?);
        Ok(Reader { buffers: region.source.mapping.buffers, region: Box::new(region), payload, values: PhantomData })
    }

    fn opened(&self) -> &Region {
        &self.region
    }

    fn read_next_as(&self) -> bool {
        T::is_by_fields(&self.payload)
    }
}

impl<T: Payload + ?Sized> Reader<T> {
    /// Reads a region that was opened without its type.
    ///
    /// # Errors
    /// If it was closed, or holds another type or a map.
    pub fn from_region(region: Region) -> Result<Self, Error> {
        let found = region.header().format();
        if found != FORMAT {
            return Err(region.located(VersionError::Format { expected: FORMAT, found }.into()));
        }
        if region.is_closed() {
            return Err(region.located(ErrorKind::Closed.into()));
        }
        Self::over(region, false)
    }

    /// If the region was removed, takes the one that its path leads to by now, and returns `true`; `false` if nothing
    /// is there yet. For readers of a program that is started again, perhaps with [another
    /// type](crate::Options::replace_other_type): makes system calls, so not before every read, but after
    /// [`ReadValueError::Closed`](crate::ReadValueError::Closed), or once a second.
    ///
    /// Versions of the new region begin again at 0, but for those of one that was made larger
    /// ([`replace_smaller`](crate::Options::replace_smaller)), which go on.
    ///
    /// # Errors
    /// If the new region holds another type: the error names the first field that differs. Else as for
    /// [`open`](Self::open). The reader is then as it was.
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
        self.reopen()
    }

    /// Whether the writer closed the region: no more values will come, and reads return
    /// [`Closed`](crate::ReadValueError::Closed).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-reader-closed-{}", std::process::id()));
    /// let writer = Writer::<u32>::create(&path)?;
    /// let reader = Reader::<u32>::open(&path)?;
    /// assert!(!reader.is_closed());
    /// writer.close()?;
    /// assert!(reader.is_closed());
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.region.is_closed()
    }

    /// Whether the region has a writer. Makes system calls, so it is too slow for every read.
    #[must_use]
    pub fn writer_state(&self) -> WriterState {
        self.region.writer_state()
    }
}
