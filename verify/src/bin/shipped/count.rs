//! A word and a payload, without a lock.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use seqcopy::{
    AtomicPerByte, ReadError,
    seq_count::{Parity, SeqCount, WriteToken},
};

use crate::{Padded, READS, ROUNDS, Seen, WRITES};

/// One word, one payload, one writer.
struct Counted {
    count: SeqCount<Parity<u32>>,
    payload: AtomicPerByte<Padded>,
}

impl Counted {
    const fn new() -> Self {
        Counted {
            count: SeqCount::new(0),
            payload: AtomicPerByte::new(Padded { low: 0, all: 0, half: 0, number: 0, odd: false }),
        }
    }

    /// # Safety
    /// There is no other writer (I5 one-writer).
    unsafe fn write(&self, number: u32) {
        // SAFETY: this function's contract (I5 one-writer).
        unsafe { self.count.write(|| self.payload.store(&Padded::new(number))) };
    }

    fn attempt(&self, seen: &mut Seen) -> Result<(), ReadError> {
        let (bits, token) = self.count.try_read(|| self.payload.load())?;
        // SAFETY: the count accepted the read, so the bits are one value (P21 snapshot, I7 checked).
        seen.accept(u64::from(token.word() / 2), unsafe { bits.assume_valid() });
        Ok(())
    }

    fn poll(&self, reads: u32) {
        let mut seen = Seen::default();
        for _ in 0..reads {
            let _ = self.attempt(&mut seen);
        }
    }
}

pub(crate) fn count() {
    let counted = Counted::new();
    thread::scope(|scope| {
        // SAFETY: one thread writes (I5 one-writer).
        scope.spawn(|| (1..=WRITES).for_each(|number| unsafe { counted.write(number) }));
        scope.spawn(|| counted.poll(READS));
        counted.poll(READS);
    });
    let mut seen = Seen::default();
    assert_eq!(counted.attempt(&mut seen), Ok(()));
    assert_eq!(seen.0, u64::from(WRITES));
}

/// Lets a reader end, on drop.
struct Ends<'a>(&'a AtomicU32);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(1, Ordering::Relaxed);
    }
}

/// A writer dies in the middle of a write, and another one continues, while a thread reads.
pub(crate) fn takeover() {
    for _ in 0..ROUNDS {
        let counted = Counted::new();
        let done = AtomicU32::new(0);
        thread::scope(|scope| {
            // Also if the following panics: the reader would never end.
            let ends = Ends(&done);
            scope.spawn(|| {
                let mut seen = Seen::default();
                while done.load(Ordering::Relaxed) == 0 {
                    let _ = counted.attempt(&mut seen);
                }
            });
            let dies = scope.spawn(|| {
                // SAFETY: the only writer until it is joined (I5 one-writer).
                unsafe { counted.write(1) };
                // SAFETY: as above.
                let _withdrawn = unsafe { counted.count.write_begin() };
                counted.payload.store(&Padded::new(77));
            });
            dies.join().unwrap();
            assert_eq!(counted.attempt(&mut Seen::default()), Err(ReadError::Busy));
            // SAFETY: the only writer (I5 one-writer).
            assert!(unsafe { counted.count.try_write_begin() }.is_none(), "there is nothing whole to begin over");
            // SAFETY: as above.
            (2..=3).for_each(|number| unsafe { counted.write(number) });
            drop(ends);
        });
        let mut seen = Seen::default();
        assert_eq!(counted.attempt(&mut seen), Ok(()));
        assert_eq!(seen.0, 3);
    }
}

/// Two writers claim the word: one for whatever value comes next, the other from the word with which it has read the
/// value.
pub(crate) fn claims() {
    let counted = Counted::new();
    let written = AtomicU32::new(0);
    let claimed = |write: WriteToken<Parity<u32>>| {
        // There is no other writer, so these are the bits of the last value.
        let last = counted.payload.load().validate().expect("a value").number();
        assert_eq!(last, write.found() / 2, "not what the writer before has left");
        counted.payload.store(&Padded::new(last + 1));
        // SAFETY: the payload is stored.
        unsafe { counted.count.write_end(write) };
        written.fetch_add(1, Ordering::Relaxed);
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..WRITES {
                // SAFETY: all writers claim the word (I5 one-writer).
                if let Some(write) = unsafe { counted.count.try_claim() } {
                    claimed(write);
                }
            }
        });
        scope.spawn(|| {
            for _ in 0..WRITES {
                let Ok((bits, token)) = counted.count.try_read(|| counted.payload.load()) else { continue };
                // SAFETY: the count accepted the read (P21 snapshot, I7 checked).
                assert_eq!(unsafe { bits.assume_valid() }.number(), token.word() / 2);
                // SAFETY: all writers claim the word (I5 one-writer).
                if let Ok(write) = unsafe { counted.count.claim_from(token.word()) } {
                    assert_eq!(write.found(), token.word());
                    claimed(write);
                }
            }
        });
        counted.poll(READS);
    });
    let mut seen = Seen::default();
    assert_eq!(counted.attempt(&mut seen), Ok(()));
    assert_eq!(seen.0, u64::from(written.load(Ordering::Relaxed)));
}
