// errors: 1, in rustc's words
use seqcopy::AtomicPerByte;

fn main() {
    let samples = AtomicPerByte::new([1u16; 4]);
    let _: [u16; 4] = samples.load();
}
