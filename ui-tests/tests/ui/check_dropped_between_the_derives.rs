// errors: 2, since either derive sees it
use seqcopy::{MaybeInvalid, SeqCopy, Validate};
use seqcopy_ui_attributes::become_this;

#[derive(SeqCopy)]
#[seqcopy(check = ordered)]
#[become_this(#[derive(Validate)] #[repr(C)] struct Range(u32, u32);)]
#[repr(C)]
struct Range(u32, u32);

fn ordered(_: &MaybeInvalid<Range>) -> Result<(), &'static str> {
    Ok(())
}

fn main() {}
