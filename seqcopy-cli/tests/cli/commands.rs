//! `show` and `layout` of intact regions.

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

/// What `seqcopy-relay` publishes of a region is what `show --json` prints of its content, whatever its type.
#[test]
#[cfg(target_os = "linux")] // the random types
fn content_alone_as_json() {
    use seqcopy_cli::__Content as Content;
    use seqcopy_shm::{Region, untyped::FileMap};
    let place = Place::new();
    let types: Vec<_> = seqcopy_tests::random_types::thousand().into_iter().step_by(4).collect();
    let (mut values, mut maps) = (0, 0);
    std::fs::create_dir(&place.0).unwrap();
    for path in seqcopy_tests::random_types::regions(&place.0, &types, &mut seqcopy_tests::oracle::Rng::new(112)) {
        let shown = shows_json(&["show", &path, "--json"]);
        let json = |schema, content, version, most| {
            let line = seqcopy_cli::__json(schema, content, version, most)?;
            Ok::<_, String>((serde_json::from_slice::<serde_json::Value>(&line).unwrap(), line.len() as u64))
        };
        let region = Region::open_any(&path).unwrap();
        let (schema, kept);
        let (content, version, names) = if region.header().slots() == 0 {
            values += 1;
            let region = Region::open_file(&path).unwrap();
            let (bytes, version) = region.read_bytes().unwrap();
            (schema, kept) = (region.schema().clone(), (bytes, None));
            (Content::Value(&kept.0), version, ["version", "value"])
        } else {
            maps += 1;
            let map = FileMap::open(&path).unwrap();
            let entries = map.entries().unwrap();
            let generation = entries.generation();
            (schema, kept) = (map.region().schema().clone(), (Vec::new(), Some(entries)));
            (Content::Entries(kept.1.as_ref().unwrap()), generation, ["generation", "entries"])
        };
        let (line, len) = json(&schema, content, version, 1 << 20).unwrap();
        assert_eq!(names.map(|name| &line[name]), names.map(|name| &shown[name]), "{path}");
        assert_eq!(line.as_object().unwrap().len(), 2);
        assert_eq!(json(&schema, content, version, len).unwrap().0, line);
        let long = json(&schema, content, version, len - 1).unwrap_err();
        assert_eq!(long, format!("as JSON it would have more than {} bytes", len - 1));
    }
    assert!(values > 100 && maps > 20, "{values} values, {maps} maps");
    let schema = seqcopy_shm::Schema::of::<u32>();
    let error = seqcopy_cli::__json(&schema, Content::Value(&[0; 3]), seqcopy::Version::NEVER, 99).unwrap_err();
    assert_eq!(error, "a value of 3 bytes, expected 4");
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
