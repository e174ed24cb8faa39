use seqcopy::SeqCopy;

mod foreign {
    pub struct Ticket { pub number: u32 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Ticket)]
struct TicketDef { number: u32 }

fn main() {}
