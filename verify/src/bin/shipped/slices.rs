//! Slices whose length is known at run time: length and elements of one write, and nothing beyond the space that there
//! is.

use std::num::NonZeroU64;
use std::thread;

use seqcopy::{SeqOption, SeqSlice};

use super::{READS, WRITES};

/// Bits of two writes may be no value: a tag of `Some`, and the number of a `None`.
type Element = SeqOption<NonZeroU64>;

const CAPACITY: usize = 4;

/// The list of a version, whose length and elements differ from those of the versions before and after it.
fn list(number: u32) -> Vec<Element> {
    let element =
        if number % 2 == 0 { SeqOption::None } else { SeqOption::Some(NonZeroU64::MIN.saturating_add(number.into())) };
    if number == 0 { Vec::new() } else { vec![element; 1 + number as usize % CAPACITY] }
}

fn race<const BUFFERS: usize>() {
    let slice = SeqSlice::<Element, BUFFERS>::with_capacity(CAPACITY);
    let write = || {
        let mut writer = slice.writer().expect("the only one");
        (1..=WRITES).for_each(|number| writer.write_from(&list(number)).expect("it fits in"));
    };
    let read = || {
        let (mut known, mut vec, mut seen) = (slice.version(), Vec::new(), 0);
        for _ in 0..READS {
            if slice.try_read_if_changed(&mut known, &mut vec) == Ok(true) {
                let number = u32::try_from(known.to_bits()).expect("few writes");
                assert_eq!(vec, list(number), "torn, or of another version");
                assert!(number >= seen, "back from {seen} to {number}");
                seen = number;
            }
            // Whatever happens, its elements are values.
            let mut some = [SeqOption::Some(NonZeroU64::MIN); CAPACITY - 1];
            let read = slice.try_read_to_slice(&mut some);
            let len = read.unwrap_or(0);
            assert!((seen..=WRITES).any(|number| len == 0 || list(number) == some[..len]), "never written: {some:?}");
            assert!(some[len..].iter().all(|it| *it == SeqOption::Some(NonZeroU64::MIN)), "no values: {some:?}");
        }
    };
    thread::scope(|scope| {
        scope.spawn(write);
        scope.spawn(read);
    });
    let mut last = Vec::new();
    slice.read_to_vec(&mut last);
    assert_eq!(last, list(WRITES));
}

pub(crate) fn slices() {
    race::<1>();
    race::<2>();
    let slice = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
    assert!(slice.read_to_slice(&mut [0; 2]).is_err(), "no space for it");
    assert!(slice.read_range(2..4, &mut [0; 2]).is_err(), "there are not that many");
    assert!(slice.write_from(&[0; 4]).is_err(), "it does not fit in");
}
