//! What the compiler infers of types inside: the rows of `docs/reference/soundness.md` that no other crate can name.

use core::cell::Cell;
use core::marker::PhantomData;

use crate::copy::in_place::{OnStack, Overwritten};
use crate::lock::{ClaimGuard, Claimed, Held};
use crate::{SeqLatch, SeqLock};

struct Is<T>(PhantomData<T>);

/// What holds where an inherent constant does not.
trait Unless {
    const SEND: bool = false;
    const SYNC: bool = false;
}

impl<T> Unless for Is<T> {}

impl<T: Send> Is<T> {
    const SEND: bool = true;
}

impl<T: Sync> Is<T> {
    const SYNC: bool = true;
}

type Shared = SeqLock<u8>;
type OfOneThread = SeqLatch<*const u8>;

macro_rules! send_and_sync {
    ($($type:ty: $send:literal $sync:literal;)*) => {
        [$((stringify!($type), (Is::<$type>::SEND, Is::<$type>::SYNC), ($send, $sync))),*]
    };
}

#[test]
fn types_inside_are_shared_as_the_table_says() {
    let rows = send_and_sync! {
        Held<&'static Shared>: true true;
        Held<&'static OfOneThread>: true true;
        Claimed<'static, Shared>: false false;
        ClaimGuard<'static, Shared>: true true;
        ClaimGuard<'static, OfOneThread>: false false;
        Overwritten<'static, u8, OnStack<u8>>: true true;
        Overwritten<'static, Cell<u8>, OnStack<Cell<u8>>>: true false;
        Overwritten<'static, *const u8, OnStack<*const u8>>: false false;
    };
    for (name, found, expected) in rows {
        assert_eq!(found, expected, "(Send, Sync) of {name}");
    }
}
