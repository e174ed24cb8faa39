//! `replay`: what was recorded is written again, in order, at its time, and nothing else is.

use std::collections::HashMap;
use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;

use seqcopy::SeqStr;
use seqcopy_shm::{MapReader, MapWriter, Reader, Region};
use seqcopy_tests::oracle::Rng;
use seqcopy_tests::random_types::{regions, thousand};
use serde_json::{Value as Json, json};

use super::*;

fn lines(file: &Path) -> Vec<Json> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.split_inclusive('\n').filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Starts a recorder, and waits until it has a line.
fn recorder(words: &[&str], file: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seqcopy"));
    command.arg("record").args(words).arg("-o").arg(file).stdout(Stdio::null()).stderr(Stdio::piped());
    let running = command.spawn().unwrap();
    until(|| lines(file).len(), |lines| *lines > 0);
    running
}

fn remove(files: [PathBuf; 2]) {
    for file in files {
        fs::remove_file(file).unwrap();
    }
}

fn end(running: Child) {
    let output = running.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// The values, entries and changes of a recording, in order, by the names of its regions.
fn content(file: &Path) -> HashMap<String, Vec<Json>> {
    let mut all: HashMap<String, Vec<Json>> = HashMap::new();
    for line in lines(file) {
        let name = Path::new(line["path"].as_str().unwrap()).file_name().unwrap().to_str().unwrap();
        // Generations count what was not recorded, too.
        let plain = |list: &Json| -> Json {
            let one = |entry: &Json| json!([entry["key"], entry["value"]]);
            list.as_array().map_or(Json::Null, |list| list.iter().map(one).collect())
        };
        if let Some(value) = line.get("value") {
            all.entry(name.to_owned()).or_default().push(json!([line["key"], value]));
        } else if line.get("entries").is_some() {
            all.entry(name.to_owned()).or_default().push(plain(&line["entries"]));
        }
    }
    all
}

#[test]
fn a_thousand_types_come_back() {
    let mut rng = Rng::new(110);
    let mut count = 0;
    for part in thousand().chunks(250) {
        let (place, again) = (Place::new(), Place::new());
        for folder in [&place, &again] {
            fs::create_dir(&folder.0).unwrap();
        }
        let paths = regions(&place.0, part, &mut rng);
        let [first, second] = [&place, &again].map(|place| place.0.with_extension("jsonl"));
        let record = |paths: &[String], file: &Path| {
            let mut words: Vec<&str> = paths.iter().map(String::as_str).collect();
            words.extend(["--seconds", "0.5"]);
            end(recorder(&words, file));
        };
        record(&paths, &first);
        let to = format!("{}/", again.path());
        let said = shows(&["replay", first.to_str().unwrap(), "--to", &to, "--speed", "inf"]);
        assert_eq!(said.matches(": 1 replayed into ").count(), paths.len(), "{said}");
        let copies: Vec<String> = paths.iter().map(|path| path.replace(place.path(), again.path())).collect();
        record(&copies, &second);
        let (before, after) = (content(&first), content(&second));
        assert_eq!(before.len(), paths.len());
        for (name, values) in &before {
            assert_eq!(after.get(name), Some(values), "type {name}");
        }
        count += paths.len();
        remove([first, second]);
    }
    assert!(count > 800, "{count} types");
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Note {
    at: u64,
    text: SeqStr<12>,
    leg: Leg,
    pose: Pose,
    last: f64,
}

fn note(at: u64) -> Note {
    let last = [0.1, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE][usize::try_from(at).unwrap() % 4];
    let text = SeqStr::try_from(format!("{at}\t\u{e9}").as_str()).unwrap();
    Note { at, text, leg: Leg { joint: 3, angle: 0.1 }, pose: pose(), last }
}

/// In order and at their times, with the end of one region and another type after it.
#[test]
fn what_happened_happens_again() {
    let (place, mut writer) = Place::with(64, note(1));
    let copy = Place::new();
    let [first, second] = [&place, &copy].map(|place| place.0.with_extension("jsonl"));
    let running = recorder(&["--seconds", "3", place.path()], &first);
    // Time for the second recorder to begin.
    sleep(Duration::from_millis(500));
    for at in 2..=60 {
        writer.write(note(at)).unwrap();
        sleep(Duration::from_millis(10));
    }
    writer.close().unwrap();
    until(|| lines(&first), |lines| lines.iter().any(|line| line["event"] == "closed"));
    let mut writer = Options::new().buffers(32).create::<Leg>(&place.0).unwrap();
    until(|| lines(&first), |lines| lines.iter().any(|line| line["event"] == "replaced: Leg"));
    // So that the second recorder has opened it as well, before it has values.
    sleep(Duration::from_millis(300));
    for joint in 1..=5 {
        writer.write(Leg { joint, angle: -0.0 }).unwrap();
    }
    end(running);
    let began = Instant::now();
    let replaying = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
        .args(["replay", first.to_str().unwrap(), "--to", copy.path()])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let running = recorder(&["--seconds", "3", copy.path()], &second);
    assert!(replaying.wait_with_output().unwrap().status.success());
    let took = began.elapsed();
    assert!(took > Duration::from_millis(1050), "half a second, and 58 times 10 ms: {took:?}");
    end(running);
    let of = |file: &Path| content(file).into_values().next().unwrap();
    let (before, after) = (of(&first), of(&second));
    assert_eq!(before.len(), 65);
    // But for the first one, if that was written before the second recorder began.
    assert!(after.len() >= 64 && before.ends_with(&after), "{after:?}");
    // The last region is there as any whose writer has ended, with the sizes that it had.
    let region = Region::open(&copy.0).unwrap();
    assert_eq!(region.header().buffers(), 32);
    assert_eq!(Reader::<Leg>::open(&copy.0).unwrap().read().unwrap().joint, 5);
    // Faster takes less time, and what the first replay has left is replaced.
    let began = Instant::now();
    shows(&["replay", first.to_str().unwrap(), "--to", copy.path(), "--speed", "4"]);
    assert!(began.elapsed() < took, "{:?} at four times the speed of {took:?}", began.elapsed());
    // A region that another program made is not replaced, whether that program still writes it or has ended.
    let said = refuses(&["replay", first.to_str().unwrap()]);
    assert!(said.contains(": `--to` writes another region"), "{said}");
    drop(writer);
    let said = refuses(&["replay", first.to_str().unwrap()]);
    assert!(said.contains("holds another type") && said.contains(": `--to` writes another region"), "{said}");
    remove([first, second]);
}

/// A line has what changed since the line before, and from time to time there is a whole one: all of them together are
/// the content of the map at each line.
#[test]
fn a_map_is_recorded_by_its_changes() {
    let (place, copy) = (Place::new(), Place::new());
    let mut map = MapWriter::<u32, SeqStr<12>>::create(&place.0, 200).unwrap();
    let text = |number: u32| SeqStr::try_from(format!("v{number}").as_str()).unwrap();
    map.commit(|batch| {
        for key in 0..100 {
            batch.insert(key, text(key)).unwrap();
        }
    })
    .unwrap();
    let [first, second] = [&place, &copy].map(|place| place.0.with_extension("jsonl"));
    let running = recorder(&["--seconds", "2", place.path()], &first);
    until(|| lines(&first).len(), |lines| *lines == 2);
    let mut wanted: Vec<std::collections::BTreeMap<u32, String>> = Vec::new();
    let mut now: std::collections::BTreeMap<u32, String> = (0..100).map(|key| (key, format!("v{key}"))).collect();
    wanted.push(now.clone());
    for turn in 0..60u32 {
        let (set, gone) = (turn * 7 % 120, turn * 11 % 130);
        map.commit(|batch| {
            batch.insert(set, text(turn)).unwrap();
            batch.remove(&gone).unwrap();
        })
        .unwrap();
        now.insert(set, format!("v{turn}"));
        now.remove(&gone);
        wanted.push(now.clone());
        let count = lines(&first).len();
        until(|| lines(&first).len(), |lines| *lines > count.min(turn as usize + 2));
    }
    end(running);
    // The lines, put together by the rule of the page.
    let rebuilt = |file: &Path| {
        let mut states = Vec::new();
        let mut now = std::collections::BTreeMap::new();
        let (mut whole, mut changes) = (0, 0);
        for line in lines(file) {
            let entries = |name: &str| line[name].as_array().cloned();
            let pair = |entry: &Json| {
                let key = u32::try_from(entry["key"].as_u64().unwrap()).unwrap();
                (key, entry["value"].as_str().unwrap().to_owned())
            };
            if let Some(entries) = entries("entries") {
                now = entries.iter().map(pair).collect();
                whole += 1;
            } else if let Some(set) = entries("changes") {
                now.extend(set.iter().map(pair));
                for gone in entries("gone").unwrap() {
                    now.remove(&u32::try_from(gone.as_u64().unwrap()).unwrap());
                }
                changes += 1;
            } else {
                continue;
            }
            states.push(now.clone());
        }
        (states, whole, changes)
    };
    let (states, whole, changes) = rebuilt(&first);
    assert_eq!(states, wanted);
    assert!((2..20).contains(&whole) && changes > 40, "{whole} whole, {changes} with changes");
    // A smaller map of this type, which an earlier replay has left, is replaced.
    let (small, of_small) = (Place::new(), copy.0.with_extension("small.jsonl"));
    let mut few = MapWriter::<u32, SeqStr<12>>::create(&small.0, 7).unwrap();
    few.insert(1, text(1)).unwrap();
    end(recorder(&["--seconds", "0.2", small.path()], &of_small));
    shows(&["replay", of_small.to_str().unwrap(), "--to", copy.path()]);
    fs::remove_file(of_small).unwrap();
    // Written again.
    let running = {
        let words = ["replay", first.to_str().unwrap(), "--to", copy.path()];
        Command::new(env!("CARGO_BIN_EXE_seqcopy")).args(words).stdout(Stdio::null()).spawn().unwrap()
    };
    let recording = recorder(&["--seconds", "2.5", copy.path()], &second);
    assert!(running.wait_with_output().unwrap().status.success());
    end(recording);
    let (again, ..) = rebuilt(&second);
    assert_eq!(again.last(), wanted.last());
    let (slots, copied) = (map.region().header().slots(), Region::open_any(&copy.0).unwrap().header().slots());
    assert_eq!(slots, copied);
    // The second recorder may find the smaller map, or the new one while it is empty.
    let earlier = [std::collections::BTreeMap::new(), [(1, "v1".to_owned())].into()];
    assert!(again.iter().all(|state| earlier.contains(state) || wanted.contains(state)));
    remove([first, second]);
}

/// One entry of a map, with its end, and as CSV.
#[test]
fn one_entry_of_a_map_is_recorded() {
    let (place, copy) = (Place::new(), Place::new());
    let mut map = MapWriter::<u32, Leg>::create(&place.0, 10).unwrap();
    map.insert(1, Leg { joint: 10, angle: 0.5 }).unwrap();
    let [file, csv] = ["jsonl", "csv"].map(|ending| place.0.with_extension(ending));
    let words = ["--seconds", "1.5", "--key", "7", place.path()];
    let (running, of_csv) = (recorder(&words, &file), recorder_of_csv(&words, &csv));
    // The schema, and that there is no entry.
    let mut shown = 2;
    until(|| lines(&file).len(), |lines| *lines == shown);
    let mut wait = || {
        shown += 1;
        until(|| lines(&file).len(), |lines| *lines >= shown)
    };
    for joint in 1..=3 {
        map.insert(7, Leg { joint, angle: 0.5 }).unwrap();
        // Another entry is not recorded.
        map.insert(1, Leg { joint, angle: 0.5 }).unwrap();
        wait();
    }
    map.remove(&7).unwrap();
    wait();
    end(running);
    of_csv.wait_with_output().unwrap();
    let all = lines(&file);
    let events: Vec<&Json> = all.iter().map(|line| &line["event"]).collect();
    assert_eq!(
        events,
        [&json!("schema"), &json!("no entry"), &Json::Null, &Json::Null, &Json::Null, &json!("no entry")]
    );
    let joints: Vec<&Json> =
        all.iter().filter(|line| line.get("value").is_some()).map(|it| &it["value"]["joint"]).collect();
    assert_eq!(joints, [1, 2, 3]);
    assert!(all.iter().all(|line| line["key"] == 7 || line["event"] == "schema"), "{all:?}");
    let text = fs::read_to_string(&csv).unwrap();
    let head = text.split("\r\n").next().unwrap();
    assert_eq!(head, "time,path,version,missed,event,joint,angle");
    assert!(text.contains(",no entry,,\r\n") && text.contains(",,,3,0.5\r\n"), "{text}");

    // The lines up to the value, and then the one with its end.
    let before: String = fs::read_to_string(&file).unwrap().split_inclusive('\n').take(5).collect();
    fs::write(&csv, before).unwrap();
    // After the schema, and that there is no entry.
    let part = csv.with_extension("part");
    fs::rename(&csv, &part).unwrap();
    shows(&["replay", part.to_str().unwrap(), "--to", copy.path()]);
    let reader = MapReader::<u32, Leg>::open(&copy.0).unwrap();
    assert_eq!((reader.get(&7).unwrap().map(|leg| leg.joint), reader.view().len().unwrap()), (Some(3), 1));
    shows(&["replay", file.to_str().unwrap(), "--to", copy.path(), "--speed", "inf"]);
    assert_eq!((reader.get(&7).unwrap().map(|leg| leg.joint), reader.view().len().unwrap()), (None, 0));
    remove([file, part]);
}

/// Generations begin again in another map, so the entry there may have the same one.
#[test]
fn an_entry_of_the_next_map_is_recorded() {
    let place = Place::new();
    let file = place.0.with_extension("jsonl");
    let joints = || -> Vec<Json> {
        let values = lines(&file).into_iter().filter(|line| line.get("value").is_some());
        values.map(|line| line["value"]["joint"].clone()).collect()
    };
    let mut running = None;
    for joint in 1..=3 {
        let mut map = MapWriter::<u32, Leg>::create(&place.0, 10).unwrap();
        map.insert(7, Leg { joint, angle: 0.5 }).unwrap();
        running.get_or_insert_with(|| recorder(&["--seconds", "2", "--key", "7", place.path()], &file));
        until(joints, |joints| joints.last() == Some(&json!(joint)));
        map.close().unwrap();
    }
    end(running.unwrap());
    assert_eq!(joints(), [1, 2, 3]);
    fs::remove_file(&file).unwrap();
}

fn recorder_of_csv(words: &[&str], file: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seqcopy"));
    let running = command.arg("record").args(words).arg("-o").arg(file).stdout(Stdio::null()).spawn().unwrap();
    until(|| fs::read_to_string(file).unwrap_or_default(), |text| text.contains("no entry"));
    running
}

#[test]
fn what_can_not_be_replayed_is_named() {
    let (place, _writer) = Place::with(2, Leg { joint: 1, angle: 0.5 });
    let (file, copy) = (place.0.with_extension("jsonl"), Place::new());
    shows(&["record", place.path(), "-o", file.to_str().unwrap(), "--seconds", "0.1"]);
    let whole = fs::read_to_string(&file).unwrap();
    let [schema, value] = [0, 1].map(|at| whole.split_inclusive('\n').nth(at).unwrap());
    let other = value.replace(place.path(), "/dev/shm/other");
    let wrong = value.replace("\"joint\":1", "\"joint\":256");
    let short = &value[..value.len() - 1];
    let cases = [
        (value.to_owned(), "line 1: no line before it has the schema of this region"),
        (schema.replace("\"schema\":\"", "\"schema\":\"00"), "line 1: its `schema`: "),
        (format!("{schema}x\n"), "line 2: no JSON: "),
        (format!("{schema}{{}}\n"), "line 2: no line of a recording: it has no `time` or no `path`"),
        (format!("{schema}{value}{other}"), "line 3: it is of another region, `/dev/shm/other`, and `--to` names one"),
        (format!("{schema}{wrong}{value}{wrong}"), "line 2 was left out, 2 in all: `joint`: expected a whole number"),
    ];
    for (text, why) in cases {
        fs::write(&file, &text).unwrap();
        let output = seqcopy(&["replay", file.to_str().unwrap(), "--to", copy.path()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains(why), "{said}");
    }
    assert_eq!(Reader::<Leg>::open(&copy.0).unwrap().read().unwrap().joint, 1);
    // Of a recorder that was killed.
    fs::write(&file, format!("{schema}{value}{short}")).unwrap();
    let said = shows(&["replay", file.to_str().unwrap(), "--to", copy.path()]);
    assert!(said.contains(": 1 replayed into ") && said.contains("Line 3 is not complete"), "{said}");
    fs::remove_file(&file).unwrap();
    // A region of another type.
    let (other, _) = Place::with(2, 1u64);
    fs::write(&file, &whole).unwrap();
    let said = refuses(&["replay", file.to_str().unwrap(), "--to", other.path()]);
    assert!(said.contains("`--to` writes another region"), "{said}");
    fs::remove_file(&file).unwrap();
    assert!(refuses(&["replay", file.to_str().unwrap()]).contains("cannot open it"));
    let csv = file.with_extension("csv");
    assert!(refuses(&["replay", csv.to_str().unwrap()]).contains("CSV has no types: record JSON lines"));
}
