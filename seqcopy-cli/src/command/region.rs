//! Opening a region.

use std::path::Path;

use seqcopy::Layout;
use seqcopy_shm::FileRegion;

use super::failure::Failure;

/// Opens a region. The library refuses names in its schema that no program can have.
///
/// It is read, never mapped: its owner may truncate it at any moment, and that must not end this program.
pub(super) fn open(path: &Path) -> Result<FileRegion, Failure> {
    FileRegion::open(path).map_err(|error| Failure::at(path, error))
}

/// The alignment that values of a type have in a region.
pub(super) fn base(layout: &Layout) -> usize {
    layout.align().max(8)
}
