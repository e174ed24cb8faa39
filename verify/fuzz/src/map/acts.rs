//! What a writer does that takes a map over.

use std::collections::BTreeMap;
use std::path::Path;

use seqcopy::ReadError;
use seqcopy_shm::{ChangeError, MapKey, MapReader, MapWriter, ReadValueError};

use super::Image;
use crate::types::Told;

/// The map as it must be, by the bytes of the keys. Only of one that a writer of this library could have left: of
/// others no more is promised than that what was inserted is found.
type Model<V> = BTreeMap<Vec<u8>, V>;

fn model<K: Told, V: Told>(image: &Image) -> Option<Model<V>> {
    let mut model = Model::new();
    for entry in image.entries() {
        let is_found = image.find(entry.key) == Some(entry);
        K::of(entry.key).filter(|_| is_found)?;
        // A second entry of the key may be the same in all else.
        let first = model.insert(entry.key.to_vec(), V::of(entry.value)?);
        first.is_none().then_some(())?;
    }
    (model.len() <= image.slots / 8 * 7).then_some(model)
}

/// Takes the map over, and changes it.
pub(super) fn take_over<K: Told + MapKey, V: Told>(
    path: &Path,
    reader: &MapReader<K, V>,
    acts: &[[u8; 2]],
    image: &Image,
) {
    let mut writer = MapWriter::<K, V>::take_over(path).expect("it opens, and has no writer");
    assert_eq!(writer.len(), image.entries().count(), "entries are counted, never believed");
    let mut model = model::<K, V>(image).filter(|_| image.word != 0);
    // A map of two tables keeps the number of entries that its previous writer wrote, until something is published.
    let is_counted = |reader: &MapReader<K, V>| {
        image.len() == image.entries().count() || reader.generation().to_bits() != image.word
    };
    compare(&writer, reader, model.as_ref(), is_counted(reader));
    for &[act, number] in acts {
        change(&mut writer, reader, act, number, model.as_mut());
        compare(&writer, reader, model.as_ref(), is_counted(reader));
    }
    writer.clear().expect("this process's map");
    compare(&writer, reader, model.map(|_| Model::new()).as_ref(), is_counted(reader));
    assert!(writer.is_empty());
}

/// Whether the newest generation can be read: one of them can't, that whose number has wrapped to 0.
fn is_readable<K: MapKey, V: Told>(reader: &MapReader<K, V>) -> bool {
    reader.generation().to_bits() != 0
}

fn compare<K: Told + MapKey, V: Told>(
    writer: &MapWriter<K, V>,
    reader: &MapReader<K, V>,
    model: Option<&Model<V>>,
    is_counted: bool,
) {
    assert_eq!(writer.generation(), reader.generation());
    if !is_readable(reader) {
        assert_eq!(reader.view().len(), Err(ReadValueError::NoValue(ReadError::Empty)));
        return;
    }
    assert!(!is_counted || reader.view().len() == Ok(writer.len()), "{:?}, {}", reader.view().len(), writer.len());
    let Some(model) = model else { return };
    assert_eq!(writer.len(), model.len());
    let found: Result<Vec<_>, _> = reader.view().iter().collect();
    let found: Model<V> = found.expect("valid ones").into_iter().map(|(key, value)| (key.bytes(), value)).collect();
    assert_eq!(&found, model);
    // Iteration looks at slots, so that each entry can be found is another matter.
    for (key, value) in model {
        assert_eq!(reader.get(&K::of(key).expect("a valid one")), Ok(Some(*value)));
    }
}

fn change<K: Told + MapKey, V: Told>(
    writer: &mut MapWriter<K, V>,
    reader: &MapReader<K, V>,
    act: u8,
    number: u8,
    model: Option<&mut Model<V>>,
) {
    let (key, value) = (|| K::sample(number % 16), || V::sample(number / 2));
    let is_new = |model: &Model<V>| !model.contains_key(&key().bytes());
    let is_full = writer.len() >= writer.capacity();
    match (act % 6, model) {
        (0, None) => {
            let inserted = writer.insert(key(), value());
            if is_readable(reader) {
                let wanted = if inserted == Err(ChangeError::Full) { None } else { Some(value()) };
                assert_eq!(reader.get(&key()), Ok(wanted), "{inserted:?}");
            }
        }
        (0, Some(model)) => {
            let wanted = if is_new(model) && is_full {
                Err(ChangeError::Full)
            } else {
                Ok(model.insert(key().bytes(), value()))
            };
            assert_eq!(writer.insert(key(), value()), wanted);
        }
        (1, model) => {
            let removed = writer.remove(&key());
            if let Some(model) = model {
                assert_eq!(removed, Ok(model.remove(&key().bytes())));
            }
        }
        (2, model) => {
            let updated = writer.update(&key(), |there| *there = value());
            if let Some(model) = model {
                let wanted = model.get_mut(&key().bytes()).map(|there| *there = value());
                assert_eq!(updated, Ok(wanted));
            }
        }
        (3, model) => {
            let inserted = writer.insert_if_absent(key(), value());
            if let Some(model) = model {
                let wanted = match model.get(&key().bytes()) {
                    Some(there) => Ok(Some(*there)),
                    None if is_full => Err(ChangeError::Full),
                    None => Ok(model.insert(key().bytes(), value())),
                };
                assert_eq!(inserted, wanted);
            }
        }
        // Nothing of a batch that is dropped remains.
        (4, _) => {
            let dropped: Result<(), ChangeError> = writer.try_commit(|batch| {
                let _ = (batch.remove(&key()), batch.insert(K::sample(number / 16), value()));
                let _ = (number % 2 == 0).then(|| batch.clear());
                Err(ChangeError::Full)
            });
            assert_eq!(dropped, Err(ChangeError::Full));
        }
        (_, model) => {
            let (first, second) = (K::sample(number % 16), K::sample(number / 16));
            let both = writer.commit(|batch| (batch.remove(&first), batch.remove(&second)));
            if let Some(model) = model {
                let wanted = (Ok(model.remove(&first.bytes())), Ok(model.remove(&second.bytes())));
                assert_eq!(both, Ok(wanted));
            }
        }
    }
}
