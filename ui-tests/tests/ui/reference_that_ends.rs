// errors: 1, in rustc's words
use seqcopy::SeqLock;

fn share(number: &u8) -> Option<&u8> {
    SeqLock::new(Some(number)).read()
}

fn main() {
    share(&1);
}
