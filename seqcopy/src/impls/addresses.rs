//! `Ipv4Addr`, `Ipv6Addr` and `SocketAddrV4`: types with private fields that have as many values as their bytes have states, so
//! that every byte is data in every value (P27 all-states).

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4};

use crate::SeqCopy;
use crate::bits::Bits;
use crate::invalid_value::InvalidValue;
use crate::layout::{self, Layout};
use crate::validate::Validate;

const V4: [u8; 4] = [1, 2, 3, 4];
const V6: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

macro_rules! octets {
    ($($type:ident: $name:literal, $len:literal, $octets:expr, $value:expr;)*) => {$(
        // SAFETY: `octets` tells all values apart, which are as many as the bytes have states, so every byte of every value is
        // initialised, and none belongs to a pointer (P27 all-states). It is `Copy`, so it has no interior mutability.
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

// SAFETY: `ip` and `port` tell all values apart, 2^48 in 6 bytes, so every byte of every value is initialised, and none belongs to
// a pointer (P27 all-states). It is `Copy`, so it has no interior mutability. Where the address lies and where the port is not
// specified, so it has no `Validate`, although any bits would pass: in another process they could mean another address.
#[diagnostic::do_not_recommend]
unsafe impl SeqCopy for SocketAddrV4 {
    const LAYOUT: &'static Layout = {
        assert!(size_of::<Self>() == 6, "the size of `SocketAddrV4`");
        &layout::vouched::<Self>("SocketAddrV4", false, 6)
    };
}
