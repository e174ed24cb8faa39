use seqcopy::SeqLock;

struct Bus<T> {
    latest: SeqLock<T>,
}

impl<T> Bus<T> {
    fn get(&self) -> T {
        self.latest.read()
    }
}

fn main() {}
