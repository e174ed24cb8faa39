//! `raw::Page`: types with their sequence word inside, in front of the other fields, between them and after them.

use std::mem::{MaybeUninit, offset_of};

use seqcopy::raw::{Page, WordInside};
use seqcopy::{
    ReadError, SeqCopy, Validate, field,
    seq_count::{Parity, ParitySkipZero, SeqCode, StampOrZero, Successor},
};

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
struct InFront {
    #[seqcopy(word = Parity<u32>)]
    sequence: MaybeUninit<u32>,
    open: bool,
    ticks: u64,
    tail: [u8; 3],
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
struct Between {
    magic: [u32; 2],
    version: u16,
    mode: u32,
    // As clock-bound's header has it: 16 bits at offset 18.
    flags: u16,
    #[seqcopy(word = ParitySkipZero<u16>)]
    generation: MaybeUninit<u16>,
    bounds: [i64; 4],
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C, align(8))]
struct Behind {
    level: i16,
    #[seqcopy(skip)]
    reserved: MaybeUninit<[u8; 6]>,
    #[seqcopy(skip, word = StampOrZero<u64>)]
    stamp: MaybeUninit<u64>,
}

/// Generic over the encoding and over the value; tuple fields, and the layout is the compiler's.
#[derive(Clone, Copy, SeqCopy)]
struct Slot<C: SeqCode, T>(T, #[seqcopy(word = C)] MaybeUninit<C::Word>);

/// The offset of the word, after a check that no access of the type touches it.
fn word<T: WordInside>() -> usize {
    let size = size_of::<<T::Code as SeqCode>::Word>();
    assert_eq!(T::WORD % size, 0);
    for access in seqcopy_tests::accesses(T::LAYOUT, align_of::<T>()) {
        let end = access.offset + access.width;
        assert!(end <= T::WORD || T::WORD + size <= access.offset, "{access:?} touches the word");
    }
    T::WORD
}

#[test]
fn the_word_lies_where_its_field_does() {
    assert_eq!(word::<InFront>(), 0);
    assert_eq!((word::<Between>(), offset_of!(Between, generation)), (18, 18));
    assert_eq!(word::<Behind>(), 8);
    assert_eq!(word::<Slot<Parity<u32>, u32>>(), offset_of!(Slot<Parity<u32>, u32>, 1));
    assert_eq!(word::<Slot<Parity<usize>, [u16; 9]>>(), offset_of!(Slot<Parity<usize>, [u16; 9]>, 1));
}

/// A pointer that may be shared.
struct Shared<T>(*mut T);

// SAFETY: accessed by `Page` only.
unsafe impl<T> Sync for Shared<T> {}

/// One thread writes values, another reads: each value is whole, and none is older than the one before.
fn race<T: WordInside + Copy + Validate + Send>(first: T, value: impl Fn(u32) -> T + Sync, number: impl Fn(&T) -> u32)
where
    T::Code: Successor,
{
    let rounds = if cfg!(miri) { 12 } else { 20_000 };
    let mut memory = first;
    let shared = Shared(&raw mut memory);
    let (shared, value) = (&shared, &value);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // SAFETY: alive until the scope ends, initialised by `first`, and accessed by pages only.
            let page = unsafe { Page::from_ptr(shared.0) };
            for n in 1..=rounds {
                // SAFETY: the only writer; words of 16 bits wrap around after more writes.
                unsafe { page.write(&value(n)) };
            }
        });
        // SAFETY: as above.
        let page = unsafe { Page::from_ptr(shared.0) };
        let (mut last, mut buf, mut by_value) = (0, MaybeUninit::uninit(), false);
        while last < rounds {
            by_value = !by_value;
            let read = if by_value {
                page.try_read().map(|(bits, _)| number(&bits.validate().unwrap()))
            } else {
                page.try_read_into(&mut buf).map(|bits| number(bits.validate_ref().unwrap()))
            };
            match read {
                Ok(n) => {
                    assert!(n >= last, "from {last} back to {n}");
                    last = n;
                }
                Err(ReadError::Busy | ReadError::Torn | ReadError::Empty) => std::hint::spin_loop(),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(number(page.try_read_into(&mut buf).unwrap().validate_ref().unwrap()), rounds);
    });
}

#[test]
fn values_are_whole() {
    let in_front = |n: u32| InFront {
        sequence: MaybeUninit::uninit(),
        open: n % 2 == 0,
        ticks: u64::from(n) << 20,
        tail: n.to_le_bytes()[..3].try_into().unwrap(),
    };
    race(InFront { sequence: MaybeUninit::new(0), ..in_front(0) }, in_front, |value| {
        let n = u32::try_from(value.ticks >> 20).unwrap();
        assert_eq!((value.open, &value.tail), (n % 2 == 0, n.to_le_bytes().first_chunk().unwrap()));
        n
    });

    let between = |n: u32| Between {
        magic: [n; 2],
        version: n.to_le_bytes()[0].into(),
        mode: n,
        flags: n.to_le_bytes()[0].into(),
        generation: MaybeUninit::uninit(),
        bounds: [i64::from(n); 4],
    };
    race(Between { generation: MaybeUninit::new(0), ..between(0) }, between, |value| {
        assert_eq!((value.magic, value.bounds), ([value.mode; 2], [i64::from(value.mode); 4]));
        assert_eq!((value.version, value.flags), ((value.mode & 0xff) as u16, (value.mode & 0xff) as u16));
        value.mode
    });
}

#[test]
fn a_page_is_read_with_something_else() {
    let mut memory = InFront { sequence: MaybeUninit::new(2), open: true, ticks: 5, tail: [1; 3] };
    // SAFETY: a local, initialised, accessed by this page only.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    let (bits, more, token) = page.try_read_with(|bits| *field!(bits, InFront, open).validate_ref().unwrap()).unwrap();
    assert_eq!((bits.validate().unwrap().ticks, more, token.word()), (5, true, 2));
    assert!(page.count().is_current(token));
    // A write in the middle of the closure.
    let write = |_: &_| {
        // SAFETY: the only writer.
        unsafe { page.write(&InFront { sequence: MaybeUninit::uninit(), open: true, ticks: 6, tail: [1; 3] }) };
    };
    assert_eq!(page.try_read_with(write).unwrap_err(), ReadError::Torn);
    assert_eq!((page.count().load(), page.load().validate().unwrap().ticks), (4, 6));
    assert!(format!("{page:?}").contains("word: 4"));
    assert!(!page.count().is_current(token), "a read from before the write");

    // The token, of the same read.
    let (bits, token) = page.try_read().unwrap();
    assert_eq!((bits.validate().unwrap().ticks, token.word()), (6, 4));
    assert!(page.count().is_current(token));
}

#[test]
fn a_read_that_a_write_overlaps_is_torn() {
    seqcopy_tests::interrupted::every_read_of_a_page_is_torn();
}

#[test]
fn a_page_has_the_words_of_its_encoding() {
    let mut memory = Behind { level: 0, reserved: MaybeUninit::uninit(), stamp: MaybeUninit::new(0) };
    // SAFETY: a local, initialised, accessed by this page only.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    assert_eq!(page.try_read().unwrap_err(), ReadError::Busy);
    let value = |level| Behind { level, reserved: MaybeUninit::uninit(), stamp: MaybeUninit::uninit() };
    // SAFETY: the only writer, and a stamp that was not used before.
    unsafe { page.write_at(1700, &value(-4)) };
    assert_eq!((page.count().load(), page.try_read().unwrap().0.validate().unwrap().level), (1700, -4));
    // What the value has in the place of its word is not stored.
    // SAFETY: as above.
    unsafe { page.write_at(1701, &Behind { stamp: MaybeUninit::new(9), ..value(-5) }) };
    assert_eq!(page.count().load(), 1701);
}

/// Words that the payload's copy does not touch, by a type that only its user knows.
#[test]
fn a_slot_is_generic() {
    let mut memory = Slot::<Parity<usize>, u16>(7, MaybeUninit::new(0));
    // SAFETY: a local, initialised, accessed by this page only.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    // SAFETY: the only writer.
    unsafe { page.write(&Slot(8, MaybeUninit::uninit())) };
    assert_eq!(page.count().load(), 2);
    // SAFETY: no write went on, so the bits are one value.
    assert_eq!(unsafe { page.try_read().unwrap().0.assume_valid() }.0, 8);
}

/// A page may be shared between threads if its values may be sent.
#[test]
fn pages_are_shared() {
    fn shared<T: Send + Sync + Copy>() {}
    shared::<Page<'static, InFront>>();
    static_assertions::assert_not_impl_any!(Page<'static, Slot<Parity<u32>, *mut u8>>: Send, Sync);
}

/// What another crate declares of a page: the word is a number like the others.
mod foreign {
    #[derive(Clone, Copy)]
    #[repr(C)]
    pub(super) struct Clock {
        pub(super) version: u32,
        pub(super) lock: u32,
        pub(super) ticks: u64,
    }
}

/// On a promise: the compiler would compare the types of the fields, and a number can't be skipped.
#[derive(Clone, Copy, SeqCopy, Validate)]
// SAFETY: the fields and the repr of `Clock`; a number has any bits, also those that are skipped.
#[seqcopy(unsafe(remote = foreign::Clock))]
#[repr(C)]
struct ClockDef {
    version: u32,
    #[seqcopy(word = Parity<u32>)]
    lock: MaybeUninit<u32>,
    ticks: u64,
}

#[test]
fn a_list_of_a_foreign_page_has_the_word() {
    assert_eq!((word::<ClockDef>(), size_of::<ClockDef>()), (4, size_of::<foreign::Clock>()));
    let mut clock = foreign::Clock { version: 3, lock: 6, ticks: 5 };
    // SAFETY: a local, initialised, laid out like the list, and accessed by this page only.
    let page = unsafe { Page::<ClockDef>::from_ptr((&raw mut clock).cast()) };
    let read = page.try_read().unwrap().0.validate().unwrap();
    assert_eq!((read.version, read.ticks), (3, 5));
    // SAFETY: the only writer.
    unsafe { page.write(&ClockDef { version: 4, lock: MaybeUninit::uninit(), ticks: 8 }) };
    assert_eq!((clock.version, clock.lock, clock.ticks), (4, 8, 8));
}
