//! `unsafe` attributes stand where `unsafe_code` is allowed, on the type or on the field; no other emitted code needs
//! that.
#![deny(unsafe_code, warnings, unused, missing_docs, nonstandard_style, future_incompatible, rust_2018_idioms)]
#![deny(unused_qualifications, unused_results, unreachable_pub, trivial_casts, single_use_lifetimes)]

use seqcopy::{AtomicPerByte, SeqCopy, Validate};

/// A foreign field, allowed by the type.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[allow(unsafe_code)]
pub struct Address {
    // SAFETY: two bytes of data, and any two are a port.
    #[seqcopy(unsafe(as = u16))]
    port: [u8; 2],
}

/// A foreign field, allowed by itself.
#[derive(Clone, Copy, SeqCopy)]
#[repr(u8)]
pub enum Message {
    /// Nothing.
    Quit,
    /// To a port.
    Send {
        /// Which port.
        #[allow(unsafe_code)]
        // SAFETY: as above.
        #[seqcopy(unsafe(as = u16))]
        port: [u16; 1],
    },
}

/// With a check of its own.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[allow(unsafe_code)]
// SAFETY: the check takes a value whose invariant does not hold yet.
#[seqcopy(unsafe(check = is_even))]
pub struct Even(u8);

fn is_even(even: &Even) -> Result<(), &'static str> {
    if even.0 % 2 == 0 { Ok(()) } else { Err("odd") }
}

/// Copied as bytes.
#[derive(Clone, Copy, SeqCopy)]
#[allow(unsafe_code)]
// SAFETY: both fields cover all bytes.
#[seqcopy(unsafe(plain))]
pub union Bits {
    /// As a float.
    pub float: f32,
    /// As bytes.
    pub bytes: [u8; 4],
}

/// Numbers.
pub trait Pod: Copy {}
impl Pod for u64 {}

/// Relies on a trait defined here.
#[derive(Clone, Copy, SeqCopy)]
#[allow(unsafe_code)]
// SAFETY: as `Pod` says.
#[seqcopy(unsafe(plain))]
pub struct Slot<T: Pod>(pub T);

macro_rules! plain {
    ($(#[$attribute:meta])* $name:ident($type:ty)) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, SeqCopy)]
        #[seqcopy(unsafe(plain))]
        struct $name($type);
    };
}

plain!(#[allow(unsafe_code)] Word(u64));

fn main() {
    assert!(AtomicPerByte::new(Address { port: [1, 2] }).load().validate().is_ok_and(|it| it.port == [1, 2]));
    assert!(AtomicPerByte::new(Even(3)).load().validate().is_err());
    for message in [Message::Quit, Message::Send { port: [7] }] {
        let _ = AtomicPerByte::new(message).load();
    }
    let _ = AtomicPerByte::new(Bits { float: 1.0 }).load();
    let _ = AtomicPerByte::new(Slot(1_u64)).load();
    assert_eq!(Word(7).0, 7);
    let _ = AtomicPerByte::new(Word(7)).load();
}
