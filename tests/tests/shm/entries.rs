//! Handles to entries: what they find after removals, insertions, in larger and in new maps, in damaged ones, and by a
//! reader of other fields.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;

use seqcopy::{SeqCopy, Validate};
use seqcopy_shm::{Entry, MapReader, MapWriter, Options, ReadValueError};
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;

type Value = [u64; 2];
const KEYS: u64 = 40;

fn below(rng: &mut Rng, number: u64) -> u64 {
    rng.below(usize::try_from(number).unwrap()) as u64
}

/// A map, its reader, and what they are compared with. Each key has a handle of the reader, one of the writer, and one
/// that both use.
struct Compared {
    place: Place,
    writer: Option<MapWriter<u64, Value>>,
    reader: MapReader<u64, Value>,
    model: BTreeMap<u64, Value>,
    of_reader: Vec<Entry<u64>>,
    of_writer: Vec<Entry<u64>>,
    of_both: Vec<Entry<u64>>,
    capacity: usize,
}

impl Compared {
    fn new(buffers: u32) -> Self {
        let place = Place::new();
        let writer = Options::new().buffers(buffers).create_map(place.at("map"), 14).unwrap();
        let reader = MapReader::open(place.at("map")).unwrap();
        let [of_reader, of_writer, of_both] = [(); 3].map(|()| (0..KEYS).map(Entry::new).collect());
        let (model, capacity) = (BTreeMap::new(), writer.capacity());
        Compared { place, writer: Some(writer), reader, model, of_reader, of_writer, of_both, capacity }
    }

    fn writer(&mut self) -> &mut MapWriter<u64, Value> {
        self.writer.as_mut().expect("a writer")
    }

    fn insert(&mut self, key: u64, value: Value) {
        let has_space = self.model.contains_key(&key) || self.model.len() < self.capacity;
        assert_eq!(self.writer().insert(key, value).is_ok(), has_space);
        if has_space {
            self.model.insert(key, value);
        }
    }

    /// Some keys by one of their handles, and as a look-up does.
    fn check(&self, keys: impl Iterator<Item = u64>) {
        for key in keys {
            let (expected, index) = (Ok(self.model.get(&key).copied()), usize::try_from(key).unwrap());
            assert_eq!(self.reader.read_entry(&self.of_reader[index]), expected, "{key}");
            assert_eq!(self.reader.read_entry(&self.of_both[index]), expected, "{key}");
            assert_eq!(self.reader.get(&key), expected, "{key}");
        }
    }

    /// The map as another one: larger, put back, or new and empty.
    fn renew(&mut self, rng: &mut Rng, number: u64) {
        let path = self.place.at("map");
        match number % 4 {
            // By the next writer, which makes it larger up to a point.
            0 => {
                let capacity = (self.capacity + 8).min(60);
                drop(self.writer.take());
                self.writer = Some(Options::new().replace_smaller(true).open_or_create_map(&path, capacity).unwrap());
            }
            1 => {
                fs::remove_file(&path).unwrap();
                assert!(self.writer().restore_if_removed().unwrap());
            }
            2 => {
                drop(self.writer.take());
                self.writer = Some(MapWriter::take_over(&path).unwrap());
            }
            _ => {
                self.writer.take().expect("a writer").close().unwrap();
                self.writer = Some(Options::new().buffers(2 << below(rng, 3)).create_map(&path, 14).unwrap());
                self.model.clear();
            }
        }
        self.capacity = self.writer().capacity();
        self.reader.reopen_if_removed().unwrap();
        self.check(0..KEYS);
    }
}

/// As many steps as `SEQCOPY_STEPS` says.
#[test]
fn a_handle_finds_what_the_model_has() {
    let steps: u64 = std::env::var("SEQCOPY_STEPS").map_or(200_000, |steps| steps.parse().expect("a number"));
    let mut rng = Rng::new(71);
    let mut all = Compared::new(2);
    for step in 0..steps {
        let (key, value) = (below(&mut rng, KEYS), [step, below(&mut rng, 1000)]);
        let index = usize::try_from(key).unwrap();
        match below(&mut rng, 40) {
            0..14 => all.insert(key, value),
            14..24 => {
                let removed = all.model.remove(&key);
                assert_eq!(all.writer().remove(&key), Ok(removed));
            }
            24..34 => {
                let entry = if key % 2 == 0 { all.of_writer[index].clone() } else { Entry::new(key) };
                let old = all.model.get(&key).copied();
                let both = below(&mut rng, 2) == 0;
                let Compared { writer, of_both, of_writer, .. } = &mut all;
                let entry = if both {
                    &of_both[index]
                } else if key % 3 == 0 {
                    &entry
                } else {
                    &of_writer[index]
                };
                let found = writer.as_mut().unwrap().update_entry(entry, |there| std::mem::replace(there, value));
                assert_eq!(found, Ok(old));
                if let Some(there) = all.model.get_mut(&key) {
                    *there = value;
                }
            }
            34..39 => {
                let Compared { writer, of_writer, model, .. } = &mut all;
                let batch = writer.as_mut().unwrap().commit(|batch| {
                    for _ in 0..5 {
                        let key = below(&mut rng, KEYS);
                        if below(&mut rng, 3) == 0 {
                            assert_eq!(batch.remove(&key), Ok(model.remove(&key)));
                        }
                        let entry = &of_writer[usize::try_from(key).unwrap()];
                        assert_eq!(
                            batch.update_entry(entry, |there| there[1] += 1).unwrap().is_some(),
                            model.contains_key(&key)
                        );
                        if let Some(there) = model.get_mut(&key) {
                            there[1] += 1;
                        }
                    }
                });
                batch.unwrap();
            }
            _ if below(&mut rng, 20) == 0 => {
                let number = below(&mut rng, 40);
                all.renew(&mut rng, number);
            }
            _ => {}
        }
        let other = below(&mut rng, KEYS);
        all.check([key, other].into_iter());
    }
    all.check(0..KEYS);
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Old {
    on: bool,
    level: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct New {
    more: [u64; 3],
    level: u16,
    on: bool,
}

#[test]
fn a_handle_finds_values_by_their_fields() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u16, New>::create(&path, 100).unwrap();
    let reader = MapReader::<u16, Old>::open_by_fields(&path).unwrap();
    let entries: Vec<_> = (0..90).map(Entry::new).collect();
    for round in 0..6u16 {
        for key in 0..90 {
            let new = New { more: [7; 3], level: key + round, on: key % 2 == 0 };
            if key % 6 == round {
                writer.remove(&key).unwrap();
            } else {
                writer.insert(key, new).unwrap();
            }
        }
        for (key, entry) in (0..90).zip(&entries) {
            let old = (key % 6 != round).then_some(Old { level: key + round, on: key % 2 == 0 });
            assert_eq!((reader.read_entry(entry), reader.read_entry(entry)), (Ok(old), Ok(old)), "{key}");
        }
    }
    writer.close().unwrap();
    assert_eq!(reader.read_entry(&entries[0]), Err(ReadValueError::Closed));
}

/// A program without the lock, or a broken one, may leave any bytes.
#[test]
fn a_damaged_map_gives_a_handle_a_value_or_an_error() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u16, bool>::create(&path, 50).unwrap();
    (0..50).for_each(|key| _ = writer.insert(key, key % 2 == 0).unwrap());
    let reader = MapReader::<u16, bool>::open(&path).unwrap();
    let entries: Vec<_> = (0..50).map(Entry::new).collect();
    assert!(entries.iter().all(|entry| reader.read_entry(entry) == Ok(Some(entry.key() % 2 == 0))));
    let header = *writer.region().header();
    let file = fs::File::options().read(true).write(true).open(&path).unwrap();
    let (from, size) = (header.buffer_offset(), usize::try_from(header.buffer_stride()).unwrap() * 2);
    let mut whole = vec![0; size];
    file.read_exact_at(&mut whole, from).unwrap();
    let (mut rng, mut found, mut invalid, mut absent) = (Rng::new(5), 0, 0, 0);
    for round in 0..200 {
        let mut noise = whole.clone();
        for _ in 0..=round * 4 {
            let at = usize::try_from(below(&mut rng, size as u64)).unwrap();
            noise[at] = u8::try_from(below(&mut rng, 256)).unwrap();
        }
        file.write_all_at(&noise, from).unwrap();
        for entry in &entries {
            match reader.read_entry(entry) {
                Ok(Some(_)) => found += 1,
                Ok(None) => absent += 1,
                Err(ReadValueError::Invalid(_)) => invalid += 1,
                Err(error) => panic!("{error}"),
            }
            let _ = writer.update_entry(entry, |there| *there = !*there);
        }
    }
    assert!(found > 1000 && invalid > 100 && absent > 100, "{found} {invalid} {absent}");
    file.write_all_at(&whole, from).unwrap();
    writer.close().unwrap();
}
