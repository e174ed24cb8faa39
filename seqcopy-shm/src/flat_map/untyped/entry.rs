//! [`UntypedEntry`]: a handle to an entry of a map whose types are known by its schema only; small, as the search is the engine's.

use super::super::entry::LastSlot;
use super::slot_bytes::active;
use super::{UntypedMapReader, UntypedMapWriter};
use crate::error::BytesError;
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
    /// With zeros for what has no meaning in it.
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

impl UntypedMapReader {
    /// A handle to the entry of a key, which need not have one yet.
    ///
    /// # Errors
    /// If the key is not valid.
    pub fn entry(&self, key: &[u8]) -> Result<UntypedEntry, BytesError> {
        let of_key = self.key_and_value()[0];
        self.slots.key.check(of_key, key)?;
        Ok(UntypedEntry { key: active(of_key, key).into(), last: LastSlot::default() })
    }

    /// Reads an entry, which is found without a search if it is still where it was: as [`get`](Self::get).
    ///
    /// # Errors
    /// As there, and if the handle is of a map with keys of another size.
    ///
    /// # Panics
    /// If these are not as many bytes as a value has.
    pub fn read_entry(&self, entry: &UntypedEntry, value: &mut [u8]) -> Result<Option<Version>, BytesError> {
        let (of_key, of_value) = (&self.slots.key, &self.slots.value);
        assert_eq!(value.len(), of_value.size, "the bytes of a value");
        if entry.key.len() != of_key.size {
            of_key.check(self.key_and_value()[0], &entry.key)?;
        }
        let (at, to) = ((&*entry.key, &entry.last), value.as_mut_ptr());
        let found = self.attempts(|tables, count| {
            // SAFETY: the slots of this map are these, and there are as many bytes as a value has (I1 partition, I4 private).
            if let Some(stamp) = unsafe { tables.find_at(&self.slots, count, at, to) } {
                return Ok(Some(stamp));
            }
            // SAFETY: the slots and the bytes of the attempt before (I1 partition, I4 private).
            unsafe { tables.find(&self.slots, count, (at.0, Some(at.1)), to) }
        })?;
        let Some(stamp) = found else { return Ok(None) };
        of_value.check(self.key_and_value()[1], value)?;
        Ok(Some(Version::from_bits(stamp)))
    }
}

impl UntypedMapWriter {
    /// A handle to the entry of a key, which need not have one yet.
    ///
    /// # Errors
    /// If the key is not valid.
    pub fn entry(&self, key: &[u8]) -> Result<UntypedEntry, BytesError> {
        let of_key = self.key_and_value()[0];
        self.commits.place.parts.key.check(of_key, key)?;
        Ok(UntypedEntry { key: active(of_key, key).into(), last: LastSlot::default() })
    }

    /// Sets the value of an entry, which is found without a search if it is still where it was: as [`insert`](Self::insert).
    ///
    /// # Errors
    /// As there, and if the handle is of a map with other keys, and its is not valid here.
    pub fn insert_entry(&mut self, entry: &UntypedEntry, value: &[u8]) -> Result<(), BytesError> {
        let parts = &self.commits.place.parts;
        let [key_layout, value_layout] = self.key_and_value();
        // The handle may be of a map with other keys.
        parts.key.check(key_layout, &entry.key)?;
        parts.value.check(value_layout, value)?;
        self.apply(|changes, of, _| {
            let there = changes.find_again((&entry.key, &entry.last));
            changes.set_bytes(of, there, &entry.key, value)
        })
    }
}
