use seqcopy::SeqLockGuard;
use std::cell::Cell;
use std::marker::PhantomData;

fn shared<T: Sync>() {}

fn main() {
    shared::<SeqLockGuard<'static, PhantomData<Cell<u8>>>>();
}
