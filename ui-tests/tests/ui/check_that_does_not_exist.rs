use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = orderd)]
struct Range(u32, u32);

fn ordered(_: &seqcopy::MaybeInvalid<Range>) -> Result<(), &'static str> {
    Ok(())
}

fn main() {}
