use seqcopy::Writer;
use std::marker::PhantomData;

type Mark<'a> = PhantomData<&'a str>;

fn shorter<'a>(writer: Writer<'a, Mark<'static>>) -> Writer<'a, Mark<'a>> {
    writer
}

fn main() {
    let _ = shorter;
}
