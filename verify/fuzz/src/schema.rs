//! Schemas: bytes that describe a type.

use seqcopy::Layout;
use seqcopy_shm::Schema;

/// The accesses of larger types are not checked.
const LARGEST: usize = 1 << 12;

/// Decodes the bytes, and checks the result for consistency.
///
/// # Panics
/// If something is wrong.
pub fn schema(data: &[u8]) {
    let schema = match Schema::decode(data) {
        Ok(schema) => schema,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert_eq!(schema.as_bytes(), data);
    let again = Schema::decode(data).expect("the same bytes");
    assert_eq!(schema.difference(&again), None);
    let number = Schema::of::<u64>();
    if schema != number {
        let difference = number.difference(&schema).expect("other bytes, another type");
        assert!(!difference.to_string().is_empty());
    }
    // A layout is leaked, so only that of some schemas is made.
    if schema.fingerprint() % 8 == 0 || data.len() < 64 {
        layout(schema.layout(), &schema);
    }
}

/// Checks that a layout agrees with its schema, and that its accesses are in bounds and in order.
pub(crate) fn layout(layout: &Layout, schema: &Schema) {
    assert_eq!(layout.fingerprint(), schema.fingerprint());
    assert!(layout.align().is_power_of_two() && layout.size() % layout.align() == 0);
    if layout.size() > LARGEST {
        return;
    }
    let base = layout.align().max(8);
    let (mut end, mut data) = (0, 0);
    layout.each_access(base, |access| {
        assert!(access.offset >= end && access.width > 0, "{access:?} begins before {end}");
        end = access.offset + access.width;
        data += access.width;
    });
    assert!(end <= layout.size(), "accesses end at {end} of {}", layout.size());
    let holes: usize = layout.holes().map(|hole| hole.len()).sum();
    assert!(data + holes <= layout.size(), "{data} bytes of data and {holes} in holes");
    assert!(layout.display(base).to_string().lines().count() > 1);
}
