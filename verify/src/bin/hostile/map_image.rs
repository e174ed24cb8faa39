//! [`MapImage`]: the bytes of a region with a map, and what must be found in them, by the page of the format and not by
//! the library.

use seqcopy_tests::oracle::Rng;
use seqcopy_tests::regions::{map_hash, whole_map};

use crate::image::{FIELDS, Image, begin, nasty, noise};
use crate::tree::{Parser, Tree};

/// A slot: its type, and where its key and its value lie.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) schema: Vec<u8>,
    size: usize,
    align: usize,
    pub(crate) key: Tree,
    key_at: usize,
    pub(crate) value: Tree,
    value_at: usize,
}

impl Slot {
    pub(crate) fn of(schema: Vec<u8>) -> Slot {
        let tree = Parser::schema(&schema);
        let [_, (key_at, key), (value_at, value)] = tree.fields_at()[..] else { panic!("stamp, key and value") };
        let (key, value) = (key.clone(), value.clone());
        Slot { schema, size: tree.size, align: tree.align, key, key_at, value, value_at }
    }

    /// The bytes of a valid key, one of few.
    pub(crate) fn some_key(&self, rng: &mut Rng) -> Vec<u8> {
        let mut key = vec![0; self.key.size];
        let number = rng.below(12).to_le_bytes()[0];
        if let Some(last) = key.last_mut() {
            *last = number;
        }
        self.key.repair(&mut key, &mut Rng::new(number.into()));
        key
    }

    /// The bytes of a valid value.
    pub(crate) fn some_value(&self, rng: &mut Rng) -> Vec<u8> {
        let mut value = vec![0; self.value.size];
        noise(rng, &mut value);
        self.value.repair(&mut value, rng);
        value
    }
}

/// The file of a region with a map.
#[derive(Debug)]
pub(crate) struct MapImage {
    pub(crate) image: Image,
    /// What must be found, if the header and the schema are intact.
    pub(crate) honest: Option<HonestMap>,
}

/// A map with any tables, word and state.
#[derive(Debug)]
pub(crate) struct HonestMap {
    slot: Slot,
    buffers: usize,
    pub(crate) slots: usize,
    seed: u64,
    pub(crate) word: u64,
    pub(crate) state: u32,
    first: usize,
    stride: usize,
}

/// The bytes of a slot that is not free.
pub(crate) struct Entry<'a> {
    pub(crate) stamp: u64,
    pub(crate) key: &'a [u8],
    pub(crate) value: &'a [u8],
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_ne_bytes(bytes[..8].try_into().expect("8 bytes"))
}

impl HonestMap {
    fn table(&self, index: usize) -> usize {
        self.first + index * self.stride
    }

    /// Where a slot lies.
    fn slot(&self, table: usize, slot: usize) -> usize {
        table + self.slot.align.max(64) + slot * self.slot.size
    }

    fn newest(&self) -> usize {
        #[allow(clippy::cast_possible_truncation)] // only the low bits are used
        self.table(self.word as usize & (self.buffers - 1))
    }

    fn entry<'a>(&self, bytes: &'a [u8], table: usize, slot: usize) -> Option<Entry<'a>> {
        let bytes = &bytes[self.slot(table, slot)..][..self.slot.size];
        let part = |at: usize, tree: &Tree| &bytes[at..at + tree.size];
        let (key, value) = (part(self.slot.key_at, &self.slot.key), part(self.slot.value_at, &self.slot.value));
        let stamp = number(bytes);
        (stamp != 0).then_some(Entry { stamp, key, value })
    }

    /// The slot in which a search ends, and the entry that is there; `None` if all slots are other keys'.
    fn search<'a>(&self, bytes: &'a [u8], table: usize, key: &[u8]) -> Option<(usize, Option<Entry<'a>>)> {
        #[allow(clippy::cast_possible_truncation)] // only the low bits are used
        let home = map_hash(self.seed, key) as usize;
        (0..self.slots).map(|step| (home.wrapping_add(step)) % self.slots).find_map(|slot| {
            match self.entry(bytes, table, slot) {
                Some(entry) if entry.key != key => None,
                found => Some((slot, found)),
            }
        })
    }

    /// The newest entry of a key.
    pub(crate) fn find<'a>(&self, bytes: &'a [u8], key: &[u8]) -> Option<Entry<'a>> {
        self.search(bytes, self.newest(), key)?.1
    }

    /// All newest entries.
    pub(crate) fn entries<'a>(&self, bytes: &'a [u8]) -> Vec<Entry<'a>> {
        (0..self.slots).filter_map(|slot| self.entry(bytes, self.newest(), slot)).collect()
    }

    pub(crate) fn is_valid(&self, entry: &Entry<'_>) -> bool {
        self.slot.key.is_value(entry.key) && self.slot.value.is_value(entry.value)
    }

    /// The number of entries that the newest table says it has.
    pub(crate) fn len(&self, bytes: &[u8]) -> usize {
        usize::try_from(number(&bytes[self.newest()..])).map_or(self.slots, |len| len.min(self.slots))
    }

    fn put(&self, bytes: &mut [u8], at: usize, stamp: u64, key: &[u8], value: &[u8]) {
        bytes[at..at + 8].copy_from_slice(&stamp.to_ne_bytes());
        bytes[at + self.slot.key_at..][..key.len()].copy_from_slice(key);
        bytes[at + self.slot.value_at..][..value.len()].copy_from_slice(value);
    }

    /// Fills a table: by the rules, with noise, with one key in every slot, or not at all.
    fn fill(&self, bytes: &mut [u8], table: usize, rng: &mut Rng) {
        let mut len = 0u64;
        match rng.below(8) {
            0..=4 => {
                for _ in 0..rng.below(self.slots) {
                    let (key, value) = (self.slot.some_key(rng), self.slot.some_value(rng));
                    let Some((slot, there)) = self.search(bytes, table, &key) else { break };
                    len += u64::from(there.is_none());
                    let at = self.slot(table, slot);
                    self.put(bytes, at, (rng.bits() % self.word.max(1)).max(1), &key, &value);
                    if rng.chance(1, 4) {
                        bytes[at + rng.below(self.slot.size)] ^= 1 << rng.below(8);
                    }
                }
            }
            5 => {
                for slot in 0..self.slots {
                    let at = self.slot(table, slot);
                    noise(rng, &mut bytes[at..at + self.slot.size]);
                    if rng.chance(1, 3) {
                        bytes[at..at + 8].fill(0);
                    }
                }
            }
            6 => {
                let (key, value) = (self.slot.some_key(rng), self.slot.some_value(rng));
                for slot in 0..self.slots {
                    self.put(bytes, self.slot(table, slot), rng.bits() | 1, &key, &value);
                }
            }
            _ => {}
        }
        if rng.chance(1, 3) {
            len = nasty(rng, len);
        }
        bytes[table..table + 8].copy_from_slice(&len.to_ne_bytes());
    }
}

impl MapImage {
    /// A map with an intact header and schema.
    fn honest(slot: &Slot, rng: &mut Rng) -> MapImage {
        let (buffers, slots, seed) = (*rng.pick(&[2, 2, 4, 8]), *rng.pick(&[8, 8, 16, 128]), rng.bits());
        let (mut bytes, first, stride) = whole_map(&slot.schema, slot.size, slot.align, buffers, slots, seed);
        let word = match rng.below(10) {
            0 => 0,
            1 => u64::MAX - rng.bits() % 5,
            2 => rng.bits(),
            _ => 1 + rng.bits() % 1000,
        };
        let state = begin(&mut bytes, word, rng);
        let map = HonestMap { slot: slot.clone(), buffers, slots, seed, word, state, first, stride };
        for index in 0..buffers {
            map.fill(&mut bytes, map.table(index), rng);
        }
        let image = Image { len: bytes.len() as u64, bytes, hole: None, honest: None };
        MapImage { image, honest: Some(map) }
    }

    /// A random region with a map.
    pub(crate) fn random(slot: &Slot, rng: &mut Rng) -> MapImage {
        let honest = Self::honest(slot, rng);
        let damaged = |image| MapImage { image, honest: None };
        match rng.below(20) {
            0..=11 => honest,
            12..=15 => damaged(damaged_header(honest.image, slot, rng)),
            16..=18 => damaged(honest.image.resized(rng)),
            _ => damaged(honest.image.noise(rng)),
        }
    }
}

/// A header in which some fields are wrong, with or without the fields that follow from them.
fn damaged_header(mut image: Image, slot: &Slot, rng: &mut Rng) -> Image {
    if rng.chance(1, 3) {
        // Consistent, but it does not fit the type in the schema.
        let (size, align) = (rng.below(200), 1 << rng.below(13));
        let (buffers, slots) = (1 << rng.below(4), *rng.pick(&[1, 4, 8, 12, 64]));
        (image.bytes, ..) = whole_map(&slot.schema, size, align, buffers, slots, rng.bits());
        image.len = image.bytes.len() as u64;
        image.bytes[128] = 1;
        image.bytes[192] = 1;
        return image;
    }
    for _ in 0..=rng.below(2) {
        let (at, width) = if rng.chance(1, 3) { (112, 8) } else { *rng.pick(&FIELDS) };
        let mut old = [0; 8];
        old[..width].copy_from_slice(&image.bytes[at..at + width]);
        let new = nasty(rng, u64::from_le_bytes(old)).to_le_bytes();
        image.bytes[at..at + width].copy_from_slice(&new[..width]);
    }
    image
}
