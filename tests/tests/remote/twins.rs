//! The same fields once as a type with the derive, once as a foreign type with a list: the layouts are equal, and so
//! are copies.

#![allow(unreachable_pub, missing_docs)] // what stands for another crate

use core::mem::MaybeUninit;

use seqcopy::{AtomicPerByte, Remote, SeqCopy, SeqOption};
use seqcopy_tests::alike::assert_alike;

macro_rules! twins {
    ($($module:ident: [$($repr:meta),*] $name:ident { $($(#[$option:meta])* $field:ident: $ty:ty = $value:expr),* $(,)? })*) => {$(
        mod $module {
            use super::*;

            #[derive(Clone, Copy, SeqCopy)]
            $(#[$repr])*
            pub struct $name { $($(#[$option])* pub $field: $ty),* }

            pub mod foreign {
                #[allow(unused_imports)] // a twin without types of its own
                use super::*;
                #[derive(Clone, Copy)]
                $(#[$repr])*
                pub struct $name { $(pub $field: $ty),* }
            }

            #[derive(SeqCopy)]
            #[seqcopy(remote = foreign::$name)]
            $(#[$repr])*
            pub struct List { $($(#[$option])* $field: $ty),* }

            #[test]
            fn alike() {
                assert_alike($name::LAYOUT, Remote::<foreign::$name, List>::LAYOUT);
                let value = Remote::<_, List>::new(foreign::$name { $($field: $value),* });
                let cell = AtomicPerByte::new(value);
                cell.store(&value);
                // SAFETY: a value was stored, and no other thread has access.
                let copy = unsafe { cell.load().assume_valid() };
                let own = AtomicPerByte::new($name { $($field: $value),* });
                // The data bytes of both copies, hole by hole left out.
                let (a, b) = (copy, own.load());
                let bytes = |start: *const u8| {
                    let data = seqcopy_tests::accesses($name::LAYOUT, 1);
                    let each = data.into_iter().flat_map(|it| it.offset..it.offset + it.width);
                    // SAFETY: data bytes of a value, which are initialised.
                    each.map(|at| unsafe { start.wrapping_add(at).read() }).collect::<Vec<u8>>()
                };
                if !$name::LAYOUT.has_pointers() && !$name::LAYOUT.has_enum_with_fields() {
                    assert_eq!(bytes((&raw const a).cast()), bytes(b.as_ptr().cast()));
                }
            }
        }
    )*};
}

twins! {
    padded: [repr(C)] Padded { a: u8 = 1, b: u64 = 2, c: u32 = 3, d: u16 = 4, e: [u16; 5] = [5; 5], f: bool = true, g: f32 = 0.5 }
    unit: [repr(C)] Unit {}
    packed: [repr(C, packed)] Packed { a: u8 = 1, b: u64 = 2, c: char = 'x' }
    packed2: [repr(C, packed(2))] Packed2 { a: u8 = 1, b: u64 = 2, c: [u32; 3] = [3; 3] }
    wide: [repr(C, align(64))] Wide { a: u8 = 1, b: [u32; 20] = [2; 20] }
    transparent: [repr(transparent)] Transparent { a: [u16; 3] = [1, 2, 3] }
    pointers: [repr(C)] Pointers { a: u8 = 1, b: *const u8 = core::ptr::null(), c: Option<&'static u32> = None, d: fn(u8) -> u8 = u8::reverse_bits }
    skipping: [repr(C)] Skipping { a: u8 = 1, #[seqcopy(skip)] hole: MaybeUninit<[u32; 2]> = MaybeUninit::uninit(), b: u16 = 2 }
    nested: [repr(C)] Nested { a: u8 = 1, b: [padded::Padded; 2] = [padded::Padded { a: 1, b: 2, c: 3, d: 4, e: [5; 5], f: true, g: 0.5 }; 2], c: (u8, u32) = (1, 2) }
    option: [repr(C)] WithOption { a: u8 = 1, b: SeqOption<u64> = SeqOption::Some(2), c: [SeqOption<u8>; 3] = [SeqOption::None; 3] }
    empty: [repr(C)] Empty { a: [u64; 0] = [], b: u8 = 1, c: () = () }
}
