//! Several writers of one word, which claim it: no write is torn, none gets lost, and each writer sees what the one before has left.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use seqcopy::seq_count::{ExchangeWord, Parity, ParitySkipZero, SeqCode, SeqCount, StampOrZero, WriteToken};
use seqcopy::{AtomicPerByte, ReadError, SeqCopy, Validate};

/// What the writers add to.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Tally {
    /// How often, by each writer.
    by: [u32; 2],
    even: bool,
    both: u64,
}

impl Tally {
    fn add(&mut self, writer: usize) {
        self.by[writer] += 1;
        self.both += 1;
        self.even = !self.even;
    }

    fn check(self) -> u64 {
        let [left, right] = self.by.map(u64::from);
        assert_eq!((self.both, self.even), (left + right, (left + right) % 2 == 0), "torn");
        self.both
    }
}

/// Of all writers fewer than make a word of 16 bits wrap around.
const ROUNDS: u32 = if cfg!(miri) { 15 } else { 16_000 };

struct Slot<C: SeqCode> {
    count: SeqCount<C>,
    tally: AtomicPerByte<Tally>,
    /// How a write ends.
    end: fn(&SeqCount<C>, WriteToken<C>),
}

impl<C: SeqCode<Word: ExchangeWord>> Slot<C> {
    fn new(word: C::Word, end: fn(&SeqCount<C>, WriteToken<C>)) -> Self {
        Slot { count: SeqCount::new(word), tally: AtomicPerByte::new(Tally { by: [0; 2], even: true, both: 0 }), end }
    }

    fn read(&self) -> Result<(Tally, C::Word), ReadError> {
        let (bits, token) = self.count.try_read(|| self.tally.load())?;
        // SAFETY: the count accepted the read.
        Ok((unsafe { bits.assume_valid() }, token.word()))
    }

    fn changed(&self, write: WriteToken<C>, tally: Tally) {
        self.tally.store(&tally);
        (self.end)(&self.count, write);
    }

    /// Adds one whatever the value is; or cancels.
    fn add(&self, writer: usize, cancel: bool) -> u32 {
        // SAFETY: all writers claim the word, which does not wrap around during a read.
        let Some(write) = (unsafe { self.count.try_claim() }) else { return 0 };
        assert_eq!(self.read().unwrap_err(), ReadError::Busy);
        // There is no other writer: bits of the last value.
        let mut tally = self.tally.load().validate().unwrap();
        tally.check();
        if cancel {
            // SAFETY: nothing was stored.
            unsafe { self.count.write_cancel(write) };
            return 0;
        }
        tally.add(writer);
        self.changed(write, tally);
        1
    }

    /// Adds one to the value that it has read, if that is still the last one.
    fn add_to_read(&self, writer: usize) -> u32 {
        let Ok((mut tally, word)) = self.read() else { return 0 };
        tally.add(writer);
        // SAFETY: as above.
        match unsafe { self.count.claim_from(word) } {
            Ok(write) => {
                assert_eq!(write.found(), word);
                self.changed(write, tally);
                1
            }
            Err(found) => {
                assert_ne!(found, word);
                0
            }
        }
    }

    fn race(&self) {
        let added = [AtomicU32::new(0), AtomicU32::new(0)];
        thread::scope(|scope| {
            for (writer, added) in added.iter().enumerate() {
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let more = match round % 4 {
                            0 => self.add(writer, round % 8 == 4),
                            _ => self.add_to_read(writer),
                        };
                        added.fetch_add(more, Relaxed);
                    }
                });
            }
            let mut last = 0;
            for _ in 0..ROUNDS {
                if let Ok((tally, _)) = self.read() {
                    let both = tally.check();
                    assert!(both >= last, "from {last} back to {both}");
                    last = both;
                }
            }
        });
        let (tally, _) = self.read().expect("no writer is active");
        tally.check();
        assert_eq!(tally.by, added.map(AtomicU32::into_inner));
        assert!(tally.both > 0);
    }
}

/// By the encoding itself.
macro_rules! counted {
    ($($name:ident: $code:ty, $first:expr;)*) => {$(
        #[test]
        fn $name() {
            // SAFETY: the payload is stored.
            Slot::<$code>::new($first, |count, write| unsafe { count.write_end(write) }).race();
        }
    )*};
}

counted! {
    words_of_16_bits: Parity<u16>, u16::MAX - 5;
    words_of_32_bits: Parity<u32>, u32::MAX - 5;
    words_of_64_bits: Parity<u64>, u64::MAX - 5;
    words_of_the_size_of_a_pointer: ParitySkipZero<usize>, usize::MAX - 5;
}

/// Stamps: no two writes have the same one.
#[test]
fn stamps() {
    let end = |count: &SeqCount<StampOrZero<u64>>, write: WriteToken<_>| {
        let next = write.found() + 1;
        // SAFETY: the payload is stored, and the stamp is one more than any before.
        unsafe { count.write_end_at(write, next) };
    };
    Slot::new(1, end).race();
}

#[test]
fn busy_words_are_not_claimed() {
    let count = SeqCount::<Parity<u32>>::new(4);
    // SAFETY: all writers claim the word, and there is no payload.
    unsafe {
        let write = count.try_claim().unwrap();
        assert_eq!((write.found(), count.load()), (4, 5));
        assert!(count.try_claim().is_none());
        // Neither from the word before, nor from the busy word itself.
        assert_eq!((count.claim_from(4).unwrap_err(), count.claim_from(5).unwrap_err()), (5, 5));
        count.write_end(write);
        assert_eq!((count.claim_from(4).unwrap_err(), count.claim_from(5).unwrap_err()), (6, 6));
        count.write_cancel(count.claim_from(6).unwrap());
        assert_eq!(count.load(), 6);
        // A write that was cancelled does not count.
        count.write_end(count.claim_from(6).unwrap());
    }
    assert_eq!(count.load(), 8);

    // A stamp of 0 is busy, also before the first write.
    let count = SeqCount::<StampOrZero<u64>>::default();
    // SAFETY: as above.
    assert!(unsafe { count.try_claim() }.is_none());
    // SAFETY: as above.
    assert_eq!(unsafe { count.claim_from(0) }.unwrap_err(), 0);

    // A word without a value can be claimed.
    let count = SeqCount::<ParitySkipZero<u16>>::default();
    // SAFETY: as above.
    unsafe { count.write_end(count.try_claim().unwrap()) };
    assert_eq!(count.load(), 2);
}
