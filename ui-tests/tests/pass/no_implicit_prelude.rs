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

mod foreign {
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    #[repr(C)]
    pub struct Some<T> {
        pub a: T,
    }
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    #[repr(u8)]
    pub enum None {
        Ok,
        Err,
    }
}

#[derive(::seqcopy::SeqCopy, ::seqcopy::Validate)]
#[seqcopy(remote = foreign::Some<T>)]
#[repr(C)]
struct SomeDef<T> {
    a: T,
}

#[derive(::seqcopy::SeqCopy, ::seqcopy::Validate)]
#[seqcopy(remote = foreign::None)]
#[repr(u8)]
enum NoneDef {
    Ok,
    Err,
}

#[derive(::seqcopy::SeqCopy, ::seqcopy::Validate)]
#[seqcopy(unsafe(remote = foreign::Some<u8>))]
#[repr(C)]
struct SomeAgain {
    a: u8,
}

#[derive(::seqcopy::SeqCopy, ::seqcopy::Validate)]
#[repr(C)]
struct Described {
    #[seqcopy(with = SomeDef<u16>)]
    some: foreign::Some<u16>,
    #[seqcopy(with = NoneDef)]
    none: foreign::None,
    #[seqcopy(with = SomeAgain)]
    again: foreign::Some<u8>,
}

fn main() {}
