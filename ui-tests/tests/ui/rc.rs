use seqcopy::SeqCopy;

use std::rc::Rc;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Rc<u8>,
}

fn main() {}
