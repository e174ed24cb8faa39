//! `seqcopy watch` on regions that change, close and are replaced.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use seqcopy_shm::MapWriter;
use serde_json::{Value as Json, json};

use super::*;

fn watch(arguments: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seqcopy"));
    let mut child = command.arg("watch").args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

#[track_caller]
fn line(out: &mut BufReader<ChildStdout>) -> Json {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
}

/// Reads lines until one is as wanted.
#[track_caller]
fn until(out: &mut BufReader<ChildStdout>, wanted: impl Fn(&Json) -> bool) -> Json {
    (0..1000).map(|_| line(out)).find(|json| wanted(json)).expect("one of a thousand lines")
}

#[test]
fn it_ends_after_a_number_of_reads() {
    let (place, _writer) = Place::with(2, pose());
    let text = shows(&["watch", "--count", "3", "--interval", "10", place.path()]);
    // Rate and age of the value that the first read finds are not known.
    assert_eq!(
        (text.matches("value 1\n").count(), text.matches("value 1, 0.0 writes/s, unchanged for").count()),
        (1, 2),
        "{text}"
    );
    assert!(text.contains("Pose, a latch of 2, writer alive"), "{text}");
    assert!(text.contains("  moving    bool            true\n"), "{text}");
    assert!(!text.contains('\x1b') && !text.contains("\n* "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn changes_are_marked() {
    let (place, mut writer) = Place::with(2, pose());
    let (mut child, mut out) = watch(&["--interval", "10", place.path()]);
    let mut at = 7;
    let marked = (0..100_000).any(|_| {
        at += 1;
        writer.write(Pose { at, ..pose() }).unwrap();
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        line.starts_with("* at ")
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(marked);
}

#[test]
fn a_line_of_json_for_each_read() {
    let (place, mut writer) = Place::with(2, pose());
    let (mut child, mut out) = watch(&["--json", "--interval", "10", place.path()]);
    let first = line(&mut out);
    assert_eq!((&first["version"], &first["writes_per_second"]), (&json!(1), &json!(null)));
    assert_eq!(first["unchanged_seconds"], json!(null));
    assert_eq!((&first["changed"], &first["value"]["at"]), (&json!([]), &json!(7)));

    let mut next = pose();
    next.at = 8;
    next.legs[0].joint = 5;
    writer.write(next).unwrap();
    let changed = until(&mut out, |json| json["version"] == 2);
    assert_eq!(changed["changed"], json!(["at", "legs[0]"]));
    assert!(changed["writes_per_second"].as_f64().unwrap() > 0.0);

    // The last value stays when its writer goes.
    drop(writer);
    let gone = until(&mut out, |json| json["writer"]["state"] == "gone");
    assert_eq!((&gone["value"]["at"], &gone["changed"]), (&json!(8), &json!([])));

    // The next region of that name is found.
    std::fs::remove_file(&place.0).unwrap();
    let mut writer = Writer::create(&place.0).unwrap();
    writer.write(Pose { at: 100, ..pose() }).unwrap();
    until(&mut out, |json| json["value"]["at"] == 100);

    writer.close().unwrap();
    let closed = until(&mut out, |json| !json["trouble"].is_null());
    assert!(closed["trouble"].as_str().unwrap().contains("closed"), "{closed}");
    assert_eq!(closed["value"]["at"], 100);

    // And a map of that name.
    let mut map = seqcopy_shm::MapWriter::<u8, u8>::create(&place.0, 7).unwrap();
    map.insert(1, 2).unwrap();
    let entries = until(&mut out, |json| json["generation"] == 2);
    assert_eq!((&entries["entries"][0]["value"], &entries["value"]), (&json!(2), &json!(null)));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn before_the_first_value() {
    let place = Place::new();
    let _writer = Writer::<Pose>::create(&place.0).unwrap();
    let text = shows(&["watch", "--count", "1", place.path()]);
    assert!(text.contains("! no value has been written yet"), "{text}");
    let json = shows_json(&["watch", "--count", "1", "--json", place.path()]);
    assert_eq!((&json["version"], &json["value"]), (&json!(0), &json!(null)));
}

#[test]
fn a_region_that_was_removed_says_so() {
    let (place, _writer) = Place::with(2, pose());
    let (mut child, mut out) = watch(&["--json", "--interval", "10", place.path()]);
    assert_eq!(line(&mut out)["removed"], json!(null));
    std::fs::remove_file(&place.0).unwrap();
    let removed = until(&mut out, |json| !json["removed"].is_null());
    assert!(
        removed["removed"].as_str().unwrap().contains("the writer has not created it yet, or it was removed"),
        "{removed}"
    );
    assert_eq!((&removed["writer"]["state"], &removed["value"]["at"]), (&json!("alive"), &json!(7)));
    // The file that lies there now is not a region.
    std::fs::write(&place.0, [1; 4096]).unwrap();
    until(&mut out, |json| json["removed"].as_str().is_some_and(|why| why.contains("not a seqcopy region")));
    child.kill().unwrap();
    child.wait().unwrap();
    // For people as well, beside the value that was there.
    let (place, _writer) = Place::with(2, pose());
    let (mut child, out) = watch(&["--interval", "10", place.path()]);
    let mut lines = out.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("  moving ")));
    std::fs::remove_file(&place.0).unwrap();
    // Ten seconds, where nothing else is to be done.
    assert!(lines.by_ref().take(20_000).any(|line| line.starts_with("! the region was removed: ")));
    assert!(lines.any(|line| line.starts_with("  moving ")));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_unfinished_first_write_is_not_version_0() {
    use std::os::unix::fs::FileExt;
    let (place, writer) = Place::with(1, pose());
    let word = writer.region().header().word_offset();
    let file = std::fs::File::options().write(true).open(&place.0).unwrap();
    file.write_all_at(&3u64.to_ne_bytes(), word).unwrap();
    let text = shows(&["watch", "--count", "1", place.path()]);
    assert!(text.contains("no value read, 1 published") && !text.contains("value 0"), "{text}");
    let json = shows_json(&["watch", "--count", "1", "--json", place.path()]);
    assert_eq!((&json["version"], &json["published"], &json["value"]), (&json!(null), &json!(1), &json!(null)));
}

/// Nothing is known of a region whose file became empty.
#[test]
fn a_region_that_loses_its_file_has_no_number_of_values() {
    let place = Place::new();
    let writer = Writer::<Pose>::create(&place.0).unwrap();
    let (mut child, mut out) = watch(&["--interval", "20", place.path()]);
    let until = |out: &mut BufReader<ChildStdout>, what: &str| {
        let (mut line, mut lines) = (String::new(), 0);
        while !line.contains(what) {
            line.clear();
            lines += 1;
            assert!(lines < 1000, "not in {lines} lines: {what:?}");
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "the command ended before it said {what:?}");
        }
    };
    until(&mut out, "no value read, 0 published");
    // It would write to its pages as it ends.
    drop(writer);
    std::fs::File::options().write(true).open(&place.0).unwrap().set_len(0).unwrap();
    until(&mut out, "no value read, an unknown number published");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Truncated and filled by its owner, again and again: an error or a value, and never a signal.
#[test]
fn a_region_that_is_truncated_while_it_is_read() {
    use std::os::unix::fs::FileExt;
    let (place, writer) = Place::with(2, [7u16; 8000]);
    let whole = std::fs::read(&place.0).unwrap();
    drop(writer);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let file = std::fs::File::options().write(true).open(&place.0).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                file.set_len(0).unwrap();
                file.write_all_at(&whole, 0).unwrap();
            }
        });
        let (mut shown, mut refused) = (0, 0);
        let (mut rounds, began) = (0, Instant::now());
        while rounds < 60 || refused == 0 && began.elapsed() < Duration::from_secs(60) {
            rounds += 1;
            for command in [&["show"][..], &["watch", "--count", "3", "--interval", "1"], &["layout"], &["header"]] {
                let output = seqcopy(&[command, &[place.path()]].concat());
                match output.status.code() {
                    Some(0) => shown += 1,
                    Some(1) => refused += 1,
                    _ => {
                        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
                        panic!("{command:?}: {}", output.status);
                    }
                }
                assert!(String::from_utf8_lossy(&output.stderr).matches('\n').count() <= 1);
            }
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(refused > 0, "{shown} shown, {refused} refused");
    });
}

/// A region that is created again begins again: it has no rate yet, and none of the old one's values.
#[test]
fn a_region_that_is_created_again_has_no_rate_yet() {
    let (place, mut writer) = Place::with(2, pose());
    (0..9).for_each(|_| writer.write(pose()).unwrap());
    let (mut child, mut out) = watch(&["--json", "--interval", "10", place.path()]);
    until(&mut out, |json| json["published"] == 10 && json["writes_per_second"] == 0.0);
    writer.close().unwrap();
    let mut writer = Writer::<Pose>::create(&place.0).unwrap();
    writer.write(pose()).unwrap();
    let first = until(&mut out, |json| json["published"] == 1);
    assert_eq!((&first["writes_per_second"], &first["unchanged_seconds"]), (&json!(null), &json!(null)), "{first}");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What the command draws on a terminal of this size: the lines of its frames, without what moves the cursor.
#[cfg(target_os = "linux")] // elsewhere a pseudoterminal has another end
fn drawn(columns: u16, lines: u16, words: &[&str]) -> Vec<String> {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};
    use std::io::Read;
    use std::os::unix::fs::OpenOptionsExt;

    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&own).unwrap();
    unlockpt(&own).unwrap();
    let name = ptsname(&own, Vec::new()).unwrap().into_string().unwrap();
    #[allow(clippy::cast_possible_wrap)] // a single bit
    let flags = OpenptFlags::NOCTTY.bits() as i32;
    let terminal = std::fs::File::options().read(true).write(true).custom_flags(flags).open(name).unwrap();
    tcsetwinsize(&terminal, Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_seqcopy")).args(words).stdout(terminal).spawn().unwrap();
    let mut text = Vec::new();
    // The end is an error: nothing has the terminal any more.
    let _ = std::fs::File::from(own).read_to_end(&mut text);
    assert!(child.wait().unwrap().success());
    let mut shown = String::new();
    let mut rest = std::str::from_utf8(&text).unwrap();
    while let Some((before, sequence)) = rest.split_once("\x1b[") {
        shown.push_str(before);
        rest = sequence.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).split_at(1).1;
    }
    shown.push_str(rest);
    shown.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect()
}

/// More is to be drawn than fits in either direction; a terminal that does not know its size is a usual one.
#[cfg(target_os = "linux")]
#[test]
fn frames_are_as_large_as_their_terminal() {
    let (place, _writer) = Place::with(2, pose());
    let (many, _many) = Place::with(2, [Leg { joint: 1, angle: 0.5 }; 70]);
    let watch = ["watch", "--count", "1", "--elements", "64", many.path()];
    let plot = ["plot", "--once", "--window", "0.05", place.path()];
    for (columns, lines) in [(40, 12), (33, 50), (0, 0), (0, 12), (33, 0)] {
        let (wide, high) = if columns == 0 || lines == 0 { (80, 24) } else { (columns, lines) };
        for words in [&watch[..], &plot] {
            let frame = drawn(columns, lines, words);
            assert!(words[0] == "plot" || frame.len() + 1 == usize::from(high), "{columns} x {lines}: {frame:#?}");
            let widest = frame.iter().map(|line| line.chars().count()).max().unwrap();
            assert!(frame.len() < usize::from(high), "{columns} x {lines}: {frame:#?}");
            let (least, most) = (usize::from(wide) - 8, usize::from(wide));
            assert!((least..=most).contains(&widest), "{columns} x {lines}: {widest}: {frame:#?}");
        }
    }
}

/// Where not all entries are shown, those that have changed come first; where all are, they are in their order.
#[test]
fn changed_entries_are_among_those_that_are_shown() {
    let place = Place::new();
    let mut writer = MapWriter::<u32, u64>::create(&place.0, 7).unwrap();
    for key in 0..3 {
        writer.insert(key, 5).unwrap();
    }
    for (elements, keys) in [("2", ["2", "0", "..."]), ("3", ["0", "1", "2"])] {
        let (mut child, mut out) = watch(&["--interval", "300", "--elements", elements, place.path()]);
        let mut frame = || {
            let mut rows = Vec::new();
            while rows.len() < 3 {
                let mut line = String::new();
                assert!(out.read_line(&mut line).unwrap() > 0, "{rows:?}");
                rows.extend(line.starts_with([' ', '*']).then_some(line));
            }
            rows
        };
        assert!(frame().iter().all(|row| row.starts_with(' ')));
        writer.insert(2, u64::from(child.id())).unwrap();
        let rows =
            std::iter::repeat_with(frame).take(100).find(|rows| rows.iter().any(|row| row.starts_with('*'))).unwrap();
        for (row, key) in rows.iter().zip(keys) {
            let is_changed = row.starts_with('*');
            assert!(row[1..].trim_start().starts_with(key) && (key != "2" || is_changed), "{key}: {rows:?}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// Whatever happens to a region, a command that follows it sleeps until there is something new, and does not spin. The
/// test samples the state of each process (`/proc/PID/stat`) at fixed intervals, and counts how often it is not asleep.
#[cfg(target_os = "linux")]
#[test]
fn what_follows_a_region_sleeps() {
    const COMMANDS: [&[&str]; 4] = [
        &["watch", "--json", "--changes", "--interval", "1000"],
        &["watch", "--interval", "1000"],
        &["record"],
        &["plot"],
    ];
    const SAMPLES: usize = 40;
    let mut running = Vec::new();
    for state in ["quiet", "empty", "closed", "removed", "replaced", "replaced by an empty one"] {
        let place = Place::new();
        let mut writer = Writer::<Pose>::create(&place.0).unwrap();
        if state != "empty" {
            writer.write(pose()).unwrap();
        }
        let mut children = Vec::new();
        for command in COMMANDS {
            // A plot is of a path, and draws where there is a terminal.
            let field: &[&str] = if command == ["plot"] { &["at"] } else { &[] };
            let mut child = Command::new(env!("CARGO_BIN_EXE_seqcopy"));
            child.args(command).arg(place.path()).args(field).stdout(Stdio::null()).stderr(Stdio::null());
            children.push((format!("{command:?} of a region that is {state}"), child.spawn().unwrap()));
        }
        running.push((state, place, Some(writer), children));
    }
    // They have seen the first value.
    std::thread::sleep(Duration::from_millis(300));
    let mut kept = Vec::new();
    for (state, place, writer, _) in &mut running {
        let writer = writer.take().unwrap();
        match *state {
            "closed" => writer.close().unwrap(),
            "removed" | "replaced" | "replaced by an empty one" => {
                std::fs::remove_file(&place.0).unwrap();
                kept.push(writer);
                if *state != "removed" {
                    let mut next = Writer::<Pose>::create(&place.0).unwrap();
                    (0..if *state == "replaced" { 3 } else { 0 }).for_each(|_| next.write(pose()).unwrap());
                    kept.push(next);
                }
            }
            _ => kept.push(writer),
        }
    }
    std::thread::sleep(Duration::from_millis(1200));
    let mut busy = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..SAMPLES {
        std::thread::sleep(Duration::from_millis(17));
        for (name, child) in running.iter().flat_map(|(.., children)| children) {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
            let state = stat.rsplit_once(") ").unwrap().1.chars().next();
            // `Z`: it has ended, as some do where a region is closed.
            *busy.entry(name.clone()).or_default() += usize::from(!matches!(state, Some('S' | 'Z')));
        }
    }
    for (_, child) in running.iter_mut().flat_map(|(.., children)| children) {
        _ = child.kill();
        child.wait().unwrap();
    }
    busy.retain(|_, times| *times > SAMPLES / 2);
    assert!(busy.is_empty(), "awake, of {SAMPLES} times: {busy:#?}");
}
