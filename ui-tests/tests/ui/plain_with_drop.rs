use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[seqcopy(unsafe(plain))]
struct Handle(i32);

impl Drop for Handle {
    fn drop(&mut self) {}
}

fn main() {}
