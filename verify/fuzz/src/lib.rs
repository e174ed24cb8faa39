//! Fuzz targets: what another process may have written, the bytes of a schema, of a header, of a region, of a map;
//! calls of the C library; and the items that the derives may be put on.
//!
//! Each target is a function that takes bytes and panics if something is wrong, so that both libFuzzer (`ci/fuzz.sh`,
//! guided by coverage) and tests (seeds with a few bytes changed) can drive it. `ci/hostile.sh` has a different
//! strength: it knows for each of its regions what the result must be.

#![cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]

mod calls;
mod file;
mod map;
mod region;
mod schema;
mod seeds;
mod tokens;
mod types;

/// The sources of the derives: a crate of macros gives out nothing but these, and they run in the compiler only.
#[path = "../../../seqcopy-derive/src"]
mod derives {
    pub(crate) mod attr;
    pub(crate) mod check;
    pub(crate) mod context;
    pub(crate) mod expand;
    pub(crate) mod input;
    pub(crate) mod output;
}

// As which they know each other.
use derives::{attr, check, context, expand, input};

pub use calls::calls;
pub use map::map;
pub use region::{header, region};
pub use schema::schema;
pub use seeds::seeds;
pub use tokens::{derive, item};

/// The name of a target, and the target.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 6] =
    [("schema", schema), ("header", header), ("region", region), ("map", map), ("calls", calls), ("derive", derive)];

#[cfg(test)]
mod tests {
    use super::*;

    /// A pseudorandom generator (xorshift).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            for (left, shift) in [(true, 13), (false, 7), (true, 17)] {
                self.0 ^= if left { self.0 << shift } else { self.0 >> shift };
            }
            usize::try_from(self.0 >> 33).expect("31 bits") % end.max(1)
        }

        fn damage(&mut self, bytes: &mut Vec<u8>) {
            for _ in 0..=self.below(3) {
                let at = self.below(bytes.len());
                match self.below(6) {
                    0 => bytes.truncate(at),
                    1 => bytes.insert(at.min(bytes.len()), 0),
                    2 => drop(bytes.get(at).is_some().then(|| bytes.remove(at))),
                    _ if bytes.is_empty() => {}
                    3 => bytes[at] ^= 1 << self.below(8),
                    4 => bytes[at] = u8::MAX,
                    _ => bytes[at] = bytes[at].wrapping_add(1),
                }
            }
        }
    }

    #[test]
    fn seeds_and_damaged_seeds() {
        let mut numbers = Numbers(1);
        for (name, target) in TARGETS {
            let seeds = seeds(name);
            assert!(!seeds.is_empty());
            for seed in seeds {
                target(&seed);
                for _ in 0..if cfg!(miri) { 1 } else { 100 } {
                    let mut bytes = seed.clone();
                    numbers.damage(&mut bytes);
                    target(&bytes);
                }
            }
        }
    }
}
