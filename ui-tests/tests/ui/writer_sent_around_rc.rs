use seqcopy::Writer;
use std::marker::PhantomData;
use std::rc::Rc;

fn sent<T: Send>() {}

fn main() {
    sent::<Writer<'static, PhantomData<Rc<u8>>>>();
}
