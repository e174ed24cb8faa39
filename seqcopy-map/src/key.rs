//! [`MapKey`]: which types are keys of a map.

use core::hash::Hash;

use seqcopy::SeqCopy;

/// Types that can be keys of a [`SeqMap`](crate::SeqMap): those that are `SeqCopy`, `Hash` and `Eq`, and no others. Code that is generic
/// over the key takes this bound, or the three.
///
/// ```
/// use seqcopy::{SeqCopy, SeqStr};
/// use seqcopy_map::{MapKey, SeqMap};
///
/// #[derive(Clone, Copy, PartialEq, Eq, Hash, SeqCopy)]
/// struct Route { network: [u8; 4], bits: u8 }
///
/// fn count<K: MapKey>(map: &SeqMap<K, u64>, key: &K) {
///     map.update(key, |count| *count += 1);
/// }
///
/// let routes = SeqMap::new();
/// let route = Route { network: [10, 0, 0, 0], bits: 8 };
/// routes.insert(route, 1);
/// count(&routes, &route);
/// assert_eq!(routes.get(&route), Some(2));
///
/// // Texts, and floating-point numbers by their bits.
/// let names = SeqMap::<SeqStr<12>, u32>::new();
/// names.insert(SeqStr::literal("zero"), 0);
/// let levels = SeqMap::<u64, u32>::new();
/// levels.insert(0.5_f64.to_bits(), 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a key of a `SeqMap`",
    label = "not a key",
    note = "a key is a type that derives `SeqCopy`, `PartialEq`, `Eq` and `Hash`, such as an integer, a `SeqStr<N>`, or a struct of such fields",
    note = "`String` and `&str` are not keys: use a `seqcopy::SeqStr<N>`",
    note = "floating-point numbers are not keys: use an integer, or `to_bits`"
)]
pub trait MapKey: SeqCopy + Hash + Eq {}

#[diagnostic::do_not_recommend]
impl<K: SeqCopy + Hash + Eq> MapKey for K {}
