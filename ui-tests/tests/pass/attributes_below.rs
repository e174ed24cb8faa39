//! Attribute macros below the derive that leave the item as it is.
#![allow(dead_code)]

use seqcopy::{AtomicPerByte, SeqCopy, Validate};
use seqcopy_ui_attributes::replace;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[replace(nothing something)]
#[repr(C, packed(2))]
struct Pose {
    id: u8,
    x: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[replace(nothing something)]
#[repr(u8)]
enum Message {
    Quit,
    Move(f32),
}

fn main() {
    let pose = Pose { id: 1, x: 2.5 };
    assert!(AtomicPerByte::new(pose).load().validate() == Ok(pose));
    assert_eq!(AtomicPerByte::new(Message::Quit).load().validate(), Ok(Message::Quit));
}
