use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(transparent)]
enum Meters {
    Of(u32),
}

fn main() {}
