//! A crate of edition 2015, where `async`, `await`, `dyn` and `try` are names like others. (What such a crate reads
//! when it makes a mistake is tried by `seqcopy-derive/src/tests/refusals.rs`: there `::core` leads nowhere.)
#![forbid(unsafe_code)]

extern crate seqcopy;

use seqcopy::{field, part, MaybeInvalid, SeqCopy, SeqLock, Validate};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Names {
    async: u8,
    dyn: [u16; 3],
    try: bool,
    await: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
enum Variants {
    Plain(Names),
    Named { dyn: bool },
}

fn main() {
    let names = Names { async: 1, dyn: [2; 3], try: true, await: 4 };
    let lock = SeqLock::new(names);
    assert_eq!(lock.read_part(part!(Names, async)), 1);
    lock.write_part(part!(Names, dyn), [7; 3]);
    assert_eq!(lock.read(), Names { dyn: [7; 3], ..names });
    let bits = MaybeInvalid::new(lock.read());
    assert!(field!(bits, Names, try).validate_ref().is_ok());
    assert!(Names::LAYOUT.display(8).to_string().contains("  await: u8 "));
    for variant in &[Variants::Plain(names), Variants::Named { dyn: true }] {
        assert_eq!(SeqLock::new(*variant).read(), *variant);
    }
    println!("a crate of edition 2015: {}", lock.read().dyn[0]);
}
