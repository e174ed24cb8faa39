// A slice is written through `&`: what is stored would end before what is read.
use std::marker::PhantomData;

use seqcopy::SeqSlice;

fn shorter<'a>(slice: &'a SeqSlice<PhantomData<&'static u8>>) -> &'a SeqSlice<PhantomData<&'a u8>> {
    slice
}

fn main() {
    let _ = shorter;
}
