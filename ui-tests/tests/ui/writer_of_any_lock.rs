use seqcopy::Writer;

fn write<T, L>(_: Writer<'_, T, L>) {}

fn main() {
    write::<u8, seqcopy::SeqLock<u8>>;
}
