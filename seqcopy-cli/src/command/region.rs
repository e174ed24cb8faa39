//! Opening a region.

use std::path::Path;

use seqcopy::{Layout, Version};
use seqcopy_shm::{ErrorKind, File, FileMap, ReadValueError, Region, VersionError};

use super::failure::Failure;
use super::types::type_name;

/// What a file holds.
pub(super) enum Opened {
    Value(Region<File>),
    Map(FileMap),
}

impl Opened {
    /// Its region; of a map, its type is that of a slot.
    pub(super) fn region(&self) -> &Region<File> {
        match self {
            Opened::Value(region) => region,
            Opened::Map(map) => map.region(),
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
        self.region().version().map(Version::to_bits)
    }
}

/// Opens a region. The library refuses names in its schema that no program can have.
///
/// It is read, never mapped: its owner may truncate it at any moment, and that must not end this program.
pub(super) fn open(path: &Path) -> Result<Opened, Failure> {
    match Region::open_file(path) {
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
