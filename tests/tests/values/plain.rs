//! Types of which the author promises that all bytes are initialised: `#[seqcopy(unsafe(plain))]`.

use core::mem::MaybeUninit;

use seqcopy::layout::Shape;
use seqcopy::{AtomicPerByte, SeqCopy, SeqLatch, SeqLock};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
// SAFETY: both fields cover the same four bytes, and neither is a pointer.
#[seqcopy(unsafe(plain))]
union Bits {
    float: f32,
    number: u32,
}

/// # Safety
/// All bytes are initialised in every value, none belongs to a pointer, and there is no interior mutability.
unsafe trait Pod: Copy {}
// SAFETY: numbers.
unsafe impl Pod for u64 {}
// SAFETY: numbers.
unsafe impl Pod for [u16; 3] {}

/// A type without `SeqCopy`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Foreign(u16, u16);
// SAFETY: numbers, without padding.
unsafe impl Pod for Foreign {}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: `Pod` guarantees it for the only field.
#[seqcopy(unsafe(plain))]
struct Slot<T: Pod>(T);

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: `Pod` guarantees it for both fields, and where the sizes add up there is no padding.
#[seqcopy(unsafe(plain), bound(T: Pod, U: Pod))]
#[repr(C)]
struct Pair<T, U> {
    first: T,
    second: U,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: a tag and a byte in each variant.
#[seqcopy(unsafe(plain))]
#[repr(u8)]
#[allow(dead_code)]
enum Key {
    Up(u8),
    Down { by: i8 },
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Outer {
    flag: bool,
    slot: Slot<u64>,
    keys: [Key; 3],
    foreign: Slot<Foreign>,
}

const OUTER: Outer = Outer {
    flag: true,
    slot: Slot(u64::MAX / 3),
    keys: [Key::Up(1), Key::Down { by: -1 }, Key::Up(3)],
    foreign: Slot(Foreign(5, 6)),
};

#[test]
fn plain_types_round_trip() {
    let cell = AtomicPerByte::new(Bits { float: 1.0 });
    let number = || {
        // SAFETY: any four bytes are a valid value.
        let bits = unsafe { cell.load().assume_valid() };
        // SAFETY: as above.
        unsafe { bits.number }
    };
    assert_eq!(number(), 1.0_f32.to_bits());
    cell.store(&Bits { number: 7 });
    assert_eq!(number(), 7);

    let lock = SeqLock::new(Slot([1_u16, 2, 3]));
    lock.write(Slot([4, 5, 6]));
    assert_eq!(lock.read(), Slot([4, 5, 6]));
    let latch = SeqLatch::new(Pair { first: 1_u64, second: 2_u64 });
    latch.write(Pair { first: 3, second: 4 });
    assert_eq!(latch.read(), Pair { first: 3, second: 4 });
    for key in [Key::Up(9), Key::Down { by: -9 }] {
        assert_eq!(SeqLock::new(key).read(), key);
    }
}

#[test]
fn plain_types_may_be_fields() {
    static LOCK: SeqLock<Outer> = SeqLock::new(OUTER);
    assert_eq!(LOCK.read(), OUTER);
    let other = Outer { foreign: Slot(Foreign(8, 9)), flag: false, ..OUTER };
    LOCK.write(other);
    let mut buffer = MaybeUninit::uninit();
    assert_eq!(*LOCK.read_into(&mut buffer), other);
}

#[test]
fn the_layout_of_a_plain_type_is_one_leaf() {
    for (layout, name, size, specified) in [
        (Bits::LAYOUT, "Bits", 4, true),
        (Slot::<u64>::LAYOUT, "Slot", 8, false),
        (Slot::<[u16; 3]>::LAYOUT, "Slot", 6, false),
        (Pair::<u64, u64>::LAYOUT, "Pair", 16, true),
        (Key::LAYOUT, "Key", 2, true),
    ] {
        assert_eq!((layout.name(), layout.size(), layout.is_specified()), (name, size, specified));
        assert!(matches!(layout.shape(), Shape::Plain), "{name}");
        assert!(layout.is_padding_free() && !layout.has_pointers(), "{name}");
    }
    // Bytes of a plain type belong to the run of their neighbours.
    let inner = core::mem::offset_of!(Outer, keys)..core::mem::offset_of!(Outer, keys) + 10;
    assert!(Outer::LAYOUT.holes().all(|hole| hole.end <= inner.start || hole.start >= inner.end));
}

#[test]
fn a_plain_type_without_padding_has_as_bytes() {
    let bits = AtomicPerByte::new(Slot(0x0102_0304_0506_0708_u64)).load();
    assert_eq!(bits.as_bytes(), 0x0102_0304_0506_0708_u64.to_ne_bytes());
}
