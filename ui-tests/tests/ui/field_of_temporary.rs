use seqcopy::{AtomicPerByte, SeqCopy, field};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Point {
    x: u64,
}

fn main() {
    let cell = AtomicPerByte::new(Point { x: 1 });
    let x = field!(cell.load(), Point, x);
    println!("{:?}", x.validate_ref());
}
