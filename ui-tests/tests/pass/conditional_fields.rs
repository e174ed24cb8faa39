//! Fields and variants that `cfg` removes, and attributes that `cfg_attr` adds.
#![allow(dead_code, unexpected_cfgs)]

use core::mem::MaybeUninit;

use seqcopy::{AtomicPerByte, SeqCopy, Validate};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[cfg_attr(all(), repr(C))]
#[cfg_attr(never, seqcopy(nonsense))]
struct Pose {
    #[cfg(never)]
    gone: String,
    /// Documented.
    x: f32,
    #[cfg(all())]
    #[cfg_attr(all(), seqcopy(skip))]
    reserved: MaybeUninit<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[cfg_attr(all(), repr(u8))]
enum Message {
    #[cfg(never)]
    Gone(String),
    Quit,
    Move(#[cfg(never)] String, #[cfg(all())] f32),
}

fn main() {
    assert_eq!(<Pose as SeqCopy>::LAYOUT.size(), 8);
    assert!(!<Pose as SeqCopy>::LAYOUT.is_padding_free());
    let value = Message::Move(1.5);
    assert_eq!(AtomicPerByte::new(value).load().validate(), Ok(value));
}
