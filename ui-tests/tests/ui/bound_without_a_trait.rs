use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(bound(T))]
struct Pose<T> {
    x: T,
}

fn main() {}
