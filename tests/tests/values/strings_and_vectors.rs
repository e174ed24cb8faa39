//! `SeqStr` and `SeqVec`: what they do as a string and a slice do it too; bits of another origin.

use std::collections::{HashMap, hash_map::DefaultHasher};
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};

use seqcopy::{CapacityError, Layout, MaybeInvalid, SeqCopy, SeqLatch, SeqLock, SeqOption, SeqStr, SeqVec, Validate};
use seqcopy_tests::oracle::Rng;

/// Bits with these bytes from an offset on; the rest is zero.
fn bits<T>(parts: &[(usize, &[u8])]) -> MaybeInvalid<T> {
    let mut bits = MaybeInvalid::<T>::zeroed();
    for &(offset, bytes) in parts {
        assert!(offset + bytes.len() <= size_of::<T>());
        let place = bits.as_mut_ptr().cast::<u8>().wrapping_add(offset);
        // SAFETY: inside the private copy.
        unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
    bits
}

fn len(len: u32) -> [u8; 4] {
    len.to_ne_bytes()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn a_string_does_what_a_string_does() {
    const CAPACITY: usize = 12;
    let mut rng = Rng::new(3);
    let (mut ours, mut theirs) = (SeqStr::<CAPACITY>::new(), String::new());
    for _ in 0..if cfg!(miri) { 25 } else { 20_000 } {
        let before = theirs.clone();
        match rng.below(8) {
            0..3 => {
                let char = ['a', 'ß', '魚', '🐟'][rng.below(4)];
                let result = ours.push(char);
                assert_eq!(result.is_ok(), theirs.len() + char.len_utf8() <= CAPACITY);
                theirs.extend(result.map(|()| char));
            }
            3 | 4 => {
                let text = ["", "fish", "größe", "a longer text"][rng.below(4)];
                let result = ours.push_str(text);
                assert_eq!(result.is_ok(), theirs.len() + text.len() <= CAPACITY);
                theirs.extend(result.map(|()| text));
            }
            5 => assert_eq!(ours.pop(), theirs.pop()),
            6 => {
                let len = rng.below(CAPACITY + 3);
                if theirs.is_char_boundary(len) || len > theirs.len() {
                    ours.truncate(len);
                    theirs.truncate(len);
                }
            }
            _ => {
                ours.clear();
                theirs.clear();
            }
        }
        assert_eq!(ours, theirs.as_str());
        assert_eq!((format!("{ours}"), format!("{ours:?}")), (theirs.clone(), format!("{theirs:?}")));
        assert_eq!(hash(&ours), hash(&theirs.as_str()));
        let old = SeqStr::<CAPACITY>::try_from(before.as_str()).unwrap();
        assert_eq!(ours.cmp(&old), theirs.cmp(&before));
        assert_eq!(ours == old, theirs == before);
        // Nothing of a removed text is left.
        let whole = SeqLock::new(ours).read();
        assert_eq!(MaybeInvalid::new(whole).as_bytes()[4 + theirs.len()..].iter().max().unwrap_or(&0), &0);
    }
}

/// Up to the last character that fits whole, also if there is no such character.
#[test]
fn texts_are_truncated_between_characters() {
    fn check<const N: usize>() {
        for text in ["", "a", "ab", "ß", "aß", "ßa", "魚", "a魚", "🐟", "a🐟", "ß🐟", "魚魚"] {
            let ends = text.char_indices().map(|(at, char)| at + char.len_utf8());
            let fits = ends.take_while(|end| *end <= N).last().unwrap_or(0);
            assert_eq!(SeqStr::<N>::truncated(text).as_str(), &text[..fits], "{text} in {N}");
        }
    }
    check::<0>();
    check::<1>();
    check::<2>();
    check::<3>();
    check::<4>();
    check::<5>();
}

/// Which the conversion to a slice could pass over.
#[test]
fn texts_are_equal_if_all_of_them_is() {
    let text = SeqStr::<5>::literal("fish");
    for (other, is_equal) in [("fish", true), ("fis", false), ("", false), ("fishy", false), ("dish", false)] {
        assert_eq!(
            (text == *other, text == other, text == SeqStr::<9>::literal(other)),
            (is_equal, is_equal, is_equal)
        );
    }
}

#[test]
fn strings_of_texts() {
    const NAME: SeqStr<5> = SeqStr::literal("pumpe");
    static SHORT: SeqLatch<SeqStr<5>> = SeqLatch::new(SeqStr::truncated("größer"));
    assert_eq!((NAME.as_str(), SHORT.read().as_str()), ("pumpe", "grö"));
    for (text, truncated) in
        [("", ""), ("fish", "fish"), ("aaaaß", "aaaa"), ("魚魚", "魚"), ("aa🐟", "aa"), ("ßßß", "ßß")]
    {
        assert_eq!(SeqStr::<5>::truncated(text), truncated, "{text}");
    }
    assert_eq!("a longer text".parse::<SeqStr<5>>().map_err(|error| error.capacity()), Err(5));
    let mut line = SeqStr::<16>::new();
    write!(line, "{} at {:.1}", NAME, 2.5).unwrap();
    assert!(write!(line, "{}", u64::MAX).is_err());
    assert_eq!(line, "pumpe at 2.5");
    assert_eq!(line, SeqStr::<30>::literal("pumpe at 2.5"));
    let map = HashMap::from([(line, 7)]);
    assert_eq!(map.get("pumpe at 2.5"), Some(&7));
    assert!(std::panic::catch_unwind(|| SeqStr::<8>::literal("ß").truncate(1)).is_err());
    let panic = std::panic::catch_unwind(|| SeqStr::<4>::literal(std::hint::black_box("a pump, by name"))).unwrap_err();
    let words = panic.downcast_ref::<String>().expect("a message");
    assert!(words.starts_with("15 bytes of text do not fit into this `SeqStr<N>`"), "{words}");
}

#[test]
fn a_vector_does_what_a_vector_does() {
    const CAPACITY: usize = 6;
    let mut rng = Rng::new(4);
    let (mut ours, mut theirs) = (SeqVec::<u16, CAPACITY>::new(9), Vec::new());
    for _ in 0..if cfg!(miri) { 50 } else { 20_000 } {
        let before = ours;
        match rng.below(8) {
            0..3 => {
                let element = u16::try_from(rng.below(5)).unwrap();
                let result = ours.push(element);
                assert_eq!(result.is_ok(), theirs.len() < CAPACITY);
                theirs.extend(result.map(|()| element));
            }
            3 | 4 => {
                let elements = &[1, 2, 3, 4][..rng.below(5)];
                let result = ours.extend_from_slice(elements);
                assert_eq!(result.is_ok(), theirs.len() + elements.len() <= CAPACITY);
                theirs.extend_from_slice(if result.is_ok() { elements } else { &[] });
            }
            5 => assert_eq!(ours.pop(), theirs.pop()),
            6 => {
                let len = rng.below(CAPACITY + 3);
                ours.truncate(len);
                theirs.truncate(len);
            }
            _ => {
                ours.clear();
                theirs.clear();
            }
        }
        ours.reverse();
        theirs.reverse();
        assert_eq!(ours, theirs.as_slice());
        assert_eq!((format!("{ours:?}"), hash(&ours)), (format!("{theirs:?}"), hash(&theirs)));
        assert_eq!((ours == before, ours.cmp(&before)), (*theirs == *before, theirs.as_slice().cmp(&before)));
        assert_eq!(ours.iter().len(), (&ours).into_iter().count());
        assert_eq!(SeqVec::try_from(theirs.as_slice()), Ok(ours));
    }
    assert_eq!(SeqVec::<u16, 3>::try_from(&[1, 2, 3, 4][..]).map_err(|error| error.capacity()), Err(3));
}

#[test]
fn the_space_is_initialised_for_every_element_type() {
    // Options and padding, of which `load` reads the data: Miri would say if a byte were not initialised.
    let lock = SeqLock::new(SeqVec::<SeqOption<u32>, 5>::default());
    for n in 0..5 {
        lock.update(|vec| vec.push(SeqOption::Some(n))).unwrap();
    }
    assert_eq!(lock.update(|vec| vec.push(SeqOption::None)).map_err(|error| error.capacity()), Err(5));
    assert_eq!(lock.read(), [0, 1, 2, 3, 4].map(SeqOption::Some));
    let nothing = SeqLock::new(SeqVec::<(), 3>::default());
    nothing.update(|vec| vec.extend_from_slice(&[(); 3])).unwrap();
    assert_eq!(nothing.read().len(), 3);
    assert!(SeqLock::new(SeqVec::<u64, 0>::default()).read().push(1).is_err());
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Sensor {
    id: u16,
    name: SeqStr<7>,
    flags: SeqVec<bool, 3>,
}

#[test]
fn bits_of_another_origin() {
    let refusal = |parts: &[(usize, &[u8])]| bits::<Sensor>(parts).validate().unwrap_err().to_string();
    let (name, flags) = (4, 16);
    let valid = bits::<Sensor>(&[(name, &len(3)), (name + 4, b"one????"), (flags, &len(2)), (flags + 4, &[1, 0, 1])]);
    let sensor = valid.validate().expect("bytes beyond the text are not looked at, and there are two flags");
    assert_eq!((sensor.name.as_str(), sensor.flags.as_slice()), ("one", [true, false].as_slice()));

    assert_eq!(refusal(&[(name, &len(8))]), "invalid `Sensor`: `name.len` at byte 4: more than the capacity");
    assert_eq!(refusal(&[(name, &len(u32::MAX))]), "invalid `Sensor`: `name.len` at byte 4: more than the capacity");
    let broken = refusal(&[(name, &len(2)), (name + 4, "aß".as_bytes())]);
    assert_eq!(broken, "invalid `Sensor`: `name.bytes` at byte 8: the text is not UTF-8");
    assert_eq!(refusal(&[(flags, &len(4))]), "invalid `Sensor`: `flags.len` at byte 16: more than the capacity");
    // All elements count, those beyond the length, too: they are values of the type.
    let element = refusal(&[(flags, &len(1)), (flags + 4, &[1, 0, 2])]);
    assert_eq!(element, "invalid `Sensor`: `flags.elements[2]` at byte 22 is 0x2, expected a `bool`: 0 or 1");
    assert!(bits::<SeqVec<u8, 3>>(&[(0, &len(3))]).validate().is_ok());
}

/// Types with the names and the fields of the crate's.
mod own {
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct SeqStr {
        pub(super) len: u32,
        pub(super) bytes: [u8; 4],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct SeqVec {
        len: u32,
        elements: [u8; 4],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    #[allow(dead_code)]
    pub(super) enum SeqOption {
        None,
        Some(u8),
    }
}

#[test]
fn a_type_of_the_same_name_is_like_any_other() {
    let value = own::SeqStr { len: 99, bytes: [0xff; 4] };
    assert_eq!(MaybeInvalid::new(value).validate(), Ok(value));
    assert!(own::SeqStr::LAYOUT.validate(MaybeInvalid::new(value).as_bytes()).is_ok());
    assert_eq!(
        bits::<SeqStr<4>>(&[(0, &len(99))]).validate().map_err(|error| error.path().to_string()),
        Err("len".into())
    );
    let said = |layout: &Layout| (layout.str_capacity(), layout.vec_of().is_some(), layout.option_of().is_some());
    for (own, theirs, name, expected) in [
        (own::SeqStr::LAYOUT, SeqStr::<4>::LAYOUT, "SeqStr<4>", (Some(4), false, false)),
        (own::SeqVec::LAYOUT, SeqVec::<u8, 4>::LAYOUT, "SeqVec<u8, 4>", (None, true, false)),
        (own::SeqOption::LAYOUT, SeqOption::<u8>::LAYOUT, "SeqOption<u8>", (None, false, true)),
    ] {
        assert_eq!((said(own), said(theirs)), ((None, false, false), expected));
        assert_eq!(
            (own.type_name().to_string(), theirs.type_name().to_string()),
            (own.name().to_owned(), name.to_owned())
        );
        assert_eq!(own.name(), theirs.name());
        assert_ne!(own.fingerprint(), theirs.fingerprint());
    }
}

#[test]
fn any_text_round_trips_as_bits() {
    let mut rng = Rng::new(5);
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..if cfg!(miri) { 25 } else { 20_000 } {
        let bytes: [u8; 6] = std::array::from_fn(|_| b"a\xc3\x9f\xe9\xad\x9a\x00"[rng.below(7)]);
        let end = rng.below(9);
        let bits = bits::<SeqStr<6>>(&[(0, &len(u32::try_from(end).unwrap())), (4, &bytes)]);
        let text = bytes.get(..end).and_then(|text| std::str::from_utf8(text).ok());
        match (bits.validate(), text) {
            (Ok(ours), Some(text)) => {
                assert_eq!(ours, text);
                passed += 1;
            }
            (Err(_), None) => refused += 1,
            (ours, theirs) => panic!("{ours:?}, but {theirs:?}: {bytes:x?}"),
        }
    }
    assert!(passed > 5 && refused > 5, "{passed} {refused}");
}

/// Values of which neither begins with the other, unlike a value before and after a change.
#[test]
fn they_are_ordered_by_what_they_have() {
    let texts = ["", "a", "aa", "ab", "b", "ba", "ß", "魚"];
    let lists: [&[u16]; 6] = [&[], &[1], &[1, 1], &[1, 300], &[2], &[2, 0, 0]];
    for (one, other) in texts.iter().flat_map(|one| texts.iter().map(move |other| (*one, *other))) {
        let [ours, theirs] = [one, other].map(|text| SeqStr::<4>::try_from(text).unwrap());
        assert_eq!((ours.cmp(&theirs), ours.partial_cmp(&theirs)), (one.cmp(other), one.partial_cmp(other)));
    }
    for (one, other) in lists.iter().flat_map(|one| lists.iter().map(move |other| (*one, *other))) {
        let [ours, theirs] = [one, other].map(|list| SeqVec::<u16, 3>::from_slice(list).unwrap());
        assert_eq!((ours.cmp(&theirs), ours.partial_cmp(&theirs)), (one.cmp(other), one.partial_cmp(other)));
    }
    assert_eq!(SeqVec::<f32, 2>::from([f32::NAN]).partial_cmp(&[f32::NAN].into()), None);
}

#[test]
fn an_error_says_how_long_it_would_have_been() {
    let lengths = |error: CapacityError| (error.len(), error.capacity());
    let mut text = SeqStr::<4>::try_from("ab").unwrap();
    assert_eq!(text.push_str("cde").map_err(lengths), Err((5, 4)));
    assert_eq!(text.push('魚').map_err(lengths), Err((5, 4)));
    assert_eq!(SeqStr::<4>::try_from("abcde").map_err(lengths), Err((5, 4)));
    let mut list = SeqVec::<u8, 3>::from([1, 2]);
    assert_eq!((list.len(), list.extend_from_slice(&[3, 4]).map_err(lengths)), (2, Err((4, 3))));
    list.push(3).unwrap();
    assert_eq!(list.push(4).map_err(lengths), Err((4, 3)));
    assert_eq!(SeqVec::<u8, 3>::from_slice(&[0; 5]).map_err(lengths), Err((5, 3)));
    assert_eq!((&text[..], &list[..]), ("ab", &[1, 2, 3][..]));
}

#[test]
fn errors_are_errors() {
    let error: Box<dyn std::error::Error + Send + Sync> = Box::new(SeqStr::<3>::new().push_str("fish").unwrap_err());
    assert_eq!(error.to_string(), "a length of 4 exceeds the capacity of 3");
    assert!(error.downcast_ref::<CapacityError>().is_some());
}

/// A region's reader refuses what a hostile writer left, by the path.
#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
fn between_processes() {
    use seqcopy_shm::{ReadValueError, Reader, Writer};
    use seqcopy_tests::faults::Place;
    use std::os::unix::fs::FileExt;

    let place = Place::new();
    let path = place.at("sensor");
    let mut writer = Writer::<Sensor>::create(&path).unwrap();
    let sensor = Sensor { id: 7, name: SeqStr::literal("pump"), flags: SeqVec::from([true]) };
    writer.write(sensor).unwrap();
    let reader = Reader::<Sensor>::open(&path).unwrap();
    assert_eq!(reader.read().unwrap(), sensor);

    // The payload is found by its text.
    let bytes = std::fs::read(&path).unwrap();
    let text = bytes.windows(8).position(|bytes| bytes == [&len(4)[..], b"pump"].concat()).expect("the text");
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(&len(8), text as u64).unwrap();
    let error = match reader.read() {
        Err(ReadValueError::Invalid(error)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(error, "invalid `Sensor`: `name.len` at byte 4: more than the capacity");
    file.write_all_at(&[&len(2)[..], &[0xff]].concat(), text as u64).unwrap();
    let error = reader.read().unwrap_err().to_string();
    assert!(error.contains("`name.bytes` at byte 8: the text is not UTF-8"), "{error}");
    file.write_all_at(&[&len(4)[..], b"pump"].concat(), text as u64).unwrap();
    assert_eq!(reader.read().unwrap(), sensor);
}
