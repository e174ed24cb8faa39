//! `list`, `hz`, `record` and `watch --changes`: what is there, how often it is written, and each newer value of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::process::Stdio;
use std::thread::sleep;

use seqcopy::SeqStr;
use seqcopy_shm::MapWriter;
use serde_json::{Value as Json, json};

use super::*;

/// A folder, and in it a value, a slice, a map, and the last two damaged.
fn folder() -> (Place, Writer<Pose>) {
    let place = Place::new();
    fs::create_dir(&place.0).unwrap();
    let at = |name: &str| place.0.join(name);
    let mut writer = Writer::<Pose>::create(at("pose")).unwrap();
    writer.write(pose()).unwrap();
    for name in ["slice", "slice-short"] {
        drop(Options::new().capacity(9).create::<[u16]>(at(name)).unwrap());
    }
    for name in ["map", "map-short"] {
        drop(MapWriter::<u32, Leg>::create(at(name), 7).unwrap());
    }
    for name in ["slice-short", "map-short"] {
        let length = fs::metadata(at(name)).unwrap().len();
        fs::OpenOptions::new().write(true).open(at(name)).unwrap().set_len(length - 1).unwrap();
    }
    fs::write(at("notes"), "no region").unwrap();
    (place, writer)
}

#[test]
fn a_list_has_each_region_and_a_verdict() {
    let (place, writer) = folder();
    let own = std::process::id();
    let found = shows_json(&["list", "--json", place.path()]);
    let name = |region: &Json| region["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let rows: Vec<_> = found["regions"].as_array().unwrap().iter().map(|it| (name(it), it)).collect();
    let names: Vec<_> = rows.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["map", "map-short", "pose", "slice", "slice-short"]);
    for (name, row) in &rows {
        let (kind, capacity, kind_of, state) = match name.as_str() {
            "map" => ("a map from u32 to Leg", json!(7), "map", "gone"),
            "slice" => ("[u16]", json!(9), "slice", "gone"),
            "pose" => ("Pose", Json::Null, "value", "alive"),
            _ => {
                assert_eq!(row["verdict"], "damaged", "{row}");
                assert!(row["error"].as_str().unwrap().contains("truncated") && row["type"].is_null(), "{row}");
                continue;
            }
        };
        assert_eq!((&row["type"], &row["capacity"]), (&json!(kind), &capacity), "{row}");
        assert_eq!((&row["kind"], &row["writer"]["state"]), (&json!(kind_of), &json!(state)), "{row}");
        assert_eq!(row["writes_per_second"], 0.0, "{row}");
        assert_eq!(row["size"].as_u64(), Some(fs::metadata(place.0.join(name)).unwrap().len()), "{row}");
    }
    assert_eq!((&rows[2].1["writer"]["pid"], &rows[2].1["version"]), (&json!(own), &json!(1)));
    let comm = fs::read_to_string(format!("/proc/{own}/comm")).unwrap();
    assert_eq!(rows[2].1["writer"]["program"], comm.trim_end());

    let text = shows(&["list", place.path()]);
    let lines: Vec<_> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines[0], ["REGION", "TYPE", "KIND", "WRITER", "VERSION", "WRITES/S", "BYTES"]);
    assert_eq!(lines[2][1..4], ["Pose", "value", &own.to_string()]);
    assert_eq!((text.matches("\n! ").count(), text.matches(": damaged: ").count()), (2, 2), "{text}");
    assert!(!text.contains("notes"), "{text}");

    // By a name alone, and by what this process has mapped.
    assert!(refuses(&["show", "seqcopy-no-such-name"]).contains("/dev/shm/seqcopy-no-such-name"));
    let memfd = Options::new().create_memfd::<[u8; 777]>("cli").unwrap();
    let is_in = |words: &[&str]| shows(words).contains("[u8; 777]");
    assert!(!is_in(&["list", place.path()]) && is_in(&["list", "--all", place.path()]));
    // Once, though it is mapped: other tests have no such type.
    let _once = Writer::<[u8; 778]>::create(place.0.join("once")).unwrap();
    let all = shows(&["list", "--all", place.path()]);
    assert_eq!((all.matches("/once ").count(), all.matches("[u8; 778]").count()), (1, 1), "{all}");
    drop((writer, memfd));
    assert!(refuses(&["list", "/no/such/folder"]).contains("`/no/such/folder`: cannot open it"));
    let empty = Place::new();
    fs::create_dir(&empty.0).unwrap();
    assert!(shows(&["list", empty.path()]).starts_with("no region was found: "));
}

/// Counts are those of the versions, so exact: the writer of the test knows them.
#[test]
fn rates_are_those_of_the_versions() {
    // With pauses after each; none; and after each but every third, so that some intervals are seen.
    for (count, pause, pairs) in [(10u32, 20, 1), (50_000, 0, 1), (30, 20, 3)] {
        let pause = Duration::from_millis(pause);
        let (place, mut writer) = Place::with(2, pose());
        let running = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
            .args(["hz", "--json", "--seconds", "2", place.path()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(700));
        for at in 0..count {
            writer.write(Pose { at: at.into(), ..pose() }).unwrap();
            if pairs == 1 || at % pairs != 0 {
                sleep(pause);
            }
        }
        let output = running.wait_with_output().unwrap();
        let found: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["writes"], count, "{found}");
        let (seconds, missed) = (found["seconds"].as_f64().unwrap(), found["missed"].as_u64().unwrap());
        let near = |found: &Json, wanted: f64| (found.as_f64().unwrap() / wanted - 1.0).abs() < 1e-9;
        assert!(near(&found["writes_per_second"], f64::from(count) / seconds), "{found}");
        let size = f64::from(u32::try_from(size_of::<Pose>()).unwrap());
        assert!(near(&found["bytes_per_second"], f64::from(count) / seconds * size), "{found}");
        #[allow(clippy::cast_precision_loss)] // small numbers
        let share = 1.0 - missed as f64 / f64::from(count);
        assert!(near(&found["seen_share"], share), "{found}");
        // Intervals are those between all values, or are not given.
        let mean = found["interval_seconds"]["mean"].as_f64();
        assert_eq!(mean.is_some(), missed == 0, "{found}");
        assert!(mean.is_none_or(|mean| mean >= pause.as_secs_f64() * 0.8), "{found}");
        assert!(count == 10 || missed > 0, "{found}");
        let order = ["p50", "p99", "largest"].map(|name| found["interval_seconds"][name].as_f64());
        assert!(order.is_sorted(), "{found}");
    }
    let (place, writer) = Place::with(2, pose());
    let text = shows(&["hz", "--seconds", "0.1", place.path(), "/dev/shm/seqcopy-no-such"]);
    assert!(text.contains(&format!("{}  0.0       0.0      -     0       -     -    -    -", place.path())), "{text}");
    assert!(text.contains("! /dev/shm/seqcopy-no-such: `/dev/shm/seqcopy-no-such`: cannot open it"), "{text}");
    drop(writer);
}

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
        for at in 2..=1000 {
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
            for line in text.lines() {
                let line: Json = serde_json::from_str(line).unwrap();
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
        drop(other);
    }
}

/// All that was not seen of a region that another replaces is counted; and one whose newest value can't be read is left all the same.
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
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
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
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
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

#[test]
fn a_recorder_that_ends_leaves_whole_lines() {
    let (place, mut writer) = Place::with(2, Note::of(1));
    let file = place.0.with_extension("jsonl");
    let name = file.to_str().unwrap();
    let mut write = |count: u64| {
        for at in 0..count {
            writer.write(Note::of(at)).unwrap();
            writer.wake();
            sleep(Duration::from_micros(300));
        }
    };
    let is_whole = |text: &str| text.lines().all(|line| serde_json::from_str::<Json>(line).is_ok());
    // It was killed.
    let mut running = recorder(&[place.path()], &file);
    write(300);
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
    let running = recorder(&["--max-size", "3k", place.path()], &file);
    write(100);
    let said = String::from_utf8(running.wait_with_output().unwrap().stdout).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.len() <= 3072 && text.len() > 2700 && is_whole(&text) && text.ends_with('\n'), "{}", text.len());
    assert!(said.contains("has the size that `--max-size` allows"), "{said}");
    assert!(said.contains(&format!("{} recorded", text.lines().count())), "{said}");
    fs::remove_file(&file).unwrap();
    // A file can't become larger, as on a disk that is full.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" record \"$1\" -o \"$2\"";
    let running = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_seqcopy"), place.path(), name])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    super::until(|| file.exists(), |is_there| *is_there);
    write(300);
    let output = running.wait_with_output().unwrap();
    let (said, text) = (String::from_utf8(output.stderr).unwrap(), fs::read_to_string(&file).unwrap());
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write to it, so it ends with its last whole line"), "{said}");
    assert!(is_whole(&text) && text.ends_with('\n') && text.len() > 2000, "{text}");
    fs::remove_file(&file).unwrap();
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
    let line: Json = serde_json::from_str(fs::read_to_string(&name).unwrap().trim_end()).unwrap();
    assert_eq!((&line["generation"], &line["entries"]), (&json!(1), &json!([])));
    fs::remove_file(name).unwrap();
}

#[test]
fn changes_alone_are_watched() {
    let (place, mut writer) = Place::with(2, pose());
    let mut running = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
        .args(["watch", "--changes", "--json", "--interval", "5000", "--seconds", "20", place.path()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Json>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!((next()["version"].as_u64(), 1), (Some(1), 1));
    let began = Instant::now();
    for at in 2..20u64 {
        // Woken, and so long before the next look.
        let count = if at % 5 == 0 { 3 } else { 1 };
        (0..count).for_each(|_| writer.write(Pose { at, ..pose() }).unwrap());
        sleep(Duration::from_millis(2));
        writer.wake();
        let line = next();
        assert_eq!((&line["value"]["at"], &line["missed"]), (&json!(at), &json!(count - 1)), "{line}");
        assert!(line["time"].as_f64().unwrap() > 1.7e9);
    }
    assert!(began.elapsed() < Duration::from_secs(4));
    running.kill().unwrap();
    running.wait().unwrap();
    // Without changes: one line, and it ends by itself.
    let text = shows(&["watch", "--changes", "--json", "--interval", "10", "--seconds", "0.3", place.path()]);
    assert_eq!(text.lines().count(), 1, "{text}");
}

/// What stands beside the dots is exact, and the dots rise where the numbers do.
#[test]
fn a_plot_shows_the_numbers_of_its_fields() {
    let (place, mut writer) = Place::with(2, Pose { position: [3.5, 3.0, -1.0], ..pose() });
    let running = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
        .args(["plot", "--once", "--window", "1", place.path(), "at", "legs[1]", "position"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Over more than the window: the first numbers are left out.
    for at in 0..140u32 {
        writer.write(Pose { at: at.into(), position: [f64::from(at) * 0.5, 3.0, -1.0], ..pose() }).unwrap();
        sleep(Duration::from_millis(10));
    }
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let heads: Vec<_> = text.lines().filter(|line| line.contains(" points/s")).collect();
    let names: Vec<_> = heads.iter().map(|head| head.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["at", "position[0]", "position[1]", "position[2]", "legs[1].joint", "legs[1].angle"], "{text}");
    let numbers = |head: &str| -> Vec<f64> { head.split([' ', ',']).filter_map(|word| word.parse().ok()).collect() };
    let at = numbers(heads[0]);
    // The last, the least, the largest, and how many there were in a second.
    assert!((at[0] - at[2]).abs() < 0.1 && at[1] < at[2] && at[2] < 140.0 && at[3] > 10.0, "{}", heads[0]);
    assert_eq!(numbers(heads[1])[..2], [at[0] * 0.5, at[1] * 0.5], "{text}");
    assert_eq!(numbers(heads[2])[..3], [3.0; 3], "{text}");
    // The dots of a number that rises: from the lowest line on the left to the highest on the right.
    let rows: Vec<_> = text.lines().skip(2).take_while(|line| !line.contains("points/s")).collect();
    let first_dot = |row: &&str| row.chars().position(|dots| dots != '\u{2800}').unwrap();
    assert!(rows.len() >= 4 && rows.iter().map(first_dot).is_sorted_by(|above, below| above > below), "{text}");

    let said = refuses(&["plot", "--once", place.path(), "at", "nope"]);
    assert!(said.contains("there is no field `nope`: there are moving, at, position[0], "), "{said}");
    let map = Place::new();
    let mut writer = MapWriter::<u32, Leg>::create(&map.0, 7).unwrap();
    writer.insert(4, Leg { joint: 3, angle: 0.5 }).unwrap();
    assert!(refuses(&["plot", "--once", map.path()]).contains("name an entry by `--key KEY`"));
    let text = shows(&["plot", "--once", "--window", "0.1", map.path(), "--key", "4", "angle"]);
    assert!(text.contains("angle = 0.5, from 0.5 to 0.5, "), "{text}");
    // As many lines as a screen has space for, of more fields.
    let (many, _writer) = Place::with(2, [0.5f64; 20]);
    let heads = |words: &[&str]| shows(&[&["plot", "--once", "--window", "0.1", many.path()], words].concat());
    assert_eq!(heads(&["[3]", "[17]"]).matches(" points/s").count(), 2);
    let all: Vec<String> = (0..20).map(|at| format!("[{at}]")).collect();
    assert_eq!(heads(&all.iter().map(String::as_str).collect::<Vec<_>>()).matches(" points/s").count(), 16);
    assert_eq!(heads(&[]).matches(" points/s").count(), 4);
    let (empty, never) = (Place::new(), Place::new());
    let _empty = Writer::<Pose>::create(&empty.0).unwrap();
    assert!(refuses(&["plot", "--once", "--window", "0.1", empty.path()]).contains("no value that can be read yet"));
    assert!(refuses(&["plot", "--once", never.path()]).contains("cannot open it"));
}
