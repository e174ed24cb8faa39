//! Encodings of the sequence word that users write.

use seqcopy::{
    AtomicPerByte, ReadError,
    seq_count::{CountOrZero, Parity, ParitySkipZero, SeqCode, SeqCount, StampOrZero, State, Successor},
};

/// A write without a payload.
fn write<C: Successor>(count: &SeqCount<C>) {
    // SAFETY: the only writer, nothing to store, no reader in the middle of a read.
    unsafe { count.write(|| ()) };
}

/// Every word of 16 bits: what each encoding of the crate makes of it.
#[test]
fn each_word_of_each_encoding() {
    fn sound<C: Successor<Word = u16>>(next: fn(u16) -> u16) {
        for word in 0..=u16::MAX {
            assert_eq!(C::state(C::busy(word)), State::Busy, "{word}");
            let after = C::next_after(word, C::busy(word));
            assert_eq!(C::state(after), State::Stable, "{word}");
            assert_eq!(after, next(word), "after {word}");
            assert!(C::state(word) != State::Stable || after != word, "{word} twice");
        }
    }
    sound::<Parity<u16>>(|word| (word & !1).wrapping_add(2));
    sound::<ParitySkipZero<u16>>(|word| if word >= 65534 { 2 } else { word / 2 * 2 + 2 });
    sound::<CountOrZero<u16>>(|word| if word >= 65534 { 1 } else { word + 1 });
    for word in 0..=u16::MAX {
        let state = if word == 0 { State::Busy } else { State::Stable };
        assert_eq!((StampOrZero::<u16>::state(word), CountOrZero::<u16>::state(word)), (state, state));
        assert_eq!(StampOrZero::<u16>::busy(word), 0);
    }
}

/// The four widths: a count that begins at 0, one that wraps, and a writer that died.
#[test]
fn counts_whose_zero_is_busy() {
    fn counts<W: seqcopy::seq_count::SeqWord + From<u8>>(largest: W, before: W)
    where
        CountOrZero<W>: Successor<Word = W>,
        StampOrZero<W>: SeqCode<Word = W>,
    {
        let count = SeqCount::<CountOrZero<W>>::default();
        assert_eq!(count.read_begin(), Err(ReadError::Busy), "before the first write");
        write(&count);
        write(&count);
        assert_eq!(count.load(), W::from(2));
        let count = SeqCount::<CountOrZero<W>>::new(before);
        write(&count);
        assert_eq!(count.load(), W::from(1), "neither 0 nor the largest");
        assert_ne!(before, largest);
        // SAFETY: the only writer, no payload.
        let died = unsafe { count.write_begin() };
        assert_eq!((died.found(), count.load()), (W::from(1), W::from(0)));
        drop(died);
        // SAFETY: the only writer, no payload; a word that no reader holds.
        unsafe { count.write_at(W::from(9), || ()) };
        write(&count);
        assert_eq!(count.load(), W::from(10));
        let stamp = SeqCount::<StampOrZero<W>>::default();
        // SAFETY: the only writer, no payload; a word that no reader holds.
        unsafe { stamp.write_at(largest, || assert_eq!(stamp.read_begin(), Err(ReadError::Busy))) };
        assert_eq!(stamp.load(), largest);
    }
    counts::<u16>(u16::MAX, u16::MAX - 1);
    counts::<u32>(u32::MAX, u32::MAX - 1);
    counts::<u64>(u64::MAX, u64::MAX - 1);
    counts::<usize>(usize::MAX, usize::MAX - 1);
}

/// The order of the calls, and which error there is of two.
#[test]
fn a_read_by_closures_calls_each_once_and_in_order() {
    use std::cell::RefCell;
    for (first, payload, last, accepts) in
        (0..16).map(|bits| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0, bits & 8 != 0))
    {
        let calls = RefCell::new(String::new());
        let call = |name: char, succeeds: bool| {
            calls.borrow_mut().push(name);
            if succeeds { Ok(name) } else { Err(ReadError::Empty) }
        };
        let read = seqcopy::seq_count::read_by(
            || call('f', first),
            |&found| {
                assert_eq!(found, 'f');
                call('p', payload)
            },
            || call('l', last),
            |&found, last| {
                assert_eq!((found, last), ('f', 'l'));
                accepts
            },
        );
        let expected = match (first, last, accepts, payload) {
            (true, true, true, true) => Ok(('p', 'f')),
            (true, true, false, _) => Err(ReadError::Torn),
            _ => Err(ReadError::Empty),
        };
        assert_eq!(read, expected, "{first} {payload} {last} {accepts}");
        assert_eq!(*calls.borrow(), if first { "fpl" } else { "f" });
    }
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
