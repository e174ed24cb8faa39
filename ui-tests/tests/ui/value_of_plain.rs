//! A check that is written by hand, of which the compiler knows nothing.

use seqcopy::{Bits, InvalidValue, MaybeInvalid, SeqCopy, Validate};

#[derive(Clone, Copy, SeqCopy)]
#[repr(transparent)]
#[seqcopy(unsafe(plain))]
struct Id(u8);

unsafe impl Validate for Id {
    fn check(_: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        Ok(())
    }
}

const _: Id = MaybeInvalid::<Id>::zeroed().value();

fn main() {}
