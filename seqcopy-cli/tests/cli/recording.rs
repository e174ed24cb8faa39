//! `record`: each newer value of a region in a file, what was missed of it, and what happened to the region, the
//! recorder and the file.

use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Stdio;
use std::thread::sleep;

use seqcopy::SeqStr;
use seqcopy_shm::MapWriter;
use serde_json::{Value as Json, json};

use super::*;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Note {
    at: u64,
    text: SeqStr<12>,
    leg: Leg,
    half: SeqOption<u8>,
    last: [i16; 2],
}

impl Note {
    fn of(at: u64) -> Note {
        // What CSV quotes.
        let text = SeqStr::try_from(format!("{at},\"x\"").as_str()).unwrap();
        let half = (at % 2 == 0).then_some(7).into();
        Note { at, text, leg: Leg { joint: 3, angle: 0.5 }, half, last: [-1, 2] }
    }
}

/// Starts a recorder, and waits until it has the present value.
fn recorder(words: &[&str], file: &Path) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seqcopy"));
    command.arg("record").args(words).arg("-o").arg(file).stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = command.spawn().unwrap();
    super::until(|| fs::read_to_string(file).unwrap_or_default().lines().count(), |lines| *lines > 0);
    running
}

/// The lines of a recording in JSON, without the schemas. Each schema is before the first value of its type.
fn lines_of(text: &str) -> Vec<Json> {
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut is_known = false;
    lines
        .into_iter()
        .filter(|line| {
            if let Some(digits) = line["schema"].as_str() {
                assert_eq!(line["event"], "schema");
                let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
                let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
                seqcopy_shm::Schema::decode(&bytes).unwrap();
                is_known = true;
                return false;
            }
            assert!(is_known || line["version"].is_null() && line["generation"].is_null(), "{line}");
            true
        })
        .collect()
}

/// The entries of a line of CSV, by the rules of RFC 4180.
fn entries(line: &str) -> Vec<String> {
    let (mut all, mut is_quoted, mut chars) = (vec![String::new()], false, line.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                all.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => all.push(String::new()),
            c => all.last_mut().unwrap().push(c),
        }
    }
    all
}

#[test]
fn a_recording_counts_what_it_missed_and_tells_what_happened() {
    for (form, pause) in [("jsonl", 500), ("csv", 500), ("jsonl", 0), ("csv", 0)] {
        let (place, mut writer) = Place::with(2, Note::of(1));
        let file = place.0.with_extension(form);
        let running = recorder(&["--seconds", "1.5", place.path()], &file);
        // Without a pause there are enough that one falls between a look and its read.
        for at in 2..=if pause > 0 { 1000 } else { 30_000 } {
            writer.write(Note::of(at)).unwrap();
            writer.wake();
            sleep(Duration::from_micros(pause));
        }
        // With a pause the last value is seen. Without, the last may not be: a region that is closed has no count.
        sleep(Duration::from_millis(if pause > 0 { 50 } else { 0 }));
        writer.close().unwrap();
        super::until(|| fs::read_to_string(&file).unwrap(), |text| text.contains("closed"));
        // The next region has three values when it comes, and the last is seen.
        let next = place.0.with_extension("next");
        let mut other = Writer::<Leg>::create(&next).unwrap();
        (0..3).for_each(|_| other.write(Leg { joint: 9, angle: 1.5 }).unwrap());
        fs::rename(next, &place.0).unwrap();
        let output = running.wait_with_output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
        let text = fs::read_to_string(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let mut rows: Vec<(Option<u64>, u64, String, Json)> = Vec::new();
        if form == "csv" {
            let mut lines = text.split("\r\n");
            let head = lines.next().unwrap();
            assert_eq!(head, "time,path,version,missed,event,at,text,leg.joint,leg.angle,half,last[0],last[1]");
            for line in lines.filter(|line| !line.is_empty()) {
                let entries = entries(line);
                assert_eq!((entries.len(), entries[1].as_str()), (12, place.path()), "{line}");
                if let Ok(at) = entries[5].parse::<u64>() {
                    let half = if at % 2 == 0 { "7" } else { "" };
                    assert_eq!(entries[6..], [&*format!("{at},\"x\""), "3", "0.5", half, "-1", "2"], "{line}");
                }
                rows.push((
                    entries[2].parse().ok(),
                    entries[3].parse().unwrap_or(0),
                    entries[4].clone(),
                    json!(entries[5].parse::<u64>().ok()),
                ));
            }
        } else {
            for line in lines_of(&text) {
                assert!(line["time"].as_f64().unwrap() > 1.7e9 && line["path"] == place.path(), "{line}");
                if let Some(at) = line["value"]["at"].as_u64() {
                    let half = if at % 2 == 0 { json!(7) } else { Json::Null };
                    assert_eq!(
                        (&line["value"]["text"], &line["value"]["half"]),
                        (&json!(format!("{at},\"x\"")), &half)
                    );
                }
                let event = line["event"].as_str().unwrap_or_default().to_owned();
                rows.push((
                    line["version"].as_u64(),
                    line["missed"].as_u64().unwrap_or(0),
                    event,
                    line["value"]["at"].clone(),
                ));
            }
        }
        // Each value is that of its version, and none is there twice.
        let closed = rows.iter().position(|row| row.2 == "closed").unwrap();
        let of_first = rows[..closed].iter().filter(|row| row.0.is_some());
        let versions: Vec<u64> = of_first.clone().map(|row| row.0.unwrap()).collect();
        assert!(versions.is_sorted_by(|one, other| one < other), "{versions:?}");
        assert!(of_first.clone().all(|row| row.3 == json!(row.0.unwrap())));
        let missed: u64 = rows[..=closed].iter().map(|row| row.1).sum();
        assert_eq!(versions.len() as u64 + missed, *versions.last().unwrap(), "{missed} missed");
        assert!(pause == 0 || versions.last() == Some(&1000), "{versions:?}");
        let events: Vec<_> = rows.iter().map(|row| row.2.as_str()).filter(|event| !event.is_empty()).collect();
        assert_eq!(events, ["closed", "replaced: Leg"]);
        let last = rows.last().unwrap();
        assert_eq!((last.0, last.1), (Some(3), 2), "the value of the next region");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("{} recorded, {} missed", versions.len() + 1, missed + 2)), "{said}");
        assert!(said.contains("more buffers keeps earlier values"), "{said}");
        drop(other);
    }
}

/// What is not there is told once, and recorded when it comes; and what is closed is told once.
#[test]
fn a_region_that_comes_later_is_recorded() {
    let place = Place::new();
    let file = place.0.with_extension("jsonl");
    let running = recorder(&["--seconds", "2", place.path()], &file);
    let text = || fs::read_to_string(&file).unwrap();
    assert_eq!(text().matches("the writer has not created it yet").count(), 1, "{}", text());
    // It is looked for again and again meanwhile.
    sleep(Duration::from_millis(500));
    let mut writer = Writer::<Leg>::create(&place.0).unwrap();
    writer.write(Leg { joint: 9, angle: 1.5 }).unwrap();
    super::until(text, |text| text.contains("\"joint\":9"));
    writer.close().unwrap();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (growth, said) = said.split_once('\n').unwrap();
    let (file_name, grown) = growth.split_once(" grows by ").unwrap();
    assert!(file_name == file.to_str().unwrap() && grown.ends_with(" in 2.00 s"), "{growth}");
    assert_eq!((output.status.code(), said), (Some(0), &*format!("{}: 1 recorded, 0 missed\n", place.path())));
    let lines: Vec<Json> = lines_of(&text());
    fs::remove_file(&file).unwrap();
    let events: Vec<_> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(events.len(), 3, "{events:?}");
    assert!(events[0].starts_with("cannot open it: ") && events[1..] == ["opened: Leg", "closed"], "{events:?}");
    let values: Vec<_> = lines.iter().filter(|line| !line["value"].is_null()).collect();
    assert_eq!((values.len(), &values[0]["version"], &values[0]["missed"]), (1, &json!(1), &json!(0)), "{values:?}");
}

/// All that was not seen of a region that another replaces is counted; and one whose newest value can't be read is left
/// all the same.
#[test]
fn a_region_that_is_replaced_is_counted_to_its_end() {
    let (place, mut writer) = Place::with(2, Note::of(1));
    let file = place.0.with_extension("jsonl");
    let running = recorder(&["--seconds", "1", "--every", "400ms", place.path()], &file);
    (2..=50).for_each(|at| writer.write(Note::of(at)).unwrap());
    let next = place.0.with_extension("next");
    let mut other = Writer::<Leg>::create(&next).unwrap();
    other.write(Leg { joint: 9, angle: 1.5 }).unwrap();
    fs::rename(next, &place.0).unwrap();
    assert!(running.wait_with_output().unwrap().status.success());
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let lines: Vec<Json> = lines_of(&text);
    let replaced = lines.iter().position(|line| line["event"] == "replaced: Leg").unwrap();
    let missed: u64 = lines[..=replaced].iter().filter_map(|line| line["missed"].as_u64()).sum();
    let seen = lines[..replaced].iter().filter(|line| !line["value"].is_null()).count();
    assert_eq!(seen as u64 + missed, 50, "{text}");
    assert_eq!(lines.last().unwrap()["value"]["joint"], 9, "{text}");

    // A single buffer whose writer died in the middle of a write has no value, and there is another region later.
    let mut writer = Options::new().buffers(1).create::<Note>(place.0.with_extension("one")).unwrap();
    let path = place.0.with_extension("one");
    writer.write(Note::of(1)).unwrap();
    let running = recorder(&["--seconds", "1", path.to_str().unwrap()], &file);
    writer.write(Note::of(2)).unwrap();
    drop(writer);
    let header = seqcopy_shm::Region::open(&path).unwrap();
    let (at, word) = (header.header().word_offset(), header.version().to_bits());
    let open = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let mut bytes = [0; 8];
    open.read_exact_at(&mut bytes, at).unwrap();
    // Two further: the next write has begun, and the one after it, as far as the count goes.
    let begun = u64::from_ne_bytes(bytes) + 3;
    assert!(word == 2 && begun % 2 == 1, "{word} {begun}");
    open.write_all_at(&begun.to_ne_bytes(), at).unwrap();
    sleep(Duration::from_millis(200));
    fs::remove_file(&path).unwrap();
    let mut other = Options::new().create::<Leg>(&path).unwrap();
    other.write(Leg { joint: 8, angle: 1.5 }).unwrap();
    assert!(running.wait_with_output().unwrap().status.success());
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let lines: Vec<Json> = lines_of(&text);
    let replaced = lines.iter().position(|line| line["event"] == "replaced: Leg").expect("it was left");
    let last = lines[..replaced].iter().filter_map(|line| line["version"].as_u64()).max().unwrap();
    // Two values, and one that was published, by its word, and never could be read.
    assert_eq!(
        (&lines[replaced]["missed"], &lines[replaced + 1]["value"]["joint"]),
        (&json!(3 - last), &json!(8)),
        "{text}"
    );
    other.close().unwrap();
}

/// A region keeps one value fewer than it has buffers: as many are written at once, and none is missed, nor is one that
/// was there before.
#[test]
fn each_value_that_is_still_there_is_recorded() {
    for (buffers, form) in [(1, "jsonl"), (2, "jsonl"), (4, "jsonl"), (8, "csv"), (16, "jsonl")] {
        let (place, mut writer) = Place::with(buffers, Note::of(1));
        writer.write(Note::of(2)).unwrap();
        let file = place.0.with_extension(form);
        let running = recorder(&["--seconds", "2", place.path()], &file);
        // Names of columns, or a schema.
        let lines = || fs::read_to_string(&file).unwrap().lines().count() - 1;
        let (mut last, each) = (2, u64::from(buffers - 1).max(1));
        super::until(lines, |lines| *lines == 1);
        for turn in 1..=6 {
            (0..each).for_each(|at| writer.write(Note::of(last + 1 + at)).unwrap());
            last += each;
            super::until(lines, |lines| *lines as u64 == 1 + turn * each);
        }
        let output = running.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!(": {} recorded, 0 missed", last - 1)), "{buffers}: {said}");
        assert!(!said.contains("buffers"), "{buffers}: {said}");
        let text = fs::read_to_string(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let values: Vec<u64> = match form {
            "csv" => text.split("\r\n").skip(1).filter_map(|line| entries(line).get(5)?.parse().ok()).collect(),
            _ => lines_of(&text).iter().map(|line| line["value"]["at"].as_u64().unwrap()).collect(),
        };
        assert_eq!(values, (2..=last).collect::<Vec<_>>(), "{buffers}");
        writer.close().unwrap();
    }
}

/// One value in each such time, and the newest: what is newer earlier was missed, and is counted.
#[test]
fn every_so_often_one_is_recorded() {
    let (place, mut writer) = Place::with(8, Note::of(1));
    let file = place.0.with_extension("jsonl");
    let running = recorder(&["--seconds", "1", "--every", "300ms", place.path()], &file);
    // So fast that there is always another one: none of them is taken with the one before.
    let began = Instant::now();
    for at in 2.. {
        writer.write(Note::of(at)).unwrap();
        sleep(Duration::from_micros(20));
        if began.elapsed() > Duration::from_millis(1200) {
            break;
        }
    }
    running.wait_with_output().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let rows = lines_of(&text);
    // At 0, 0.3, 0.6 and 0.9 s; on a busy machine later, and so fewer, or one.
    assert!((1..=4).contains(&rows.len()), "{text}");
    for pair in rows.windows(2) {
        let [before, after] = [0, 1].map(|at| pair[at]["version"].as_u64().unwrap());
        assert_eq!(pair[1]["missed"], after - before - 1, "{text}");
        assert!(pair[1]["time"].as_f64().unwrap() - pair[0]["time"].as_f64().unwrap() > 0.29, "{text}");
    }
}

#[test]
fn a_recorder_that_ends_leaves_whole_lines() {
    let (place, mut writer) = Place::with(2, Note::of(1));
    let file = place.0.with_extension("jsonl");
    let name = file.to_str().unwrap();
    // However few of them a recorder sees that hardly runs.
    let mut write_until = |is_enough: &mut dyn FnMut() -> bool| {
        for at in 0.. {
            writer.write(Note::of(at)).unwrap();
            writer.wake();
            sleep(Duration::from_micros(300));
            if at % 32 == 0 && is_enough() {
                break;
            }
        }
    };
    let is_whole = |text: &str| text.lines().all(|line| serde_json::from_str::<Json>(line).is_ok());
    // It was killed.
    let mut running = recorder(&[place.path()], &file);
    write_until(&mut || fs::read_to_string(&file).unwrap().lines().count() > 20);
    running.kill().unwrap();
    running.wait().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let (whole, _last) = text.rsplit_once('\n').unwrap();
    assert!(is_whole(whole) && whole.lines().count() > 10, "{text}");
    // What is there is not written over.
    assert!(refuses(&["record", place.path(), "-o", name]).contains("it exists: remove it"));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    fs::remove_file(&file).unwrap();
    // It has the size that is allowed.
    let mut running = recorder(&["--max-size", "4k", place.path()], &file);
    write_until(&mut || running.try_wait().unwrap().is_some());
    let said = String::from_utf8(running.wait_with_output().unwrap().stdout).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.len() <= 4096 && text.len() > 3700 && is_whole(&text) && text.ends_with('\n'), "{}", text.len());
    assert!(said.contains("has the size that `--max-size` allows"), "{said}");
    assert!(said.contains(&format!("{} recorded", lines_of(&text).len())), "{said}");
    fs::remove_file(&file).unwrap();
    // A file can't become larger, as on a disk that is full: whether or not the signal of that would end the process.
    for ignores in ["trap '' XFSZ; ", ""] {
        let script = format!("{ignores}ulimit -f 8; exec \"$0\" record \"$1\" -o \"$2\"");
        let mut running = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_seqcopy"), place.path(), name])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        write_until(&mut || running.try_wait().unwrap().is_some());
        let output = running.wait_with_output().unwrap();
        let (said, text) = (String::from_utf8(output.stderr).unwrap(), fs::read_to_string(&file).unwrap());
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("cannot write to it, so it ends with its last whole line"), "{said}");
        assert!(is_whole(&text) && text.ends_with('\n') && text.len() > 2000, "{text}");
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn what_can_not_be_recorded_is_named() {
    let map = Place::new();
    let _map = MapWriter::<u32, u32>::create(&map.0, 7).unwrap();
    let file = |ending: &str| format!("{}.{ending}", map.path());
    for (path, ending, why) in [
        (map.path(), "txt", "should end with .jsonl or .csv"),
        (map.path(), "csv", "a map has no columns: record JSON lines"),
        ("/dev/shm/seqcopy-no-such", "csv", "there is no region, so its columns are not known"),
        (map.path(), "jsonl/x.jsonl", "cannot create it"),
    ] {
        assert!(refuses(&["record", path, "-o", &file(ending)]).contains(why), "{path} {ending}");
        assert!(!Path::new(&file(ending)).exists());
    }
    // A map as JSON, whole, at most once in a time.
    let name = file("jsonl");
    shows(&["record", map.path(), "-o", &name, "--seconds", "0.2", "--every", "10ms"]);
    let lines = lines_of(&fs::read_to_string(&name).unwrap());
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&line["generation"], &line["entries"]), (&json!(1), &json!([])));
    fs::remove_file(name).unwrap();
}

/// Each character for which a field is quoted, alone: a line feed ends a record where it is not.
#[test]
fn a_field_is_quoted_for_each_reason() {
    for (text, quoted) in
        [("a\nb", "\"a\nb\""), ("a\rb", "\"a\rb\""), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a b", "a b")]
    {
        let note = Note { text: SeqStr::try_from(text).unwrap(), ..Note::of(1) };
        let (place, writer) = Place::with(2, note);
        let file = place.0.with_extension("csv");
        let mut running = recorder(&["--seconds", "0.3", place.path()], &file);
        running.wait().unwrap();
        let found = fs::read_to_string(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let line = found.split_once("\r\n").unwrap().1;
        assert!(line.contains(&format!(",1,{quoted},3,")), "{text:?}: {line:?}");
        writer.close().unwrap();
    }
}
