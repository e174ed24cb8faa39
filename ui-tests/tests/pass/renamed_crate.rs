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

mod foreign {
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    pub struct Pair<T> {
        pub a: T,
        pub b: u8,
    }
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(u8)]
    pub enum Side {
        Left,
        Right,
    }
}

#[derive(renamed::SeqCopy, renamed::Validate)]
#[seqcopy(crate = ::renamed, remote = foreign::Pair<T>)]
#[repr(C)]
struct PairDef<T> {
    a: T,
    b: u8,
}

#[derive(renamed::SeqCopy, renamed::Validate)]
#[seqcopy(remote = foreign::Side, crate = crate::inner::copy)]
#[repr(u8)]
enum SideDef {
    Left,
    Right,
}

#[derive(renamed::SeqCopy, renamed::Validate)]
#[seqcopy(unsafe(remote = foreign::Side), crate = inner::copy)]
#[repr(u8)]
enum SideAgain {
    Left,
    Right,
}

#[derive(Clone, Copy, Debug, PartialEq, renamed::SeqCopy, renamed::Validate)]
#[repr(C)]
#[seqcopy(crate = ::renamed)]
struct Described {
    #[seqcopy(with = PairDef<u16>)]
    pair: foreign::Pair<u16>,
    #[seqcopy(with = [SideDef; 2])]
    sides: [foreign::Side; 2],
    #[seqcopy(with = SideAgain)]
    side: foreign::Side,
}

fn main() {
    let value = Described {
        pair: foreign::Pair { a: 1, b: 2 },
        sides: [foreign::Side::Left, foreign::Side::Right],
        side: foreign::Side::Right,
    };
    assert_eq!(renamed::AtomicPerByte::new(value).load().validate(), Ok(value));
    let value = Pose { x: 3_u16, mode: Mode::Moving(0.5) };
    assert_eq!(renamed::AtomicPerByte::new(value).load().validate(), Ok(value));
}
