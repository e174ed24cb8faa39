//! A slice is shown as one, with the elements that it has, and read in C and Python.

use std::fs;
use std::num::NonZeroU32;

use seqcopy::SeqVec;
use serde_json::json;

use super::c::{C, header, program, workshop};
use super::python::{module, prints, python, run};
use super::*;

/// Zeros are not a valid one.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Leg {
    joint: NonZeroU32,
    angle: f32,
}

fn leg(joint: u32) -> Leg {
    #[allow(clippy::cast_precision_loss)] // small
    Leg { joint: NonZeroU32::new(joint).unwrap(), angle: joint as f32 / 2.0 }
}

/// A region with space for five elements.
fn region(legs: &[Leg]) -> (Place, Writer<[Leg]>) {
    let place = Place::new();
    let mut writer = Options::new().capacity(5).create::<[Leg]>(&place.0).unwrap();
    writer.write_from(legs).unwrap();
    (place, writer)
}

#[test]
fn the_command_shows_a_slice() {
    let (slice, mut writer) = region(&[leg(1), leg(2)]);
    let value = shows_json(&["show", "--json", slice.path()]);
    assert_eq!(value["value"], json!([{ "joint": 1, "angle": 0.5 }, { "joint": 2, "angle": 1.0 }]));
    let mut elements = SeqVec::<_, 5>::new(leg(1));
    elements.extend_from_slice(&[leg(1), leg(2)]).unwrap();
    let (vec, _writer) = Place::with(2, elements);
    let as_vec = shows_json(&["show", "--json", vec.path()]);
    assert_eq!(value["value"], as_vec["value"]);
    assert_eq!(json!([value["schema"]["type"], value["capacity"]]), json!(["[Leg]", 5]));
    assert_eq!(json!([as_vec["schema"]["type"], as_vec["capacity"]]), json!(["SeqVec<Leg, 5>", null]));
    // The elements begin a cache line.
    let (schema, fields) = (&value["schema"], &value["schema"]["fields"]);
    assert_eq!(json!([schema["align"], schema["size"], fields[1]["offset"]]), json!([64, 128, 64]));
    let text = shows(&["show", slice.path()]);
    assert!(
        text.contains("type       [Leg], capacity 5, fingerprint")
            && !text.contains("SeqVec")
            && text.contains("[1]")
            && !text.contains("[2]"),
        "{text}"
    );
    assert!(shows(&["show", slice.path(), "elements[1].angle"]).contains("1.0"));
    let watched = shows_json(&["watch", "--count", "1", "--json", slice.path()]);
    assert_eq!(watched["value"], value["value"]);

    let (other, _writer) = region(&[leg(1), leg(2)]);
    assert_eq!(seqcopy(&["diff", slice.path(), other.path()]).status.code(), Some(0));
    writer.write_from(&[leg(1), leg(3)]).unwrap();
    let output = seqcopy(&["diff", slice.path(), other.path()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.code() == Some(1) && text.contains("[1].joint"), "{text}");
}

#[test]
fn readers_in_c_and_python() {
    let (slice, mut writer) = region(&[leg(1), leg(2)]);
    let workshop = workshop();
    if C.is_there() {
        header(&workshop, &slice, "legs");
        let exe = workshop.0.join("slice");
        C.compile(&workshop.0, &program("slice.c"), Some(&exe));
        let reads = || String::from_utf8(Command::new(&exe).arg(slice.path()).output().unwrap().stdout).unwrap();
        assert_eq!(reads(), "1 0.5\n2 1\n");
        writer.write_from(&[leg(3)]).unwrap();
        assert_eq!(reads(), "3 1.5\n");
        writer.write_from(&[]).unwrap();
        assert_eq!(reads(), "");
    }
    if let Some(python) = python() {
        module(&workshop, &slice, "legs");
        let source = workshop.0.join("reads.py");
        fs::write(&source, "import sys, legs\nwith legs.Region(sys.argv[1]) as region: print(region.read())\n")
            .unwrap();
        for (legs, printed) in
            [(&[leg(4), leg(6)][..], "(Leg(joint=4, angle=2.0), Leg(joint=6, angle=3.0))"), (&[], "()")]
        {
            writer.write_from(legs).unwrap();
            assert_eq!(prints(&run(&python, &workshop, &source, &[slice.path()])), printed);
        }
    }
}
