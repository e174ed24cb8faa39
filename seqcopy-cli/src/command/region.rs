//! Opening a region.

use std::path::Path;

use seqcopy::{Layout, Version};
use seqcopy_shm::{ErrorKind, File, Header, MapReader, ReadValueError, Region, Schema, VersionError, WriterState};

use super::failure::Failure;
use super::types::type_name;

/// A map of any types.
pub(super) type ByteMap = MapReader<[u8], [u8], File>;

/// What a file holds.
pub(super) enum Opened {
    Value(Region<File>),
    Map(ByteMap),
}

impl Opened {
    pub(super) fn header(&self) -> &Header {
        match self {
            Opened::Value(region) => region.header(),
            Opened::Map(map) => map.header(),
        }
    }

    /// What it holds, as users call it.
    pub(super) fn name(&self) -> String {
        match self {
            Opened::Value(region) => type_name(region.schema().layout()),
            Opened::Map(map) => format!("a map from {} to {}", type_name(map.key()), type_name(map.value())),
        }
    }

    /// How many values, or generations, were published.
    pub(super) fn published(&self) -> Result<u64, ReadValueError> {
        match self {
            Opened::Value(region) => region.version(),
            Opened::Map(map) => map.generation(),
        }
        .map(Version::to_bits)
    }

    pub(super) fn is_removed(&self) -> bool {
        match self {
            Opened::Value(region) => region.is_removed(),
            Opened::Map(map) => map.is_removed(),
        }
    }

    pub(super) fn writer_state(&self) -> Result<WriterState, ReadValueError> {
        match self {
            Opened::Value(region) => region.writer_state(),
            Opened::Map(map) => map.writer_state(),
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
