//! Bytes as numbers, in the byte order of this machine.

/// A tag as a number.
pub(super) fn number(is_signed: bool, bytes: &[u8]) -> i128 {
    // Tags have at most 64 bits, so each fits.
    if is_signed { signed(bytes) } else { i128::try_from(unsigned(bytes)).unwrap_or(-1) }
}

/// The bits as a number; of more than 16 bytes, the first 16.
pub(super) fn unsigned(bytes: &[u8]) -> u128 {
    let append = |number: u128, byte: &u8| number << 8 | u128::from(*byte);
    let bytes = bytes.iter().take(16);
    if cfg!(target_endian = "little") { bytes.rfold(0, append) } else { bytes.fold(0, append) }
}

/// The bits as a number in two's complement.
#[allow(clippy::cast_possible_wrap)] // that is what it is for
pub(super) fn signed(bytes: &[u8]) -> i128 {
    let unused = 128 - 8 * bytes.len().clamp(1, 16);
    (unsigned(bytes) << unused) as i128 >> unused
}
