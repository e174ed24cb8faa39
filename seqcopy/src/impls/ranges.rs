//! Ranges whose fields are public: structs of unspecified layout, like tuples.
//!
//! `Range` and `RangeFrom` are not `Copy`, although their fields may be. That is a lint of the standard library against copying
//! iterators by accident; a range of values that may be duplicated bit by bit may be duplicated itself (P20 bitwise).

use core::mem::offset_of;
use core::ops::{Range, RangeFrom, RangeTo, RangeToInclusive};

use crate::SeqCopy;
use crate::layout::{self, Layout};

macro_rules! ranges {
    ($($type:ident { $($field:ident $index:literal),+ };)*) => {$(
        // SAFETY: the offsets are the compiler's. There are no fields but these, or the pattern would not compile, and a struct has
        // no data outside its fields (P9 layout).
        unsafe impl<T: SeqCopy> SeqCopy for $type<T> {
            const LAYOUT: &'static Layout = &layout::structure::<Self>(stringify!($type), false, const { &[
                $(layout::field(stringify!($field), offset_of!(Self, $field), T::LAYOUT)),+
            ] });
        }
    )*};
}

ranges! {
    Range { start 0, end 1 };
    RangeFrom { start 0 };
    RangeTo { end 0 };
    RangeToInclusive { end 0 };
}
