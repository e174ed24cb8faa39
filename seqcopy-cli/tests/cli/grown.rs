//! Generated readers of regions whose type has grown: C goes on where its fields are the first ones, and names what it refuses.

use std::fs;
use std::os::unix::fs::FileExt;

use seqcopy::SeqStr;

use super::compiler::{C, CPP, Compiler, header, prints, workshop};
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

const C_PROGRAM: &str = r#"
#include <stdio.h>
#include "pose.h"

int main(int argc, char **argv)
{
    pose_region region;
    pose v;
    const char *field = "?";
    int status = argc > 1 ? pose_open_by_fields(&region, argv[1], &field) : -1;
    if (status == POSE_READ_OK)
        status = pose_read(&region, &v);
    if (status == POSE_READ_OK)
        printf("%d %.1f %d", (int)v.number, (double)v.at[2], (int)v.mode);
    else
        printf("status %d, field %s", status, field ? field : "none");
    pose_close(&region);
    /* Without the field; without other types. */
    if (argc > 1 && (pose_open_by_fields(&region, argv[1], NULL) == POSE_READ_OK) != (status == POSE_READ_OK))
        printf(", unlike without a field");
    pose_close(&region);
    status = argc > 1 ? pose_open(&region, argv[1]) : -1;
    printf(", %s\n", status == POSE_READ_OK ? "open" : "not open");
    pose_close(&region);
    return 0;
}
"#;

/// Programs that have a `Pose`, in each language that can be had here.
struct Programs {
    _workshop: Place,
    compiled: Vec<PathBuf>,
}

impl Programs {
    fn new() -> Programs {
        let (place, _writer) = Place::with(2, pose(1));
        let workshop = workshop();
        header(&workshop, &place, "pose");
        fs::write(workshop.0.join("main.c"), C_PROGRAM).unwrap();
        let compiled = |compiler: &Compiler| {
            let exe = workshop.0.join(compiler.command);
            compiler.compile(&workshop.0, &workshop.0.join("main.c"), Some(&exe));
            exe
        };
        let compiled = [C, CPP].iter().filter(|it| it.is_there()).map(compiled).collect();
        Programs { compiled, _workshop: workshop }
    }

    /// What they say of a region: the same in each language.
    #[track_caller]
    fn say(&self, region: &Place, compiled: &str) {
        for exe in &self.compiled {
            assert_eq!(prints(&Command::new(exe).arg(&region.0).output().unwrap()), compiled);
        }
    }

    /// What they read of a value that begins with a pose of this number.
    #[track_caller]
    fn read<T: Validate + Copy + 'static>(&self, value: T, number: u64, is_exact: bool) {
        let open = if is_exact { "open" } else { "not open" };
        let mode = if number % 2 == 0 { 1 } else { 2 };
        for buffers in [1, 2, 8] {
            let (place, mut writer) = Place::with(buffers, value);
            // In each of the buffers.
            for _ in 0..buffers {
                let compiled = format!("{number} {}.0 {mode}, {open}", number + 2);
                self.say(&place, &compiled);
                writer.write(value).unwrap();
            }
        }
    }

    /// What they say of a region whose type they refuse because of a field.
    #[track_caller]
    fn refuse(&self, place: &Place, field: Option<&str>) {
        let compiled = format!("status 8, field {}, not open", field.unwrap_or("none"));
        self.say(place, &compiled);
    }

    /// What they say of a region that is damaged.
    #[track_caller]
    fn damaged(&self, place: &Place) {
        self.say(place, "status 9, field none, not open");
    }
}

#[test]
fn c_reads_a_type_that_has_grown() {
    let programs = Programs::new();
    programs.read(pose(2), 2, true);
    let Pose { number, at, mode } = pose(3);
    programs.read(Filled { number, at, mode, ticks: 0xff }, 3, false);
    let Pose { number, at, mode } = pose(4);
    programs.read(Larger { number, at, mode, name: SeqStr::literal("anymal") }, 4, false);
}

#[test]
fn c_names_the_field_that_it_does_not_find() {
    let programs = Programs::new();
    let Pose { number, at, mode } = pose(3);
    let (place, _writer) = Place::with(2, Moved { frame: 1, number, at, mode });
    programs.refuse(&place, Some("number"));
    let (place, _writer) = Place::with(2, Turning { number, at, mode: Modes::Turn });
    programs.refuse(&place, Some("mode"));
    let (place, _writer) = Place::with(2, [0u64; 4]);
    programs.refuse(&place, None);
    let (place, _writer) = Place::with(2, 7u64);
    programs.refuse(&place, None);
    // Without the last field, or all but the first.
    let (place, _writer) = Place::with(2, Renamed { number, at, rest: 7 });
    programs.refuse(&place, Some("mode"));
    let (place, _writer) = Place::with(2, Number { number });
    programs.refuse(&place, Some("at"));
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Renamed {
    number: u64,
    at: [f32; 3],
    rest: u32,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Number {
    number: u64,
}

#[cfg(target_os = "linux")]
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
    /* Until a line says that there is another region. */
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
#[cfg(target_os = "linux")] // the C library
#[test]
fn the_library_reads_by_fields() {
    let (place, _writer) = Place::with(2, pose(1));
    let workshop = workshop();
    header(&workshop, &place, "pose");
    fs::write(workshop.0.join("main.c"), LIBRARY_PROGRAM).unwrap();
    for compiler in [C, CPP].iter().filter(|it| it.is_there()) {
        let exe = workshop.0.join(format!("library-{}", compiler.command));
        compiler.compile_with_library(&workshop.0, &workshop.0.join("main.c"), &exe);
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

        // From one's own type, read without a call, to others and back.
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

/// A region that was made so that its fields lie beyond its end.
#[test]
fn a_type_that_is_too_small_for_its_fields_is_refused() {
    let programs = Programs::new();
    let (place, _writer) = Place::with(2, pose(1));
    let mut bytes = fs::read(&place.0).unwrap();
    let at = |bytes: &[u8], offset: usize| {
        usize::try_from(u64::from_le_bytes(bytes[offset..][..8].try_into().unwrap())).unwrap()
    };
    let mut schema = bytes.split_off(at(&bytes, 64));
    // The size of the type, in its schema and in the header, and what follows from that: two buffers of 16 bytes from 208 on.
    schema[27..35].copy_from_slice(&8u64.to_le_bytes());
    bytes.truncate(240);
    let fingerprint = seqcopy::layout::fingerprint_of(&schema);
    let numbers = [(16, fingerprint), (24, 240 + schema.len() as u64), (32, 8), (48, 208), (56, 16), (64, 240)];
    for (offset, number) in numbers {
        bytes[offset..][..8].copy_from_slice(&number.to_le_bytes());
    }
    bytes.extend(schema);
    let small = Place::new();
    fs::write(&small.0, bytes).unwrap();
    programs.refuse(&small, None);
}

/// What other processes may write into the file of a region.
#[test]
fn damage_is_found_in_a_type_that_has_grown() {
    let programs = Programs::new();
    let Pose { number, at, mode } = pose(3);
    let larger = Larger { number, at, mode, name: SeqStr::literal("anymal") };
    let spoiled = |at: u64, bytes: &[u8]| {
        let (place, writer) = Place::with(2, larger);
        let file = fs::File::options().write(true).open(&place.0).unwrap();
        file.write_all_at(bytes, at).unwrap();
        (place, writer)
    };
    let (place, _writer) = Place::with(2, larger);
    let bytes = fs::read(&place.0).unwrap();
    let find = |text: &[u8]| bytes.windows(text.len()).position(|it| it == text).unwrap() as u64;
    // Sizes and places that do not follow from each other; the largest that there are.
    for (offset, wrong) in [(44, &3u32.to_le_bytes()[..]), (56, &[0xff; 8]), (64, &[0xff; 8]), (72, &[0xff; 8])] {
        let (place, _writer) = spoiled(offset, wrong);
        programs.damaged(&place);
    }
    let (place, _writer) = spoiled(40, &3u32.to_le_bytes());
    programs.damaged(&place);
    let (place, _writer) = spoiled(40, &48u32.to_le_bytes());
    programs.damaged(&place);
    // In the schema: before the fields, in them, and after those that are wanted.
    let (place, _writer) = spoiled(find(b"seqcopy schema 1"), b"S");
    programs.refuse(&place, None);
    let (place, _writer) = spoiled(find(b"number"), b"N");
    programs.refuse(&place, Some("number"));
    let (place, _writer) = spoiled(find(b"name"), b"N");
    programs.damaged(&place);
    let (place, _writer) = spoiled(32, &64u64.to_le_bytes());
    programs.damaged(&place);
    let (place, _writer) = spoiled(find(b"Larger") - 8, &[0xff; 8]);
    programs.refuse(&place, Some("number"));
    let (place, _writer) = Place::with(2, larger);
    fs::File::options().write(true).open(&place.0).unwrap().set_len(bytes.len() as u64 - 1).unwrap();
    programs.say(&place, "status 10, field none, not open");
}
