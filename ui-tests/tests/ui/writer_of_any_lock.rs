use seqcopy::Writer;

fn write<T, L>(mut writer: Writer<'_, T, L>, value: T) {
    writer.write(value);
}

fn main() {
    write::<u8, seqcopy::SeqLock<u8>>;
}
