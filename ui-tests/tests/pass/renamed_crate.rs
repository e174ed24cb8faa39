//! The crate under another name, while its own name refers to another crate.
#![allow(dead_code)]

extern crate core as seqcopy;
extern crate seqcopy as renamed;

mod inner {
    pub mod copy {
        pub use ::renamed::*;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, renamed::SeqCopy, renamed::Validate)]
#[repr(C)]
#[seqcopy(crate = ::renamed, check = fine)]
struct Pose<T> {
    x: T,
    mode: Mode,
}

fn fine<T>(_: &renamed::MaybeInvalid<Pose<T>>) -> Result<(), &'static str> {
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, renamed::SeqCopy, renamed::Validate)]
#[repr(u8)]
#[seqcopy(crate = crate::inner::copy)]
enum Mode {
    Idle,
    Moving(f32),
}

#[derive(renamed::SeqCopy, renamed::Validate)]
#[seqcopy(crate = inner::copy)]
#[repr(i8)]
enum Sign {
    Minus = -1,
    Plus = 1,
}

fn main() {
    let value = Pose { x: 3_u16, mode: Mode::Moving(0.5) };
    assert_eq!(renamed::AtomicPerByte::new(value).load().validate(), Ok(value));
}
