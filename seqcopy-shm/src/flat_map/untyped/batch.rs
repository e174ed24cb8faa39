//! Single changes of a [`UntypedMapWriter`], and those that are collected in a [`Batch`] until they are published together: for programs in
//! other languages, which call once for each.

use std::collections::BTreeMap;

use super::UntypedMapWriter;
use crate::error::BytesError;

/// Keys, and the value of each, or that it is removed.
pub(super) type Batch = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

impl UntypedMapWriter {
    /// Sets the value of a key: as one generation, or as part of the batch that was [begun](Self::begin).
    ///
    /// # Errors
    /// As for [`change`](Self::change); of a batch, the key and the value are checked here, and the rest when it is committed.
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
        if self.batch.is_none() {
            return self.change([(key, value)].into_iter(), [].into_iter());
        }
        self.content.check([(key, value)].into_iter())?;
        self.note(key, Some(value));
        Ok(())
    }

    /// Removes a key, also if it has no entry: as one generation, or as part of the batch that was [begun](Self::begin).
    ///
    /// # Errors
    /// As for [`insert`](Self::insert).
    pub fn remove(&mut self, key: &[u8]) -> Result<(), BytesError> {
        self.content.check_key(key)?;
        if self.batch.is_none() {
            return self.change([].into_iter(), [key].into_iter());
        }
        self.note(key, None);
        Ok(())
    }

    fn note(&mut self, key: &[u8], value: Option<&[u8]>) {
        let batch = self.batch.get_or_insert_default();
        batch.insert(key.to_vec(), value.map(<[u8]>::to_vec));
    }

    /// Begins a batch: readers see what is inserted and removed from here to [`commit`](Self::commit) at once. False if one was begun before,
    /// which goes on.
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
        let is_new = self.batch.is_none();
        self.batch.get_or_insert_default();
        is_new
    }

    /// Publishes the batch as one generation. The last change of a key counts. `None` if none was begun.
    ///
    /// # Errors
    /// As for [`change`](Self::change). The batch is ended in any case.
    pub fn commit(&mut self) -> Option<Result<(), BytesError>> {
        let batch = self.batch.take()?;
        let set = batch.iter().filter_map(|(key, value)| Some((&key[..], value.as_deref()?)));
        let removed = batch.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| &key[..]);
        Some(self.change(set, removed))
    }

    /// Ends the batch without its changes. Does nothing if none was begun.
    pub fn discard(&mut self) {
        self.batch = None;
    }
}

#[cfg(all(test, not(miri)))] // regions are files
mod tests {
    use crate::untyped::{BytesError, MapWriter};
    use crate::{ChangeError, Options, SchemaBuilder, path_for};

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
        // The same value once more is no change, and no generation.
        assert_eq!((writer.generation().to_bits(), writer.commit()), (before, None));
        // Without space for some of them the others are published, and the batch has ended.
        writer.begin();
        for key in 1..=10u16 {
            writer.insert(&key.to_ne_bytes(), &[0]).unwrap();
        }
        assert_eq!(
            (writer.commit(), writer.commit(), writer.len()),
            (Some(Err(BytesError::NotWritten(ChangeError::Full))), None, writer.capacity())
        );
        writer.close().unwrap();
    }
}
