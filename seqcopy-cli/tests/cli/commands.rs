//! `show`, `layout` and `diff` of intact regions.

use seqcopy_shm::MapWriter;
use serde_json::json;

use super::*;

#[test]
fn show_prints_the_value_and_then_the_header() {
    let (place, _writer) = Place::with(2, pose());
    let text = shows(&["show", place.path()]);
    let squeezed: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let has = |line: &str| assert!(squeezed.iter().any(|found| found == line), "no line {line:?} in\n{text}");
    has("buffers 2 (a latch)");
    has(&format!("writer alive (process {})", std::process::id()));
    has("published 1");
    assert!(text.starts_with("value 1\n  moving "), "{text}");
    has("moving bool true");
    has("at u64 7");
    has("position [f64; 3] [0.5, -1.0, 1e300]");
    has("mode Mode Walking");
    has("legs[1] Leg { joint: 2, angle: 0.2 }");
    has("target SeqOption<f32> Some(2.5)");
    has("reach Reach Box { width: 1.0, height: 2.0 }");
    has("name [u8; 8] \"anymal\"");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "wide lines in\n{text}");
}

#[test]
fn show_as_json() {
    let (place, mut writer) = Place::with(4, pose());
    writer.write(Pose { target: None.into(), reach: Reach::Nothing, ..pose() }).unwrap();
    let json = shows_json(&["show", "--json", place.path()]);
    assert_eq!(json["buffers"], 4);
    assert_eq!(json["version"], 2);
    assert_eq!(json["payload_size"], size_of::<Pose>());
    assert_eq!(json["writer"], json!({ "state": "alive", "pid": std::process::id() }));
    assert_eq!(json["fingerprint"], format!("{:#018x}", Pose::LAYOUT.fingerprint()));
    let value = &json["value"];
    assert_eq!(value["at"], 7);
    assert_eq!(value["position"], json!([0.5, -1.0, 1e300]));
    assert_eq!(value["mode"], "Walking");
    assert_eq!(value["legs"][0], json!({ "joint": 1, "angle": 0.1 }));
    assert_eq!((&value["target"], &value["reach"]), (&json!(null), &json!("Nothing")));
    let fields = &json["schema"]["fields"];
    assert_eq!(fields[1]["name"], "at");
    // From the start of the enum, whose tag comes first.
    assert_eq!(fields[6]["layout"]["variants"][1]["fields"][1]["offset"], 8);
}

#[test]
fn a_region_without_a_value_is_no_error() {
    let place = Place::new();
    let _writer = Writer::<Pose>::create(&place.0).unwrap();
    assert!(shows(&["show", place.path()]).starts_with("no value has been written yet\n\nregion "));
    assert_eq!(shows_json(&["show", "--json", place.path()])["value"], json!(null));
}

#[test]
fn the_last_value_of_a_writer_that_is_gone() {
    for buffers in [1, 2] {
        let (place, writer) = Place::with(buffers, pose());
        drop(writer);
        // Its lock is released once no process that another test is starting has its descriptors any more.
        let json = until(|| shows_json(&["show", "--json", place.path()]), |json| json["writer"]["state"] == "gone");
        assert_eq!(json["value"]["at"], json!(7));
    }
}

#[test]
fn long_arrays_are_shown_in_part() {
    let (place, _writer) = Place::with(1, [5u16; 40]);
    assert!(shows(&["show", place.path()]).contains("... 24 more]"));
    assert!(shows(&["show", "--elements", "2", place.path()]).contains("[5, 5, ... 38 more]"));
    assert_eq!(shows_json(&["show", "--json", place.path()])["value"].as_array().unwrap().len(), 40);
}

#[test]
fn layout_draws_the_type() {
    let (place, _writer) = Place::with(2, pose());
    // With the accesses of a region, whose base is 8.
    assert_eq!(shows(&["layout", place.path()]), Pose::LAYOUT.display(8).to_string());
    let json = shows_json(&["layout", "--json", place.path()]);
    assert_eq!(json["accesses"], Pose::LAYOUT.access_count(8));
    assert_eq!(json["holes"][0], json!([1, 8]));
    assert_eq!(
        json["layout"]["fields"][3]["layout"]["variants"][1],
        json!({ "name": "Walking", "value": 1, "fields": [] })
    );
}

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

#[test]
fn usage() {
    for arguments in [&[][..], &["show"], &["watch", "--interval", "0", "x"], &["show", "--what", "x"]] {
        let output = seqcopy(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
    for arguments in [&["--help"][..], &["show", "--help"], &["--version"]] {
        assert!(shows(arguments).contains("seqcopy"));
    }
}

/// `seqcopy show .. | head -1`.
#[test]
fn a_closed_pipe_is_not_an_error() {
    let (place, _writer) = Place::with(1, [[1u8; 1000]; 16]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
        .args(["show", "--json", place.path()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn texts_and_paths_have_no_effect_on_a_terminal() {
    let (place, _writer) = Place::with(2, seqcopy::SeqStr::<16>::literal("a\u{202e}b\u{1b}[2J"));
    let json = shows(&["show", "--json", place.path()]);
    assert!(json.contains("a\\u202eb\\u001b[2J"), "{json}");
    let text = shows(&["show", place.path()]);
    assert!(text.contains("a\\u{202e}b\\u{1b}[2J"), "{text}");
    let error = refuses(&["show", "/no such\u{202e}\u{1b}[2J"]);
    assert!(error.contains("/no such\\u{202e}\\u{1b}[2J"), "{error}");
}

#[test]
fn a_path_that_is_not_text_is_shown_byte_by_byte() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    std::fs::create_dir(&place.0).unwrap();
    let path = place.0.join(std::ffi::OsStr::from_bytes(b"a\xffb"));
    let mut writer = Writer::<u64>::create(&path).unwrap();
    writer.write(1).unwrap();
    let run =
        |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_seqcopy")).args(arguments).arg(&path).output().unwrap();
    let text = String::from_utf8(run(&["show"]).stdout).unwrap();
    assert!(text.contains("/a\\xffb, "), "{text}");
    let json: serde_json::Value = serde_json::from_slice(&run(&["show", "--json"]).stdout).unwrap();
    assert!(json["path"].as_str().unwrap().ends_with("/a\\xffb"), "{json}");
    assert!(json["path_bytes"].as_str().unwrap().ends_with("2f61ff62"), "{json}");
    writer.close().unwrap();
    let error = String::from_utf8(run(&["show"]).stderr).unwrap();
    assert!(error.contains("/a\\xffb`: "), "{error}");
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

#[test]
fn options_of_options_as_json() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(transparent)]
    struct Wrapped(SeqOption<u8>);

    type Twice = SeqOption<SeqOption<u8>>;
    let value: [Twice; 3] = [SeqOption::None, SeqOption::Some(SeqOption::None), SeqOption::Some(SeqOption::Some(5))];
    let (place, _writer) = Place::with(2, value);
    assert_eq!(shows_json(&["show", "--json", place.path()])["value"], json!([null, { "Some": null }, { "Some": 5 }]));
    assert!(shows(&["show", place.path()]).contains("Some(None)"));

    // As an option itself.
    let (place, _writer) = Place::with(2, SeqOption::Some(Wrapped(SeqOption::None)));
    assert_eq!(shows_json(&["show", "--json", place.path()])["value"], json!({ "Some": null }));
}

/// The row of a variant whose fields are in rows of their own is in line with them.
#[test]
fn one_variant_with_rows_below_it() {
    let (place, _writer) = Place::with(2, SeqOption::Some(pose().legs));
    let text = shows(&["show", place.path()]);
    let rows: Vec<_> = text.lines().skip_while(|line| *line != "value 1").skip(1).collect();
    let [option, leg] =
        ["SeqOption<[Leg; 2]>  Some", "Leg                  {"].map(|part| rows.iter().find_map(|row| row.find(part)));
    assert!(option.is_some() && option == leg, "{text}");
}

#[test]
fn one_field_is_shown_alone() {
    let (place, _writer) = Place::with(2, pose());
    assert_eq!(shows(&["show", place.path(), "at"]), "7\n");
    assert_eq!(shows(&["show", place.path(), "legs[1].angle"]), "0.2\n");
    assert_eq!(shows(&["show", place.path(), "position"]), "[0.5, -1.0, 1e300]\n");
    assert_eq!(shows(&["show", place.path(), "target"]), "Some(2.5)\n");
    assert_eq!(shows(&["show", place.path(), "name"]), "\"anymal\"\n");
    assert_eq!(shows_json(&["show", "--json", place.path(), "legs[0]"]), json!({ "joint": 1, "angle": 0.1 }));
    assert_eq!(shows_json(&["show", "--json", place.path(), "moving"]), json!(true));
    let frame = shows_json(&["watch", "--json", "--count", "1", place.path(), "legs[1].joint"]);
    assert_eq!((&frame["value"], &frame["version"]), (&json!(2), &json!(1)));
    let text = shows(&["watch", "--count", "1", place.path(), "legs[1].joint"]);
    assert!(text.contains("Pose, legs[1].joint, a latch of 2"), "{text}");
}

#[test]
fn a_field_that_is_not_there() {
    let (place, writer) = Place::with(1, pose());
    for command in ["show", "watch"] {
        let line = refuses(&[command, place.path(), "legs[0].angel"]);
        assert!(line.contains("`legs[0]` (`Leg`) has no field `angel`: it has `joint`, `angle`"), "{line}");
        assert!(refuses(&[command, place.path(), "legs[7]"]).contains("has 2 elements"));
    }
    drop(writer);
    let empty = Place::new();
    let _writer = Writer::<Pose>::create(&empty.0).unwrap();
    assert!(refuses(&["show", empty.path(), "at"]).contains("no value"));
}

macro_rules! wide {
    ($module:ident: $number:ty, $($field:ident)*) => {
        mod $module {
            #[derive(Clone, Copy, Default, seqcopy::SeqCopy, seqcopy::Validate)]
            #[repr(C)]
            pub(super) struct Part { $($field: $number),* }

            #[derive(Clone, Copy, Default, seqcopy::SeqCopy, seqcopy::Validate)]
            #[repr(C)]
            pub(super) struct Wide { $($field: Part),* }
        }
    };
}

wide!(before: u8, a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee ff gg);
wide!(after: i8, a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee ff gg);

#[test]
fn long_lists_of_fields_end_with_a_number() {
    let (a, _a) = Place::with(1, before::Wide::default());
    let (b, _b) = Place::with(1, after::Wide::default());
    let text = String::from_utf8(seqcopy(&["diff", a.path(), b.path()]).stdout).unwrap();
    // 33 parts of 33.
    assert!(text.contains("`a.a`: u8 in A, i8 in B\n") && text.contains("... 89 more"), "{text}");
    assert_eq!(text.matches(": u8 in A, i8 in B").count(), 1000);
    let error = refuses(&["show", a.path(), "hh"]);
    assert!(error.contains("`x`, and 9 more") && !error.contains("`y`"), "{error}");
}

/// What is printed is written at the end: that it can't be is an error of the command.
#[cfg(target_os = "linux")]
#[test]
fn output_that_can_not_be_written_is_an_error() {
    let (place, _writer) = Place::with(2, pose());
    for command in ["show", "layout", "header"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut started = Command::new(env!("CARGO_BIN_EXE_seqcopy"));
        let output =
            started.args([command, place.path()]).stdout(full).stderr(std::process::Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("No space left"), "{command}: {said}");
    }
}

/// How long ago a region was created, by the header that a program could have written at any time.
#[test]
fn the_age_of_a_region_is_that_of_its_header() {
    use std::os::unix::fs::FileExt;
    use std::time::SystemTime;
    let (place, _writer) = Place::with(2, 7u64);
    let file = std::fs::File::options().write(true).open(&place.0).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    for (seconds, words) in [(now - 7200, "2 h ago"), (now + 7200, "in the future")] {
        file.write_all_at(&seconds.to_ne_bytes(), 96).unwrap();
        let text = shows(&["show", place.path()]);
        let created = text.lines().find(|line| line.starts_with("created ")).expect("when it was created");
        assert!(created.ends_with(words), "{created}");
    }
    // The same time, however it is asked for.
    file.write_all_at(&951_868_799u64.to_ne_bytes(), 96).unwrap();
    let date = "2000-02-29T23:59:59Z";
    let text = shows(&["show", place.path()]);
    assert!(text.contains(&format!("created    {date}, ")), "{text}");
    assert_eq!(shows_json(&["show", "--json", place.path()])["created"], date);
    let folder = place.0.parent().and_then(Path::to_str).expect("a folder");
    let all = shows_json(&["list", "--json", folder]);
    let listed = all["regions"].as_array().unwrap().iter().find(|region| region["path"] == place.path());
    assert_eq!(listed.expect("it is listed")["created"], date);
}
