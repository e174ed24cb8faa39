use seqcopy::SeqCopy;

use core::marker::PhantomData;

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(unsafe(plain))]
struct Slot<'a>(u64, PhantomData<&'a u8>);

fn main() {}
