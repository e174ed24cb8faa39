//! A hundred thousand damaged samples. The only test of its process, since it looks at how much memory that has.

mod common;

use common::Place;
use common::samples::{LIFE, target, value};
use seqcopy_relay::target::{Dropped, Taken};
use seqcopy_shm::Region;

/// Memory of this process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn damaged_samples_write_nothing() {
    let place = Place::new("damaged");
    let mut target = target(&place.0);
    target.appeared(LIFE);
    target.take(&value(1, true)).unwrap();
    let region = Region::open(&place.0).unwrap();
    let good = [value(2, true), value(2, false)];
    let mut random = 1u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let mut before = 0;
    for number in 0..100_000 {
        let mut bytes = good[number % 2].clone();
        match next(4) {
            0 => bytes.truncate(next(bytes.len())),
            1 => bytes.extend((0u8..).take(1 + next(64))),
            2 => {
                let at = next(bytes.len() - 8);
                bytes[at..at + 8].rotate_left(1 + next(7));
                bytes[at] ^= 1;
            }
            _ => {
                let at = next(bytes.len());
                bytes[at] ^= 1 << next(8);
            }
        }
        assert!(matches!(target.take(&bytes), Err(Dropped::NoSample(_))), "{bytes:?}");
        if number == 10_000 {
            before = resident();
        }
    }
    // They have 60 MiB together.
    assert!(resident() < before + 1024, "{before} KiB before, {} KiB after", resident());
    assert_eq!(region.version().to_bits(), 1);
    assert_eq!(target.take(&good[1]).unwrap(), Taken::Written);
}
