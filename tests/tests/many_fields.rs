//! Types with thousands of fields: what is computed of them in constants takes as many steps as they have fields, not
//! the square of that, which the compiler would refuse (`long_running_const_eval`).

use seqcopy::layout::AccessKind;
use seqcopy::{AtomicPerByte, SeqCopy, SeqLock};
use seqcopy_tests::{accesses, has_vectors};

/// A tuple struct whose fields are of the given types, over and over.
macro_rules! many {
    ($(#[$attribute:meta])* $name:ident [$($types:tt)*]) => {
        many! { $name [$(#[$attribute])*] [$($types)*] x x x x x x x x x }
    };
    ($name:ident $attributes:tt [$($types:tt)*] x $($times:tt)*) => {
        many! { $name $attributes [$($types)* $($types)*] $($times)* }
    };
    ($name:ident [$($attributes:tt)*] [$($type:ty,)*]) => {
        #[derive(Clone, Copy, SeqCopy)]
        $($attributes)*
        struct $name($($type),*);
    };
}

// 2,048 fields each.
many! { #[repr(C)] DataAndPointers [u64, *const u8, u8, *const u8,] }
many! { #[repr(C)] Padded [u8, u32, u16, u64,] }
// The compiler chooses another order, in which data lies on both sides of pointers.
many! { AnyOrder [u8, *const u8, u16, u64,] }
many! { NoPointers [u8, (u64, u8), u16, (u32, u8),] }

fn follows_the_list<T: SeqCopy + Copy>(value: T, has_spans: bool) {
    let listed = accesses(T::LAYOUT, align_of::<T>());
    assert_eq!(T::LAYOUT.fields().len(), 2048);
    // Rule 6: of that many fields none, if their order is another one.
    assert_eq!(listed.iter().any(|access| access.kind == AccessKind::Vector), has_spans && has_vectors());
    #[cfg(seqcopy_traced)]
    {
        assert_eq!(seqcopy_tests::traced::loads_follow_the_list::<T>(), Ok(()));
        assert_eq!(seqcopy_tests::traced::stores_follow_the_list(&value), Ok(()));
    }
    let cell = AtomicPerByte::new(value);
    cell.store(&value);
    let _ = cell.load();
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes there")]
fn types_with_thousands_of_fields_are_copied_in_any_order() {
    // SAFETY: zeros are numbers and null pointers.
    let zeroed: (DataAndPointers, Padded, AnyOrder, NoPointers) = unsafe { core::mem::zeroed() };
    follows_the_list(zeroed.0, false);
    follows_the_list(zeroed.1, true);
    follows_the_list(zeroed.2, false);
    follows_the_list(zeroed.3, false);
    // A lock makes these copies as well: to compile it takes a second, so one is enough.
    let lock = SeqLock::new(zeroed.1);
    lock.write_from(&zeroed.1);
    lock.read();
}

#[test]
fn the_compiler_has_chosen_another_order() {
    // What the test above is about. A compiler that lays fields out as declared would make it test less.
    for layout in [AnyOrder::LAYOUT, NoPointers::LAYOUT] {
        assert!(!layout.fields().is_sorted_by_key(seqcopy::layout::Field::offset));
    }
}
