use seqcopy::SeqLock;
use std::marker::PhantomData;
use std::rc::Rc;

fn shared<T: Sync>() {}

fn main() {
    shared::<SeqLock<PhantomData<Rc<u8>>>>();
}
