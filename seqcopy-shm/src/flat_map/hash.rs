//! The hash of a key's bytes. It is part of the format: a program in another language finds an entry by it.
//!
//! ```text
//! fold(a, b) = the low 64 bits of the 128-bit product a * b, xor the high 64 bits
//! h = seed xor (number of bytes)
//! for each 8 bytes of the key:        h = fold(h xor (these as a little-endian number), FULL)
//! if 1 to 7 bytes are left:           h = fold(h xor (these, with zeros behind them, the same way), REST)
//! ```
//!
//! The search for a key begins at slot `h` modulo the number of slots. Std's `Hash` is not used, because what a type feeds to it may
//! differ between two builds.

const FULL: u64 = 0xa076_1d64_78bd_642f;
const REST: u64 = 0xe703_7ed1_a0b4_28db;

#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // both halves are used
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a key's bytes.
#[inline(always)]
pub(super) fn hash(seed: u64, key: &[u8]) -> u64 {
    let mut hash = seed ^ key.len() as u64;
    let mut words = key.chunks_exact(8);
    for word in &mut words {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(word);
        hash = fold(hash ^ u64::from_le_bytes(bytes), FULL);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let mut bytes = [0; 8];
        bytes[..rest.len()].copy_from_slice(rest);
        hash = fold(hash ^ u64::from_le_bytes(bytes), REST);
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::hash;

    /// Computed by another program, from the page of the format.
    #[test]
    fn golden_vectors() {
        for (seed, key, expected) in [
            (0x0000_0000_0000_0000, &b""[..], 0x0000_0000_0000_0000),
            (0x0000_0000_0000_0000, &b"\x00"[..], 0xe703_7ed1_a0b4_28db),
            (0x0000_0000_0000_0001, &b"\x6b\x65\x79"[..], 0x128c_ad89_4deb_a4f9),
            (0x0123_4567_89ab_cdef, &b"\x00\x01\x02\x03\x04\x05\x06\x07"[..], 0x1aa4_ff0b_d18b_a06a),
            (
                0x0123_4567_89ab_cdef,
                &b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"[..],
                0x63e3_71a6_f338_d096,
            ),
            (
                0xffff_ffff_ffff_ffff,
                &b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"[..],
                0x33db_6a6d_a16f_25be,
            ),
            (0x0000_0000_0000_0007, &b"\xe8\x03\x00\x00\x00\x00\x00\x00"[..], 0x2cec_b313_2b11_f11b),
        ] {
            assert_eq!(hash(seed, key), expected, "{seed:#x} {key:?}");
        }
    }

    #[test]
    fn keys_that_differ_by_a_bit_begin_at_other_slots() {
        // Of 64 numbers in sequence, and of a number's bits, in 1,024 slots: chance leaves about 62 places.
        let places = |hashes: &mut dyn Iterator<Item = u64>| {
            hashes.map(|hash| hash % 1024).collect::<std::collections::BTreeSet<_>>().len()
        };
        for seed in [0, 1, u64::MAX, 0x1234_5678_9abc_def0] {
            assert!(places(&mut (0u64..64).map(|key| hash(seed, &key.to_le_bytes()))) > 48);
            assert!(places(&mut (0u64..64).map(|bit| hash(seed, &(1u64 << bit).to_le_bytes()))) > 48);
            assert!(
                places(&mut (0u64..64).map(|bit| hash(seed, &[&[0; 8][..], &(1u64 << bit).to_le_bytes()].concat())))
                    > 48
            );
        }
    }
}
