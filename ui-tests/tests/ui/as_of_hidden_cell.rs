// errors: 1, in rustc's words
mod foreign {
    pub struct Meter(u32, core::cell::UnsafeCell<u32>);
}

#[derive(seqcopy::SeqCopy)]
#[repr(C)]
struct Sample<T> {
    value: T,
    #[seqcopy(unsafe(as = [u32; 2]))]
    meter: foreign::Meter,
}

fn main() {}
