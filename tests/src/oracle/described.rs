//! Models of foreign types: what a descriptor says of them.

use seqcopy::{Bytemuck, Describe, Remote, Zerocopy};

use super::{Model, Node, Rng, Rule};

/// A descriptor of a `T` that can be described itself, and can make values.
pub trait Describes<T: 'static>: Describe<T> + 'static {
    /// As in [`Model`].
    const KINDS: usize = 1;

    /// The description of `T`.
    fn node() -> Node;

    /// Some value, extreme ones included.
    fn make(rng: &mut Rng) -> T;

    /// Some value of a kind.
    fn make_kind(kind: usize, rng: &mut Rng) -> T {
        let _ = kind;
        Self::make(rng)
    }
}

impl<T: 'static, D: Describes<T>> Model for Remote<T, D> {
    const KINDS: usize = D::KINDS;

    fn node() -> Node {
        D::node()
    }

    fn make(rng: &mut Rng) -> Self {
        Remote::new(D::make(rng))
    }

    fn make_kind(kind: usize, rng: &mut Rng) -> Self {
        Remote::new(D::make_kind(kind, rng))
    }
}

impl<T: 'static, D: Describes<T>, const N: usize> Describes<[T; N]> for [D; N] {
    fn node() -> Node {
        Node::Array { element: Box::new(D::node()), stride: size_of::<T>(), len: N }
    }

    fn make(rng: &mut Rng) -> [T; N] {
        core::array::from_fn(|_| D::make(rng))
    }
}

macro_rules! bridges {
    ($($bridge:ident)*) => {$(
        impl<T: Model> Describes<T> for $bridge
        where
            $bridge: Describe<T>,
        {
            fn node() -> Node {
                plain(&T::node())
            }

            fn make(rng: &mut Rng) -> T {
                T::make(rng)
            }
        }
    )*};
}

bridges! { Bytemuck Zerocopy }

/// A number or an array of numbers as one piece, checked by the other crate.
fn plain(node: &Node) -> Node {
    let rule = match node {
        Node::Leaf { rule: Rule::Bool, .. } => Rule::Bridged(&Rule::Bool),
        Node::Leaf { rule: Rule::Char, .. } => Rule::Bridged(&Rule::Char),
        Node::Leaf { rule: Rule::NonZero, .. } => Rule::Bridged(&Rule::NonZero),
        _ => Rule::Any,
    };
    Node::Leaf { size: node.size(), rule }
}
