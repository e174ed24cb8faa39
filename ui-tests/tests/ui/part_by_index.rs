use seqcopy::{Part, SeqCopy, part};

#[derive(Clone, Copy, SeqCopy)]
struct Level {
    price: u64,
}

#[derive(Clone, Copy, SeqCopy)]
struct Book {
    bids: [Level; 4],
}

const BID: Part<Book, u64> = part!(Book, bids[0].price);

fn main() {}
