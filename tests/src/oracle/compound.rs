//! [`Model`] for arrays, tuples, wrappers and zero-size types.

use core::cmp::Reverse;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, offset_of};
use core::num::{Saturating, Wrapping};

use seqcopy::{Aligned8, SeqOption};

use super::{Model, Node, Rng, choice, part, part_in, structure, variant};

impl<T: Model, const N: usize> Model for [T; N] {
    fn node() -> Node {
        Node::Array { element: Box::new(T::node()), stride: size_of::<T>(), len: N }
    }

    fn make(rng: &mut Rng) -> Self {
        core::array::from_fn(|_| T::make(rng))
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        impl<$($name: Model),+> Model for ($($name,)+) {
            fn node() -> Node {
                structure::<Self>("tuple", vec![$(part::<$name>(stringify!($index), offset_of!(Self, $index))),+])
            }

            fn make(rng: &mut Rng) -> Self {
                ($($name::make(rng),)+)
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}

macro_rules! transparent {
    ($($type:ident $make:expr;)*) => {$(
        impl<T: Model> Model for $type<T> {
            const KINDS: usize = T::KINDS;

            fn node() -> Node {
                assert_eq!(size_of::<Self>(), size_of::<T>());
                T::node()
            }

            fn make(rng: &mut Rng) -> Self {
                $make(T::make(rng))
            }

            fn make_kind(kind: usize, rng: &mut Rng) -> Self {
                $make(T::make_kind(kind, rng))
            }
        }
    )*};
}

transparent! { Wrapping Wrapping; Saturating Saturating; Reverse Reverse; ManuallyDrop ManuallyDrop::new; }

impl<T: Model> Model for Aligned8<T> {
    fn node() -> Node {
        structure::<Self>("Aligned8", vec![part::<T>("0", offset_of!(Self, 0))])
    }

    fn make(rng: &mut Rng) -> Self {
        Aligned8(T::make(rng))
    }
}

impl<T: Model> Model for SeqOption<T> {
    const KINDS: usize = 2;

    fn node() -> Node {
        let rng = &mut Rng::new(0);
        let (none, some) = (SeqOption::None, SeqOption::Some(T::make(rng)));
        let SeqOption::Some(value) = &some else { unreachable!() };
        choice::<Self>(
            "SeqOption",
            1,
            vec![
                variant::<Self>(&none, "None", 0, 1, vec![]),
                variant::<Self>(&some, "Some", 1, 1, vec![part_in::<T, _, _>(&some, value, "0")]),
            ],
        )
    }

    fn make(rng: &mut Rng) -> Self {
        let kind = rng.below(2);
        Self::make_kind(kind, rng)
    }

    fn make_kind(kind: usize, rng: &mut Rng) -> Self {
        if kind == 0 { SeqOption::None } else { SeqOption::Some(T::make(rng)) }
    }
}

impl Model for () {
    fn node() -> Node {
        structure::<Self>("()", vec![])
    }

    fn make(_rng: &mut Rng) -> Self {}
}

impl<T: ?Sized + 'static> Model for PhantomData<T> {
    fn node() -> Node {
        structure::<Self>("PhantomData", vec![])
    }

    fn make(_rng: &mut Rng) -> Self {
        PhantomData
    }
}
