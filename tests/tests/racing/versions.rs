//! The version that a read returns, or that `known` is set to, is that of the value read, while a writer never pauses:
//! were it a later one, a reader that waits for changes would keep an old value as the newest. Of everything that has
//! such a number.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use seqcopy::{Policy, Reader, SeqCopy, SeqLatch, SeqLock, Sequenced, Validate, Version, Watched};

/// How often each reader reads. The writer goes on until all have ended.
const READS: u64 = if cfg!(miri) { 8 } else { 20_000 };

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

    /// Checks that this is the value of a version of a lock that began with the value of `first`, and that none is
    /// older than `seen`.
    #[track_caller]
    fn check(self, version: Version, first: Version, seen: &mut u64) {
        let number = version.writes_since(first);
        assert_eq!(self, Value::of(number), "the value of another version");
        assert!(number >= *seen, "from {seen} back to {number}");
        *seen = number;
    }
}

/// Counts a reader that has ended, also if it panics.
struct Ends<'a>(&'a AtomicUsize);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A writer that goes on as long as one of the readers does. After that each is called once more. Returns the number of
/// writes.
fn beside(mut write: impl FnMut(u64), readers: Vec<Box<dyn FnMut() + Send + '_>>) -> u64 {
    let reading = AtomicUsize::new(readers.len());
    let mut number = 0;
    thread::scope(|scope| {
        let threads: Vec<_> = readers
            .into_iter()
            .map(|mut reader| {
                let ends = Ends(&reading);
                scope.spawn(move || {
                    (0..READS).for_each(|_| reader());
                    drop(ends);
                    reader
                })
            })
            .collect();
        while reading.load(Ordering::Relaxed) > 0 {
            number += 1;
            write(number);
            if cfg!(miri) {
                thread::yield_now();
            }
        }
        for thread in threads {
            let mut reader = thread.join().unwrap();
            reader();
        }
    });
    number
}

/// The methods of a lock, and its handles.
fn of_a_lock<const N: usize, P: Policy>(lock: Sequenced<Value<N>, P>) {
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
    let writes = beside(|number| writer.write(Value::of(number)), vec![Box::new(by_methods), Box::new(by_handle)]);
    // No attempt fails after the last write.
    assert_eq!(seen, [writes; 4]);
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
    beside(|number| writer.write(Value::of(number)), vec![Box::new(read)]);
}

/// Each way to wait has a thread of its own, and sees the last value.
#[test]
fn of_a_watched_lock() {
    let watched = &Watched::new(SeqLock::new(Value::<3>::of(0)));
    let first = watched.lock().version();
    let writes = READS / 8;
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
        let write = |number| {
            writer.write(Value::of(number + 1)).unwrap();
            // Pauses of many lengths: three system calls must find one.
            (0..number % 500).for_each(|_| std::hint::spin_loop());
        };
        let last = beside(write, vec![Box::new(by_map), Box::new(by_file)]) + 1;
        assert_eq!((seen, seen_in_file), ([last; 2], [last; 2]));
    }
    of_a_region::<3>(1);
    of_a_region::<40>(1);
    of_a_region::<3>(2);
    of_a_region::<40>(4);
}

/// A write follows as soon as the bits were accepted, from within the check of the type: the version is that of the
/// value read, so the newer one is not missed.
#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#[test]
fn of_regions_that_are_written_meanwhile() {
    use std::cell::RefCell;

    use seqcopy::MaybeInvalid;
    use seqcopy_shm::{FileReader, Options, Reader, Writer};
    use seqcopy_tests::faults::Place;

    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(C)]
    #[seqcopy(check = written)]
    struct Written<const N: usize>([u64; N]);

    /// Writes a value once.
    type Write = Box<dyn FnMut()>;

    thread_local! {
        static WRITE: RefCell<Option<Write>> = const { RefCell::new(None) };
    }

    #[allow(clippy::unnecessary_wraps)] // a check
    fn written<const N: usize>(_: &MaybeInvalid<Written<N>>) -> Result<(), &'static str> {
        WRITE.with_borrow_mut(|write| write.as_mut().map(|write| write()));
        Ok(())
    }

    fn of_a_region<const N: usize>(buffers: u32) {
        let place = Place::new();
        let path = place.at("region");
        let mut writer: Writer<Written<N>> = Options::new().buffers(buffers).create(&path).unwrap();
        let mut last = 0;
        let mut write = move || {
            last += 1;
            writer.write(Written([last; N])).unwrap();
        };
        write();
        let (mapped, file) =
            (Reader::<Written<N>>::open(&path).unwrap(), FileReader::<Written<N>>::open(&path).unwrap());
        WRITE.set(Some(Box::new(write)));
        let (mut known, mut known_of_file) = (Version::NEVER, Version::NEVER);
        let value = |version: Version| Written([version.to_bits(); N]);
        for _ in 0..3 {
            for (read, version) in [mapped.read_versioned().unwrap(), file.read_versioned().unwrap()] {
                assert_eq!(read, value(version));
            }
            let before = mapped.version();
            assert_eq!(mapped.read_if_changed(&mut known), Ok(Some(value(before))));
            assert_eq!((known, mapped.has_changed(known)), (before, true));
            let before = mapped.version();
            assert_eq!(file.read_if_changed(&mut known_of_file), Ok(Some(value(before))));
            assert_eq!((known_of_file, file.region().version() != Ok(known_of_file)), (before, true));
        }
        drop(WRITE.take());
    }
    of_a_region::<3>(1);
    of_a_region::<40>(1);
    of_a_region::<3>(4);
    of_a_region::<40>(2);
}
