//! Regions whose type has grown: programs in C find their fields, and name what they refuse.

use std::fs;

use seqcopy::SeqStr;

use super::compiler::{C, CPP, header, prints, workshop};
use super::*;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Mode {
    Stop = 1,
    Go,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Pose {
    number: u64,
    at: [f32; 3],
    mode: Mode,
}

fn pose(number: u64) -> Pose {
    #[allow(clippy::cast_precision_loss)] // small
    let at = number as f32;
    Pose { number, at: [at, at + 1.0, at + 2.0], mode: if number % 2 == 0 { Mode::Stop } else { Mode::Go } }
}

/// A field where there was padding.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Filled {
    number: u64,
    at: [f32; 3],
    mode: Mode,
    ticks: u8,
}

/// Larger than what lies in the cache line of the word, and aligned otherwise.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, align(128))]
struct Larger {
    number: u64,
    at: [f32; 3],
    mode: Mode,
    name: SeqStr<60>,
}

/// All that it has lies elsewhere.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Moved {
    frame: u64,
    number: u64,
    at: [f32; 3],
    mode: Mode,
}

/// Another variant.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // one of them is written
enum Modes {
    Stop = 1,
    Go,
    Turn,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Turning {
    number: u64,
    at: [f32; 3],
    mode: Modes,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Renamed {
    number: u64,
    at: [f32; 3],
    rest: u32,
}

const LIBRARY_PROGRAM: &str = r#"
#include <stdio.h>
#include "seqcopy.h"
#include "pose.h"

static void show(pose_reader *reader)
{
    pose v;
    uint64_t version = 0;
    seqcopy_status status = pose_reader_read(reader, &v, &version);
    if (status == SEQCOPY_OK)
        printf("%d %.1f %d, version %d\n", (int)v.number, (double)v.at[2], (int)v.mode, (int)version);
    else
        printf("%s\n", seqcopy_message());
}

int main(int argc, char **argv)
{
    pose_reader *reader = NULL;
    bool reopened = false;
    if (argc > 1 && pose_reader_open_by_fields(argv[1], &reader) != SEQCOPY_OK) {
        printf("%s\n", seqcopy_message());
        return 0;
    }
    show(reader);
    fflush(stdout);
    /* Each line says that there may be another region. */
    while (getchar() != EOF) {
        if (pose_reader_reopen_if_removed(reader, &reopened) != SEQCOPY_OK)
            printf("%s\n", seqcopy_message());
        else
            show(reader);
        fflush(stdout);
    }
    return pose_reader_free(&reader) == SEQCOPY_OK ? 0 : 1;
}
"#;

/// Over the library, which finds fields wherever they lie, in C and in C++; and follows to other types that have them.
#[test]
fn the_library_reads_by_fields() {
    let (place, _writer) = Place::with(2, pose(1));
    let workshop = workshop();
    header(&workshop, &place, "pose");
    fs::write(workshop.0.join("main.c"), LIBRARY_PROGRAM).unwrap();
    for compiler in [C, CPP].iter().filter(|it| it.is_there()) {
        let exe = workshop.0.join(format!("library-{}", compiler.command));
        compiler.compile(&workshop.0, &workshop.0.join("main.c"), Some(&exe));
        let says = |place: &Place| {
            prints(&Command::new(&exe).arg(&place.0).stdin(std::process::Stdio::null()).output().unwrap())
        };
        let Pose { number, at, mode } = pose(3);
        for buffers in [1, 2, 8] {
            let (place, _writer) = Place::with(buffers, pose(3));
            assert_eq!(says(&place), "3 5.0 2, version 1");
            let (place, _writer) = Place::with(buffers, Filled { number, at, mode, ticks: 0xff });
            assert_eq!(says(&place), "3 5.0 2, version 1");
            let (place, _writer) = Place::with(buffers, Larger { number, at, mode, name: SeqStr::literal("anymal") });
            assert_eq!(says(&place), "3 5.0 2, version 1");
            let (place, _writer) = Place::with(buffers, Moved { frame: 1, number, at, mode });
            assert_eq!(says(&place), "3 5.0 2, version 1");
            let (place, _writer) = Place::with(buffers, Turning { number, at, mode: Modes::Go });
            assert_eq!(says(&place), "3 5.0 2, version 1");
        }
        let (place, _writer) = Place::with(2, Turning { number, at, mode: Modes::Turn });
        assert!(says(&place).contains("`mode`"), "{}", says(&place));
        let (place, _writer) = Place::with(2, Renamed { number, at, rest: 7 });
        assert!(says(&place).contains("field `mode`: no such field there"), "{}", says(&place));
        let (place, _writer) = Place::with(2, [0u64; 4]);
        assert!(says(&place).contains("array of 4 there, struct `Pose` here"), "{}", says(&place));

        // The reader follows from its own type, read without a call, to others and back.
        let place = Place::new();
        let mut writer = Writer::<Pose>::create(&place.0).unwrap();
        writer.write(pose(3)).unwrap();
        let mut running = super::compiler::Running::start(&exe, &[place.path()]);
        assert_eq!(running.line(), "3 5.0 2, version 1");
        writer.close().unwrap();
        let mut writer = Writer::<Moved>::create(&place.0).unwrap();
        writer.write(Moved { frame: 1, number, at, mode }).unwrap();
        running.tell("");
        assert_eq!(running.line(), "3 5.0 2, version 1");
        writer.close().unwrap();
        let writer = Writer::<u64>::create(&place.0).unwrap();
        running.tell("");
        assert!(running.line().contains("u64 there, struct `Pose` here"));
        writer.close().unwrap();
        let mut writer = Writer::<Pose>::create(&place.0).unwrap();
        writer.write(pose(4)).unwrap();
        running.tell("");
        assert_eq!(running.line(), "4 6.0 1, version 1");
        assert!(running.end().1.success());
        writer.close().unwrap();
    }
}
