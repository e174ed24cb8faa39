//! Other maps within one process. All have the hasher of [`hasher`].

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, RwLock};

use left_right::{Absorb, ReadHandle, WriteHandle};
use scc::hash_index::Entry;
use seqcopy_map::FoldHasher;

use crate::map::{Keys, Map, Reader, Remove, TOGETHER, Value, Writer, key, value};
use crate::ours::hasher;

/// A map that both ends share, with what it is looked up by.
macro_rules! shared {
    ($name:ident = $text:literal, $map:ty, $reader:ident, $writer:ident, make: $make:expr) => {
        pub(crate) struct $name;
        pub(crate) struct $reader(Arc<$map>);
        pub(crate) struct $writer(Arc<$map>);

        impl Map for $name {
            const NAME: &'static str = $text;
            type Reader = $reader;
            type Writer = $writer;

            fn make(_: u64) -> ($writer, $reader) {
                let map = Arc::new($make);
                ($writer(Arc::clone(&map)), $reader(map))
            }
        }
    };
}

/// Maps whose entries are borrowed from a guard: a guard for each operation, and the same with one guard for many
/// look-ups.
macro_rules! guarded {
    ($map:ty: $each:ident = $each_text:literal, $each_reader:ident; $one:ident = $one_text:literal, $one_reader:ident; $writer:ident) => {
        shared!($each = $each_text, $map, $each_reader, $writer, make: <$map>::with_hasher(hasher()));

        pub(crate) struct $one;
        pub(crate) struct $one_reader(Arc<$map>);

        impl Map for $one {
            const NAME: &'static str = $one_text;
            type Reader = $one_reader;
            type Writer = $writer;

            fn make(entries: u64) -> ($writer, $one_reader) {
                let (writer, reader) = $each::make(entries);
                (writer, $one_reader(reader.0))
            }
        }

        impl Reader for $each_reader {
            #[inline(always)]
            fn get(&mut self, key: u64) -> Value {
                *self.0.pin().get(&key).expect("an entry")
            }
        }

        impl Reader for $one_reader {
            fn get(&mut self, key: u64) -> Value {
                *self.0.pin().get(&key).expect("an entry")
            }

            #[inline(always)]
            fn get_all(&mut self, keys: &mut Keys, count: u64) {
                let map = self.0.pin();
                for _ in 0..count {
                    let value: Value = *map.get(&keys.random()).expect("an entry");
                    black_box(&value);
                }
            }
        }

        impl Writer for $writer {
            #[inline(always)]
            fn put(&mut self, key: u64, value: Value) {
                black_box(&self.0.pin().insert(key, value));
            }
        }

        impl Remove for $writer {
            #[inline(always)]
            fn remove(&mut self, key: u64) {
                black_box(&self.0.pin().remove(&key));
            }
        }
    };
}

guarded!(papaya::HashMap<u64, Value, FoldHasher>: Papaya = "papaya", PapayaReader; PapayaOneGuard = "papaya-one-guard", PapayaOneGuardReader; PapayaWriter);
guarded!(flurry::HashMap<u64, Value, FoldHasher>: Flurry = "flurry", FlurryReader; FlurryOneGuard = "flurry-one-guard", FlurryOneGuardReader; FlurryWriter);

shared!(Dashmap = "dashmap", dashmap::DashMap<u64, Value, FoldHasher>, DashmapReader, DashmapWriter,
    make: dashmap::DashMap::with_hasher(hasher()));

impl Reader for DashmapReader {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        *self.0.get(&key).expect("an entry")
    }
}

impl Writer for DashmapWriter {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        black_box(&self.0.insert(key, value));
    }
}

impl Remove for DashmapWriter {
    #[inline(always)]
    fn remove(&mut self, key: u64) {
        black_box(&self.0.remove(&key));
    }
}

shared!(SccMap = "scc-hash-map", scc::HashMap<u64, Value, FoldHasher>, SccMapReader, SccMapWriter, make: scc::HashMap::with_hasher(hasher()));

impl Reader for SccMapReader {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        self.0.read_sync(&key, |_, value| *value).expect("an entry")
    }
}

impl Writer for SccMapWriter {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        black_box(&self.0.upsert_sync(key, value));
    }
}

impl Remove for SccMapWriter {
    #[inline(always)]
    fn remove(&mut self, key: u64) {
        black_box(&self.0.remove_sync(&key));
    }
}

shared!(SccIndex = "scc-hash-index", scc::HashIndex<u64, Value, FoldHasher>, SccIndexReader, SccIndexWriter, make: scc::HashIndex::with_hasher(hasher()));

impl Reader for SccIndexReader {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        self.0.peek_with(&key, |_, value| *value).expect("an entry")
    }
}

impl Writer for SccIndexWriter {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        match self.0.entry_sync(key) {
            Entry::Occupied(mut entry) => entry.update(value),
            Entry::Vacant(entry) => _ = entry.insert_entry(value),
        }
    }
}

impl Remove for SccIndexWriter {
    #[inline(always)]
    fn remove(&mut self, key: u64) {
        black_box(&self.0.remove_sync(&key));
    }
}

type Table = HashMap<u64, Value, FoldHasher>;

shared!(Locked = "rwlock-hashmap", RwLock<Table>, LockedReader, LockedWriter, make: RwLock::new(Table::with_hasher(hasher())));

impl Reader for LockedReader {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        self.0.read().expect("a lock")[&key]
    }
}

impl Writer for LockedWriter {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        black_box(&self.0.write().expect("a lock").insert(key, value));
    }
}

impl Remove for LockedWriter {
    #[inline(always)]
    fn remove(&mut self, key: u64) {
        black_box(&self.0.write().expect("a lock").remove(&key));
    }
}

/// The same, locked once for several look-ups.
pub(crate) struct LockedTogether;
pub(crate) struct LockedTogetherReader(LockedReader);

impl Map for LockedTogether {
    const NAME: &'static str = "rwlock-hashmap";
    type Reader = LockedTogetherReader;
    type Writer = LockedWriter;

    fn make(entries: u64) -> (LockedWriter, LockedTogetherReader) {
        let (writer, reader) = Locked::make(entries);
        (writer, LockedTogetherReader(reader))
    }
}

impl Reader for LockedTogetherReader {
    fn get(&mut self, key: u64) -> Value {
        self.0.get(key)
    }

    #[inline(always)]
    fn get_all(&mut self, keys: &mut Keys, count: u64) {
        for _ in 0..count / TOGETHER as u64 {
            let map = self.0.0.read().expect("a lock");
            for _ in 0..TOGETHER {
                black_box(&map[&keys.random()]);
            }
        }
    }
}

/// Two hash maps, of which readers have one; each change is published at once.
pub(crate) struct LeftRight;

#[derive(Clone)]
pub(crate) struct Side(Table);

pub(crate) enum Change {
    Put(u64, Value),
    Remove(u64),
}

impl Absorb<Change> for Side {
    fn absorb_first(&mut self, change: &mut Change, _: &Self) {
        match change {
            Change::Put(key, value) => _ = self.0.insert(*key, *value),
            Change::Remove(key) => _ = self.0.remove(key),
        }
    }

    fn sync_with(&mut self, first: &Self) {
        self.0.clone_from(&first.0);
    }
}

impl Map for LeftRight {
    const NAME: &'static str = "left-right";
    type Reader = ReadHandle<Side>;
    type Writer = WriteHandle<Side, Change>;

    fn make(_: u64) -> (Self::Writer, Self::Reader) {
        left_right::new_from_empty(Side(Table::with_hasher(hasher())))
    }
}

impl Reader for ReadHandle<Side> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        self.enter().expect("the writer is alive").0[&key]
    }
}

impl Writer for WriteHandle<Side, Change> {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        self.append(Change::Put(key, value)).publish();
    }

    fn fill(&mut self, entries: u64) {
        self.extend((0..entries).map(|number| Change::Put(key(number), value(number))));
        self.publish();
    }
}

impl Remove for WriteHandle<Side, Change> {
    #[inline(always)]
    fn remove(&mut self, key: u64) {
        self.append(Change::Remove(key)).publish();
    }
}
