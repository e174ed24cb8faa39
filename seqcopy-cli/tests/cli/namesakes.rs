//! Types that are called like those of seqcopy, and have their fields: they are shown, and read in other languages, as
//! what they are.

use std::fs;

use serde_json::json;

use super::compiler::{C, header, workshop};
use super::*;

mod own {
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct SeqStr {
        pub(super) len: u32,
        pub(super) bytes: [u8; 4],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct SeqVec {
        pub(super) len: u32,
        pub(super) elements: [i16; 2],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    #[allow(dead_code)] // one of them is shown
    pub(super) enum SeqOption {
        None,
        Some(u16),
    }
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Both {
    text: seqcopy::SeqStr<4>,
    no_text: own::SeqStr,
    list: seqcopy::SeqVec<i16, 2>,
    no_list: own::SeqVec,
    option: SeqOption<u16>,
    no_option: own::SeqOption,
}

fn both() -> Both {
    Both {
        text: seqcopy::SeqStr::literal("one"),
        // More than there is space for, and not UTF-8: a number, and four others.
        no_text: own::SeqStr { len: 99, bytes: [0xff; 4] },
        list: seqcopy::SeqVec::from([1]),
        no_list: own::SeqVec { len: 98, elements: [2, 3] },
        option: SeqOption::Some(4),
        no_option: own::SeqOption::Some(5),
    }
}

#[test]
fn the_command_shows_what_they_are() {
    let (place, _writer) = Place::with(2, both());
    for (field, expected) in [
        ("text", "\"one\""),
        ("no_text", "len    u32      99\nbytes  [u8; 4]  [255, 255, 255, 255]"),
        ("list", "[1]"),
        ("no_list", "len       u32       98\nelements  [i16; 2]  [2, 3]"),
        ("option", "Some(4)"),
        ("no_option", "Some(5)"),
    ] {
        assert_eq!(shows(&["show", place.path(), field]), format!("{expected}\n"), "{field}");
    }
    let all = shows_json(&["show", "--json", place.path()]);
    let expected = json!({
        "text": "one",
        "no_text": { "len": 99, "bytes": [255, 255, 255, 255] },
        "list": [1],
        "no_list": { "len": 98, "elements": [2, 3] },
        "option": 4,
        "no_option": { "Some": 5 },
    });
    assert_eq!(all["value"], expected);
    let types: Vec<_> =
        all["schema"]["fields"].as_array().unwrap().iter().map(|field| &field["layout"]["type"]).collect();
    assert_eq!(types, ["SeqStr<4>", "SeqStr", "SeqVec<i16, 2>", "SeqVec", "SeqOption<u16>", "SeqOption"]);
}

#[test]
fn c_reads_what_they_are() {
    let (place, _writer) = Place::with(2, both());
    let workshop = workshop();
    if C.is_there() {
        header(&workshop, &place, "Both");
        let program = r#"
#include <stdio.h>
#include "Both.h"
int main(int argc, char **argv)
{
    Both_reader *reader = NULL;
    Both v;
    int status = argc > 1 ? (int)Both_reader_open(argv[1], &reader) : -1;
    if (status == SEQCOPY_OK)
        status = (int)Both_reader_read(reader, &v, NULL);
    Both_reader_free(&reader);
    printf("%d %.*s %u %d\n", status, (int)v.text.len, (const char *)v.text.bytes, v.no_text.len, v.no_text.bytes[3]);
    printf("%u %u %d\n", v.list.len, v.no_list.len, v.no_list.elements[1]);
    return 0;
}
"#;
        let (source, exe) = (workshop.0.join("both.c"), workshop.0.join("both"));
        fs::write(&source, program).unwrap();
        C.compile(&workshop.0, &source, Some(&exe));
        let output = Command::new(&exe).arg(place.path()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "0 one 99 255\n1 98 3\n");
    }
}
