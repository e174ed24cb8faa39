//! The last sample that is taken and the first that is not, for each limit; and when a whole one is asked for.

use seqcopy::{SeqCopy, Validate};
use seqcopy_relay::sample;
use seqcopy_relay::target::{Dropped, Existing, Taken, Target};
use seqcopy_shm::{Options, Reader, Schema, WriterState};

use super::common::Place;
use super::common::samples::{LIFE, head, target, value};

/// An array whose elements are a byte and many places without any.
#[test]
fn a_type_of_many_more_places_than_bytes_is_refused() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Few([bool; 0], [bool; 0], [bool; 0], [bool; 0]);
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Crowd(bool, Few, Few);
    let place = Place::new("places");
    let mut target = target(&place.0);
    let of_crowd = |schema: &Schema, size| head(schema, 1).encode(schema.as_bytes(), &vec![0; size]);
    let (few, many) = (Schema::of::<[Crowd; 100]>(), Schema::of::<[Crowd; 100_000]>());
    let Err(error) = target.take(&of_crowd(&many, 100_000)) else { panic!("taken") };
    assert!(error.to_string().contains("a type of 100000 bytes with "), "{error}");
    assert_eq!(target.take(&of_crowd(&few, 100)).unwrap(), Taken::Written);
}
/// One place more, for as many bytes; and one byte more, for as large a region.
#[test]
fn the_last_that_is_taken_and_the_first_that_is_not() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Places(u8, (), (), (), (), (), (), (), (), ());
    fn taken<T: Validate>(name: &str, largest: u64) -> Result<Taken, Dropped> {
        let (place, schema) = (Place::new(name), Schema::of::<T>());
        let mut target = Target::new(place.0.clone(), Options::new(), Existing::Own, 2, largest);
        target.appeared(LIFE);
        target.take(&head(&schema, 1).encode(schema.as_bytes(), &vec![0; size_of::<T>()]))
    }
    // Eleven places for a byte: 11 n + 1 are 8 n + 65536.
    assert_eq!(sample::count(Places::LAYOUT), 11);
    assert_eq!(taken::<[Places; 21_845]>("places", 1 << 20).unwrap(), Taken::Written);
    assert!(matches!(taken::<[Places; 21_846]>("places", 1 << 20), Err(Dropped::Schema(_))));
    assert_eq!(taken::<[u64; 512]>("bytes", 8192).unwrap(), Taken::Written);
    assert!(matches!(taken::<[u64; 512]>("bytes", 8191), Err(Dropped::TooLarge(8192))));
}

/// A whole sample is asked for where one could help, and no longer; the region stays as it is meanwhile.
#[test]
fn what_makes_a_target_incomplete() {
    let place = Place::new("incomplete-again");
    let mut target = target(&place.0);
    let other = Schema::of::<u32>();
    target.appeared(LIFE);
    target.appeared(8);
    for what in 0..3 {
        assert!(target.take(&value(5, true)).is_ok() && !target.is_incomplete());
        let reader = Reader::<[u64; 8]>::open(&place.0).unwrap();
        match what {
            0 => target.appeared(LIFE),
            1 => target.vanished(8),
            _ => assert!(matches!(target.take(&head(&other, 6).encode(&[], &[0; 4])), Err(Dropped::Incomplete))),
        }
        assert!(target.is_incomplete(), "{what}");
        assert!(matches!(reader.writer_state(), WriterState::Alive { .. }), "{what}");
        assert_eq!(
            (target.take(&value(5, false)).unwrap(), target.is_incomplete()),
            (Taken::Repeated, false),
            "{what}"
        );
    }
}

/// One buffer of the largest region, and a mebibyte.
#[test]
fn longer_samples_than_fit_are_not_received() {
    let longest =
        |buffers, largest| Target::new("none".into(), Options::new(), Existing::Own, buffers, largest).longest_sample();
    assert_eq!(
        [longest(2, 1 << 28), longest(1, 5), longest(0, 8)],
        [(1 << 27) + (1 << 20), 5 + (1 << 20), 8 + (1 << 20)]
    );
    assert_eq!(longest(1, u64::MAX), u64::MAX);
}

#[test]
fn a_publisher_with_many_tokens_takes_no_memory() {
    let place = Place::new("many-tokens");
    let mut target = target(&place.0);
    let mut size = |lives: std::ops::Range<u64>| {
        lives.for_each(|life| target.appeared(life | 1 << 63));
        format!("{target:?}").len()
    };
    assert_eq!(size(0..1000), size(1000..10_000));
}
