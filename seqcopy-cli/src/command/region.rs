//! Opening a region.

use std::path::Path;

use seqcopy::Layout;
use seqcopy_shm::{ErrorKind, File, MapReader, Region, Schema, VersionError};

use super::failure::Failure;

/// A map of any types.
pub(super) type ByteMap = MapReader<[u8], [u8], File>;

/// What a file holds.
pub(super) enum Opened {
    Value(Region<File>),
    Map(ByteMap),
}

impl Opened {
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
    match Region::open_file(path) {
        Ok(region) => Ok(Opened::Value(region)),
        Err(error) if matches!(error.kind(), ErrorKind::Version(VersionError::Format { found: 2, .. })) => {
            MapReader::open_file(path).map(Opened::Map).map_err(|error| Failure::at(path, error))
        }
        Err(error) => Err(Failure::at(path, error)),
    }
}

/// The alignment that values of a type have in a region.
pub(super) fn base(layout: &Layout) -> usize {
    layout.align().max(8)
}
