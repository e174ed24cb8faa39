//! What readers of a slice return, by each of their methods: all must agree with a model.

use std::fmt::Debug;

use seqcopy::{Validate, Version};
use seqcopy_shm::{FileReader, Options, ReadValueError, Reader};
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;

/// Whether a read was refused since the slice has `found` elements, and not as many as were wanted.
#[allow(clippy::needless_pass_by_value)] // results of calls
fn is_length<T>(result: Result<T, ReadValueError>, found: usize, wanted: usize) -> bool {
    matches!(result, Err(ReadValueError::Length(error)) if (error.len(), error.asked()) == (found, wanted))
}

/// Reads by every method; all must return the same.
pub(crate) fn check<T: Validate + Copy + PartialEq + Debug + 'static>(
    reader: &Reader<[T]>,
    model: &[T],
    rng: &mut Rng,
) {
    let mut vec = Vec::new();
    reader.read_to_vec(&mut vec).unwrap();
    assert_eq!(vec, model);
    let (capacity, place) = (vec.capacity(), vec.as_ptr());
    reader.try_read_to_vec(&mut vec).unwrap();
    assert_eq!((&vec[..], vec.capacity(), vec.as_ptr()), (model, capacity, place), "nothing is allocated");

    let Some(&other) = model.first() else {
        assert_eq!(reader.read_to_slice(&mut []), Ok(0));
        return;
    };
    let mut space = vec![other; model.len() + 1];
    assert_eq!(reader.read_to_slice(&mut space), Ok(model.len()));
    assert_eq!((&space[..model.len()], space[model.len()]), (model, other));
    assert_eq!(reader.try_read_to_slice(&mut space[..model.len()]), Ok(model.len()));
    let short = model.len() - 1;
    assert!(is_length(reader.read_to_slice(&mut space[..short]), model.len(), short));
    assert!(is_length(reader.try_read_to_slice(&mut space[..short]), model.len(), short));
    assert_eq!(&space[..short], &model[..short], "nothing was copied");

    for _ in 0..4 {
        let from = rng.below(model.len() + 1);
        let to = from + rng.below(model.len() - from + 1);
        let mut part = vec![other; to - from];
        reader.read_range(from..to, &mut part).unwrap();
        assert_eq!(part, &model[from..to]);
        part.fill(other);
        reader.try_read_range(from..to, &mut part).unwrap();
        assert_eq!(part, &model[from..to]);
    }
    let beyond = model.len()..model.len() + 1;
    assert!(is_length(reader.read_range(beyond.clone(), &mut [other]), model.len(), model.len() + 1));
    assert!(is_length(reader.try_read_range(beyond, &mut [other]), model.len(), model.len() + 1));
}

/// A range that ends before it begins, and one of another length than the space for it.
#[test]
fn ranges_are_as_long_as_the_space_for_them() {
    let place = Place::new();
    let path = place.at("slice");
    let mut writer = Options::new().capacity(8).create::<[u16]>(&path).unwrap();
    writer.write_from(&[1, 2, 3, 4, 5]).unwrap();
    let reader = Reader::<[u16]>::open(&path).unwrap();
    #[allow(clippy::reversed_empty_ranges)] // that is what is tested
    for (range, space) in [(3..1, 0), (3..1, 2), (1..3, 1), (1..3, 3), (2..2, 1)] {
        for tries in [false, true] {
            let mut dst = vec![7; space];
            let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                if tries {
                    reader.try_read_range(range.clone(), &mut dst)
                } else {
                    reader.read_range(range.clone(), &mut dst)
                }
            }));
            let said = read.unwrap_err();
            let said = said.downcast_ref::<String>().unwrap();
            assert_eq!(*said, format!("the range {range:?} is read to a slice of {space}"));
            assert_eq!(dst, vec![7; space]);
        }
    }
}

/// The same of a file, by its methods.
pub(crate) fn check_file<T: Validate + Copy + PartialEq + Debug + 'static>(reader: &FileReader<[T]>, model: &[T]) {
    let (mut vec, mut known) = (Vec::new(), Version::NEVER);
    reader.read_to_vec(&mut vec).unwrap();
    assert_eq!(vec, model);
    let (capacity, place) = (vec.capacity(), vec.as_ptr());
    reader.try_read_to_vec(&mut vec).unwrap();
    assert_eq!((&vec[..], vec.capacity(), vec.as_ptr()), (model, capacity, place), "nothing is allocated");
    assert_eq!((reader.read_if_changed(&mut known, &mut vec), &vec[..]), (Ok(true), model));
    assert_eq!(Ok(known), reader.region().version());
    vec.extend(model.first());
    let longer = vec.clone();
    assert_eq!((reader.read_if_changed(&mut known, &mut vec), vec), (Ok(false), longer));
}
