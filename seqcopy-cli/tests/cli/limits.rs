//! What would take minutes or hours is refused at once, although the file is small: a type of a few bytes can have hundreds of parts.

use seqcopy_shm::MapWriter;

use super::*;

/// 16 parts without bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
struct Sixteen((), (), (), (), (), (), (), (), (), (), (), (), (), (), (), ());

/// 208 of them: a schema may have 64 for each byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
struct Many(
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
    Sixteen,
);

/// An enum of four bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
struct Slow(u32, Many);

/// With padding, so that its accesses are counted one by one.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Padded(u8, u16, Many);

/// This many elements, on the heap: debug builds have no space for them on the stack.
fn region<const N: usize>() -> (Place, Writer<[Slow; N]>) {
    let place = Place::new();
    let mut writer = Options::new().buffers(1).create::<[Slow; N]>(&place.0).unwrap();
    let value: Box<[Slow; N]> = vec![Slow::default(); N].try_into().expect("this many");
    writer.write_from(&value).unwrap();
    (place, writer)
}

#[test]
fn values_of_too_many_parts_are_not_compared() {
    let (a, _a) = region::<{ 1 << 20 }>();
    let (b, _b) = region::<{ 1 << 20 }>();
    let line = refuses(&["diff", a.path(), b.path()]);
    assert!(line.contains("has too many parts to look at each"), "{line}");
}

#[test]
fn a_layout_of_too_many_accesses_is_not_drawn() {
    let place = Place::new();
    let _writer = Writer::<[Padded; 1 << 21]>::create(&place.0).unwrap();
    let line = refuses(&["layout", place.path()]);
    assert!(line.contains("has too many parts to draw: try `--json`"), "{line}");
}

#[test]
fn maps_are_not_sorted_by_slow_keys() {
    let place = Place::new();
    let mut map = MapWriter::<Slow, u8>::create(&place.0, 1 << 17).unwrap();
    map.commit(|batch| (0..100_000).for_each(|key| _ = batch.insert(Slow(key, Many::default()), 1))).unwrap();
    let line = refuses(&["show", place.path()]);
    assert!(line.contains("100000 entries are too many to sort by their keys"), "{line}");
}

#[test]
fn keys_of_too_many_parts_are_not_parsed() {
    let place = Place::new();
    let _map = MapWriter::<[Slow; 1 << 18], u8>::create(&place.0, 1).unwrap();
    let line = refuses(&["show", place.path(), "--key", "1"]);
    assert!(line.contains("has too many parts to look at each"), "{line}");
}
