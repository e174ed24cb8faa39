//! Bytes as numbers, in this machine's byte order.

pub(super) fn number(is_signed: bool, bytes: &[u8]) -> i128 {
    // Tags have at most 64 bits.
    if is_signed { signed(bytes) } else { i128::try_from(unsigned(bytes)).unwrap_or(-1) }
}

/// The bits in this machine's byte order; of more than 16 bytes, the first.
pub(super) fn unsigned(bytes: &[u8]) -> u128 {
    let len = bytes.len().min(16);
    let mut wide = [0; 16];
    if cfg!(target_endian = "little") {
        wide[..len].copy_from_slice(&bytes[..len]);
    } else {
        wide[16 - len..].copy_from_slice(&bytes[..len]);
    }
    u128::from_ne_bytes(wide)
}

#[allow(clippy::cast_possible_wrap)] // two's complement is what is wanted
pub(super) fn signed(bytes: &[u8]) -> i128 {
    let unused = 128 - 8 * bytes.len().clamp(1, 16);
    (unsigned(bytes) << unused) as i128 >> unused
}
