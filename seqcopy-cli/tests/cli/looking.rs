//! `list`, `hz`, `plot` and `watch --changes`: what is there, how often it is written, and what is newer in it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::process::Stdio;
use std::thread::sleep;

use seqcopy_shm::MapWriter;
use serde_json::{Value as Json, json};

use super::*;

/// A folder, and in it a value, a slice, a map, the last two damaged, and a slice of a later format.
fn folder() -> (Place, Writer<Pose>) {
    let place = Place::new();
    fs::create_dir(&place.0).unwrap();
    let at = |name: &str| place.0.join(name);
    let mut writer = Writer::<Pose>::create(at("pose")).unwrap();
    writer.write(pose()).unwrap();
    for name in ["slice", "slice-later", "slice-short"] {
        drop(Options::new().capacity(9).create::<[u16]>(at(name)).unwrap());
    }
    for name in ["map", "map-short"] {
        drop(MapWriter::<u32, Leg>::create(at(name), 7).unwrap());
    }
    for name in ["slice-short", "map-short"] {
        let length = fs::metadata(at(name)).unwrap().len();
        fs::OpenOptions::new().write(true).open(at(name)).unwrap().set_len(length - 1).unwrap();
    }
    let later = fs::OpenOptions::new().write(true).open(at("slice-later")).unwrap();
    later.write_all_at(&[0xff; 4], 8).unwrap();
    fs::write(at("notes"), "no region").unwrap();
    (place, writer)
}

/// Seven of eight slots.
#[test]
fn a_list_says_how_many_entries_fit() {
    let place = Place::new();
    fs::create_dir(&place.0).unwrap();
    let map = MapWriter::<u32, u32>::create(place.0.join("map"), 50).unwrap();
    assert_eq!((map.region().header().slots(), map.capacity()), (64, 56));
    let found = shows_json(&["list", "--json", place.path()]);
    assert_eq!(found["regions"][0]["capacity"], 56);
    assert!(shows(&["list", place.path()]).contains("map of 56"));
    assert!(shows(&["show", &format!("{}/map", place.path())]).contains("64, for up to 56 entries"));
}

/// As another user sees them: whose they are, and how many may not be read.
#[test]
fn a_list_tells_regions_of_other_users() {
    use std::os::unix::fs::PermissionsExt;
    if as_another_user(&["list"]).is_none() {
        return;
    }
    let (place, _writer) = folder();
    let of_another = |arguments: &[&str]| String::from_utf8(as_another_user(arguments).unwrap().stdout).unwrap();
    let allow = |name, mode| fs::set_permissions(place.0.join(name), fs::Permissions::from_mode(mode)).unwrap();
    allow("", 0o755);
    assert!(!of_another(&["list", place.path()]).contains("of other users"));
    for (name, ending) in
        [("slice", "1 file of other users may be regions"), ("map", "2 files of other users may be regions")]
    {
        allow(name, 0o600);
        let text = of_another(&["list", place.path()]);
        assert!(text.contains(&format!("\n{ending}: run this command as root to see them\n")), "{text}");
        let own = text.lines().find(|line| line.contains("/pose ")).unwrap();
        assert!(own.contains(" (of user 0) "), "{text}");
    }
    assert!(!shows(&["list", place.path()]).contains("of user"));
    let json: Json = serde_json::from_str(&of_another(&["list", "--json", place.path()])).unwrap();
    let regions = json["regions"].as_array().unwrap();
    let found: Vec<_> = regions.iter().filter(|region| region["verdict"] == "unreadable").collect();
    assert_eq!(found.len(), 2, "{json}");
    assert!(found.iter().all(|region| region["error"].as_str().unwrap().contains("Permission denied")), "{json}");
}

/// Where no folder is named, those of the library: of all, and of the user.
#[test]
fn a_list_has_the_regions_of_all_and_those_of_the_user() {
    let (place, writer) = folder();
    let own = seqcopy_shm::path_for(&format!("listed-{}", std::process::id()));
    drop(seqcopy_shm::Writer::<u16>::create(&own).unwrap());
    let listed = |of_user: &str| {
        let list = Command::new(env!("CARGO_BIN_EXE_seqcopy")).arg("list").env("XDG_RUNTIME_DIR", of_user).output();
        let text = String::from_utf8(list.unwrap().stdout).unwrap();
        [own.to_str().unwrap(), &format!("{}/pose", place.path())].map(|path| text.contains(path))
    };
    let found = [listed(place.path()), listed("/no/such/folder")];
    std::fs::remove_file(&own).unwrap();
    assert_eq!(found, [[true, true], [true, false]]);
    drop(writer);
}

#[test]
fn a_list_has_each_region_and_a_verdict() {
    let (place, writer) = folder();
    let own = std::process::id();
    let found = shows_json(&["list", "--json", place.path()]);
    let name = |region: &Json| region["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let rows: Vec<_> = found["regions"].as_array().unwrap().iter().map(|it| (name(it), it)).collect();
    let names: Vec<_> = rows.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["map", "map-short", "pose", "slice", "slice-later", "slice-short"]);
    for (name, row) in &rows {
        let (kind, capacity, kind_of, state) = match name.as_str() {
            "map" => ("a map from u32 to Leg", json!(7), "map", "gone"),
            "slice" => ("[u16]", json!(9), "slice", "gone"),
            "pose" => ("Pose", Json::Null, "value", "alive"),
            "slice-later" => {
                assert_eq!(row["verdict"], "of another version", "{row}");
                continue;
            }
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
    assert_eq!((text.matches("\n! ").count(), text.matches(": damaged: ").count()), (3, 2), "{text}");
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
    if rustix::process::geteuid().is_root() {
        use std::os::unix::fs::PermissionsExt;
        use std::os::unix::process::CommandExt;
        let of_another = |mode: u32| {
            let hidden = place.0.join("slice");
            fs::set_permissions(&hidden, fs::Permissions::from_mode(mode)).unwrap();
            let seen = ["list", place.path()];
            let output = Command::new(env!("CARGO_BIN_EXE_seqcopy")).args(seen).uid(12345).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let text = of_another(0o600);
        assert_eq!((text.matches(" (of user 0) ").count(), text.matches("/slice ").count()), (3, 0), "{text}");
        let hidden = "1 file of other users may be regions: run this command as root to see them\n";
        assert!(text.ends_with(hidden), "{text}");
        let text = of_another(0o644);
        assert_eq!(text.matches(" (of user 0) ").count(), 4, "{text}");
        assert!(!text.contains("run this command as root"), "{text}");
    } else {
        super::compiler::skipped("`list` of another user: only root can become one");
    }
    assert!(!text.contains("of user") && !text.contains("run this command as root"), "{text}");
    assert!(refuses(&["list", "/no/such/folder"]).contains("`/no/such/folder`: cannot open it"));
    let empty = Place::new();
    fs::create_dir(&empty.0).unwrap();
    assert!(shows(&["list", empty.path()]).starts_with("no region was found: "));
}

/// A list looks twice, and not at once: a writer that sleeps a millisecond after each write has no more than a thousand
/// in a second, and some.
#[test]
fn the_rates_of_a_list_are_of_the_time_between_its_looks() {
    let (place, mut writer) = Place::with(2, pose());
    let folder = place.0.parent().expect("a folder").to_str().unwrap().to_owned();
    let ends = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ends.load(std::sync::atomic::Ordering::Relaxed) {
                writer.write(pose()).unwrap();
                sleep(Duration::from_millis(1));
            }
        });
        let rates = [(); 5].map(|()| {
            let found = shows_json(&["list", "--json", &folder]);
            let regions = found["regions"].as_array().unwrap().clone();
            regions.iter().find(|it| it["path"] == place.path()).and_then(|it| it["writes_per_second"].as_f64())
        });
        ends.store(true, std::sync::atomic::Ordering::Relaxed);
        let rates = rates.map(|rate| rate.expect("the region is listed"));
        assert!(rates.iter().all(|rate| *rate < 1100.0) && rates.iter().any(|rate| *rate > 0.0), "{rates:?}");
    });
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
    assert!(text.contains("! /dev/shm/seqcopy-no-such: cannot open it"), "{text}");
    drop(writer);
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
    let (place, mut writer) = Place::with(2, Pose { at: 1000, position: [500.0, 3.0, -1.0], ..pose() });
    let running = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
        .args(["plot", "--once", "--window", "1", place.path(), "at", "legs[1]", "position"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Over more than the window: the first numbers are left out.
    for at in 1000..1140u32 {
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
    assert!((at[0] - at[2]).abs() < 0.1 && at[1] < at[2] && at[2] < 1140.0 && at[3] > 10.0, "{}", heads[0]);
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
    // Rows of dots: fewer for each where there are more lines. Before them one line, one for each head, and at the end
    // what was told.
    for (count, rows) in [(1, 16), (2, 16), (4, 12), (8, 5), (16, 4)] {
        let text = heads(&all[..count].iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(text.lines().count(), 2 + count * (1 + rows), "{text}");
        assert_eq!(text.lines().next(), Some(&*format!("{}: the last 0.1 s", many.path())));
        assert!(text.ends_with("\n\n"), "nothing was told: {text}");
    }
    // What happened last is told, and drawing goes on.
    let (ends, writer) = Place::with(2, 7u64);
    let running = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
        .args(["plot", "--once", "--window", "1", ends.path()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let opened = || {
        let files = fs::read_dir(format!("/proc/{}/fd", running.id())).into_iter().flatten().flatten();
        files.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|file| file == ends.0)
    };
    until(opened, |is_open| *is_open);
    sleep(Duration::from_millis(200));
    writer.close().unwrap();
    let text = String::from_utf8(running.wait_with_output().unwrap().stdout).unwrap();
    assert!(text.contains("value = 7, from 7 to 7, 1.0 points/s") && text.ends_with("\n! closed\n"), "{text}");
    let (empty, never) = (Place::new(), Place::new());
    let _empty = Writer::<Pose>::create(&empty.0).unwrap();
    assert!(refuses(&["plot", "--once", "--window", "0.1", empty.path()]).contains("no value that can be read yet"));
    assert!(refuses(&["plot", "--once", never.path()]).contains("cannot open it"));
}
