//! [`Image`]: the bytes of a region, and ways to damage them.

use std::fs::File;
use std::os::unix::fs::FileExt;

use seqcopy_tests::oracle::Rng;
use seqcopy_tests::regions::whole;

use crate::tree::{Encoder, START, Spot, Tree};

/// The content of a region's file.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) bytes: Vec<u8>,
    /// The length of the file.
    pub(crate) len: u64,
    /// A range that is not written, if any.
    pub(crate) hole: Option<std::ops::Range<u64>>,
    /// The expected results, if the header and the schema are intact.
    pub(crate) honest: Option<Honest>,
}

/// A region with a correct type, and any payload, word and state.
#[derive(Debug, Clone)]
pub(crate) struct Honest {
    pub(crate) tree: Tree,
    pub(crate) buffers: usize,
    pub(crate) word: u64,
    pub(crate) state: u32,
    first: usize,
    stride: usize,
}

impl Honest {
    /// The bytes of the buffer that a reader must return, unless it is empty or busy.
    pub(crate) fn value<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        if self.word == 0 || (self.buffers == 1 && self.word & 1 == 1) {
            return None;
        }
        #[allow(clippy::cast_possible_truncation)] // only the low bits are used
        let start = self.first + (self.word as usize & (self.buffers - 1)) * self.stride;
        Some(&bytes[start..start + self.tree.size])
    }

    /// Whether an unfinished write is left that no writer will end: readers wait for it.
    pub(crate) fn is_busy(&self) -> bool {
        self.buffers == 1 && self.word & 1 == 1
    }
}

/// Offset and width of each number in the header.
pub(crate) const FIELDS: [(usize, usize); 16] = [
    (0, 8),
    (8, 4),
    (12, 1),
    (13, 1),
    (14, 2),
    (16, 8),
    (24, 8),
    (32, 8),
    (40, 4),
    (44, 4),
    (48, 8),
    (56, 8),
    (64, 8),
    (72, 8),
    (96, 8),
    (104, 4),
];

pub(crate) fn noise(rng: &mut Rng, bytes: &mut [u8]) {
    for part in bytes.chunks_mut(8) {
        part.copy_from_slice(&rng.bits().to_le_bytes()[..part.len()]);
    }
}

#[allow(clippy::cast_possible_truncation)] // half of the bits are used
pub(crate) fn low(rng: &mut Rng) -> u32 {
    rng.bits() as u32
}

/// Writes the word and a state, which is returned: mostly open.
pub(crate) fn begin(bytes: &mut [u8], word: u64, rng: &mut Rng) -> u32 {
    let state = match rng.below(16) {
        0 => 2,
        1 => low(rng),
        _ => 1,
    };
    bytes[192..200].copy_from_slice(&word.to_ne_bytes());
    bytes[128..132].copy_from_slice(&state.to_ne_bytes());
    state
}

/// A number that means trouble.
pub(crate) fn nasty(rng: &mut Rng, old: u64) -> u64 {
    match rng.below(14) {
        0 => 0,
        1 => 1,
        2 => old.wrapping_add(1),
        3 => old.wrapping_sub(1),
        4 => old.wrapping_mul(2),
        5 => old ^ 1 << rng.below(64),
        6 => u64::MAX,
        7 => i64::MAX as u64,
        8 => 1 << 63,
        9 => 1 << rng.below(64),
        10 => u64::MAX / (old.max(1)),
        11 => (i64::MAX as u64) - rng.bits() % 4096,
        12 => rng.bits() % 256,
        _ => rng.bits(),
    }
}

impl Image {
    /// Writes the region to an empty file, or over another one if it has no hole.
    pub(crate) fn write(&self, file: &File) {
        let place = |at: u64| self.bytes.len().min(usize::try_from(at).expect("a size"));
        let end = place(self.len);
        let hole = self.hole.as_ref().map_or(end..end, |hole| place(hole.start).min(end)..place(hole.end).min(end));
        file.write_all_at(&self.bytes[..hole.start], 0).expect("written");
        file.write_all_at(&self.bytes[hole.end..end], hole.end as u64).expect("written");
        file.set_len(self.len).expect("a length");
    }

    /// A correct header and schema, with any payload, word and state.
    pub(crate) fn honest(tree: &Tree, schema: &[u8], rng: &mut Rng) -> Image {
        let buffers = *rng.pick(&[1, 1, 2, 2, 4, 8]);
        let (mut bytes, first, stride) = whole(schema, tree.size, tree.align, buffers);
        for index in 0..buffers {
            let start = first + index * stride;
            // Values, values with a flipped bit, noise, zeros.
            let of = rng.below(8);
            let buffer = &mut bytes[start..start + tree.size];
            if of != 7 {
                noise(rng, buffer);
            }
            if of < 5 {
                tree.repair(buffer, rng);
            }
            if of == 4 && tree.size > 0 {
                buffer[rng.below(tree.size)] ^= 1 << rng.below(8);
            }
        }
        let word = match rng.below(8) {
            0 => 0,
            1 => rng.bits() | 1,
            2 => u64::MAX - rng.bits() % 3,
            _ => rng.bits() & if buffers == 1 { !1 } else { !0 },
        };
        let state = begin(&mut bytes, word, rng);
        // The fields that describe the writer: process, start time, count.
        for at in [132, 136, 144] {
            let number = nasty(rng, u64::from(std::process::id()));
            bytes[at..at + 4].copy_from_slice(&number.to_ne_bytes()[..4]);
        }
        let honest = Honest { tree: tree.clone(), buffers, word, state, first, stride };
        Image { len: bytes.len() as u64, bytes, hole: None, honest: Some(honest) }
    }

    /// A damaged schema, in a region in which everything else is consistent.
    pub(crate) fn damaged_schema(tree: &Tree, rng: &mut Rng) -> Image {
        let mut tree = tree.clone();
        if rng.chance(1, 16) {
            tree = tree.wrapped(rng.below(100));
        }
        let Encoder { bytes: mut schema, spots } = Encoder::schema(&tree);
        for _ in 0..=rng.below(3) {
            damage(&mut schema, &spots, rng);
        }
        // The sizes in the root, since others would be refused before the schema is read further.
        let root = |at: usize| schema.get(at..at + 8).map_or(0, |b| u64::from_le_bytes(b.try_into().expect("8 bytes")));
        let (size, align) = (root(START.len() + 1), root(START.len() + 9));
        let plausible =
            |number: u64, most: u64, or: usize| usize::try_from(number).ok().filter(|_| number <= most).unwrap_or(or);
        let (size, mut align) = (plausible(size, 1 << 14, tree.size), plausible(align, 4096, tree.align));
        if !align.is_power_of_two() {
            align = tree.align;
        }
        let (mut bytes, first, ..) = whole(&schema, size, align, *rng.pick(&[1, 2]));
        let end = bytes.len() - schema.len();
        noise(rng, &mut bytes[first..end]);
        // Small numbers are valid more often.
        bytes[first..end].iter_mut().for_each(|byte| *byte &= 3);
        bytes[192..200].copy_from_slice(&2u64.to_ne_bytes());
        bytes[128..132].copy_from_slice(&1u32.to_ne_bytes());
        Image { len: bytes.len() as u64, bytes, hole: None, honest: None }
    }

    /// A header in which some fields are wrong, with or without the fields that follow from them.
    pub(crate) fn damaged_header(mut self, rng: &mut Rng) -> Image {
        self.honest = None;
        if rng.chance(1, 3) {
            // Sizes and buffers that are consistent, but do not fit the type in the schema.
            let schema_len = u64::from_le_bytes(self.bytes[72..80].try_into().expect("8 bytes"));
            let at = self.bytes.len() - usize::try_from(schema_len).expect("a length");
            let schema = self.bytes.split_off(at);
            let (size, align) = (rng.below(200), 1 << rng.below(13));
            (self.bytes, ..) = whole(&schema, size, align, 1 << rng.below(5));
            self.len = self.bytes.len() as u64;
            self.bytes[128] = 1;
            return self;
        }
        for _ in 0..=rng.below(2) {
            let (at, width) = *rng.pick(&FIELDS);
            let mut number = [0; 8];
            number[..width].copy_from_slice(&self.bytes[at..at + width]);
            let number = nasty(rng, u64::from_le_bytes(number)).to_le_bytes();
            self.bytes[at..at + width].copy_from_slice(&number[..width]);
        }
        self
    }

    /// A file of another length, or with a hole.
    pub(crate) fn resized(mut self, rng: &mut Rng) -> Image {
        self.honest = None;
        match rng.below(3) {
            0 => self.len = rng.bits() % (self.len + 1),
            1 => self.len += rng.bits() % 10_000,
            _ => {
                let at = rng.bits() % self.len;
                self.hole = Some(at..self.len.min(at + 4096 + rng.bits() % 8192));
            }
        }
        self
    }

    /// Noise, or a region with noise in it.
    pub(crate) fn noise(mut self, rng: &mut Rng) -> Image {
        self.honest = None;
        let from = if rng.chance(1, 2) { 0 } else { 8 + rng.below(self.bytes.len() - 8) };
        noise(rng, &mut self.bytes[from..]);
        self
    }
}

/// Changes bytes of a schema that have a meaning.
fn damage(schema: &mut Vec<u8>, spots: &[Spot], rng: &mut Rng) {
    const KINDS: &[u8] = b"uifbcnmNM#_[{ed|osvpq\0\xff";
    // Damage done before may have moved it.
    let at_most = |at: usize, len: usize, schema: &[u8]| at + len <= schema.len();
    match *rng.pick(spots) {
        Spot::Kind(at) if at_most(at, 1, schema) => schema[at] = *rng.pick(KINDS),
        Spot::Number(at) if at_most(at, 8, schema) => {
            let old = u64::from_le_bytes(schema[at..at + 8].try_into().expect("8 bytes"));
            schema[at..at + 8].copy_from_slice(&nasty(rng, old).to_le_bytes());
        }
        Spot::Name(at, len) if at_most(at, 8 + len, schema) => match rng.below(6) {
            0 => schema[at..at + 8].copy_from_slice(&nasty(rng, len as u64).to_le_bytes()),
            1 if len > 0 => schema[at + 8 + rng.below(len)] = 0x80 | rng.bits().to_le_bytes()[0],
            2 if len > 0 => schema[at + 8 + rng.below(len)] = *rng.pick(b"\x1b\0 \n`;"),
            // A name from another place.
            3 => rename(schema, (at, len), *rng.pick(spots)),
            // What an identifier can't have: a joiner, a mark that changes the writing direction, a leading digit.
            4 => {
                let odd = *rng.pick(&["a\u{200d}", "\u{61c}a", "a\u{202e}b", "\u{ad}", "1a", "00", "r#a", "a b", "_"]);
                rename_to(schema, (at, len), odd.as_bytes());
            }
            _ => schema[at..at + 8].fill(0),
        },
        _ => {}
    }
    match rng.below(12) {
        0 => schema.truncate(rng.below(schema.len() + 1)),
        1 => {
            let from = rng.below(schema.len());
            let part = schema[from..schema.len().min(from + rng.below(200))].to_vec();
            let to = rng.below(schema.len());
            schema.splice(to..to, part);
        }
        2 => {
            let from = rng.below(schema.len());
            schema.drain(from..schema.len().min(from + rng.below(40)));
        }
        _ => {}
    }
    if schema.is_empty() {
        schema.push(0);
    }
}

/// Replaces a name by one from another place.
fn rename(schema: &mut Vec<u8>, place: (usize, usize), other: Spot) {
    if let Spot::Name(from, len) = other {
        if let Some(name) = schema.get(from + 8..from + 8 + len).map(<[u8]>::to_vec) {
            rename_to(schema, place, &name);
        }
    }
}

fn rename_to(schema: &mut Vec<u8>, (at, len): (usize, usize), name: &[u8]) {
    schema[at..at + 8].copy_from_slice(&(name.len() as u64).to_le_bytes());
    schema.splice(at + 8..at + 8 + len, name.iter().copied());
}
