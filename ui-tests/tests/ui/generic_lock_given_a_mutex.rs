use std::sync::Mutex;

use seqcopy::{Policy, Sequenced};

fn publish<P: Policy>(lock: &Sequenced<u64, P>) {
    lock.write(1);
}

fn main() {
    publish(&Mutex::new(0));
}
