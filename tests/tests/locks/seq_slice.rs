//! `SeqSlice`: each method compared with a `Vec`, and races, in which length and elements are of one write.

use std::fmt::Debug;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use seqcopy::{CapacityError, LengthError, ReadError, ReadSliceError, SeqCopy, SeqOption, SeqSlice, Version};

#[derive(Clone, Copy, Debug, Default, PartialEq, SeqCopy)]
#[repr(C)]
struct Padded {
    low: u8,
    all: u64,
    half: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
struct Pointing {
    at: u8,
    number: Option<&'static u32>,
}

/// `SeqCopy` but not `Copy`.
#[derive(Debug, PartialEq, SeqCopy)]
struct Handle(u32);

static NUMBERS: [u32; 4] = [0, 1, 2, 3];

/// An element made of a number, by which each can be told from the next.
trait Element: SeqCopy + Copy + PartialEq + Debug {
    fn make(n: u32) -> Self;
}

macro_rules! elements {
    ($($element:ty: $n:ident => $value:expr;)*) => {$(
        impl Element for $element {
            #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
            fn make($n: u32) -> Self {
                $value
            }
        }
    )*};
}
elements! {
    u8: n => n as u8;
    u16: n => n as u16;
    u64: n => u64::from(n) << 32 | u64::from(n);
    [f32; 3]: n => [n as f32, n as f32 + 0.25, n as f32 + 0.5];
    (u8, bool): n => (n as u8, n % 2 == 1);
    Padded: n => Padded { low: n as u8, all: u64::from(n) << 32 | u64::from(n), half: n as u16 };
    SeqOption<u16>: n => if n % 3 == 0 { SeqOption::None } else { SeqOption::Some(n as u16) };
    Pointing: n => Pointing { at: n as u8, number: Some(&NUMBERS[n as usize % 4]) };
    (): _n => ();
    OfPages: n => OfPages(n as u16, [n as u8; 3]);
    Packed: n => Packed { at: n as u8, all: u64::from(n) << 32 | u64::from(n) };
    *const u32: n => &raw const NUMBERS[n as usize % 4];
}

/// Aligned more than anything that an allocator aligns by itself.
#[derive(Debug, Clone, Copy, PartialEq, SeqCopy)]
#[repr(C, align(4096))]
struct OfPages(u16, [u8; 3]);

#[derive(Debug, Clone, Copy, PartialEq, SeqCopy)]
#[repr(C, packed(2))]
struct Packed {
    at: u8,
    all: u64,
}

/// The list of a write: its length, too, is that of its number.
fn list<T: Element>(n: u32, capacity: usize) -> Vec<T> {
    let len = (n as usize * 7) % (capacity + 1);
    (0..).map(|i| T::make(n + i)).take(len).collect()
}

fn model<T: Element, const BUFFERS: usize>(capacity: usize) {
    let slice = SeqSlice::<T, BUFFERS>::with_capacity(capacity);
    let mut expected: Vec<T> = Vec::new();
    let (mut read, mut known) = (Vec::new(), Version::NEVER);
    for n in 0..if cfg!(miri) { 3 } else { 40 } {
        let len = expected.len();
        slice.read_to_vec(&mut read);
        assert_eq!(read, expected);
        assert_eq!((slice.try_read_to_vec(&mut read), &read), (Ok(()), &expected));
        assert!(slice.read_if_changed(&mut known, &mut read));
        assert_eq!((&read, known), (&expected, slice.version()));
        read.clear();
        assert!(!slice.read_if_changed(&mut known, &mut read));
        assert_eq!(slice.try_read_if_changed(&mut known, &mut read), Ok(false));
        assert!(read.is_empty(), "nothing new, so nothing is changed");

        let other = T::make(999);
        for space in [len, len + 3, capacity] {
            let mut read = vec![other; space];
            assert_eq!(slice.read_to_slice(&mut read), Ok(len));
            assert_eq!(read[..len], expected);
            assert!(read[len..].iter().all(|it| *it == other), "what follows stays as it is");
            assert_eq!(slice.try_read_to_slice(&mut read), Ok(len));
        }
        if len > 0 {
            let mut short = vec![other; len - 1];
            assert_eq!(slice.read_to_slice(&mut short).map_err(|error| error.len()), Err(len));
            assert!(short.iter().all(|it| *it == other), "nothing is copied where not all fits");
        }
        let step = if cfg!(miri) { 5 } else { 1 };
        for start in (0..=len).step_by(step) {
            for end in (start..=len).step_by(step) {
                let mut read = vec![other; end - start];
                assert_eq!(slice.read_range(start..end, &mut read), Ok(()));
                assert_eq!(read, expected[start..end]);
                assert_eq!(slice.try_read_range(start..end, &mut read), Ok(()));
            }
            let mut read = vec![other; len - start + 1];
            assert_eq!(slice.read_range(start..len + 1, &mut read).map_err(|error| error.len()), Err(len));
        }

        let too_long = vec![T::make(n); capacity + 1];
        assert_eq!(slice.write_from(&too_long).map_err(|error| error.capacity()), Err(capacity));
        assert_eq!(slice.version(), known, "nothing is changed by what does not fit");
        expected = list(n, capacity);
        if n % 2 == 0 {
            slice.write_from(&expected).unwrap();
        } else {
            let mut writer = slice.writer().expect("the only writer");
            assert_eq!(writer.write_from(&too_long).map_err(|error| error.capacity()), Err(capacity));
            writer.write_from(&expected).unwrap();
        }
        assert_eq!(slice.version().writes_since(known), 1);
    }
}

fn models<T: Element>() {
    for capacity in [0, 1, 2, 3, 7, 33] {
        if !cfg!(miri) || [0, 7].contains(&capacity) {
            model::<T, 1>(capacity);
            model::<T, 2>(capacity);
        }
        if !cfg!(miri) {
            model::<T, 4>(capacity);
        }
    }
}

#[test]
fn a_slice_does_what_a_vec_does() {
    models::<u8>();
    models::<u16>();
    models::<u64>();
    models::<[f32; 3]>();
    models::<(u8, bool)>();
    models::<Padded>();
    models::<SeqOption<u16>>();
    models::<Pointing>();
    models::<()>();
    models::<OfPages>();
    models::<Packed>();
    models::<*const u32>();
}

/// Elements without bytes: as many as can be counted.
#[test]
fn nothing_fits_in_any_number() {
    static MOST: &[()] = &[(); usize::MAX];
    let slice = SeqSlice::<(), 2>::with_capacity(usize::MAX);
    slice.write_from(MOST).unwrap();
    let mut read = Vec::new();
    slice.read_to_vec(&mut read);
    assert_eq!(read.len(), usize::MAX);
    assert_eq!(slice.read_range(usize::MAX - 3..usize::MAX, &mut [(); 3]), Ok(()));
    slice.write_from(&[(); 2]).unwrap();
    slice.read_to_vec(&mut read);
    assert_eq!((read.len(), slice.read_range(2..3, &mut [()]).map_err(|error| error.len())), (2, Err(2)));
    // Nothing of what has an end before its start, or begins after all.
    let bytes = SeqSlice::<u8>::from_slice(&[1, 2, 3]);
    #[allow(clippy::reversed_empty_ranges)]
    let empty = [bytes.read_range(3..1, &mut []), bytes.read_range(4..1, &mut []), bytes.read_range(4..4, &mut [])];
    assert_eq!(empty.map(|read| read.is_ok()), [true, false, false]);
}

#[test]
fn from_a_slice() {
    let slice = SeqSlice::<Handle, 2>::from_slice(&[Handle(1), Handle(2)]);
    let mut read = Vec::new();
    assert!(slice.read_if_changed(&mut Version::NEVER.clone(), &mut read));
    assert_eq!((read.as_slice(), slice.capacity()), ([Handle(1), Handle(2)].as_slice(), 2));
    assert_eq!(slice.version().writes_since(Version::NEVER), 1, "the first value is of the first version");
    assert_eq!(format!("{:?}", SeqSlice::<u8>::from_slice(&[1, 2])), "SeqSlice { data: [1, 2], .. }");
}

#[test]
fn a_vector_that_has_space_is_not_reallocated() {
    let slice = SeqSlice::<u16>::with_capacity(100);
    let mut read = Vec::with_capacity(50);
    let place = read.as_ptr();
    for len in [3, 50, 0, 20] {
        slice.write_from(&vec![7; len]).unwrap();
        slice.read_to_vec(&mut read);
        assert_eq!((read.len(), read.as_ptr(), read.capacity()), (len, place, 50));
    }
    slice.write_from(&[7; 51]).unwrap();
    slice.read_to_vec(&mut read);
    assert_eq!(read, [7; 51]);
}

#[test]
fn one_writer_at_a_time() {
    let slice = Arc::new(SeqSlice::<u8, 2>::with_capacity(3));
    let writer = slice.writer().expect("the only writer");
    assert!(slice.writer().is_none() && SeqSlice::writer_arc(&slice).is_none());
    drop(writer);
    let mut writer = SeqSlice::writer_arc(&slice).expect("the only writer");
    thread::spawn(move || writer.write_from(&[1, 2])).join().unwrap().unwrap();
    let mut read = Vec::new();
    slice.read_to_vec(&mut read);
    assert_eq!(read, [1, 2]);
    assert!(slice.writer().is_some(), "its writer was dropped");
}

#[test]
#[should_panic(expected = "a range of 3 elements for a slice of 2")]
fn a_range_of_another_length_is_refused() {
    let _ = SeqSlice::<u8>::from_slice(&[1, 2, 3]).read_range(0..3, &mut [0; 2]);
}

#[test]
#[should_panic(expected = "larger than memory")]
fn a_capacity_beyond_memory_is_refused() {
    let _ = SeqSlice::<u64>::with_capacity(usize::MAX / 2);
}

#[test]
fn errors_say_what_they_know() {
    let slice = SeqSlice::<u8>::from_slice(&[1, 2, 3]);
    let long: LengthError = slice.read_to_slice(&mut []).unwrap_err();
    assert_eq!(long.to_string(), "the value has 3 elements, but there is space for 0 only");
    let version = slice.version();
    let full: CapacityError = slice.write_from(&[0; 4]).unwrap_err();
    assert_eq!(full.to_string(), "a length of 4 exceeds the capacity of 3");
    assert_eq!(slice.writer().unwrap().write_from(&[0; 4]), Err(full));
    let mut all = [0; 3];
    assert_eq!((slice.read_to_slice(&mut all), all, slice.version()), (Ok(3), [1, 2, 3], version));
}

/// What a read sees with a writer: all of it is `list(n)` of one `n`, and never of an earlier one than before.
fn race<T: Element + Send + Sync, const BUFFERS: usize>(capacity: usize) {
    let writes: u32 = if cfg!(miri) { 12 } else { 2000 };
    let slice = SeqSlice::<T, BUFFERS>::with_capacity(capacity);
    let done = AtomicBool::new(false);
    let number = |version: Version| u32::try_from(version.to_bits()).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = slice.writer().expect("the only writer");
            for n in 1..=writes {
                writer.write_from(&list(n, capacity)).unwrap();
            }
            done.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            let (mut known, mut read) = (Version::from_bits(0), Vec::new());
            for round in 0.. {
                if done.load(Ordering::Acquire) {
                    break;
                }
                let before = known;
                if round % 2 == 1 {
                    if slice.read_if_changed(&mut known, &mut read) {
                        assert!(known > before, "from {before:?} back to {known:?}");
                        assert_eq!(read, list(number(known), capacity), "torn, or of another version");
                    }
                    continue;
                }
                match slice.try_read_if_changed(&mut known, &mut read) {
                    Ok(true) => {
                        assert!(known > before, "from {before:?} back to {known:?}");
                        assert_eq!(read, list(number(known), capacity), "torn, or of another version");
                    }
                    Ok(false) => {}
                    Err(ReadError::Busy | ReadError::Torn) => assert_eq!((read.is_empty(), known), (true, before)),
                    Err(error) => panic!("{error}"),
                }
                if cfg!(miri) {
                    thread::yield_now();
                }
            }
            if slice.read_if_changed(&mut known, &mut read) {
                assert_eq!(number(known), writes);
            }
            assert_eq!(read, list(writes, capacity), "not the last value");
        });
        scope.spawn(|| {
            let value = T::make(0);
            // What the first elements of each write say.
            while !done.load(Ordering::Acquire) {
                let mut read = vec![value; capacity];
                let version = number(slice.version());
                let is_list = |n: u32, read: &[T]| list::<T>(n, capacity) == read;
                match slice.try_read_to_slice(&mut read) {
                    Ok(len) => {
                        let newest = number(slice.version()).max(version) + 1;
                        let found = (version..=newest).any(|n| n == 0 && len == 0 || n > 0 && is_list(n, &read[..len]));
                        assert!(found, "never written: {:?}", &read[..len]);
                    }
                    Err(ReadSliceError::Length(error)) => panic!("all fits: {error}"),
                    // Torn bits are gone.
                    Err(_) => assert!(read.iter().all(|it| *it == value), "{read:?}"),
                }
                let mut pair = [value; 2];
                if let Ok(()) = slice.try_read_range(1..3, &mut pair) {
                    let newest = number(slice.version()).max(version) + 1;
                    let found = (version.max(1)..=newest).any(|n| pair == [T::make(n + 1), T::make(n + 2)]);
                    assert!(found, "of two writes: {pair:?}");
                }
                if cfg!(miri) {
                    thread::yield_now();
                }
            }
        });
    });
}

#[test]
fn length_and_elements_are_of_one_write() {
    for capacity in if cfg!(miri) { 4..=5 } else { 4..=40 } {
        race::<u16, 1>(capacity);
        race::<u16, 2>(capacity);
        race::<Padded, 1>(capacity);
        race::<SeqOption<u16>, 4>(capacity);
        race::<Pointing, 2>(capacity);
    }
}

/// Bits of two writes may be no value: a tag of `Some`, and the number of a `None`. Where an attempt leaves such bits,
/// or the value has no space, the elements of the caller's are values again.
#[test]
fn a_read_that_fails_leaves_values() {
    let slice = SeqSlice::<SeqOption<NonZeroU64>>::with_capacity(4);
    let (rounds, five, seven) = (if cfg!(miri) { 20 } else { 10_000 }, NonZeroU64::new(5), NonZeroU64::new(7));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..rounds {
                slice.write_from(&[if n % 2 == 0 { SeqOption::None } else { five.into() }; 4][..=n % 4]).unwrap();
            }
            done.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                for waits in [true, false] {
                    let mut read = [SeqOption::from(seven); 3];
                    let fits = if waits {
                        slice.read_to_slice(&mut read).map_err(ReadSliceError::from)
                    } else {
                        slice.try_read_to_slice(&mut read)
                    };
                    let len = fits.unwrap_or(0);
                    let (value, rest) = read.split_at(len);
                    assert!(value.iter().all(|it| it.into_option().is_none_or(|it| Some(it) == five)), "{value:?}");
                    assert!(rest.iter().all(|it| it.into_option() == seven), "no value of the caller's: {rest:?}");
                }
                if cfg!(miri) {
                    thread::yield_now();
                }
            }
        });
    });
}
