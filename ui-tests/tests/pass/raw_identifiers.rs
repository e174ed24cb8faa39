//! Keywords as names; they are shown without `r#`.
#![allow(dead_code, non_camel_case_types)]

use seqcopy::{AtomicPerByte, SeqCopy, Validate};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[r#repr(r#C)]
struct r#struct<r#dyn> {
    r#type: r#dyn,
    r#fn: u32,
    r#where: r#enum,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(r#u8)]
enum r#enum {
    r#let,
    r#match { r#if: bool },
    r#loop(u8) = 9,
}

#[derive(SeqCopy, Validate)]
#[repr(u8)]
enum r#final {
    r#yield,
    r#try = 3,
}

fn main() {
    let value = r#struct { r#type: 1_u8, r#fn: 2, r#where: r#enum::r#match { r#if: true } };
    assert_eq!(AtomicPerByte::new(value).load().validate(), Ok(value));
    let layout = <r#struct<u8> as SeqCopy>::LAYOUT;
    assert_eq!(layout.name(), "struct");
    assert!(!layout.display(8).to_string().contains("r#"));
}
