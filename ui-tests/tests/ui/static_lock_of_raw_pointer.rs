use seqcopy::SeqLock;

static LOCK: SeqLock<*const u8> = SeqLock::new(std::ptr::null());

fn main() {
    LOCK.read();
}
