//! [`Watch`]: waits for a region or a map of any type.

use crate::sys::Handle;
use std::path::Path;
use std::time::Duration;

use crate::header::{FORMAT, MAP_FORMAT};
use crate::life::open_policy::OpenPolicy;
use crate::value::checks;
use crate::wait::{Newer, wait_any};
use crate::{Error, Header, Region, Schema, Uid, WriterState};
use seqcopy::Version;

/// Looks at the word of a region, be it one of a value or of a map, and waits for a newer one. Maps the region read-only, and reads no
/// value: [`Region::open_file`] and [`FileMap::open`](crate::FileMap::open) do.
///
/// ```
/// use std::time::Duration;
/// use seqcopy_shm::{self as shm, Writer, untyped::Watch};
/// # let path = shm::path_for(&format!("seqcopy-doc-watch-{}", std::process::id()));
/// let mut writer = Writer::<u32>::create(&path)?;
/// let watch = Watch::open(&path)?;
/// let known = watch.version();
/// writer.write(5).unwrap();
/// writer.wake();
/// assert!(watch.wait(known, Duration::from_secs(1)));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug)]
pub struct Watch(Region);

impl Watch {
    /// Opens the region at a path.
    ///
    /// # Errors
    /// As for [`Region::open`], and if the region was closed.
    pub fn open(path: impl AsRef<Path>) -> Result<Watch, Error> {
        let region = Region::open_format(path.as_ref(), OpenPolicy::default(), &[FORMAT, MAP_FORMAT])?;
        region.check_open().map_err(|error| error.at(path.as_ref()))?;
        Ok(Watch(region))
    }

    pub(crate) fn of(region: Region) -> Watch {
        Watch(region)
    }

    pub(crate) fn region(&self) -> &Region {
        &self.0
    }

    /// The region at its path by now, if it is another one, and of the same type.
    pub(crate) fn newer(&self) -> Result<Option<Region>, Error> {
        let Some(region) = self.0.newer()? else { return Ok(None) };
        checks::check(self.schema(), region.schema()).map_err(|error| self.0.located(error))?;
        Ok(Some(region))
    }

    /// Checks that the region has this type: of slices, these elements, whatever the capacity is.
    ///
    /// # Errors
    /// If it has another one: the error names the first place where they differ.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Schema, Writer, untyped::Watch};
    /// # let path = shm::path_for(&format!("seqcopy-doc-require-type-{}", std::process::id()));
    /// let writer = Writer::<[u16; 2]>::create(&path)?;
    /// let watch = Watch::open(&path)?;
    /// assert!(watch.require_type(&Schema::of::<[u16; 2]>()).is_ok());
    /// let error = watch.require_type(&Schema::of::<[u16; 3]>()).unwrap_err();
    /// assert!(error.to_string().contains("array of 2 there, array of 3 here"));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn require_type(&self, schema: &Schema) -> Result<(), Error> {
        let capacity = Schema::__slice_of(self.schema().layout()).map(|(_, _, capacity)| capacity);
        let of_slice = capacity.and_then(|capacity| schema.with_capacity(capacity));
        checks::check(of_slice.as_ref().unwrap_or(schema), self.schema()).map_err(|error| self.0.located(error))
    }

    /// The owner of its file: see [`Region::owner`].
    #[must_use]
    pub fn owner(&self) -> Uid {
        self.0.owner()
    }

    /// A descriptor to give to another process: see [`Region::share`].
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<Handle, Error> {
        self.0.share()
    }

    /// The version of the last value, or generation of a map.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version()
    }

    /// Waits until there is another version than `known`, or the region is closed, for at most `time`: see
    /// [`Reader::wait`](crate::Reader::wait).
    #[must_use]
    pub fn wait(&self, known: Version, time: Duration) -> bool {
        wait_any(&[self.newer_than(known)], time).is_some()
    }

    /// What [`wait_any`] waits for.
    #[must_use]
    pub fn newer_than(&self, known: Version) -> Newer<'_> {
        Newer::of(&self.0, known)
    }

    /// Whether the region has a writer. Makes system calls.
    #[must_use]
    pub fn writer_state(&self) -> WriterState {
        self.0.writer_state()
    }

    /// What its last writer recorded of its program, as `Options::__mark` says.
    #[doc(hidden)]
    #[must_use]
    pub fn __writer_mark(&self) -> u64 {
        self.0.source.mapping.map.writer_mark()
    }

    /// Whether the writer closed it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Whether the path by which it was opened leads to it no more: see [`Region::is_removed`].
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.0.is_removed()
    }

    /// The header: a copy that was checked when it was opened.
    #[must_use]
    pub fn header(&self) -> &Header {
        self.0.header()
    }

    /// The type of its values; of a map, that of a slot.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.0.schema()
    }
}
