//! A slice is shown as one, with the elements that it has, and read in C.

use std::fs;
use std::num::NonZeroU32;
use std::os::unix::fs::FileExt;

use seqcopy::SeqVec;
use seqcopy_shm::{FileReader, Reader};
use serde_json::json;

use super::compiler::{C, header, prints, program, workshop};
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

/// Some tags have no variant, and zeros are not valid for the field of one.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, u8)]
enum Step {
    Halt,
    Turn(bool),
    Jump { legs: NonZeroU32 },
}

/// A writer that is broken may store any length: of elements without padding, too, a C reader copies no more than there
/// is space for. The address sanitizer sees what it writes, and this test what it says.
#[test]
fn a_length_beyond_the_capacity_writes_nothing_beyond_the_value() {
    if !C.is_there() {
        return;
    }
    let (place, workshop, exe) = (Place::new(), workshop(), Place::new());
    let mut writer = Options::new().buffers(1).capacity(5).create::<[Leg]>(&place.0).unwrap();
    writer.write_from(&[leg(1), leg(2)]).unwrap();
    header(&workshop, &place, "legs");
    let program = "\
#include <stdio.h>
#include \"legs.h\"
int main(int argc, char **argv)
{
    legs_reader *reader = NULL;
    legs v;
    seqcopy_status status;
    if (argc < 2 || legs_reader_open(argv[1], &reader) != SEQCOPY_OK)
        return 1;
    status = legs_reader_read(reader, &v, NULL);
    legs_reader_free(&reader);
    if (status == SEQCOPY_OK)
        return printf(\"%u elements\\n\", (unsigned)v.len) < 0;
    return status != SEQCOPY_INVALID || puts(\"invalid\") < 0;
}
";
    let source = workshop.0.join("legs.c");
    fs::write(&source, program).unwrap();
    C.compile(&workshop.0, &source, Some(&exe.0));
    let file = fs::File::options().write(true).open(&place.0).unwrap();
    let buffer = writer.region().header().buffer_offset();
    for (length, expected) in [(2, "2 elements"), (6, "invalid"), (1 << 20, "invalid"), (u32::MAX, "invalid")] {
        file.write_all_at(&u32::to_ne_bytes(length), buffer).unwrap();
        assert_eq!(prints(&Command::new(&exe.0).arg(place.path()).output().unwrap()), expected, "{length} elements");
    }
}

/// Elements past the length are any bytes: no reader looks at them. Those before it are valid, or no reader returns the
/// slice.
#[test]
fn all_readers_judge_the_elements_in_use_and_no_others() {
    let place = Place::new();
    let mut writer = Options::new().buffers(1).capacity(4).create::<[Step]>(&place.0).unwrap();
    let steps = [Step::Turn(true), Step::Halt, Step::Jump { legs: NonZeroU32::MIN }, Step::Halt];
    writer.write_from(&steps).unwrap();
    let (workshop, exe) = (workshop(), Place::new());
    let c = C.is_there().then(|| {
        header(&workshop, &place, "course");
        let program = "\
#include <stdio.h>
#include \"course.h\"
int main(int argc, char **argv)
{
    course_reader *reader = NULL;
    course v;
    size_t i, rest = 0;
    int status = argc > 1 ? (int)course_reader_open(argv[1], &reader) : -1;
    memset(&v, 0, sizeof v);
    if (status == SEQCOPY_OK)
        status = (int)course_reader_read(reader, &v, NULL);
    course_reader_free(&reader);
    if (status == SEQCOPY_INVALID)
        return puts(\"invalid\") < 0;
    if (status != SEQCOPY_OK)
        return 1;
    /* What is not in use is left as it was. */
    for (i = v.len; i < sizeof v.elements / sizeof v.elements[0]; i++)
        rest += ((const unsigned char *)&v.elements[i])[0] != 0;
    if (rest != 0)
        return puts(\"more than the elements in use\") < 0;
    return printf(\"%u elements\\n\", (unsigned)v.len) < 0;
}
";
        let source = workshop.0.join("course.c");
        fs::write(&source, program).unwrap();
        C.compile(&workshop.0, &source, Some(&exe.0));
    });
    let judged = |number: usize| {
        let (mapped, file) = (Reader::<[Step]>::open(&place.0).unwrap(), FileReader::<[Step]>::open(&place.0).unwrap());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let of_rust = mapped.read_to_vec(&mut first).is_ok();
        assert_eq!(file.read_to_vec(&mut second).is_ok(), of_rust, "{number}");
        assert_eq!(first, second);
        let expected = if of_rust { format!("{} elements", first.len()) } else { "invalid".to_owned() };
        if c.is_some() {
            assert_eq!(prints(&Command::new(&exe.0).arg(place.path()).output().unwrap()), expected, "C, {number}");
        }
        let shown = shows(&["show", place.path()]);
        assert_eq!(shown.contains("INVALID"), !of_rust, "{shown}");
        of_rust
    };
    assert!(judged(0));
    let file = fs::File::options().write(true).open(&place.0).unwrap();
    let buffer = writer.region().header().buffer_offset();
    file.write_all_at(&5u32.to_ne_bytes(), buffer).unwrap();
    assert!(!judged(0), "more than there is space for");
    // A tag without a variant, an invalid field of a valid one, from the second element on.
    for (number, garbage) in
        [[9, 9, 9, 9, 9, 9, 9, 9], [1, 7, 7, 7, 7, 7, 7, 7], [2, 0, 0, 0, 0, 0, 0, 0]].iter().enumerate()
    {
        for element in 1..4 {
            file.write_all_at(garbage, buffer + 64 + 8 * element).unwrap();
        }
        for (length, is_valid) in
            [(0u32, true), (1, true), (2, false), (4, false), (5, false), (1 << 20, false), (u32::MAX, false)]
        {
            file.write_all_at(&length.to_ne_bytes(), buffer).unwrap();
            assert_eq!(judged(number), is_valid, "{garbage:?}, {length} elements");
        }
    }
}

#[test]
fn a_reader_in_c() {
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
}
