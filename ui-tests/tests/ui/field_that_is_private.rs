// errors: 1, in rustc's words
use seqcopy::{MaybeInvalid, field};

mod shut {
    pub struct Behind { pub x: u32 }
    pub struct Shut { x: u8, behind: Behind }

    impl std::ops::Deref for Shut {
        type Target = Behind;
        fn deref(&self) -> &Behind {
            &self.behind
        }
    }
}

fn main() {
    let bits = MaybeInvalid::<shut::Shut>::zeroed();
    let _ = field!(bits, shut::Shut, x);
}
