//! Items made by `macro_rules!`, whose types, numbers and attributes arrive in invisible delimiters.
#![allow(dead_code)]

use seqcopy::{AtomicPerByte, MaybeInvalid, SeqCopy, Validate};

macro_rules! structure {
    ($(#[$attribute:meta])* $visibility:vis $name:ident<$($parameter:ident),*>
     { $($field:ident: $type:ty),* } check $check:path) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
        #[seqcopy(check = $check)]
        $visibility struct $name<$($parameter),*> { $($field: $type, )* hidden: u8 }
    };
}

macro_rules! choice {
    ($repr:ident, $name:ident { $($variant:ident($type:ty) = $value:expr),* }) => {
        #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
        #[repr(C, $repr)]
        enum $name<T> { $($variant($type, [$type; 2]) = $value,)* Last(T) }
    };
}

macro_rules! foreign {
    ($name:ident, $type:ty as $as:ty, skip $skip:ty, $length:expr) => {
        #[derive(Clone, Copy, SeqCopy, Validate)]
        #[repr(C)]
        struct $name {
            #[seqcopy(unsafe(as = $as))]
            value: $type,
            #[seqcopy(skip)]
            hole: $skip,
            many: [$as; $length],
        }
    };
}

macro_rules! word {
    () => { u32 };
}

mod checks {
    pub fn fine<T>(_: &super::MaybeInvalid<T>) -> Result<(), &'static str> {
        Ok(())
    }
}

structure! { #[repr(C)] pub Pose<T, U> { x: T, y: [U; 2], z: Option<core::num::NonZeroU8> } check checks::fine }
choice! { i16, Message { Low(u8) = -3, High(u32) = 7 } }
foreign! { Peer, std::net::Ipv4Addr as [u8; 4], skip core::mem::MaybeUninit<u64>, 1 + 2 }

#[derive(SeqCopy)]
struct TypeMacro(word!(), [word!(); 2]);

fn main() {
    let value = Pose { x: 1_u16, y: [2_u64; 2], z: None, hidden: 3 };
    assert_eq!(AtomicPerByte::new(value).load().validate(), Ok(value));
    let value = Message::<bool>::High(7, [8, 9]);
    assert_eq!(AtomicPerByte::new(value).load().validate(), Ok(value));
    assert_eq!(<Peer as SeqCopy>::LAYOUT.size(), 32);
    assert_eq!(<TypeMacro as SeqCopy>::LAYOUT.size(), 12);
}
