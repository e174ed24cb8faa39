//! [`Format`]: the formats of samples, which differ by their hash.

use twox_hash::XxHash3_64;

/// Where the hash is in a sample.
pub const CHECK: usize = 80;
/// The bytes before the schema.
pub const HEAD: usize = 88;

/// The format of a sample: which hash it has. Subscribers read both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With a hash of 8 bytes a step.
    One,
    /// With XXH3-64.
    Two,
}

impl Format {
    /// As it stands in a sample.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Format::One => 1,
            Format::Two => 2,
        }
    }

    /// The one of this number.
    #[must_use]
    pub fn of(number: u16) -> Option<Format> {
        [Format::One, Format::Two].into_iter().find(|format| format.number() == number)
    }

    /// A hash of all bytes of a sample but those of the hash itself.
    ///
    /// # Panics
    /// If there are fewer than [`HEAD`].
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> u64 {
        let parts = [&bytes[..CHECK], &bytes[HEAD..]];
        match self {
            Format::One => first_hash(bytes.len(), parts),
            Format::Two => parts.iter().fold(0, |seed, part| XxHash3_64::oneshot_with_seed(seed, part)),
        }
    }
}

/// A little-endian number of at most 8 bytes.
#[must_use]
pub fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| (number << 8) | u64::from(byte))
}

/// The hash of format 1. Each step maps the numbers before it one to one, so damage within 8 bytes is always found.
fn first_hash(len: usize, parts: [&[u8]; 2]) -> u64 {
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let mut state = len as u64;
    for part in parts {
        let words = part.chunks_exact(8);
        let rest = little_endian(words.remainder());
        state = words.fold(state, |state, word| step(state, word.try_into().map_or(0, u64::from_le_bytes)));
        state = step(state, rest);
    }
    state
}
