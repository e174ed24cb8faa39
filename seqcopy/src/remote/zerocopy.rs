//! [`Zerocopy`]: what the crate `zerocopy` knows to be bytes; in a file of its own, as it has a feature of its own.

use super::{Describe, DescribeValid, remote_bits};
use crate::layout::{self, Layout, UNNAMED};
use crate::validity::{Bits, InvalidValue};
use zerocopy::{Immutable, IntoBytes, TryFromBytes};

/// Describes every type that the crate `zerocopy` knows to be bytes without padding (`IntoBytes` and `Immutable`) and that is
/// `Copy`.
///
/// ```
/// #![forbid(unsafe_code)]
/// use seqcopy::{SeqCopy, SeqLock, Zerocopy};
/// use zerocopy::big_endian::{U16, U32};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Packet {
///     #[seqcopy(with = Zerocopy)]
///     port: U16,
///     #[seqcopy(with = Zerocopy)]
///     addresses: [U32; 2],
///     at: u64,
/// }
///
/// let lock = SeqLock::new(Packet { port: U16::new(80), addresses: [U32::new(1), U32::new(2)], at: 1 });
/// assert_eq!(lock.read().addresses[1].get(), 2);
/// ```
///
/// Bits of types with `TryFromBytes` (so also of those with `FromBytes`) can be checked, so a region between processes may hold
/// them. As with `Bytemuck`, the schema has their size, alignment and name, but no fields.
#[derive(Debug)]
pub struct Zerocopy;

// SAFETY: `IntoBytes` promises that no byte of any value is uninitialised, `Immutable` that there is no interior mutability, and
// `Copy` that values may be duplicated (P20 bitwise). All bytes are named, as data (I3 exact).
#[diagnostic::do_not_recommend]
unsafe impl<T: IntoBytes + Immutable + Copy> Describe<T> for Zerocopy {
    const LAYOUT: &'static Layout = &layout::plain::<T>(UNNAMED);
}

// SAFETY: `TryFromBytes` returns a `T` for bits that pass, in safe code, so it is a valid and a safe one (P6 validity, P24 safety).
#[diagnostic::do_not_recommend]
unsafe impl<T: IntoBytes + Immutable + TryFromBytes + Copy> DescribeValid<T> for Zerocopy {
    #[inline]
    fn check(bits: &Bits<'_, T>) -> Result<(), InvalidValue> {
        // SAFETY: all bytes are data of `T`, so they are initialised (I6 maybe-invalid); they are private, and borrowed.
        let bytes = unsafe { core::slice::from_raw_parts(bits.as_ptr().cast::<u8>(), size_of::<T>()) };
        match T::try_read_from_bytes(bytes) {
            Ok(_) => Ok(()),
            Err(_) => {
                Err(remote_bits::<T, Self>(bits).refuse("these bits are not a valid value, according to `zerocopy`"))
            }
        }
    }
}
