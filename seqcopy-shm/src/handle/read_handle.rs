//! [`ReadHandle`] is how every reader opens its region, and how it follows its path to the region that replaces it.
//!
//! There are five readers: of values, slices and maps, with a Rust type or with a schema, mapped or with system calls.
//! Each implements how it reads a region that is open. Opening, waiting for a region and reopening are here, once for
//! all of them.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::handle::region::Region;
use crate::life::OpenPolicy;
use crate::schema::Schema;
use crate::value::{Source, check_type};

/// A reader of a region. The public calls of each reader forward to these.
pub(crate) trait ReadHandle: Sized {
    /// How the bytes of its region are read.
    type Source: Source;
    /// The part of the type that `Self` leaves open: whether the reader reads by fields, or a schema.
    type ReadAs: Clone;
    /// The formats of the regions that it reads.
    const FORMATS: &'static [u32];

    /// A reader of a region that has been opened and was not closed then. Accesses no byte of the mapping, which may be
    /// truncated by now.
    /// # Errors
    /// If the region can't be read as this type.
    fn over(region: Region<Self::Source>, read_as: Self::ReadAs) -> Result<Self, Error>;

    /// The region of the reader.
    fn opened(&self) -> &Region<Self::Source>;

    /// How the reader reads the next region after this one.
    fn read_next_as(&self) -> Self::ReadAs;

    /// Opens the region at a path.
    fn open_at(path: &Path, policy: OpenPolicy, read_as: Self::ReadAs) -> Result<Self, Error> {
        policy.wait_for_region(|| {
            let region = Region::open_format(path, policy, Self::FORMATS)?;
            Self::over_open(region, read_as.clone()).map_err(|error| error.at(path))
        })
    }

    /// Opens a region through a descriptor that another process sent.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn open_fd(file: &crate::sys::Handle, read_as: Self::ReadAs) -> Result<Self, Error> {
        Self::over_open(Region::received(file, Self::FORMATS)?, read_as)
    }

    /// A reader of a region, unless the region was already closed when it was opened. This is found before the type is
    /// compared: a program may close a region of one type, and after a restart continue with another type.
    fn over_open(region: Region<Self::Source>, read_as: Self::ReadAs) -> Result<Self, Error> {
        if region.was_closed() { Err(ErrorKind::Closed.into()) } else { Self::over(region, read_as) }
    }

    /// A reader of the region that is at the path now, if the own region is no longer there and the other one is open.
    fn open_next(&self) -> Result<Option<Self>, Error> {
        self.open_next_as(self.read_next_as())
    }

    /// The same, for a region that is read as this type.
    fn open_next_as(&self, read_as: Self::ReadAs) -> Result<Option<Self>, Error> {
        let Some(region) = self.opened().replacement()? else { return Ok(None) };
        let next = Self::over_open(region, read_as);
        next.map(Some).map_err(|error| self.opened().located(error))
    }

    /// Continues with the next region if there is one, and returns whether there was. If this fails, the reader stays
    /// as it was.
    fn reopen(&mut self) -> Result<bool, Error> {
        let next = self.open_next()?;
        Ok(next.map(|next| *self = next).is_some())
    }
}

/// The type as which a region is read, for readers that know types by their schema only.
#[derive(Debug, Clone)]
pub(crate) enum ReadAs {
    /// The region's own type. If a schema is given, the types must be equal.
    Own(Option<Schema>),
    /// This type. Its fields are found in the region's type by their names.
    Fields(Schema),
}

impl ReadAs {
    /// How the next region is read: by the same fields if the last one was read by fields, otherwise as the same type.
    pub(crate) fn next(by_fields: Option<&Schema>, last: &Region) -> ReadAs {
        by_fields.map_or_else(|| ReadAs::Own(Some(last.schema().clone())), |schema| ReadAs::Fields(schema.clone()))
    }

    /// Whether a region has the required type.
    pub(crate) fn check_type(&self, region: &Region) -> Result<(), Error> {
        match self {
            ReadAs::Own(Some(required)) => check_type(required, region.schema()),
            ReadAs::Own(None) | ReadAs::Fields(_) => Ok(()),
        }
    }
}

/// A reader of values or of a map: what C and Python call on both alike.
#[doc(hidden)]
pub trait AnyReader: Send + Sync + Sized + 'static {
    /// The region. It stays mapped while the `Arc` exists.
    fn region(&self) -> &Arc<Region>;
    /// The type as which the region is read.
    fn schema(&self) -> &Schema;
    /// A reader of the region that has replaced this one, or `None` if it was not replaced. `takes_any_type` says
    /// whether the new region may have another type.
    ///
    /// # Errors
    /// The errors of [`Reader::reopen_if_removed`](crate::Reader::reopen_if_removed).
    fn replacement(&self, takes_any_type: bool) -> Result<Option<Self>, Error>;
}
