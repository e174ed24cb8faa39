//! What the command prints, whole: `transcripts.txt` has commands and, below each, its output. A word that changes is
//! seen where it stands.
//!
//! `BLESS=1 cargo test -p seqcopy-cli --test cli transcripts` writes what is printed: read the difference. To add a
//! case, add its line.

use std::fmt::Write;
use std::fs;
use std::num::{NonZero, NonZeroI16};
use std::os::unix::fs::{FileExt, MetadataExt};

use seqcopy::{SeqDuration, SeqStr, SeqVec};
use seqcopy_harness::is_as_written;
use seqcopy_shm::MapWriter;

use super::*;

/// Each kind of number, and others that have a form of their own.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Kinds {
    bytes: [u8; 3],
    signed: Signed,
    unsigned: Unsigned,
    float: [f32; 4],
    double: [f64; 4],
    letter: [char; 3],
    not_zero: NonZero<u32>,
    perhaps: [Option<NonZeroI16>; 2],
    order: std::cmp::Ordering,
    took: SeqDuration,
    nothing: (),
    one: One,
    deep: SeqOption<SeqOption<u8>>,
    none: SeqOption<u8>,
    long: [u16; 40],
    list: SeqVec<Wheel, 3>,
    empty: SeqVec<u8, 3>,
    text: SeqStr<13>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Signed(i8, i16, i32, i64, i128);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Unsigned(u16, u32, u64, u128);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(transparent)]
struct One(u32);

#[derive(Clone, Copy, Default, SeqCopy, Validate)]
#[repr(C)]
struct Wheel {
    turns: u16,
    angle: f32,
}

/// A pose of a later version.
mod later {
    use super::*;

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Pose {
        pub(super) at: u32,
        pub(super) position: [f64; 3],
        pub(super) mode: super::super::Mode,
        pub(super) speed: f32,
    }
}

fn kinds() -> Kinds {
    let list = [Wheel { turns: 1, angle: 0.5 }, Wheel { turns: 2, angle: -0.5 }];
    Kinds {
        bytes: [0, 128, 255],
        signed: Signed(-128, -32_768, -1, i64::MIN, i128::MIN),
        unsigned: Unsigned(65_535, 4_000_000_000, u64::MAX, u128::MAX),
        float: [0.1, f32::NAN, f32::INFINITY, -0.0],
        double: [1e-7, 1e21, f64::NEG_INFINITY, 123_456_789.0],
        letter: ['a', '\n', '\u{1f600}'],
        not_zero: NonZero::new(7).expect("not 0"),
        perhaps: [None, NonZeroI16::new(-3)],
        order: std::cmp::Ordering::Less,
        took: Duration::new(3, 250_000_000).into(),
        nothing: (),
        one: One(11),
        deep: Some(None.into()).into(),
        none: None.into(),
        long: std::array::from_fn(|at| u16::try_from(at).expect("small")),
        list: SeqVec::from_slice(&list).expect("three fit"),
        empty: SeqVec::from_slice(&[]).expect("none fits"),
        text: SeqStr::try_from("tabs\tand \"\u{e9}\"").expect("thirteen bytes"),
    }
}

/// Others in almost every place.
fn others() -> Kinds {
    let list = [1, 2, 3].map(|turns| Wheel { turns, angle: 0.5 });
    Kinds {
        bytes: [0, 129, 255],
        signed: Signed(127, 32_767, 1, i64::MAX, i128::MAX),
        unsigned: Unsigned(0, 0, 0, 0),
        float: [0.1, f32::NAN, f32::NEG_INFINITY, 0.0],
        letter: ['a', '\'', '"'],
        not_zero: NonZero::new(8).expect("not 0"),
        perhaps: [NonZeroI16::new(3), None],
        order: std::cmp::Ordering::Greater,
        took: Duration::from_nanos(1).into(),
        one: One(12),
        deep: None.into(),
        none: Some(0).into(),
        long: [1; 40],
        list: SeqVec::from_slice(&list).expect("three fit"),
        empty: SeqVec::from_slice(&[1]).expect("one fits"),
        text: SeqStr::default(),
        ..kinds()
    }
}

/// A folder with regions of each kind and state; and the writers that are alive.
fn folder() -> (Place, Vec<Box<dyn std::any::Any>>) {
    // A short name: lines of `watch` end where those of a terminal do.
    let place = Place(Path::new("/dev/shm").join(format!("tr-{}", std::process::id())));
    fs::create_dir(&place.0).expect("a new folder");
    let at = |name: &str| place.0.join(name);
    let options = Options::new().mode(0o600);
    let mut alive = Writer::<Pose>::create(at("pose")).expect("a new region");
    alive.write(pose()).expect("no fork");
    let mut gone = options.create::<Pose>(at("pose-gone")).expect("a new region");
    gone.write(Pose { moving: false, at: 8, mode: Mode::Idle, reach: Reach::Nothing, ..pose() }).expect("no fork");
    drop(gone);
    let mut later = options.create::<later::Pose>(at("pose-later")).expect("a new region");
    later.write(later::Pose { at: 9, position: [0.0; 3], mode: Mode::Idle, speed: 1.5 }).expect("no fork");
    drop(later);
    drop(options.create::<Pose>(at("pose-empty")).expect("a new region"));
    let mut writer = options.create::<Kinds>(at("kinds")).expect("a new region");
    writer.write(kinds()).expect("no fork");
    drop(writer);
    let mut other = options.create::<Kinds>(at("kinds-other")).expect("a new region");
    other.write(others()).expect("no fork");
    drop(other);
    let mut other = MapWriter::<u32, Leg>::create(at("map-other"), 7).expect("a new region");
    for (key, joint) in [(1, 11), (2, 20), (9, 90)] {
        other.insert(key, Leg { joint, angle: f32::from(joint) / 4.0 }).expect("there is space");
    }
    drop(other);
    let mut slice = options.clone().capacity(9).create::<[Leg]>(at("legs")).expect("a new region");
    slice.write_from(&pose().legs).expect("two fit");
    drop(slice);
    drop(options.clone().capacity(9).create::<[u16]>(at("numbers-empty")).expect("a new region"));
    let mut map = MapWriter::<u32, Leg>::create(at("map"), 7).expect("a new region");
    for (key, joint) in [(3, 30), (1, 10), (2, 20)] {
        map.insert(key, Leg { joint, angle: f32::from(joint) / 4.0 }).expect("there is space");
    }
    let mut one = MapWriter::<SeqStr<8>, u16>::create(at("map-one"), 7).expect("a new region");
    one.insert("left".try_into().expect("short"), 5).expect("there is space");
    drop(one);
    drop(MapWriter::<[u8; 4], Leg>::create(at("map-empty"), 7).expect("a new region"));
    // Values with invalid bits, written into the file as by a foreign program.
    for name in ["mode-invalid", "pose-invalid"] {
        let mut pose_there = options.create::<Pose>(at(name)).expect("a new region");
        pose_there.write(pose()).expect("no fork");
        drop(pose_there);
        let file = fs::OpenOptions::new().read(true).write(true).open(at(name)).expect("a region");
        let bytes = fs::read(at(name)).expect("its bytes");
        // Found by what its last field holds.
        let start =
            bytes.windows(6).rposition(|it| it == b"anymal").expect("the value") - std::mem::offset_of!(Pose, name);
        let (place, byte) = if name == "mode-invalid" { (std::mem::offset_of!(Pose, mode), 9) } else { (0, 2) };
        file.write_all_at(&[byte], (start + place) as u64).expect("written");
    }
    for (name, keep) in [("damaged-short", 100), ("damaged-empty", 0), ("damaged-later", 0)] {
        drop(options.create::<u64>(at(name)).expect("a new region"));
        let file = fs::OpenOptions::new().write(true).open(at(name)).expect("a region");
        if name == "damaged-later" {
            file.write_all_at(&[9], 8).expect("written");
        } else {
            file.set_len(keep).expect("shortened");
        }
    }
    fs::write(at("notes"), "no region").expect("written");
    fs::create_dir(at("again")).expect("a new folder");
    (place, vec![Box::new(alive), Box::new(map)])
}

/// What changes from one run to the next has a word in its place, and columns beside it are as wide as they may be.
fn steady(text: &str, folder: &str) -> String {
    let own = std::process::id().to_string();
    let comm = fs::read_to_string("/proc/self/comm").expect("a name");
    let user = fs::metadata("/proc/self").expect("this process").uid().to_string();
    let mut text = text.replace(folder, "DIR").replace(comm.trim_end(), "PROGRAM");
    for (before, number, after, word) in [
        ("process ", &own, "", "PID"),
        ("\"pid\": ", &own, "", "PID"),
        ("\"pid\":", &own, "", "PID"),
        ("", &own, " PROGRAM", "PID"),
        ("\"user\": ", &user, "", "UID"),
    ] {
        text = text.replace(&format!("{before}{number}{after}"), &format!("{before}{word}{after}"));
    }
    let mut out = String::new();
    for mut line in text.split_inclusive('\n') {
        // The time that a line of CSV begins with.
        let time = line.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(0);
        if time > 10 && line[time..].starts_with(',') {
            (line, out) = (&line[time..], out + "N");
        }
        let is_of_columns = line.starts_with("DIR/") || line.starts_with("REGION ") || line.starts_with("PID ");
        let mut rest = line;
        while let Some(end) = rest.find(' ').map(|at| at + 1).or((!rest.is_empty()).then_some(rest.len())) {
            let (word, after) = rest.split_at(end);
            // The seed of a map's hashes is random.
            let word = if out.ends_with("\"seed\": ") { "\"SEED\",\n" } else { word };
            let is_date = word.matches(':').count() == 2 && word.matches('-').count() == 2 && word.contains('Z');
            match (is_date, word.find(|c: char| c.is_ascii_digit()), word.find('Z')) {
                (true, Some(start), Some(end)) => out.extend([&word[..start], "DATE", &word[end + 1..]]),
                _ if after.starts_with("s ago") => out.push_str("N "),
                _ if word.starts_with("{\"time\":") => {
                    let (_, after) = word.split_once(',').expect("more than the time");
                    out.extend(["{\"time\":N,", after]);
                }
                _ if is_of_columns && word == " " && out.ends_with("  ") => {}
                _ => out.push_str(word),
            }
            rest = after;
        }
    }
    // Long descriptions in one line each.
    let lines = out.lines().count();
    match serde_json::from_str::<serde_json::Value>(&out) {
        Ok(json) if lines > 60 => format!("{json}\n"),
        _ => out,
    }
}

/// What a command prints, with its exit status if that is not 0.
fn printed(line: &str, folder: &str) -> String {
    if let Some(file) = line.strip_prefix("cat ") {
        return steady(&fs::read_to_string(file.replace("DIR", folder)).expect("a file of text"), folder);
    }
    let line = line.trim_start_matches("seqcopy ");
    let words: Vec<String> = line.split(' ').map(|word| word.replace("DIR", folder).replace("\\s", " ")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = seqcopy(&words);
    let mut text = String::from_utf8(output.stdout).expect("text");
    for error in String::from_utf8(output.stderr).expect("text").lines() {
        text.extend(["stderr: ", error, "\n"]);
    }
    if output.status.code() != Some(0) {
        writeln!(text, "status: {:?}", output.status.code()).expect("a text");
    }
    steady(&text, folder)
}

#[test]
#[cfg_attr(seqcopy_portable, ignore = "written with vectors")]
fn what_is_printed_is_what_was_printed() {
    let there = include_str!("transcripts.txt");
    let (place, _alive) = folder();
    let mut now = String::new();
    for line in there.lines().filter(|line| line.starts_with("$ ")) {
        now.extend([line, "\n", &printed(line.trim_start_matches("$ "), place.path()), "\n"]);
    }
    is_as_written(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/transcripts.txt"), there, &now);
}
