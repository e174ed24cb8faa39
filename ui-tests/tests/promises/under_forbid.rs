// Every option that takes `unsafe`, in every place where it may stand. Each line with the word has an error.
#![forbid(unsafe_code)]

use std::net::Ipv4Addr;

use seqcopy::{Remote, SeqCopy, SeqLock, Validate};

type Bytes = [u8; 4];
type Passed = Result<(), &'static str>;

// A stand-in for a field of a struct.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Named {
    #[seqcopy(unsafe(as = Bytes))]
    a: Ipv4Addr,
}

#[derive(Clone, Copy, SeqCopy)]
struct Tuple(u8, #[seqcopy(unsafe(as = Bytes))] Ipv4Addr);

#[derive(Clone, Copy, SeqCopy)]
struct Generic<T, const N: usize> {
    #[seqcopy(unsafe(as = [T; N]))]
    a: [T; N],
}

#[derive(Clone, Copy, SeqCopy)]
struct Conditional {
    #[cfg_attr(all(), seqcopy(unsafe(as = Bytes)))]
    a: Ipv4Addr,
    #[r#seqcopy(unsafe(as = Bytes))]
    b: Ipv4Addr,
}

// The promise of a variant.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Message {
    From(#[seqcopy(unsafe(as = Bytes))] Ipv4Addr),
    Both {
        port: u16,
        #[seqcopy(unsafe(as = Bytes))]
        to: Ipv4Addr,
    },
}

// The promise of a list that the compiler proves.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Peer<T> {
    pub address: Ipv4Addr,
    pub more: T,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = Peer<u8>)]
#[repr(C)]
struct Proved {
    #[seqcopy(unsafe(as = Bytes))]
    address: Ipv4Addr,
    more: u8,
}

#[derive(SeqCopy)]
#[seqcopy(remote = Peer<T>)]
struct GenericProved<T> {
    more: T,
    #[seqcopy(unsafe(as = Bytes))]
    address: Ipv4Addr,
}

#[derive(Clone, Copy)]
pub struct Pair(pub u8, pub Ipv4Addr);

#[derive(SeqCopy)]
#[seqcopy(remote = Pair)]
struct TupleProved(u8, #[seqcopy(unsafe(as = Bytes))] Ipv4Addr);

// A list on the author's word.
#[derive(SeqCopy, Validate)]
#[seqcopy(unsafe(remote = Peer<u8>))]
#[repr(C)]
struct Vouched {
    #[seqcopy(unsafe(as = Bytes))]
    address: Ipv4Addr,
    more: u8,
}

#[derive(SeqCopy)]
#[seqcopy(unsafe(remote = Peer<T>))]
#[repr(C)]
struct GenericVouched<T> {
    address: Remote<Ipv4Addr, Address>,
    more: T,
}

#[derive(SeqCopy)]
#[seqcopy(unsafe(remote = Ipv4Addr))]
struct Address(Bytes);

#[derive(SeqCopy)]
#[seqcopy(unsafe(remote = Option<bool>))]
#[repr(u8)]
enum VouchedEnum {
    A,
    B,
}

// A check that sees a value.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(unsafe(check = Checked::check))]
struct Checked(u8);

impl Checked {
    fn check(&self) -> Passed {
        Ok(())
    }
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
#[seqcopy(unsafe(check = checked_enum))]
enum CheckedEnum {
    A,
    B(u8),
}

fn checked_enum(_: &CheckedEnum) -> Passed {
    Ok(())
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(bound(T: Validate), unsafe(check = checked_generic))]
struct CheckedGeneric<T>(T);

fn checked_generic<T>(_: &CheckedGeneric<T>) -> Passed {
    Ok(())
}

// Plain bytes.
#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(unsafe(plain))]
struct Plain(u32);

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(unsafe(plain))]
struct PlainGeneric<T: Copy>(T);

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(unsafe(plain))]
union PlainUnion {
    a: u32,
    b: f32,
}

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(unsafe(plain))]
enum PlainEnum {
    A,
    B,
}

// By a macro, and inside of a function.
macro_rules! plain {
    ($name:ident) => {
        #[derive(Clone, Copy, SeqCopy)]
        #[seqcopy(unsafe(plain))]
        struct $name(u32);
    };
}

fn main() {
    plain!(Made);
    #[derive(Clone, Copy, SeqCopy)]
    struct Local(#[seqcopy(unsafe(as = u32))] Made);
    let _ = SeqLock::new(Local(Made(1)));
}
