//! [`ReadHandle`]: how every reader opens its region, and how it follows its path to the region that replaces it.
//!
//! There are five readers: of values, slices and maps, with a Rust type or with a schema, mapped or with system calls. Each implements how it reads a
//! region that is open. Opening, waiting for a region and reopening are here, once for all of them.

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
    /// What its own type leaves open of the type that it reads: whether it reads by fields, or a schema.
    type ReadAs: Clone;
    /// The formats of the regions that it reads.
    const FORMATS: &'static [u32];

    /// The reader of a region that was open when it was opened here. Accesses no byte of a mapping, which may be truncated by now.
    ///
    /// # Errors
    /// If the region can't be read as this type.
    fn over(region: Region<Self::Source>, read_as: Self::ReadAs) -> Result<Self, Error>;

    /// The region that it reads.
    fn opened(&self) -> &Region<Self::Source>;

    /// The type that it reads the next region as, after this one.
    fn read_next_as(&self) -> Self::ReadAs;

    /// Opens a region by its path.
    fn open_at(path: &Path, policy: OpenPolicy, read_as: Self::ReadAs) -> Result<Self, Error> {
        policy.wait_for_region(|| {
            let region = Region::open_format(path, policy, Self::FORMATS)?;
            Self::over_open(region, read_as.clone()).map_err(|error| error.at(path))
        })
    }

    /// Opens a region by a descriptor that came from elsewhere.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn open_fd(file: &crate::sys::Handle, read_as: Self::ReadAs) -> Result<Self, Error> {
        Self::over_open(Region::received(file, Self::FORMATS)?, read_as)
    }

    /// The reader of a region, unless that was closed when it was opened. What was closed is refused before its type is: a program that is started again
    /// may close one type and go on with another.
    fn over_open(region: Region<Self::Source>, read_as: Self::ReadAs) -> Result<Self, Error> {
        if region.was_closed() { Err(ErrorKind::Closed.into()) } else { Self::over(region, read_as) }
    }

    /// A reader of the region that the path leads to by now, if the own one is not there any more and another is open.
    fn open_next(&self) -> Result<Option<Self>, Error> {
        let Some(region) = self.opened().replacement()? else { return Ok(None) };
        let next = Self::over_open(region, self.read_next_as());
        next.map(Some).map_err(|error| self.opened().located(error))
    }

    /// Goes on with the next region if there is one, and returns whether that is so. On an error, the reader is as it was.
    fn reopen(&mut self) -> Result<bool, Error> {
        let next = self.open_next()?;
        Ok(next.map(|next| *self = next).is_some())
    }
}

/// The type that a region is read as, for readers that know types by their schema only.
#[derive(Debug, Clone)]
pub(crate) enum ReadAs {
    /// The region's own, which must be this one if there is one.
    Own(Option<Schema>),
    /// This one, whose fields are found in the region's by their names.
    Fields(Schema),
}

impl ReadAs {
    /// The type that the next region is read as: by the same fields if the last one was read by fields, or else the same type.
    pub(crate) fn next(by_fields: Option<&Schema>, last: &Region) -> ReadAs {
        by_fields.map_or_else(|| ReadAs::Own(Some(last.schema().clone())), |schema| ReadAs::Fields(schema.clone()))
    }

    /// Whether a region has the type that is required of it.
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
    /// The region, which stays mapped for as long as it is held.
    fn region(&self) -> &Arc<Region>;
    /// The type as it reads it.
    fn schema(&self) -> &Schema;
    /// A reader of the region that has replaced this one, if there is one.
    ///
    /// # Errors
    /// The errors of [`Reader::reopen_if_removed`](crate::Reader::reopen_if_removed).
    fn replacement(&self) -> Result<Option<Self>, Error>;
}
