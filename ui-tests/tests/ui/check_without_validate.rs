use seqcopy::SeqCopy;

use seqcopy::MaybeInvalid;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(check = ordered)]
struct Range(u32, u32);

fn ordered(_: &MaybeInvalid<Range>) -> Result<(), &'static str> {
    Ok(())
}

fn main() {}
