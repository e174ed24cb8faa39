//! The codes that the page of the format has for what a region is and how it stands, in the bytes of regions of each
//! kind, in each state.

use std::fs;
use std::path::Path;

use seqcopy_shm::{Error, MapWriter, Options, Writer};
use seqcopy_tests::faults::{Beat, Place, Small};

const PAGE: &str = include_str!("../../../seqcopy-shm/docs/reference/format.md");

/// What the page says of the bytes at an offset.
fn row(offset: usize) -> &'static str {
    let start = format!("| {offset} | ");
    PAGE.lines()
        .find_map(|line| line.strip_prefix(&start))
        .unwrap_or_else(|| panic!("the page has no row for {offset}"))
}

/// The number that stands before a word in that row.
fn code(offset: usize, word: &str) -> u64 {
    let row = row(offset);
    let (before, _) = row.split_once(word).unwrap_or_else(|| panic!("no `{word}` in {row}"));
    let digits = before.trim_end().rsplit(|other: char| !other.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap_or_else(|_| panic!("no number before `{word}` in {row}"))
}

/// As many bytes as the row of that offset has.
fn number(bytes: &[u8], offset: usize) -> u64 {
    let (width, _) = row(offset).split_once(" | ").unwrap();
    match width {
        "1" => u64::from(bytes[offset]),
        "2" => u64::from(u16::from_ne_bytes(bytes[offset..][..2].try_into().unwrap())),
        "4" => u64::from(u32::from_ne_bytes(bytes[offset..][..4].try_into().unwrap())),
        "8" => u64::from_ne_bytes(bytes[offset..][..8].try_into().unwrap()),
        other => panic!("{other} bytes at {offset}"),
    }
}

/// What a region has of a map: its format, slots and seed.
enum Kind {
    Value,
    Map { slots: u64 },
}

/// A region while it is open, after its writer has stopped, under the next one, and closed, by another name that it
/// has.
fn walk<W>(
    path: &Path,
    kind: &Kind,
    buffers: u64,
    writer: W,
    close: impl FnOnce(W) -> Result<(), Error>,
    again: impl Fn() -> W,
) {
    let look = |state: u64, stopped: bool, word: bool, writers: u64| {
        let bytes = fs::read(path).unwrap();
        let at = |offset| number(&bytes, offset);
        assert!(row(0).contains("`seqcopy` and the byte 1") && bytes.starts_with(b"seqcopy\x01"));
        let (format, slots) = match kind {
            Kind::Value => (code(8, ","), 0),
            Kind::Map { slots } => (code(8, "for a map"), *slots),
        };
        assert_eq!((at(8), at(112), at(120) == 0), (format, slots, slots == 0));
        let order = if cfg!(target_endian = "little") { "little-endian" } else { "big-endian" };
        assert_eq!(at(12), code(12, order));
        assert!(row(13).ends_with(": 8 |") && at(13) == 8);
        assert_eq!((at(14), at(108)), (0, 0), "zeros");
        assert!(row(44).contains("2, 4, 8, ..") && row(44).contains("1 (a single buffer)"));
        assert_eq!(at(44), buffers);
        assert_eq!(at(24), bytes.len() as u64);
        assert_eq!((at(80), at(88)), (192, 128), "where the words are");
        assert_eq!(at(128), state);
        assert!(row(136).contains("all ones once it has stopped"));
        assert_eq!(at(136) == u64::MAX, stopped);
        assert_eq!((at(132), at(144)), (u64::from(std::process::id()), writers));
        assert_ne!(at(152), 0, "namespaces are known here");
        assert_eq!(at(160), 0, "no program marks this one");
        assert_eq!(at(192) != 0, word, "a value, or a generation");
    };
    let (open, closed) = (code(128, "open"), code(128, "closed"));
    assert!(row(128).contains("(if the sequence word is 0 as well)"));
    let link = path.with_extension("link");
    look(open, false, true, 1);
    drop(writer);
    look(open, true, true, 1);
    let next = again();
    look(open, false, true, 2);
    fs::hard_link(path, &link).unwrap();
    close(next).unwrap();
    fs::rename(&link, path).unwrap();
    look(closed, true, false, 2);
    fs::remove_file(path).unwrap();
}

#[test]
fn regions_have_the_codes_of_the_page() {
    let place = Place::new();
    let path = place.at("codes");
    for buffers in [1, 2, 4, 8] {
        let mut writer = Options::new().buffers(buffers).create::<Small>(&path).unwrap();
        writer.write(Beat::of(5)).unwrap();
        let again = || Writer::<Small>::take_over(&path).unwrap();
        walk(&path, &Kind::Value, u64::from(buffers), writer, Writer::close, again);
    }
    for buffers in [2, 4] {
        let mut writer = Options::new().buffers(buffers).create_map::<u32, u8>(&path, 10).unwrap();
        writer.insert(1, 2).unwrap();
        let again = || MapWriter::<u32, u8>::take_over(&path).unwrap();
        walk(&path, &Kind::Map { slots: 16 }, u64::from(buffers), writer, MapWriter::close, again);
    }
}
