//! Programs in C whose regions lose their pages: they live on with `seqcopy_survive_truncation`. What becomes of other
//! signals, the tests of `survive_truncation` in Rust show.

use std::fs;
use std::os::unix::process::ExitStatusExt;

use seqcopy_shm::MapWriter;

use super::compiler::{C, CPP, Compiler, Running, header, program, workshop};
use super::*;

const SIGBUS: i32 = 7;
/// `SEQCOPY_TRUNCATED`, and `SEQCOPY_DAMAGED` of a file that is too short when it is opened.
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

/// The program. The writers are in this process, which lives on as well.
fn program_of(compiler: &Compiler) -> (Place, PathBuf) {
    seqcopy_shm::survive_truncation().unwrap();
    let (workshop, value, map) = (workshop(), Place::with(2, quote(1)), Place::new());
    header(&workshop, &value.0, "quote");
    let writer = MapWriter::<u64, u64>::create(&map.0, 100).unwrap();
    header(&workshop, &map, "lease");
    writer.close().unwrap();
    let exe = workshop.0.join("truncated");
    compiler.compile(&workshop.0, &program("truncated.c"), Some(&exe));
    (workshop, exe)
}

/// The file is truncated at a page while the program reads it, looks up in it or walks through it, or opens it.
#[test]
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
            let kind = ["v", "m"][usize::try_from(round % 2).unwrap()];
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

/// Without that call, a region that is truncated kills.
#[test]
fn a_program_that_does_not_ask_for_it_is_killed() {
    if !C.is_there() {
        return;
    }
    let (_workshop, exe) = program_of(&C);
    let (place, _writer) = Place::with(2, quote(1));
    let mut reading = Running::start(&exe, &["without"]);
    reading.tell(&format!("v {}", place.path()));
    assert_eq!(reading.line(), "ready");
    fs::File::options().write(true).open(&place.0).unwrap().set_len(0).unwrap();
    let (said, status) = reading.end();
    assert_eq!((said.as_str(), status.signal()), ("", Some(SIGBUS)));
}
