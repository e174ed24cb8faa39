use seqcopy::{Layout, SeqCopy};

#[derive(SeqCopy)]
#[repr(i8)]
enum Handle<const N: usize> {
    Open,
    Closed,
}

impl<const N: usize> Drop for Handle<N> {
    fn drop(&mut self) {}
}

const _: &Layout = <Handle<3> as SeqCopy>::LAYOUT;

fn main() {}
