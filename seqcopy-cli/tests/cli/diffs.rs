//! `diff` of intact regions.

use seqcopy_shm::{MapWriter, Schema, untyped};
use serde_json::json;

use super::*;

#[test]
fn diff_names_fields() {
    let (a, _writer) = Place::with(1, pose());
    let mut other = pose();
    other.legs[1].angle = 0.3;
    other.mode = Mode::Idle;
    let (b, mut writer) = Place::with(2, other);

    let output = seqcopy(&["diff", a.path(), b.path()]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("  mode           A: Walking  B: Idle\n"), "{text}");
    assert!(text.contains("  legs[1].angle  A: 0.2  B: 0.3\n"), "{text}");
    assert!(text.ends_with("2 fields differ\n"), "{text}");

    let output = seqcopy(&["diff", "--json", a.path(), b.path()]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["differences"][0], json!({ "path": "mode", "a": "Walking", "b": "Idle" }));

    writer.write(pose()).unwrap();
    assert!(shows(&["diff", a.path(), b.path()]).ends_with("no field differs\n"));
}

#[test]
fn diff_names_what_differs_in_schemas() {
    mod other {
        #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
        #[repr(C)]
        pub(super) struct Pose {
            pub(super) moving: bool,
            pub(super) at: i64,
            pub(super) mode: u16,
        }
    }
    let (a, _a) = Place::with(1, pose());
    let (b, _b) = Place::with(1, other::Pose { moving: true, at: 7, mode: 1 });
    let output = seqcopy(&["diff", a.path(), b.path()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("`at`: u64 in A, i64 in B\n"), "{text}");
    assert!(text.contains("`mode`: enum Mode (u8) in A, u16 in B\n"), "{text}");
    assert!(text.contains("`name`: [u8; 8] in A, not in B\n"), "{text}");
    assert!(text.contains("a reader of A does not read B: field `at`: i64 there, u64 here\n"), "{text}");
    let json = seqcopy(&["diff", "--json", a.path(), b.path()]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!([&json["same_schema"], &json["a_reads_b"], &json["b_reads_a"]], [false; 3]);
}

/// The column of values is beside the longest path, up to forty characters; a value that has no parts has no path.
#[test]
fn diff_aligns_what_differs() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Named {
        of_just_forty_characters_and_not_of_more: u8,
        of_one_more_than_the_forty_of_the_column_: u8,
        short: u8,
    }
    let of = |number| Named {
        of_just_forty_characters_and_not_of_more: number,
        of_one_more_than_the_forty_of_the_column_: number,
        short: number,
    };
    let [(a, _a), (b, _b)] = [1, 2].map(|number| Place::with(1, of(number)));
    let text = String::from_utf8(seqcopy(&["diff", a.path(), b.path()]).stdout).unwrap();
    let values: Vec<_> = text.lines().filter_map(|line| line.find("A: 1  B: 2")).collect();
    assert_eq!(values, [44, 45, 44], "{text}");
    let [(a, _a), (b, _b)] = [1u8, 2].map(|number| Place::with(1, number));
    let text = String::from_utf8(seqcopy(&["diff", a.path(), b.path()]).stdout).unwrap();
    assert!(text.lines().any(|line| line == "  A: 1  B: 2"), "{text:?}");
}

#[test]
fn diff_of_what_differs_everywhere() {
    let (a, _a) = Place::with(1, [[1u8; 1000]; 16]);
    let (b, _b) = Place::with(1, [[2u8; 1000]; 16]);
    let text = String::from_utf8(seqcopy(&["diff", a.path(), b.path()]).stdout).unwrap();
    assert!(text.contains("  [0][999]  A: 1  B: 2\n  ... 15000 more\n16000 fields differ\n"), "{text}");
    let json: serde_json::Value =
        serde_json::from_slice(&seqcopy(&["diff", "--json", a.path(), b.path()]).stdout).unwrap();
    assert_eq!((json["differences"].as_array().unwrap().len(), &json["count"]), (1000, &json!(16000)));
}

#[test]
fn diff_of_regions_without_values() {
    let (a, _writer) = Place::with(1, pose());
    let b = Place::new();
    let _empty = Writer::<Pose>::create(&b.0).unwrap();
    let output = seqcopy(&["diff", a.path(), b.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"no value has been written to B yet\n");
    assert!(shows(&["diff", b.path(), b.path()]).contains("to either yet"));
}

/// An entry that one map has is shown with sixteen elements at most.
#[test]
fn diff_shows_sixteen_elements_of_what_is_in_one_map_only() {
    let places = [Place::new(), Place::new()];
    let [mut a, _b] = places.each_ref().map(|place| MapWriter::<u8, [u16; 17]>::create(&place.0, 4).unwrap());
    a.insert(1, [1; 17]).unwrap();
    let text = String::from_utf8(seqcopy(&["diff", places[0].path(), places[1].path()]).stdout).unwrap();
    let shown = format!("only in A: [{}, ... 1 more]", ["1"; 16].join(", "));
    assert!(text.contains(&shown), "{text}");
}

/// Which of two versions of a type can be read by programs that have the other.
#[test]
fn diff_says_which_type_reads_which() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Old {
        level: u16,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct New {
        at: u64,
        level: u16,
    }
    let (old, _old) = Place::with(1, Old { level: 1 });
    let (new, _new) = Place::with(1, New { at: 2, level: 1 });
    let output = seqcopy(&["diff", old.path(), new.path()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("a reader of A reads B, if it was opened by its fields\n"), "{text}");
    assert!(text.contains("a reader of B does not read A: field `at`: no such field there, u64 here\n"), "{text}");
    let json = seqcopy(&["diff", "--json", old.path(), new.path()]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["a_reads_b"], &json["b_reads_a"]), (&json!(true), &json!(false)));
    // Maps by the fields of their values, if their keys have the same bytes.
    let maps = [Place::new(), Place::new(), Place::new()];
    let _one = MapWriter::<u32, Old>::create(&maps[0].0, 10).unwrap();
    let _other = MapWriter::<u32, New>::create(&maps[1].0, 10).unwrap();
    let _keys = MapWriter::<u16, Old>::create(&maps[2].0, 10).unwrap();
    let diff = |one: &Place, other: &Place| {
        let output = seqcopy(&["diff", one.path(), other.path()]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = diff(&maps[0], &maps[1]);
    assert!(text.contains("a reader of A reads B, if it was opened by its fields\n"), "{text}");
    assert!(
        text.contains("a reader of B does not read A: field `value.at`: no such field there, u64 here\n"),
        "{text}"
    );
    let text = diff(&maps[0], &maps[2]);
    assert!(text.contains("a reader of A does not read B: field `key`: u16 there, u32 here\n"), "{text}");
    let text = diff(&maps[0], &new);
    assert!(text.contains("a reader of A does not read B: one has a map, and the other one value\n"), "{text}");
}

/// A value may have the type of the slots of a map.
#[test]
fn diff_is_of_two_of_a_kind() {
    let (value, map) = (Place::new(), Place::new());
    let _map = MapWriter::<u32, u32>::create(&map.0, 7).unwrap();
    let _writer = untyped::Writer::create(&value.0, &Schema::of_map::<u32, u32>(), &Options::new()).unwrap();
    for paths in [[value.path(), map.path()], [map.path(), value.path()]] {
        let said = refuses(&["diff", paths[0], paths[1]]);
        assert!(said.contains("of these regions, one holds a map, and the other one value"), "{said}");
    }
}
