//! The maps of this project.

use std::hint::black_box;
use std::sync::Arc;

use seqcopy::Validate;
use seqcopy_map::{FoldHasher, SeqMap};
use seqcopy_shm::{MapReader, MapWriter, Options};

use crate::map::{Keys, Map, Reader, Remove, TOGETHER, Value, Writer, key, value};

/// That of every map here whose hasher can be chosen.
pub(crate) fn hasher() -> FoldHasher {
    FoldHasher::with_seed(0x243f_6a88_85a3_08d3)
}

/// The flat map between processes, with as many buffers; each look-up by itself.
pub(crate) struct Flat<const BUFFERS: u32>;

/// The same, with several look-ups in one view.
pub(crate) struct FlatViews<const BUFFERS: u32>;

pub(crate) struct FlatEnd<E>(E);
pub(crate) struct FlatViewReader(MapReader<u64, Value>);

pub(crate) fn flat<V: Validate>(buffers: u32, entries: u64) -> (MapWriter<u64, V>, MapReader<u64, V>) {
    let capacity = usize::try_from(entries).expect("a number of entries");
    // One more, since a key comes before another one goes.
    let writer = Options::new().buffers(buffers).create_map_memfd("bench-maps", capacity + 1).expect("a map");
    let reader = MapReader::from_fd(writer.share().expect("another descriptor")).expect("the map just made");
    (writer, reader)
}

impl<const BUFFERS: u32> Map for Flat<BUFFERS> {
    const NAME: &'static str = match BUFFERS {
        2 => "seqcopy-flat-map2",
        _ => "seqcopy-flat-map4",
    };
    type Reader = FlatEnd<MapReader<u64, Value>>;
    type Writer = FlatEnd<MapWriter<u64, Value>>;

    fn make(entries: u64) -> (Self::Writer, Self::Reader) {
        let (writer, reader) = flat(BUFFERS, entries);
        (FlatEnd(writer), FlatEnd(reader))
    }
}

impl<const BUFFERS: u32> Map for FlatViews<BUFFERS> {
    const NAME: &'static str = match BUFFERS {
        2 => "seqcopy-flat-map2-view",
        _ => "seqcopy-flat-map4-view",
    };
    type Reader = FlatViewReader;
    type Writer = FlatEnd<MapWriter<u64, Value>>;

    fn make(entries: u64) -> (Self::Writer, Self::Reader) {
        let (writer, reader) = flat(BUFFERS, entries);
        (FlatEnd(writer), FlatViewReader(reader))
    }
}

impl Reader for FlatEnd<MapReader<u64, Value>> {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        loop {
            // With a writer that never pauses, all attempts of one call may fail.
            if let Ok(found) = self.0.get(&key) {
                return found.expect("an entry");
            }
        }
    }
}

impl Reader for FlatViewReader {
    fn get(&mut self, key: u64) -> Value {
        self.0.get(&key).expect("a value").expect("an entry")
    }

    #[inline(always)]
    fn get_all(&mut self, keys: &mut Keys, count: u64) {
        for _ in 0..count / TOGETHER as u64 {
            let together = keys.several();
            let looked_up = || {
                self.0.read(|view| {
                    for key in &together {
                        black_box(&view.get(key)?.expect("an entry"));
                    }
                    Ok(())
                })
            };
            while looked_up().is_err() {}
        }
    }
}

impl Writer for FlatEnd<MapWriter<u64, Value>> {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        black_box(&self.0.insert(key, value).expect("space"));
    }

    fn fill(&mut self, entries: u64) {
        let inserted =
            self.0.try_commit(|batch| (0..entries).try_for_each(|n| batch.insert(key(n), value(n)).map(|_| ())));
        inserted.expect("space");
    }
}

impl Remove for FlatEnd<MapWriter<u64, Value>> {
    #[inline(always)]
    fn remove(&mut self, key: u64) {
        black_box(&self.0.remove(&key).expect("the writer's own process"));
    }
}

/// The growing map, from the smallest table on.
pub(crate) struct Growing;

/// The same, made for as many entries as it will get.
pub(crate) struct Prepared;

pub(crate) struct Shared(Arc<SeqMap<u64, Value>>);

impl Map for Growing {
    const NAME: &'static str = "seqcopy-seqmap";
    type Reader = Shared;
    type Writer = Shared;

    fn make(_: u64) -> (Shared, Shared) {
        let map = Arc::new(SeqMap::with_hasher(hasher()));
        (Shared(Arc::clone(&map)), Shared(map))
    }
}

impl Map for Prepared {
    const NAME: &'static str = "seqcopy-seqmap-with-capacity";
    type Reader = Shared;
    type Writer = Shared;

    fn make(entries: u64) -> (Shared, Shared) {
        let capacity = usize::try_from(entries).expect("a number of entries");
        let map = Arc::new(SeqMap::with_capacity_and_hasher(capacity, hasher()));
        (Shared(Arc::clone(&map)), Shared(map))
    }
}

impl Reader for Shared {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        self.0.get(&key).expect("an entry")
    }
}

impl Writer for Shared {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        black_box(&self.0.insert(key, value));
    }
}

impl Remove for Shared {
    #[inline(always)]
    fn remove(&mut self, key: u64) {
        black_box(&self.0.remove(&key));
    }
}
