use seqcopy::{MaybeInvalid, SeqCopy, Validate};

mod foreign {
    #[derive(Clone, Copy)]
    #[repr(C)]
    pub struct Even { pub number: u32 }
}

fn is_even(_: &MaybeInvalid<foreign::Even>) -> Result<(), &'static str> {
    Ok(())
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = foreign::Even, check = is_even)]
#[repr(C)]
struct EvenDef { number: u32 }

fn main() {}
