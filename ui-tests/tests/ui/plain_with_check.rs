use seqcopy::{MaybeInvalid, SeqCopy};

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(unsafe(plain), check = is_even)]
#[repr(C)]
struct Even(u8);

fn is_even(_: &MaybeInvalid<Even>) -> Result<(), &'static str> {
    Ok(())
}

fn main() {}
