use seqcopy::SeqLock;

type Word<'a> = Option<&'a u8>;

fn shorter<'a>(lock: &'a SeqLock<Word<'static>>) -> &'a SeqLock<Word<'a>> {
    lock
}

fn main() {
    let _ = shorter;
}
