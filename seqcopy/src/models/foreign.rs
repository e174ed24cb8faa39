//! Protocols of others, read by [`read_by`]: a pair of words, and a word whose busy state is read from a backup. The
//! writers are those of `tests/adopters` (`simulator.rs`, `property.rs`), with the models' payload.

use std::sync::Arc;

use super::{Pair, Seen, Threads, Value, explore};
use crate::primitive::{AtomicU32, Relaxed, Release, fence};
use crate::seq_count::{Parity, ReadError, SeqCount, read_by};

/// One word is stored before the payload, one after it.
struct TwoWords {
    begin: AtomicU32,
    end: AtomicU32,
    payload: Pair,
}

impl TwoWords {
    fn write(&self, value: Value) {
        self.begin.store(value, Relaxed);
        fence(Release);
        self.payload.store(value);
        self.end.store(value, Release);
    }

    fn read(&self, seen: &mut Seen) {
        let read = read_by(
            || Ok::<_, ReadError>(self.end.load(Relaxed)),
            |_| Ok(self.payload.load()),
            || Ok(self.begin.load(Relaxed)),
            |&end, begin| end == begin,
        );
        if let Ok((parts, end)) = read {
            seen.accept(u64::from(end), parts);
        }
    }
}

/// An odd word is stable, too: its value is in the backup.
struct Backed {
    count: SeqCount<Parity<u32>>,
    payload: Pair,
    backup: Pair,
}

impl Backed {
    fn write(&self, value: Value) {
        // A reader that sees a part of the backup below sees the end of the write before.
        fence(Release);
        self.backup.store(value - 1);
        // A reader that sees the odd word sees the backup.
        fence(Release);
        // SAFETY: only one thread writes (I5 one-writer).
        unsafe { self.count.write(|| self.payload.store(value)) };
    }

    fn read(&self, seen: &mut Seen) {
        let word = || Ok::<_, ReadError>(self.count.atomic().load(Relaxed));
        let payload = |&word: &u32| Ok(if word % 2 == 1 { self.backup.load() } else { self.payload.load() });
        if let Ok((parts, word)) = read_by(word, payload, word, |&before, after| before == after) {
            seen.accept(u64::from(word / 2), parts);
        }
    }
}

/// One writer, and a reader that makes this number of attempts.
fn one_reader<S: Send + Sync + 'static>(
    shared: S,
    writes: Value,
    attempts: usize,
    write: fn(&S, Value),
    read: fn(&S, &mut Seen),
) {
    let shared = Arc::new(shared);
    let mut threads = Threads::default();
    threads.spawn(&shared, move |shared| (1..=writes).for_each(|value| write(shared, value)));
    threads.spawn(&shared, move |shared| {
        let mut seen = Seen::default();
        (0..attempts).for_each(|_| read(shared, &mut seen));
    });
    threads.join();
    let mut seen = Seen::default();
    read(&shared, &mut seen);
    assert_eq!(seen.version, u64::from(writes), "the last value, at once");
}

#[test]
fn foreign_two_words() {
    explore("foreign_two_words", || {
        let shared = TwoWords { begin: AtomicU32::new(0), end: AtomicU32::new(0), payload: Pair::new(0) };
        one_reader(shared, 2, 2, TwoWords::write, TwoWords::read);
    });
}

#[test]
fn foreign_backup() {
    explore("foreign_backup", || {
        let shared = Backed { count: SeqCount::new(0), payload: Pair::new(0), backup: Pair::new(0) };
        one_reader(shared, 2, 1, Backed::write, Backed::read);
    });
}
