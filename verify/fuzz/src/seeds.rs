//! The seeds of the fuzzer: what correct programs write.

use seqcopy_tests::regions::whole;

use crate::types::{Known, Told as _, described, types};
use crate::{calls, map, tokens};

/// Valid bytes of [`Known`].
fn known() -> Vec<u8> {
    Known::sample(7).bytes()
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
                    bytes[first + buffer * stride..][..size].copy_from_slice(&known());
                }
                (bytes[192], bytes[128]) = (2, 1);
                bytes
            });
            images.into_iter().chain(map::files()).collect()
        }
        "calls" => calls::seeds(),
        // The number of buffers (its logarithm), state, word, length of the schema, schema, buffers: the rest follows
        // from these. Instead of the length there may be the number of one of the types, and then no schema.
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
                    bytes.extend(std::iter::repeat_with(known).take(2).flatten().chain([0; 64]).take(size << buffers));
                    bytes
                })
            })
            .collect(),
        "map" => map::seeds(),
        "derive" => tokens::seeds(),
        _ => Vec::new(),
    }
}
