//! `SeqCount`: the encodings, words in structs of other programs, words that a writer left busy when it died.

use std::mem::MaybeUninit;

use seqcopy::{
    AtomicPerByte, ReadError, SeqCopy, raw,
    seq_count::{Parity, ParitySkipZero, SeqCode, SeqCount, SeqWord, StampOrZero, Successor},
};

/// A write without a payload.
fn write<C: Successor>(count: &SeqCount<C>) {
    // SAFETY: the only writer, nothing to store, no reader in the middle of a read.
    unsafe { count.write(|| ()) };
}

macro_rules! wraps {
    ($($name:ident: $word:ty;)*) => {$(
        #[test]
        fn $name() {
            // Two writes before the wrap, and across it.
            let count = SeqCount::<Parity<$word>>::new(<$word>::MAX - 3);
            let words = [(); 4].map(|()| {
                let word = count.read_begin().unwrap().word();
                write(&count);
                word
            });
            assert_eq!(words, [<$word>::MAX - 3, <$word>::MAX - 1, 0, 2]);

            // The same, except that 0 is skipped: it means that there is no value yet.
            let count = SeqCount::<ParitySkipZero<$word>>::new(<$word>::MAX - 1);
            write(&count);
            assert_eq!(count.load(), 2);
            let count = SeqCount::<ParitySkipZero<$word>>::default();
            assert_eq!((count.load(), count.read_begin().unwrap_err()), (0, ReadError::Empty));
            write(&count);
            assert_eq!((count.load(), count.read_begin().unwrap().word()), (2, 2));

            for odd in [1, 3, <$word>::MAX] {
                assert_eq!(SeqCount::<Parity<$word>>::new(odd).read_begin().unwrap_err(), ReadError::Busy);
                assert_eq!(SeqCount::<ParitySkipZero<$word>>::new(odd).read_begin().unwrap_err(), ReadError::Busy);
            }
        }
    )*};
}

wraps! {
    words_of_16_bits: u16;
    words_of_32_bits: u32;
    words_of_64_bits: u64;
    words_of_the_size_of_a_pointer: usize;
}

#[test]
fn a_word_is_as_large_as_its_atomic() {
    fn laid_out<W: SeqWord>() -> (usize, usize)
    where
        Parity<W>: SeqCode<Word = W>,
    {
        (size_of::<SeqCount<Parity<W>>>(), align_of::<SeqCount<Parity<W>>>())
    }
    assert_eq!((laid_out::<u16>(), laid_out::<u32>(), laid_out::<u64>()), ((2, 2), (4, 4), (8, 8)));
    assert_eq!(laid_out::<usize>(), (size_of::<usize>(), size_of::<usize>()));
}

/// After 2^15 writes a 16-bit word has the same value again: documented, and the reason for wider words.
#[test]
#[cfg_attr(miri, ignore = "32,768 writes, and no unsafe code that other tests don't run")]
fn tokens_of_16_bit_words_wrap_around() {
    let count = SeqCount::<Parity<u16>>::new(0);
    let token = count.read_begin().unwrap();
    for n in 0..1 << 15 {
        assert_eq!((count.is_current(token), count.read_end(token)), (n == 0, n == 0));
        write(&count);
    }
    assert!(count.is_current(token) && count.read_end(token));
}

/// One write earlier if 0 is skipped.
#[test]
#[cfg_attr(miri, ignore = "32,768 writes, and no unsafe code that other tests don't run")]
fn tokens_of_16_bit_words_that_skip_zero_wrap_around() {
    let count = SeqCount::<ParitySkipZero<u16>>::new(u16::MAX - 1);
    let token = count.read_begin().unwrap();
    for n in 0..(1 << 15) - 1 {
        assert_eq!((count.is_current(token), count.read_end(token)), (n == 0, n == 0));
        write(&count);
    }
    assert!(count.is_current(token) && count.read_end(token));
}

/// Those of 64 bits stay distinct: where the word wraps, and where a narrower word would have wrapped.
#[test]
fn tokens_of_64_bit_words_stay_distinct() {
    let writes = if cfg!(miri) { 50 } else { (1 << 16) + 50 };
    let count = SeqCount::<Parity<u64>>::new(u64::MAX - 49);
    let mut tokens = std::collections::HashSet::new();
    for _ in 0..writes {
        let token = count.read_begin().unwrap();
        assert!(tokens.insert(token.word()) && count.is_current(token));
        write(&count);
        assert!(!count.is_current(token) && !count.read_end(token));
    }
    assert!(tokens.contains(&(u64::MAX - 1)) && tokens.contains(&0), "across the wrap");
    assert!(!tokens.contains(&count.load()));
}

/// Before and after the wrap, payloads are whole and belong to the word that they were read with.
#[test]
fn payloads_are_whole_across_the_wrap() {
    fn across<C: Successor>(first: C::Word) {
        let count = SeqCount::<C>::new(first);
        let cell = AtomicPerByte::new([0u32; 5]);
        let mut words = Vec::new();
        for n in 1..9 {
            // SAFETY: the only writer, and no reader in the middle of a read.
            unsafe { count.write(|| cell.store(&[n; 5])) };
            let (bits, token) = count.try_read(|| cell.load()).unwrap();
            assert_eq!(bits.validate(), Ok([n; 5]));
            assert!(!words.contains(&token.word()));
            words.push(token.word());
        }
    }
    across::<Parity<u16>>(u16::MAX - 7);
    across::<Parity<u32>>(u32::MAX - 7);
    across::<Parity<u64>>(u64::MAX - 7);
    across::<ParitySkipZero<u16>>(u16::MAX - 7);
    across::<ParitySkipZero<u32>>(u32::MAX - 7);
    across::<ParitySkipZero<u64>>(u64::MAX - 7);
}

#[test]
fn tokens() {
    let count = SeqCount::<Parity<u64>>::new(8);
    let (token, same) = (count.read_begin().unwrap(), count.read_begin().unwrap());
    assert!(token == same && token.word() == 8 && count.is_current(token) && count.read_end(token));
    write(&count);
    assert!(!count.is_current(token) && !count.read_end(token));
    let (result, later) = count.try_read(|| "read").unwrap();
    assert!(result == "read" && later != token && later.word() == 10);
    assert_eq!((format!("{token:?}"), format!("{count:?}").contains("Stable")), ("Token(8)".to_owned(), true));
}

#[test]
fn reads_fail_while_a_write_goes_on() {
    let count = SeqCount::<Parity<u32>>::new(2);
    let mut ran = false;
    // SAFETY: the only writer.
    unsafe {
        count.write(|| assert_eq!(count.try_read(|| ran = true).unwrap_err(), ReadError::Busy));
    }
    assert!(!ran, "the payload was read during a write");
    assert_eq!(count.try_read(|| write(&count)).unwrap_err(), ReadError::Torn);
    assert_eq!(count.load(), 6);
}

/// A writer that dies during a write leaves a busy word; the next writer continues from it, and reads fail until it
/// has.
#[test]
fn a_write_resumes_from_a_busy_word() {
    let count = SeqCount::<Parity<u32>>::new(2);
    // SAFETY: the only writer.
    let dies = unsafe { count.write_begin() };
    assert_eq!((dies.found(), count.load()), (2, 3));
    assert!(format!("{dies:?}").contains("busy: 3"));
    #[allow(clippy::forget_non_drop)] // to say what is meant
    std::mem::forget(dies);
    assert_eq!(count.read_begin().unwrap_err(), ReadError::Busy);
    // `try_write_begin` refuses, since there is no complete value.
    // SAFETY: the only writer.
    assert!(unsafe { count.try_write_begin() }.is_none());

    // SAFETY: the only writer; there is no payload.
    let adopted = unsafe { count.write_begin() };
    assert_eq!((adopted.found(), count.load()), (3, 3));
    assert_eq!(count.read_begin().unwrap_err(), ReadError::Busy);
    // A claim of another word, or of one that is busy, says what is there, and changes nothing.
    // SAFETY: none of these begins a write.
    assert_eq!(unsafe { [2, 3, 4].map(|word| count.claim_from(word).unwrap_err()) }, [3; 3]);
    let mut destination = 7;
    // SAFETY: nothing is loaded, since the word is busy.
    let read = unsafe { count.read_to(&mut destination, |_| unreachable!("it is busy")) };
    assert_eq!((read.unwrap_err(), destination, count.load()), (ReadError::Busy, 7, 3));
    // SAFETY: of this word.
    unsafe { count.write_end(adopted) };
    // Not the word from before the death: the payload is different.
    assert_eq!(count.read_begin().unwrap().word(), 4);
    // SAFETY: the only writer.
    let next = unsafe { count.try_write_begin() }.unwrap();
    // SAFETY: of this word.
    unsafe { count.write_end(next) };
    assert_eq!(count.load(), 6);
}

#[test]
fn a_cancelled_write_leaves_the_word_as_it_was() {
    for found in [2u32, 3, 0] {
        let count = SeqCount::<ParitySkipZero<u32>>::new(found);
        let token = count.read_begin();
        // SAFETY: the only writer.
        let write = unsafe { count.write_begin() };
        assert_eq!((count.read_begin().unwrap_err(), count.load() % 2), (ReadError::Busy, 1));
        // SAFETY: of this word; there is no payload.
        unsafe { count.write_cancel(write) };
        assert_eq!(count.read_begin(), token);
        assert_eq!(count.into_inner(), found);
    }
    // The busy word says nothing of a stamp.
    let count = SeqCount::<StampOrZero<u64>>::new(77);
    let read = count.try_read(|| {
        // SAFETY: the only writer.
        let write = unsafe { count.write_begin() };
        // SAFETY: of this word; there is no payload.
        unsafe { count.write_cancel(write) };
    });
    assert_eq!(read.unwrap().1.word(), 77);
}

#[test]
fn words_are_set_where_no_other_thread_has_them() {
    let mut count = SeqCount::<Parity<u64>>::new(1);
    *count.get_mut() += 1;
    assert_eq!((count.read_begin().unwrap().word(), count.into_inner()), (2, 2));
}

#[test]
fn a_panic_in_a_write_leaves_the_word_busy() {
    let count = SeqCount::<ParitySkipZero<u32>>::new(2);
    let result = std::panic::catch_unwind(|| {
        // SAFETY: the only writer.
        unsafe { count.write(|| panic!("half of it is stored")) };
    });
    assert!(result.is_err());
    assert_eq!((count.load(), count.read_begin().unwrap_err()), (3, ReadError::Busy));
    write(&count);
    assert_eq!(count.read_begin().unwrap().word(), 4);
}

#[test]
fn stamps() {
    let count = SeqCount::<StampOrZero<u64>>::default();
    assert_eq!((count.load(), count.read_begin().unwrap_err()), (0, ReadError::Busy));
    // SAFETY: the only writer, stamps in ascending order, no payload.
    unsafe { count.write_at(1000, || assert_eq!(count.load(), 0)) };
    let token = count.read_begin().unwrap();
    assert_eq!(token.word(), 1000);
    // SAFETY: as above.
    let write = unsafe { count.write_begin() };
    assert_eq!((write.found(), count.load(), count.is_current(token)), (1000, 0, false));
    // SAFETY: as above.
    unsafe { count.write_end_at(write, u64::MAX) };
    assert_eq!(count.read_begin().unwrap().word(), u64::MAX);
}

/// With the other encodings the caller may choose the word too: the slots of a ring have their numbers in it.
#[test]
fn ring_slots() {
    let slots = [const { (SeqCount::<ParitySkipZero<u64>>::new(0), AtomicPerByte::new([0u32; 3])) }; 4];
    for n in 1..=10u32 {
        let (count, payload) = &slots[n as usize % slots.len()];
        let stamp = 2 * u64::from(n);
        // SAFETY: the only writer; each number is given once.
        unsafe { count.write_at(stamp, || payload.store(&[n; 3])) };
    }
    for (i, (count, payload)) in slots.iter().enumerate() {
        let (bits, token) = count.try_read(|| payload.load()).unwrap();
        let [n, ..] = bits.validate().unwrap();
        assert_eq!((n as usize % 4, u64::from(n) * 2, n > 6), (i, token.word(), true));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Payload {
    a: u8,
    b: u64,
}

/// A struct of a C program: the sequence word at offset 4 of a header, between other fields.
#[repr(C, align(8))]
struct Header {
    magic: [u8; 4],
    sequence: u32,
    payload: Payload,
    trailer: u16,
}

#[test]
fn words_in_foreign_headers() {
    let mut header = Header { magic: *b"head", sequence: 6, payload: Payload { a: 1, b: 2 }, trailer: 0xffff };
    let header = &raw mut header;
    // SAFETY: alive.
    let word = unsafe { &raw mut (*header).sequence };
    // SAFETY: aligned, made of a raw pointer; all accesses are by SeqCount.
    let count = unsafe { SeqCount::<Parity<u32>>::from_ptr(word) };
    // SAFETY: alive.
    let payload = unsafe { &raw mut (*header).payload };

    let load = || {
        count.try_read(|| {
            // SAFETY: initialised by `header`, accessed by `raw` only.
            unsafe { raw::load(payload) }
        })
    };
    let (bits, token) = load().unwrap();
    // SAFETY: no write went on.
    assert_eq!((unsafe { bits.assume_valid() }, token.word()), (Payload { a: 1, b: 2 }, 6));
    // SAFETY: as above.
    let store = || unsafe { raw::store(payload, &Payload { a: 3, b: 4 }) };
    // SAFETY: the only writer.
    unsafe { count.write(store) };
    // SAFETY: no write goes on.
    assert_eq!(unsafe { load().unwrap().0.assume_valid() }, Payload { a: 3, b: 4 });

    // SAFETY: alive, and the atomic accesses are over.
    let header = unsafe { &*header };
    assert_eq!((header.magic, header.sequence, header.trailer), (*b"head", 8, 0xffff));
}

/// The word may be a skipped field: no access of the payload touches it.
#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct WithWord {
    a: u16,
    #[seqcopy(skip)]
    sequence: MaybeUninit<u32>,
    b: [u8; 6],
    #[seqcopy(skip)]
    reserved: MaybeUninit<[u8; 2]>,
}

/// A pointer that may be shared.
struct Shared(*mut WithWord);

// SAFETY: accessed by `raw` and SeqCount only.
unsafe impl Sync for Shared {}

#[test]
fn the_word_may_lie_in_a_skipped_field() {
    let value = |n: u8| WithWord {
        a: u16::from(n),
        sequence: MaybeUninit::uninit(),
        b: [n; 6],
        reserved: MaybeUninit::uninit(),
    };
    let mut memory = MaybeUninit::new(WithWord { sequence: MaybeUninit::new(0), ..value(1) });
    let memory = memory.as_mut_ptr();
    // SAFETY: alive.
    let word = unsafe { &raw mut (*memory).sequence }.cast::<u32>();
    // SAFETY: initialised above, aligned; all accesses are by SeqCount.
    let count = unsafe { SeqCount::<Parity<u32>>::from_ptr(word) };

    let rounds = if cfg!(miri) { 6 } else { 5000 };
    let shared = &Shared(memory);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let memory = shared.0;
            for n in 0..rounds {
                let value = value(u8::try_from(n % 200).unwrap());
                // SAFETY: the payload is accessed by `raw` only.
                let store = || unsafe { raw::store(memory, &value) };
                // SAFETY: the only writer.
                unsafe { count.write(store) };
            }
        });
        for _ in 0..rounds {
            // SAFETY: as above; initialised.
            if let Ok((bits, _)) = count.try_read(|| unsafe { raw::load(shared.0) }) {
                // SAFETY: no write went on.
                let value = unsafe { bits.assume_valid() };
                assert_eq!([value.a; 6], value.b.map(u16::from));
            }
        }
    });
    assert_eq!(count.load(), 2 * rounds);
}

/// Each write goes to the buffer after the last one's, which is read until as many others as there are have been
/// filled.
#[test]
#[cfg(target_has_atomic = "64")]
fn a_latch_names_its_buffers_in_turn() {
    use seqcopy::seq_count::LatchCount;
    fn check<const BUFFERS: usize>(latch: &LatchCount<BUFFERS>) {
        let before = latch.read_begin();
        assert_eq!((before.buffer(), before.count()), (0, 0));
        for count in 1..=4 * BUFFERS as u64 {
            let (last, expected) = (latch.read_begin(), usize::try_from(count).unwrap() % BUFFERS);
            // SAFETY: the only writer, no payload.
            assert_eq!(unsafe { latch.write_begin() }, expected);
            assert!(latch.read_end(last));
            // SAFETY: begun above.
            unsafe { latch.write_end() };
            let token = latch.read_begin();
            assert_eq!((token.buffer(), token.count(), latch.count()), (expected, count, count));
            assert_eq!((latch.read_end(last), latch.read_end(token)), (BUFFERS > 2, true));
            assert_eq!(latch.read_end(before), count < BUFFERS as u64 - 1);
        }
    }
    check::<2>(&LatchCount::new());
    check::<16>(&LatchCount::new());
}
