// errors: 1, in rustc's words
use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[seqcopy(unsafe(plain))]
#[repr(C)]
union Count<const N: usize> {
    cell: core::mem::ManuallyDrop<core::cell::Cell<[u32; N]>>,
    number: [u32; N],
}

fn main() {}
