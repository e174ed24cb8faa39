// Which bytes of an enum are data depends on its variant, also of what is copied as one.
use seqcopy::{Part, SeqCopy, part};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C, u8)]
enum Kind { Stop([u8; 3]), Go([u8; 3]) }

#[derive(Clone, Copy)]
#[repr(C)]
struct Foreign { tag: u8, data: [u8; 3] }

#[derive(Clone, Copy, SeqCopy)]
struct Car {
    #[seqcopy(unsafe(as = Kind))] // SAFETY: four bytes, of which the first is the tag.
    kind: Foreign,
}

const DATA: Part<Car, [u8; 3]> = part!(Car, kind.data);

fn main() {}
