//! A random number generator with the same sequence on every target: splitmix64.

/// The state of the generator. A clone continues with the same numbers.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that starts at `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Rng(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    #[allow(clippy::cast_possible_truncation)] // the remainder is below a `usize`
    pub fn below(&mut self, end: usize) -> usize {
        // The slight bias towards small numbers does not matter here.
        (self.bits() % end as u64) as usize
    }

    /// True in `count` of `of` cases.
    pub fn chance(&mut self, count: usize, of: usize) -> bool {
        self.below(of) < count
    }

    /// One of the items, of which there is at least one.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A new generator, whose numbers do not depend on how many more are taken from this one.
    #[must_use]
    pub fn fork(&mut self) -> Rng {
        Rng(self.bits())
    }
}
