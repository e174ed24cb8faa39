// errors: 1, in rustc's words
#![forbid(unsafe_code)]

use seqcopy::{SeqCopy, Validate};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(unsafe(check = is_even))]
struct Even(u8);

fn is_even(even: &Even) -> Result<(), &'static str> {
    if even.0 % 2 == 0 { Ok(()) } else { Err("odd") }
}

fn main() {}
