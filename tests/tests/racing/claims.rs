//! Several writers of one word, which claim it: no write is torn, none gets lost, and each writer sees what the one
//! before has left.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use seqcopy::seq_count::{ExchangeWord, Parity, ParitySkipZero, SeqCode, SeqCount, StampOrZero, Successor, WriteToken};
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

/// All writers together make fewer than a word of 16 bits can count.
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

/// Claims of a word without a payload, all of whose writers claim it.
struct Bare<C: SeqCode>(SeqCount<C>);

impl<C: SeqCode<Word: ExchangeWord>> Bare<C> {
    fn claim(&self) -> Option<WriteToken<C>> {
        // SAFETY: all writers claim the word.
        unsafe { self.0.try_claim() }
    }

    fn from(&self, word: C::Word) -> Result<WriteToken<C>, C::Word> {
        // SAFETY: all writers claim the word.
        unsafe { self.0.claim_from(word) }
    }

    fn cancel(&self, write: WriteToken<C>) {
        // SAFETY: nothing was stored.
        unsafe { self.0.write_cancel(write) };
    }
}

impl<C: Successor> Bare<C> {
    fn end(&self, write: WriteToken<C>) {
        // SAFETY: there is nothing to store.
        unsafe { self.0.write_end(write) };
    }
}

#[test]
fn busy_words_are_not_claimed() {
    let word = Bare(SeqCount::<Parity<u32>>::new(4));
    let write = word.claim().unwrap();
    assert_eq!((write.found(), word.0.load()), (4, 5));
    assert!(word.claim().is_none());
    // Neither from the word before, nor from the busy word itself.
    assert_eq!((word.from(4).unwrap_err(), word.from(5).unwrap_err()), (5, 5));
    word.end(write);
    assert_eq!((word.from(4).unwrap_err(), word.from(5).unwrap_err()), (6, 6));
    word.cancel(word.from(6).unwrap());
    assert_eq!(word.0.load(), 6);
    // A write that was cancelled does not count.
    word.end(word.from(6).unwrap());
    assert_eq!(word.0.load(), 8);

    // A stamp of 0 is busy, also before the first write.
    let word = Bare(SeqCount::<StampOrZero<u64>>::default());
    assert!(word.claim().is_none() && word.from(0).is_err());

    // A word without a value can be claimed.
    let word = Bare(SeqCount::<ParitySkipZero<u16>>::default());
    word.end(word.claim().unwrap());
    assert_eq!(word.0.load(), 2);
}
