//! Validation in C: whatever the bits are, the verdict is that of Rust. Each program is compiled or started once, and
//! judges a table of values.

use std::fs;
use std::num::{NonZeroI32, NonZeroU8, NonZeroU16, NonZeroU32};
use std::os::unix::fs::FileExt;

use seqcopy::{SeqStr, SeqVec};
use seqcopy_shm::Reader;

use super::compiler::{C, header, workshop};
use super::*;

/// Each rule that bits can break.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Rules {
    flag: bool,
    flags: [bool; 2],
    mode: Few,
    sign: Sign,
    wide: Wide,
    long: Long,
    letter: char,
    shape: Shape,
    id: NonZeroU16,
    below: NonZeroI32,
    parent: Option<NonZeroU32>,
    limit: SeqOption<bool>,
    name: SeqStr<4>,
    title: SeqStr<19>,
    list: SeqVec<bool, 3>,
    ids: SeqVec<NonZeroU8, 2>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Few {
    A = 0,
    B = 3,
    C = 200,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i8)]
enum Sign {
    Below = -1,
    Same = 0,
    Above = 127,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u16)]
enum Wide {
    First = 1,
    Last = 0xfffe,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i64)]
enum Long {
    Least = i64::MIN,
    Below = -1,
    Most = i64::MAX,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, u8)]
#[allow(dead_code)] // made of bytes
enum Shape {
    Nothing,
    Flag(bool),
    Letter { place: u8, letter: char } = 7,
    Id(NonZeroU16) = 255,
}

/// Values that follow one another, most of them damaged in one field of a valid one.
struct Table {
    valid: Vec<u8>,
    all: Vec<u8>,
}

impl Table {
    fn add(&mut self, field: &str, bytes: &[u8]) {
        let at = Rules::LAYOUT.fields().iter().find(|found| found.name() == field).expect(field).offset();
        self.add_at(at, bytes);
    }

    fn add_at(&mut self, at: usize, bytes: &[u8]) {
        let start = self.all.len();
        self.all.extend_from_slice(&self.valid);
        self.all[start + at..][..bytes.len()].copy_from_slice(bytes);
    }
}

fn rules() -> Rules {
    Rules {
        flag: true,
        flags: [true, false],
        mode: Few::B,
        sign: Sign::Below,
        wide: Wide::First,
        long: Long::Below,
        letter: 'ä',
        shape: Shape::Nothing,
        id: NonZeroU16::MIN,
        below: NonZeroI32::MIN,
        parent: None,
        limit: None.into(),
        name: SeqStr::literal("nine"),
        title: SeqStr::literal("Nineteen characters"),
        list: SeqVec::from([true, false]),
        ids: SeqVec::new(NonZeroU8::MIN),
    }
}

fn table() -> Table {
    let (place, _writer) = Place::with(2, rules());
    let (valid, _) = seqcopy_shm::Region::open(&place.0).unwrap().read_bytes().unwrap();
    let mut table = Table { valid, all: Vec::new() };

    // Each byte, with all that it can be: among them the tags of one byte.
    for (at, byte) in (0..table.valid.len()).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
        table.add_at(at, &[byte]);
    }
    // Characters: near each limit, and some of each plane, also above the last.
    let limits = [0, 0x80, 0xd800, 0xdc00, 0xe000, 0x1_0000, 0x11_0000, 0x8000_0000, u32::MAX];
    let near = limits.into_iter().flat_map(|limit: u32| limit.saturating_sub(2)..=limit.saturating_add(2));
    for number in near.chain((0..0x12_0000).step_by(0x101)) {
        table.add("letter", &number.to_ne_bytes());
    }
    // Tags of several bytes.
    (0..=u16::MAX).step_by(13).chain([1, 2, 0xfffe, u16::MAX]).for_each(|tag| table.add("wide", &tag.to_ne_bytes()));
    for tag in [0, 1, -1, -2, i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, i64::from(u32::MAX)] {
        table.add("long", &tag.to_ne_bytes());
    }
    // Fields that only one variant has, with each tag.
    let Some(shape) = Rules::LAYOUT.fields().iter().find(|field| field.name() == "shape") else { panic!() };
    for tag in 0..=255 {
        for fill in [0u8, 1, 2, 0xff] {
            let mut bytes = vec![fill; shape.layout().size()];
            bytes[0] = tag;
            table.add("shape", &bytes);
        }
    }
    for bytes in [[0, 0], [0, 1], [1, 0], [0xff, 0xff]] {
        table.add("id", &bytes);
        table.add("limit", &bytes);
    }
    for number in [0, 1, 0x100, 0x1_0000, 0x100_0000, 0x8000_0000u32] {
        table.add("below", &number.to_ne_bytes());
        table.add("parent", &number.to_ne_bytes());
    }
    // Lengths, and elements within and past them. In a `SeqVec` all are valid.
    for length in [0, 1, 2, 3, 4, 5, 0x100, 0x1_0000, 0x100_0000, u32::MAX] {
        for at in 0..4 {
            let mut bytes = [length.to_ne_bytes(), [1, 1, 1, 0]].concat();
            bytes[4 + at] = 2;
            table.add("list", &bytes);
            bytes[4..].copy_from_slice(b"abcd");
            table.add("name", &bytes);
            let mut bytes = [&length.to_ne_bytes()[..], &[1, 1]].concat();
            bytes[4 + at % 2] = 0;
            table.add("ids", &bytes);
        }
    }
    // Texts: each first byte, with continuations near the limits of what may follow; whole and cut off, where what
    // follows the length would complete them.
    let next = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0u8];
    for first in [0, 0x7f].into_iter().chain(0x80..=0xffu8) {
        for (second, third) in next.into_iter().flat_map(|second| next.map(|third| (second, third))) {
            for fourth in [0x7f, 0x80, 0xbf, 0xc0] {
                table.add("name", &[&4u32.to_ne_bytes()[..], &[first, second, third, fourth]].concat());
            }
            for length in 1..4u32 {
                table.add("name", &[&length.to_ne_bytes()[..], &[first, second, third, 0x80]].concat());
            }
        }
    }
    // A character at each place of a longer text, cut off by the length or not.
    for (at, length) in (0..16).flat_map(|at| (at..=19).map(move |length| (at, length))) {
        for character in ["€", "😀"] {
            let mut bytes = [&u32::try_from(length).unwrap().to_ne_bytes()[..], &[b'x'; 19]].concat();
            bytes[4 + at..][..character.len()].copy_from_slice(character.as_bytes());
            table.add("title", &bytes);
        }
    }
    table
}

/// Compares the verdicts on the table, `1` or `0` for each value, with those of a reader in Rust.
#[track_caller]
fn compare(table: &Table, verdicts: &str) {
    let size = table.valid.len();
    assert_eq!(verdicts.len(), table.all.len() / size);
    let place = Place::new();
    let mut writer = Options::new().buffers(1).create::<Rules>(&place.0).unwrap();
    writer.write(rules()).unwrap();
    let file = fs::File::options().write(true).open(&place.0).unwrap();
    let reader = Reader::<Rules>::open(&place.0).unwrap();
    let mut counts = [0; 2];
    for (value, verdict) in table.all.chunks(size).zip(verdicts.chars()) {
        file.write_all_at(value, writer.region().header().buffer_offset()).unwrap();
        let is_valid = reader.read().is_ok();
        counts[usize::from(is_valid)] += 1;
        let at: Vec<_> = (0..size).filter(|at| value[*at] != table.valid[*at]).map(|at| (at, value[at])).collect();
        assert_eq!(verdict == '1', is_valid, "bytes that differ from a valid value, and where: {at:?}");
    }
    assert!(counts.iter().all(|count| *count > 5000), "{counts:?}");
}

#[test]
fn a_c_program_judges_bits_as_rust_does() {
    if !C.is_there() {
        return;
    }
    let (workshop, place, table) = (workshop(), Place::new(), table());
    let _writer = Writer::<Rules>::create(&place.0).unwrap();
    header(&workshop, &place, "rules");
    let program = r#"
#include <stdio.h>
#include "rules.h"
int main(int argc, char **argv)
{
    rules value;
    FILE *table = argc > 1 ? fopen(argv[1], "rb") : NULL;
    while (table != NULL && fread(&value, sizeof value, 1, table) == 1)
        putchar(rules_bits_are_valid((const unsigned char *)&value, 0) ? '1' : '0');
    return table == NULL;
}
"#;
    let (source, exe, values) = (workshop.0.join("judges.c"), workshop.0.join("judges"), workshop.0.join("values"));
    fs::write(&source, program).unwrap();
    fs::write(&values, &table.all).unwrap();
    C.compile(&workshop.0, &source, Some(&exe));
    let output = Command::new(&exe).arg(&values).output().unwrap();
    assert!(output.status.success());
    compare(&table, &String::from_utf8(output.stdout).unwrap());
}
