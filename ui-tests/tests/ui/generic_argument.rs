use seqcopy::SeqCopy;

use seqcopy::AtomicPerByte;

#[derive(SeqCopy)]
#[repr(C)]
struct Stamped<T> {
    at: u64,
    values: [T; 4],
}

fn main() {
    AtomicPerByte::new(Stamped { at: 1, values: [Some(2_u32); 4] });
}
