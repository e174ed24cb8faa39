use seqcopy::{MaybeInvalid, SeqCopy, Validate};
use seqcopy_ui_attributes::become_this;

#[derive(SeqCopy)]
#[seqcopy(check = ordered)]
#[become_this(#[derive(Validate)] #[repr(C)] struct Range<T: Validate>(T, T);)]
#[repr(C)]
struct Range<T: Validate>(T, T);

fn ordered<T: Validate>(_: &MaybeInvalid<Range<T>>) -> Result<(), &'static str> {
    Ok(())
}

fn main() {
    let _ = MaybeInvalid::new(Range(1u8, 0)).validate();
}
