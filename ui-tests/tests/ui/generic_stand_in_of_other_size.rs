use seqcopy::SeqCopy;

use core::marker::PhantomData;

#[derive(SeqCopy)]
#[repr(C)]
struct Timer<T> {
    #[seqcopy(unsafe(as = T))]
    left: u64,
    unit: PhantomData<T>,
}

const _: &seqcopy::Layout = <Timer<u32> as SeqCopy>::LAYOUT;

fn main() {}
