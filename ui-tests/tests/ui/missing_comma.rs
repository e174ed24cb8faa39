use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(bound(T: SeqCopy) crate = ::seqcopy)]
struct Pose<T> {
    x: T,
}

fn main() {}
