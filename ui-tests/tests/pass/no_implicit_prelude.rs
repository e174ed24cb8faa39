//! The expansion uses nothing from the prelude, nor from modules named like those of the standard library.
#![no_implicit_prelude]
#![allow(dead_code)]

mod core {}
mod std {}
mod seqcopy {}

struct Option;
struct Result;
struct Layout;
struct Bits;
struct Visitor;
struct InvalidValue;
trait Validate {}
trait SeqCopy {}

#[derive(::seqcopy::SeqCopy, ::seqcopy::Validate)]
#[repr(C)]
#[seqcopy(check = agree)]
struct Pose {
    id: u8,
    mode: Mode,
    message: Message<u16>,
}

fn agree(_: &::seqcopy::MaybeInvalid<Pose>) -> ::core::result::Result<(), &'static str> {
    ::core::result::Result::Ok(())
}

#[derive(::seqcopy::SeqCopy, ::seqcopy::Validate)]
#[repr(u8)]
enum Mode {
    Ok,
    Err,
    None = 7,
}

#[derive(::seqcopy::SeqCopy, ::seqcopy::Validate)]
#[repr(C, u8)]
enum Message<T> {
    Some(T),
    None,
}

fn main() {}
