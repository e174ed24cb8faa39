//! Single changes of an [`UntypedMapWriter`], begin and commit of a batch, and handles to entries. Programs in other
//! languages use these, because they make one call for each change.

use super::slot_bytes::BytesPart;
use super::{Batch, Equal, UntypedMapReader, UntypedMapWriter};
use crate::error::{BytesError, ChangeError};
use crate::flat_map::commit::Fate;
use crate::flat_map::key::{LastSlot, Query};
use seqcopy::Version;

/// A handle to an entry: the bytes of a key, and where its entry was found last, as [`Entry`](crate::Entry) is.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, untyped::{MapReader, MapWriter}};
/// # let path = shm::path_for(&format!("seqcopy-doc-untyped-entry-{}", std::process::id()));
/// # drop(shm::MapWriter::<u32, u16>::create(&path, 10)?);
/// let reader = MapReader::open(&path)?;
/// let mut writer = MapWriter::take_over(&path, reader.region().schema(), &Options::new())?;
/// let (written, read) = (writer.entry(&7u32.to_ne_bytes())?, reader.entry(&7u32.to_ne_bytes())?);
/// writer.insert_entry(&written, &[5, 0])?;
/// let mut value = [0; 2];
/// assert_eq!(reader.read_entry(&read, &mut value)?, Some(writer.generation()));
/// assert_eq!(value, [5, 0]);
/// # writer.close()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct UntypedEntry {
    /// Bytes without a meaning, such as padding, are zeros.
    key: Box<[u8]>,
    last: LastSlot,
}

impl UntypedEntry {
    /// The bytes of its key.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

impl BytesPart {
    /// A handle to an entry with this key.
    fn entry(&self, key: &[u8]) -> Result<UntypedEntry, BytesError> {
        self.validate_part(key)?;
        Ok(UntypedEntry { key: (*self.active(key)).into(), last: LastSlot::default() })
    }
}

impl UntypedMapReader {
    /// A handle to the entry of a key, which need not have one yet.
    ///
    /// # Errors
    /// If the key is not valid.
    pub fn entry(&self, key: &[u8]) -> Result<UntypedEntry, BytesError> {
        self.slots.key.entry(key)
    }

    /// Reads an entry, which is found without a search if it is still where it was: as [`get`](Self::get).
    ///
    /// # Errors
    /// The errors named there, and if the handle is of a map with keys of another size.
    ///
    /// # Panics
    /// If these are not as many bytes as a value has.
    pub fn read_entry(&self, entry: &UntypedEntry, value: &mut [u8]) -> Result<Option<Version>, BytesError> {
        let (of_key, of_value) = (&self.slots.key, &self.slots.value);
        assert_eq!(value.len(), of_value.size, "the bytes of a value");
        if entry.key.len() != of_key.size {
            of_key.validate_part(&entry.key)?;
        }
        let (query, to) = (Query::at(&entry.key, &entry.last), value.as_mut_ptr());
        // SAFETY: the slots of this map are these, and there are as many bytes as a value has (I1 partition, I4
        // private).
        let found = self.attempts(|tables, count| unsafe { tables.find(&self.slots, count, query, to) })?;
        let Some(stamp) = found else { return Ok(None) };
        of_value.validate_part(value)?;
        Ok(Some(Version::from_bits(stamp)))
    }
}

impl UntypedMapWriter {
    /// A handle to the entry of a key, which need not have one yet.
    ///
    /// # Errors
    /// If the key is not valid.
    pub fn entry(&self, key: &[u8]) -> Result<UntypedEntry, BytesError> {
        self.commits.place.parts.key.entry(key)
    }

    /// Sets the value of an entry, which is found without a search if it is still where it was: as
    /// [`insert`](Self::insert).
    ///
    /// # Errors
    /// The errors named there, and if the handle is of a map with other keys, and its is not valid here.
    pub fn insert_entry(&mut self, entry: &UntypedEntry, value: &[u8]) -> Result<(), BytesError> {
        let parts = &self.commits.place.parts;
        // The handle may belong to a map with other keys.
        parts.key.validate_part(&entry.key)?;
        parts.value.validate_part(value)?;
        self.apply(|changes, _| {
            // Bytes that have no meaning in a key of this map may have one in the type of the handle's key.
            let key = changes.table.parts().key.active(&entry.key);
            let there = changes.find(Query::at(&key, &entry.last));
            changes.set_bytes(there, &key, value, Equal::IsSet)
        })
    }
}

impl UntypedMapWriter {
    /// Sets the value of a key: as one generation, or as part of the batch that was [begun](Self::begin). A value that
    /// is equal to the old one is a new generation as well, as each [`write`](crate::Writer::write) is a new version.
    ///
    /// # Errors
    /// The errors of [`change`](Self::change).
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapReader, MapWriter, Options, untyped};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-insert-{}", std::process::id()));
    /// # drop(MapWriter::<u8, bool>::create(&path, 10)?);
    /// let reader = MapReader::<u8, bool>::open(&path)?;
    /// let mut writer = untyped::MapWriter::take_over(&path, reader.region().schema(), &Options::new())?;
    /// writer.insert(&[5], &[1]).unwrap();
    /// assert_eq!(reader.get(&5), Ok(Some(true)));
    /// assert!(writer.insert(&[5], &[2]).is_err());
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn insert(&mut self, key: &[u8], value: &[u8]) -> Result<(), BytesError> {
        self.validate_entries([(key, value)].into_iter())?;
        self.apply(|changes, _| {
            let key = changes.table.parts().key.active(key);
            changes.set_bytes(changes.find(Query::for_key(&key)), &key, value, Equal::IsSet)
        })
    }

    /// Removes a key, also if it has no entry: as one generation, or as part of the batch that was
    /// [begun](Self::begin).
    ///
    /// # Errors
    /// The errors of [`insert`](Self::insert).
    pub fn remove(&mut self, key: &[u8]) -> Result<(), BytesError> {
        self.commits.place.parts.key.validate_part(key)?;
        self.change([].into_iter(), [key].into_iter())
    }

    /// Begins a batch: readers see what is inserted and removed from here to [`commit`](Self::commit) at once. False if
    /// one was begun before, which goes on.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapReader, MapWriter, Options, untyped};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-begin-{}", std::process::id()));
    /// # drop(MapWriter::<u8, bool>::create(&path, 10)?);
    /// let reader = MapReader::<u8, bool>::open(&path)?;
    /// let mut writer = untyped::MapWriter::take_over(&path, reader.region().schema(), &Options::new())?;
    /// assert!(writer.begin() && !writer.begin());
    /// writer.insert(&[5], &[1]).unwrap();
    /// writer.insert(&[6], &[0]).unwrap();
    /// writer.remove(&[5]).unwrap();
    /// assert_eq!(reader.get(&6), Ok(None));
    /// assert_eq!(writer.commit(), Some(Ok(())));
    /// assert_eq!((reader.get(&5), reader.get(&6)), (Ok(None), Ok(Some(false))));
    ///
    /// writer.begin();
    /// writer.remove(&[6]).unwrap();
    /// writer.discard();
    /// assert_eq!((writer.commit(), writer.len()), (None, 1));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn begin(&mut self) -> bool {
        let is_new = self.batch == Batch::None;
        if is_new {
            self.batch = Batch::Begun;
        }
        is_new
    }

    /// Publishes the batch as one generation, unless nothing was changed in it. `None` if none was begun.
    ///
    /// # Errors
    /// In a forked process. The batch is ended in any case.
    pub fn commit(&mut self) -> Option<Result<(), BytesError>> {
        let batch = std::mem::replace(&mut self.batch, Batch::None);
        if batch == Batch::None {
            return None;
        }
        let result = self.region.check_may_write();
        if result.is_ok() && batch == Batch::Open {
            self.commits.end(self.commits.next(), Fate::Publish);
        }
        Some(result.map_err(|error| BytesError::NotWritten(ChangeError::from(error))))
    }

    /// Ends the batch without its changes. Does nothing if none was begun.
    pub fn discard(&mut self) {
        self.batch = Batch::None;
    }
}

#[cfg(all(test, not(miri)))] // regions are files
mod tests {
    use crate::error::ChangeError;
    use crate::handle::Options;
    use crate::path_for;
    use crate::schema_builder::SchemaBuilder;
    use crate::untyped::{BytesError, MapWriter};

    #[test]
    fn a_batch_takes_only_what_a_map_can_have() {
        let path = path_for(&format!("untyped-batch-{}", std::process::id()));
        let [key, value] = ["u16", "bool"].map(|name| SchemaBuilder::number(name).unwrap());
        let schema = SchemaBuilder::map(&key, &value).build().unwrap();
        let mut writer = MapWriter::create(&path, &schema, 8, &Options::new()).unwrap();
        for is_batch in [false, true] {
            assert!(!is_batch || writer.begin());
            assert!(writer.insert(&[1, 0], &[2]).is_err() && writer.insert(&[1], &[1]).is_err());
            assert!(writer.remove(&[1]).is_err() && writer.remove(&[1, 2, 3]).is_err());
            assert_eq!(writer.insert(&[1, 0], &[1]), Ok(()));
        }
        let before = writer.generation().to_bits();
        assert_eq!((writer.commit(), writer.len()), (Some(Ok(())), 1));
        // Inserting an equal value is a generation of its own.
        assert_eq!((writer.generation().to_bits(), writer.commit()), (before + 1, None));
        // A value without space is reported at once, and the other changes stay in the batch.
        writer.begin();
        for key in 1..=10u16 {
            let full = Err(BytesError::NotWritten(ChangeError::Full));
            assert_eq!(writer.insert(&key.to_ne_bytes(), &[0]), if key <= 7 { Ok(()) } else { full });
        }
        assert_eq!((writer.commit(), writer.commit(), writer.len()), (Some(Ok(())), None, writer.capacity()));
        // No later generation contains discarded changes.
        writer.begin();
        writer.remove(&1u16.to_ne_bytes()).unwrap();
        assert_eq!((writer.len(), writer.get(&1u16.to_ne_bytes(), &mut [0])), (6, Ok(None)));
        writer.discard();
        assert_eq!(writer.len(), 7);
        writer.insert(&2u16.to_ne_bytes(), &[1]).unwrap();
        assert!(writer.get(&1u16.to_ne_bytes(), &mut [0]).unwrap().is_some());
        writer.close().unwrap();
    }
}
