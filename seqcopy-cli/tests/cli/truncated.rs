//! Programs in C whose regions lose their pages: they live on with `seqcopy_survive_truncation`, and what is not about a region is done as before.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use seqcopy_shm::MapWriter;

use super::compiler::{C, CPP, Compiler, Running, header, program, workshop};
use super::*;

const SIGBUS: i32 = 7;
/// `.._READ_TRUNCATED` and `.._OPEN_TRUNCATED`.
const LOST: [&str; 2] = ["13", "10"];

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Quote {
    number: u64,
    list: [u64; 2000],
    last: u64,
}

fn quote(number: u64) -> Quote {
    Quote { number, list: [number; 2000], last: number }
}

/// The program, of two translation units. The writers are in this process, which lives on as well.
fn program_of(compiler: &Compiler) -> (Place, PathBuf) {
    seqcopy_shm::survive_truncation().unwrap();
    let (workshop, value, map) = (workshop(), Place::with(2, quote(1)), Place::new());
    header(&workshop, &value.0, "quote");
    let writer = MapWriter::<u64, u64>::create(&map.0, 100).unwrap();
    header(&workshop, &map, "lease");
    writer.close().unwrap();
    let exe = workshop.0.join("truncated");
    compiler.compile_all(&workshop.0, &[program("truncated.c"), program("truncated_elsewhere.c")], Some(&exe));
    (workshop, exe)
}

/// The file is truncated at a page while the program reads it, looks up in it or walks through it, or opens it.
#[test]
#[cfg(target_os = "linux")] // the function is printed for Linux only
fn c_programs_live_on_when_a_region_is_truncated() {
    for compiler in [C, CPP] {
        if !compiler.is_there() {
            continue;
        }
        let (_workshop, exe) = program_of(&compiler);
        let mut reading = Running::start(&exe, &[]);
        let mut found = std::collections::BTreeMap::new();
        for round in 0..rounds(3000) {
            let place = Place::new();
            let kind = ["v", "m", "e"][usize::try_from(round % 3).unwrap()];
            let mut writers = (None, None);
            if kind == "m" {
                let mut map = MapWriter::<u64, u64>::create(&place.0, 1000).unwrap();
                (0..1000).for_each(|key| _ = map.insert(key, key * 10).unwrap());
                writers.0 = Some(map);
            } else {
                let mut writer = Options::new().buffers(2).create::<Quote>(&place.0).unwrap();
                writer.write(quote(round)).unwrap();
                writers.1 = Some(writer);
            }
            let file = fs::File::options().write(true).open(&place.0).unwrap();
            let pages = file.metadata().unwrap().len() / 4096;
            // Every fourth while it is opened.
            let is_open = round % 4 != 0;
            reading.tell(&format!("{kind} {}", place.path()));
            if is_open {
                assert_eq!(reading.line(), "ready", "round {round}");
            }
            (0..round * 7919 % 5000).for_each(|_| std::hint::spin_loop());
            // Without the page in which the newest value lies, a reader is not told: so all of them go in the end.
            file.set_len(round % (pages + 1) * 4096).unwrap();
            file.set_len(0).unwrap();
            let mut said = reading.line();
            if said == "ready" {
                said = reading.line();
            }
            let is_lost = LOST.contains(&&*said);
            // While it is opened, its header and its state may be zeros as well.
            assert!(is_lost || !is_open && ["7", "8", "9"].contains(&&*said), "{kind}, round {round}: {said:?}");
            *found.entry(said).or_insert(0) += 1;
        }
        let (rest, status) = reading.end();
        assert!(status.success() && rest.is_empty(), "{status}: {rest}");
        super::compiler::say(&format!("{}: truncated regions, by what was said: {found:?}", compiler.command));
        assert!(found["13"] > rounds(3000) / 2);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_not_about_a_region_is_done_as_before() {
    if !C.is_there() {
        return;
    }
    let (_workshop, exe) = program_of(&C);
    let run = |mode: &str| Running::start(&exe, &[mode]).end();
    let killed = |(said, status): (String, ExitStatus)| (said, status.signal());
    assert_eq!(killed(run("default")), (String::new(), Some(SIGBUS)));
    assert_eq!(killed(run("sent")), (String::new(), Some(SIGBUS)));
    // What an instruction causes can't be ignored.
    assert_eq!(killed(run("ignore")), (String::new(), Some(SIGBUS)));
    assert_eq!(run("one"), ("7\n14\n".into(), ExitStatus::from_raw(0)));
    assert_eq!(run("three"), ("107\n214\n".into(), ExitStatus::from_raw(0)));
    assert_eq!(killed(run("once")), ("7\n".into(), Some(SIGBUS)));

    // What is mapped where a region was is another's.
    let (place, _writer) = Place::with(2, quote(1));
    assert_eq!(killed(Running::start(&exe, &["closed", place.path()]).end()), (String::new(), Some(SIGBUS)));

    // Without it, a region that is truncated kills.
    let mut reading = Running::start(&exe, &["without"]);
    reading.tell(&format!("v {}", place.path()));
    assert_eq!(reading.line(), "ready");
    fs::File::options().write(true).open(&place.0).unwrap().set_len(0).unwrap();
    assert_eq!(killed(reading.end()), (String::new(), Some(SIGBUS)));
}

/// Nothing need be included before it. But the strict modes of the C library leave out what it needs, and the compiler says what to write.
#[test]
#[cfg(target_os = "linux")]
fn it_is_one_line_and_a_strict_mode_is_told_what_is_missing() {
    if !C.is_there() {
        return;
    }
    let (workshop, (place, _writer)) = (workshop(), Place::with(2, 1u64));
    header(&workshop, &place, "number");
    let source = workshop.0.join("whole.c");
    let lines = "#ifndef _GNU_SOURCE\n#define _GNU_SOURCE\n#endif\n#define SEQCOPY_SURVIVE_TRUNCATION\n#include \"number.h\"\n\
                 int main(void) { return seqcopy_survive_truncation(); }\n";
    fs::write(&source, lines).unwrap();
    for compiler in [C, CPP].into_iter().filter(Compiler::is_there) {
        let exe = workshop.0.join(compiler.command);
        compiler.compile(&workshop.0, &source, Some(&exe));
        assert!(Command::new(&exe).status().unwrap().success());
    }
    let source = workshop.0.join("strict.c");
    fs::write(&source, "#define SEQCOPY_SURVIVE_TRUNCATION\n#include \"number.h\"\n").unwrap();
    let output = Command::new("cc").args(["-std=c11", "-fsyntax-only"]).arg(&source).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("define _GNU_SOURCE before the first #include"), "{said}");
}
