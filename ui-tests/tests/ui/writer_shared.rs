use seqcopy::Writer;

fn shared<T: Sync>() {}

fn main() {
    shared::<Writer<'static, u8>>();
}
