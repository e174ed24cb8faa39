//! Values that programs in C read and write without a call: by which accesses, and what stands in their way.

use std::fmt::Write;

use seqcopy::{SeqStr, SeqVec};
use seqcopy_bindgen::Bindings;
use seqcopy_shm::{ReadValueError, Reader};

use super::compiler::{C, CPP, Running, include, program, workshop};
use super::*;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Tick {
    open: bool,
    at: u64,
    side: Side,
    words: [u64; 9],
    bytes: [u8; 75],
    names: [SeqStr<3>; 2],
    name: SeqStr<25>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Block {
    words: [u64; 100],
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
enum Side {
    Buy,
    Sell,
}

/// A value whose data is not always in the same places.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Offer {
    at: u64,
    limit: SeqOption<u64>,
    levels: SeqVec<u16, 4>,
}

/// A value with fields of many sizes.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Pose {
    seq: u64,
    position: [f64; 3],
    rotation: [f32; 9],
    side: Side,
    frame: SeqStr<31>,
}

/// What C makes of a number.
#[allow(clippy::cast_possible_truncation)] // as in C
fn tick(n: u64) -> Tick {
    let text = &"abc"[..n as usize % 4];
    Tick {
        open: n % 2 == 1,
        at: n,
        side: if n % 2 == 1 { Side::Sell } else { Side::Buy },
        words: [n; 9],
        bytes: [n as u8; 75],
        names: [SeqStr::truncated(text); 2],
        name: SeqStr::truncated(text),
    }
}

/// A folder with the headers of these.
fn headers() -> Place {
    let place = workshop();
    let all = [
        ("tick", Bindings::of::<Tick>()),
        ("block", Bindings::of::<Block>()),
        ("pose", Bindings::of::<Pose>()),
        ("offer", Bindings::of::<Offer>()),
    ];
    for (name, bindings) in all {
        let header = bindings.unwrap().name(name).c_header().unwrap();
        std::fs::write(place.0.join(format!("{name}.h")), header).unwrap();
    }
    place
}

#[test]
fn a_value_is_read_and_written_without_a_call() {
    for compiler in [C, CPP] {
        if !compiler.is_there() {
            continue;
        }
        let place = headers();
        let (exe, region) = (place.0.join("direct"), place.0.join("region"));
        compiler.compile(&place.0, &program("direct.c"), Some(&exe));
        let output = Command::new(&exe).arg(&region).output().unwrap();
        assert!(output.status.success(), "{:?}: {}", output.status, String::from_utf8_lossy(&output.stdout));
        let reader = Reader::<Tick>::open(&region).unwrap();
        assert_eq!(reader.read(), Ok(tick(10)));
        // What is left over of the values that were written is not in the file.
        let file = std::fs::read(&region).unwrap();
        let (start, stride) = (reader.region().header().buffer_offset(), reader.region().header().buffer_stride());
        let [start, stride] = [start, stride].map(|number| usize::try_from(number).unwrap());
        for buffer in file[start..].chunks(stride).take(4) {
            for padding in [1..8, 17..24, 171..172, 179..180, 187..188, 217..224] {
                assert_eq!(buffer[padding.clone()], vec![0; padding.len()], "{padding:?}");
            }
            // Each text, its length before it, and zeros after it.
            let n = buffer[96];
            let len = usize::from(n % 4);
            for (start, capacity) in [(172, 3), (180, 3), (188, 25)] {
                let text = [&u32::from(n % 4).to_ne_bytes()[..], &b"abc"[..len], &vec![0; capacity - len]].concat();
                assert_eq!(buffer[start..start + text.len()], text, "{start}");
            }
        }
    }
}

/// As a user compiles it, without the sanitizers, which change what is found. In a function that is rarely called, such
/// as `main`, fewer calls are inlined, and gcc tells of a variable that may have no value.
#[test]
fn a_program_that_reads_and_writes_compiles_without_a_warning() {
    if !C.is_there() {
        return;
    }
    let place = headers();
    let mut source = String::from("#include <stdio.h>\n#include <seqcopy.h>\n");
    for name in ["tick", "block", "pose", "offer"] {
        let _ = write!(
            source,
            "#include \"{name}.h\"
            __attribute__((cold)) int use_{name}(void);
            int use_{name}(void)
            {{
                {name}_reader *reader;
                {name}_writer *writer;
                {name} value;
                uint64_t version;
                seqcopy_waited waited;
                if ({name}_writer_open_or_create(\"/dev/shm/none\", &writer) || {name}_reader_open(\"/dev/shm/none\", &reader)
                    || {name}_reader_wait(reader, 0, 1, &waited) || {name}_reader_read(reader, &value, &version))
                    return 1;
                printf(\"%llu %d\", (unsigned long long)version, (int)waited);
                return {name}_writer_write(writer, &value) || {name}_reader_free(&reader) || {name}_writer_free(&writer);
            }}\n"
        );
    }
    let path = place.0.join("uses.c");
    std::fs::write(&path, source).unwrap();
    let include = include();
    let folders = ["-I".as_ref(), include.as_os_str(), "-I".as_ref(), place.0.as_os_str()];
    let arguments = ["-c".as_ref(), path.as_os_str()];
    C.compile_without_sanitizers(&[&folders[..], &arguments[..]].concat(), &place.0.join("uses.o"));
}

/// While a program in C writes as fast as it can, and each time it is killed there, readers find whole values, none of
/// them older.
#[test]
fn writers_that_are_killed_leave_whole_values() {
    if !C.is_there() {
        return;
    }
    let place = headers();
    let [exe, ticks, blocks] = ["direct_runs", "ticks", "blocks"].map(|name| place.0.join(name));
    C.compile(&place.0, &program("direct_runs.c"), Some(&exe));
    let (mut last, mut reads) = ([0, 0], 0);
    for round in 0..10 {
        let mut writer = Running::start(&exe, &[ticks.to_str().unwrap(), blocks.to_str().unwrap(), "2"]);
        assert_eq!(writer.line().trim_end(), "goes on");
        let (reader, reader_of_blocks) =
            (Reader::<Tick>::open(&ticks).unwrap(), Reader::<Block>::open(&blocks).unwrap());
        let mut look = |is_alone: bool| {
            let (found, block) = match (reader.read(), reader_of_blocks.read()) {
                (Ok(found), Ok(block)) => (found, block),
                // A writer that never pauses may overlap each attempt.
                (Err(ReadValueError::NoValue(_)), _) | (_, Err(ReadValueError::NoValue(_))) if !is_alone => return,
                (tick, block) => panic!("{tick:?}, {:?}", block.map(|block| block.words[0])),
            };
            assert_eq!(found, tick(found.at));
            assert_eq!(block.words, [block.words[0]; 100]);
            let found = [found.at, block.words[0]];
            assert!(found[0] >= last[0] && found[1] >= last[1], "{found:?} after {last:?} in round {round}");
            last = found;
            reads += 1;
        };
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(30) {
            look(false);
        }
        drop(writer);
        look(true);
    }
    assert!(reads > 100, "{reads}");
    // Rust goes on with what C has left.
    let writer = Writer::<Tick>::open_or_create(&ticks).unwrap();
    assert_eq!(writer.read().map(|tick| tick.at), Ok(last[0]));
}

/// While a program in C writes a single buffer as fast as it can, each value that is read is whole. After it was killed,
/// which may be during a write, Rust continues.
#[test]
fn a_single_buffer_is_read_whole() {
    if !C.is_there() {
        return;
    }
    let place = headers();
    let [exe, ticks, blocks] = ["direct_runs", "ticks", "blocks"].map(|name| place.0.join(name));
    C.compile(&place.0, &program("direct_runs.c"), Some(&exe));
    let (mut last, mut reads) = (0, 0);
    for _ in 0..10 {
        let mut writer = Running::start(&exe, &[ticks.to_str().unwrap(), blocks.to_str().unwrap(), "1"]);
        assert_eq!(writer.line().trim_end(), "goes on");
        let reader = Reader::<Tick>::open(&ticks).unwrap();
        assert_eq!(reader.region().header().buffers(), 1);
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(30) {
            match reader.read() {
                Ok(found) => {
                    assert_eq!(found, tick(found.at));
                    assert!(found.at >= last, "{} after {last}", found.at);
                    (last, reads) = (found.at, reads + 1);
                }
                Err(error) => assert!(matches!(error, ReadValueError::NoValue(_)), "{error}"),
            }
        }
        drop(writer);
        let mut writer = Writer::<Tick>::open_or_create(&ticks).unwrap();
        last += 1_000_000_000;
        writer.write(tick(last)).unwrap();
        assert_eq!(reader.read(), Ok(tick(last)));
    }
    assert!(reads > 100, "{reads}");
}

/// The header has the accesses of a value, or moves a large value without padding at once. Slices and maps are read and
/// written by the library.
#[test]
fn values_are_written_without_a_call() {
    fn accesses(bindings: Result<Bindings, seqcopy_bindgen::Error>) -> [bool; 3] {
        let header = bindings.unwrap().c_header().unwrap();
        ["_store64(", "direct->may_write", "direct != NULL && out != NULL"].map(|text| header.contains(text))
    }
    fn of<T: Validate>() -> [bool; 3] {
        accesses(Bindings::of::<T>())
    }
    let (all, moved, none) = ([true; 3], [false, true, true], [false; 3]);
    assert_eq!([of::<Tick>(), of::<[u8; 128]>(), of::<[u8; 129]>()], [all, all, moved]);
    assert_eq!([of::<[SeqStr<4>; 2]>(), of::<SeqStr<3>>(), of::<[SeqStr<4>; 40]>()], [all, all, moved]);
    assert_eq!([of::<SeqOption<SeqStr<3>>>(), of::<SeqOption<u32>>(), of::<SeqVec<u8, 4>>()], [all; 3]);
    assert_eq!([of::<[Tick; 100]>(), of::<SeqVec<SeqOption<u64>, 100>>()], [all; 2]);
    assert_eq!(accesses(Bindings::of_map::<u64, Tick>()), none);
}
