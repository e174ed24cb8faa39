//! Handles of a lock: pairs of a writer and a reader, and those of a lock that is a field of what an `Arc` holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use seqcopy::{ArcReader, ArcWriter, Policy, Reader, SeqLatch, SeqLock, Sequenced, Version, Writer};
use static_assertions::{assert_impl_all, assert_not_impl_any};

const WRITES: u64 = if cfg!(miri) { 50 } else { 100_000 };

assert_impl_all!(Reader<'static, u64>: Send, Sync, Clone);
assert_impl_all!(ArcReader<u64, SeqLatch<u64>, (String, SeqLatch<u64>)>: Send, Sync, Clone);
assert_impl_all!(ArcWriter<u64, SeqLatch<u64>, (String, SeqLatch<u64>)>: Send);
assert_not_impl_any!(ArcWriter<u64, SeqLatch<u64>, (String, SeqLatch<u64>)>: Sync, Clone);
// What is in the `Arc` counts, too: the last handle drops it.
assert_not_impl_any!(ArcWriter<u64, SeqLatch<u64>, (*const u8, SeqLatch<u64>)>: Send, Sync);
assert_not_impl_any!(ArcReader<u64, SeqLatch<u64>, (*const u8, SeqLatch<u64>)>: Send, Sync);
assert_not_impl_any!(ArcWriter<*const u8>: Send, Sync);
assert_not_impl_any!(ArcReader<*const u8>: Send, Sync);

/// Both halves equal, never falling, and the last value arrives.
fn watch(mut read: impl FnMut() -> [u64; 8]) {
    let mut last = 0;
    while last < WRITES {
        let value = read();
        assert!(value.iter().all(|part| *part == value[0]), "torn: {value:?}");
        assert!(value[0] >= last, "{} after {last}", value[0]);
        last = value[0];
        thread::yield_now();
    }
}

#[test]
fn a_split_lock_between_threads() {
    type Value = [u64; 8];
    type Lock<P> = Sequenced<Value, P>;
    fn with<P: Policy>(handles: (Writer<'_, Value, Lock<P>>, Reader<'_, Value, Lock<P>>)) {
        let (mut writer, mut reader) = handles;
        assert!(writer.lock().writer().is_none(), "the writer holds the claim");
        let mut other = reader.clone();
        thread::scope(|scope| {
            scope.spawn(move || (1..=WRITES).for_each(|n| writer.write([n; 8])));
            scope.spawn(move || watch(|| *other.read()));
            watch(|| *reader.read());
        });
    }
    let (mut lock, mut latch) = (SeqLock::new([0; 8]), SeqLatch::<_, 4>::from_value([0; 8]));
    with(lock.split());
    with(latch.split());
    assert_eq!((lock.read(), latch.read()), ([WRITES; 8], [WRITES; 8]));
    assert!(lock.writer().is_some() && latch.writer().is_some(), "the claim is free again");
}

#[test]
fn owned_handles_between_threads() {
    // The types have short names, too.
    let short: fn(seqcopy::LatchWriter<'_, u8>) -> Writer<'_, u8, SeqLatch<u8>> = |writer| writer;
    let also: fn(seqcopy::LatchReader<'_, u8, 4>) -> Reader<'_, u8, SeqLatch<u8, 4>> = |reader| reader;
    let _ = (short, also);
    let (mut writer, mut reader) = SeqLatch::new([0; 8]).into_split();
    let mut other = reader.clone();
    let threads = [
        thread::spawn(move || (1..=WRITES).for_each(|n| writer.write([n; 8]))),
        thread::spawn(move || watch(|| *other.read())),
    ];
    watch(|| *reader.read());
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(reader.lock().read(), [WRITES; 8]);
    assert_eq!(Arc::strong_count(reader.owner()), 1);
}

#[test]
fn a_reader_keeps_its_value_while_it_can_get_none() {
    let lock = SeqLock::new(1u64);
    let mut reader = Reader::new(&lock);
    let first = reader.version();
    assert_eq!(reader.refresh(), Ok(false));
    lock.write(2);
    assert_eq!((*reader.get(), reader.version()), (1, first));
    assert_eq!((reader.refresh(), *reader.get(), reader.version()), (Ok(true), 2, lock.version()));
    assert!(lock.has_changed(Version::NEVER) && !lock.has_changed(reader.version()));
    assert_eq!(format!("{reader:?}"), "Reader { value: 2, .. }");
}

#[test]
fn what_was_leaked_is_taken_over() {
    let mut lock = SeqLock::new(1);
    std::mem::forget(lock.writer());
    assert!(lock.writer().is_none());
    let (mut writer, mut reader) = lock.split();
    writer.write(2);
    assert_eq!(*reader.read(), 2);
    drop(writer);
    assert!(lock.writer().is_some());

    std::mem::forget(lock.lock_write());
    let (mut writer, mut reader) = lock.into_split();
    writer.write(3);
    assert_eq!(*reader.read(), 3);
}

#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    name: String,
    levels: [SeqLatch<[u64; 8]>; 2],
    label: Box<SeqLock<u32>>,
}

fn shared() -> Arc<Shared> {
    Arc::new(Shared {
        stop: AtomicBool::new(false),
        name: "left".to_owned(),
        levels: [SeqLatch::new([0; 8]), SeqLatch::new([0; 8])],
        label: Box::new(SeqLock::new(1)),
    })
}

/// A part of an engine that owns the right to write one field of what all share.
struct Meter {
    level: ArcWriter<[u64; 8], SeqLatch<[u64; 8]>, Shared>,
}

#[test]
fn writers_of_fields_outlive_every_other_handle() {
    let shared = shared();
    let meter = |i: usize| Meter { level: SeqLatch::writer_of_field(&shared, |shared| &shared.levels[i]).unwrap() };
    let (mut first, second) = (meter(0), meter(1));
    assert!(SeqLatch::writer_of_field(&shared, |shared| &shared.levels[0]).is_none());
    let mut reader = ArcReader::of_field(&shared, |shared| &shared.levels[0]);
    let mut label = SeqLock::writer_of_field(&shared, |shared| &*shared.label).unwrap();
    label.write(2);
    assert_eq!(shared.label.read(), 2);
    drop((shared, label));
    let writer = thread::spawn(move || {
        (1..=WRITES).for_each(|n| first.level.write([n; 8]));
        first.level.owner().stop.store(true, Relaxed);
        assert_eq!(first.level.owner().name, "left");
    });
    watch(|| *reader.read());
    writer.join().unwrap();
    assert!(reader.owner().stop.load(Relaxed));
    assert!(std::ptr::eq(reader.lock(), &raw const reader.owner().levels[0]));
    // The claim of the one that ended is free, the other is held.
    assert!(reader.lock().writer().is_some() && reader.owner().levels[1].writer().is_none());
    drop(second);
    assert!(reader.owner().levels[1].writer().is_some());
}

/// The claim and the writes are of the lock that the closure returned when it was called, whatever it would return now.
#[test]
fn the_field_is_asked_for_once() {
    let shared = shared();
    let mut calls = 0;
    let mut writer = SeqLatch::writer_of_field(&shared, |shared| {
        calls += 1;
        &shared.levels[usize::from(shared.stop.load(Relaxed))]
    })
    .unwrap();
    shared.stop.store(true, Relaxed);
    writer.write([7; 8]);
    assert_eq!((shared.levels[0].read(), shared.levels[1].read(), calls), ([7; 8], [0; 8], 1));
}

/// A field of something borrowed, and a lock that lives forever.
#[test]
fn fields_of_other_lifetimes() {
    static FOREVER: SeqLock<u32> = SeqLock::new(1);
    let lock = SeqLock::new(5u32);
    let owner = Arc::new((&lock, 0));
    let mut writer = SeqLock::writer_of_field(&owner, |pair| pair.0).unwrap();
    writer.write(6);
    drop(owner);
    assert_eq!((writer.replace(7), lock.read()), (6, 7));
    SeqLock::writer_of_field(&Arc::new(()), |()| &FOREVER).unwrap().write(2);
    assert_eq!(FOREVER.read(), 2);
}

/// A writer without a claim in a `static`: what a handler uses.
#[test]
fn unchecked_writers_are_made_in_constants() {
    struct Handler(std::cell::UnsafeCell<Writer<'static, u32, SeqLatch<u32>>>);
    // SAFETY: one thread uses it, this test's.
    unsafe impl Sync for Handler {}
    static LEVEL: SeqLatch<u32> = SeqLatch::new(1);
    // SAFETY: the only writer.
    static HANDLER: Handler = Handler(std::cell::UnsafeCell::new(unsafe { LEVEL.writer_unchecked() }));
    // SAFETY: no other reference to it is alive.
    unsafe { &mut *HANDLER.0.get() }.write(2);
    assert_eq!(LEVEL.read(), 2);
}

/// Needs no bound.
struct Ends<'a, T, L = SeqLock<T>> {
    writer: Writer<'a, T, L>,
    reader: Reader<'a, T, L>,
}

#[test]
fn a_struct_of_handles_needs_no_bounds() {
    let (mut lock, mut latch) = (SeqLock::new(1), SeqLatch::new(1));
    let (writer, reader) = lock.split();
    let mut ends = Ends { writer, reader };
    ends.writer.write(2);
    let (writer, reader) = latch.split();
    let mut of_latch = Ends { writer, reader };
    of_latch.writer.write(3);
    assert_eq!((*ends.reader.read(), *of_latch.reader.read()), (2, 3));
}

/// Generic code gets along with both.
#[test]
fn readers_of_any_lock() {
    fn sum<P: Policy>(readers: &mut [Reader<'_, u32, Sequenced<u32, P>>]) -> u32 {
        readers.iter_mut().map(|reader| *reader.read()).sum()
    }
    let (lock, latch) = (SeqLock::new(1), SeqLatch::new(2));
    assert_eq!(sum(&mut [Reader::new(&lock), Reader::new(&lock)]), 2);
    assert_eq!(sum(&mut [Reader::new(&latch)]), 2);
}
