//! [`regions`], [`regions_in`] and [`regions_mapped`]: the regions that are there, for those who did not create them. A file of its own, as it is
//! about all regions, and needs what opens one.

use std::fs;
use std::path::{Path, PathBuf};

use super::region::Region;
use crate::error::{Error, OPENING, io};
use crate::life::OpenPolicy;
use crate::mapping::{FORMAT, MAP_FORMAT};
use crate::paths;
use crate::value::Unmapped;

/// A file that is a region, or was one before it was damaged.
#[derive(Debug)]
#[non_exhaustive]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// The region, of a value, slices or a map, which is read by system calls; or why it can't be opened. A file that this user may not read is
    /// among them, as it may be a region.
    pub region: Result<Region<Unmapped>, Error>,
}

/// The regions in the directories of [`path_for`](crate::path_for) and [`path_for_user`](crate::path_for_user), in the order of their paths.
/// A directory that can't be read has none.
///
/// ```
/// use seqcopy_shm::{self as shm, Writer, regions};
///
/// # let path = shm::path_for(&format!("seqcopy-doc-regions-{}", std::process::id()));
/// let writer = Writer::<[f64; 3]>::create(&path)?;
/// let found = regions().into_iter().find(|found| found.path == path).expect("it is there");
/// assert_eq!(found.region?.schema().layout().type_name().to_string(), "[f64; 3]");
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[must_use]
pub fn regions() -> Vec<Found> {
    let mut all: Vec<Found> = paths::directories().iter().flat_map(regions_in).flatten().collect();
    all.sort_by(|one, other| one.path.cmp(&other.path));
    all
}

/// The regions in a directory, not in those below it, in the order of their paths.
///
/// No file is mapped, and none is opened that is not a regular one: to open a device or a pipe may do something.
///
/// # Errors
/// If the directory can't be read.
///
/// ```
/// # use seqcopy_shm::regions_in;
/// let error = regions_in("/no/such/directory").unwrap_err();
/// assert!(error.to_string().starts_with("`/no/such/directory`: cannot open it"));
/// ```
pub fn regions_in(directory: impl AsRef<Path>) -> Result<Vec<Found>, Error> {
    let directory = directory.as_ref();
    let entries = fs::read_dir(directory).map_err(io(OPENING)).map_err(|error| error.at(directory))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths.into_iter().filter_map(look).collect())
}

/// The regions that processes have mapped, wherever they are, memfds included: as far as this user may look into these processes, so those of
/// its own, or of all for root. One without a name has the path of a descriptor, which is there as long as its process; so has one that its writer
/// alone has mapped, which had no name yet at that time.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, regions_mapped};
///
/// let writer = Options::new().create_memfd::<[u8; 7]>("seqcopy-doc-mapped")?;
/// let mut types = regions_mapped().into_iter().filter_map(|found| Some(found.region.ok()?.schema().layout().type_name().to_string()));
/// assert!(types.any(|name| name == "[u8; 7]"));
/// # Ok::<(), shm::Error>(())
/// ```
#[cfg(any(target_os = "linux", target_os = "android"))]
#[must_use]
pub fn regions_mapped() -> Vec<Found> {
    crate::sys::linux::mapped().into_iter().filter_map(look).collect()
}

/// What is at a path, if it is or may be a region.
fn look(path: PathBuf) -> Option<Found> {
    // What it leads to, not the link.
    if !fs::metadata(&path).is_ok_and(|there| there.is_file()) {
        return None;
    }
    let region = Region::open_format(&path, OpenPolicy::default(), &[FORMAT, MAP_FORMAT]);
    match &region {
        Err(error) if error.is_no_region() || error.is_not_found() => None,
        _ => Some(Found { path, region }),
    }
}
