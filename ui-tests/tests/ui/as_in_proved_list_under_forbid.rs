// errors: 1, in rustc's words
#![forbid(unsafe_code)]

use std::num::NonZero;

use seqcopy::{SeqCopy, Validate};

#[derive(Clone, Copy)]
#[repr(C)]
pub struct Channel(pub NonZero<u8>);

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Channel)]
#[repr(C)]
struct ChannelDef(#[seqcopy(unsafe(as = u8))] NonZero<u8>);

fn main() {}
