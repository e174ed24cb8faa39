use seqcopy::{SeqCopy, SeqLock};

fn in_background<T: SeqCopy + 'static>(lock: &'static SeqLock<T>, then: fn(T)) {
    std::thread::spawn(move || then(lock.read()));
}

fn main() {
    static LOCK: SeqLock<u32> = SeqLock::new(1);
    in_background(&LOCK, |_| ());
}
