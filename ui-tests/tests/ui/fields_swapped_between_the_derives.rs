use seqcopy::{SeqCopy, Validate};
use seqcopy_ui_attributes::become_this;

#[derive(Validate)]
#[become_this(#[derive(SeqCopy)] #[repr(C)] struct Pair { low: Small, high: Even })]
#[repr(C)]
struct Pair {
    high: Even,
    low: Small,
}

// They have the same bytes, but a type can have a check of its own.
type Small = u8;
type Even = u8;

fn main() {}
