//! Regions with maps, whose tables have any bits.

mod acts;

use std::path::Path;
use std::sync::OnceLock;

use seqcopy::{ReadError, Version};
use seqcopy_shm::{MapKey, MapReader, MapWriter, Options, ReadValueError, View, untyped::FileMap};
use seqcopy_tests::regions::{map_hash, whole_map};

use crate::file;
use crate::types::{Channel, Known, Mode, Told};

/// The bytes of an input that say what the map is like: its types, its shape, the state, the word, the seed, the number
/// of acts.
const HEAD: usize = 20;
/// In the second byte: the map is taken over.
const TAKEN_OVER: u8 = 0x80;

/// The types of a map: where key and value of a slot lie, by the page of the format, and how it is looked at.
struct Kind {
    schema: Vec<u8>,
    slot: Slot,
    look: fn(&Path, &Image),
}

/// Where the parts of a slot lie.
#[derive(Clone, Copy)]
struct Slot {
    size: usize,
    align: usize,
    /// Offset and size.
    key: (usize, usize),
    value: (usize, usize),
}

impl Slot {
    fn of<K, V>() -> Slot {
        let place = |align: usize| align.max(8);
        let (k, v) = (place(align_of::<K>()), place(align_of::<V>()));
        let key = 8usize.next_multiple_of(k);
        let value = (key + size_of::<K>().next_multiple_of(k)).next_multiple_of(v);
        let size = (value + size_of::<V>().next_multiple_of(v)).next_multiple_of(k.max(v));
        Slot { size, align: k.max(v), key: (key, size_of::<K>()), value: (value, size_of::<V>()) }
    }
}

impl Kind {
    fn of<K: Told + MapKey, V: Told>() -> Kind {
        let (file, schema) = written::<K, V>(2, |_| {});
        Kind { schema: file[schema..].to_vec(), slot: Slot::of::<K, V>(), look: look::<K, V> }
    }

    fn all() -> &'static [Kind] {
        static ALL: OnceLock<[Kind; 3]> = OnceLock::new();
        ALL.get_or_init(|| [Kind::of::<u64, Known>(), Kind::of::<Channel, Mode>(), Kind::of::<[u8; 12], ()>()])
    }
}

/// What the library writes, and the offset of the schema.
fn written<K: MapKey, V: Told>(buffers: u32, act: impl FnOnce(&mut MapWriter<K, V>)) -> (Vec<u8>, usize) {
    let mut map = Options::new().buffers(buffers).seed(5).create_map_memfd::<K, V>("fuzz", 7).expect("a map");
    act(&mut map);
    let (size, schema) = (map.region().header().size(), map.region().header().schema_offset());
    let mut bytes = vec![0; usize::try_from(size).expect("a small one")];
    let file = std::fs::File::from(map.share().expect("a descriptor"));
    std::os::unix::fs::FileExt::read_exact_at(&file, &mut bytes, 0).expect("the whole map");
    (bytes, usize::try_from(schema).expect("a small one"))
}

/// A region with a map, and what has to be found in it.
struct Image {
    bytes: Vec<u8>,
    slot: Slot,
    buffers: usize,
    slots: usize,
    state: u8,
    word: u64,
    seed: u64,
    first: usize,
    stride: usize,
    /// Whether the map is taken over, and what is done to it then.
    acts: Option<Vec<[u8; 2]>>,
}

/// The bytes of a slot that is not free.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry<'a> {
    stamp: u64,
    key: &'a [u8],
    value: &'a [u8],
}

impl Image {
    /// The acts follow the head, then the tables, the newest first: the number of entries and the slots.
    fn of(data: &[u8], kind: &Kind) -> Option<Image> {
        let (&[_, shape, state, ref numbers @ ..], rest) = data.split_first_chunk::<HEAD>()?;
        let number = |at: usize| u64::from_le_bytes(numbers[at..at + 8].try_into().expect("8 bytes"));
        let (word, seed) = (number(0), number(8));
        let (acts, tables) = rest.split_at_checked(2 * usize::from(numbers[16] % 32))?;
        let (slot, buffers, slots) = (kind.slot, 2 << (shape % 4 % 3), 8 << ((shape >> 2) % 4));
        let (mut bytes, first, stride) = whole_map(&kind.schema, slot.size, slot.align, buffers, slots, seed);
        for (age, table) in tables.chunks(8 + slots * slot.size).take(buffers).enumerate() {
            #[allow(clippy::cast_possible_truncation)] // only the low bits are used
            let at = first + ((word as usize).wrapping_sub(age) & (buffers - 1)) * stride;
            let (len, slots) = table.split_at(table.len().min(8));
            bytes[at..at + len.len()].copy_from_slice(len);
            bytes[at + slot.align.max(64)..][..slots.len()].copy_from_slice(slots);
        }
        bytes[128] = state;
        bytes[192..200].copy_from_slice(&word.to_le_bytes());
        let acts = (shape & TAKEN_OVER != 0).then(|| acts.chunks(2).map(|act| [act[0], act[1]]).collect());
        Some(Image { bytes, slot, buffers, slots, state, word, seed, first, stride, acts })
    }

    /// The input that describes what the library has written.
    fn input(kind: u8, slot: Slot, (file, schema): &(Vec<u8>, usize)) -> Vec<u8> {
        let number = |at: usize| usize::try_from(u64::of(&file[at..at + 8]).expect("8 bytes")).expect("a small one");
        let (first, stride, word) = (number(48), number(56), number(192));
        let buffers = (schema - first) / stride;
        #[allow(clippy::cast_possible_truncation)] // below 4
        let shape = (buffers.ilog2() as u8 - 1) | TAKEN_OVER;
        let mut input = vec![kind, shape, 1];
        input.extend_from_slice(&file[192..200]);
        input.extend_from_slice(&file[120..128]);
        let acts: Vec<u8> = (0..8).flat_map(|act| [act, act * 5]).collect();
        input.push(8);
        input.extend_from_slice(&acts);
        for age in 0..buffers {
            let at = first + (word.wrapping_sub(age) & (buffers - 1)) * stride;
            input.extend_from_slice(&file[at..at + 8]);
            input.extend_from_slice(&file[at + slot.align.max(64)..][..8 * slot.size]);
        }
        input
    }

    /// Whether readers and writers can open it.
    fn opens(&self) -> bool {
        self.state == 1 || self.state == 2 && self.word != 0
    }

    #[allow(clippy::cast_possible_truncation)] // only the low bits are used
    fn newest(&self) -> usize {
        self.first + (self.word as usize & (self.buffers - 1)) * self.stride
    }

    /// The entry of a slot of the newest table.
    fn entry(&self, slot: usize) -> Option<Entry<'_>> {
        let at = self.newest() + self.slot.align.max(64) + slot % self.slots * self.slot.size;
        let part = |(offset, size): (usize, usize)| &self.bytes[at + offset..][..size];
        let stamp = u64::of(part((0, 8))).expect("8 bytes");
        (stamp != 0).then(|| Entry { stamp, key: part(self.slot.key), value: part(self.slot.value) })
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.slots).filter_map(|slot| self.entry(slot))
    }

    /// The entry that a search ends at.
    fn find(&self, key: &[u8]) -> Option<Entry<'_>> {
        #[allow(clippy::cast_possible_truncation)] // only the low bits are used
        let home = map_hash(self.seed, key) as usize;
        for step in 0..self.slots {
            let entry = self.entry(home.wrapping_add(step))?;
            if entry.key == key {
                return Some(entry);
            }
        }
        None
    }

    /// The number of entries that the newest table says it has.
    fn len(&self) -> usize {
        let len = u64::of(&self.bytes[self.newest()..][..8]).expect("8 bytes");
        usize::try_from(len).map_or(self.slots, |len| len.min(self.slots))
    }
}

/// Looks at a map in every way, and takes it over if the input says so. The header fits the types; word, state and
/// tables are the input's.
///
/// # Panics
/// If something is wrong.
pub fn map(data: &[u8]) {
    let Some(kind) = data.first().map(|kind| &Kind::all()[usize::from(*kind) % Kind::all().len()]) else { return };
    if let Some(image) = Image::of(data, kind) {
        file::with(&image.bytes, |path, _| (kind.look)(path, &image));
    }
}

/// Whole files with maps, for the target of headers.
pub(crate) fn files() -> Vec<Vec<u8>> {
    [2, 4].map(|buffers| written::<u64, Known>(buffers, some_entries).0).into()
}

fn some_entries<K: Told + MapKey, V: Told>(map: &mut MapWriter<K, V>) {
    for number in 0..6 {
        map.insert(K::sample(number), V::sample(number)).expect("a place");
    }
    map.remove(&K::sample(2)).expect("this process's map");
}

/// What programs write: with two tables, four and eight, empty and with entries.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    fn of<K: Told + MapKey, V: Told>(kind: u8) -> Vec<Vec<u8>> {
        let input = |buffers, act: fn(&mut MapWriter<K, V>)| {
            Image::input(kind, Slot::of::<K, V>(), &written::<K, V>(buffers, act))
        };
        vec![input(2, |_| {}), input(2, some_entries), input(4, some_entries), input(8, some_entries)]
    }
    [of::<u64, Known>(0), of::<Channel, Mode>(1), of::<[u8; 12], ()>(2)].concat()
}

/// Opens a file with any bytes as one with a map; what can be read of it must be bounded. Returns whether it opens.
pub(crate) fn open(bytes: &[u8]) -> bool {
    file::with(bytes, |path, _| {
        let (file, reader) = (FileMap::open(path), MapReader::<u64, Known>::open(path));
        let (Ok(file), Ok(reader)) = (&file, &reader) else {
            // A tool opens more than a program that has the types.
            assert!(reader.is_err(), "without types: {file:?}");
            return file.is_ok_and(|file| file.entries().is_ok());
        };
        let view = reader.view();
        let slots = usize::try_from(reader.region().header().slots()).expect("it is mapped");
        assert!(reader.region().header().size() <= bytes.len() as u64 && reader.capacity() < slots);
        let count = view.iter().take(slots + 2).count();
        match (file.entries(), view.len()) {
            (Ok(entries), Ok(len)) => assert!(entries.len() == count && count <= slots && len <= slots),
            (Err(_), Err(_)) => assert_eq!(count, 1, "an error and nothing else"),
            (entries, len) => panic!("{:?}, {len:?} entries", entries.err()),
        }
        assert_eq!(file.get_versioned(&[0; 8]).ok().map(|found| found.is_some()), view.contains_key(&0).ok());
        true
    })
}

/// Opens a map and compares what every reader finds with what is there.
fn look<K: Told + MapKey, V: Told>(path: &Path, image: &Image) {
    let reader = MapReader::<K, V>::open(path);
    let file = FileMap::open(path);
    assert_eq!(reader.is_ok(), image.opens(), "{:?} with state {}", reader.err(), image.state);
    // A tool may look at one that was closed.
    assert_eq!(file.is_ok(), image.state == 1 || image.state == 2, "{:?} with state {}", file.err(), image.state);
    assert!(MapReader::<K, [u64; 3]>::open(path).is_err(), "values of another type");
    let (Ok(reader), Ok(file)) = (reader, file) else { return };
    assert_eq!(reader.generation(), Version::from_bits(image.word));
    let wanted = match image.word {
        0 => None,
        _ => Some(image.entries().collect::<Vec<_>>()),
    };
    let entries = file.entries().ok();
    let found = entries
        .as_ref()
        .map(|all| all.iter().map(|(key, value, stamp)| Entry { stamp: stamp.to_bits(), key, value }).collect());
    assert_eq!(found, wanted, "without types");
    iterate(&reader.view(), wanted.as_deref(), image);
    let keys = image.entries().filter_map(|entry| K::of(entry.key)).take(16).chain([0, 1, 7].map(K::sample));
    keys.for_each(|key| look_up(&reader, &file, &key, image));
    if let Some(acts) = &image.acts {
        acts::take_over::<K, V>(path, &reader, acts, image);
    }
}

/// Compares all entries, and those after some generation.
fn iterate<K: Told + MapKey, V: Told>(view: &View<'_, K, V>, wanted: Option<&[Entry<'_>]>, image: &Image) {
    let since = wanted.and_then(|all| all.first()).map_or(1, |entry| entry.stamp);
    for since in [Version::NEVER, Version::from_bits(since), Version::from_bits(0)] {
        let found: Vec<_> = view.changed_since(since).take(image.slots + 2).collect();
        let Some(wanted) = wanted else {
            assert_eq!(found, [Err(ReadValueError::NoValue(ReadError::Empty))]);
            continue;
        };
        let is_behind = |entry: &&Entry<'_>| since == Version::NEVER || entry.stamp > since.to_bits();
        let wanted: Vec<_> = wanted.iter().filter(is_behind).collect();
        assert_eq!(found.len(), wanted.len(), "after {since:?}");
        for (found, entry) in found.iter().zip(wanted) {
            match (found, K::of(entry.key).zip(V::of(entry.value))) {
                (Ok((key, value, stamp)), Some(valid)) => {
                    assert_eq!((key, value, stamp.to_bits()), (&valid.0, &valid.1, entry.stamp));
                }
                (Err(ReadValueError::Invalid(_)), None) => {}
                (found, valid) => panic!("{found:?}, not {valid:?}"),
            }
        }
    }
    let plain: Vec<_> = view.iter().take(image.slots + 2).map(|entry| entry.is_ok()).collect();
    let stamped = view.changed_since(Version::NEVER).take(image.slots + 2).map(|entry| entry.is_ok());
    assert_eq!(plain, stamped.collect::<Vec<_>>());
    assert_eq!(view.len().ok(), wanted.map(|_| image.len()));
}

/// Looks a key up in every way.
fn look_up<K: Told + MapKey, V: Told>(reader: &MapReader<K, V>, file: &FileMap, key: &K, image: &Image) {
    let view = reader.view();
    let found = reader.get_versioned(key);
    let plain = found.as_ref().map(|found| found.as_ref().map(|(value, _)| value)).map_err(ToString::to_string);
    for other in [reader.get(key), reader.try_get(key), view.get(key)] {
        assert_eq!(other.as_ref().map(Option::as_ref).map_err(ToString::to_string), plain);
    }
    let by_bytes = file.get_versioned(&key.bytes());
    if image.word == 0 {
        assert_eq!(found, Err(ReadValueError::NoValue(ReadError::Empty)));
        assert!(by_bytes.is_err() && view.contains_key(key).is_err());
        return;
    }
    let there = image.find(&key.bytes());
    match (&found, there.map(|entry| (V::of(entry.value), entry.stamp))) {
        (Ok(None), None) | (Err(ReadValueError::Invalid(_)), Some((None, _))) => {}
        (Ok(Some((value, stamp))), Some((Some(valid), there))) => {
            assert_eq!((value, stamp.to_bits()), (&valid, there));
        }
        (_, there) => panic!("{key:?}: {found:?}, not {there:?}"),
    }
    assert_eq!(view.contains_key(key), Ok(there.is_some()));
    let by_bytes = by_bytes.expect("a generation that is there");
    assert_eq!(by_bytes, there.map(|entry| (entry.value.to_vec(), Version::from_bits(entry.stamp))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_open_and_have_entries() {
        let images: Vec<_> = seeds()
            .iter()
            .map(|seed| Image::of(seed, &Kind::all()[usize::from(seed[0])]).expect("long enough"))
            .collect();
        assert!(images.iter().all(|image| image.opens() && image.entries().count() == image.len()));
        // Two of the channels are the same as others.
        assert!(images.iter().filter(|image| image.entries().count() >= 3).count() >= 9);
        assert!(images.iter().flat_map(Image::entries).all(|entry| !entry.key.is_empty()));
    }
}
