use seqcopy::{MaybeInvalid, SeqCopy};

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(check = ordered)]
struct Range<T>(T, T);

fn ordered<T>(_: &MaybeInvalid<Range<T>>) -> Result<(), &'static str> {
    Ok(())
}

fn main() {}
