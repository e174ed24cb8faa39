//! Samples, and what takes them.

use std::path::Path;

use seqcopy_relay::format::Format;
use seqcopy_relay::sample::{Head, Kind};
use seqcopy_relay::target::{Existing, Target};
use seqcopy_shm::{Options, Schema};

pub const LIFE: u64 = 7;

pub fn target(path: &Path) -> Target {
    Target::new(path.into(), Options::new(), Existing::Own, 2, 1 << 20)
}

pub fn head(schema: &Schema, version: u64) -> Head {
    Head {
        format: Format::Two,
        kind: Kind::Value,
        fingerprint: schema.fingerprint(),
        life: LIFE,
        version,
        follows: 0,
        slots: 0,
        set: 0,
        removed: 0,
        time: 0,
        age: 0,
    }
}

/// A sample of `[u64; 8]`, all of which are the version.
pub fn value(version: u64, with_schema: bool) -> Vec<u8> {
    let schema = Schema::of::<[u64; 8]>();
    let payload: Vec<u8> = [version; 8].iter().flat_map(|number| number.to_ne_bytes()).collect();
    head(&schema, version).encode(if with_schema { schema.as_bytes() } else { &[] }, &payload)
}
