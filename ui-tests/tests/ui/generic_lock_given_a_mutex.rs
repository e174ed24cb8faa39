use std::sync::Mutex;

use seqcopy::Lock;

fn publish(lock: &impl Lock<u64>) {
    lock.write(1);
}

fn main() {
    publish(&Mutex::new(0));
}
