//! Arrays, tuples, transparent wrappers, zero-sized types, ranges and network addresses.
//!
//! `Range` and `RangeFrom` are not `Copy`, although their fields may be. That is a lint of the standard library against
//! copying iterators by accident; a range of values that may be duplicated bit by bit may be duplicated itself (P20
//! bitwise).
//!
//! Thin pointers: each is one pointer access, so that provenance is preserved. They may be used once a lock's version
//! check has passed; they are never validated, and never shared between processes.
//!
//! `&'static T` has no impl, because rustc would then suggest borrowing any payload that does not implement `SeqCopy`.
//! `Option<&'static T>` takes its place.

use core::cmp::Reverse;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::{ManuallyDrop, offset_of};
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4};
use core::num::{Saturating, Wrapping};
use core::ops::{Range, RangeFrom, RangeTo, RangeToInclusive};
use core::ptr::NonNull;

use super::numbers::Niche;
use super::refused::{Payload, ThinPointer};
use crate::layout::{self, Field, Layout};
use crate::seq_copy::SeqCopy;
use crate::validity::{Bits, InvalidValue, Validate};

// SAFETY: element `i` is at `i * size_of::<T>()` (P9 layout), and the array has no other bytes.
unsafe impl<T: SeqCopy, const N: usize> SeqCopy for [T; N] {
    const LAYOUT: &'static Layout = &layout::array::<T, N>(T::LAYOUT);
}

// SAFETY: an array is valid and safe if its elements are (P6 validity, P24 safety).
unsafe impl<T: Validate, const N: usize> Validate for [T; N] {
    const ANY_BITS: bool = T::ANY_BITS;

    #[inline]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        if const { T::ANY_BITS } {
            return Ok(());
        }
        // Elements without bytes are all the same, so one of them is enough.
        let len = if size_of::<T>() == 0 { N.min(1) } else { N };
        for i in 0..len {
            // SAFETY: element `i` is inside the array, and I6 maybe-invalid for the array implies I6 for the element.
            let element = unsafe { bits.part::<T>(i * size_of::<T>()) };
            T::check(&element).map_err(|error| error.inside(Self::LAYOUT, Self::LAYOUT.node_of_element(i)))?;
        }
        Ok(())
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        // SAFETY: the offsets are the compiler's, and a tuple has no data outside its fields (P9 layout).
        unsafe impl<$($name: SeqCopy),+> SeqCopy for ($($name,)+) {
            const LAYOUT: &'static Layout = &layout::structure::<Self>("tuple", false, const { &[
                $(layout::field(stringify!($index), offset_of!(Self, $index), $name::LAYOUT)),+
            ] });
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}

macro_rules! transparent {
    ($($type:ident)*) => {$(
        // SAFETY: `repr(transparent)` over `T`, by its documentation or definition; it has no bytes but those of `T`
        // (P9 layout).
        unsafe impl<T: SeqCopy> SeqCopy for $type<T> {
            const LAYOUT: &'static Layout = {
                assert!(size_of::<Self>() == size_of::<T>() && align_of::<Self>() == align_of::<T>());
                T::LAYOUT
            };
        }

        // SAFETY: the wrapper has no invariant of its own (P6 validity, P24 safety).
        unsafe impl<T: Validate> Validate for $type<T> {
            const ANY_BITS: bool = T::ANY_BITS;

            #[inline(always)]
            fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                // SAFETY: the only field, at offset 0 (P9 layout).
                T::check(&unsafe { bits.part::<T>(0) })
            }
        }
    )*};
}

transparent! { Wrapping Saturating Reverse ManuallyDrop }

macro_rules! empty {
    ($([$($parameter:tt)*] $type:ty, $name:literal;)*) => {$(
        // SAFETY: there are no bytes to name (I3 exact).
        unsafe impl<$($parameter)*> SeqCopy for $type {
            const LAYOUT: &'static Layout = {
                const NONE: &[Field] = &[];
                &layout::structure::<Self>($name, true, NONE)
            };
        }

        // SAFETY: the only value is valid (P6 validity).
        unsafe impl<$($parameter)*> Validate for $type {
            const ANY_BITS: bool = true;

            #[inline(always)]
            fn check(_bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                Ok(())
            }
        }
    )*};
}

empty! {
    [] (), "()";
    [T: ?Sized] PhantomData<T>, "PhantomData";
    [] PhantomPinned, "PhantomPinned";
}

macro_rules! ranges {
    ($($type:ident { $($field:ident $index:literal),+ };)*) => {$(
        // SAFETY: the offsets are the compiler's. There are no fields but these, or the pattern would not compile, and
        // a struct has no data outside its fields (P9 layout).
        unsafe impl<T: SeqCopy> SeqCopy for $type<T> {
            const LAYOUT: &'static Layout = &layout::structure::<Self>(stringify!($type), false, const { &[
                $(layout::field(stringify!($field), offset_of!(Self, $field), T::LAYOUT)),+
            ] });
        }
    )*};
}

ranges! {
    Range { start 0, end 1 };
    RangeFrom { start 0 };
    RangeTo { end 0 };
    RangeToInclusive { end 0 };
}

const V4: [u8; 4] = [1, 2, 3, 4];
const V6: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

macro_rules! octets {
    ($($type:ident: $name:literal, $len:literal, $octets:expr, $value:expr;)*) => {$(
        // SAFETY: `octets` tells all values apart, which are as many as the bytes have states, so every byte of every
        // value is initialised, and none belongs to a pointer (P27 all-states). It is `Copy`, so it has no interior
        // mutability.
        #[diagnostic::do_not_recommend]
        unsafe impl SeqCopy for $type {
            const LAYOUT: &'static Layout = {
                assert!(size_of::<Self>() == $len, concat!("the size of `", $name, "`"));
                // SAFETY: every byte is initialised (P27 all-states).
                let octets = unsafe { core::mem::transmute::<Self, [u8; $len]>($value) };
                let mut i = 0;
                while i < $len {
                    assert!(octets[i] == $octets[i], concat!("the order of the octets of `", $name, "`"));
                    i += 1;
                }
                &layout::structure::<Self>($name, true, const {
                    &[layout::field("octets", 0, <[u8; $len] as SeqCopy>::LAYOUT)]
                })
            };
        }

        // SAFETY: each state of the bytes is a value (P27 all-states), and an address has no further invariant.
        #[diagnostic::do_not_recommend]
        unsafe impl Validate for $type {
            const ANY_BITS: bool = true;

            #[inline(always)]
            fn check(_bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                Ok(())
            }
        }
    )*};
}

octets! {
    Ipv4Addr: "Ipv4Addr", 4, V4, Ipv4Addr::new(V4[0], V4[1], V4[2], V4[3]);
    Ipv6Addr: "Ipv6Addr", 16, V6, Ipv6Addr::from_bits(u128::from_be_bytes(V6));
}

// SAFETY: `ip` and `port` tell all values apart, 2^48 in 6 bytes, so every byte of every value is initialised, and none
// belongs to a pointer (P27 all-states). It is `Copy`, so it has no interior mutability. Where the address lies and
// where the port is not specified, so it has no `Validate`, although any bits would pass: in another process they could
// mean another address.
#[diagnostic::do_not_recommend]
unsafe impl SeqCopy for SocketAddrV4 {
    const LAYOUT: &'static Layout = {
        assert!(size_of::<Self>() == 6, "the size of `SocketAddrV4`");
        &layout::vouched::<Self>("SocketAddrV4", false, 6)
    };
}

macro_rules! pointers {
    ($($(#[$attribute:meta])* [$($parameters:tt)*] $type:ty, $nullable:literal, $name:literal;)*) => {$(
        $(#[$attribute])*
        // SAFETY: a thin pointer of the size of `*mut ()` (asserted in the layout), initialised in every value
        // (P4 uninit, P11 provenance).
        unsafe impl<$($parameters)*> SeqCopy for $type {
            const LAYOUT: &'static Layout = &layout::pointer::<$type>($name, $nullable);
        }
    )*};
}

// SAFETY: a thin pointer, because the bound excludes wide ones; initialised in every value (P4 uninit, P11 provenance).
unsafe impl<T: ?Sized> SeqCopy for *const T
where
    Payload: ThinPointer<*const T>,
{
    const LAYOUT: &'static Layout = &layout::pointer::<*const T>("*const _", true);
}

// SAFETY: as for `*const T`.
unsafe impl<T: ?Sized> SeqCopy for *mut T
where
    Payload: ThinPointer<*mut T>,
{
    const LAYOUT: &'static Layout = &layout::pointer::<*mut T>("*mut _", true);
}

// SAFETY: as for `*const T`.
unsafe impl<T: ?Sized> SeqCopy for NonNull<T>
where
    Payload: ThinPointer<*mut T>,
{
    const LAYOUT: &'static Layout = &layout::pointer::<NonNull<T>>("NonNull<_>", false);
}

// SAFETY: `None` is the null pointer (P12 niche).
unsafe impl<T: ?Sized> Niche for NonNull<T>
where
    Payload: ThinPointer<*mut T>,
{
    const OPTION: Layout = layout::pointer::<Option<Self>>("Option<NonNull<_>>", true);
}

// SAFETY: `None` is the null pointer (P12 niche).
unsafe impl<T: ?Sized> Niche for &'static T
where
    Payload: ThinPointer<*const T>,
{
    const OPTION: Layout = layout::pointer::<Option<Self>>("Option<&'static _>", true);
}

/// All function pointer types of one ABI and safety, with up to twelve arguments, and their `Option`s.
macro_rules! functions {
    ($($(#[$attribute:meta])* [$($head:tt)+])*) => {$(
        functions!(@peel $(#[$attribute])* [$($head)+] A B C D E F G H I J K L);
    )*};
    (@peel $(#[$attribute:meta])* [$($head:tt)+] $first:ident $($rest:ident)*) => {
        functions!(@one $(#[$attribute])* [$($head)+] $first $($rest)*);
        functions!(@peel $(#[$attribute])* [$($head)+] $($rest)*);
    };
    (@peel $(#[$attribute:meta])* [$($head:tt)+]) => {
        functions!(@one $(#[$attribute])* [$($head)+]);
    };
    (@one $(#[$attribute:meta])* [$($head:tt)+] $($argument:ident)*) => {
        pointers! {
            // Two hundred impls would hide the others on the trait's page. The text of that page mentions them.
            $(#[$attribute])* #[doc(hidden)] #[diagnostic::do_not_recommend]
            [Ret, $($argument),*] $($head)+($($argument),*) -> Ret, false, "fn";
        }

        $(#[$attribute])*
        #[diagnostic::do_not_recommend]
        // SAFETY: `None` is the null pointer (P12 niche).
        unsafe impl<Ret, $($argument),*> Niche for $($head)+($($argument),*) -> Ret {
            const OPTION: Layout = layout::pointer::<Option<Self>>("Option<fn>", true);
        }
    };
}

// On targets whose code and data addresses differ in size, the assertion in the layout rejects these.
functions! {
    [fn]
    [unsafe fn]
    [extern "C" fn]
    [unsafe extern "C" fn]
    [extern "C-unwind" fn]
    [unsafe extern "C-unwind" fn]
    [extern "system" fn]
    [unsafe extern "system" fn]
    [extern "system-unwind" fn]
    [unsafe extern "system-unwind" fn]
    #[cfg(target_arch = "x86_64")] [extern "sysv64" fn]
    #[cfg(target_arch = "x86_64")] [unsafe extern "sysv64" fn]
    #[cfg(target_arch = "x86_64")] [extern "win64" fn]
    #[cfg(target_arch = "x86_64")] [unsafe extern "win64" fn]
    #[cfg(target_arch = "x86_64")] [extern "efiapi" fn]
    #[cfg(target_arch = "x86_64")] [unsafe extern "efiapi" fn]
    #[cfg(target_arch = "arm")] [extern "aapcs" fn]
    #[cfg(target_arch = "arm")] [unsafe extern "aapcs" fn]
    #[cfg(target_arch = "x86")] [extern "cdecl" fn]
    #[cfg(target_arch = "x86")] [unsafe extern "cdecl" fn]
    #[cfg(target_arch = "x86")] [extern "stdcall" fn]
    #[cfg(target_arch = "x86")] [unsafe extern "stdcall" fn]
    #[cfg(target_arch = "x86")] [extern "fastcall" fn]
    #[cfg(target_arch = "x86")] [unsafe extern "fastcall" fn]
    #[cfg(target_arch = "x86")] [extern "thiscall" fn]
    #[cfg(target_arch = "x86")] [unsafe extern "thiscall" fn]
}
