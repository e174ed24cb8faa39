//! Types inside functions, two with the same name, and inside constants.
#![allow(dead_code)]

use seqcopy::{AtomicPerByte, MaybeInvalid, SeqCopy, Validate};

fn first<T>(x: T) -> T {
    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(C)]
    #[seqcopy(check = Local::fine)]
    struct Local(u8, u32);

    impl Local {
        fn fine(_: &MaybeInvalid<Self>) -> Result<(), &'static str> {
            Ok(())
        }
    }

    assert_eq!(AtomicPerByte::new(Local(1, 2)).load().validate(), Ok(Local(1, 2)));
    x
}

fn second() {
    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(u8)]
    enum Local<T> {
        A(T),
        B,
    }

    {
        #[derive(Clone, Copy, SeqCopy)]
        struct Local(u64);
        assert_eq!(<Local as SeqCopy>::LAYOUT.size(), 8);
    }
    assert_eq!(AtomicPerByte::new(Local::A('x')).load().validate(), Ok(Local::A('x')));
}

const SIZE: usize = {
    #[derive(SeqCopy)]
    struct Local([u16; 3]);
    <Local as SeqCopy>::LAYOUT.size()
};

fn main() {
    first(());
    second();
    assert_eq!(SIZE, 6);
}
