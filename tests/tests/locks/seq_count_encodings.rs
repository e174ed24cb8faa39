//! Encodings of the sequence word that users write.

use seqcopy::{
    AtomicPerByte, ReadError,
    seq_count::{Parity, SeqCode, SeqCount, State, Successor},
};

/// A write without a payload.
fn write<C: Successor>(count: &SeqCount<C>) {
    // SAFETY: the only writer, nothing to store, no reader in the middle of a read.
    unsafe { count.write(|| ()) };
}

/// A user-defined encoding: the top bit says busy, the others count, as in `vmclock`-like pages of big-endian hosts.
enum TopBit {}

// SAFETY: `busy` sets the bit that `state` looks at; both are pure.
unsafe impl SeqCode for TopBit {
    type Word = u16;
    const INITIAL: u16 = 7;

    fn state(word: u16) -> State {
        if word >> 15 == 1 { State::Busy } else { State::Stable }
    }

    fn busy(found: u16) -> u16 {
        found | 1 << 15
    }
}

// SAFETY: clears the bit and counts: a word is repeated after 2^15 writes.
unsafe impl Successor for TopBit {
    fn next(busy: u16) -> u16 {
        busy.wrapping_add(1) & !(1 << 15)
    }
}

#[test]
fn user_defined_encodings() {
    let count = SeqCount::<TopBit>::default();
    assert_eq!(count.load(), 7);
    // SAFETY: the only writer, no payload.
    unsafe { count.write(|| assert_eq!(count.load(), 7 | 1 << 15)) };
    assert_eq!(count.read_begin().unwrap().word(), 8);
    let count = SeqCount::<TopBit>::new(0x7fff);
    write(&count);
    assert_eq!(count.load(), 0);
}

/// An encoding with functions that panic on demand, which the documentation of `SeqCount` warns of.
enum Panicking {}

std::thread_local! {
    static PANICS_IN: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

fn panics_in(function: &str) {
    assert_ne!(PANICS_IN.get(), function, "on demand");
}

// SAFETY: as `Parity`, or it panics.
unsafe impl SeqCode for Panicking {
    type Word = u32;
    const INITIAL: u32 = 0;

    fn state(word: u32) -> State {
        Parity::<u32>::state(word)
    }

    fn busy(found: u32) -> u32 {
        panics_in("busy");
        Parity::<u32>::busy(found)
    }
}

// SAFETY: as above.
unsafe impl Successor for Panicking {
    fn next(busy: u32) -> u32 {
        panics_in("next");
        Parity::<u32>::next(busy)
    }
}

/// After a panic anywhere the word is busy if the write had begun, and the next write repairs it.
#[test]
fn panics_of_callers_and_encodings() {
    static PAIR: AtomicPerByte<[u64; 2]> = AtomicPerByte::new([1, 1]);
    let count = SeqCount::<Panicking>::new(2);
    let write = |value: u64, panics: &'static str| {
        let result = std::panic::catch_unwind(|| {
            PANICS_IN.set(panics);
            // SAFETY: the only writer; a panic is followed by a write of the whole.
            unsafe {
                count.write(|| {
                    PAIR.store(&[value, 0]);
                    panics_in("payload");
                    PAIR.store(&[value, value]);
                });
            }
        });
        PANICS_IN.set("");
        result.is_ok()
    };
    let read = || count.try_read(|| PAIR.load()).map(|(bits, token)| (bits.validate().unwrap(), token.word()));

    assert!(!write(2, "busy"));
    assert_eq!(read(), Ok(([1, 1], 2)), "the write had not begun");
    for (value, panics) in [(3, "payload"), (4, "next")] {
        assert!(!write(value, panics));
        assert_eq!(read(), Err(ReadError::Busy), "{panics}");
        assert_eq!(count.load() & 1, 1);
        // It stays busy until the next write.
        assert_eq!(read(), Err(ReadError::Busy), "{panics}");
        assert!(write(10 * value, ""));
        assert_eq!(read().map(|(value, _)| value), Ok([10 * value; 2]));
    }
    // A panic in a read changes nothing.
    let result = std::panic::catch_unwind(|| count.try_read(|| panic!("in the middle of a read")).map(|_: ((), _)| ()));
    assert!(result.is_err());
    assert_eq!(read().map(|(value, _)| value), Ok([40, 40]));
}
