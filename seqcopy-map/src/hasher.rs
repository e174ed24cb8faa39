//! [`MapKey`]: which types are keys of a map; and [`FoldHasher`], the hasher of maps that are given no other.

use core::hash::{BuildHasher, Hash, Hasher};

use seqcopy::SeqCopy;

/// Types that can be keys of a [`SeqMap`](crate::SeqMap): those that are `SeqCopy`, `Hash` and `Eq`, and no others.
/// Code that is generic over the key takes this bound, or the three.
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

/// The hasher that a [`SeqMap`](crate::SeqMap) has if it is given no other: one multiplication for each word of the
/// key.
///
/// With the feature `std` each has a seed of its own. It is fast and spreads keys well, but is no defence against keys
/// that are chosen to make a map slow: then give the map `std::hash::RandomState`. The hashes may change between
/// versions.
///
/// ```
/// use std::hash::BuildHasher;
/// use seqcopy_map::FoldHasher;
///
/// let hasher = FoldHasher::with_seed(7);
/// assert_eq!(hasher.hash_one(1u64), hasher.hash_one(1u64));
/// assert_ne!(hasher.hash_one(1u64), hasher.hash_one(2u64));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FoldHasher {
    seed: u64,
}

impl FoldHasher {
    /// A hasher with this seed.
    ///
    /// ```
    /// # use seqcopy_map::{FoldHasher, SeqMap};
    /// let map: SeqMap<u32, u32> = SeqMap::with_hasher(FoldHasher::with_seed(7));
    /// ```
    #[must_use]
    pub const fn with_seed(seed: u64) -> Self {
        FoldHasher { seed }
    }
}

impl Default for FoldHasher {
    /// With a seed of its own where there is the standard library, else with a fixed one.
    fn default() -> Self {
        #[cfg(all(feature = "std", not(loom)))]
        let seed = std::hash::RandomState::new().hash_one(0u64);
        #[cfg(not(all(feature = "std", not(loom))))]
        let seed = 0x9e37_79b9_7f4a_7c15;
        FoldHasher { seed }
    }
}

impl BuildHasher for FoldHasher {
    type Hasher = FoldState;

    #[inline(always)]
    fn build_hasher(&self) -> FoldState {
        FoldState(self.seed)
    }
}

/// The state of a hash that is being computed by a [`FoldHasher`].
///
/// ```
/// use std::hash::{BuildHasher, Hasher};
/// # use seqcopy_map::FoldHasher;
/// let mut state = FoldHasher::with_seed(7).build_hasher();
/// state.write(b"a key");
/// assert_ne!(state.finish(), 7);
/// ```
#[derive(Clone, Debug)]
pub struct FoldState(u64);

impl FoldState {
    /// The product in twice the width, folded: every bit of the state depends on every bit of the word.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // both halves are used
    fn word(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word) * 0xa076_1d64_78bd_642f;
        // The sum keeps a state of 0 from staying 0.
        self.0 = (wide as u64 ^ (wide >> 64) as u64).wrapping_add(0x2545_f491_4f6c_dd1d);
    }
}

impl Hasher for FoldState {
    #[inline(always)]
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
        // The length, so that a chunk filled up with zeros differs from one that has them.
        self.word(bytes.len() as u64);
    }

    #[inline(always)]
    fn write_u8(&mut self, number: u8) {
        self.word(number.into());
    }

    #[inline(always)]
    fn write_u16(&mut self, number: u16) {
        self.word(number.into());
    }

    #[inline(always)]
    fn write_u32(&mut self, number: u32) {
        self.word(number.into());
    }

    #[inline(always)]
    fn write_u64(&mut self, number: u64) {
        self.word(number);
    }

    #[inline(always)]
    fn write_usize(&mut self, number: usize) {
        self.word(number as u64);
    }
}
