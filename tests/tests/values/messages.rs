//! What errors say, each reason with its own words, and the small functions of the types beside them: against what
//! `core` has under the same name.

use core::num::NonZeroU16;
use core::time::Duration;

use seqcopy::seq_count::{LatchCount, Parity, SeqCount};
use seqcopy::{
    AtomicPerByte, MaybeInvalid, ReadError, ReadSliceError, SeqCopy, SeqDuration, SeqLock, SeqOption, SeqSlice, SeqStr,
    SeqVec, Validate, Watched, part,
};
use seqcopy_tests::corpus::{Seven, Six};

fn said<T: Validate + core::fmt::Debug>(bytes: &[u8]) -> (String, u64) {
    let error = T::LAYOUT.validate(bytes).unwrap_err();
    let debug = format!("{error:?}");
    assert_eq!(debug, format!("InvalidValue({error})"));
    (error.to_string(), error.found())
}

#[test]
fn every_reason_has_its_words() {
    assert_eq!(said::<bool>(&[2]), ("invalid `bool`: found 0x2, expected a `bool`: 0 or 1".into(), 2));
    let (char, found) = said::<char>(&0xd800u32.to_ne_bytes());
    assert_eq!((char.ends_with("expected a `char`: a Unicode scalar value"), found), (true, 0xd800));
    let (zero, found) = said::<NonZeroU16>(&[0; 2]);
    assert_eq!((zero.ends_with("found 0x0, expected a number that is not 0"), found), (true, 0));
    // As many names as there is space for, and one more.
    let (six, found) = said::<Six>(&[7]);
    assert_eq!((six.split(": ").last(), found), (Some("A = 0, B = 1, C = 2, D = 3, E = 4, F = 9"), 7));
    let (seven, _) = said::<Seven>(&[7]);
    assert_eq!(seven.split(": ").last(), Some("A = -128, B = -127, C = -126, D = -125, E = -124, F = -123, ..."));
    // The number of bytes is what was found.
    for len in [0, 3, 5] {
        let (length, found) = said::<u32>(&vec![0; len]);
        assert_eq!((length.contains("number of bytes"), found), (true, len as u64));
    }
}

#[test]
#[should_panic(expected = "the alignment 3 is not a power of two")]
fn a_base_that_is_not_an_alignment_is_not_drawn() {
    let _ = u32::LAYOUT.display(3).to_string();
}

#[test]
fn lengths_say_which_is_which() {
    let slice = SeqSlice::<u8>::from_slice(&[1, 2, 3]);
    let (mut two, mut range) = ([0; 2], [0; 3]);
    let long = slice.read_to_slice(&mut two).unwrap_err();
    assert_eq!((long.len(), long.asked()), (3, 2));
    assert!(long.to_string().ends_with("there is space for 2 only"), "{long}");
    let short = slice.read_range(1..4, &mut range).unwrap_err();
    assert_eq!((short.len(), short.to_string().contains("4 were asked for")), (3, true), "{short}");
    let both = [ReadSliceError::Length(long), ReadSliceError::NoValue(ReadError::Busy)];
    assert_eq!(both.map(|error| error.to_string()), [long.to_string(), ReadError::Busy.to_string()]);
    assert_eq!(both.map(|error| format!("{error:?}")), both.map(|error| error.to_string()));
}

/// As `Option` does.
#[test]
fn an_option_is_as_that_of_core() {
    for of in [None, Some(7u16)] {
        let own = || SeqOption::from(of);
        assert_eq!((own().is_some(), own().is_none()), (of.is_some(), of.is_none()));
        assert_eq!((own().as_ref(), own().as_mut().map(|it| *it)), (of.as_ref(), of));
        assert_eq!((own().copied(), Option::<u16>::from(own()), own().into_option()), (of, of, of));
        assert_eq!((own().unwrap_or(9), own().unwrap_or_default()), (of.unwrap_or(9), of.unwrap_or_default()));
        assert_eq!(own().unwrap_or_else(|| 3), of.unwrap_or(3));
        assert_eq!(own().is_some_and(|it| it == 7), of.is_some());
        assert_eq!(own().map(|it| it + 1).into_option(), of.map(|it| it + 1));
        assert_eq!(own().and_then(|it| SeqOption::from_option(it.checked_sub(8))).into_option(), None);
        let (mut a, mut b) = (own(), of);
        assert_eq!((a.replace(1), a.take(), a.take()), (b.replace(1), b.take(), b.take()));
        *SeqOption::Some(1).as_mut().unwrap() += of.unwrap_or(0);
    }
    assert_eq!((SeqOption::Some(4).unwrap(), SeqOption::Some(5).expect("five")), (4, 5));
}

#[test]
fn a_duration_is_as_that_of_core() {
    for of in [Duration::ZERO, Duration::new(3, 999_999_999), Duration::new(u64::MAX, 1)] {
        let own = SeqDuration::from(of);
        assert_eq!(
            (own.as_secs(), own.subsec_nanos(), own.as_nanos()),
            (of.as_secs(), of.subsec_nanos(), of.as_nanos())
        );
        assert_eq!((Duration::from(own), own.into_duration(), SeqDuration::from_duration(of)), (of, of, own));
    }
    let from = |n| {
        [
            SeqDuration::from_secs(n),
            SeqDuration::from_millis(n),
            SeqDuration::from_micros(n),
            SeqDuration::from_nanos(n),
        ]
    };
    let of_core =
        |n| [Duration::from_secs(n), Duration::from_millis(n), Duration::from_micros(n), Duration::from_nanos(n)];
    for n in [0, 1, 999, 1_000, 1_999_999_999, u64::MAX] {
        assert_eq!(from(n).map(Duration::from), of_core(n), "{n}");
    }
}

#[test]
fn texts_and_lists_are_as_what_they_have() {
    let text = SeqStr::<5>::literal("abc");
    assert_eq!((text.capacity(), text.as_ref(), *"abc" == *text, text == *"abc"), (5, "abc", true, true));
    assert!(text != *"ab");
    let mut list = SeqVec::<u8, 5>::from_slice(&[1, 2]).unwrap();
    assert_eq!((list.capacity(), list.as_ref(), list == [1, 2][..], list == [1][..]), (5, &[1, 2][..], true, false));
    list.as_mut()[0] = 7;
    for it in &mut list {
        *it += 1;
    }
    assert_eq!(*list, [8, 3]);
}

#[test]
fn defaults_and_debug_forms() {
    let bytes = AtomicPerByte::<u32>::default();
    assert_eq!((bytes.load().validate(), AtomicPerByte::from(5u32).load().validate()), (Ok(0), Ok(5)));
    assert!(format!("{bytes:?}").starts_with("AtomicPerByte"));
    let count = LatchCount::<2>::default();
    // SAFETY: a word of its own, which is as long as the reference.
    let same = unsafe { LatchCount::<2>::from_ptr((&raw const count).cast()) };
    assert_eq!((same.count(), format!("{same:?}").starts_with("LatchCount")), (0, true));
    // SAFETY: the only writer; there is no payload.
    let free = unsafe { count.write_begin() };
    // SAFETY: it was begun.
    unsafe { count.write_end() };
    let newest = count.read_begin();
    assert_eq!((newest.buffer(), same.count(), count.read_end(newest)), (free, 1, true));
    let count = SeqCount::<Parity<u32>>::new(6);
    let token = count.try_read(|| ()).unwrap().1;
    assert_eq!(format!("{count:?}, {token:?}"), "SeqCount { word: 6, state: Stable }, Token(6)");
    // SAFETY: the only writer; there is no payload.
    let write = unsafe { count.write_begin() };
    assert_eq!(format!("{write:?}, {count:?}"), "WriteToken { found: 6, busy: 7 }, SeqCount { word: 7, state: Busy }");
    drop(write);
    let bits = MaybeInvalid::new(7u8);
    #[allow(clippy::clone_on_copy)] // what is tested
    let again = bits.clone();
    assert_eq!((again.validate(), format!("{again:?}").is_empty()), (Ok(7), false));
    let of = part!((u8, u32), 1);
    #[allow(clippy::clone_on_copy)] // what is tested
    let (of, lock) = (of.clone(), SeqLock::new((1u8, 2u32)));
    assert_eq!(lock.read_part(of), 2);
    let mut watched = Watched::<u64>::from(SeqLock::new(3));
    assert_eq!((watched.read(), Watched::<u64>::default().read()), (3, 0));
    watched = Watched::new(SeqLock::new(4));
    assert_eq!(watched.into_inner().read(), 4);
}
