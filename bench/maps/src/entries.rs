//! Handles to entries, beside those of iceoryx2's blackboard and beside a region with one such value: for values of 8
//! and of 64 bytes.
//!
//! Random entries, each by a handle that was made before; and one entry, which stays in the first cache.

use std::hint::black_box;

use bench::timing::Sampler;
use iceoryx2::port::reader::EntryHandle;
use iceoryx2::port::writer::EntryHandleMut;
use iceoryx2::prelude::ipc;
use seqcopy_shm::{Entry, MapReader, MapWriter, Options, Reader, Writer};

use crate::map::{Keys, key, number};
use crate::ours::flat;
use crate::processes::blackboard;

/// A value of this many words, all of which depend on the seed.
#[inline(always)]
fn words<const N: usize>(seed: u64) -> [u64; N] {
    std::array::from_fn(|index| seed ^ index as u64)
}

/// How many entries there are, and whether one of them is used.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) entries: u64,
    pub(crate) is_one: bool,
}

impl Shape {
    fn warm_up(self) -> u64 {
        if self.is_one { 1000 } else { self.entries.min(100_000) }
    }

    /// The index of the next entry.
    #[inline(always)]
    fn next(self, keys: &mut Keys) -> usize {
        let number = if self.is_one { self.entries / 2 } else { number(keys.random()) };
        usize::try_from(number).expect("the number of an entry")
    }

    fn read(self, mut read: impl FnMut(usize) + 'static) -> Sampler {
        let mut keys = Keys::new(self.entries, 5);
        Sampler::of_warm_loop(self.warm_up(), move |count| (0..count).for_each(|_| read(self.next(&mut keys))))
    }

    fn write(self, mut write: impl FnMut(usize, u64) + 'static) -> Sampler {
        let (mut keys, mut seed) = (Keys::new(self.entries, 6), 0);
        Sampler::of_warm_loop(self.warm_up() / 4, move |count| {
            for _ in 0..count {
                seed += 1;
                write(self.next(&mut keys), seed);
            }
        })
    }
}

fn map<const N: usize>(shape: Shape) -> (MapWriter<u64, [u64; N]>, MapReader<u64, [u64; N]>, Vec<Entry<u64>>) {
    let (mut writer, reader) = flat(2, shape.entries);
    for _ in 0..2 {
        let all = writer.commit(|batch| (0..shape.entries).try_for_each(|n| batch.insert(key(n), words(n)).map(drop)));
        all.expect("a commit").expect("space");
    }
    (writer, reader, (0..shape.entries).map(|number| Entry::new(key(number))).collect())
}

pub(crate) fn read_entry<const N: usize>(shape: Shape) -> Sampler {
    let (writer, reader, entries) = map::<N>(shape);
    shape.read(move |index| {
        let _ = &writer;
        black_box(&reader.read_entry(&entries[index]).expect("a value").expect("an entry"));
    })
}

pub(crate) fn get<const N: usize>(shape: Shape) -> Sampler {
    let (writer, reader, entries) = map::<N>(shape);
    shape.read(move |index| {
        let _ = &writer;
        black_box(&reader.get(entries[index].key()).expect("a value").expect("an entry"));
    })
}

pub(crate) fn update_entry<const N: usize>(shape: Shape) -> Sampler {
    let (mut writer, reader, entries) = map::<N>(shape);
    shape.write(move |index, seed| {
        let _ = &reader;
        let old = writer.update_entry(&entries[index], |value| *value = words(seed));
        old.expect("a commit").expect("an entry");
    })
}

pub(crate) fn insert<const N: usize>(shape: Shape) -> Sampler {
    let (mut writer, reader, entries) = map::<N>(shape);
    shape.write(move |index, seed| {
        let _ = &reader;
        black_box(&writer.insert(*entries[index].key(), words(seed)).expect("a commit"));
    })
}

fn region<const N: usize>() -> (Writer<[u64; N]>, Reader<[u64; N]>) {
    let mut writer = Options::new().create_memfd::<[u64; N]>("bench-entries").expect("a region");
    writer.write(words(1)).expect("a write");
    let reader = Reader::from_fd(writer.share().expect("a descriptor")).expect("the region just made");
    (writer, reader)
}

pub(crate) fn read_region<const N: usize>(shape: Shape) -> Sampler {
    let (writer, reader) = region::<N>();
    shape.read(move |_| {
        let _ = &writer;
        black_box(&reader.read().expect("a value"));
    })
}

pub(crate) fn write_region<const N: usize>(shape: Shape) -> Sampler {
    let (mut writer, reader) = region::<N>();
    shape.write(move |_, seed| {
        let _ = &reader;
        writer.write(words(seed)).expect("a write");
    })
}

pub(crate) fn read_blackboard<const N: usize>(shape: Shape) -> Sampler {
    let (writer, reader) = blackboard(shape.entries, words::<N>);
    let handles: Vec<EntryHandle<ipc::Service, u64, [u64; N]>> =
        (0..shape.entries).map(|number| reader.entry(&key(number)).expect("an entry")).collect();
    shape.read(move |index| {
        let _ = &writer;
        let value: [u64; N] = *handles[index].get();
        black_box(&value);
    })
}

pub(crate) fn update_blackboard<const N: usize>(shape: Shape) -> Sampler {
    let (writer, reader) = blackboard(shape.entries, words::<N>);
    let handles: Vec<EntryHandleMut<ipc::Service, u64, [u64; N]>> =
        (0..shape.entries).map(|number| writer.entry(&key(number)).expect("an entry")).collect();
    shape.write(move |index, seed| {
        let _ = &reader;
        handles[index].update_with_copy(words(seed));
    })
}
