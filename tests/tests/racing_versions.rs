//! The version that a read returns, or that `known` is set to, is that of the value read, while a writer never pauses: were it a later
//! one, a reader that waits for changes would keep an old value as the newest. Of everything that has such a number.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use seqcopy::{Lock, Reader, SeqCopy, SeqLatch, SeqLock, Validate, Version, Watched};

const WRITES: u64 = if cfg!(miri) { 12 } else { 100_000 };

/// Padded, and of the size that `N` makes it: large values have another path than small ones.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Value<const N: usize> {
    low: u8,
    numbers: [u64; N],
}

impl<const N: usize> Value<N> {
    fn of(number: u64) -> Self {
        Value { low: number.to_le_bytes()[0], numbers: [number; N] }
    }

    /// Checks that this is the value of a version of a lock that began with the value of `first`, and that none is older than `seen`.
    #[track_caller]
    fn check(self, version: Version, first: Version, seen: &mut u64) {
        let number = version.writes_since(first);
        assert_eq!(self, Value::of(number), "the value of another version");
        assert!(number >= *seen, "from {seen} back to {number}");
        *seen = number;
    }
}

/// Ends the readers, also if the writer panics.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A writer beside readers that go on until it has ended, and each of which is called once more after that.
fn beside(write: impl FnOnce() + Send, readers: Vec<Box<dyn FnMut() + Send + '_>>) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for mut reader in readers {
            let done = &done;
            scope.spawn(move || {
                loop {
                    let last = done.load(Ordering::Acquire);
                    reader();
                    if last {
                        break;
                    }
                    thread::yield_now();
                }
            });
        }
        let done = Done(&done);
        write();
        drop(done);
    });
}

/// The methods of a lock, and its handles.
fn of_a_lock<const N: usize, L: Lock<Value<N>> + Send + Sync>(lock: L) {
    let lock = Arc::new(lock);
    let first = lock.version();
    let (mut seen, mut changed, mut tried) = ([0; 4], Version::NEVER, Version::NEVER);
    let by_methods = || {
        let (value, version) = lock.read_versioned();
        value.check(version, first, &mut seen[0]);
        if let Ok((value, version)) = lock.try_read_versioned() {
            value.check(version, first, &mut seen[1]);
        }
        if let Some(value) = lock.read_if_changed(&mut changed) {
            value.check(changed, first, &mut seen[2]);
        }
        if let Ok(Some(value)) = lock.try_read_if_changed(&mut tried) {
            value.check(tried, first, &mut seen[3]);
        }
    };
    let (mut reader, mut seen_by_handle) = (Reader::new(&*lock), 0);
    let by_handle = move || {
        let _ = reader.refresh();
        reader.get().check(reader.version(), first, &mut seen_by_handle);
        let value = *reader.read();
        value.check(reader.version(), first, &mut seen_by_handle);
    };
    let mut writer = lock.writer().expect("the only writer");
    beside(
        || (1..=WRITES).for_each(|number| writer.write(Value::of(number))),
        vec![Box::new(by_methods), Box::new(by_handle)],
    );
    // The last call of each reader was behind the last write, and no attempt failed.
    assert_eq!(seen, [WRITES; 4]);
}

#[test]
fn of_a_lock_and_its_reader() {
    of_a_lock(SeqLock::new(Value::<3>::of(0)));
    of_a_lock(SeqLock::new(Value::<40>::of(0)));
}

#[test]
fn of_a_latch_and_its_reader() {
    of_a_lock(SeqLatch::<_, 2>::from_value(Value::<3>::of(0)));
    of_a_lock(SeqLatch::<_, 4>::from_value(Value::<40>::of(0)));
}

#[test]
fn of_an_arc_reader() {
    let (mut writer, mut reader) = SeqLock::new(Value::<3>::of(0)).into_split();
    let (first, mut seen) = (reader.version(), 0);
    let read = move || {
        let value = *reader.read();
        value.check(reader.version(), first, &mut seen);
    };
    beside(move || (1..=WRITES).for_each(|number| writer.write(Value::of(number))), vec![Box::new(read)]);
}

/// Each way to wait has a thread of its own, and sees the last value.
#[test]
fn of_a_watched_lock() {
    let watched = &Watched::new(SeqLock::new(Value::<3>::of(0)));
    let first = watched.lock().version();
    let writes = WRITES / 4;
    let until_the_last = |wait: &dyn Fn(&mut Version) -> Value<3>| {
        let (mut seen, mut known) = (0, first);
        while seen < writes {
            let value = wait(&mut known);
            value.check(known, first, &mut seen);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| until_the_last(&|known| watched.wait(known)));
        scope.spawn(|| {
            // Far longer than the test takes.
            let time = Duration::from_secs(3600);
            until_the_last(&|known| watched.wait_timeout(known, time).expect("woken by a write"));
        });
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            until_the_last(&|known| runtime.block_on(watched.changed(known)));
        });
        scope.spawn(|| {
            for number in 1..=writes {
                watched.write(Value::of(number));
                if number % 8 == 0 {
                    thread::yield_now();
                }
            }
        });
    });
}

/// Regions, mapped and read by system calls.
#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#[test]
fn of_regions() {
    use seqcopy_shm::{FileReader, Options, Reader};
    use seqcopy_tests::faults::Place;

    fn of_a_region<const N: usize>(buffers: u32) {
        let place = Place::new();
        let path = place.at("region");
        let mut writer = Options::new().buffers(buffers).create::<Value<N>>(&path).unwrap();
        let first = Version::from_bits(0);
        writer.write(Value::of(1)).unwrap();
        let (mapped, file) = (Reader::<Value<N>>::open(&path).unwrap(), FileReader::<Value<N>>::open(&path).unwrap());
        let (mut seen, mut known) = ([0; 2], Version::NEVER);
        let by_map = || {
            let (value, version) = mapped.read_versioned().unwrap();
            value.check(version, first, &mut seen[0]);
            if let Some(value) = mapped.read_if_changed(&mut known).unwrap() {
                value.check(known, first, &mut seen[1]);
            }
        };
        let (mut seen_in_file, mut known_of_file) = ([0; 2], Version::NEVER);
        let by_file = || {
            // A writer that never pauses may overlap all attempts within the bound.
            if let Ok((value, version)) = file.read_versioned() {
                value.check(version, first, &mut seen_in_file[0]);
            }
            if let Ok(Some(value)) = file.read_if_changed(&mut known_of_file) {
                value.check(known_of_file, first, &mut seen_in_file[1]);
            }
        };
        let write = || {
            for number in 2..=WRITES {
                writer.write(Value::of(number)).unwrap();
                if number % 64 == 0 {
                    thread::yield_now();
                }
            }
        };
        beside(write, vec![Box::new(by_map), Box::new(by_file)]);
        assert_eq!((seen, seen_in_file), ([WRITES; 2], [WRITES; 2]));
    }
    of_a_region::<3>(1);
    of_a_region::<40>(1);
    of_a_region::<3>(2);
    of_a_region::<40>(4);
}
