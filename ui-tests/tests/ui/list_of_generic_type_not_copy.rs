use seqcopy::SeqCopy;

mod foreign {
    pub struct Ticket<T> { pub number: T }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Ticket<T>)]
struct TicketDef<T> { number: T }

fn main() {
    let _ = seqcopy::SeqLock::new(seqcopy::Remote::<_, TicketDef<u8>>::new(foreign::Ticket { number: 1_u8 }));
}
