use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
#[seqcopy(unsafe(plain))]
struct Pair<T: Copy>(u8, T);

const _: &seqcopy::Layout = <Pair<u32> as SeqCopy>::LAYOUT;

fn main() {}
