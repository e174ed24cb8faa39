use seqcopy::{MaybeInvalid, SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(unsafe(check = ordered))]
struct Range(u32, u32);

fn ordered(_range: &MaybeInvalid<Range>) -> Result<(), &'static str> {
    Ok(())
}

fn main() {}
