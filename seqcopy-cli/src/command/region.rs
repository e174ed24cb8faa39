//! Opening a region.

use std::path::Path;

use seqcopy::Layout;
use seqcopy_shm::{ErrorKind, FileMap, FileRegion, Header, Schema, VersionError};

use super::failure::Failure;

/// What a file holds.
pub(super) enum Opened {
    Value(FileRegion),
    Map(FileMap),
}

impl Opened {
    pub(super) fn header(&self) -> &Header {
        match self {
            Opened::Value(region) => region.header(),
            Opened::Map(map) => map.header(),
        }
    }

    /// The type; of a map, that of a slot.
    pub(super) fn schema(&self) -> &Schema {
        match self {
            Opened::Value(region) => region.schema(),
            Opened::Map(map) => map.schema(),
        }
    }
}

/// Opens a region. The library refuses names in its schema that no program can have.
///
/// It is read, never mapped: its owner may truncate it at any moment, and that must not end this program.
pub(super) fn open(path: &Path) -> Result<Opened, Failure> {
    match FileRegion::open(path) {
        Ok(region) => Ok(Opened::Value(region)),
        Err(error) if matches!(error.kind(), ErrorKind::Version(VersionError::Format { found: 2, .. })) => {
            FileMap::open(path).map(Opened::Map).map_err(|error| Failure::at(path, error))
        }
        Err(error) => Err(Failure::at(path, error)),
    }
}

/// The alignment that values of a type have in a region.
pub(super) fn base(layout: &Layout) -> usize {
    layout.align().max(8)
}
