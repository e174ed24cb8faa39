//! Values that programs in C read and write without a call: by which accesses, and what stands in their way.

use seqcopy::{SeqStr, SeqVec};
use seqcopy_bindgen::Bindings;
use seqcopy_shm::Reader;

use super::compiler::{C, CPP, program, workshop};
use super::*;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Tick {
    open: bool,
    at: u64,
    side: Side,
    words: [u64; 9],
    bytes: [u8; 75],
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

#[test]
fn a_value_is_read_and_written_without_a_call() {
    for compiler in [C, CPP] {
        if !compiler.is_there() {
            continue;
        }
        let place = workshop();
        for (name, bindings) in [("tick", Bindings::of::<Tick>()), ("block", Bindings::of::<Block>())] {
            let header = bindings.unwrap().name(name).c_header().unwrap();
            std::fs::write(place.0.join(format!("{name}.h")), header).unwrap();
        }
        let (exe, region) = (place.0.join("direct"), place.0.join("region"));
        compiler.compile_with_library(&place.0, &program("direct.c"), &exe);
        let output = Command::new(&exe).arg(&region).output().unwrap();
        assert!(output.status.success(), "{:?}: {}", output.status, String::from_utf8_lossy(&output.stdout));
        let reader = Reader::<Tick>::open(&region).unwrap();
        let tick = Tick { open: true, at: 9, side: Side::Sell, words: [9; 9], bytes: [9; 75] };
        assert_eq!(reader.read(), Ok(tick));
        // What is left over of the values that were written is not in the file.
        let file = std::fs::read(&region).unwrap();
        let (start, stride) = (reader.region().header().buffer_offset(), reader.region().header().buffer_stride());
        let [start, stride] = [start, stride].map(|number| usize::try_from(number).unwrap());
        for buffer in file[start..].chunks(stride).take(4) {
            for padding in [1..8, 17..24, 171..176] {
                assert_eq!(buffer[padding.clone()], vec![0; padding.len()], "{padding:?}");
            }
        }
    }
}

/// A large value with padding, and one with a text, is written by the library: it knows what a text leaves over.
#[test]
fn what_is_written_by_a_call() {
    fn accesses<T: Validate>() -> [bool; 3] {
        let header = Bindings::of::<T>().unwrap().c_header().unwrap();
        ["_store64(", "direct->may_write", "direct != NULL && out != NULL"].map(|text| header.contains(text))
    }
    let (all, moved, read, none) = ([true; 3], [false, true, true], [false, false, true], [false; 3]);
    assert_eq!([accesses::<Tick>(), accesses::<[u8; 128]>(), accesses::<[u8; 129]>()], [all, all, moved]);
    assert_eq!([accesses::<[SeqStr<4>; 2]>(), accesses::<SeqOption<u32>>(), accesses::<SeqVec<u8, 4>>()], [read; 3]);
    assert_eq!([accesses::<[Tick; 2]>(), accesses::<[SeqStr<4>; 40]>()], [none, read]);
}
