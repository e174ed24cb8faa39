//! [`Bytemuck`] and [`Zerocopy`] are descriptors of types that these two crates know to be bytes. Each needs the
//! feature of its name.

#[cfg(feature = "bytemuck")]
use bytemuck::NoUninit;
#[cfg(feature = "bytemuck")]
use bytemuck::checked::CheckedBitPattern;
#[cfg(feature = "zerocopy")]
use zerocopy::{Immutable, IntoBytes, TryFromBytes};

use super::{Describe, DescribeValid, remote_bits};
use crate::layout::{self, Layout, UNNAMED};
use crate::validity::{Bits, InvalidValue};

/// Describes every type that the crate `bytemuck` knows to be bytes without padding (`NoUninit`, so also `Pod`).
///
/// ```
/// use seqcopy::{Bytemuck, Remote, SeqCopy, SeqLock};
///
/// mod foreign {
///     #[derive(Clone, Copy)] // and `bytemuck::Pod`
///     #[repr(transparent)]
///     pub struct Id([u8; 16]);
///     impl Id { pub const NIL: Id = Id([0; 16]); }
///     # // SAFETY: bytes.
///     # unsafe impl bytemuck::Zeroable for Id {}
///     # // SAFETY: bytes.
///     # unsafe impl bytemuck::Pod for Id {}
/// }
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Sample {
///     #[seqcopy(with = Bytemuck)]
///     id: foreign::Id,
///     #[seqcopy(with = Bytemuck)]
///     before: [foreign::Id; 2],
///     on: bool,
/// }
///
/// let lock = SeqLock::new(Sample { id: foreign::Id::NIL, before: [foreign::Id::NIL; 2], on: true });
/// assert!(lock.read().on);
/// let of_one = SeqLock::new(Remote::<_, Bytemuck>::new(foreign::Id::NIL));
/// # let _ = of_one.read();
/// ```
///
/// Bits of types with `CheckedBitPattern` (so also of those with `AnyBitPattern` or `Pod`) can be checked, so a region
/// between processes may hold them. Its schema has the size, the alignment and the name of the field's type, but no
/// fields; outside of a field (`Remote<_, Bytemuck>`) not even the name, which is then `bytes`. Where a list of fields
/// is possible, it is better for a region: tools then show the fields, and distinguish two types of one size, alignment
/// and name.
///
/// Pointers have these traits only under bytemuck's feature `unsound_ptr_pod_impl`. A pointer then travels as an
/// integer, and must not be followed on the other side.
#[cfg(feature = "bytemuck")]
#[derive(Debug)]
pub struct Bytemuck;

// SAFETY: `NoUninit` promises that no byte of any value is uninitialised, that there is no interior mutability, and, by
// its supertrait `Copy`, that values may be duplicated (P20 bitwise). All bytes are named, as data (I3 exact).
#[cfg(feature = "bytemuck")]
#[diagnostic::do_not_recommend]
unsafe impl<T: NoUninit> Describe<T> for Bytemuck {
    const LAYOUT: &'static Layout = &layout::plain::<T>(UNNAMED);
}

// SAFETY: bits that pass are a valid `T`, by the contract of `CheckedBitPattern`, and `bytemuck::checked` returns such
// a `T` in safe code, so it is also a safe one (P6 validity, P24 safety).
#[cfg(feature = "bytemuck")]
#[diagnostic::do_not_recommend]
unsafe impl<T: NoUninit + CheckedBitPattern> DescribeValid<T> for Bytemuck {
    #[inline]
    fn check(bits: &Bits<'_, T>) -> Result<(), InvalidValue> {
        // SAFETY: `T::Bits` has the layout of `T` and takes any initialised bytes, by the contract of
        // `CheckedBitPattern`; all bytes are data of `T`, so they are initialised (I6 maybe-invalid).
        let raw = unsafe { bits.as_ptr().cast::<T::Bits>().read_unaligned() };
        if T::is_valid_bit_pattern(&raw) {
            Ok(())
        } else {
            Err(remote_bits::<T, Self>(bits).refuse("these bits are not a valid value, according to `bytemuck`"))
        }
    }
}

/// Describes every type that the crate `zerocopy` knows to be bytes without padding (`IntoBytes` and `Immutable`) and
/// that is `Copy`.
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
/// Bits of types with `TryFromBytes` (so also of those with `FromBytes`) can be checked, so a region between processes
/// may hold them. As with `Bytemuck`, the schema has their size, alignment and name, but no fields.
#[cfg(feature = "zerocopy")]
#[derive(Debug)]
pub struct Zerocopy;

// SAFETY: `IntoBytes` promises that no byte of any value is uninitialised, `Immutable` that there is no interior
// mutability, and `Copy` that values may be duplicated (P20 bitwise). All bytes are named, as data (I3 exact).
#[cfg(feature = "zerocopy")]
#[diagnostic::do_not_recommend]
unsafe impl<T: IntoBytes + Immutable + Copy> Describe<T> for Zerocopy {
    const LAYOUT: &'static Layout = &layout::plain::<T>(UNNAMED);
}

// SAFETY: `TryFromBytes` returns a `T` for bits that pass, in safe code, so it is a valid and a safe one (P6 validity,
// P24 safety).
#[cfg(feature = "zerocopy")]
#[diagnostic::do_not_recommend]
unsafe impl<T: IntoBytes + Immutable + TryFromBytes + Copy> DescribeValid<T> for Zerocopy {
    #[inline]
    fn check(bits: &Bits<'_, T>) -> Result<(), InvalidValue> {
        // SAFETY: all bytes are data of `T`, so they are initialised (I6 maybe-invalid); they are private, and
        // borrowed.
        let bytes = unsafe { core::slice::from_raw_parts(bits.as_ptr().cast::<u8>(), size_of::<T>()) };
        match T::try_read_from_bytes(bytes) {
            Ok(_) => Ok(()),
            Err(_) => {
                Err(remote_bits::<T, Self>(bits).refuse("these bits are not a valid value, according to `zerocopy`"))
            }
        }
    }
}
