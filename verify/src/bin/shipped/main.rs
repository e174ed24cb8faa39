//! Programs that detect mutants in the shipped types, with their payloads: the models of `seqcopy/src/models` can't run
//! these, because loom does not model accesses by address. `ci/mutations.sh` runs them under Miri with many schedules.
//! Run natively they only test the logic: x86 hides the reorderings that they look for.
//!
//! As in the models, version *k* has the value *k*. Readers poll, because a single read seldom overlaps a write.
//! Writers update what they read, because Miri executes stores in program order: what a writer misses of the write
//! before shows only if it reads.
//!
//! This is a program and not a test, since Miri would spend most of its time in the test harness.
//!
//! `shipped [scenario]`.

mod count;
mod guards;
mod payloads;
mod slices;
mod turns;

use seqcopy::{SeqCopy, Validate};

const SCENARIOS: &[(&str, fn())] = &[
    ("count", count::count),
    ("takeover", count::takeover),
    ("claims", count::claims),
    ("lock_turns", turns::lock_turns),
    ("latch_turns", turns::latch_turns),
    ("latch_two_buffers", turns::latch_two_buffers),
    ("latch_four_buffers", turns::latch_four_buffers),
    ("hold", guards::hold),
    ("rules", guards::rules),
    ("news", turns::news),
    ("fresh", turns::fresh),
    ("variants", payloads::variants),
    ("hook", payloads::hook),
    ("parts", payloads::parts),
    ("slices", slices::slices),
    ("page", seqcopy_tests::interrupted::every_read_of_a_page_is_torn),
];

fn main() {
    let wanted = std::env::args().nth(1);
    let mut found = false;
    for (name, scenario) in SCENARIOS {
        if wanted.as_deref().is_none_or(|wanted| wanted == *name) {
            found = true;
            scenario();
        }
    }
    assert!(found, "no such scenario: {wanted:?}");
}

/// The number of writes.
const WRITES: u32 = if cfg!(miri) { 12 } else { 1200 };
const READS: u32 = 2 * WRITES;
/// The repetitions of scenarios that are short.
const ROUNDS: u32 = if cfg!(miri) { 4 } else { 100 };

/// A struct with three holes, and words of several widths.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    low: u8,
    all: u64,
    half: u16,
    number: u32,
    odd: bool,
}

impl Padded {
    #[allow(clippy::cast_possible_truncation)] // parts of the number
    fn new(number: u32) -> Self {
        Padded { low: number as u8, all: u64::from(number) << 20, half: number as u16, number, odd: number % 2 == 1 }
    }

    /// The number from which every field follows.
    fn number(self) -> u32 {
        assert_eq!(self, Padded::new(self.number), "torn");
        self.number
    }
}

/// What a reader has seen: versions never go back, and each has its value.
#[derive(Default)]
struct Seen(u64);

impl Seen {
    fn accept(&mut self, version: u64, value: Padded) {
        assert_eq!(u64::from(value.number()), version, "the value of another version");
        assert!(version >= self.0, "from version {} back to {version}", self.0);
        self.0 = version;
    }
}

fn next(value: &mut Padded) {
    *value = Padded::new(value.number() + 1);
}
