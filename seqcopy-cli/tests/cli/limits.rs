//! What would take minutes or hours is refused at once, although the file is small: a type of a few bytes can have
//! hundreds of parts. What would be longer than a person reads is counted.

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

/// A thousand differences are listed, and the others counted: of one value, of entries that one map has, and of the
/// values of two maps.
#[test]
fn diff_of_many_differences_counts_the_rest() {
    let (a, b) = (Place::new(), Place::new());
    let run = || {
        let output = seqcopy(&["diff", a.path(), b.path()]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> = text.lines().filter(|line| line.starts_with("  ")).map(str::to_owned).collect();
        (lines.len(), lines.last().unwrap().trim().to_owned(), text.lines().last().unwrap().to_owned())
    };
    for count in [999, 1000, 1001] {
        let mut value = [0u16; 1010];
        let _a = Options::new().replace_other_type(true).open_or_create_with(&a.0, value).unwrap();
        value[..count].fill(7);
        let mut writer = Options::new().replace_other_type(true).open_or_create::<[u16; 1010]>(&b.0).unwrap();
        writer.write(value).unwrap();
        let (lines, last, all) = run();
        assert_eq!((lines, all), (count, format!("{count} fields differ")));
        assert!(
            if count > 1000 { last == "... 1 more" } else { last.starts_with(&format!("[{}]", count - 1)) },
            "{last}"
        );
    }
    let map = |place: &Place, entries: &[(u32, [u16; 500])]| {
        let options = Options::new().replace_other_type(true);
        let mut map = options.open_or_create_map::<u32, [u16; 500]>(&place.0, 1100).unwrap();
        map.commit(|batch| {
            batch.clear().unwrap();
            for (key, value) in entries {
                batch.insert(*key, *value).unwrap();
            }
        })
        .unwrap();
    };
    for count in [999, 1000, 1001] {
        map(&a, &(0..count).map(|key| (key, [0; 500])).collect::<Vec<_>>());
        map(&b, &[]);
        let (lines, last, all) = run();
        assert_eq!((lines, all), (count as usize, format!("{count} entries differ")));
        assert!(if count > 1000 { last == "... 1 more" } else { last.contains("only in A") }, "{last}");
    }
    // Two values of which all elements differ are a thousand, and the third is counted.
    for count in [2, 3] {
        map(&a, &(0..count).map(|key| (key, [0; 500])).collect::<Vec<_>>());
        map(&b, &(0..count).map(|key| (key, [1; 500])).collect::<Vec<_>>());
        let (lines, last, all) = run();
        assert_eq!((lines, all), (if count == 3 { 1001 } else { 1000 }, format!("{count} entries differ")));
        assert_eq!(last == "... 1 more", count == 3, "{last}");
    }
}
