//! The bytes of a region, written without seqcopy.

/// A whole region, with zeros in the word, the state and the buffers; and the offset of the first buffer and the stride
/// of the buffers.
#[must_use]
pub fn whole(schema: &[u8], size: usize, align: usize, buffers: usize) -> (Vec<u8>, usize, usize) {
    let (mut bytes, first, after) = lay_out(schema, size, align, buffers);
    bytes.resize(after, 0);
    bytes.extend_from_slice(schema);
    (bytes, first, (after - first) / buffers)
}

/// The header for a schema and sizes, the offset of the first buffer, and that of the schema.
#[must_use]
pub fn lay_out(schema: &[u8], size: usize, align: usize, buffers: usize) -> (Vec<u8>, usize, usize) {
    let place = align.max(8).max(if size <= 48 { 16 } else { 64 });
    let first = usize::next_multiple_of(if size <= 48 { 200 } else { 256 }, place);
    let stride = size.next_multiple_of(place);
    (header(schema, size, align, buffers, first, stride), first, first + stride * buffers)
}

/// A whole region with a map of this many slots of this size, with zeros in the word, the state and the tables; and the
/// offset of the first table and the stride of the tables.
#[must_use]
pub fn whole_map(
    schema: &[u8],
    size: usize,
    align: usize,
    buffers: usize,
    slots: usize,
    seed: u64,
) -> (Vec<u8>, usize, usize) {
    let (mut bytes, first, stride) = lay_out_map(schema, size, align, buffers, slots, seed);
    bytes.resize(first + stride * buffers, 0);
    bytes.extend_from_slice(schema);
    (bytes, first, stride)
}

/// The header of such a map, and zeros up to the first table; and the offset of the first table and the stride of the
/// tables. The schema lies after the last table.
#[must_use]
pub fn lay_out_map(
    schema: &[u8],
    size: usize,
    align: usize,
    buffers: usize,
    slots: usize,
    seed: u64,
) -> (Vec<u8>, usize, usize) {
    let place = align.max(64);
    let (first, stride) = (256usize.next_multiple_of(place), (place + slots * size).next_multiple_of(place));
    let mut bytes = header(schema, size, align, buffers, first, stride);
    bytes[8] = 2;
    bytes[112..120].copy_from_slice(&(slots as u64).to_le_bytes());
    bytes[120..128].copy_from_slice(&seed.to_le_bytes());
    (bytes, first, stride)
}

/// The hash of a key's bytes, as seqcopy-shm/docs/reference/format.md has it.
#[must_use]
pub fn map_hash(seed: u64, key: &[u8]) -> u64 {
    let (full, rest) = (0xa076_1d64_78bd_642f_u64, 0xe703_7ed1_a0b4_28db_u64);
    let fold = |a: u64, b: u64| {
        let bytes = (u128::from(a) * u128::from(b)).to_le_bytes();
        let half = |at: usize| bytes[at..at + 8].iter().rev().fold(0, |half, byte| half << 8 | u64::from(*byte));
        half(0) ^ half(8)
    };
    let hash = key.chunks(8).fold(seed ^ key.len() as u64, |hash, part| {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        fold(hash ^ u64::from_le_bytes(word), if part.len() == 8 { full } else { rest })
    });
    fold(hash, rest)
}

/// The header, and zeros up to the first buffer.
fn header(schema: &[u8], size: usize, align: usize, buffers: usize, first: usize, stride: usize) -> Vec<u8> {
    let after = first + stride * buffers;
    let mut bytes = vec![0; first];
    bytes[..8].copy_from_slice(b"seqcopy\x01");
    bytes[8..14].copy_from_slice(&[1, 0, 0, 0, 1, 8]);
    let numbers = [fnv(schema), after as u64 + schema.len() as u64, size as u64];
    for (i, number) in numbers.into_iter().enumerate() {
        bytes[16 + 8 * i..][..8].copy_from_slice(&number.to_le_bytes());
    }
    bytes[40..48].copy_from_slice(&((buffers as u64) << 32 | align as u64).to_le_bytes());
    let numbers = [first, stride, after, schema.len(), 192, 128, 1_700_000_000, 5];
    for (i, number) in numbers.into_iter().enumerate() {
        bytes[48 + 8 * i..][..8].copy_from_slice(&(number as u64).to_le_bytes());
    }
    bytes
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
