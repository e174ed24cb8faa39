//! The seeds of the fuzzer: what correct programs write.

use std::num::NonZeroU16;

use seqcopy::{SeqCopy, SeqOption, Validate};
use seqcopy_shm::Schema;
use seqcopy_tests::regions::whole;

/// The type as which the targets open regions. It has a field of each kind that can be invalid.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Known {
    pub(crate) at: u64,
    pub(crate) letter: char,
    pub(crate) count: NonZeroU16,
    pub(crate) moving: bool,
    pub(crate) mode: Mode,
    pub(crate) route: SeqOption<[bool; 3]>,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
pub(crate) enum Mode {
    Idle = 1,
    Moving = 4,
    Halted = 200,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u16)]
#[allow(dead_code)] // only its schema is used
enum Order {
    None = 3,
    To(NonZeroU16, bool),
    Along { points: [u8; 5], mode: Mode, closed: bool } = 900,
}

/// The schema of a type, its size and its alignment.
fn described<T: Validate>() -> (Vec<u8>, usize, usize) {
    (Schema::of::<T>().as_bytes().to_vec(), size_of::<T>(), align_of::<T>())
}

/// The types of the seeds.
pub(crate) fn types() -> [(Vec<u8>, usize, usize); 5] {
    [
        described::<Known>(),
        described::<u64>(),
        described::<[SeqOption<char>; 3]>(),
        described::<Order>(),
        described::<Mode>(),
    ]
}

/// Valid bytes of [`Known`].
pub(crate) fn value() -> Vec<u8> {
    let mut bytes = vec![0; size_of::<Known>()];
    bytes[0] = 7;
    bytes[std::mem::offset_of!(Known, letter)] = b'x';
    bytes[std::mem::offset_of!(Known, count)] = 1;
    bytes[std::mem::offset_of!(Known, mode)] = Mode::Idle as u8;
    bytes
}

/// The seeds of a target; none for unknown names.
///
/// # Panics
/// If a schema is longer than 64 KiB.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "schema" => types().into_iter().map(|(schema, ..)| schema).collect(),
        // The whole file.
        "header" => {
            let (schema, size, align) = described::<Known>();
            let images = [1, 2, 4].map(|buffers| {
                let (mut bytes, first, stride) = whole(&schema, size, align, buffers);
                for buffer in 0..buffers {
                    bytes[first + buffer * stride..][..size].copy_from_slice(&value());
                }
                (bytes[192], bytes[128]) = (2, 1);
                bytes
            });
            images.into_iter().collect()
        }
        // The number of buffers (its logarithm), state, word, length of the schema, schema, buffers: the rest follows from these.
        // Instead of the length there may be the number of one of the types, and then no schema.
        "region" => types()
            .into_iter()
            .zip(0u16..)
            .flat_map(|((schema, size, _), number)| {
                let length = u16::try_from(schema.len()).expect("a short one");
                [(0, number, &[][..]), (1, number, &[]), (1, length, &schema)].map(|(buffers, length, schema)| {
                    let mut bytes = vec![buffers, 1];
                    bytes.extend_from_slice(&2u64.to_le_bytes());
                    bytes.extend_from_slice(&length.to_le_bytes());
                    bytes.extend_from_slice(schema);
                    bytes.extend(std::iter::repeat_with(value).take(2).flatten().chain([0; 64]).take(size << buffers));
                    bytes
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}
