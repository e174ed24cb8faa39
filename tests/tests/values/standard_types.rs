//! Types of the standard library, and `SeqOption` and `SeqDuration` in the place of others: in locks, and as bits of
//! another origin.

use core::cmp::Ordering;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4};
use core::ops::{Range, RangeFrom, RangeTo, RangeToInclusive};
use core::time::Duration;

use seqcopy::layout::Field;
use seqcopy::{MaybeInvalid, SeqCopy, SeqDuration, SeqLatch, SeqLock, SeqOption, Validate};
use seqcopy_tests::corpus::Peer;

/// Bits with these bytes; the rest is zero.
fn bits<T>(bytes: &[(usize, u8)]) -> MaybeInvalid<T> {
    let mut bits = MaybeInvalid::<T>::zeroed();
    for &(offset, byte) in bytes {
        assert!(offset < size_of::<T>());
        let place = bits.as_mut_ptr().cast::<u8>().wrapping_add(offset);
        // SAFETY: inside the private copy.
        unsafe { place.write(byte) };
    }
    bits
}

fn refusal<T: Validate>(bytes: &[(usize, u8)]) -> String {
    bits::<T>(bytes).validate().map(drop).expect_err("they are not valid").to_string()
}

#[test]
fn any_octets_are_an_address() {
    assert_eq!(bits::<Ipv4Addr>(&[(0, 192), (2, 2), (3, 7)]).validate(), Ok(Ipv4Addr::new(192, 0, 2, 7)));
    let address = bits::<Ipv6Addr>(&[(0, 0x20), (1, 1), (15, 9)]).validate();
    assert_eq!(address, Ok("2001::9".parse().unwrap()));
    assert!(Ipv4Addr::LAYOUT.is_specified() && Ipv6Addr::LAYOUT.is_padding_free());
    assert!(!SocketAddrV4::LAYOUT.is_specified());
    // The octets lie as they are written, in all positions and for all values.
    for place in 0..16 {
        for value in 0..=255u8 {
            let mut octets = [0; 16];
            octets[place] = value;
            assert_eq!(bits::<Ipv6Addr>(&[(place, value)]).validate(), Ok(Ipv6Addr::from(octets)));
            if let Some(octets) = octets.first_chunk().filter(|_| place < 4) {
                assert_eq!(bits::<Ipv4Addr>(&[(place, value)]).validate(), Ok(Ipv4Addr::from(*octets)));
            }
        }
    }
}

#[test]
fn every_socket_address_is_kept() {
    let address = |n: u8| SocketAddrV4::new(Ipv4Addr::new(n, !n, 3, n), u16::from(n) << 8 | 7);
    let lock = SeqLatch::new(address(0));
    for n in 0..=255 {
        lock.write(address(n));
        assert_eq!(lock.read(), address(n));
    }
}

#[test]
fn ordering_has_three_tags() {
    for (byte, ordering) in [(0xff, Ordering::Less), (0, Ordering::Equal), (1, Ordering::Greater)] {
        assert_eq!(bits::<Ordering>(&[(0, byte)]).validate(), Ok(ordering));
    }
    assert_eq!(
        refusal::<Ordering>(&[(0, 2)]),
        "invalid `Ordering`: found 0x2, expected a variant of `Ordering`: Less = -1, Equal = 0, Greater = 1"
    );
}

#[test]
fn ranges_in_a_lock() {
    #[derive(Clone, Debug, PartialEq, SeqCopy)]
    struct Window {
        samples: Range<u64>,
        after: RangeFrom<u16>,
        before: RangeTo<u8>,
        until: RangeToInclusive<i32>,
    }
    let window = |n: u8| Window {
        samples: u64::from(n)..u64::MAX - u64::from(n),
        after: u16::from(n)..,
        before: ..n,
        until: ..=-i32::from(n),
    };
    let lock = SeqLock::new(window(1));
    lock.write(window(2));
    assert_eq!(lock.read(), window(2));
    lock.update(|window| window.samples.next());
    assert_eq!(lock.read().samples.start, 3);
    assert_eq!(Range::<u32>::LAYOUT.fields().iter().map(Field::name).collect::<Vec<_>>(), ["start", "end"]);
}

#[test]
fn durations_of_other_origin() {
    let whole = bits::<SeqDuration>(&[(0, 5), (8, 7)]).validate().expect("five seconds and a bit");
    let expected = if cfg!(target_endian = "little") { Duration::new(5, 7) } else { Duration::new(5 << 56, 7 << 24) };
    assert_eq!(whole, expected);
    assert!(whole > Duration::ZERO && whole < Duration::MAX && SeqDuration::ZERO == Duration::ZERO);
    assert_eq!(format!("{:?}", SeqDuration::from(Duration::from_millis(1500))), "1.5s");
    assert!(Duration::ZERO < whole && Duration::ZERO == SeqDuration::ZERO && SeqDuration::MAX == Duration::MAX);
    // With a `Duration` on either side, and carrying.
    let units =
        [SeqDuration::from_nanos(2_000_000_000), SeqDuration::from_micros(2_000_000), SeqDuration::from_millis(2000)];
    assert_eq!(units, [SeqDuration::from_secs(2); 3]);
    // 0x3b9aca00 nanoseconds are a second.
    let bytes = 1_000_000_000u32.to_ne_bytes();
    let bytes: Vec<_> = bytes.iter().enumerate().map(|(i, byte)| (8 + i, *byte)).collect();
    assert_eq!(
        refusal::<SeqDuration>(&bytes),
        "invalid `SeqDuration`: `nanos` at byte 8: a second has fewer nanoseconds"
    );
    let below = 999_999_999u32.to_ne_bytes();
    let below: Vec<_> = below.iter().enumerate().map(|(i, byte)| (8 + i, *byte)).collect();
    assert_eq!(bits::<SeqDuration>(&below).validate(), Ok(Duration::from_nanos(999_999_999).into()));
}

#[test]
fn a_refusal_has_the_path() {
    let field = |name: &str| Peer::LAYOUT.fields().iter().find(|field| field.name() == name).unwrap().offset();
    let nanos = field("since") + 8;
    let bytes = [nanos, nanos + 1, nanos + 2, nanos + 3].map(|offset| (offset, 0xff));
    assert_eq!(
        refusal::<Peer>(&bytes),
        format!("invalid `Peer`: `since.nanos` at byte {nanos}: a second has fewer nanoseconds")
    );
    let distance = field("distance");
    assert_eq!(
        refusal::<Peer>(&[(distance, 7)]),
        format!(
            "invalid `Peer`: `distance` at byte {distance} is 0x7, expected a variant of `Ordering`: Less = -1, Equal = 0, Greater = 1"
        )
    );
}

#[test]
fn options_behave_as_options() {
    for option in [None, Some(3u32), Some(9)] {
        let ours = SeqOption::from(option);
        assert_eq!(ours, option);
        assert_eq!(ours, SeqOption::from_option(option));
        assert_eq!(ours == Some(3), option == Some(3));
        assert_eq!((ours.copied(), ours.into_option()), (option, option));
        assert_eq!(ours.map(|n| n + 1), option.map(|n| n + 1));
        assert_eq!(ours.and_then(|n| n.checked_sub(5).into()), option.and_then(|n| n.checked_sub(5)));
        assert_eq!(ours.unwrap_or(7), option.unwrap_or(7));
        assert_eq!(ours.unwrap_or_else(|| 7), option.unwrap_or(7));
        assert_eq!(ours.unwrap_or_default(), option.unwrap_or_default());
        assert_eq!(ours.is_some_and(|n| n > 5), option.is_some_and(|n| n > 5));
        let (mut ours, mut theirs) = (ours, option);
        assert_eq!((ours.replace(4), ours.into_option()), (theirs.replace(4), theirs));
        assert_eq!((ours.take(), ours.into_option()), (theirs.take(), theirs));
        assert_eq!((ours.take(), ours.replace(5), ours.into_option()), (None, None, Some(5)));
    }
    let panics =
        |call: fn() -> u32| std::panic::catch_unwind(call).unwrap_err().downcast::<String>().expect("a message");
    assert_eq!(*panics(|| SeqOption::None.expect("a limit")), "a limit");
    assert!(std::panic::catch_unwind(|| SeqOption::<u32>::None.unwrap()).is_err());
}

/// Tuples, which have no name of their own, alone and inside of others.
#[test]
fn types_have_names_for_people() {
    let name = |layout: &seqcopy::Layout| layout.type_name().to_string();
    assert_eq!([<(u8, u16)>::LAYOUT, <[(u8, bool); 2]>::LAYOUT].map(name), ["tuple", "[tuple; 2]"]);
    assert_eq!(name(SeqOption::<(u8, u16)>::LAYOUT), "SeqOption<tuple>");
}
