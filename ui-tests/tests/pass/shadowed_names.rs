//! Types, parameters and inherent items with names that the expansion uses.
#![allow(dead_code, non_camel_case_types, non_upper_case_globals)]

use seqcopy::{AtomicPerByte, MaybeInvalid, SeqCopy, Validate};

/// One byte, despite its name.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(transparent)]
struct usize(bool);

mod types {
    use super::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub struct u8(pub u16);
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub struct bool(pub u8);
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(u16)]
    pub enum i128 {
        A(u8),
        B(bool),
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(i8)]
    pub enum Result {
        Ok = -1,
        Err,
    }
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Params<V, __V, core, u8, Result, Option, const __v: u16>(V, __V, core, u8, Result, Option);

/// Inherent items take precedence over those of traits in `Self::NAME`.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = check_bits)]
struct Inherent {
    a: u8,
    b: u32,
}

fn check_bits(_: &MaybeInvalid<Inherent>) -> Result<(), &'static str> {
    Ok(())
}

impl Inherent {
    const DENSE: bool = true;
    const GAPS: u128 = 0;
    const LAYOUT: &'static str = "mine";

    fn visit() -> ! {
        panic!("mine")
    }

    fn check() -> ! {
        panic!("mine")
    }
}

/// Variants take precedence over all other items in `Self::NAME`.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
enum Choice {
    LAYOUT(bool),
    Tag,
    Self_,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Tag {
    LAYOUT,
    Tag,
}

/// The expansion's own locals avoid the names of the item.
mod locals {
    #[derive(Clone, Copy, super::SeqCopy)]
    pub struct Locals<__V> {
        __v: u8,
        __b: [u8; __o],
        __x: __V,
    }

    const __o: usize = 3;
}

/// No binding can shadow a constant, a static or a unit struct, and no derive can see those around the item: the
/// expansion's locals have names that begin with the crate's.
mod items_in_scope {
    use super::{MaybeInvalid, SeqCopy, Validate};

    const __v: u8 = 1;
    const __b: u8 = 2;
    static __o: u8 = 3;
    struct __x;
    struct __x0;
    const __x1: bool = true;
    const x: u8 = 4;

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    #[seqcopy(check = checked)]
    pub struct Fields {
        a: u8,
        b: bool,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(u8)]
    pub enum Variants {
        A(u8, bool),
        B { a: Fields },
    }

    #[derive(Clone, Copy)]
    #[repr(C)]
    pub struct Foreign {
        pub a: u8,
        pub b: bool,
    }

    #[derive(SeqCopy, Validate)]
    #[seqcopy(remote = Foreign)]
    #[repr(C)]
    pub struct Listed {
        a: u8,
        b: bool,
    }

    fn checked(_: &MaybeInvalid<Fields>) -> Result<(), &'static str> {
        Ok(())
    }
}

fn main() {
    let value = Inherent { a: 1, b: 2 };
    let cell = AtomicPerByte::new(value);
    assert_eq!(cell.load().validate(), Ok(value));
    assert_eq!(<Inherent as SeqCopy>::LAYOUT.size(), 8);
    assert_eq!(<usize as SeqCopy>::LAYOUT.size(), 1);
    assert_eq!(<types::u8 as SeqCopy>::LAYOUT.size(), 2);
    let cell = AtomicPerByte::new(Choice::LAYOUT(true));
    assert_eq!(cell.load().validate(), Ok(Choice::LAYOUT(true)));
    assert_eq!(<locals::Locals<u16> as SeqCopy>::LAYOUT.size(), 6);
}
