//! [`Sample`]: what goes over the network, and how it is checked.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 6 | magic: `seqrly` |
//! | 6 | 2 | format: 1 or 2, which differ by the hash |
//! | 8 | 1 | byte order of schema and payload: 1 little-endian, 2 big-endian |
//! | 9 | 1 | width of a pointer in bytes |
//! | 10 | 2 | kind: 1 a value, 2 all entries of a map, 3 changed entries of a map |
//! | 12 | 4 | length of the schema; 0 if it is left out |
//! | 16 | 8 | fingerprint of the schema |
//! | 24 | 8 | life: a random number for each region that a publisher has opened |
//! | 32 | 8 | version of the value, or generation of the map |
//! | 40 | 8 | of changed entries: the generation that they follow; otherwise 0 |
//! | 48 | 8 | number of slots of the map; otherwise 0 |
//! | 56 | 4 | number of entries that are set; otherwise 0 |
//! | 60 | 4 | number of entries that are removed; otherwise 0 |
//! | 64 | 8 | time at which it was made: nanoseconds since 1970, by the publisher's clock |
//! | 72 | 8 | age: nanoseconds from when the publisher saw the value first to then |
//! | 80 | 8 | a hash of all other bytes |
//! | 88 | | schema, then payload |
//!
//! The payload is the bytes of a value, of a slice up to its last element; or those of key and value of each entry that
//! is set, and of the key of each that is removed. The numbers above are little-endian.
//!
//! The hash of format 2 is [XXH3-64](https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) of the bytes from
//! offset 88 on, with a seed that is XXH3-64 of the first 80 bytes, with the seed 0. Format 1 has a hash of its own
//! (`format`). A hash finds damage, not malice: everything else is checked as if the hash were right by chance.

use std::fmt;

use seqcopy::Layout;
use seqcopy::layout::{Field, Shape};

use crate::format::{CHECK, Format, HEAD, little_endian};

/// How many places a check of a value looks at, which a type made for it can have many more of than bytes.
#[must_use]
pub fn count(layout: &Layout) -> u64 {
    let all = |fields: &[Field]| fields.iter().fold(1, |sum: u64, field| sum.saturating_add(count(field.layout())));
    match layout.shape() {
        Shape::Array { element, len, .. } => {
            let len = if element.size() == 0 { len.min(1) } else { len };
            count(element).saturating_mul(len as u64).saturating_add(1)
        }
        Shape::Struct { fields, .. } => all(fields),
        Shape::Enum { variants, .. } => {
            variants.iter().fold(2, |sum, variant| sum.saturating_add(all(variant.fields())))
        }
        _ => 1,
    }
}

const MAGIC: &[u8; 6] = b"seqrly";
const BYTE_ORDER: u8 = if cfg!(target_endian = "little") { 1 } else { 2 };
#[allow(clippy::cast_possible_truncation)] // a pointer is not 256 bytes wide
const POINTER_WIDTH: u8 = size_of::<usize>() as u8;

/// What a sample has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A value.
    Value,
    /// All entries of a map.
    Whole,
    /// The entries of a map that have changed since a generation.
    Changes,
}

/// The numbers at the start of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub format: Format,
    pub kind: Kind,
    pub fingerprint: u64,
    pub life: u64,
    pub version: u64,
    pub follows: u64,
    pub slots: u64,
    pub set: u32,
    pub removed: u32,
    pub time: u64,
    pub age: u64,
}

/// A sample whose head, lengths and hash were checked. Its payload was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample<'b> {
    pub head: Head,
    /// Empty if it was left out.
    pub schema: &'b [u8],
    pub payload: &'b [u8],
}

/// Why bytes are not a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSample {
    /// Too short, or another magic number.
    Foreign,
    /// From another version of this program.
    Format(u16),
    /// The hash is another one.
    Damaged,
    /// From a machine with another byte order, named by `big` or `little`.
    ByteOrder { there: &'static str, here: &'static str },
    /// From a machine with pointers of another width, in bits.
    PointerWidth { there: u32, here: u32 },
    /// A number that no publisher sends.
    Head,
    /// Not as many bytes as its numbers demand.
    Length,
}

impl fmt::Display for NoSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoSample::Foreign => f.write_str("not a sample of seqcopy-relay"),
            NoSample::Format(found) => write!(f, "a sample of format {found}, expected 1 or 2: update this program"),
            NoSample::Damaged => f.write_str("a damaged sample"),
            NoSample::ByteOrder { there, here } => write!(f, "byte order: {there}-endian there, {here}-endian here"),
            NoSample::PointerWidth { there, here } => {
                write!(f, "width of a pointer: {there} bits there, {here} bits here")
            }
            NoSample::Head => f.write_str("a sample with an invalid header"),
            NoSample::Length => f.write_str("a sample whose length contradicts its header"),
        }
    }
}

impl Head {
    /// The bytes of a sample.
    ///
    /// # Panics
    /// If the schema is longer than `u32::MAX`.
    #[must_use]
    pub fn encode(&self, schema: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + schema.len() + payload.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.format.number().to_le_bytes());
        bytes.extend_from_slice(&[BYTE_ORDER, POINTER_WIDTH]);
        let kind: u16 = match self.kind {
            Kind::Value => 1,
            Kind::Whole => 2,
            Kind::Changes => 3,
        };
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(schema.len()).expect("schemas are short").to_le_bytes());
        for number in [self.fingerprint, self.life, self.version, self.follows, self.slots] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.set.to_le_bytes());
        bytes.extend_from_slice(&self.removed.to_le_bytes());
        bytes.extend_from_slice(&self.time.to_le_bytes());
        bytes.extend_from_slice(&self.age.to_le_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(schema);
        bytes.extend_from_slice(payload);
        let check = self.format.hash(&bytes);
        bytes[CHECK..HEAD].copy_from_slice(&check.to_le_bytes());
        bytes
    }
}

impl<'b> Sample<'b> {
    /// Parses bytes that may be anything. Allocates nothing.
    ///
    /// # Errors
    /// If they are not a sample for this machine.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, NoSample> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(NoSample::Foreign)?;
        let u32_at = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let u64_at = |at: usize| little_endian(&head[at..at + 8]);
        if &head[..6] != MAGIC {
            return Err(NoSample::Foreign);
        }
        let number = u16::from_le_bytes([head[6], head[7]]);
        let format = Format::of(number).ok_or(NoSample::Format(number))?;
        if format.hash(bytes) != u64_at(CHECK) {
            return Err(NoSample::Damaged);
        }
        if head[8] != BYTE_ORDER {
            let name = |order| if order == 1 { "little" } else { "big" };
            return Err(NoSample::ByteOrder { there: name(head[8]), here: name(BYTE_ORDER) });
        }
        if head[9] != POINTER_WIDTH {
            return Err(NoSample::PointerWidth { there: u32::from(head[9]) * 8, here: u32::from(POINTER_WIDTH) * 8 });
        }
        let kind = match head[10..12] {
            [1, 0] => Kind::Value,
            [2, 0] => Kind::Whole,
            [3, 0] => Kind::Changes,
            _ => return Err(NoSample::Head),
        };
        let schema_len = u32_at(12) as usize;
        let (schema, payload) = rest.split_at_checked(schema_len).ok_or(NoSample::Length)?;
        let [fingerprint, life, version, follows, slots] = [16, 24, 32, 40, 48].map(u64_at);
        let [set, removed] = [56, 60].map(u32_at);
        let is_plausible = match kind {
            Kind::Value => (follows, slots, set, removed) == (0, 0, 0, 0),
            Kind::Whole => (follows, removed) == (0, 0) && slots != 0,
            Kind::Changes => follows <= version && slots != 0,
        };
        if !is_plausible || version == 0 {
            return Err(NoSample::Head);
        }
        let [time, age] = [64, 72].map(u64_at);
        let head = Head { format, kind, fingerprint, life, version, follows, slots, set, removed, time, age };
        Ok(Sample { head, schema, payload })
    }

    /// The entries that are set, and the keys that are removed, of keys and values of these lengths.
    ///
    /// # Errors
    /// If the payload has another length.
    #[allow(clippy::type_complexity)] // two iterators
    pub fn entries(
        &self,
        key: usize,
        value: usize,
    ) -> Result<(impl Iterator<Item = (&'b [u8], &'b [u8])> + Clone, impl Iterator<Item = &'b [u8]>), NoSample> {
        let (set, removed) = (self.head.set as usize, self.head.removed as usize);
        let len = || key.checked_add(value)?.checked_mul(set)?.checked_add(removed.checked_mul(key)?);
        // Keys without bytes would be as many as a hostile publisher likes.
        if key == 0 || len() != Some(self.payload.len()) {
            return Err(NoSample::Length);
        }
        let (all, gone) = self.payload.split_at(set * (key + value));
        Ok((all.chunks_exact(key + value).map(move |entry| entry.split_at(key)), gone.chunks_exact(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::{count, *};
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    #[allow(dead_code)] // known by its layout
    enum Message {
        Key([u8; 7]) = 5,
        Hole(u8, u16) = 250,
        Nothing = 7,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Outer {
        word: u16,
        pair: [Message; 2],
    }

    #[test]
    fn places_are_counted() {
        assert_eq!(count(<[u16; 5]>::LAYOUT), 6);
        assert_eq!(count(<[[bool; 0]; 100]>::LAYOUT), 2);
        assert_eq!(count(<[(); 0]>::LAYOUT), 1);
        // Tag, variants, and the fields of each.
        assert_eq!(count(Message::LAYOUT), 2 + (1 + 8) + (1 + 1 + 1) + 1);
        assert_eq!(count(Outer::LAYOUT), 1 + 1 + 1 + 2 * count(Message::LAYOUT));
    }

    const HEAD_OF_A_MAP: Head = Head {
        format: Format::Two,
        kind: Kind::Changes,
        fingerprint: 1,
        life: 2,
        version: 9,
        follows: 8,
        slots: 16,
        set: 2,
        removed: 1,
        time: 5,
        age: 6,
    };

    fn with(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes[at..at + new.len()].copy_from_slice(new);
        let format = Format::of(u16::from_le_bytes([bytes[6], bytes[7]])).unwrap_or(Format::Two);
        let check = format.hash(&bytes).to_le_bytes();
        bytes[CHECK..HEAD].copy_from_slice(&check);
        bytes
    }

    #[test]
    fn what_is_encoded_is_parsed() {
        let bytes = HEAD_OF_A_MAP.encode(b"schema", b"k1v1.k2v2.k3");
        let sample = Sample::parse(&bytes).unwrap();
        assert_eq!((sample.head, sample.schema), (HEAD_OF_A_MAP, &b"schema"[..]));
        let (set, removed) = sample.entries(2, 3).unwrap();
        assert_eq!(set.collect::<Vec<_>>(), [(&b"k1"[..], &b"v1."[..]), (b"k2", b"v2.")]);
        assert_eq!(removed.collect::<Vec<_>>(), [b"k3"]);
        for (kind, follows) in [(Kind::Value, 0), (Kind::Whole, 0), (Kind::Changes, 9)] {
            let slots = if kind == Kind::Value { 0 } else { 16 };
            let head = Head { kind, follows, slots, set: 0, removed: 0, ..HEAD_OF_A_MAP };
            assert_eq!(Sample::parse(&head.encode(&[], &[])).unwrap().head, head);
            // Numbers that this kind does not have.
            for wrong in [Head { follows: 10, ..head }, Head { slots: 16 - slots, ..head }, Head { version: 0, ..head }]
            {
                assert_eq!(Sample::parse(&wrong.encode(&[], &[])), Err(NoSample::Head), "{wrong:?}");
            }
            let (one_set, one_removed) = (Head { set: 1, ..head }, Head { removed: 1, ..head });
            assert_eq!(Sample::parse(&one_set.encode(&[], &[])).is_ok(), kind != Kind::Value);
            assert_eq!(Sample::parse(&one_removed.encode(&[], &[])).is_ok(), kind == Kind::Changes);
        }
        for (key, value) in [(2, 2), (3, 3), (0, 6), (usize::MAX, 1), (usize::MAX / 2, usize::MAX / 2)] {
            assert_eq!(sample.entries(key, value).err(), Some(NoSample::Length));
        }
    }

    /// Byte by byte, since what encodes and what parses could have the same mistake.
    #[test]
    fn a_sample_is_laid_out_as_the_table_says() {
        let bytes = HEAD_OF_A_MAP.encode(b"schema", b"payload");
        let wide = |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
        let order = if cfg!(target_endian = "little") { 1 } else { 2 };
        let (start, kind, counts) = (b"seqrly\x02\0", [order, 8, 3, 0, 6, 0, 0, 0], [2, 0, 0, 0, 1, 0, 0, 0]);
        let numbers = [&kind[..], &wide(&[1, 2, 9, 8, 16]), &counts, &wide(&[5, 6])].concat();
        assert_eq!((&bytes[..8], &bytes[8..80], &bytes[88..]), (&start[..], &numbers[..], &b"schemapayload"[..]));
        for (kind, code) in [(Kind::Value, 1), (Kind::Whole, 2)] {
            assert_eq!(Head { kind, ..HEAD_OF_A_MAP }.encode(&[], &[])[10..12], [code, 0]);
        }
        // The hash of format 2 by another implementation: the package `xxhash` of Python, 4.1.0.
        #[cfg(target_endian = "little")]
        for (format, hash) in [(Format::One, 0xa481_173b_e4b5_88b1), (Format::Two, 0x791a_6a25_7a21_1ff8)] {
            let bytes = Head { format, ..HEAD_OF_A_MAP }.encode(b"schema", b"payload");
            assert_eq!((u64::from(bytes[6]), little_endian(&bytes[80..88])), (u64::from(format.number()), hash));
        }
    }

    #[test]
    fn other_machines_are_named() {
        let bytes = HEAD_OF_A_MAP.encode(b"", b"");
        let text = |bytes: &[u8]| Sample::parse(bytes).unwrap_err().to_string();
        let order = if BYTE_ORDER == 1 { 2 } else { 1 };
        let [there, here] = if order == 2 { ["big", "little"] } else { ["little", "big"] };
        assert_eq!(text(&with(&bytes, 8, &[order])), format!("byte order: {there}-endian there, {here}-endian here"));
        assert_eq!(text(&with(&bytes, 9, &[4])), "width of a pointer: 32 bits there, 64 bits here");
        for format in [0, 3, 257] {
            let foreign = with(&bytes, 6, &u16::to_le_bytes(format));
            assert_eq!(Sample::parse(&foreign), Err(NoSample::Format(format)));
        }
        for (at, new) in [(10, &[4u8][..]), (32, &[0]), (32, &[7]), (48, &[0])] {
            assert_eq!(Sample::parse(&with(&bytes, at, new)), Err(NoSample::Head), "{at}");
        }
        assert_eq!(Sample::parse(&with(&bytes, 12, &[1])), Err(NoSample::Length));
    }

    #[test]
    fn why_bytes_are_no_sample_is_said() {
        for (why, text) in [
            (NoSample::Foreign, "not a sample of seqcopy-relay"),
            (NoSample::Format(9), "a sample of format 9, expected 1 or 2: update this program"),
            (NoSample::Damaged, "a damaged sample"),
            (NoSample::ByteOrder { there: "big", here: "little" }, "byte order: big-endian there, little-endian here"),
            (NoSample::PointerWidth { there: 32, here: 64 }, "width of a pointer: 32 bits there, 64 bits here"),
            (NoSample::Head, "a sample with an invalid header"),
            (NoSample::Length, "a sample whose length contradicts its header"),
        ] {
            assert_eq!(why.to_string(), text);
        }
    }

    /// Every byte is damaged in every bit, every length is reduced, and random bytes with a right hash are parsed: no
    /// panic, and damage is found.
    #[test]
    fn damage_is_found() {
        for format in [Format::One, Format::Two] {
            damaged_in_every_bit(&Head { format, ..HEAD_OF_A_MAP }.encode(b"schema", b"k1v1.k2v2.k3"));
        }
    }

    fn damaged_in_every_bit(bytes: &[u8]) {
        for at in 0..bytes.len() {
            assert!(Sample::parse(&bytes[..at]).is_err());
            for bit in 0..8 {
                let mut bad = bytes.to_vec();
                bad[at] ^= 1 << bit;
                assert!(Sample::parse(&bad).is_err(), "bit {bit} of byte {at}");
            }
        }
        let mut random = 7u64;
        for _ in 0..100_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = 8 + (random >> 33) as usize % (bytes.len() - 16);
            let bad = with(bytes, at, &random.to_le_bytes()[..=(random >> 60) as usize % 8]);
            if let Ok(sample) = Sample::parse(&bad) {
                let _ = sample.entries((random >> 20) as usize % 7, (random >> 23) as usize);
            }
        }
    }
}
