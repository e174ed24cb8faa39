// errors: 2, in rustc's words
use seqcopy::{MaybeInvalid, field};

#[derive(Clone, Copy)]
struct Behind(&'static (u8, u32));

impl std::ops::Deref for Behind {
    type Target = (u8, u32);
    fn deref(&self) -> &(u8, u32) {
        self.0
    }
}

fn main() {
    let bits = MaybeInvalid::new(Behind(&(0, 1)));
    let _ = field!(bits, Behind, 1);
}
