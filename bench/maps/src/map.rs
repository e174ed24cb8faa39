//! What every map can do here: 8-byte keys, 32-byte values, one reader and one writer.

use std::hint::black_box;

pub(crate) type Value = [u64; 4];

/// The size of an entry.
pub(crate) const BYTES: usize = size_of::<u64>() + size_of::<Value>();

/// How many keys are looked up in one view, one transaction or under one lock.
pub(crate) const TOGETHER: usize = 8;

/// An odd number whose products spread over all bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A map, as an implementation of the table.
pub(crate) trait Map: 'static {
    /// Its name in the table.
    const NAME: &'static str;
    type Reader: Reader;
    type Writer: Writer;

    /// A map without entries. Those that can't grow take up to `entries`.
    fn make(entries: u64) -> (Self::Writer, Self::Reader);
}

/// The end that looks up.
pub(crate) trait Reader: 'static {
    /// A copy of the value of a key that the map has.
    fn get(&mut self, key: u64) -> Value;

    /// Copies of the values of this many random keys, which are a multiple of [`TOGETHER`]. What can be acquired once
    /// for several look-ups is acquired here.
    #[inline(always)]
    fn get_all(&mut self, keys: &mut Keys, count: u64) {
        for _ in 0..count {
            black_box(&self.get(keys.random()));
        }
    }
}

/// The end that changes.
pub(crate) trait Writer: 'static {
    /// Inserts a key, or gives it another value.
    fn put(&mut self, key: u64, value: Value);

    /// Inserts the first keys, or gives them their values again, in the fastest way.
    fn fill(&mut self, entries: u64) {
        for number in 0..entries {
            self.put(key(number), value(number));
        }
    }
}

/// The end that changes, of maps whose keys may go.
pub(crate) trait Remove: Writer {
    /// Removes a key that the map has.
    fn remove(&mut self, key: u64);
}

/// A map with the first `entries` keys.
pub(crate) fn filled<M: Map>(entries: u64) -> (M::Writer, M::Reader) {
    let (mut writer, mut reader) = M::make(entries);
    // Twice, so that a map that grows in steps, at each write, has ended that: look-ups in between cost more.
    writer.fill(entries);
    writer.fill(entries);
    for number in [0, entries / 2, entries - 1] {
        assert_eq!(reader.get(key(number)), value(number), "{}: a value that was put in", M::NAME);
    }
    (writer, reader)
}

/// The key with a number.
#[inline(always)]
pub(crate) fn key(number: u64) -> u64 {
    number.wrapping_mul(SPREAD)
}

/// The number of a key.
#[inline(always)]
pub(crate) fn number(key: u64) -> u64 {
    key.wrapping_mul(const { inverse(SPREAD) })
}

/// What `odd` is multiplied by to get 1: each step doubles the number of bits that are right, of which the first three
/// are.
const fn inverse(odd: u64) -> u64 {
    let (mut inverse, mut step) = (odd, 0);
    while step < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        step += 1;
    }
    inverse
}

#[inline(always)]
pub(crate) fn value(seed: u64) -> Value {
    [seed, !seed, seed ^ SPREAD, seed.wrapping_add(1)]
}

/// Random ones among the first keys of a map. Computed, since a list of them would take space in the caches, and the
/// branch predictor would learn it.
pub(crate) struct Keys {
    state: u64,
    entries: u64,
}

impl Keys {
    pub(crate) fn new(entries: u64, seed: u64) -> Self {
        assert!(u32::try_from(entries).is_ok(), "32 random bits choose an entry");
        Keys { state: seed, entries }
    }

    /// The next one. It depends on no value that was read, so look-ups may overlap.
    #[inline(always)]
    pub(crate) fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        key(((self.state >> 32) * self.entries) >> 32)
    }

    /// The next few.
    #[inline(always)]
    pub(crate) fn several(&mut self) -> [u64; TOGETHER] {
        std::array::from_fn(|_| self.random())
    }
}
