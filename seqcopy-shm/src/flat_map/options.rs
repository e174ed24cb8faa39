//! [`MapOptions`]: how a map is created, and what is required of one that is opened.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;

use super::commit::copy;
use super::key::MapKey;
use super::reader::{MapReader, check};
use super::slot::Slot;
use super::writer::MapWriter;
use crate::error::mismatch;
use crate::header::{MAP_FORMAT, RegionLayout};
use crate::life::new_region::{NewRegion, Plan};
use crate::life::open_or_create::open_or_create;
use crate::life::writable::Writable;
use crate::{Error, Options, Uid};
use seqcopy::Validate;

/// How a map is created, and what is required of one that is opened.
///
/// ```
/// use seqcopy_shm::{self as shm, MapOptions};
/// # let path = shm::path_for(&format!("seqcopy-doc-map-options-{}", std::process::id()));
/// let map = MapOptions::new().buffers(4).mode(0o600).create::<u64, [f32; 3]>(&path, 1000)?;
/// assert_eq!((map.header().buffers(), map.header().slots(), map.capacity()), (4, 2048, 1792));
/// # map.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MapOptions {
    /// Those of any region.
    region: Options,
    seed: Option<u64>,
}

impl MapOptions {
    /// Two buffers, readable by all users, writable by its owner, a random seed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many tables the map has: 2, 4, 8, .. A view is readable until `buffers - 1` later commits have ended. Each table takes its
    /// memory, and each change is made in each table in turn.
    ///
    /// Other numbers are refused when the map is created. One is among them: a writer that died in the middle of a change would leave
    /// a table that can't be repaired.
    #[must_use]
    pub fn buffers(mut self, buffers: u32) -> Self {
        self.region.buffers = buffers;
        self
    }

    /// The permissions of the file, as in [`Options::mode`](crate::Options::mode).
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.region.mode = mode;
        self
    }

    /// The seed of the hash. By default it is random, so that a peer can't choose keys in advance that all begin at one slot. Processes
    /// that can read the map can read its seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Whether another process may take over a memfd; see [`Options::allow_take_over_fd`](crate::Options::allow_take_over_fd).
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn allow_take_over_fd(mut self, allow: bool) -> Self {
        self.region.take_over_fd = allow;
        self
    }

    /// Whether [`open_or_create`](Self::open_or_create) replaces a map of other keys or values, or a region with one value; see
    /// [`Options::replace_other_type`](crate::Options::replace_other_type).
    #[must_use]
    pub fn replace_other_type(mut self, replace: bool) -> Self {
        self.region.replaces = replace;
        self
    }

    /// Whether [`open_or_create`](Self::open_or_create) replaces a map with fewer slots than it would create for the capacity that is asked
    /// for, whose writer has ended; not by default. One with more slots is taken over as it is.
    ///
    /// For a program that is started again with a larger capacity. The new map has the entries before it gets the path; then the old one is
    /// closed, and its readers take the new one by [`MapReader::reopen_if_removed`]. Generations go on, and each entry has the one that set
    /// it. So [`MapWriter::was_created`] is `false`, as of a map that was taken over. Otherwise as
    /// [`Options::replace_smaller`](crate::Options::replace_smaller); the seed is a new one.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapOptions, MapReader, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-enlarge-{}", std::process::id()));
    /// let mut map = MapWriter::<u32, u32>::create(&path, 7)?;
    /// (0..7).for_each(|key| _ = map.insert(key, key * key).unwrap());
    /// let mut reader = MapReader::<u32, u32>::open(&path)?;
    /// drop(map); // or its process ends, or is killed
    ///
    /// let mut map: MapWriter<u32, u32> = MapOptions::new().replace_smaller(true).open_or_create(&path, 100)?;
    /// map.insert(7, 49).unwrap();
    /// assert!(reader.reopen_if_removed()?);
    /// assert_eq!((reader.get(&6), reader.get(&7)), (Ok(Some(36)), Ok(Some(49))));
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn replace_smaller(mut self, replace: bool) -> Self {
        self.region.enlarges = replace;
        self
    }

    /// Opens only files that belong to `owner` or to root, and that no other user may write; see
    /// [`Options::require_owner`](crate::Options::require_owner).
    #[must_use]
    pub fn require_owner(mut self, owner: Uid) -> Self {
        self.region.policy.owner = Some(owner);
        self
    }

    /// [`MapReader::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open<K: MapKey, V: Validate>(&self, path: impl AsRef<Path>) -> Result<MapReader<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        MapReader::open_by(path.as_ref(), self.region.policy)
    }

    /// [`MapWriter::take_over`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn take_over<K: MapKey, V: Validate>(&self, path: impl AsRef<Path>) -> Result<MapWriter<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        MapWriter::take_over_by(path.as_ref(), self.region.policy)
    }

    /// Creates an empty map at a path, usually in `/dev/shm` ([`path_for`](crate::path_for)), for at least `capacity` entries.
    ///
    /// # Errors
    /// As for [`MapWriter::create`], and if the number of buffers is not one that [`buffers`](Self::buffers) allows.
    pub fn create<K: MapKey, V: Validate>(
        &self,
        path: impl AsRef<Path>,
        capacity: usize,
    ) -> Result<MapWriter<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        let path = path.as_ref();
        NewRegion::create(path, || self.prepare::<K, V>(path, capacity)).map(MapWriter::of_new)
    }

    /// Takes over the map at a path if there is one whose writer has ended, and creates it otherwise: for a program that is started again
    /// and again. If several processes call this at the same time, one becomes the writer.
    ///
    /// Capacity, buffers, mode and seed apply to a map that is created; one that is taken over keeps its own, unless it is
    /// [replaced by a larger one](Self::replace_smaller). Otherwise as
    /// [`Options::open_or_create`](crate::Options::open_or_create).
    ///
    /// # Errors
    /// As for [`take_over`](Self::take_over) if the path exists, and as for [`create`](Self::create) if it does not.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-open-or-create-{}", std::process::id()));
    /// let mut starts = MapWriter::<u8, u32>::open_or_create(&path, 10)?;
    /// assert!(starts.was_created());
    /// starts.insert(0, 1).unwrap();
    ///
    /// drop(starts); // or its process ends, or is killed
    /// let mut starts = MapWriter::<u8, u32>::open_or_create(&path, 10)?;
    /// assert!(!starts.was_created());
    /// assert_eq!(starts.update(&0, |starts| { *starts += 1; *starts }), Ok(Some(2)));
    /// # starts.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_or_create<K: MapKey, V: Validate>(
        &self,
        path: impl AsRef<Path>,
        capacity: usize,
    ) -> Result<MapWriter<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        let path = path.as_ref();
        let prepare = || self.prepare::<K, V>(path, capacity);
        let larger = |old: &Writable| {
            let plan = self.plan::<K, V>(capacity)?;
            if old.mapping.inspected.header.slots() >= plan.layout.slots {
                return Ok(None);
            }
            let new = plan.at(path, self.region.mode)?;
            // SAFETY: both have this schema: one was checked, the other created with it. This process writes both (I5 one-writer).
            unsafe { copy::<K, V>(&old.mapping, &new.claimed.mapping) };
            Ok(Some(new))
        };
        let (policy, replaces) = (self.region.policy, self.region.replaces);
        let larger = self.region.enlarges.then_some(&larger as _);
        let claimed = open_or_create(path, policy, &[MAP_FORMAT], check::<K, V>, replaces, prepare, larger)?;
        Ok(if claimed.was_created { MapWriter::of_new(claimed) } else { MapWriter::of(claimed) })
    }

    /// Creates a map without a path, to be given to other processes as a descriptor ([`MapWriter::share`]), sealed as
    /// [`Options::create_memfd`](crate::Options::create_memfd) explains.
    ///
    /// # Errors
    /// If the system refuses, or there is not enough memory.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapOptions, MapReader};
    /// let mut map = MapOptions::new().create_memfd::<u32, u32>("counters", 10)?;
    /// map.insert(1, 5).unwrap();
    /// let reader = MapReader::<u32, u32>::from_fd(map.share()?)?;
    /// assert_eq!(reader.get(&1), Ok(Some(5)));
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(target_os = "linux")]
    pub fn create_memfd<K: MapKey, V: Validate>(&self, name: &str, capacity: usize) -> Result<MapWriter<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        self.plan::<K, V>(capacity)?.memfd(name, self.region.mode, self.region.take_over_fd).map(MapWriter::of_new)
    }

    fn prepare<K: MapKey, V: Validate>(&self, path: &Path, capacity: usize) -> Result<NewRegion, Error> {
        self.plan::<K, V>(capacity)?.at(path, self.region.mode)
    }

    /// What a new region is to be.
    fn plan<K: MapKey, V: Validate>(&self, capacity: usize) -> Result<Plan, Error> {
        let schema = Slot::<K, V>::schema();
        let Some(slots) = slots_for(capacity) else {
            return Err(mismatch("capacity", "from 1 to 3758096384", capacity));
        };
        let (size, align) = (Slot::<K, V>::SIZE, Slot::<K, V>::ALIGN);
        let layout = RegionLayout::of_map(size, align, self.region.buffers, slots, schema.as_bytes().len())?;
        Ok(Plan { layout, schema, seed: self.seed.unwrap_or_else(random), mark: self.region.policy.mark })
    }
}

/// [`MapOptions`] in short. The bounds are those of the methods, so that the message for a type that is not a key explains what a key is.
impl<K, V> MapWriter<K, V> {
    /// Creates an empty map for at least `capacity` entries: with two buffers, readable by all users. [`MapOptions`] has other choices.
    ///
    /// The map appears at the path only when it is complete; if this process dies before that, nothing is left behind.
    ///
    /// # Errors
    /// If the path exists already, if the directory can't be written, if there is not enough space, or if the capacity is 0 or too
    /// large for memory.
    pub fn create(path: impl AsRef<Path>, capacity: usize) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        MapOptions::new().create(path, capacity)
    }

    /// Takes over the map at a path if there is one whose writer has ended, and creates it otherwise.
    /// [`was_created`](Self::was_created) tells which of the two it did. A map that is taken over keeps its capacity.
    ///
    /// # Errors
    /// As for [`MapOptions::open_or_create`].
    pub fn open_or_create(path: impl AsRef<Path>, capacity: usize) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        MapOptions::new().open_or_create(path, capacity)
    }
}

/// The fewest slots of which seven eighths are that many entries.
fn slots_for(capacity: usize) -> Option<u64> {
    let slots = (capacity as u64).checked_mul(8)?.div_ceil(7).max(8).checked_next_power_of_two()?;
    (capacity > 0 && slots <= 1 << 32).then_some(slots)
}

/// A number that other processes can't foresee.
pub(super) fn random() -> u64 {
    // Its keys are taken from the system's random numbers.
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::slots_for;

    #[test]
    #[cfg_attr(miri, ignore = "only computes")]
    fn there_are_slots_for_the_capacity_and_not_twice_as_many_as_needed() {
        for capacity in (1..10_000).chain([114_688, 114_689, 3_758_096_384]) {
            let slots = slots_for(capacity).unwrap();
            assert!(slots.is_power_of_two() && slots >= 8);
            assert!(slots / 8 * 7 >= capacity as u64, "{capacity}");
            assert!(slots == 8 || slots / 16 * 7 < capacity as u64, "{capacity}");
        }
        assert_eq!((slots_for(0), slots_for(3_758_096_385), slots_for(usize::MAX)), (None, None, None));
    }
}
