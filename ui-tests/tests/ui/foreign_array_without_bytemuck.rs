use seqcopy::{Bytemuck, Remote, SeqLock};

fn main() {
    let sizes = [std::alloc::Layout::new::<u8>(); 2];
    let _ = SeqLock::new(Remote::<_, [Bytemuck; 2]>::new(sizes));
}
